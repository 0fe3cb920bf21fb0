/** Reading and writing single objects of the cluster by kind and name, as JSON. */

import type { ApiResponse, ClusterClient } from '../harness/cluster-client.ts';

const COLLECTIONS = {
  ClusterExternalSecret: '/apis/external-secrets.io/v1/clusterexternalsecrets',
  ClusterSecretStore: '/apis/external-secrets.io/v1/clustersecretstores',
  SecretAccessPolicy: '/apis/keyturn.dev/v1alpha1/secretaccesspolicies',
  SecretConsumption: '/apis/keyturn.dev/v1alpha1/namespaces/*/secretconsumptions',
  ExternalSecret: '/apis/external-secrets.io/v1/namespaces/*/externalsecrets',
  SecretStore: '/apis/external-secrets.io/v1/namespaces/*/secretstores',
  ConfigMap: '/api/v1/namespaces/*/configmaps',
  ServiceAccount: '/api/v1/namespaces/*/serviceaccounts',
  Event: '/api/v1/namespaces/*/events',
  Secret: '/api/v1/namespaces/*/secrets',
} as const;

export type Kind = keyof typeof COLLECTIONS;
export type Json = Readonly<Record<string, unknown>>;

export interface ClusterObjects {
  /**
   * Server-side apply, as a user's own field manager: makes the object, or changes it to what is given.
   * @throws Error with the API server's message when it refuses.
   */
  apply(kind: Kind, namespace: string, name: string, object: Json): Promise<Json>;
  /** Undefined when there is none. */
  get(kind: Kind, namespace: string, name: string): Promise<Json | undefined>;
  /** JSON merge patch. @throws Error with the API server's message when it refuses. */
  patch(kind: Kind, namespace: string, name: string, change: Json): Promise<Json>;
  /** Deletes it, in the background as kubectl does; one that is not there is no fault. */
  remove(kind: Kind, namespace: string, name: string): Promise<void>;
  /** Deletes all of a namespace. */
  removeAll(kind: Kind, namespace: string): Promise<void>;
  /** Of one namespace, or of all of them with `*`. */
  list(kind: Kind, namespace: string): Promise<readonly Json[]>;
}

export function clusterObjects(cluster: ClusterClient): ClusterObjects {
  const send = (method: string, path: string, body?: unknown, contentType?: string) =>
    cluster.request(method, path, body, { contentType });
  return {
    async apply(kind, namespace, name, object) {
      const apiVersion = apiVersionOf(kind);
      const metadata = { ...asJson(object['metadata']), name };
      const path = `${objectPath(kind, namespace, name)}?fieldManager=user&force=true`;
      const whole = { apiVersion, kind, ...object, metadata };
      return accepted(await send('PATCH', path, whole, 'application/apply-patch+yaml'), `apply ${kind} ${name}`);
    },
    async get(kind, namespace, name) {
      const reply = await send('GET', objectPath(kind, namespace, name));
      return reply.status === 404 ? undefined : accepted(reply, `get ${kind} ${name}`);
    },
    patch: async (kind, namespace, name, change) =>
      accepted(
        await send('PATCH', objectPath(kind, namespace, name), change, 'application/merge-patch+json'),
        `patch ${kind} ${name}`,
      ),
    async remove(kind, namespace, name) {
      const reply = await send('DELETE', objectPath(kind, namespace, name));
      if (reply.status !== 404) {
        accepted(reply, `delete ${kind} ${name}`);
      }
    },
    async removeAll(kind, namespace) {
      accepted(await send('DELETE', collectionPath(kind, namespace)), `delete every ${kind} of ${namespace}`);
    },
    async list(kind, namespace) {
      const path = namespace === '*' ? COLLECTIONS[kind].replace('/namespaces/*', '') : collectionPath(kind, namespace);
      const items = accepted(await send('GET', path), `list ${kind}`)['items'];
      return Array.isArray(items) ? items.map(asJson) : [];
    },
  };
}

/** The value at a path of member names and indexes, undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  );
}

function collectionPath(kind: Kind, namespace: string): string {
  return COLLECTIONS[kind].replace('*', () => namespace);
}

function objectPath(kind: Kind, namespace: string, name: string): string {
  return `${collectionPath(kind, namespace)}/${name}`;
}

function accepted({ status, body }: ApiResponse, what: string): Json {
  if (status >= 300) {
    throw new Error(`${what} answered ${status}: ${String(at(body, 'message') ?? JSON.stringify(body))}`);
  }
  return asJson(body);
}

function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function apiVersionOf(kind: Kind): string {
  const [, root, ...rest] = COLLECTIONS[kind].split('/');
  return root === 'api' ? 'v1' : rest.slice(0, 2).join('/');
}
