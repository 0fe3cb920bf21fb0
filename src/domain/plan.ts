/** What to do about one ExternalSecret, from everything that is known of it. Pure, and asked again whenever that changes. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { InvalidSpec, type KeyturnError, StoreNotReady } from '../ports/errors.ts';
import type { SecretRef, SecretVersion } from '../ports/secret-source.ts';
import { type Reference, referencesOf } from './references.ts';
import { intervalProblem, type Refresh, refreshOf } from './schedule.ts';
import { refId } from './secret-ref.ts';
import { sourceHash } from './source-hash.ts';
import type { StoreStanding } from './store-standing.ts';
import {
  creationPolicyOf,
  isIntact,
  knownKeys,
  ownershipConflict,
  ownFields,
  sourceHashAnnotationOf,
  type TargetShape,
  targetShape,
  withOwnMarksOnly,
} from './target.ts';
import { unsupportedField } from './unsupported.ts';
import { syncedResourceVersion } from './upstream-hash.ts';

/** What this process knows of the last sync of an object. It holds no value. */
export interface SyncRecord {
  readonly uid: string;
  readonly syncedResourceVersion: string;
  readonly identityKey: string;
  /** The version that was written, by the id of its ref. */
  readonly versions: ReadonlyMap<string, SecretVersion>;
  readonly keys: readonly string[];
  readonly sourceHash: string;
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
  readonly seen: (identityKey: string, ref: SecretRef) => Seen | undefined;
}

/**
 * `first`: nothing is known of an earlier sync, or not how old its versions were. `change`: the object or its
 * credentials are others than then. `drift`: somebody touched the target. `version`: AWS has another one.
 */
export type SyncReason = 'first' | 'change' | 'drift' | 'version';

export type Plan =
  /** Nothing to do and nothing to say: another controller's object, or its store is judged in a moment. */
  | { readonly kind: 'ignore'; readonly why: 'pendingStore' | 'otherClass' | 'deleting' }
  | { readonly kind: 'fail'; readonly error: KeyturnError }
  /** The target is as it was written, and the last look at its source failed. */
  | { readonly kind: 'sourceFailed'; readonly error: KeyturnError; readonly field: string }
  /** Merge, and there is nothing to merge into. */
  | { readonly kind: 'awaitTarget' }
  /** Everything is as it should be since `checkedAtMs`. */
  | { readonly kind: 'settled'; readonly refresh: Refresh; readonly checkedAtMs: number | undefined }
  /** An earlier process wrote the target, and of which versions it did is not known yet: look at these, and ask again. */
  | {
      readonly kind: 'look';
      readonly identityKey: string;
      readonly references: readonly Reference[];
      readonly refresh: Refresh;
    }
  /** An earlier process wrote the target from just the versions that AWS has. */
  | {
      readonly kind: 'takeUp';
      readonly record: SyncRecord;
      readonly refresh: Refresh;
      readonly checkedAtMs: number | undefined;
    }
  | {
      readonly kind: 'sync';
      readonly because: SyncReason;
      readonly identityKey: string;
      readonly references: readonly Reference[];
      readonly refresh: Refresh;
    };

/** A key that two entries of `data` would write: which of them is meant cannot be known (upstream section 1.2). */
function duplicateKey({ data = [] }: ExternalSecret['spec']): string | undefined {
  const seen = new Set<string>();
  return data.find(({ secretKey }) => seen.size === seen.add(secretKey).size)?.secretKey;
}

/** What AWS could only refuse, or would read as something else than what is written. */
function referenceProblem({ field, ref }: Reference): InvalidSpec | undefined {
  if (ref.key.length === 0 || ref.key.length > LONGEST_SECRET_ID) {
    return new InvalidSpec(`${field}: the key has ${ref.key.length} characters; AWS takes 1 to ${LONGEST_SECRET_ID}`);
  }
  if (ref.version.kind === 'id' && ref.version.versionId === '') {
    return new InvalidSpec(`${field}: version "uuid/" names no version; write its id after the slash`);
  }
  return undefined;
}

type SyncPlan = Extract<Plan, { kind: 'sync' }>;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
const LONGEST_SECRET_ID = 2048;

function specProblem({ spec }: ExternalSecret): InvalidSpec | undefined {
  const field = unsupportedField(spec);
  if (field !== undefined) {
    return new InvalidSpec(`${field} is not implemented by Keyturn yet; remove it, or see the README for what is`);
  }
  if ((spec.data ?? []).length === 0 && (spec.dataFrom ?? []).length === 0) {
    return new InvalidSpec('spec.data and spec.dataFrom are both empty; name at least one secret to sync');
  }
  const duplicate = duplicateKey(spec);
  if (duplicate !== undefined) {
    return new InvalidSpec(`spec.data names the secretKey "${duplicate}" twice; remove one of the two entries`);
  }
  const badReference = referencesOf(spec, '')
    .map(referenceProblem)
    .find((problem) => problem !== undefined);
  if (badReference !== undefined) return badReference;
  const empty = (spec.dataFrom ?? []).findIndex((entry) => entry.extract === undefined);
  if (empty !== -1) return new InvalidSpec(`spec.dataFrom[${empty}] has neither extract nor find`);
  if (!spec.secretStoreRef?.name)
    return new InvalidSpec('spec.secretStoreRef.name is missing; name the store to read from');
  return undefined;
}

type UnusableStore = Extract<StoreStanding, { kind: 'missing' | 'notReady' }>;

function storeProblem(externalSecret: ExternalSecret, store: UnusableStore): StoreNotReady {
  const { kind = 'SecretStore', name = '' } = externalSecret.spec.secretStoreRef ?? {};
  if (store.kind === 'notReady') return new StoreNotReady(`${kind} "${name}" is not ready: ${store.message}`);
  const where = kind === 'SecretStore' ? ` in namespace "${externalSecret.metadata.namespace}"` : '';
  return new StoreNotReady(`${kind} "${name}" does not exist${where}; create it or correct spec.secretStoreRef`);
}

/** The version that was written is still the one that AWS has, for every reference. */
function isCurrent(situation: Situation, record: SyncRecord, references: readonly Reference[]): boolean {
  return references.every(({ ref }) => {
    const seen = situation.seen(record.identityKey, ref);
    const written = record.versions.get(refId(ref));
    if (written === undefined) return false;
    return (
      seen?.version === undefined || (seen.version.versionId === written.versionId && seen.version.arn === written.arn)
    );
  });
}

/** False for what was taken up by its labels: whether another version is a newer one, the version index cannot tell. */
function isOfKnownAge({ versions }: SyncRecord): boolean {
  return versions.values().every(({ createdAtMs }) => createdAtMs !== undefined);
}

/** The target is as this process left it, or as its metadata says that it left it. */
function targetIsAsWritten(situation: Situation, record: SyncRecord, refresh: Refresh): boolean {
  const { target } = situation;
  if (record.targetResourceVersion === undefined) return true;
  if (target === undefined) return false;
  if (target.resourceVersion === record.targetResourceVersion) return true;
  return isIntact(target, wantedShape(situation, refresh, record.keys, record.sourceHash));
}

/** What was read once is not read again because the ExternalSecret got a label: its copies are not looked at. */
function wantedShape(
  { externalSecret }: Situation,
  refresh: Refresh,
  keys: readonly string[],
  sourceHash: string,
): TargetShape {
  const shape = targetShape(externalSecret, keys, sourceHash);
  return refresh.kind === 'createdOnce' ? withOwnMarksOnly(shape) : shape;
}

function checkedSince(situation: Situation, record: SyncRecord, references: readonly Reference[]): number {
  const times = references.map(({ ref }) => situation.seen(record.identityKey, ref)?.checkedAtMs ?? record.syncedAtMs);
  return Math.min(...times);
}

/** What an earlier process left on a target that is still as it wrote it: the names of the keys, and the hash of their source. */
interface Leftover {
  readonly target: SecretMetadata;
  readonly keys: readonly string[];
  readonly sourceHash: string;
}

function leftover(situation: Situation, refresh: Refresh): Leftover | undefined {
  const { externalSecret, target } = situation;
  const hash = target?.annotations[sourceHashAnnotationOf(externalSecret)];
  if (target === undefined || hash === undefined || creationPolicyOf(externalSecret) === 'None') return undefined;
  const shape = wantedShape(situation, refresh, [], hash);
  const own = ownFields(target, shape.fieldManager);
  // Keys that were there before with the same values stay their first owner's: of a whole Secret all are ours.
  const keys = shape.isWhole ? knownKeys(target) : (own?.dataKeys ?? []);
  return isIntact(target, { ...shape, keys }) ? { target, keys, sourceHash: hash } : undefined;
}

/** An object that is not polled is taken at the word of its status and its target. */
function isSettledByStatus(situation: Situation, refresh: Refresh): boolean {
  const { externalSecret } = situation;
  const { status } = externalSecret;
  if (!status?.syncedResourceVersion || !status.refreshTime) return false;
  if (refresh.kind === 'onChange' && status.syncedResourceVersion !== syncedResourceVersion(externalSecret.metadata)) {
    return false;
  }
  return creationPolicyOf(externalSecret) === 'None' || leftover(situation, refresh) !== undefined;
}

/**
 * After a restart nothing is known of the last sync but what the status and the target say. Of an object that is polled
 * the versions are looked at, which its turn of the sweep would do anyway; the values are read only where the hash on the
 * target is another one than these versions give.
 */
function afterRestart(situation: Situation, sync: Omit<SyncPlan, 'because'>): Plan {
  const { externalSecret } = situation;
  const { refresh, references, identityKey } = sync;
  const first: Plan = { ...sync, because: 'first' };
  if (refresh.kind !== 'periodic') {
    return isSettledByStatus(situation, refresh) ? { kind: 'settled', refresh, checkedAtMs: undefined } : first;
  }
  const { uid } = externalSecret.metadata;
  const version = syncedResourceVersion(externalSecret.metadata);
  const left = externalSecret.status?.syncedResourceVersion === version ? leftover(situation, refresh) : undefined;
  if (left === undefined || left.keys.length === 0) return first;
  const looks = references.map(({ ref, field }) => ({ ref, field, seen: situation.seen(identityKey, ref) }));
  const failed = looks.find(({ seen }) => seen?.failure !== undefined);
  if (failed?.seen?.failure !== undefined) {
    return { kind: 'sourceFailed', error: failed.seen.failure, field: failed.field };
  }
  if (looks.some(({ seen }) => seen?.announced !== undefined)) return first;
  const versions = looks.flatMap(({ seen }) => seen?.version ?? []);
  // A version that is named by its id is not polled for, so that nobody would look at it: it is read.
  if (looks.some(({ ref, seen }) => ref.version.kind === 'id' && seen?.version === undefined)) return first;
  if (versions.length < references.length) return { kind: 'look', identityKey, references, refresh };
  // A label alone, which has no time, does not prove that this identity may read what it points to.
  if (versions.some(({ createdAtMs }) => createdAtMs === undefined)) return first;
  const hash = sourceHash({ uid, syncedResourceVersion: version, versions, keys: left.keys });
  if (hash !== left.sourceHash) return first;
  const checkedAtMs = Math.min(...looks.map(({ seen }) => seen?.checkedAtMs ?? 0));
  const record: SyncRecord = {
    uid,
    syncedResourceVersion: version,
    identityKey,
    versions: new Map(
      references.flatMap(({ ref }, at) => {
        const seen = versions[at];
        return seen === undefined ? [] : [[refId(ref), seen]];
      }),
    ),
    keys: left.keys,
    sourceHash: hash,
    targetResourceVersion: left.target.resourceVersion,
    syncedAtMs: checkedAtMs,
  };
  return { kind: 'takeUp', record, refresh, checkedAtMs };
}

/** Why what is known to have been synced has to be synced again, or undefined. */
function reasonToSync(
  situation: Situation,
  record: SyncRecord,
  { identityKey, refresh }: Pick<SyncPlan, 'identityKey' | 'refresh'>,
): SyncReason | undefined {
  const version = syncedResourceVersion(situation.externalSecret.metadata);
  if (refresh.kind !== 'createdOnce' && record.syncedResourceVersion !== version) return 'change';
  if (!targetIsAsWritten(situation, record, refresh)) return 'drift';
  return refresh.kind === 'periodic' && record.identityKey !== identityKey ? 'change' : undefined;
}

function settledOrSync(situation: Situation, sync: Omit<SyncPlan, 'because'>): Plan {
  const { externalSecret, record } = situation;
  const { refresh, references, identityKey } = sync;
  if (record === undefined || record.uid !== externalSecret.metadata.uid) return afterRestart(situation, sync);
  const because = reasonToSync(situation, record, sync);
  if (because !== undefined) return { ...sync, because };
  if (refresh.kind !== 'periodic') return { kind: 'settled', refresh, checkedAtMs: undefined };
  const looks = references.map(({ ref, field }) => ({ field, seen: situation.seen(identityKey, ref) }));
  if (looks.some(({ seen }) => seen?.announced !== undefined)) return { ...sync, because: 'version' };
  for (const { field, seen } of looks) {
    const failure = seen?.failure;
    if (failure !== undefined) return { kind: 'sourceFailed', error: failure, field };
  }
  if (!isCurrent(situation, record, references))
    return { ...sync, because: isOfKnownAge(record) ? 'version' : 'first' };
  return { kind: 'settled', refresh, checkedAtMs: checkedSince(situation, record, references) };
}

/** The checks in the order in which a user would want to be told. */
export function plan(situation: Situation): Plan {
  const { externalSecret, store, target } = situation;
  const { metadata, spec } = externalSecret;
  if (store.kind === 'otherClass') return { kind: 'ignore', why: 'otherClass' };
  if (metadata.deletionTimestamp !== undefined) {
    // What is another operator's is left to it, its finalizer included.
    return { kind: 'ignore', why: store.kind === 'pending' ? 'pendingStore' : 'deleting' };
  }
  const refresh = refreshOf(spec);
  if (refresh === undefined) return { kind: 'fail', error: intervalProblem(spec) };
  const problem = specProblem(externalSecret);
  if (problem !== undefined) return { kind: 'fail', error: problem };
  if (store.kind === 'pending') return { kind: 'ignore', why: 'pendingStore' };
  if (store.kind !== 'ready') return { kind: 'fail', error: storeProblem(externalSecret, store) };
  const conflict = target && ownershipConflict(externalSecret, target);
  if (conflict !== undefined) return { kind: 'fail', error: conflict };
  if (target === undefined && creationPolicyOf(externalSecret) === 'Merge') return { kind: 'awaitTarget' };
  const references = referencesOf(spec, store.keyPrefix);
  return settledOrSync(situation, { kind: 'sync', identityKey: store.identityKey, references, refresh });
}
