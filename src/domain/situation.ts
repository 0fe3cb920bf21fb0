/** Everything that is known of one ExternalSecret when it is decided what to do about it. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import type { KeyturnError } from '../ports/errors.ts';
import type { SecretVersion, WatchedRef } from '../ports/secret-source.ts';
import type { Reference, SourceName } from './references.ts';
import type { Refresh } from './schedule.ts';
import type { AccessGate } from './secret-access.ts';
import type { StoreKey, StoreStanding } from './store-standing.ts';
import type { RefreshGate } from './sync-windows.ts';
import { type TargetShape, targetShape, withOwnMarksOnly } from './target.ts';
import type { TemplateStandings } from './template-sources.ts';
import type { VersionMark } from './version-mark.ts';

/**
 * What became of the target: `written`; `retained`, because AWS answered and there was nothing to write; `deleted`,
 * because all its sources are gone; `left`, because they are and the Secret is not this ExternalSecret's.
 */
export type SyncEnd = 'written' | 'retained' | 'deleted' | 'left';

/** A source that AWS said is gone. */
export interface GoneSource extends SourceName {
  /** The ARN that it had; absent where it was never read. */
  readonly arn?: string;
}

/** Of nearly all objects nothing is gone: they share this. */
const NOTHING_GONE: ReadonlyMap<string, GoneSource> = new Map();

/** The version of a source that a target was written from, and whose source it is. */
export interface WrittenVersion extends SourceName, SecretVersion {}

/** What may be kept of a version: which secrets a search found is the version index's to know. */
export function writtenVersion(
  { identityKey, refId }: SourceName,
  { arn, versionId, createdAtMs }: SecretVersion,
): WrittenVersion {
  return { identityKey, refId, arn, versionId, createdAtMs };
}

/** By the ids of the references. @param before what was known when they were there */
export function goneSources(
  references: readonly Reference[],
  before?: Pick<SyncRecord, 'versions' | 'gone'>,
): SyncRecord['gone'] {
  if (references.length === 0) return NOTHING_GONE;
  return new Map(
    references.map(({ id, identityKey, refId }) => {
      const known = before?.versions.get(id) ?? before?.gone.get(id);
      const arn = known?.identityKey === identityKey ? known.arn : undefined;
      return [id, { identityKey, refId, ...(arn !== undefined && { arn }) }];
    }),
  );
}

/** What this process knows of the last sync of an object. It holds no value. */
export interface SyncRecord {
  readonly uid: string;
  readonly syncedResourceVersion: string;
  /** The version that was written, by the id of the reference. */
  readonly versions: ReadonlyMap<string, WrittenVersion>;
  /** Sources that AWS said are gone, by the ids of the references, so that nothing of them is in the target. */
  readonly gone: ReadonlyMap<string, GoneSource>;
  readonly keys: readonly string[];
  /** Versions of the objects that templates were taken from. */
  readonly templates: readonly string[];
  /** The policies by which what a search found was let through; empty where nothing was searched for. */
  readonly access: string;
  readonly sourceHash: string;
  /** What the target says of its versions; absent where nobody asks for it. */
  readonly versionMark?: VersionMark;
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

/** What is known without a look at the target. */
export interface Facts {
  readonly externalSecret: ExternalSecret;
  /** Whether targets may be other than Secrets. */
  readonly allowsGeneric: boolean;
  readonly storeOf: (storeKey: StoreKey) => StoreStanding;
  readonly record: SyncRecord | undefined;
  /** The name of the hold under which deletions of this object wait; undefined when they do not. */
  readonly hold: string | undefined;
  readonly seen: (identityKey: string, ref: WatchedRef) => Seen | undefined;
  readonly templateStanding: TemplateStandings;
  /** Whether values may be read again for no other reason than that time has passed or something else has moved. */
  readonly gate: RefreshGate;
  /** What SecretAccessPolicies allow the namespace. */
  readonly access: AccessGate;
}

export interface Situation extends Facts {
  /** In the terms of a Secret, whatever its kind. */
  readonly target: SecretMetadata | undefined;
  /** What one look at the data of this very target told of its data-hash; undefined where there was none. */
  readonly inspected?: 'asHashed' | 'edited' | undefined;
}

/**
 * What was read once is not read again because the ExternalSecret got a label: its copies are not looked at. Nor are the
 * labels and annotations that a template gives, since they are known only when it is rendered.
 */
export function wantedShape(
  { externalSecret }: Situation,
  refresh: Refresh,
  keys: readonly string[],
  sourceHash: string,
): TargetShape {
  const shape = targetShape(externalSecret, keys, sourceHash);
  const isTemplated = externalSecret.spec.target?.template !== undefined;
  return isTemplated || refresh.kind === 'createdOnce' ? withOwnMarksOnly(shape) : shape;
}
