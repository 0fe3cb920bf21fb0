import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { cutToBytes } from '../../../src/kube/event-notes.ts';
import { createEvents } from '../../../src/kube/events.ts';
import type { EventNote } from '../../../src/ports/cluster.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { createFakeClient, failure } from './fake-client.ts';
import { createRecordedLog } from './records.ts';

const resource = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', plural: 'externalsecrets' };
const note: EventNote = {
  object: { namespace: 'team', name: 'db', uid: 'u-1', resource },
  type: 'Warning',
  reason: 'UpdateFailed',
  message: 'access denied',
};
const minuteMs = 60_000;

interface Stored {
  count: number;
  lastTimestamp: string;
  readonly message: string;
}

/** Keeps Events as the API server does, and says what was done to it. */
function createEventStore() {
  const stored = new Map<string, Stored>();
  const calls: string[] = [];
  const failures: number[] = [];
  const client = createFakeClient((request: KubeRequest) => {
    calls.push(request.verb);
    const status = failures.shift();
    if (status !== undefined) {
      return failure(status);
    }
    const body = JSON.parse(request.body ?? '{}');
    if (request.verb === 'create') {
      stored.set(body.metadata.name, body);
      return body;
    }
    const known = stored.get(request.path.name);
    return known === undefined ? failure(404) : Object.assign(known, body);
  });
  return { stored, calls, failures, client, all: () => [...stored.values()] };
}

function setUp(options: { burst?: number; perSecond?: number } = {}) {
  const store = createEventStore();
  const clock = createVirtualClock(Date.parse('2026-01-02T03:04:05.678Z'));
  const controller = new AbortController();
  const events = createEvents({ client: store.client, clock, log: createRecordedLog(), ...options });
  const running = events.run(controller.signal);
  /** Lets everything happen that can without time passing. */
  const settle = async () => {
    for (let turn = 0; turn < 50; turn += 1) {
      await Promise.resolve();
    }
  };
  const stop = async () => {
    controller.abort();
    await running;
  };
  const pass = async (ms: number) => {
    clock.tick(ms);
    await settle();
  };
  return { ...store, events, clock, settle, pass, stop };
}

describe('Events', () => {
  it('are sent behind, in the form of core/v1', async () => {
    const { events, client, settle, stop } = setUp();
    events.record(note);
    expect(client.requests).toHaveLength(0);
    await settle();
    expect(client.requests[0]?.path.url).toBe('/api/v1/namespaces/team/events');
    expect(client.bodies()).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: expect.stringMatching(/^db\.[0-9a-f]{16}$/), namespace: 'team' },
        involvedObject: {
          apiVersion: 'external-secrets.io/v1',
          kind: 'ExternalSecret',
          namespace: 'team',
          name: 'db',
          uid: 'u-1',
        },
        type: 'Warning',
        reason: 'UpdateFailed',
        message: 'access denied',
        source: { component: 'keyturn' },
        reportingComponent: 'keyturn',
        firstTimestamp: '2026-01-02T03:04:05Z',
        lastTimestamp: '2026-01-02T03:04:05Z',
        count: 1,
      },
    ]);
    await stop();
  });

  it('about cluster-scoped objects live in the namespace `default`', async () => {
    const { events, client, settle, stop } = setUp();
    events.record({ ...note, object: { ...note.object, namespace: '' } });
    await settle();
    expect(client.requests[0]?.path.url).toBe('/api/v1/namespaces/default/events');
    expect(client.bodies()[0]).toMatchObject({ involvedObject: { namespace: '' } });
    await stop();
  });

  it('that repeat count up, and are sent at most once a minute', async () => {
    const { events, calls, all, settle, pass, stop } = setUp();
    for (let time = 0; time < 100; time += 1) {
      events.record(note);
      await settle();
    }
    expect([calls, all()[0]?.count]).toEqual([['create'], 1]);
    await pass(minuteMs);
    expect(calls).toEqual(['create', 'patch']);
    expect(all()).toMatchObject([{ count: 100, lastTimestamp: '2026-01-02T03:04:05Z' }]);
    events.record(note);
    await settle();
    expect(calls).toHaveLength(2);
    await pass(minuteMs);
    expect(all()).toMatchObject([{ count: 101, lastTimestamp: '2026-01-02T03:05:05Z' }]);
    await stop();
  });

  it('that differ in object, type, reason or message are apart', async () => {
    const { events, all, settle, stop } = setUp();
    events.record(note);
    events.record({ ...note, object: { ...note.object, uid: 'u-2' } });
    events.record({ ...note, type: 'Normal' });
    events.record({ ...note, reason: 'Other' });
    events.record({ ...note, message: 'other' });
    await settle();
    expect(all()).toHaveLength(5);
    await stop();
  });

  it('begin anew after an hour, and when the API server has dropped the old one', async () => {
    const { events, calls, stored, all, settle, pass, stop } = setUp();
    events.record(note);
    await settle();
    await pass(60 * minuteMs);
    events.record(note);
    await settle();
    expect(all().map((event) => event.count)).toEqual([1, 1]);
    stored.clear();
    await pass(2 * minuteMs);
    events.record(note);
    await settle();
    expect(calls).toEqual(['create', 'create', 'patch', 'create']);
    expect(all().map((event) => event.count)).toEqual([2]);
    await stop();
  });

  it('go out no faster than the bucket allows', async () => {
    const { events, calls, settle, pass, stop } = setUp({ burst: 3, perSecond: 2 });
    for (let index = 0; index < 10; index += 1) {
      events.record({ ...note, message: `number ${index}` });
    }
    await settle();
    expect(calls).toHaveLength(3);
    await pass(500);
    expect(calls).toHaveLength(4);
    await pass(500);
    expect(calls).toHaveLength(5);
    await stop();
  });

  it('are tried once more after a failure that may pass, and then dropped and counted', async () => {
    const { events, failures, calls, all, settle, pass, stop } = setUp();
    failures.push(503, 503);
    events.record(note);
    await settle();
    await pass(1_000);
    expect([calls, events.dropped, all()]).toEqual([['create', 'create'], 1, []]);
    events.record(note);
    await settle();
    expect(all().map((event) => event.count)).toEqual([2]);
    await stop();
  });

  it('are dropped at once when the API server does not allow them', async () => {
    const { events, failures, calls, settle, stop } = setUp();
    failures.push(403);
    events.record(note);
    await settle();
    expect([calls, events.dropped]).toEqual([['create'], 1]);
    await stop();
  });

  it('are dropped and counted when too many wait', async () => {
    const { events, stop } = setUp();
    for (let index = 0; index < 1_500; index += 1) {
      events.record({ ...note, message: `number ${index}` });
    }
    expect(events.dropped).toBe(500);
    await stop();
  });

  it('that wait are sent by flush after the worker has stopped, counts included', async () => {
    const { events, all, clock, settle, stop } = setUp({ burst: 1, perSecond: 1 });
    events.record(note);
    await settle();
    events.record(note);
    for (let index = 0; index < 20; index += 1) {
      events.record({ ...note, message: `number ${index}` });
    }
    await stop();
    expect(all()).toHaveLength(1);
    await events.flush(new AbortController().signal);
    expect(all()).toHaveLength(21);
    expect(all()[0]?.count).toBe(2);
    expect(clock.timers).toBe(0);
  });

  it('are left when flush runs out of time', async () => {
    const { events, client, stop } = setUp();
    await stop();
    events.record(note);
    await events.flush(AbortSignal.abort());
    expect(client.requests).toHaveLength(0);
  });

  it('have names that are valid whatever the length of the object’s', async () => {
    const { events, stored, settle, stop } = setUp();
    events.record({ ...note, object: { ...note.object, name: `${'a'.repeat(229)}.${'b'.repeat(23)}` } });
    await settle();
    expect([...stored.keys()][0]).toMatch(/^a{229}\.[0-9a-f]{16}$/);
    await stop();
  });
});

describe('the cut of a message', () => {
  it('is within the bytes that the API allows, and splits no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 0, max: 100 }), (text, maxBytes) => {
        const whole = text.toWellFormed();
        const cut = cutToBytes(whole, maxBytes);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes);
        expect(whole.startsWith(cut)).toBe(true);
        const next = [...whole.slice(cut.length)][0] ?? '';
        expect(next === '' || Buffer.byteLength(cut + next) > maxBytes).toBe(true);
      }),
    );
  });
});
