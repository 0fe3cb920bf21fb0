/** Everything that is known of one ExternalSecret when it is decided what to do about it. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import type { KeyturnError } from '../ports/errors.ts';
import type { SecretVersion, WatchedRef } from '../ports/secret-source.ts';
import type { Refresh } from './schedule.ts';
import type { StoreStanding } from './store-standing.ts';
import { type TargetShape, targetShape, withOwnMarksOnly } from './target.ts';

/**
 * What became of the target: `written`; `retained`, because AWS answered and there was nothing to write; `deleted`,
 * because all its sources are gone; `left`, because they are and the Secret is not this ExternalSecret's.
 */
export type SyncEnd = 'written' | 'retained' | 'deleted' | 'left';

/** Of nearly all objects nothing is gone: they share this. */
export const NOTHING_GONE: ReadonlySet<string> = new Set();

/** What this process knows of the last sync of an object. It holds no value. */
export interface SyncRecord {
  readonly uid: string;
  readonly syncedResourceVersion: string;
  readonly identityKey: string;
  /** The version that was written, by the id of its ref. */
  readonly versions: ReadonlyMap<string, SecretVersion>;
  /** Ids of the refs that AWS said are gone, so that nothing of them is in the target. */
  readonly gone: ReadonlySet<string>;
  readonly keys: readonly string[];
  readonly sourceHash: string;
  readonly end: SyncEnd;
  /** As it was after our write; undefined when there is no target to look after. */
  readonly targetResourceVersion: string | undefined;
  readonly syncedAtMs: number;
}

/** What the version index says of a secret. */
export interface Seen {
  readonly version: SecretVersion | undefined;
  readonly failure: KeyturnError | undefined;
  readonly checkedAtMs: number | undefined;
  /** An event has told of a change that was not looked at yet. */
  readonly announced?: object | undefined;
}

export interface Situation {
  readonly externalSecret: ExternalSecret;
  readonly store: StoreStanding;
  readonly target: SecretMetadata | undefined;
  readonly record: SyncRecord | undefined;
  /** The name of the hold under which deletions of this object wait; undefined when they do not. */
  readonly hold: string | undefined;
  readonly seen: (identityKey: string, ref: WatchedRef) => Seen | undefined;
}

/** What was read once is not read again because the ExternalSecret got a label: its copies are not looked at. */
export function wantedShape(
  { externalSecret }: Situation,
  refresh: Refresh,
  keys: readonly string[],
  sourceHash: string,
): TargetShape {
  const shape = targetShape(externalSecret, keys, sourceHash);
  return refresh.kind === 'createdOnce' ? withOwnMarksOnly(shape) : shape;
}
