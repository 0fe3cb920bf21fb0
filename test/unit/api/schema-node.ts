/** Walks the schema of a generated CustomResourceDefinition. */

import { customResourceDefinitions } from '../../../src/api/crd.ts';

export type SchemaNode = Readonly<Record<string, unknown>>;

export const CRDS = [...customResourceDefinitions().values()];

export function crdOf(kind: string) {
  const crd = CRDS.find((candidate) => candidate.spec.names.kind === kind);
  if (crd === undefined) {
    throw new Error(`there is no CRD for ${kind}`);
  }
  return crd;
}

export function rootOf(kind: string): SchemaNode {
  const [version] = crdOf(kind).spec.versions;
  return asNode(version?.schema.openAPIV3Schema);
}

/** The node at a path such as `spec.data[].remoteRef` or `metadata.labels{}`. */
export function nodeAt(kind: string, path: string): SchemaNode {
  let node = rootOf(kind);
  for (const part of path.split('.')) {
    const name = part.replace(/(\[\]|\{\})$/, '');
    node = asNode(asNode(node['properties'])[name]);
    if (part.endsWith('[]')) {
      node = asNode(node['items']);
    }
    if (part.endsWith('{}')) {
      node = asNode(node['additionalProperties']);
    }
  }
  return node;
}

/** Every node below the root with its path. */
export function* nodesOf(node: SchemaNode, path = ''): Generator<readonly [path: string, node: SchemaNode]> {
  yield [path, node];
  for (const [name, child] of Object.entries(asNode(node['properties'] ?? {}))) {
    yield* nodesOf(asNode(child), path === '' ? name : `${path}.${name}`);
  }
  if (node['items'] !== undefined) {
    yield* nodesOf(asNode(node['items']), `${path}[]`);
  }
  if (node['additionalProperties'] !== undefined) {
    yield* nodesOf(asNode(node['additionalProperties']), `${path}{}`);
  }
}

function asNode(value: unknown): SchemaNode {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('expected a schema node');
  }
  return Object.fromEntries(Object.entries(value));
}
