/** What to do about one ExternalSecret, from everything that is known of it. Pure, and asked again whenever that changes. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { DATA_HASH_ANNOTATION } from '../api/groups.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { type KeyturnError, StoreNotReady } from '../ports/errors.ts';
import { isAsLeft } from './adoption.ts';
import { deletionPolicyOf } from './deletion.ts';
import { isConfirmed } from './deletion-brake.ts';
import { frozenProblem, isFrozen } from './immutable-target.ts';
import { leftoverOfNow, recordOf } from './leftover.ts';
import { failedLook, isCurrent, type Look, looksAt } from './look.ts';
import { type Reference, referencesOf } from './references.ts';
import { intervalProblem, type Refresh, refreshOf } from './schedule.ts';
import { accessByKey, searchedBy, searchScope } from './secret-access.ts';
import { type Facts, type Situation, type SyncRecord, wantedShape } from './situation.ts';
import { specProblem } from './spec-problem.ts';
import type { StoreStanding } from './store-standing.ts';
import { creationPolicyOf, isIntact, markOf, ownershipConflict, type TargetShape } from './target.ts';
import { absentTemplates, knownTemplateVersions, TEMPLATE_FROM, templateProblem } from './template-sources.ts';
import { unpolledStanding } from './unpolled.ts';
import { syncedResourceVersion } from './upstream-hash.ts';
import { DEFAULT_STORE, storesNamedBy, storesReadBy, type UsedStore } from './used-stores.ts';
import { isMarkedWith } from './version-mark.ts';

/**
 * `first`: nothing is known of an earlier sync. `change`: the object or its credentials are others than then.
 * `drift`: somebody touched the target. `version`: AWS has another one. `template`: one that is kept elsewhere changed.
 */
export type SyncReason = 'first' | 'change' | 'drift' | 'version' | 'template';

export type Plan =
  /** Nothing to do and nothing to say: another controller's object, or its store is judged in a moment. */
  | { readonly kind: 'ignore'; readonly why: 'pendingStore' | 'otherClass' | 'deleting' }
  /** The labels of the namespace are not known: `question` is what they decide. */
  | { readonly kind: 'ignore'; readonly why: 'pendingLabels'; readonly question: string }
  | { readonly kind: 'fail'; readonly error: KeyturnError; readonly field?: string }
  /** The target is as it was written, and the last look at its source failed. */
  | { readonly kind: 'sourceFailed'; readonly error: KeyturnError; readonly field: string }
  /** Sources are gone, and taking them from the target waits until that is confirmed. */
  | {
      readonly kind: 'held';
      readonly hold: string;
      readonly gone: readonly Reference[];
      readonly references: readonly Reference[];
      readonly refresh: Refresh;
    }
  /** AWS has something else than what was written, and the target is immutable. */
  | { readonly kind: 'frozen'; readonly error: KeyturnError }
  /** Merge, and there is nothing to merge into. */
  | { readonly kind: 'awaitTarget' }
  /** AWS may have something else than what was written, and no window for that is open before `askAgainMs`. */
  | { readonly kind: 'closed'; readonly refresh: Refresh; readonly askAgainMs: number }
  /** Everything is as it should be since `checkedAtMs`. */
  | { readonly kind: 'settled'; readonly refresh: Refresh; readonly checkedAtMs: number | undefined }
  /** An earlier process wrote the target, and of which versions it did is not known yet: look at these, and ask again. */
  | {
      readonly kind: 'look';
      readonly references: readonly Reference[];
      readonly refresh: Refresh;
    }
  /** Another operator has synced the object, which is not to be read again: its target is marked as known. */
  | {
      readonly kind: 'adopt';
      readonly shape: TargetShape;
      readonly refresh: Refresh;
      readonly checkedAtMs: number | undefined;
    }
  /** Whether somebody has edited the target since another operator wrote it, one look at its data has to tell. */
  | { readonly kind: 'inspect'; readonly target: SecretMetadata }
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
      readonly references: readonly Reference[];
      readonly refresh: Refresh;
    };

type SyncPlan = Extract<Plan, { kind: 'sync' }>;

/** What to do about an object that is served. */
type Served = Exclude<Plan, { kind: 'ignore' }>;

type UnusableStore = Extract<StoreStanding, { kind: 'missing' | 'notReady' | 'denied' }>;

function storeProblem({ metadata }: ExternalSecret, { ref, field }: UsedStore, store: UnusableStore): StoreNotReady {
  const { kind = 'SecretStore', name = '' } = ref;
  const place = field === DEFAULT_STORE ? '' : `${field}: `;
  if (store.kind === 'denied') return new StoreNotReady(`${place}${store.message}`);
  if (store.kind === 'notReady') return new StoreNotReady(`${place}${kind} "${name}" is not ready: ${store.message}`);
  const where = kind === 'SecretStore' ? ` in namespace "${metadata.namespace}"` : '';
  return new StoreNotReady(`${place}${kind} "${name}" does not exist${where}; create it or correct ${field}`);
}

function undecidedUse({ metadata }: ExternalSecret, { ref, field }: UsedStore): Hindrance {
  const { kind = 'SecretStore', name = '' } = ref;
  const question = `whether namespace "${metadata.namespace}" may use ${kind} "${name}" (${field})`;
  return { kind: 'ignore', why: 'pendingLabels', question };
}

/** What the stores mean for the object, before anything else of it is looked at. */
function notOurs({ externalSecret, storeOf }: Facts): Hindrance | undefined {
  const standings = storesNamedBy(externalSecret).map(({ storeKey }) => storeOf(storeKey).kind);
  if (standings.includes('otherClass')) return { kind: 'ignore', why: 'otherClass' };
  if (externalSecret.metadata.deletionTimestamp === undefined) return undefined;
  // What is another operator's is left to it, its finalizer included.
  return { kind: 'ignore', why: standings.includes('pending') ? 'pendingStore' : 'deleting' };
}

/** Why an object is not served, whatever its target is like. */
export type Hindrance = Extract<Plan, { kind: 'ignore' | 'fail' }>;

type Bound = ReadonlyMap<string, Extract<StoreStanding, { kind: 'ready' }>>;

/** An object that can be served once its target is known. */
export interface Servable {
  readonly kind: 'servable';
  readonly refresh: Refresh;
  readonly references: readonly Reference[];
}

/** The stores that are read from, if all of them can be. */
function usableStores({ externalSecret, storeOf }: Facts): Bound | Hindrance {
  const ready = new Map<string, Extract<StoreStanding, { kind: 'ready' }>>();
  const used = storesReadBy(externalSecret).map((store) => ({ store, standing: storeOf(store.storeKey) }));
  if (used.some(({ standing }) => standing.kind === 'pending')) return { kind: 'ignore', why: 'pendingStore' };
  for (const { store, standing } of used) {
    if (standing.kind === 'undecided') return undecidedUse(externalSecret, store);
    if (standing.kind === 'ready') ready.set(store.storeKey, standing);
    else if (standing.kind !== 'pending' && standing.kind !== 'otherClass') {
      return { kind: 'fail', error: storeProblem(externalSecret, store, standing) };
    }
  }
  return ready;
}

function boundStore(stores: Bound, storeKey: string): Extract<StoreStanding, { kind: 'ready' }> {
  const store = stores.get(storeKey);
  if (store === undefined) throw new Error(`the store ${storeKey} was not looked at before it is used`);
  return store;
}

/** The target is as this process left it, or as its metadata says that it left it. */
function targetIsAsWritten(situation: Situation, record: SyncRecord, refresh: Refresh): boolean {
  const { target } = situation;
  if (record.targetResourceVersion === undefined) return true;
  if (target === undefined) return false;
  const isPolled = refresh.kind !== 'createdOnce';
  if (isPolled && !isMarkedWith(situation.externalSecret, target, record.versions.values())) return false;
  if (target.resourceVersion === record.targetResourceVersion) return true;
  return isIntact(target, wantedShape(situation, refresh, record.keys, record.sourceHash));
}

/** Why what is known to have been synced has to be synced again whatever its sources are like, or undefined. */
function reasonToSync(
  situation: Situation,
  record: SyncRecord,
  { references, refresh }: Pick<SyncPlan, 'references' | 'refresh'>,
): SyncReason | undefined {
  const version = syncedResourceVersion(situation.externalSecret.metadata);
  if (refresh.kind !== 'createdOnce' && record.syncedResourceVersion !== version) return 'change';
  if (record.access !== searchedBy(situation.access, references)) return 'change';
  return targetIsAsWritten(situation, record, refresh) ? undefined : 'drift';
}

/** With the same credentials. */
function isReadAsBefore(references: readonly Reference[], { versions, gone }: SyncRecord): boolean {
  return references.every(({ id, identityKey }) => {
    const before = versions.get(id) ?? gone.get(id);
    return before === undefined || before.identityKey === identityKey;
  });
}

/** When the oldest of what was written was last found to be what AWS has; what is gone has no such time. */
function checkedSince(looks: readonly Look[], record: SyncRecord): number {
  const times = looks.filter(({ state }) => state.kind !== 'gone').map((look) => look.checkedAtMs ?? record.syncedAtMs);
  return times.length === 0 ? record.syncedAtMs : Math.min(...times);
}

/** What AWS has is not what was written. */
function onMove(situation: Situation, sync: Omit<SyncPlan, 'because'>, looks: readonly Look[]): Served {
  const { externalSecret, record, target, hold } = situation;
  const { references, refresh } = sync;
  const gone = references.filter((_, at) => looks[at]?.state.kind === 'gone');
  const hasLost = gone.some(({ id }) => record?.gone.has(id) !== true);
  if (hasLost && hold !== undefined && !isConfirmed(externalSecret, hold)) {
    return { kind: 'held', hold, gone, references, refresh };
  }
  const isLost = deletionPolicyOf(externalSecret) === 'Delete' && looks.every(({ state }) => state.kind === 'gone');
  if (isFrozen(externalSecret, target) && !isLost) return { kind: 'frozen', error: frozenProblem(externalSecret) };
  return { ...sync, because: 'version' };
}

/** False for what has no time: whether another version is a newer one, the version index cannot tell. */
function isOfKnownAge({ versions }: SyncRecord): boolean {
  return versions.values().every(({ createdAtMs }) => createdAtMs !== undefined);
}

/** A version that is named by its id is not polled for, so that nobody would look at it. */
function isNamedById({ ref }: Reference): boolean {
  return 'version' in ref && ref.version.kind === 'id';
}

/** A label alone, which has no time, does not prove that this identity may read what it points to. */
function isUnproven({ state }: Look): boolean {
  return state.kind === 'version' && state.version.createdAtMs === undefined;
}

/** What has only moved at its source waits for a window (upstream section 2.2); all else does not. */
function gated({ gate }: Situation, decided: Served): Served {
  if (decided.kind !== 'sync' || gate.kind !== 'closed') return decided;
  return { kind: 'closed', refresh: decided.refresh, askAgainMs: gate.askAgainMs };
}

/** Whether a template that is kept elsewhere is known to be another one than was rendered; without a write none was. */
function hasOtherTemplates({ externalSecret, templateStanding }: Situation, record: SyncRecord): boolean {
  if (record.end !== 'written') return false;
  const known = knownTemplateVersions(externalSecret.spec.target?.template, templateStanding);
  return known !== undefined && known.join() !== record.templates.join();
}

function settledOrSync(situation: Situation, sync: Omit<SyncPlan, 'because'>): Served {
  const { externalSecret, record } = situation;
  const { refresh, references } = sync;
  const looks = looksAt(situation, references);
  if (record === undefined || record.uid !== externalSecret.metadata.uid) {
    return afterRestart(situation, sync, looks);
  }
  const because = reasonToSync(situation, record, sync);
  if (because !== undefined) return whenChanged(situation, { ...sync, because });
  if (refresh.kind !== 'periodic') return { kind: 'settled', refresh, checkedAtMs: undefined };
  if (!isReadAsBefore(references, record)) return gated(situation, { ...sync, because: 'change' });
  if (looks.some(({ isAnnounced }) => isAnnounced)) return gated(situation, { ...sync, because: 'version' });
  const failed = failedLook(looks);
  if (failed !== undefined) return { kind: 'sourceFailed', ...failed };
  if (hasOtherTemplates(situation, record)) return gated(situation, { ...sync, because: 'template' });
  if (!looks.every((look) => isCurrent(look, record))) {
    const moved = onMove(situation, sync, looks);
    return gated(situation, moved.kind === 'sync' && !isOfKnownAge(record) ? { ...sync, because: 'first' } : moved);
  }
  return { kind: 'settled', refresh, checkedAtMs: checkedSince(looks, record) };
}

function unpolled(situation: Situation, sync: SyncPlan): Served {
  const { refresh } = sync;
  const standing = unpolledStanding(situation, refresh);
  // Nothing is read, so that the values are as old as they were.
  const checkedAtMs = Date.parse(situation.externalSecret.status?.refreshTime ?? '');
  switch (standing.kind) {
    case 'unsynced':
      return sync;
    case 'settled':
      return { kind: 'settled', refresh, checkedAtMs };
    case 'adopt':
      return { ...standing, refresh, checkedAtMs };
    case 'inspect':
      return standing;
  }
}

/** Where nothing is polled a data-hash on the target tells whether its data was touched: it is asked before anything is read anew. */
function whenChanged(situation: Situation, sync: SyncPlan): Served {
  const isHashed = situation.target?.annotations[DATA_HASH_ANNOTATION] !== undefined;
  const isSuspect = sync.because === 'drift' && sync.refresh.kind !== 'periodic';
  return isSuspect && isHashed ? unpolled(situation, sync) : sync;
}

/** Another operator has synced the object as it is now, and nobody has touched the target since: only the source may have moved. */
function isLeftByAnother({ externalSecret, target }: Situation): boolean {
  const { metadata, status } = externalSecret;
  if (target === undefined || markOf(externalSecret, target) !== undefined) return false;
  return status?.syncedResourceVersion === syncedResourceVersion(metadata) && isAsLeft(externalSecret, target);
}

/**
 * After a restart nothing is known of the last sync but what the status and the target say. Of an object that is polled
 * the versions are looked at, which its turn of the sweep would do anyway; the values are read only where the hash on the
 * target is another one than these versions give.
 */
function afterRestart(situation: Situation, sync: Omit<SyncPlan, 'because'>, looks: readonly Look[]): Served {
  const { externalSecret } = situation;
  const { refresh, references } = sync;
  const first = { ...sync, because: 'first' } as const;
  if (refresh.kind !== 'periodic') return unpolled(situation, first);
  const left = leftoverOfNow(situation, refresh);
  if (left === undefined) return isLeftByAnother(situation) ? gated(situation, first) : first;
  if (looks.some(({ isAnnounced }) => isAnnounced)) return gated(situation, first);
  const failed = failedLook(looks);
  if (failed !== undefined) return { kind: 'sourceFailed', ...failed };
  const templates = knownTemplateVersions(externalSecret.spec.target?.template, situation.templateStanding);
  if (templates === undefined) return gated(situation, first);
  const unknown = references.filter((_, at) => looks[at]?.state.kind === 'unknown');
  if (unknown.some(isNamedById)) return gated(situation, first);
  if (unknown.length > 0) return { kind: 'look', references, refresh };
  if (looks.some(isUnproven)) return gated(situation, first);
  const record = recordOf(situation, left, references, looks, templates);
  if (record !== undefined) return { kind: 'takeUp', record, refresh, checkedAtMs: record.syncedAtMs };
  const moved = onMove(situation, sync, looks);
  return gated(situation, moved.kind === 'sync' ? first : moved);
}

/** What no policy allows is not read, whatever was read before. */
function refusedAccess({ externalSecret, access }: Facts, references: readonly Reference[]): Hindrance | undefined {
  if (access.kind === 'unknown') {
    const question = `which SecretAccessPolicies select namespace "${externalSecret.metadata.namespace}"`;
    return { kind: 'ignore', why: 'pendingLabels', question };
  }
  for (const reference of references) {
    const answer = accessByKey(externalSecret, access, reference);
    if (answer.kind === 'denied') return { kind: 'fail', error: answer.error, field: reference.field };
  }
  return undefined;
}

/** What can be told before the target is looked at, in the order in which a user would want to be told. */
export function judge(facts: Facts): Hindrance | Servable {
  const { externalSecret } = facts;
  const ignored = notOurs(facts);
  if (ignored !== undefined) return ignored;
  const refresh = refreshOf(externalSecret.spec);
  if (refresh === undefined) return { kind: 'fail', error: intervalProblem(externalSecret.spec) };
  const problem = specProblem(externalSecret, facts.allowsGeneric);
  if (problem !== undefined) return { kind: 'fail', error: problem };
  if (facts.gate.kind === 'invalid') return { kind: 'fail', error: facts.gate.error };
  const stores = usableStores(facts);
  if ('kind' in stores) return stores;
  const references = referencesOf(externalSecret, (storeKey) => ({
    ...boundStore(stores, storeKey),
    searchScope: searchScope(externalSecret, facts.access, storeKey),
  }));
  return refusedAccess(facts, references) ?? { kind: 'servable', refresh, references };
}

export function plan(situation: Situation, { refresh, references }: Servable): Served {
  const { externalSecret, target } = situation;
  const conflict = target && ownershipConflict(externalSecret, target);
  if (conflict !== undefined) return { kind: 'fail', error: conflict };
  if (target === undefined && creationPolicyOf(externalSecret) === 'Merge') return { kind: 'awaitTarget' };
  const absent = absentTemplates(externalSecret.spec.target?.template, situation.templateStanding);
  if (absent.length > 0) return { kind: 'fail', error: templateProblem(absent, true), field: TEMPLATE_FROM };
  return settledOrSync(situation, { kind: 'sync', references, refresh });
}
