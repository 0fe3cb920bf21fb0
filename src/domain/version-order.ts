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
  /** Of secrets that a query has found: the versions that were named, by ARN. */
  readonly members?: ReadonlyMap<string, string>;
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

/** What tells a version from others. */
type SeenVersion = Pick<SecretVersion, 'arn' | 'versionId'>;

/** Whether two were given of one version of one secret; of a secret that was made again there is another ARN. */
export function isSameVersion(a: SeenVersion, b: SeenVersion): boolean {
  return a.versionId === b.versionId && a.arn === b.arn;
}

function isOlder(seen: SecretVersion, known: SecretVersion, announced: Announced | undefined): boolean {
  if (seen.members !== undefined && known.members !== undefined) {
    return hasOlderMember(seen.members, known.members, announced);
  }
  // An event that names an older version tells of a rollback: there is nothing to doubt.
  return seen.arn === known.arn && announced?.versionId !== seen.versionId && isBefore(seen, known);
}

type Age = Pick<SecretVersion, 'createdAtMs'>;

function isBefore(seen: Age, known: Age): boolean {
  return seen.createdAtMs !== undefined && known.createdAtMs !== undefined && seen.createdAtMs < known.createdAtMs;
}

type Members = NonNullable<SecretVersion['members']>;

/** A listing may be minutes old: that a secret is not in it is no more certain than that a version is an older one. */
function hasOlderMember(seen: Members, known: Members, announced: Announced | undefined): boolean {
  const byArn = new Map(seen.map((member) => [member.arn, member]));
  return known.some((before) => {
    const now = byArn.get(before.arn);
    if (now === undefined) return true;
    return announced?.members?.get(now.arn) !== now.versionId && isBefore(now, before);
  });
}

function isBehind({ version, announced }: Known, seen: SecretVersion, nowMs: number): boolean {
  if (version === undefined || announced === undefined || nowMs - announced.sinceMs >= LONGEST_BEHIND_MS) return false;
  if (announced.members !== undefined) return hasMemberBehind(version, seen, announced.members);
  return announced.versionId !== undefined && announced.versionId !== seen.versionId && isSameVersion(version, seen);
}

function hasMemberBehind(
  known: SecretVersion,
  seen: SecretVersion,
  announced: NonNullable<Announced['members']>,
): boolean {
  const versionIdIn = ({ members = [] }: SecretVersion, arn: string) =>
    members.find((member) => member.arn === arn)?.versionId;
  return [...announced].some(([arn, versionId]) => {
    const now = versionIdIn(seen, arn);
    return now !== undefined && now !== versionId && now === versionIdIn(known, arn);
  });
}

export function judgeVersion(known: Known, seen: SecretVersion, nowMs: number): Verdict {
  const { version, doubt, announced } = known;
  if (isBehind(known, seen, nowMs)) return { kind: 'behind' };
  if (version === undefined) return { kind: 'moved' };
  if (isSameVersion(version, seen)) return { kind: 'same' };
  if (!isOlder(seen, version, announced)) return { kind: 'moved' };
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
  const { version, failure, announced } = known;
  const hasMoved = version?.createdAtMs !== undefined && !isSameVersion(version, seen);
  // A listing may be older than an event, and cannot tell that there is nothing in it.
  const isOvertaken = seen.members !== undefined && announced !== undefined;
  return hasMoved || isOvertaken || failure !== undefined ? { kind: 'unproven' } : judgeVersion(known, seen, nowMs);
}
