import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Routes, type RunningServer, serve } from '../../../src/observe/http-server.ts';

const servers: RunningServer[] = [];

async function start(routes: Routes, address = '127.0.0.1:0'): Promise<RunningServer> {
  const server = await serve(address, routes);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('serve', () => {
  test('answers what the route says, with its status and type', async () => {
    const { url } = await start({
      '/readyz': () => ({ status: 503, body: 'waiting\n' }),
      '/metrics': async () => ({ status: 200, contentType: 'text/plain; version=0.0.4', body: 'a 1\n' }),
    });
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.text(), ready.headers.get('content-type')]).toEqual([
      503,
      'waiting\n',
      'text/plain; charset=utf-8',
    ]);
    const metrics = await fetch(`${url}/metrics?x=1`);
    expect([metrics.status, await metrics.text(), metrics.headers.get('content-type')]).toEqual([
      200,
      'a 1\n',
      'text/plain; version=0.0.4',
    ]);
  });

  test.each([
    ['an unknown path', '/', 404],
    ['a path that JavaScript knows', '/constructor', 404],
    ['a name of an inherited method', '/toString', 404],
  ])('%s is not found', async (_, path, status) => {
    const { url } = await start({ '/healthz': () => ({ status: 200, body: 'ok\n' }) });
    expect((await fetch(`${url}${path}`)).status).toBe(status);
  });

  test('sends a large answer piece by piece, and goes on when the reader leaves in the middle', async () => {
    let made = 0;
    function* pieces(): Generator<string> {
      for (; made < 100_000; made += 1) yield 'x'.repeat(16_384);
    }
    const { url } = await start({
      '/large': () => ({ status: 200, body: pieces() }),
      '/small': () => ({ status: 200, body: ['a', 'b'] }),
    });
    const leaving = new AbortController();
    const reply = await fetch(`${url}/large`, { signal: leaving.signal });
    const reader = reply.body?.getReader();
    await reader?.read();
    leaving.abort();
    expect(await (await fetch(`${url}/small`)).text()).toBe('ab');
    // It was made as it was read, not all at once.
    expect(made).toBeLessThan(10_000);
  });

  test('only reads', async () => {
    const { url } = await start({ '/healthz': () => ({ status: 200, body: 'ok\n' }) });
    expect((await fetch(`${url}/healthz`, { method: 'POST', body: 'x' })).status).toBe(405);
    const head = await fetch(`${url}/healthz`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('a route that fails is an error of that request and no other', async () => {
    const { url } = await start({
      '/bad': () => {
        throw new Error('broken');
      },
      '/healthz': () => ({ status: 200, body: 'ok\n' }),
    });
    const bad = await fetch(`${url}/bad`);
    expect([bad.status, await bad.text()]).toEqual([500, 'broken\n']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('an address that is taken is refused by its name', async () => {
    const { url } = await start({});
    const address = url.replace('http://', '');
    await expect(serve(address, {})).rejects.toThrow(
      `cannot listen on "${address}"; choose another address or end what listens there`,
    );
  });

  test('an address of IPv6 gives a URL that can be asked', async () => {
    const { url } = await start({ '/healthz': () => ({ status: 200, body: 'ok\n' }) }, '[::1]:0');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('closing ends connections that are open and idle', async () => {
    const server = await serve('127.0.0.1:0', {});
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    await server.close();
    await ended;
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
