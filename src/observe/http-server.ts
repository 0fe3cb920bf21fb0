/** Small HTTP servers for probes and metrics. */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Reply {
  readonly status: number;
  readonly contentType?: string;
  /** In pieces where it is large: the next one is made when the one before has gone out. */
  readonly body: string | Iterable<string>;
}

/** What each path answers. */
export type Routes = Readonly<Record<string, () => Reply | Promise<Reply>>>;

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

async function send(response: ServerResponse, { status, contentType, body }: Reply): Promise<void> {
  response.writeHead(status, { 'content-type': contentType ?? 'text/plain; charset=utf-8' });
  if (typeof body === 'string') {
    response.end(body);
    return;
  }
  // Whoever asked has gone when this fails, and the response with them.
  await pipeline(Readable.from(body), response).catch(() => {});
}

async function answer(routes: Routes, path: string): Promise<Reply> {
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  try {
    return route === undefined ? { status: 404, body: 'not found\n' } : await route();
  } catch (error) {
    return { status: 500, body: `${error instanceof Error ? error.message : 'failed'}\n` };
  }
}

/** `host:port`, `:port` for every address, or port 0 for a free one. */
function parseAddress(address: string): { readonly host: string | undefined; readonly port: number } {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, Math.max(0, at)).replace(/^\[|\]$/g, '');
  return { host: host === '' ? undefined : host, port: Number(address.slice(at + 1)) };
}

/**
 * Listens until it is closed.
 * @throws Error that names the address when it cannot be listened on.
 */
export async function serve(address: string, routes: Routes): Promise<RunningServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (request.method !== 'GET' && request.method !== 'HEAD') void send(response, { status: 405, body: 'only GET\n' });
    else void answer(routes, path).then((reply) => send(response, reply));
  });
  server.requestTimeout = 10_000;
  server.listen(parseAddress(address));
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new Error(`cannot listen on "${address}"; choose another address or end what listens there`, { cause });
  }
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
  const { host = '127.0.0.1' } = parseAddress(address);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
