/** A Kubernetes client that asks a handler instead of a server, and keeps what it was asked. */

import type { CallResult, KubeClient, KubeRequest } from '../../../src/kube/client.ts';
import { refused } from '../../../src/kube/errors.ts';

export interface FakeClient extends KubeClient {
  readonly requests: KubeRequest[];
  /** The JSON bodies of the requests. */
  bodies(): unknown[];
}

type Handler = (request: KubeRequest) => unknown;

/** The handler gives the answer's body, or what {@link failure} makes. */
export function createFakeClient(handler: Handler): FakeClient {
  const requests: KubeRequest[] = [];
  async function call(request: KubeRequest): Promise<CallResult> {
    request.signal.throwIfAborted();
    requests.push(request);
    const answer = await handler(request);
    return answer instanceof Failure ? refused(request, answer.status, answer.body) : { kind: 'ok', body: answer };
  }
  return {
    requests,
    bodies: () => requests.map((request) => JSON.parse(request.body ?? 'null') as unknown),
    call,
    async request(request) {
      const result = await call(request);
      if (result.kind === 'failed') {
        throw result.error;
      }
      return result.body;
    },
    stream: async (request) => refused(request, 500, undefined),
    close: async () => {},
  };
}

export function failure(status: number, body: object = {}): unknown {
  return new Failure(status, body);
}

class Failure {
  readonly status: number;
  readonly body: object;

  constructor(status: number, body: object) {
    this.status = status;
    this.body = body;
  }
}
