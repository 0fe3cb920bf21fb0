/** Kubernetes Events, sent behind by one worker: recording never waits and never fails. */

import { type Clock, sleep } from '../ports/clock.ts';
import type { Events } from '../ports/cluster.ts';
import type { Log } from '../ports/log.ts';
import type { CallResult, KubeClient, KubeRequest } from './client.ts';
import { errorSummary } from './errors.ts';
import { createEventNotes, type NoteRecord, newEventName } from './event-notes.ts';
import { createEventOutbox } from './event-outbox.ts';
import { EVENTS, inNamespace, namespacedObject } from './resource-path.ts';

const COMPONENT = 'keyturn';
const MAX_QUEUED = 1_000;
/** The same note is sent at most so often; its count is right each time. */
const MIN_RESEND_MS = 60_000;
const RETRY_DELAY_MS = 1_000;
const TIMEOUT_MS = 5_000;
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

export interface EventsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Events that may go out at once. @default 100 */
  readonly burst?: number;
  /** Events a second after that. @default 20 */
  readonly perSecond?: number;
}

export interface EventSink extends Events {
  /** How many were given up: the queue was full, or the API server did not take them. */
  readonly dropped: number;
  /** Sends what is recorded until the signal is aborted, and resolves then. */
  run(signal: AbortSignal): Promise<void>;
  /** After `run`: sends everything that waits, whatever the rate; resolves when it is out or the signal is aborted. */
  flush(signal: AbortSignal): Promise<void>;
}

export function createEvents(options: EventsOptions): EventSink {
  const { client, clock, log } = options;
  const notes = createEventNotes();
  const bucket = createTokenBucket(clock, options.burst ?? 100, options.perSecond ?? 20);
  const outbox = createEventOutbox({ clock, maxQueued: MAX_QUEUED, onFull: (record) => drop(record, 'queue full') });
  let dropped = 0;

  function drop(record: NoteRecord, reason: string): void {
    dropped += 1;
    record.isPending = false;
    log.debug({ reason, dropped, event: record.note.reason, object: record.note.object.name }, 'an Event was dropped');
  }

  async function send(record: NoteRecord, signal: AbortSignal): Promise<void> {
    const outcome = await deliver(client, clock, record, signal);
    if (outcome.kind === 'stopped') {
      outbox.putBack(record);
    } else if (outcome.kind === 'failed') {
      drop(record, outcome.reason);
    } else if (record.count > record.sentCount) {
      outbox.put(record, MIN_RESEND_MS);
    } else {
      record.isPending = false;
    }
  }

  return {
    get dropped() {
      return dropped;
    },
    record(note) {
      const nowMs = clock.nowMs();
      const record = notes.note(note, nowMs);
      if (!record.isPending) {
        record.isPending = true;
        outbox.put(record, record.sentAtMs === undefined ? 0 : record.sentAtMs + MIN_RESEND_MS - nowMs);
      }
    },
    async run(signal) {
      while (!signal.aborted) {
        await outbox.whenAny(signal);
        await sleep(clock, bucket.takeMs(), signal);
        const record = signal.aborted ? undefined : outbox.take();
        if (record !== undefined) {
          await send(record, signal);
        }
      }
      outbox.stopTimers();
    },
    async flush(signal) {
      outbox.hurry();
      for (let record = outbox.take(); record !== undefined && !signal.aborted; record = outbox.take()) {
        await send(record, signal);
      }
    },
  };
}

type Outcome = { readonly kind: 'sent' | 'stopped' } | { readonly kind: 'failed'; readonly reason: string };

/** Sends one record, trying once more after a failure that may pass. */
async function deliver(client: KubeClient, clock: Clock, record: NoteRecord, signal: AbortSignal): Promise<Outcome> {
  try {
    const first = await post(client, clock, record, signal);
    if (!mayPass(first)) {
      return outcomeOf(first);
    }
    await sleep(clock, RETRY_DELAY_MS, signal);
    return outcomeOf(await post(client, clock, record, signal));
  } catch (error) {
    // The client throws only when the signal is aborted; a name that makes no path is refused before it.
    return signal.aborted ? { kind: 'stopped' } : { kind: 'failed', reason: errorSummary(error) };
  }
}

/** Makes the Event, or counts it up; makes it anew when the API server has dropped it. */
async function post(client: KubeClient, clock: Clock, record: NoteRecord, signal: AbortSignal): Promise<CallResult> {
  const { count } = record;
  const sent = () => {
    record.sentAtMs = clock.nowMs();
    record.sentCount = count;
  };
  if (record.sentAtMs !== undefined) {
    const patched = await client.call(patchRequest(record, signal));
    if (patched.kind === 'ok') {
      sent();
    }
    if (patched.kind === 'ok' || patched.status !== 404) {
      return patched;
    }
    record.eventName = newEventName(record.note);
    record.sentAtMs = undefined;
  }
  const created = await client.call(createRequest(record, signal));
  // 409: an earlier try went through and its answer was lost.
  if (created.kind === 'ok' || created.status === 409) {
    sent();
  }
  return created;
}

function outcomeOf(result: CallResult): Outcome {
  return result.kind === 'ok' || result.status === 409 ? { kind: 'sent' } : { kind: 'failed', reason: result.reason };
}

function mayPass(result: CallResult): boolean {
  return result.kind === 'failed' && (result.status === 0 || result.status === 429 || result.status >= 500);
}

function createRequest(record: NoteRecord, signal: AbortSignal): KubeRequest {
  const { object, type, reason, message } = record.note;
  const namespace = eventNamespace(record);
  const { apiVersion, kind } = object.resource;
  const body = {
    apiVersion: EVENTS.apiVersion,
    kind: 'Event',
    metadata: { name: record.eventName, namespace },
    involvedObject: { apiVersion, kind, namespace: object.namespace, name: object.name, uid: object.uid },
    type,
    reason,
    message,
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    firstTimestamp: seconds(record.firstAtMs),
    lastTimestamp: seconds(record.lastAtMs),
    count: record.count,
  };
  const path = inNamespace(EVENTS, namespace);
  return {
    verb: 'create',
    path,
    body: JSON.stringify(body),
    accept: METADATA_ONLY,
    ignoresAnswer: true,
    timeoutMs: TIMEOUT_MS,
    signal,
  };
}

function patchRequest(record: NoteRecord, signal: AbortSignal): KubeRequest {
  return {
    verb: 'patch',
    path: namespacedObject(EVENTS, { namespace: eventNamespace(record), name: record.eventName }),
    body: JSON.stringify({ count: record.count, lastTimestamp: seconds(record.lastAtMs) }),
    contentType: 'application/merge-patch+json',
    accept: METADATA_ONLY,
    ignoresAnswer: true,
    timeoutMs: TIMEOUT_MS,
    signal,
  };
}

/** Events are namespaced; those about cluster-scoped objects live in `default`, as client-go has it. */
function eventNamespace(record: NoteRecord): string {
  return record.note.object.namespace === '' ? 'default' : record.note.object.namespace;
}

/** metav1.Time has no fractions. */
function seconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** How long the next one has to wait for its turn. */
function createTokenBucket(clock: Clock, burst: number, perSecond: number): { takeMs(): number } {
  const intervalMs = 1_000 / perSecond;
  /** When the bucket would be full again: the theoretical arrival time of the GCRA. */
  let fullAtMs = 0;
  return {
    takeMs() {
      const nowMs = clock.nowMs();
      fullAtMs = Math.max(fullAtMs, nowMs) + intervalMs;
      return Math.max(0, fullAtMs - burst * intervalMs - nowMs);
    },
  };
}
