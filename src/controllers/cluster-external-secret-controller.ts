/** The queue of ClusterExternalSecrets, and of Namespaces with what External Secrets Operator left on them. */

import { DONE, type Reconcile } from '../loop/reconcile.ts';
import { ShardedController, type ShardedControllerOptions } from '../loop/sharded-controller.ts';
import { type ClusterExternalSecretOptions, ClusterExternalSecretReconciler } from './cluster-external-secret.ts';
import { NamespaceRelease } from './cluster-external-secret-namespace.ts';
import {
  clusterKey,
  connectClusterExternalSecretTriggers,
  parseClusterKey,
} from './cluster-external-secret-triggers.ts';
import { ReverseIndex } from './reverse-index.ts';

export interface ClusterExternalSecretControllerOptions
  extends Omit<ClusterExternalSecretOptions, 'owned'>,
    Pick<ShardedControllerOptions, 'slots' | 'backoff' | 'onOutcome'> {
  /** Resolves when the views are complete. @throws the signal's reason */
  readonly whenSynced: (signal: AbortSignal) => Promise<void>;
}

export interface ClusterExternalSecretController {
  /** For the holder of shard 0, as {@link ShardedController.run}; without an end of its own where the kind is not served. */
  run(stop: AbortSignal, cut: AbortSignal): Promise<void>;
}

/** To be called once, before the views run. */
export function createClusterExternalSecretController(
  options: ClusterExternalSecretControllerOptions,
): ClusterExternalSecretController {
  const { view, namespaces, whenSynced } = options;
  const owned = new ReverseIndex();
  const reconciler = new ClusterExternalSecretReconciler({ ...options, owned });
  const hanging = new NamespaceRelease(options);

  const reconcile: Reconcile = async (key, signal) => {
    const { kind, name } = parseClusterKey(key);
    if (kind === 'ClusterExternalSecret') return await reconciler.reconcile(name, signal);
    const namespace = namespaces.get(name);
    if (namespace !== undefined) await hanging.release(namespace, signal);
    return DONE;
  };
  const controller = new ShardedController({
    ...options,
    name: 'clusterexternalsecret',
    reconcile,
    shardOf: () => 0,
    keys: () => [
      ...[...view.keys()].map((name) => clusterKey('ClusterExternalSecret', name)),
      ...[...namespaces.keys()].map((name) => clusterKey('Namespace', name)),
    ],
    isThere: (key) => {
      const { kind, name } = parseClusterKey(key);
      return (kind === 'Namespace' ? namespaces : view).get(name) !== undefined;
    },
    onForget: (key) => {
      const { kind, name } = parseClusterKey(key);
      if (kind === 'ClusterExternalSecret') reconciler.forget(name);
      else hanging.forget(name);
    },
  });
  const { externalSecretView: externalSecrets } = options;
  connectClusterExternalSecretTriggers({ view, namespaces, externalSecrets, owned, queue: controller });

  return {
    async run(stop, cut) {
      try {
        await whenSynced(stop);
      } catch (error) {
        if (stop.aborted) return;
        throw error;
      }
      await controller.run(0, stop, cut);
    },
  };
}
