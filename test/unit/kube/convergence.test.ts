/** Whatever happens to connections and events, the view comes to be what the server has. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKubeClient } from '../../../src/kube/client.ts';
import { createWatchedView } from '../../../src/kube/watched-view.ts';
import { systemClock } from '../../../src/loop/system-clock.ts';
import { type FakeApiServer, startFakeApiServer, status } from './fake-api-server.ts';
import { createRecordedLog, createRecordedMetrics } from './records.ts';

const THINGS = { apiVersion: 'example.com/v1', plural: 'things', scope: 'namespaced' } as const;

/** One thing that may happen, and how far the client gets before the next one. */
interface Happening {
  readonly what: string;
  readonly key: string;
  readonly pause: 'next' | 'turn' | 'settle';
}

const happenings: Readonly<Record<string, (server: FakeApiServer, key: string) => void>> = {
  put: (server, key) => server.put(key),
  remove: (server, key) => server.remove(key),
  compact: (server) => server.compact(),
  bookmark: (server) => server.bookmark(),
  repeat: (server) => server.repeatLast(),
  end: (server) => server.endWatches(),
  cut: (server) => server.cutWatches(),
  garbage: (server) => server.writeRaw('{"type":"MODIFIED","object":\n'),
  halfLine(server) {
    server.writeRaw('{"type":"ADDED","object":{"metadata":{"name"');
    server.cutWatches();
  },
  expired: (server) => server.writeRaw('{"type":"ERROR","object":{"code":410,"reason":"Expired"}}\n'),
  overloaded: (server) => server.writeRaw('{"type":"ERROR","object":{"code":429}}\n'),
  refuse500: (server) => server.failNext(status(500, 'InternalError')),
  refuse410: (server) => server.failNext(status(410, 'Expired')),
  refuse422: (server) => server.failNext(status(422, 'Invalid')),
  nonsense: (server) => server.failNext({ status: 200, body: 'it works!' }),
};

const script = fc.array(
  fc.record<Happening>({
    what: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom('put', 'remove') },
      { weight: 1, arbitrary: fc.constantFrom(...Object.keys(happenings)) },
    ),
    key: fc.constantFrom('a/x', 'a/y', 'b/x', 'b/y'),
    pause: fc.constantFrom('next', 'next', 'turn', 'settle'),
  }),
  { maxLength: 30 },
);

async function play(server: FakeApiServer, scripted: readonly Happening[], settle: () => Promise<void>): Promise<void> {
  for (const { what, key, pause } of scripted) {
    happenings[what]?.(server, key);
    if (pause === 'settle') {
      await settle();
    } else if (pause === 'turn') {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

it('converges to the server’s state after any script of changes and faults', async () => {
  await fc.assert(
    fc.asyncProperty(script, fc.boolean(), async (scripted, streamingLists) => {
      const server = await startFakeApiServer();
      server.streamingLists = streamingLists;
      server.put('a/x');
      const common = { clock: systemClock, log: createRecordedLog(), metrics: createRecordedMetrics() };
      const client = createKubeClient({ kubeconfigPath: server.kubeconfigPath, ...common });
      const { view, run } = createWatchedView<string>({
        client,
        ...common,
        source: { resource: THINGS },
        project: (raw) => (raw as { metadata: { resourceVersion: string } }).metadata.resourceVersion,
        timing: { firstBackoffMs: 1, maxBackoffMs: 4 },
      });
      // What the changes add up to is the view: a listener alone knows as much.
      const heard = new Map<string, string>();
      view.onChange(({ key, before, after }) => {
        expect(heard.get(key)).toBe(before);
        if (after === undefined) {
          heard.delete(key);
        } else {
          heard.set(key, after);
        }
      });
      const controller = new AbortController();
      const running = run(controller.signal);
      try {
        const wanted = () => [...server.state()].sort();
        const settle = () => expect.poll(() => [...heard].sort(), { interval: 1, timeout: 3_000 }).toEqual(wanted());
        await settle();
        await play(server, scripted, settle);
        await settle();
        expect(wanted().map(([key]) => view.get(key))).toEqual(wanted().map(([, version]) => version));
        expect([...view.values()]).toHaveLength(server.state().size);
      } finally {
        controller.abort();
        await running;
        await client.close();
        await server.close();
      }
      expect(common.log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 30_000);
