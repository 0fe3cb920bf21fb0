/** The queue of ExternalSecrets that ask which pods hold which version, and what wakes them. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import { sameValue } from '../domain/same-value.ts';
import { secretUses } from '../domain/secret-use.ts';
import { targetNameOf } from '../domain/target.ts';
import { asksForConsumption, versionMarks } from '../domain/version-mark.ts';
import { ShardedController, type ShardedControllerOptions } from '../loop/sharded-controller.ts';
import type { ObjectKey, SecretMetadata, ViewChange } from '../ports/cluster.ts';
import type { ConsumingPod } from '../ports/pods.ts';
import { type ConsumptionOptions, ConsumptionReconciler, keysOf } from './consumption.ts';
import { NamespaceKeys, namespaceOf } from './namespace-keys.ts';

export interface ConsumptionControllerOptions
  extends Omit<ConsumptionOptions, 'podKeys'>,
    Pick<ShardedControllerOptions, 'slots' | 'backoff' | 'onOutcome' | 'log'> {
  readonly shardOf: (key: ObjectKey) => number;
}

export interface ConsumptionController extends Pick<ShardedController, 'run'> {
  /** An ExternalSecret was looked at: what it was written from may be known only now. */
  lookedAt(key: ObjectKey): void;
}

/** Pods come and go in numbers: so long later what has changed is told at once. */
const GATHER_MS = 2_000;

type Entry = Narrowed<ExternalSecret>;

function isAsking(entry: Entry | undefined): boolean {
  return entry?.kind === 'valid' && asksForConsumption(entry.object);
}

function wishesOf(entry: Entry | undefined): unknown {
  if (entry?.kind !== 'valid') return undefined;
  const { uid, generation, annotations } = entry.object.metadata;
  return { uid, generation, annotations };
}

/** What of a Secret it depends on. */
function contentsOf(target: SecretMetadata | undefined): unknown {
  return [versionMarks(target), [...(keysOf(target) ?? [])].sort()];
}

/** To be called once, before the views run. */
export function createConsumptionController(options: ConsumptionControllerOptions): ConsumptionController {
  const { view, secrets, pods, told } = options;
  const asking = new NamespaceKeys(view, isAsking);
  const podKeys = new NamespaceKeys(pods);
  const reconciler = new ConsumptionReconciler({ ...options, podKeys });
  const isThere = (key: ObjectKey) => isAsking(view.get(key)) || told.get(key) !== undefined;
  const controller = new ShardedController({
    ...options,
    name: 'consumption',
    reconcile: reconciler.reconcile,
    keys: () => [...new Set([...asking.keys(), ...told.keys()])],
    isThere,
    onForget: (key) => reconciler.forget(key),
  });
  const wake = (key: ObjectKey) => controller.add(key, { delayMs: GATHER_MS });

  function secretOf(key: ObjectKey): string | undefined {
    const entry = view.get(key);
    return entry?.kind === 'valid' ? targetNameOf(entry.object) : undefined;
  }

  function onPod({ key, before, after }: ViewChange<ConsumingPod>): void {
    const namespace = namespaceOf(key);
    if (!asking.has(namespace) || sameValue(before, after)) return;
    const used = new Set([before, after].flatMap((pod) => (pod ? [...secretUses(pod.secrets).keys()] : [])));
    for (const asked of asking.of(namespace)) if (used.has(secretOf(asked) ?? '')) wake(asked);
  }

  pods.onChange(onPod);
  view.onChange(({ key, before, after }) => {
    if (!isAsking(before) && !isAsking(after)) return;
    if (!isAsking(after)) options.extras.forget(key, 'SafeToRevokePrevious');
    if (!sameValue(wishesOf(before), wishesOf(after))) wake(key);
  });
  secrets.onChange(({ key, before, after }) => {
    const namespace = namespaceOf(key);
    if (!asking.has(namespace) || sameValue(contentsOf(before), contentsOf(after))) return;
    for (const asked of asking.of(namespace)) wake(asked);
  });
  // What we wrote costs a look from memory; what somebody else did is put right by it.
  told.onChange(({ key }) => wake(key));
  return {
    run: (shard, stop, cut) => controller.run(shard, stop, cut),
    lookedAt(key) {
      if (asking.has(namespaceOf(key)) && isAsking(view.get(key))) wake(key);
    },
  };
}
