/** Reconciles a ClusterExternalSecret: its ExternalSecrets in the namespaces that it selects, told in its status. */

import type { ClusterExternalSecret } from '../api/cluster-external-secret.ts';
import type { ExternalSecret } from '../api/external-secret.ts';
import { CLUSTER_EXTERNAL_SECRET, ESO_CLUSTER_EXTERNAL_SECRET_FINALIZER } from '../api/groups.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { NamespacedObjectMeta, ObjectMeta } from '../api/object-meta.ts';
import {
  type ClusterExternalSecretPlan,
  type NamespaceFailures,
  type PresentExternalSecret,
  planClusterExternalSecret,
  refusedStatus,
  type Step,
  sameClusterStatus,
  statusOf,
  takenNamespaces,
} from '../domain/cluster-external-secret.ts';
import { DONE, type Next } from '../loop/reconcile.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectIdentity, Statuses, View } from '../ports/cluster.ts';
import { ClusterConflict, ClusterNotFound, ClusterUnavailable, InvalidSpec, KeyturnError } from '../ports/errors.ts';
import type { ExternalSecrets, NamespaceMetadata } from '../ports/external-secrets.ts';
import type { Log } from '../ports/log.ts';
import { RepairBrake } from './repair-brake.ts';
import type { ReverseIndex } from './reverse-index.ts';
import { releaseFinalizer } from './upstream-finalizer.ts';

/** Writes of one ClusterExternalSecret at the same time. */
const CONCURRENT_WRITES = 8;

export interface ClusterExternalSecretOptions {
  readonly view: View<Narrowed<ClusterExternalSecret>>;
  readonly namespaces: View<NamespaceMetadata>;
  readonly externalSecretView: View<Narrowed<ExternalSecret>>;
  /** From the name of a ClusterExternalSecret to the keys of the ExternalSecrets that it controls. */
  readonly owned: ReverseIndex;
  readonly externalSecrets: ExternalSecrets;
  readonly statuses: Statuses;
  readonly clock: Clock;
  readonly log: Log;
}

/** What became of the steps of a plan. */
interface Results {
  readonly provisioned: Set<string>;
  readonly failures: Map<string, string>;
  /** The first failure after which trying again makes sense. */
  retry: KeyturnError | undefined;
  /** How long until what the brake held back may be done; undefined where it held nothing. */
  brakedMs: number | undefined;
}

export class ClusterExternalSecretReconciler {
  readonly #options: ClusterExternalSecretOptions;
  readonly #brakes = new Map<string, RepairBrake>();

  constructor(options: ClusterExternalSecretOptions) {
    this.#options = options;
  }

  /** What a deleted object made goes by its owner references. */
  async reconcile(name: string, signal: AbortSignal): Promise<Next> {
    const entry = this.#options.view.get(name);
    if (entry === undefined || entry.kind === 'unreadable') {
      this.forget(name);
      return DONE;
    }
    const meta = entry.kind === 'valid' ? entry.object.metadata : entry.meta;
    if (meta.deletionTimestamp !== undefined) return await this.#release(meta, signal);
    if (entry.kind === 'invalid') return await this.#refuse(meta, undefined, new InvalidSpec(entry.problem), signal);
    return await this.#provision(entry.object, signal);
  }

  forget(name: string): void {
    this.#brakes.delete(name);
  }

  async #release(meta: ObjectMeta, signal: AbortSignal): Promise<Next> {
    const { statuses } = this.#options;
    await releaseFinalizer(statuses, identityOf(meta), meta, ESO_CLUSTER_EXTERNAL_SECRET_FINALIZER, signal);
    return DONE;
  }

  async #provision(object: ClusterExternalSecret, signal: AbortSignal): Promise<Next> {
    let plan: ClusterExternalSecretPlan;
    try {
      plan = this.#plan(object);
    } catch (error) {
      if (!(error instanceof InvalidSpec)) throw error;
      return await this.#refuse(object.metadata, object.status, error, signal);
    }
    const results = await this.#act(object.metadata.name, plan, signal);
    await this.#tell(object, plan, results, signal);
    if (results.retry !== undefined) throw results.retry;
    const delaysMs = [plan.refreshMs, results.brakedMs].filter((delayMs) => delayMs !== undefined);
    return delaysMs.length === 0 ? DONE : { kind: 'after', delayMs: Math.min(...delaysMs) };
  }

  #plan(object: ClusterExternalSecret): ClusterExternalSecretPlan {
    const { namespaces, owned } = this.#options;
    const ownedKeys = owned.usersOf(object.metadata.name);
    return planClusterExternalSecret({
      object,
      namespaces: namespaces.values(),
      find: (namespace, name) => this.#present(`${namespace}/${name}`),
      owned: ownedKeys.flatMap((key): NamespacedObjectMeta[] => {
        const present = this.#present(key);
        return present === undefined ? [] : [present.meta];
      }),
    });
  }

  #present(key: string): PresentExternalSecret | undefined {
    const entry = this.#options.externalSecretView.get(key);
    if (entry === undefined || entry.kind === 'unreadable') return undefined;
    return entry.kind === 'valid'
      ? { meta: entry.object.metadata, spec: entry.object.spec }
      : { meta: entry.meta, spec: undefined };
  }

  async #act(name: string, plan: ClusterExternalSecretPlan, signal: AbortSignal): Promise<Results> {
    const results: Results = {
      provisioned: new Set(),
      failures: new Map(takenNamespaces(plan)),
      retry: undefined,
      brakedMs: undefined,
    };
    const steps = plan.steps.values();
    const worker = async () => {
      for (const step of steps) await this.#take(name, step, results, signal);
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_WRITES, plan.steps.length) }, worker));
    return results;
  }

  async #take(name: string, step: Step, results: Results, signal: AbortSignal): Promise<void> {
    switch (step.kind) {
      case 'taken':
        return;
      case 'keep':
        results.provisioned.add(step.namespace);
        return;
      case 'delete':
        await this.#write(name, step, step.present.namespace, results, signal);
        return;
      case 'create':
      case 'update': {
        const { namespace } = step.wanted;
        const waitMs = this.#brakeOf(name).waitMs(namespace, this.#options.clock.nowMs());
        if (waitMs > 0) results.brakedMs = Math.min(waitMs, results.brakedMs ?? waitMs);
        if (waitMs > 0 && step.kind === 'update') results.provisioned.add(namespace);
        if (waitMs === 0) await this.#write(name, step, namespace, results, signal);
      }
    }
  }

  async #write(
    name: string,
    step: Extract<Step, { kind: 'create' | 'update' | 'delete' }>,
    namespace: string,
    results: Results,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#send(step, signal);
      const fields = { clusterExternalSecret: name, namespace, operation: step.kind };
      this.#options.log.info(fields, 'ExternalSecret written for a ClusterExternalSecret');
      if (step.kind === 'delete') return;
      results.provisioned.add(namespace);
      this.#brakeOf(name).repaired(namespace, this.#options.clock.nowMs());
    } catch (error) {
      if (!(error instanceof KeyturnError) || signal.aborted) throw error;
      note(results, step, namespace, error);
    }
  }

  async #send(step: Extract<Step, { kind: 'create' | 'update' | 'delete' }>, signal: AbortSignal): Promise<void> {
    const { externalSecrets } = this.#options;
    switch (step.kind) {
      case 'create':
        return await externalSecrets.create(step.wanted, signal);
      case 'update':
        return await externalSecrets.update(step.uid, step.wanted, signal);
      case 'delete':
        return await externalSecrets.delete(step.present, step.present.uid, signal);
    }
  }

  #brakeOf(name: string): RepairBrake {
    const brake = this.#brakes.get(name) ?? new RepairBrake();
    this.#brakes.set(name, brake);
    return brake;
  }

  async #tell(
    { metadata, status }: ClusterExternalSecret,
    { externalSecretName }: ClusterExternalSecretPlan,
    { provisioned, failures }: { readonly provisioned: ReadonlySet<string>; readonly failures: NamespaceFailures },
    signal: AbortSignal,
  ): Promise<void> {
    const next = statusOf(externalSecretName, provisioned, failures);
    if (sameClusterStatus(status, next)) return;
    await this.#options.statuses.merge(identityOf(metadata), next, status !== undefined, signal);
  }

  async #refuse(
    meta: ObjectMeta,
    status: ClusterExternalSecret['status'],
    error: InvalidSpec,
    signal: AbortSignal,
  ): Promise<never> {
    const next = refusedStatus(error.message);
    if (!sameClusterStatus(status, next)) {
      await this.#options.statuses.merge(identityOf(meta), next, status !== undefined, signal);
    }
    throw error;
  }
}

/** What will be tried again by itself and may work then is not worth a word to people; what is refused is. */
function note(results: Results, step: Step, namespace: string, error: KeyturnError): void {
  // The namespace has gone meanwhile.
  if (error instanceof ClusterNotFound && step.kind === 'create') return;
  results.retry ??= error;
  if (error instanceof ClusterUnavailable || error instanceof ClusterConflict || error instanceof ClusterNotFound) {
    if (step.kind === 'update') results.provisioned.add(namespace);
    return;
  }
  results.failures.set(namespace, error.message);
}

function identityOf({ name, uid }: ObjectMeta): ObjectIdentity {
  return { resource: CLUSTER_EXTERNAL_SECRET, namespace: '', name, uid };
}
