/** A CustomResourceDefinition of a test's own, whose `spec` and other fields take anything. */

import { randomBytes } from 'node:crypto';
import type { ClusterClient } from './cluster-client.ts';
import { until } from './until.ts';

export interface CustomKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** Removes the definition, and all objects with it. */
  remove(): Promise<void>;
}

export interface CustomKindOptions {
  /** @default one of its own */
  readonly group?: string;
  /** @default Namespaced */
  readonly scope?: 'Namespaced' | 'Cluster';
  /** OpenAPI of `spec`. @default anything */
  readonly spec?: object;
}

const SERVED_WITHIN_MS = 30_000;

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** That no other test has. */
export function freshGroup(): string {
  return `t${randomBytes(4).toString('hex')}.example.com`;
}

/** Makes it, and waits until it is served. */
export async function customKind(
  cluster: ClusterClient,
  kind: string,
  options: CustomKindOptions = {},
): Promise<CustomKind> {
  const { group = freshGroup(), scope = 'Namespaced', spec = ANYTHING } = options;
  const plural = `${kind.toLowerCase()}s`;
  const name = `${plural}.${group}`;
  const schema = { openAPIV3Schema: { ...ANYTHING, properties: { spec, status: ANYTHING } } };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const made = await cluster.request('POST', definitions, definition);
  if (made.status !== 201) throw new Error(`creating ${name} answered ${made.status}: ${JSON.stringify(made.body)}`);
  const isServed = async () => (await cluster.request('GET', `/apis/${group}/v1/${plural}`)).status === 200;
  await until(`${name} to be served`, isServed, SERVED_WITHIN_MS);
  return {
    apiVersion: `${group}/v1`,
    kind,
    plural,
    remove: async () => void (await cluster.request('DELETE', `${definitions}/${name}`)),
  };
}
