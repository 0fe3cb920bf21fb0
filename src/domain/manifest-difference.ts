/**
 * Writes to a target that is no Secret in the terms of one, so that they are compared and told in the same way: the paths
 * of its fields stand for keys, and what is at their ends for values. Pure.
 */

import type { SecretPatch } from '../ports/cluster.ts';
import type { GenericObject, GenericPatch, NewGenericObject } from '../ports/generic-objects.ts';
import { encodeJson, type JsonObject } from '../ports/secret-json.ts';
import { type SecretData, SecretValue } from '../ports/secret-value.ts';
import type { PresentSecret, WouldBeObjectWrite, WouldBeWrite } from '../ports/would-be-write.ts';
import { leavesOf, patchedBy } from './json-merge-patch.ts';
import { pathText } from './manifest-path.ts';

/** @param hidesNames names of fields may hold values: then the fields of the root are all that is told */
function dataOf(content: JsonObject, hidesNames = false): SecretData {
  const leaves = hidesNames ? Array.from(content, ([name, member]) => [[name], member] as const) : leavesOf(content);
  return new Map(
    leaves.map(([path, value]) => [
      pathText(path),
      SecretValue.fromText(typeof value === 'string' ? value : encodeJson(value)),
    ]),
  );
}

function creationOf(object: NewGenericObject): WouldBeWrite {
  const { namespace, name, labels, annotations, controller, content, hidesNames } = object;
  const data = dataOf(content.reveal(), hidesNames);
  return { kind: 'create', secret: { namespace, name, labels, annotations, controller, data } };
}

/** Of fields that stay as they are nothing is told: others may have made them. */
function changeOf(existing: GenericObject, patch: GenericPatch): WouldBeWrite {
  const { labels, annotations, controller, hidesNames } = patch;
  const before = existing.content.reveal();
  const data = dataOf(before, hidesNames);
  const wanted = dataOf(patchedBy(before, patch.content.reveal()), hidesNames);
  const changed = new Map([...wanted].filter(([path, value]) => data.get(path)?.equals(value) !== true));
  const removedDataKeys = [...data.keys()].filter((path) => !wanted.has(path));
  const present: PresentSecret = { metadata: { ...existing.metadata, fieldOwners: [] }, data, isImmutable: false };
  const asPatch: SecretPatch = { labels, annotations, controller, data: changed, removedDataKeys };
  return { kind: 'patch', present, patch: asPatch };
}

export function asTargetWrite(write: WouldBeObjectWrite): WouldBeWrite {
  switch (write.kind) {
    case 'create':
      return creationOf(write.object);
    case 'patch':
      return changeOf(write.present, write.patch);
    case 'delete':
      return write;
  }
}
