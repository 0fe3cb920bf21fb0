/** Which Secrets a pod uses, and how: what it holds of them when they change depends on that. Pure. */

import type { PodSecrets } from '../ports/workloads.ts';

/**
 * `env`: read when a container starts. `files`: kept up to date by the kubelet. `start`: read when the pod or a container
 * starts, and never again (a subPath, what an init container
 * makes of files, or what a storage plugin is given). `image`: to pull images.
 */
export type SecretUse = 'env' | 'files' | 'start' | 'image';

/** Keys of a Secret without which files of the pod are not brought up to date. */
export function neededKeys({ volumes }: PodSecrets, secret: string): readonly string[] {
  const items = volumes.filter(({ isLive }) => isLive).flatMap((volume) => volume.items ?? []);
  return items.filter((each) => each.secret === secret).flatMap(({ keys }) => keys);
}

/** By the names of the Secrets. A volume that nothing mounts counts as files: the kubelet makes them all the same. */
export function secretUses(pod: PodSecrets): ReadonlyMap<string, ReadonlySet<SecretUse>> {
  const uses = new Map<string, Set<SecretUse>>();
  const add = (names: readonly string[], use: SecretUse) => {
    for (const name of names) uses.set(name, (uses.get(name) ?? new Set()).add(use));
  };
  add(pod.imagePullSecrets, 'image');
  for (const { env, envFrom } of pod.containers) add([...env, ...envFrom], 'env');
  const mounts = pod.containers.flatMap(({ ends = false, mounts: each }) =>
    each.map(({ volume, isSubPath }) => ({ volume, isReadOnce: isSubPath || ends })),
  );
  for (const { name, secrets, isLive } of pod.volumes) {
    const own = mounts.filter(({ volume }) => volume === name);
    if (!isLive || own.some(({ isReadOnce }) => isReadOnce)) add(secrets, 'start');
    if (isLive && (own.length === 0 || own.some(({ isReadOnce }) => !isReadOnce))) add(secrets, 'files');
  }
  return uses;
}
