/** Runs the list/watch state machine of one source against the API server, for as long as its signal allows. */

import { type Clock, sleep } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { KubeClient, KubeRequest, OpenStream } from './client.ts';
import { createLineSplitter } from './line-splitter.ts';
import { METADATA_ONLY } from './metadata-only.ts';
import type { ResourcePath } from './resource-path.ts';
import { parseListPage, parseWatchLine } from './watch-event.ts';
import { FIRST_STATE, step, type WatchInput, type WatchOutput, type WatchState } from './watch-state.ts';

export interface WatchTiming {
  /** Silence after which a connection is taken for dead. Bookmarks come about every minute. @default 90000 */
  readonly idleMs?: number;
  /** @default 500 */
  readonly firstBackoffMs?: number;
  /** @default 30000 */
  readonly maxBackoffMs?: number;
  /** For one page, or until a stream is open. @default 60000 */
  readonly timeoutMs?: number;
}

export interface ListWatchOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The collection: all namespaces, or one. */
  readonly path: ResourcePath;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Asks for `PartialObjectMetadata`: neither spec nor data leave the API server. */
  readonly metadataOnly?: boolean;
  /** A kind that the API server does not know has no objects; otherwise that is a failure. @default false */
  readonly absentIsEmpty?: boolean;
  /** Must not throw: a store that has missed an output is wrong for good. */
  readonly onOutput: (output: WatchOutput) => void;
  readonly timing?: WatchTiming;
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
}

export const PAGE_SIZE = 500;
/** An object is below 4 MiB; JSON escapes and the envelope have room. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const MIN_WATCH_SECONDS = 300;
export const PARTIAL_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface Runner extends ListWatchOptions {
  readonly signal: AbortSignal;
  readonly idleMs: number;
  readonly timeoutMs: number;
}

/** Resolves when the signal is aborted. Failures of the API server are retried for ever and counted. */
export async function runListWatch(options: ListWatchOptions, signal: AbortSignal): Promise<void> {
  const { timing = {} } = options;
  const runner = { ...options, signal, idleMs: timing.idleMs ?? 90_000, timeoutMs: timing.timeoutMs ?? 60_000 };
  let state = FIRST_STATE;
  try {
    while (!signal.aborted) {
      state = await proceed(runner, state);
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  }
}

/** One piece of I/O, and the state that it led to. */
async function proceed(runner: Runner, state: WatchState): Promise<WatchState> {
  switch (state.kind) {
    case 'init':
      await sleep(runner.clock, backoffMs(runner, state.listFailures), runner.signal);
      return runner.signal.aborted ? state : advance(runner, state, { kind: 'waited' });
    case 'listing':
      return state.mode === 'stream' ? follow(runner, state, listStreamQuery(runner)) : fetchPage(runner, state);
    case 'resuming':
      await sleep(runner.clock, backoffMs(runner, state.watchFailures), runner.signal);
      return runner.signal.aborted ? state : follow(runner, state, watchQuery(runner, state.resourceVersion));
    case 'watching':
      // `follow` holds the stream of a watch and does not leave before this state does.
      throw new Error('watching without a stream');
  }
}

function advance(runner: Runner, state: WatchState, input: WatchInput): WatchState {
  const { next, outputs, restart } = step(state, input);
  for (const output of outputs) {
    runner.onOutput(output);
  }
  if (restart !== undefined) {
    const { resource, namespace } = runner.path;
    runner.metrics.watchRestarted(resource, restart);
    runner.log.debug({ resource, namespace, reason: restart, next: next.kind }, 'list/watch starts again');
  }
  return next;
}

async function fetchPage(runner: Runner, state: WatchState & { kind: 'listing' }): Promise<WatchState> {
  const query: Record<string, string> = { limit: String(PAGE_SIZE), ...selector(runner) };
  if (state.continueToken !== '') {
    query['continue'] = state.continueToken;
  }
  const result = await runner.client.call({ ...baseRequest(runner, 'list'), query });
  if (result.kind === 'failed') {
    reportRefusal(runner, state, result.status, result.error.message);
    tellAbsence(runner, result.status);
    return advance(runner, state, { ...result, kind: 'refused' });
  }
  return advance(runner, state, parseListPage(result.body));
}

/** Opens a stream and follows it until the state machine wants something else. */
async function follow(runner: Runner, state: WatchState, query: Record<string, string>): Promise<WatchState> {
  const stream = await runner.client.stream({ ...baseRequest(runner, 'watch'), query });
  if (stream.kind === 'failed') {
    reportRefusal(runner, state, stream.status, stream.error.message);
    tellAbsence(runner, stream.status);
    return advance(runner, state, { ...stream, kind: 'refused' });
  }
  const watchdog = startWatchdog(runner, stream);
  try {
    return await readEvents(runner, advance(runner, state, { kind: 'opened' }), stream, watchdog);
  } finally {
    watchdog.end();
    stream.close();
  }
}

interface Watchdog {
  readonly barked: boolean;
  heard(): void;
  end(): void;
}

async function readEvents(
  runner: Runner,
  opened: WatchState,
  stream: OpenStream,
  watchdog: Watchdog,
): Promise<WatchState> {
  const splitter = createLineSplitter(MAX_LINE_BYTES);
  let state = opened;
  try {
    for await (const chunk of stream.chunks) {
      watchdog.heard();
      state = readChunk(runner, state, splitter.push(chunk));
      if (!isFollowing(state)) {
        return state;
      }
    }
  } catch {
    runner.signal.throwIfAborted();
    return advance(runner, state, { kind: watchdog.barked ? 'idle' : 'broken' });
  }
  runner.signal.throwIfAborted();
  // Half a line is no event: the resumed watch sends it whole.
  return advance(runner, state, { kind: splitter.inLine ? 'broken' : 'ended' });
}

function readChunk(runner: Runner, from: WatchState, lines: readonly Uint8Array[] | 'overflow'): WatchState {
  if (lines === 'overflow') {
    return advance(runner, from, { kind: 'garbage' });
  }
  let state = from;
  for (const line of lines) {
    state = advance(runner, state, parseWatchLine(line));
    if (!isFollowing(state)) {
      break;
    }
  }
  return state;
}

/** The states in which the present stream is the one to read from. */
function isFollowing(state: WatchState): boolean {
  return state.kind === 'watching' || state.kind === 'listing';
}

/** Closes the stream when the signal is aborted, or when no byte has come for `idleMs`. */
function startWatchdog(runner: Runner, stream: OpenStream): Watchdog {
  const { clock, idleMs, signal } = runner;
  let barked = false;
  let lastMs = clock.nowMs();
  let cancel = clock.after(idleMs, check);
  function check(): void {
    const leftMs = lastMs + idleMs - clock.nowMs();
    if (leftMs > 0) {
      cancel = clock.after(leftMs, check);
      return;
    }
    barked = true;
    stream.close();
  }
  const onAbort = () => stream.close();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  return {
    get barked() {
      return barked;
    },
    heard() {
      lastMs = clock.nowMs();
    },
    end() {
      cancel();
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/** The kind is not served: none of it exists. It is asked for again, as after any refusal. */
function tellAbsence({ absentIsEmpty = false, onOutput }: Runner, status: number): void {
  if (!absentIsEmpty || status !== 404) return;
  onOutput({ kind: 'init' });
  onOutput({ kind: 'initDone' });
}

/** The first refusal in a row is for people to see; the ones after it are the same. */
function reportRefusal(runner: Runner, state: WatchState, status: number, message: string): void {
  const failures = 'watchFailures' in state ? state.watchFailures : state.listFailures;
  const isAbsent = status === 404 && runner.absentIsEmpty === true;
  if (failures === 0 && status !== 410 && !isAbsent) {
    runner.log.warn({ resource: runner.path.resource, namespace: runner.path.namespace, status }, message);
  }
}

function backoffMs(runner: Runner, failures: number): number {
  if (failures === 0) {
    return 0;
  }
  const { firstBackoffMs = 500, maxBackoffMs = 30_000 } = runner.timing ?? {};
  const fullMs = Math.min(maxBackoffMs, firstBackoffMs * 2 ** (failures - 1));
  return (fullMs / 2) * (1 + random(runner));
}

function baseRequest(runner: Runner, verb: 'list' | 'watch'): KubeRequest {
  const partial = verb === 'list' ? PARTIAL_LIST : METADATA_ONLY;
  return {
    verb,
    path: runner.path,
    accept: runner.metadataOnly === true ? partial : 'application/json',
    timeoutMs: runner.timeoutMs,
    signal: runner.signal,
  };
}

function watchQuery(runner: Runner, resourceVersion: string): Record<string, string> {
  return {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    // Spread, so that the watches of all operators do not end together.
    timeoutSeconds: String(Math.floor(MIN_WATCH_SECONDS * (1 + random(runner)))),
    ...selector(runner),
  };
}

function listStreamQuery(runner: Runner): Record<string, string> {
  return { ...watchQuery(runner, ''), sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
}

function selector({ fieldSelector, labelSelector }: Runner): Record<string, string> {
  return {
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

function random(runner: Runner): number {
  return (runner.random ?? Math.random)();
}
