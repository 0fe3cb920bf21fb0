import { expect, test } from 'vitest';
import type { OpenStream } from '../../../src/kube/client.ts';
import { createWatchedKinds } from '../../../src/kube/watched-kinds.ts';
import type { ServedKind } from '../../../src/ports/generic-objects.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { createFakeClient } from './fake-client.ts';
import { createRecordedLog, createRecordedMetrics } from './records.ts';

function kindOf(name: string, apiVersion = 'example.com/v1'): ServedKind {
  return { apiVersion, kind: name, plural: `${name.toLowerCase()}s`, isNamespaced: true, verbs: [] };
}

/** Watches that send what a test says, by plural. */
function started(namespaces: readonly string[] = []) {
  const open = new Map<string, { send(event: object): void; query: Readonly<Record<string, string>> | undefined }>();
  const clock = createVirtualClock();
  const log = createRecordedLog();
  const client = {
    ...createFakeClient(() => ({})),
    stream: async ({
      path,
      query,
      signal,
    }: {
      path: { url: string };
      query?: Readonly<Record<string, string>>;
      signal: AbortSignal;
    }): Promise<OpenStream> => {
      const chunks = new TransformStream<Uint8Array, Uint8Array>();
      const writer = chunks.writable.getWriter();
      const close = () => {
        open.delete(path.url);
        writer.close().catch(() => undefined);
      };
      signal.addEventListener('abort', close, { once: true });
      open.set(path.url, { query, send: (event) => void writer.write(Buffer.from(`${JSON.stringify(event)}\n`)) });
      return { kind: 'open', chunks: chunks.readable, close };
    },
  };
  const kinds = createWatchedKinds({
    client,
    clock,
    log,
    metrics: createRecordedMetrics(),
    namespaces,
  });
  return { kinds, open, clock, log };
}

const URL = '/apis/example.com/v1/appconfigs';
const object = (resourceVersion: string) => ({
  type: 'ADDED',
  object: {
    kind: 'PartialObjectMetadata',
    metadata: { namespace: 'team', name: 'app', uid: 'u-1', resourceVersion, annotations: {} },
  },
});
const SYNCED = {
  type: 'BOOKMARK',
  object: { metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } },
};

test('one watch serves all who use a kind, by its label', async () => {
  const { kinds, open, clock } = started();
  const told: string[] = [];
  kinds.onChange((kind, { key }) => told.push(`${kind.kind} ${key}`));
  const view = kinds.use('team/a', kindOf('AppConfig'));
  expect(kinds.use('team/b', kindOf('AppConfig'))).toBe(view);
  await clock.settle();
  expect([...open.keys()]).toEqual([URL]);
  expect(open.get(URL)?.query).toMatchObject({
    labelSelector: 'reconcile.external-secrets.io/managed=true',
    watch: 'true',
  });
  open.get(URL)?.send(object('5'));
  open.get(URL)?.send(SYNCED);
  await clock.settle();
  await clock.settle();
  expect(view?.get('team/app')?.resourceVersion).toBe('5');
  expect(told).toEqual(['AppConfig team/app']);
});

test('a watch ends after its last user, and another kind of the same user ends it too', async () => {
  const { kinds, open, clock } = started();
  kinds.use('team/a', kindOf('AppConfig'));
  kinds.use('team/b', kindOf('AppConfig'));
  kinds.release('team/a');
  await clock.settle();
  expect(open.has(URL)).toBe(true);
  kinds.use('team/b', kindOf('Other'));
  await clock.settle();
  expect([...open.keys()]).toEqual(['/apis/example.com/v1/others']);
  kinds.release('team/b');
  kinds.release('team/b');
  kinds.release('team/never');
  await clock.settle();
  expect(open.size).toBe(0);
});

test('the same kind of another version is another watch', async () => {
  const { kinds, open, clock } = started();
  kinds.use('team/a', kindOf('AppConfig'));
  kinds.use('team/b', kindOf('AppConfig', 'example.com/v2'));
  await clock.settle();
  expect(open.size).toBe(2);
});

test('of named namespaces there is one watch each', async () => {
  const { kinds, open, clock } = started(['team-a', 'team-b']);
  kinds.use('team-a/a', kindOf('AppConfig'));
  await clock.settle();
  expect([...open.keys()].toSorted()).toEqual([
    '/apis/example.com/v1/namespaces/team-a/appconfigs',
    '/apis/example.com/v1/namespaces/team-b/appconfigs',
  ]);
});

test('of many kinds the last are not watched, which is said once, until others end', async () => {
  const { kinds, open, clock, log } = started();
  for (let index = 0; index < 50; index += 1) kinds.use(`team/${index}`, kindOf(`Kind${index}`));
  expect(kinds.use('team/50', kindOf('Kind50'))).toBeUndefined();
  expect(kinds.use('team/51', kindOf('Kind50'))).toBeUndefined();
  expect(kinds.use('team/52', kindOf('Kind0'))).toBeDefined();
  await clock.settle();
  expect(open.size).toBe(50);
  expect(log.lines).toEqual([expect.stringContaining('too many kinds of targets')]);
  kinds.release('team/1');
  expect(kinds.use('team/50', kindOf('Kind50'))).toBeDefined();
});

test('all end with the process', async () => {
  const { kinds, open, clock } = started();
  kinds.use('team/a', kindOf('AppConfig'));
  kinds.use('team/b', kindOf('Other'));
  await clock.settle();
  kinds.close();
  await clock.settle();
  expect(open.size).toBe(0);
});
