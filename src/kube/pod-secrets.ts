/** Reads from the spec of a pod, or of a pod template, what speaks of Secrets. */

import type { ContainerSecrets, PodSecrets, SecretVolume } from '../ports/workloads.ts';
import { asList, asObject, asText, at } from './narrow.ts';

/** In this order {@link readPodSecrets} has the containers. */
export const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** What is not empty, each once. */
function names(values: readonly unknown[]): readonly string[] {
  return [...new Set(values.map(asText))].filter((name) => name !== '');
}

function readContainer(raw: unknown, isInit: boolean): ContainerSecrets {
  return {
    // One that is always restarted is a sidecar.
    ...(isInit && at(raw, 'restartPolicy') !== 'Always' && { ends: true }),
    env: names(asList(at(raw, 'env')).map((env) => at(env, 'valueFrom', 'secretKeyRef', 'name'))),
    envFrom: names(asList(at(raw, 'envFrom')).map((from) => at(from, 'secretRef', 'name'))),
    mounts: asList(at(raw, 'volumeMounts')).map((mount) => ({
      volume: asText(at(mount, 'name')),
      isSubPath: asText(at(mount, 'subPath')) !== '' || asText(at(mount, 'subPathExpr')) !== '',
    })),
  };
}

/** Storage plugins name the Secrets that they are given in a few ways; a claim's are those of its volume. */
function pluginSecrets(volume: unknown): readonly unknown[] {
  return Object.values(asObject(volume) ?? {}).flatMap((source) => [
    at(source, 'secretRef', 'name'),
    at(source, 'nodePublishSecretRef', 'name'),
    at(source, 'secretName'),
  ]);
}

/** Of a source that names keys and is not optional. Without one of them the kubelet leaves all files of the volume as they are. */
function itemsOf(source: unknown, secret: unknown): NonNullable<SecretVolume['items']> {
  const keys = at(source, 'optional') === true ? [] : names(asList(at(source, 'items')).map((item) => at(item, 'key')));
  return keys.length === 0 ? [] : [{ secret: asText(secret), keys }];
}

function readVolume(raw: unknown): readonly SecretVolume[] {
  const name = asText(at(raw, 'name'));
  const projected = asList(at(raw, 'projected', 'sources')).map((source) => at(source, 'secret'));
  const live = names([at(raw, 'secret', 'secretName'), ...projected.map((source) => at(source, 'name'))]);
  const items = [
    ...itemsOf(at(raw, 'secret'), at(raw, 'secret', 'secretName')),
    ...projected.flatMap((source) => itemsOf(source, at(source, 'name'))),
  ];
  const others = names(pluginSecrets(raw)).filter((secret) => !live.includes(secret));
  return [
    ...(live.length === 0 ? [] : [{ name, secrets: live, isLive: true, ...(items.length > 0 && { items }) }]),
    ...(others.length === 0 ? [] : [{ name, secrets: others, isLive: false }]),
  ];
}

export function readPodSecrets(spec: unknown): PodSecrets {
  return {
    containers: CONTAINERS.flatMap((field) =>
      asList(at(spec, field)).map((container) => readContainer(container, field === 'initContainers')),
    ),
    volumes: asList(at(spec, 'volumes')).flatMap(readVolume),
    imagePullSecrets: names(asList(at(spec, 'imagePullSecrets')).map((each) => at(each, 'name'))),
  };
}
