/** A client that cannot write: what uses it may be given to somebody who must be sure that nothing changes. */

import type { KubeClient, KubeRequest } from './client.ts';

const READS: readonly KubeRequest['verb'][] = ['get', 'list'];

/** Every other verb is refused here, before anything is sent. */
export function readOnly(client: KubeClient): KubeClient {
  function checked(request: KubeRequest): KubeRequest {
    if (READS.includes(request.verb)) return request;
    throw new Error(`${request.verb} ${request.path.resource} is not to be sent: this client only reads`);
  }
  return {
    request: async (request) => await client.request(checked(request)),
    call: async (request) => await client.call(checked(request)),
    stream: async (request) => await client.stream(checked(request)),
    close: () => client.close(),
  };
}
