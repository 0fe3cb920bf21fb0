/** Narrows a raw `PartialObjectMetadata` of a Namespace. */

import type { NamespaceMetadata } from '../ports/external-secrets.ts';
import { asList, asText, asTextMap, at } from './narrow.ts';

/** undefined for what lacks a name, a uid or a version. */
export function readNamespaceMetadata(raw: unknown): NamespaceMetadata | undefined {
  const metadata = at(raw, 'metadata');
  const identity = {
    name: asText(at(metadata, 'name')),
    uid: asText(at(metadata, 'uid')),
    resourceVersion: asText(at(metadata, 'resourceVersion')),
  };
  if (Object.values(identity).includes('')) return undefined;
  return {
    ...identity,
    deleting: at(metadata, 'deletionTimestamp') !== undefined,
    labels: asTextMap(at(metadata, 'labels')),
    finalizers: asList(at(metadata, 'finalizers')).map(asText),
  };
}
