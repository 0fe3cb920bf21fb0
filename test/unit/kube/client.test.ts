import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient, type KubeRequest } from '../../../src/kube/client.ts';
import { everywhere, namespacedObject, SECRETS } from '../../../src/kube/resource-path.ts';
import { systemClock } from '../../../src/loop/system-clock.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { type FakeApiServer, startFakeApiServer, status } from './fake-api-server.ts';
import { createRecordedLog, createRecordedMetrics } from './records.ts';

let server: FakeApiServer;
let client: KubeClient;
let metrics: ReturnType<typeof createRecordedMetrics>;
const never = new AbortController().signal;
const secret = namespacedObject(SECRETS, { namespace: 'team', name: 'db' });

function get(more: Partial<KubeRequest> = {}): KubeRequest {
  return { verb: 'get', path: secret, signal: never, ...more };
}

function open(clock: Clock = systemClock): KubeClient {
  return createKubeClient({ kubeconfigPath: server.kubeconfigPath, clock, log: createRecordedLog(), metrics });
}

beforeEach(async () => {
  server = await startFakeApiServer();
  metrics = createRecordedMetrics();
  client = open();
  server.onCall(() => ({ status: 200, body: '{"metadata":{"name":"db"}}' }));
});

afterEach(async () => {
  await client.close();
  await server.close();
});

describe('a request', () => {
  it('sends verb, path, query, body and headers, and gives the parsed answer', async () => {
    const answer = await client.request(
      get({
        verb: 'patch',
        query: { fieldManager: 'a b' },
        body: '{"x":1}',
        contentType: 'application/merge-patch+json',
        accept: 'application/json;as=PartialObjectMetadata',
      }),
    );
    expect(answer).toEqual({ metadata: { name: 'db' } });
    const [sent] = server.requests;
    expect(sent).toMatchObject({ method: 'PATCH', path: '/api/v1/namespaces/team/secrets/db', body: '{"x":1}' });
    expect(sent?.query.get('fieldManager')).toBe('a b');
    expect(sent?.headers).toMatchObject({
      authorization: 'Bearer not-a-real-token',
      accept: 'application/json;as=PartialObjectMetadata',
      'content-type': 'application/merge-patch+json',
      'user-agent': 'keyturn',
    });
    expect(metrics.calls).toEqual(['patch secrets 200']);
  });

  it('gives the text of the answer as it came, where that is wanted', async () => {
    const body = '{"id": 9007199254740993}';
    server.onCall(() => ({ status: 200, body }));
    expect(await client.request(get({ wantsText: true }))).toBe(body);
  });

  it('throws what the table of errors makes of a refusal', async () => {
    server.failNext(status(409, 'AlreadyExists'));
    await expect(client.request(get({ verb: 'create' }))).rejects.toMatchObject({ name: 'ClusterConflict' });
    expect(metrics.calls).toEqual(['create secrets 409']);
  });

  it('is unavailable when the server cuts the connection or cannot be reached', async () => {
    await server.close();
    await expect(client.request(get())).rejects.toMatchObject({
      name: 'ClusterUnavailable',
      message: 'The API server gave no usable answer to get secrets "team/db" (ECONNREFUSED).',
    });
    expect(metrics.calls).toEqual(['get secrets error']);
    server = await startFakeApiServer();
  });

  it('is unavailable after its deadline', async () => {
    server.hangNext();
    await expect(client.request(get({ timeoutMs: 30 }))).rejects.toMatchObject({
      name: 'ClusterUnavailable',
      message: 'The API server gave no usable answer to get secrets "team/db" (none within 0.03 s).',
    });
    expect(metrics.calls).toEqual(['get secrets timeout']);
  });

  it("throws the signal's reason when it is aborted", async () => {
    server.hangNext();
    const controller = new AbortController();
    const answer = client.request(get({ signal: controller.signal }));
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort(new Error('stopping'));
    await expect(answer).rejects.toThrow('stopping');
  });

  it('does not quote an answer that is not JSON', async () => {
    server.failNext({ status: 200, body: 'hunter2' });
    const error: unknown = await client.request(get()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ClusterUnavailable' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hunter2');
  });
});

describe('repetition', () => {
  it('waits once for Retry-After where the deadline allows it', async () => {
    server.failNext({ ...status(429, 'TooManyRequests'), headers: { 'retry-after': '0' } });
    await expect(client.request(get())).resolves.toBeDefined();
    expect(metrics.calls).toEqual(['get secrets 429', 'get secrets 200']);
  });

  it('is done once and no more', async () => {
    server.failNext({ ...status(503, 'ServiceUnavailable'), headers: { 'retry-after': '0' } });
    server.failNext({ ...status(503, 'ServiceUnavailable'), headers: { 'retry-after': '0' } });
    await expect(client.request(get())).rejects.toMatchObject({ name: 'ClusterUnavailable' });
    expect(server.requests).toHaveLength(2);
  });

  it('is not done beyond the deadline, nor without Retry-After', async () => {
    server.failNext({ ...status(429, 'TooManyRequests'), headers: { 'retry-after': '60' } });
    await expect(client.request(get())).rejects.toMatchObject({ name: 'ClusterUnavailable' });
    server.failNext(status(503, 'ServiceUnavailable'));
    await expect(client.request(get())).rejects.toMatchObject({ name: 'ClusterUnavailable' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('credentials', () => {
  function useTokenFile(): string {
    const path = `${server.kubeconfigPath}-token`;
    writeFileSync(path, 'first\n');
    const config = JSON.parse(readFileSync(server.kubeconfigPath, 'utf8'));
    config.users[0].user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile: path } } };
    writeFileSync(server.kubeconfigPath, JSON.stringify(config));
    return path;
  }

  it('are read from the token file again when it has rotated', async () => {
    const path = useTokenFile();
    let nowMs = Date.now();
    const rotating = open({ nowMs: () => nowMs, after: systemClock.after });
    await rotating.request(get());
    writeFileSync(path, 'second\n');
    nowMs += 11_000;
    await rotating.request(get());
    await rotating.close();
    expect(server.requests.map((request) => request.headers['authorization'])).toEqual([
      'Bearer first',
      'Bearer second',
    ]);
  });

  it('are read from the token file at once when the server does not accept the old ones', async () => {
    const path = useTokenFile();
    const rotating = open();
    await rotating.request(get());
    writeFileSync(path, 'second\n');
    server.failNext(status(401, 'Unauthorized'));
    await rotating.request(get());
    await rotating.close();
    expect(server.requests.map((request) => request.headers['authorization'])).toEqual([
      'Bearer first',
      'Bearer first',
      'Bearer second',
    ]);
  });

  it('are asked for again at once when the server does not accept them', async () => {
    server.failNext(status(401, 'Unauthorized'));
    await expect(client.request(get())).resolves.toBeDefined();
    expect(metrics.calls).toEqual(['get secrets 401', 'get secrets 200']);
  });

  it('that cannot be read make the server unavailable, and are tried again', async () => {
    const path = useTokenFile();
    renameSync(path, `${path}-away`);
    const broken = open();
    await expect(broken.request(get())).rejects.toThrow('(ENOENT)');
    renameSync(`${path}-away`, path);
    await expect(broken.request(get())).resolves.toBeDefined();
    await broken.close();
  });
});

describe('connections', () => {
  it('are kept, and bounded however many requests there are', async () => {
    await Promise.all(Array.from({ length: 200 }, () => client.request(get())));
    expect(server.connections).toBeLessThanOrEqual(16);
    await client.request(get());
    expect(server.connections).toBeLessThanOrEqual(16);
  });

  it('of watches starve no request', async () => {
    const watch = { verb: 'watch', path: everywhere(SECRETS), query: { watch: 'true' }, signal: never } as const;
    const streams = await Promise.all(Array.from({ length: 40 }, () => client.stream(watch)));
    await expect(client.request(get())).resolves.toBeDefined();
    for (const stream of streams) {
      expect(stream.kind).toBe('open');
      if (stream.kind === 'open') {
        stream.close();
      }
    }
    await expect.poll(() => server.openWatches).toBe(0);
  });

  it('are cut by close', async () => {
    server.hangNext();
    const answer = client.request(get());
    const failed = expect(answer).rejects.toMatchObject({ name: 'ClusterUnavailable' });
    await expect.poll(() => server.requests.length).toBe(1);
    await client.close();
    await failed;
  });
});
