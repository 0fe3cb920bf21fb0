/** Plain requests to the API server, many at a time, with the rights of the operator's ServiceAccount or the admin's. */

import { readFileSync } from 'node:fs';
import { Agent, type Dispatcher } from 'undici';
import type { ClusterAccess } from '../../test/harness/cluster-client.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /** @default application/json */
  readonly contentType?: string;
  /** @default application/json */
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

export interface ApiClient {
  /** @returns the body. @throws Error for every status from 300 on */
  text(request: ApiRequest): Promise<string>;
  /** The parsed body. @throws Error for every status from 300 on */
  json(request: ApiRequest): Promise<unknown>;
  /** A reply whose body is read as it comes. @throws Error for every status from 300 on */
  stream(request: ApiRequest): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

/** As many connections as the operator opens for its requests (src/kube/connection.ts). */
const CONNECTIONS = 16;

export function createApiClient(access: ClusterAccess, token: string): ApiClient {
  const connect = { ca: readFileSync(access.caPath) };
  const requests = new Agent({ connections: CONNECTIONS, allowH2: false, connect });
  const streams = new Agent({ allowH2: false, connect, headersTimeout: 0, bodyTimeout: 0 });

  async function send(dispatcher: Agent, request: ApiRequest): Promise<Dispatcher.ResponseData> {
    const { method, path, body, contentType = 'application/json', accept = 'application/json', signal } = request;
    const reply = await dispatcher.request({
      origin: access.url,
      path,
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept,
        'user-agent': 'keyturn-bench',
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body ?? null,
      ...(signal === undefined ? {} : { signal }),
    });
    if (reply.statusCode >= 300) {
      const said = (await reply.body.text()).slice(0, 500);
      throw new Error(`${method} ${path} answered ${reply.statusCode}: ${said}`);
    }
    return reply;
  }

  const text = async (request: ApiRequest) => (await send(requests, request)).body.text();
  return {
    text,
    async json(request) {
      const parsed: unknown = JSON.parse(await text(request));
      return parsed;
    },
    stream: (request) => send(streams, request),
    async close() {
      await Promise.all([requests.destroy(), streams.destroy()]);
    },
  };
}
