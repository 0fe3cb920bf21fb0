/** The content of a target that is no Secret: what is to be written, on nothing or on what is there. Pure. */

import { InvalidSecretContent } from '../ports/errors.ts';
import { encodeJson, type JsonObject } from '../ports/secret-json.ts';
import { type Draft, type DraftObject, draftOf, isDraftObject, PathBlocked, writeAt } from './json-edit.ts';
import { withoutNulls } from './json-merge-patch.ts';
import { pathText } from './manifest-path.ts';
import type { ManifestWrite } from './manifest-rendering.ts';

/** As much as a Secret or a ConfigMap may hold; of other kinds etcd takes not much more. */
const LARGEST_CONTENT_BYTES = 1_048_576;

function merged(before: Draft | undefined, value: Draft): Draft {
  if (!isDraftObject(before) || !isDraftObject(value)) return value;
  for (const [name, member] of value) before.set(name, member);
  return before;
}

function put(draft: DraftObject, { path, isMerge, value, origin }: ManifestWrite): void {
  try {
    writeAt(draft, path, (before) => (isMerge ? merged(before, draftOf(value.reveal())) : draftOf(value.reveal())));
  } catch (error) {
    if (!(error instanceof PathBlocked)) throw error;
    const place = pathText(path.slice(0, error.steps));
    throw new InvalidSecretContent(`${origin} has no place: ${place} is there already, and is no ${error.expected}`);
  }
}

/**
 * @param base is written to
 * @throws InvalidSecretContent
 */
export function applyWrites(base: DraftObject, writes: readonly ManifestWrite[]): JsonObject {
  for (const write of writes) put(base, write);
  return withoutNulls(base);
}

/** A new object has its main field, be it empty: some kinds ask for it. */
export function emptyContent(kind: string): DraftObject {
  return new Map([[kind === 'ConfigMap' ? 'data' : 'spec', new Map()]]);
}

/**
 * The content that is ours, whatever else is there.
 * @param base what there is besides the writes: the empty content of a new object, or nothing of one that is merged into
 * @throws InvalidSecretContent
 */
export function ownContent(base: DraftObject, writes: readonly ManifestWrite[]): JsonObject {
  const content = applyWrites(base, writes);
  const size = Buffer.byteLength(encodeJson(content));
  if (size <= LARGEST_CONTENT_BYTES) return content;
  throw new InvalidSecretContent(`the content has ${size} bytes; an object holds at most ${LARGEST_CONTENT_BYTES}`);
}
