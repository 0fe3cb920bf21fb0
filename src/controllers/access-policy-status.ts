/** Tells a SecretAccessPolicy how many ExternalSecrets of its namespaces may read what they ask for, and how many may not. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { SECRET_ACCESS_POLICY } from '../api/groups.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { SecretAccessPolicy, SecretAccessPolicyStatus } from '../api/secret-access-policy.ts';
import { selectorProblem } from '../domain/label-selector.ts';
import { isDenied } from '../domain/secret-access.ts';
import { readyCondition, sameCondition } from '../domain/status.ts';
import type { StoreKey } from '../domain/store-standing.ts';
import { DONE, type Next, type Reconcile } from '../loop/reconcile.ts';
import { ShardedController, type ShardedControllerOptions } from '../loop/sharded-controller.ts';
import type { Statuses, View } from '../ports/cluster.ts';
import { ClusterNotFound } from '../ports/errors.ts';
import type { AccessPolicies } from './access-policies.ts';
import { findStore } from './store.ts';

export interface AccessPolicyStatusOptions
  extends Pick<ShardedControllerOptions, 'slots' | 'backoff' | 'onOutcome' | 'clock' | 'log'> {
  readonly view: View<Narrowed<SecretAccessPolicy>>;
  readonly externalSecretView: View<Narrowed<ExternalSecret>>;
  readonly stores: StoreViews;
  readonly access: AccessPolicies;
  readonly statuses: Statuses;
}

export interface AccessPolicyStatusController {
  /** For the holder of shard 0, as {@link ShardedController.run}. */
  run(stop: AbortSignal, cut: AbortSignal): Promise<void>;
}

/** A count goes through all ExternalSecrets, for all policies: many changes are counted together. */
const COUNTED_AFTER_MS = 5_000;

interface Count {
  readonly allowed: number;
  readonly denied: number;
}

interface Tally {
  readonly atMs: number;
  /** By the uids of policies; undefined while it cannot be told. */
  readonly counts: ReadonlyMap<string, Count> | undefined;
}

const NONE: Count = { allowed: 0, denied: 0 };

type StoreViews = Parameters<typeof findStore>[0];
type Valid = Extract<Narrowed<SecretAccessPolicy>, { kind: 'valid' }>;
type Invalid = Extract<Narrowed<SecretAccessPolicy>, { kind: 'invalid' }>;

function problemOf(entry: Valid | Invalid): string | undefined {
  if (entry.kind === 'invalid') return entry.problem;
  const { namespaceSelector } = entry.object.spec;
  const problem = namespaceSelector && selectorProblem(namespaceSelector);
  return problem && `spec.namespaceSelector ${problem}`;
}

type CounterOptions = Pick<
  AccessPolicyStatusOptions,
  'view' | 'externalSecretView' | 'stores' | 'access' | 'statuses' | 'clock'
>;

class AccessPolicyCounter {
  readonly #options: CounterOptions;
  #tally: Tally | undefined;
  /** Whether something has changed since it was counted. */
  #isOld = true;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  changed(): void {
    this.#isOld = true;
  }

  readonly reconcile: Reconcile = async (name, signal) => {
    const entry = this.#options.view.get(name);
    if (entry === undefined || entry.kind === 'unreadable') return DONE;
    const before = entry.kind === 'valid' ? entry.object.status : undefined;
    const after = this.#status(entry, before);
    // What was counted for another policy a moment ago may be old by now.
    const isOld = entry.kind === 'valid' && this.#isOld;
    const next: Next = isOld ? { kind: 'after', delayMs: COUNTED_AFTER_MS } : DONE;
    if (after === undefined || isSame(before, after)) return next;
    const { metadata } = entry.kind === 'valid' ? entry.object : { metadata: entry.meta };
    const object = { resource: SECRET_ACCESS_POLICY, namespace: '', name, uid: metadata.uid };
    try {
      await this.#options.statuses.merge(object, after, before !== undefined, signal);
    } catch (error) {
      if (!(error instanceof ClusterNotFound)) throw error;
    }
    return next;
  };

  /** Undefined while it cannot be told. */
  #status(entry: Valid | Invalid, before: SecretAccessPolicyStatus | undefined): SecretAccessPolicyStatus | undefined {
    const nowMs = this.#options.clock.nowMs();
    const problem = problemOf(entry);
    if (problem !== undefined || entry.kind === 'invalid') {
      const message = `${problem}; until it is corrected it selects every namespace and allows nothing`;
      const state = { status: 'False', reason: 'InvalidSpec', message } as const;
      return { conditions: [readyCondition(before?.conditions, state, nowMs)] };
    }
    const counts = this.#count(entry.object);
    const state = { status: 'True', reason: 'Enforced', message: 'the policy is enforced' } as const;
    return counts && { ...counts, conditions: [readyCondition(before?.conditions, state, nowMs)] };
  }

  #count({ metadata }: SecretAccessPolicy): Count | undefined {
    const nowMs = this.#options.clock.nowMs();
    const tally = this.#tally;
    if (tally === undefined || (this.#isOld && nowMs - tally.atMs >= COUNTED_AFTER_MS)) {
      this.#isOld = false;
      this.#tally = { atMs: nowMs, counts: this.#countAll() };
    }
    const counts = this.#tally?.counts;
    return counts && (counts.get(metadata.uid) ?? NONE);
  }

  #countAll(): ReadonlyMap<string, Count> | undefined {
    const { externalSecretView, access, stores } = this.#options;
    const prefixOf = (key: StoreKey) => {
      const store = findStore(stores, key);
      return store?.kind === 'valid' ? (store.object.spec.provider.aws?.prefix ?? '') : '';
    };
    const counts = new Map<string, Count>();
    for (const each of externalSecretView.values()) {
      if (each.kind !== 'valid') continue;
      const gate = access.gateOf(each.object.metadata.namespace);
      if (gate.kind === 'unknown') return undefined;
      if (gate.kind === 'open') continue;
      const counted = isDenied(each.object, gate, prefixOf) ? 'denied' : 'allowed';
      for (const { metadata } of gate.policies) {
        const before = counts.get(metadata.uid) ?? NONE;
        counts.set(metadata.uid, { ...before, [counted]: before[counted] + 1 });
      }
    }
    return counts;
  }
}

function isSame(before: SecretAccessPolicyStatus | undefined, after: SecretAccessPolicyStatus): boolean {
  const [next] = after.conditions ?? [];
  return (
    before?.allowed === after.allowed &&
    before?.denied === after.denied &&
    next !== undefined &&
    sameCondition(before?.conditions?.[0], next)
  );
}

/** To be called once, before the views run. */
export function createAccessPolicyStatusController(options: AccessPolicyStatusOptions): AccessPolicyStatusController {
  const { view, externalSecretView, stores } = options;
  const counter = new AccessPolicyCounter(options);
  const controller = new ShardedController({
    ...options,
    name: 'secretaccesspolicy',
    reconcile: counter.reconcile,
    shardOf: () => 0,
    keys: () => view.keys(),
    isThere: (key) => view.get(key) !== undefined,
    onForget: () => {},
  });
  const recountAll = () => {
    counter.changed();
    for (const key of view.keys()) controller.add(key, { delayMs: COUNTED_AFTER_MS, priority: 'low' });
  };
  view.onChange(recountAll);
  stores.SecretStore.onChange(recountAll);
  stores.ClusterSecretStore.onChange(recountAll);
  externalSecretView.onChange(recountAll);
  return { run: (stop, cut) => controller.run(0, stop, cut) };
}
