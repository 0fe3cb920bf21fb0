/** Each fault of the harness's proxy, seen from a client, in front of a plain server, the API server and ministack. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, get as httpGet, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { secretsManagerAt } from '../harness/aws-endpoint.ts';
import { type FaultProxy, inFrontOfApiServer, startFaultProxy } from '../harness/fault-proxy.ts';
import { freshNamespace } from '../harness/namespace.ts';
import { sharedCluster, sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';

const BODY = 'x'.repeat(10_000);

describe('in front of a server that answers 10,000 bytes', () => {
  let upstream: Server;
  let served: string[];
  let proxy: FaultProxy;
  beforeAll(async () => {
    served = [];
    upstream = createServer((request, reply) => {
      served.push(request.url ?? '');
      reply.end(BODY);
    }).listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    proxy = await startFaultProxy({ upstream: `http://127.0.0.1:${port}` });
  });
  afterEach(() => {
    proxy.clear();
    served.length = 0;
  });
  afterAll(async () => {
    await proxy.stop();
    upstream.close();
  });

  const any = () => true;
  const ask = async (path = '/') => {
    const reply = await fetch(`${proxy.url}${path}`, { signal: AbortSignal.timeout(5_000) });
    return { status: reply.status, body: await reply.text() };
  };
  const broken = { name: 'TypeError' };

  it('passes what no rule concerns, and records it', async () => {
    proxy.fail(({ path }) => path.startsWith('/other'), { kind: 'drop' });
    expect(await ask('/a?b=c')).toEqual({ status: 200, body: BODY });
    expect(proxy.requests).toEqual([{ method: 'GET', path: '/a?b=c', target: '' }]);
  });

  it('replies by itself as often as it was told', async () => {
    const headers = { 'retry-after': '1' };
    const rule = proxy.fail(any, { kind: 'reply', status: 429, body: { reason: 'slow down' }, headers }, 1);
    expect(await ask()).toEqual({ status: 429, body: '{"reason":"slow down"}' });
    expect(await ask()).toMatchObject({ status: 200 });
    expect(rule.hits).toBe(1);
    expect(served).toHaveLength(1);
  });

  it('delays', async () => {
    proxy.fail(any, { kind: 'delay', delayMs: 150 });
    const startedAtMs = performance.now();
    expect(await ask()).toMatchObject({ status: 200 });
    expect(performance.now() - startedAtMs).toBeGreaterThan(140);
  });

  it('drops before the upstream sees anything', async () => {
    proxy.fail(any, { kind: 'drop' });
    await expect(ask()).rejects.toMatchObject(broken);
    expect(served).toEqual([]);
  });

  it('loses the reply of a request that the upstream has served', async () => {
    proxy.fail(any, { kind: 'loseReply' });
    await expect(ask()).rejects.toMatchObject(broken);
    expect(served).toEqual(['/']);
  });

  it('cuts the body, half way or where it was told', async () => {
    const receivedOf = async () => {
      const [reply] = (await once(httpGet(proxy.url), 'response')) as [IncomingMessage];
      let received = 0;
      reply.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      await expect(once(reply, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
      return received;
    };
    proxy.fail(any, { kind: 'cut' }, 1);
    expect(await receivedOf()).toBe(5_000);
    proxy.fail(any, { kind: 'cut', afterBytes: 10 }, 1);
    expect(await receivedOf()).toBe(10);
  });

  it('hangs until the rule is released, and forgets a client that gave up', async () => {
    const rule = proxy.fail(any, { kind: 'hang' });
    await expect(fetch(proxy.url, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    const waiting = ask('/patient');
    await until('it to hang', () => rule.hits === 2, 5_000);
    expect(served).toEqual([]);
    rule.release();
    expect(await waiting).toMatchObject({ status: 200 });
    expect(served).toEqual(['/patient']);
    expect(await ask()).toMatchObject({ status: 200 });
  });

  it('holds one request, and lets it go or drops it', async () => {
    const first = proxy.hold(({ path }) => path === '/held');
    const waiting = ask('/held');
    expect(await first.reached).toMatchObject({ method: 'GET', path: '/held' });
    expect(await ask('/held')).toMatchObject({ status: 200 });
    first.release();
    expect(await waiting).toMatchObject({ status: 200 });

    const second = proxy.hold(any);
    const dropped = ask('/dropped');
    await second.reached;
    second.drop();
    await expect(dropped).rejects.toMatchObject(broken);
    expect(served).toEqual(['/held', '/held']);
  });
});

describe('in front of the API server', () => {
  it('streams a watch, freezes it, and drops it', async () => {
    const cluster = sharedCluster();
    const namespace = await freshNamespace(cluster, 'proxy');
    const proxy = await startFaultProxy({ upstream: cluster.url, ca: readFileSync(cluster.access.caPath) });
    const configMaps = `/api/v1/namespaces/${namespace.name}/configmaps`;
    const create = (name: string) =>
      cluster.request('POST', configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    const abort = new AbortController();
    const reply = await fetch(`${proxy.url}${configMaps}?watch=1`, {
      headers: { authorization: `Bearer ${cluster.access.adminToken}` },
      signal: abort.signal,
    });
    const seen = { text: '', ended: 'no' };
    const reading = (async () => {
      for await (const chunk of reply.body ?? []) {
        seen.text += Buffer.from(chunk).toString();
      }
    })().catch(() => {
      seen.ended = 'broken';
    });
    const isWatch = ({ path }: { path: string }) => path.includes('watch=1');

    await create('first');
    await until('the first event', () => seen.text.includes('"first"'), 5_000);

    expect(proxy.freezeOpen(isWatch)).toBe(1);
    await create('second');
    // A second watch, not frozen, tells when the event has been sent.
    const other = await fetch(`${proxy.url}${configMaps}?watch=1&fieldSelector=metadata.name%3Dsecond`, {
      headers: { authorization: `Bearer ${cluster.access.adminToken}` },
      signal: abort.signal,
    });
    await other.body?.getReader().read();
    expect(seen.text).not.toContain('"second"');
    expect(seen.ended).toBe('no');
    proxy.clear();
    await until('the second event', () => seen.text.includes('"second"'), 5_000);

    expect(proxy.dropOpen(isWatch)).toBe(2);
    await reading;
    expect(seen.ended).toBe('broken');
    abort.abort();
    await proxy.stop();
    await namespace.remove();
    await cluster.close();
  });

  it('gives a ServiceAccount a kubeconfig that goes through it', async () => {
    const cluster = sharedCluster();
    const proxy = await startFaultProxy(inFrontOfApiServer(cluster.access));
    const name = { namespace: 'default', serviceAccount: 'through-proxy', server: proxy.url };
    const kubeconfigPath = await cluster.kubeconfigFor(name);
    const whoAmI = await cluster.kubectl(['auth', 'whoami'], { kubeconfigPath });
    expect(whoAmI.stdout).toContain('system:serviceaccount:default:through-proxy');
    expect(proxy.requests.map(({ path }) => path)).toContainEqual(expect.stringContaining('/selfsubjectreviews'));
    await proxy.stop();
    await cluster.close();
  });
});

describe('in front of ministack', () => {
  it('fails one operation and passes the others', async () => {
    const aws = sharedMinistack();
    const proxy = await startFaultProxy({ upstream: aws.url });
    const client = secretsManagerAt({ ...aws, url: proxy.url });
    await client.send(new CreateSecretCommand({ Name: 'proxy/one', SecretString: 'not-a-secret' }));
    const throttled = { kind: 'reply', status: 400, body: { __type: 'ThrottlingException' } } as const;
    const rule = proxy.fail(({ target }) => target === 'GetSecretValue', throttled);
    const read = () => client.send(new GetSecretValueCommand({ SecretId: 'proxy/one' }));
    await expect(read()).rejects.toMatchObject({ name: 'ThrottlingException' });
    rule.remove();
    expect(await read()).toMatchObject({ SecretString: 'not-a-secret' });
    const targets = proxy.requests.map(({ target }) => target);
    expect(targets.filter((target) => target === 'GetSecretValue')).toHaveLength(rule.hits + 1);
    client.destroy();
    await proxy.stop();
  });
});
