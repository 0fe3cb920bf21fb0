/** A client that cannot write: what uses it may be given to somebody who must be sure that nothing changes. */

import type { KubeClient, KubeRequest } from './client.ts';

const READS: readonly KubeRequest['verb'][] = ['get', 'list'];

/** A token of a ServiceAccount is answered and kept nowhere in the cluster, though RBAC calls it a creation. */
function isTokenRequest({ verb, path }: KubeRequest): boolean {
  return verb === 'create' && path.resource === 'serviceaccounts/token';
}

/** Everything but get, list and requests for tokens is refused here, before it is sent. */
export function readOnly(client: KubeClient): KubeClient {
  function checked(request: KubeRequest): KubeRequest {
    if (READS.includes(request.verb) || isTokenRequest(request)) return request;
    throw new Error(`${request.verb} ${request.path.resource} is not to be sent: this client only reads`);
  }
  return {
    request: async (request) => await client.request(checked(request)),
    call: async (request) => await client.call(checked(request)),
    stream: async (request) => await client.stream(checked(request)),
    close: () => client.close(),
  };
}
