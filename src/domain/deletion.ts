/**
 * What happens to the target when AWS says that its sources are gone (upstream sections 1.2, 2.3 and 2.6). Only a positive
 * answer takes anything away: of what failed, or answered with nothing in it, the last good values stay. Pure.
 */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { InvalidSpec } from '../ports/errors.ts';
import type { SourceName } from './references.ts';
import type { SyncEnd, SyncRecord } from './situation.ts';
import { hashIn } from './source-hash.ts';
import type { ReadyWords } from './status.ts';
import { creationPolicyOf, markOf, mergesInto, ownFields, quotedTarget } from './target.ts';
import { targetWordsOf } from './target-words.ts';
import { fieldManagerOf } from './upstream-hash.ts';

type DeletionPolicy = 'Delete' | 'Merge' | 'Retain';

export function deletionPolicyOf({ spec }: Pick<ExternalSecret, 'spec'>): DeletionPolicy {
  return spec.target?.deletionPolicy ?? 'Retain';
}

/** Whether a source may be gone: with Retain it fails the whole sync. */
export function toleratesGone(externalSecret: ExternalSecret): boolean {
  return deletionPolicyOf(externalSecret) !== 'Retain';
}

/** Whether this ExternalSecret has written that Secret, as far as its metadata tells. */
function hasWritten(externalSecret: ExternalSecret, target: SecretMetadata): boolean {
  return (
    ownFields(target, fieldManagerOf(externalSecret.metadata.name)) !== undefined ||
    markOf(externalSecret, target) !== undefined
  );
}

/** Whether that Secret is this very ExternalSecret's own: nobody else's is ever deleted. */
export function isOwned({ metadata }: ExternalSecret, { controller }: SecretMetadata): boolean {
  return controller?.uid === metadata.uid;
}

export interface Sources {
  /** Every source is gone. */
  readonly areGone: boolean;
  /** How many keys are made of what is left of them. */
  readonly keys: number;
}

export type Act =
  | { readonly kind: 'write' }
  | { readonly kind: 'delete'; readonly target: SecretMetadata }
  | { readonly kind: 'nothing'; readonly end: 'retained' | 'deleted' | 'left' }
  | { readonly kind: 'fail'; readonly error: InvalidSpec };

/** What to do about the target after all sources have answered, or were found to be gone. */
export function actOn(externalSecret: ExternalSecret, target: SecretMetadata | undefined, sources: Sources): Act {
  if (sources.keys > 0) return { kind: 'write' };
  if (!sources.areGone) return { kind: 'nothing', end: 'retained' };
  return deletionPolicyOf(externalSecret) === 'Delete'
    ? deleted(externalSecret, target)
    : emptied(externalSecret, target);
}

function deleted(externalSecret: ExternalSecret, target: SecretMetadata | undefined): Act {
  if (creationPolicyOf(externalSecret) !== 'Owner') {
    return {
      kind: 'fail',
      error: new InvalidSpec(
        `could not delete ${targetWordsOf(externalSecret).noun}: every source of ${quotedTarget(externalSecret)} is gone, and ` +
          'deletionPolicy Delete deletes only with creationPolicy Owner; change one of the two, or delete it yourself',
      ),
    };
  }
  if (target === undefined || target.deleting) return { kind: 'nothing', end: 'deleted' };
  return isOwned(externalSecret, target) ? { kind: 'delete', target } : { kind: 'nothing', end: 'left' };
}

/** Of a Secret that others have made all keys would be theirs. */
function emptied(externalSecret: ExternalSecret, target: SecretMetadata | undefined): Act {
  const isForeign =
    target !== undefined && !mergesInto(creationPolicyOf(externalSecret)) && !hasWritten(externalSecret, target);
  return isForeign ? { kind: 'nothing', end: 'left' } : { kind: 'write' };
}

/** What of a sync decides whether it takes anything away. */
export interface Outcome {
  readonly gone: SyncRecord['gone'];
  readonly sourceHash: string;
}

/** Those sources that are gone and that the target, as far as can be told, was made from. */
export function lostSources(
  externalSecret: ExternalSecret,
  target: SecretMetadata | undefined,
  record: Pick<SyncRecord, 'uid' | 'gone'> | undefined,
  { gone, sourceHash }: Outcome,
): readonly SourceName[] {
  if (gone.size === 0 || target === undefined) return [];
  if (!hasWritten(externalSecret, target) && !isOwned(externalSecret, target)) return [];
  const known = record?.uid === externalSecret.metadata.uid ? record.gone : undefined;
  const isAsItWas = hashIn(markOf(externalSecret, target) ?? '') === sourceHash;
  if (known === undefined && isAsItWas) return [];
  return [...gone].filter(([id]) => known?.has(id) !== true).map(([, source]) => source);
}

/** How the Ready condition tells the end of a sync. */
export function wordsFor(end: SyncEnd, externalSecret: ExternalSecret): ReadyWords {
  const { noun, reason } = targetWordsOf(externalSecret);
  switch (end) {
    case 'written':
      return { reason: `${reason}Synced`, message: `${noun} synced` };
    case 'deleted':
      return { reason: `${reason}Deleted`, message: `${noun} deleted due to DeletionPolicy=Delete` };
    case 'retained':
      return {
        reason: `${reason}Synced`,
        message: toleratesGone(externalSecret)
          ? `${noun} retained: its sources exist and there is nothing in them`
          : `${noun} retained due to DeletionPolicy=Retain`,
      };
    case 'left':
      return {
        reason: `${reason}Synced`,
        message: `${noun} left alone: its sources are gone, and it is not this ExternalSecret's own`,
      };
  }
}
