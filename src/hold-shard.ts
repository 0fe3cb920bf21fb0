/** What it is to hold a shard: which parts run for it, and what they look at first. */

import type { AccessPolicyStatusController } from './controllers/access-policy-status.ts';
import type { ClusterExternalSecretController } from './controllers/cluster-external-secret-controller.ts';
import type { ConsumptionController } from './controllers/consumption-controller.ts';
import type { HeldShards } from './controllers/held-shards.ts';
import type { RolloutController } from './controllers/rollout-controller.ts';
import { storeKeyFor } from './controllers/store.ts';
import { shardOfStore } from './domain/shard-of.ts';
import type { OperatorViews } from './kube/operator-views.ts';
import type { Controller } from './loop/controller.ts';
import type { ShardedController } from './loop/sharded-controller.ts';

/** Until `halt`, and then what is in flight is finished; at `cut` nothing is written any more. */
export type HoldShard = (shard: number, halt: AbortSignal, cut: AbortSignal) => Promise<void>;

export interface ShardParts {
  readonly duty: HeldShards;
  readonly views: Pick<OperatorViews, 'secretStores' | 'clusterSecretStores'>;
  /** How many shards there are. */
  readonly shards: number;
  readonly stores: Controller;
  readonly externalSecrets: ShardedController;
  readonly clusterExternalSecrets: ClusterExternalSecretController;
  readonly accessPolicies: AccessPolicyStatusController;
  readonly rollouts: RolloutController;
  readonly consumption: ConsumptionController;
  readonly consumeEvents: ((shard: number, signal: AbortSignal) => Promise<void>) | undefined;
}

export function createHoldShard(parts: ShardParts): HoldShard {
  const { duty, views, shards, stores, externalSecrets, consumeEvents } = parts;
  const { clusterExternalSecrets, accessPolicies, rollouts, consumption } = parts;
  /** Its users' sources have to be there, and its status is ours to write. */
  function lookAtStores(shard: number): void {
    const storeKeys = [
      ...[...views.secretStores.view.keys()].map((key) => storeKeyFor('SecretStore', key)),
      ...[...views.clusterSecretStores.view.keys()].map((key) => storeKeyFor('ClusterSecretStore', key)),
    ];
    const isFirst = duty.size === 1;
    for (const key of storeKeys) if (isFirst || shardOfStore(key, shards) === shard) stores.add(key);
  }
  return async (shard, halt, cut) => {
    duty.begin(shard, cut);
    lookAtStores(shard);
    await Promise.all([
      // An object of which nothing is known has nothing left to do for an event: its message would be acknowledged.
      externalSecrets.run(shard, halt, cut, async (firstPass) => {
        await firstPass;
        await consumeEvents?.(shard, halt);
      }),
      rollouts.run(shard, halt, cut),
      consumption.run(shard, halt, cut),
      // They have no namespace, and belong to shard 0 as ClusterSecretStores do.
      ...(shard === 0 ? [clusterExternalSecrets.run(halt, cut), accessPolicies.run(halt, cut)] : []),
    ]);
    await duty.end(shard);
  };
}
