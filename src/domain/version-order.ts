/**
 * Never backwards: AWS is eventually consistent, so an answer may be older than one that was seen before. It may also
 * be a rollback, made by moving AWSCURRENT to the previous version. Time tells them apart: only a stale replica
 * stops giving the older answer by itself.
 */

import type { SecretVersion } from '../ports/secret-source.ts';

/** How long an older version must go on being the answer until it is believed to be a rollback. */
export const ROLLBACK_CONFIRM_MS = 5_000;

export interface Doubt {
  readonly versionId: string;
  readonly sinceMs: number;
}

export type Verdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'moved' }
  /** Older than what was seen: ask again, write nothing. */
  | { readonly kind: 'doubtful'; readonly doubt: Doubt };

function isOlder(seen: SecretVersion, known: SecretVersion): boolean {
  if (seen.arn !== known.arn || seen.createdAtMs === undefined || known.createdAtMs === undefined) return false;
  return seen.createdAtMs < known.createdAtMs;
}

export function judgeVersion(
  known: SecretVersion | undefined,
  doubt: Doubt | undefined,
  seen: SecretVersion,
  nowMs: number,
): Verdict {
  if (known === undefined) return { kind: 'moved' };
  if (known.versionId === seen.versionId && known.arn === seen.arn) return { kind: 'same' };
  if (!isOlder(seen, known)) return { kind: 'moved' };
  if (doubt?.versionId !== seen.versionId) {
    return { kind: 'doubtful', doubt: { versionId: seen.versionId, sinceMs: nowMs } };
  }
  return nowMs - doubt.sinceMs >= ROLLBACK_CONFIRM_MS ? { kind: 'moved' } : { kind: 'doubtful', doubt };
}
