/** One sync: read what is referred to, assemble the data, write the target if it differs. Nothing of it is kept. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import { assemble } from '../domain/assemble.ts';
import { type Answer, mayBeBackwards } from '../domain/backwards.ts';
import type { Plan, SyncRecord } from '../domain/plan.ts';
import type { Reference } from '../domain/references.ts';
import { refId } from '../domain/secret-ref.ts';
import { sourceHash } from '../domain/source-hash.ts';
import { referredStore } from '../domain/store-standing.ts';
import { creationPolicyOf, ownershipConflict, type TargetShape, targetKeyOf, targetShape } from '../domain/target.ts';
import { syncedResourceVersion } from '../domain/upstream-hash.ts';
import type { Clock } from '../ports/clock.ts';
import type { View } from '../ports/cluster.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { LogFields } from '../ports/log.ts';
import type { SecretReading, SecretRef } from '../ports/secret-source.ts';
import type { SecretData, SecretValue } from '../ports/secret-value.ts';
import type { VersionIndex } from '../rotation/version-index.ts';
import type { BackwardsGuard } from './backwards-guard.ts';
import { readReferences, versionOf } from './read-references.ts';
import type { StoreRegistry } from './store-registry.ts';
import type { TargetWriter, Written } from './target-writer.ts';

export interface SyncOptions {
  readonly view: View<Narrowed<ExternalSecret>>;
  readonly registry: StoreRegistry;
  readonly index: VersionIndex;
  readonly targets: TargetWriter;
  readonly guard: BackwardsGuard;
  readonly clock: Clock;
  /** Queues other ExternalSecrets whose secret turned out to have moved. */
  readonly onMoved: (keys: readonly string[]) => void;
}

export type SyncResult =
  | {
      readonly kind: 'synced';
      readonly record: SyncRecord;
      readonly wrote: Written['what'];
      readonly logFields: LogFields;
    }
  | { readonly kind: 'failed'; readonly error: KeyturnError; readonly field?: string }
  | { readonly kind: 'again'; readonly delayMs: number }
  /** The ExternalSecret, its store or its target changed while the values were read: nothing was written, the change decides. */
  | { readonly kind: 'overtaken' };

type SyncPlan = Extract<Plan, { kind: 'sync' }>;
type Readings = ReadonlyMap<string, SecretReading>;

/** Follows the versions of what is referred to. */
export function track(
  key: string,
  planned: Pick<SyncPlan, 'identityKey' | 'references' | 'refresh'>,
  { index, clock }: Pick<SyncOptions, 'index' | 'clock'>,
): void {
  const { identityKey, references, refresh } = planned;
  const intervalMs = refresh.kind === 'periodic' ? refresh.intervalMs : undefined;
  const uses = references.map(({ ref }) => ({
    identityKey,
    ref,
    // A version that is named by its id never has another value.
    intervalMs: ref.version.kind === 'id' ? undefined : intervalMs,
  }));
  index.track(key, uses, clock.nowMs());
}

/** Whether the object is still the one that was planned for. */
function isStillWanted(key: string, planned: ExternalSecret, { view }: SyncOptions): boolean {
  const now = view.get(key);
  if (now?.kind !== 'valid' || now.object.metadata.deletionTimestamp !== undefined) return false;
  const { metadata } = now.object;
  return (
    metadata.uid === planned.metadata.uid && syncedResourceVersion(metadata) === syncedResourceVersion(planned.metadata)
  );
}

/** Whether the target is still there to be merged into, and has not got another owner. */
function mayStillWrite(externalSecret: ExternalSecret, { targets }: SyncOptions): boolean {
  const target = targets.current(targetKeyOf(externalSecret));
  if (target === undefined) return creationPolicyOf(externalSecret) !== 'Merge';
  return ownershipConflict(externalSecret, target) === undefined;
}

function logFieldsOf(externalSecret: ExternalSecret, references: readonly Reference[], readings: Readings): LogFields {
  const { namespace, name } = externalSecret.metadata;
  const { kind = 'SecretStore', name: store = '' } = externalSecret.spec.secretStoreRef ?? {};
  const ids = references.map(({ ref }) => readings.get(refId(ref)));
  return {
    namespace,
    name,
    store: `${kind}/${store}`,
    versions: [...new Set(ids.map((reading) => reading?.versionId ?? ''))],
    awsRequestIds: [...new Set(ids.flatMap((reading) => reading?.requestId ?? []))],
  };
}

async function write(
  shape: TargetShape,
  data: SecretData,
  externalSecret: ExternalSecret,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<Written | KeyturnError | undefined> {
  if (creationPolicyOf(externalSecret) === 'None') return undefined;
  try {
    return await options.targets.write(shape, data, signal);
  } catch (error) {
    if (error instanceof KeyturnError && !signal.aborted) return error;
    throw error;
  }
}

/** Only an answer of which nothing is known can go backwards here: of all others the version index judges. */
function backwardsWaitMs(
  key: string,
  externalSecret: ExternalSecret,
  { because }: SyncPlan,
  answer: Answer,
  { targets, guard, clock }: SyncOptions,
): number {
  const isNews = because === 'first' || because === 'change';
  const target = targets.current(targetKeyOf(externalSecret));
  if (isNews && mayBeBackwards(externalSecret, target, answer)) {
    return guard.waitMs(key, answer.sourceHash, clock.nowMs());
  }
  guard.forget(key);
  return 0;
}

/** A value that was not read is a bug, and never an empty value. */
function valueIn(readings: Readings, ref: SecretRef): SecretValue {
  const reading = readings.get(refId(ref));
  if (reading === undefined) throw new Error('a secret is missing among those that were read');
  return reading.value;
}

/** From values that were read to a target that has them. */
async function apply(
  key: string,
  externalSecret: ExternalSecret,
  planned: SyncPlan,
  readings: Readings,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<SyncResult> {
  const assembled = assemble(planned.references, ({ ref }) => valueIn(readings, ref));
  if (assembled.kind === 'failed') return assembled;
  const { uid } = externalSecret.metadata;
  const version = syncedResourceVersion(externalSecret.metadata);
  const keys = [...assembled.data.keys()];
  const versions = planned.references.flatMap(({ ref }) => readings.get(refId(ref)) ?? []);
  const hash = sourceHash({ uid, syncedResourceVersion: version, versions, keys });
  if (!isStillWanted(key, externalSecret, options) || !mayStillWrite(externalSecret, options)) {
    return { kind: 'overtaken' };
  }
  const waitMs = backwardsWaitMs(key, externalSecret, planned, { versions, sourceHash: hash }, options);
  if (waitMs > 0) return { kind: 'again', delayMs: waitMs };
  // Nothing is left at AWS of what was asked for: the target stays as it is (deletionPolicy Retain).
  const written =
    keys.length === 0
      ? undefined
      : await write(targetShape(externalSecret, keys, hash), assembled.data, externalSecret, options, signal);
  if (written instanceof KeyturnError) return { kind: 'failed', error: written };
  const record: SyncRecord = {
    uid,
    syncedResourceVersion: version,
    identityKey: planned.identityKey,
    versions: new Map([...readings].map(([id, reading]) => [id, versionOf(reading)])),
    keys,
    sourceHash: hash,
    targetResourceVersion: written?.target.resourceVersion,
    syncedAtMs: options.clock.nowMs(),
  };
  const logFields = logFieldsOf(externalSecret, planned.references, readings);
  return { kind: 'synced', record, wrote: written?.what ?? 'unchanged', logFields };
}

export async function sync(
  key: string,
  externalSecret: ExternalSecret,
  planned: SyncPlan,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<SyncResult> {
  const { namespace } = externalSecret.metadata;
  const ref = externalSecret.spec.secretStoreRef;
  const storeKey = ref === undefined ? '' : referredStore(ref, namespace);
  const source = options.registry.source(storeKey);
  if (source === undefined) return { kind: 'overtaken' };
  track(key, planned, options);
  const { identityKey, references } = planned;
  const { index, clock, onMoved } = options;
  const result = await readReferences(
    { user: key, identityKey, references, source, index, nowMs: () => clock.nowMs(), onMoved },
    signal,
  );
  // The store changed meanwhile, which closed the source; that change has queued this key again.
  if (options.registry.source(storeKey) !== source) return { kind: 'overtaken' };
  switch (result.kind) {
    case 'failed':
      return result;
    case 'notYet':
      return { kind: 'again', delayMs: result.retryMs };
    case 'read':
      return await apply(key, externalSecret, planned, result.readings, options, signal);
  }
}
