/**
 * What a target was made from, as one hash: versions of secrets, the ExternalSecret's own state, the names of the
 * keys. It is made of no value, so it may stand in an annotation, and it tells after a restart that nothing changed.
 */

import { hash } from 'node:crypto';
import type { SecretVersion } from '../ports/secret-source.ts';

/** Changes when the same sources would be rendered differently than before. */
const RENDERING = 'keyturn-1';

export interface Sources {
  readonly uid: string;
  readonly syncedResourceVersion: string;
  readonly versions: readonly SecretVersion[];
  readonly keys: readonly string[];
  /** Versions of the objects that templates were taken from. */
  readonly templates: readonly string[];
  /** The policies by which what a search found was let through; empty where nothing was searched for. */
  readonly access: string;
}

export function sourceHash(sources: Sources): string {
  const versions = sources.versions.map(({ arn, versionId }) => [arn, versionId]);
  const text = JSON.stringify([
    RENDERING,
    sources.uid,
    sources.syncedResourceVersion,
    versions,
    sources.keys.toSorted(),
    ...(sources.templates.length === 0 ? [] : [sources.templates]),
    ...(sources.access === '' ? [] : [sources.access]),
  ]);
  return hash('sha256', text);
}

const ADOPTED = 'adopted:';

/**
 * What the annotation says of a target that another operator wrote and that holds just what these sources give: by it
 * are known a target whose data this operator has never changed, and the sources that it has been found to agree with.
 */
export function adoptedMark(hashOfSources: string): string {
  return `${ADOPTED}${hashOfSources}`;
}

export function isAdopted(mark: string | undefined): boolean {
  return mark?.startsWith(ADOPTED) ?? false;
}

/** The hash in an annotation, however its target came to be. */
export function hashIn(mark: string): string {
  return isAdopted(mark) ? mark.slice(ADOPTED.length) : mark;
}
