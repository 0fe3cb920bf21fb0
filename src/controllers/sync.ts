/** One sync: read what is referred to, assemble the data, write the target if it differs. Nothing of it is kept. */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import { toleratesGone } from '../domain/deletion.ts';
import type { Plan } from '../domain/plan.ts';
import type { Recreated } from '../domain/recreated.ts';
import type { Reference } from '../domain/references.ts';
import { type AccessGate, sameGate, searchPermits, searchScope, typeAllowedBy } from '../domain/secret-access.ts';
import type { SyncRecord } from '../domain/situation.ts';
import type { StoreKey } from '../domain/store-standing.ts';
import { creationPolicyOf } from '../domain/target.ts';
import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { View } from '../ports/cluster.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { ExternalSecrets } from '../ports/external-secrets.ts';
import type { LogFields } from '../ports/log.ts';
import type { SecretSource } from '../ports/secret-source.ts';
import type { VersionIndex } from '../rotation/version-index.ts';
import { checkAccess } from './access-check.ts';
import type { AccessPolicies } from './access-policies.ts';
import { apply } from './apply.ts';
import { auditedReads, type Reads } from './audited-reads.ts';
import type { BackwardsGuard } from './backwards-guard.ts';
import { areCoherent } from './coherent-labels.ts';
import type { DeletionBrake, Hold } from './deletion-brake.ts';
import { type Answers, readReferences } from './read-references.ts';
import type { StoreRegistry } from './store-registry.ts';
import type { Target, Written } from './target.ts';

export interface SyncOptions {
  readonly view: View<Narrowed<ExternalSecret>>;
  readonly registry: StoreRegistry;
  readonly index: VersionIndex;
  readonly guard: BackwardsGuard;
  readonly deletions: DeletionBrake;
  readonly access: AccessPolicies;
  readonly externalSecrets: Pick<ExternalSecrets, 'isThere'>;
  readonly clock: Clock;
  /** @default nothing is recorded */
  readonly audit?: Audit | undefined;
  /** Queues other ExternalSecrets whose secret turned out to have moved. */
  readonly onMoved: (keys: readonly string[]) => void;
}

/** What is synced, and what is known of it. */
export interface SyncSubject {
  readonly key: string;
  readonly externalSecret: ExternalSecret;
  readonly target: Target;
  readonly record: SyncRecord | undefined;
  /** As it stands, our last write included. */
  readonly status: ExternalSecretStatus | undefined;
}

export type SyncResult =
  | {
      readonly kind: 'synced';
      readonly record: SyncRecord;
      readonly wrote: Written['what'] | 'deleted';
      /** Where the manifest names what is gone. */
      readonly missing: readonly string[];
      /** What had an earlier `spec.target.name`, and was deleted. */
      readonly orphans: readonly string[];
      readonly recreated: readonly Recreated[];
      readonly logFields: LogFields;
    }
  | { readonly kind: 'failed'; readonly error: KeyturnError; readonly field?: string }
  /** Nothing is taken from the target until it is confirmed. */
  | { readonly kind: 'held'; readonly hold: Hold }
  | { readonly kind: 'again'; readonly delayMs: number }
  /** The ExternalSecret, its store or its target changed while the values were read: nothing was written, the change decides. */
  | { readonly kind: 'overtaken' };

export type SyncPlan = Extract<Plan, { kind: 'sync' }>;

/** Follows the versions of what is referred to. */
export function track(
  key: string,
  planned: Pick<SyncPlan, 'references' | 'refresh'>,
  { index, clock }: Pick<SyncOptions, 'index' | 'clock'>,
): void {
  const { references, refresh } = planned;
  const intervalMs = refresh.kind === 'periodic' ? refresh.intervalMs : undefined;
  const uses = references.map(({ identityKey, ref }) => ({
    identityKey,
    ref,
    // A version that is named by its id never has another value.
    intervalMs: 'version' in ref && ref.version.kind === 'id' ? undefined : intervalMs,
  }));
  index.track(key, uses, clock.nowMs());
}

/** The sources of the stores that are read from; undefined when one is not there any more. */
function sourcesOf(references: SyncPlan['references'], registry: StoreRegistry): Sources | undefined {
  const sources = new Map<StoreKey, SecretSource>();
  for (const { storeKey } of references) {
    const source = registry.source(storeKey);
    if (source === undefined) return undefined;
    sources.set(storeKey, source);
  }
  return sources;
}

type Sources = ReadonlyMap<StoreKey, SecretSource>;

function sourceIn(sources: Sources, storeKey: StoreKey): SecretSource {
  const source = sources.get(storeKey);
  if (source === undefined) throw new Error(`nothing was opened for the store ${storeKey}`);
  return source;
}

/** Whether the policies are still those by which it was planned what may be read of searches; their change has queued the key. */
function isScopedBy(externalSecret: ExternalSecret, gate: AccessGate, references: SyncPlan['references']): boolean {
  return references.every(
    ({ ref, storeKey }) => !('query' in ref) || ref.query.scope === searchScope(externalSecret, gate, storeKey),
  );
}

interface ReadAnswers {
  readonly answers: Answers;
  readonly isCoherent: boolean;
  readonly sourceOf: (reference: Reference) => Reads;
  /** False once a store has changed, which closes its source; that change has queued the key again. */
  readonly areOpen: () => boolean;
}

/** By the policies as they are now: what was allowed when the read began may not be any more. */
async function applyPermitted(
  subject: SyncSubject,
  planned: SyncPlan,
  { answers, isCoherent, sourceOf, areOpen }: ReadAnswers,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<SyncResult> {
  const { externalSecret } = subject;
  const gateNow = () => options.access.gateOf(externalSecret.metadata.namespace);
  const gate = gateNow();
  if (gate.kind === 'unknown') return { kind: 'overtaken' };
  const check = { externalSecret, gate, references: planned.references, sourceOf };
  const checked = await checkAccess(check, answers, signal);
  if (checked.kind === 'failed') return checked;
  const isStillPermitted = () => areOpen() && sameGate(gateNow(), gate);
  const type = typeAllowedBy(externalSecret, gate, planned.references);
  const permitted = { answers: checked.answers, isCoherent, isStillPermitted, type };
  return await apply(subject, planned, permitted, options, signal);
}

/**
 * What an ExternalSecret owns goes with it, and may be told of before its owner is: two watches have no order between
 * them. Then there is nothing to put right, and nothing is read. Undefined where the sync goes on.
 */
async function withoutOwner(
  { externalSecret, target }: SyncSubject,
  { because }: SyncPlan,
  { externalSecrets }: SyncOptions,
  signal: AbortSignal,
): Promise<Extract<SyncResult, { kind: 'overtaken' | 'failed' }> | undefined> {
  const isGone = because === 'drift' && target.current() === undefined;
  if (!isGone || creationPolicyOf(externalSecret) !== 'Owner') return undefined;
  try {
    return (await externalSecrets.isThere(externalSecret.metadata, signal)) ? undefined : { kind: 'overtaken' };
  } catch (error) {
    if (error instanceof KeyturnError && !signal.aborted) return { kind: 'failed', error };
    throw error;
  }
}

export async function sync(
  subject: SyncSubject,
  planned: SyncPlan,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<SyncResult> {
  const { key, externalSecret } = subject;
  const { references } = planned;
  const { registry, index, clock, onMoved } = options;
  const ended = await withoutOwner(subject, planned, options, signal);
  if (ended !== undefined) return ended;
  const sources = sourcesOf(references, registry);
  if (sources === undefined) return { kind: 'overtaken' };
  track(key, planned, options);
  const mayBeGone = toleratesGone(externalSecret);
  const sourceOf = ({ storeKey }: Reference) =>
    auditedReads(options.audit, sourceIn(sources, storeKey), externalSecret, storeKey);
  const gate = options.access.gateOf(externalSecret.metadata.namespace);
  if (!isScopedBy(externalSecret, gate, references)) return { kind: 'overtaken' };
  const permitsOf = (reference: Reference) =>
    gate.kind === 'ruled' ? searchPermits(externalSecret, gate, reference) : undefined;
  const result = await readReferences(
    { user: key, references, mayBeGone, sourceOf, permitsOf, index, nowMs: () => clock.nowMs(), onMoved },
    signal,
  );
  const areOpen = () => sources.entries().every(([storeKey, source]) => registry.source(storeKey) === source);
  if (!areOpen()) return { kind: 'overtaken' };
  switch (result.kind) {
    case 'failed':
      return result;
    case 'notYet':
      return { kind: 'again', delayMs: result.retryMs };
    case 'read': {
      const { answers } = result;
      const isCoherent = await areCoherent(
        references,
        answers.readings,
        ({ storeKey }) => sourceIn(sources, storeKey),
        signal,
      );
      if (!areOpen()) return { kind: 'overtaken' };
      return await applyPermitted(subject, planned, { answers, isCoherent, sourceOf, areOpen }, options, signal);
    }
  }
}
