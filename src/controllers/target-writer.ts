/** Brings the target Secret to the state that is wanted, with one write or none. */

import { isIntact, newSecret, possibleKeys, type TargetShape, targetPatch } from '../domain/target.ts';
import type { ObjectKey, SecretMetadata, Secrets, View } from '../ports/cluster.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { SecretData } from '../ports/secret-value.ts';
import type { OwnWrites } from './own-writes.ts';

export interface Written {
  readonly what: 'created' | 'updated' | 'unchanged';
  readonly target: SecretMetadata;
}

export interface TargetWriter {
  /** The target as it is now, our last write included. */
  current(key: ObjectKey): SecretMetadata | undefined;
  /** The Secrets of a namespace that an object with this uid controls. It goes through all Secrets. */
  controlledBy(uid: string, namespace: string): readonly SecretMetadata[];
  /**
   * @throws ClusterConflict when the Secret moved under us: look again, decide again.
   * @throws TargetImmutable, ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  write(shape: TargetShape, data: SecretData, signal: AbortSignal): Promise<Written>;
  /**
   * Deletes a Secret as it was seen.
   * @throws ClusterConflict, ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  delete(target: SecretMetadata, signal: AbortSignal): Promise<void>;
}

export interface TargetWriterOptions {
  readonly secrets: Secrets;
  readonly view: View<SecretMetadata>;
  readonly targets: OwnWrites<SecretMetadata>;
  readonly metrics: Metrics;
}

export function createTargetWriter({ secrets, view, targets, metrics }: TargetWriterOptions): TargetWriter {
  /** `managedFields` name every key; only where they were stripped does the Secret itself have to be asked. */
  async function presentKeys(target: SecretMetadata, signal: AbortSignal): Promise<readonly string[]> {
    if (target.fieldOwners.length === 0) return (await secrets.dataKeys(target, signal)) ?? [];
    return possibleKeys(target);
  }

  async function put(
    before: SecretMetadata | undefined,
    shape: TargetShape,
    data: SecretData,
    signal: AbortSignal,
  ): Promise<SecretMetadata> {
    if (before === undefined) return await secrets.create(newSecret(shape, data), shape.fieldManager, signal);
    const patch = targetPatch(before, shape, data, await presentKeys(before, signal));
    return await secrets.patch(before, patch, shape.fieldManager, signal);
  }

  return {
    current: (key) => targets.get(key),
    controlledBy: (uid, namespace) =>
      [...view.values()].filter((secret) => secret.controller?.uid === uid && secret.namespace === namespace),
    async write(shape, data, signal) {
      const key = `${shape.namespace}/${shape.name}`;
      const before = targets.get(key);
      if (before !== undefined && isIntact(before, shape)) return { what: 'unchanged', target: before };
      const target = await put(before, shape, data, signal).catch((error: unknown) => {
        // What we remember of it may be what was wrong: the view is believed again.
        targets.forget(key);
        throw error;
      });
      targets.remember(key, target);
      if (target.resourceVersion === before?.resourceVersion) return { what: 'unchanged', target };
      metrics.secretWritten(before === undefined ? 'create' : 'patch');
      return { what: before === undefined ? 'created' : 'updated', target };
    },
    async delete(target, signal) {
      targets.forget(`${target.namespace}/${target.name}`);
      await secrets.delete(target, signal);
      metrics.secretWritten('delete');
    },
  };
}
