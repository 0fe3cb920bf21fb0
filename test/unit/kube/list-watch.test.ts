import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient } from '../../../src/kube/client.ts';
import type { WatchTiming } from '../../../src/kube/list-watch.ts';
import { createWatchedView, type WatchedView } from '../../../src/kube/watched-view.ts';
import { systemClock } from '../../../src/loop/system-clock.ts';
import { type FakeApiServer, startFakeApiServer, status } from './fake-api-server.ts';
import { createRecordedLog, createRecordedMetrics } from './records.ts';

interface Thing {
  readonly key: string;
  readonly version: string;
}

const THINGS = { apiVersion: 'example.com/v1', plural: 'things', scope: 'namespaced' } as const;
let server: FakeApiServer;
let client: KubeClient;
let controller: AbortController;
let running: Promise<void>[];
const metrics = createRecordedMetrics();
const log = createRecordedLog();

beforeEach(async () => {
  server = await startFakeApiServer();
  client = createKubeClient({ kubeconfigPath: server.kubeconfigPath, clock: systemClock, log, metrics });
  controller = new AbortController();
  running = [];
  metrics.restarts.length = 0;
  log.lines.length = 0;
});

afterEach(async () => {
  controller.abort();
  await Promise.all(running);
  await client.close();
  await server.close();
});

function watch(timing: WatchTiming = {}, namespaces?: readonly string[], absentIsEmpty = false): WatchedView<Thing> {
  const watched = createWatchedView<Thing>({
    client,
    clock: systemClock,
    log,
    metrics,
    source: { resource: THINGS, namespaces, absentIsEmpty },
    project(raw) {
      const { metadata } = raw as { metadata: { namespace: string; name: string; resourceVersion: string } };
      return { key: `${metadata.namespace}/${metadata.name}`, version: metadata.resourceVersion };
    },
    timing: { firstBackoffMs: 2, maxBackoffMs: 10, ...timing },
  });
  running.push(watched.run(controller.signal));
  return watched;
}

function seen({ view }: WatchedView<Thing>): ReadonlyMap<string, string> {
  return new Map([...view.values()].map((thing) => [thing.key, thing.version]));
}

async function converges(watched: WatchedView<Thing>): Promise<void> {
  await expect.poll(() => sorted(seen(watched)), { interval: 2, timeout: 5_000 }).toEqual(sorted(server.state()));
}

function sorted(state: ReadonlyMap<string, string>): [string, string][] {
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
}

function queries(): string[] {
  return server.requests.map(({ query }) => {
    if (query.get('sendInitialEvents') === 'true') {
      return 'list by stream';
    }
    return query.get('watch') === 'true' ? `watch from ${query.get('resourceVersion')}` : 'list page';
  });
}

describe('list and watch', () => {
  it('lists as a stream, follows events, and asks for what it needs', async () => {
    server.put('a/x');
    const watched = watch();
    await watched.whenSynced(controller.signal);
    expect(seen(watched)).toEqual(server.state());
    server.put('a/y');
    server.remove('a/x');
    await converges(watched);
    expect(queries()).toEqual(['list by stream']);
    const [request] = server.requests;
    expect(request?.headers['accept']).toBe('application/json');
    const seconds = Number(request?.query.get('timeoutSeconds'));
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThanOrEqual(600);
    expect(Object.fromEntries(request?.query ?? [])).toMatchObject({
      allowWatchBookmarks: 'true',
      resourceVersionMatch: 'NotOlderThan',
      resourceVersion: '',
    });
  });

  it('falls back to pages where the server does not know streaming lists', async () => {
    server.streamingLists = false;
    for (let index = 0; index < 1_203; index += 1) {
      server.put(`a/x${index}`);
    }
    const watched = watch();
    await watched.whenSynced(controller.signal);
    expect(seen(watched)).toEqual(server.state());
    server.put('a/late');
    await converges(watched);
    expect(queries()).toEqual(['list by stream', 'list page', 'list page', 'list page', 'watch from 1204']);
  });

  it('starts a paged list over when its continue token expires in the middle', async () => {
    server.streamingLists = false;
    for (let index = 0; index < 600; index += 1) {
      server.put(`a/x${index}`);
    }
    server.passNext();
    server.passNext();
    server.failNext(status(410, 'Expired'));
    const watched = watch();
    await watched.whenSynced(controller.signal);
    expect(seen(watched)).toEqual(server.state());
    expect(queries().slice(0, 5)).toEqual(['list by stream', 'list page', 'list page', 'list page', 'list page']);
  });

  it('resumes from the last version when the server ends the watch, and when the connection breaks', async () => {
    const watched = watch();
    await watched.whenSynced(controller.signal);
    server.put('a/x');
    await converges(watched);
    server.endWatches();
    await expect.poll(queries, { interval: 1 }).toContain('watch from 2');
    await expect.poll(() => server.openWatches, { interval: 1 }).toBe(1);
    server.put('a/y');
    await converges(watched);
    server.cutWatches();
    await expect.poll(queries, { interval: 1 }).toContain('watch from 3');
    expect(metrics.restarts).toEqual(['ended', 'broken']);
  });

  it('lists afresh at 410, stays synced meanwhile, and finds what it has missed', async () => {
    server.put('a/x');
    const watched = watch();
    await watched.whenSynced(controller.signal);
    server.cutWatches();
    server.remove('a/x');
    server.put('a/y');
    server.compact();
    await converges(watched);
    expect(watched.view.synced).toBe(true);
    expect(metrics.restarts).toContain('expired');
  });

  it('lists afresh at an ERROR event that says Expired', async () => {
    const watched = watch();
    await watched.whenSynced(controller.signal);
    server.writeRaw('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n');
    await expect.poll(queries, { interval: 1 }).toEqual(['list by stream', 'list by stream']);
    await converges(watched);
  });

  it('lists afresh at a line that does not parse, whatever it was about', async () => {
    server.put('a/x');
    const watched = watch();
    await watched.whenSynced(controller.signal);
    server.writeRaw('{"type":"MODIFIED","object":{"metadata":{"name":\n');
    await expect.poll(queries, { interval: 1 }).toEqual(['list by stream', 'list by stream']);
    await converges(watched);
    expect(metrics.restarts).toEqual(['garbage']);
  });

  it('takes half a line at the end of a connection for no event', async () => {
    const watched = watch();
    await watched.whenSynced(controller.signal);
    server.writeRaw('{"type":"ADDED","object":{"metadata":{"namespace":"a","name":"ghost","resource');
    server.cutWatches();
    server.put('a/x');
    await converges(watched);
    server.writeRaw('{"type":"ADDED"');
    server.endWatches();
    server.put('a/y');
    await converges(watched);
    expect(metrics.restarts).toEqual(['broken', 'broken']);
  });

  it('moves on at bookmarks, and resumes from there', async () => {
    const watched = watch();
    await watched.whenSynced(controller.signal);
    server.compact();
    server.bookmark();
    server.endWatches();
    server.put('a/x');
    await converges(watched);
    expect(metrics.restarts).toEqual(['ended']);
  });

  it('takes a silent connection for dead and resumes', async () => {
    const watched = watch({ idleMs: 40 });
    await watched.whenSynced(controller.signal);
    await expect.poll(() => metrics.restarts.includes('idle'), { interval: 5 }).toBe(true);
    server.put('a/x');
    await converges(watched);
  });

  it('turns to pages when a streaming list never ends', async () => {
    server.mute = true;
    server.put('a/x');
    const watched = watch({ idleMs: 40 });
    await watched.whenSynced(controller.signal);
    expect(seen(watched)).toEqual(server.state());
  });

  it('takes a kind that is not served for one without objects, where it is to, and finds them when it is', async () => {
    for (let count = 0; count < 4; count += 1) server.failNext(status(404, 'NotFound'));
    server.put('a/one');
    const watched = watch({}, undefined, true);
    await watched.whenSynced(controller.signal);
    expect(seen(watched).size).toBe(0);
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([]);
    await converges(watched);
  });

  it('waits for a kind that is not served where its absence means nothing', async () => {
    for (let count = 0; count < 4; count += 1) server.failNext(status(404, 'NotFound'));
    server.put('a/one');
    const watched = watch();
    await watched.whenSynced(controller.signal);
    expect(seen(watched).size).toBe(1);
  });

  it('retries a list that fails, says so once, and recovers', async () => {
    for (const code of [500, 403, 404, 429, 500]) {
      server.failNext(status(code, 'Nope'));
    }
    server.put('a/x');
    const watched = watch();
    await converges(watched);
    expect(log.lines.filter((line) => line.startsWith('warn'))).toHaveLength(1);
  });

  it('feeds one view from several namespaces, each with its own list and watch', async () => {
    server.put('a/x');
    server.put('b/x');
    server.put('c/x');
    const watched = watch({}, ['a', 'b', 'a']);
    await watched.whenSynced(controller.signal);
    expect([...seen(watched).keys()].sort()).toEqual(['a/x', 'b/x']);
    expect(server.requests.map((request) => request.path).sort()).toEqual([
      '/apis/example.com/v1/namespaces/a/things',
      '/apis/example.com/v1/namespaces/b/things',
    ]);
  });

  it('asks for metadata only, and selects', async () => {
    const watched = createWatchedView({
      client,
      clock: systemClock,
      log,
      metrics,
      source: { resource: THINGS, metadataOnly: true, fieldSelector: 'metadata.name=db', namespaces: ['a'] },
      project: (raw) => raw,
    });
    server.failNext(status(422, 'Invalid'));
    running.push(watched.run(controller.signal));
    await watched.whenSynced(controller.signal);
    const partial = 'application/json;as=PartialObjectMetadata';
    expect(server.requests.map((request) => request.headers['accept'])).toEqual([
      `${partial};g=meta.k8s.io;v=v1`,
      `${partial}List;g=meta.k8s.io;v=v1`,
    ]);
    expect(server.requests.every((request) => request.query.get('fieldSelector') === 'metadata.name=db')).toBe(true);
  });

  it('stops when it is told to, in every state', async () => {
    const watched = watch();
    await watched.whenSynced(controller.signal);
    controller.abort();
    await Promise.all(running);
    await expect.poll(() => server.openWatches, { interval: 1 }).toBe(0);
    const stopped = new AbortController();
    stopped.abort(new Error('stopped'));
    await createWatchedView({
      client,
      clock: systemClock,
      log,
      metrics,
      source: { resource: THINGS },
      project: (raw) => raw,
    }).run(stopped.signal);
    await expect(
      createWatchedView({
        client,
        clock: systemClock,
        log,
        metrics,
        source: { resource: THINGS },
        project: (raw) => raw,
      }).whenSynced(stopped.signal),
    ).rejects.toThrow('stopped');
  });
});
