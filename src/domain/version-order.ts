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

/** What a rotation event said of a secret. */
export interface Announced {
  /** The version that it named; undefined when it said only that something has changed. */
  readonly versionId: string | undefined;
  readonly sinceMs: number;
}

/** How long the version that an event named is waited for; then what AWS answers counts, whatever it is. */
const LONGEST_BEHIND_MS = 10_000;
/** When to ask again for it. */
export const BEHIND_RETRY_MS = 250;

/** What is known of a secret before it is looked at. */
export interface Known {
  readonly version: SecretVersion | undefined;
  readonly doubt: Doubt | undefined;
  readonly announced: Announced | undefined;
}

export type Verdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'moved' }
  /** Older than what was seen: ask again, write nothing. */
  | { readonly kind: 'doubtful'; readonly doubt: Doubt }
  /** AWS does not answer yet with the version that an event named: ask again soon. */
  | { readonly kind: 'behind' };

function isSame(a: SecretVersion, b: SecretVersion): boolean {
  return a.versionId === b.versionId && a.arn === b.arn;
}

function isOlder(seen: SecretVersion, known: SecretVersion): boolean {
  if (seen.arn !== known.arn || seen.createdAtMs === undefined || known.createdAtMs === undefined) return false;
  return seen.createdAtMs < known.createdAtMs;
}

function isBehind({ version, announced }: Known, seen: SecretVersion, nowMs: number): boolean {
  if (version === undefined || announced?.versionId === undefined || announced.versionId === seen.versionId)
    return false;
  return isSame(version, seen) && nowMs - announced.sinceMs < LONGEST_BEHIND_MS;
}

export function judgeVersion(known: Known, seen: SecretVersion, nowMs: number): Verdict {
  const { version, doubt, announced } = known;
  if (isBehind(known, seen, nowMs)) return { kind: 'behind' };
  if (version === undefined) return { kind: 'moved' };
  if (isSame(version, seen)) return { kind: 'same' };
  // An event that names an older version tells of a rollback: there is nothing to doubt.
  if (!isOlder(seen, version) || announced?.versionId === seen.versionId) return { kind: 'moved' };
  if (doubt?.versionId !== seen.versionId) {
    return { kind: 'doubtful', doubt: { versionId: seen.versionId, sinceMs: nowMs } };
  }
  return nowMs - doubt.sinceMs >= ROLLBACK_CONFIRM_MS ? { kind: 'moved' } : { kind: 'doubtful', doubt };
}

/**
 * As {@link judgeVersion}, for an answer that tells neither how old the version is nor whether it can be read:
 * `unproven` where a read has to tell. Otherwise a stale replica's answer would take the place of one that is known to
 * be newer, and a label that points to an unreadable version would end the failure that its readers were told.
 */
export function judgeLabel(
  known: Known & { readonly failure: object | undefined },
  seen: SecretVersion,
  nowMs: number,
): Verdict | { readonly kind: 'unproven' } {
  const { version, failure } = known;
  const hasMoved = version?.createdAtMs !== undefined && !isSame(version, seen);
  return hasMoved || failure !== undefined ? { kind: 'unproven' } : judgeVersion(known, seen, nowMs);
}
