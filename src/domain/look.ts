/** What the version index says of the sources of one ExternalSecret, in the terms of its deletionPolicy. Pure. */

import { type KeyturnError, SecretNotFound } from '../ports/errors.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { toleratesGone } from './deletion.ts';
import type { Reference } from './references.ts';
import type { Situation, SyncRecord } from './situation.ts';
import { isSameVersion } from './version-order.ts';

export type SourceState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'version'; readonly version: SecretVersion }
  /** AWS said that it is not there, and the policy has something to be done about that. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly error: KeyturnError };

export interface Look {
  readonly id: string;
  readonly field: string;
  readonly state: SourceState;
  readonly isAnnounced: boolean;
  readonly checkedAtMs: number | undefined;
}

export function looksAt(situation: Situation, references: readonly Reference[]): readonly Look[] {
  const mayBeGone = toleratesGone(situation.externalSecret);
  return references.map(({ id, identityKey, ref, field }) => {
    const seen = situation.seen(identityKey, ref);
    const { version, failure } = seen ?? {};
    return {
      id,
      field,
      state: stateOf(version, failure, mayBeGone),
      isAnnounced: seen?.announced !== undefined,
      checkedAtMs: seen?.checkedAtMs,
    };
  });
}

function stateOf(
  version: SecretVersion | undefined,
  failure: KeyturnError | undefined,
  mayBeGone: boolean,
): SourceState {
  if (failure !== undefined) {
    return mayBeGone && failure instanceof SecretNotFound ? { kind: 'gone' } : { kind: 'failed', error: failure };
  }
  return version === undefined ? { kind: 'unknown' } : { kind: 'version', version };
}

/** The first source of which nothing is known but that it could not be looked at. */
export function failedLook(
  looks: readonly Look[],
): { readonly field: string; readonly error: KeyturnError } | undefined {
  for (const { field, state } of looks) {
    if (state.kind === 'failed') return { field, error: state.error };
  }
  return undefined;
}

/** What was written of a source is still what AWS has of it. */
export function isCurrent({ id, state }: Look, record: SyncRecord): boolean {
  const written = record.versions.get(id);
  switch (state.kind) {
    case 'version':
      return written !== undefined && isSameVersion(written, state.version);
    case 'gone':
      return record.gone.has(id);
    case 'unknown':
    case 'failed':
      return written !== undefined || record.gone.has(id);
  }
}
