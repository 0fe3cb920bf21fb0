/** Brings the target Secret to the state that is wanted, with one write or none. */

import {
  adoptingPatch,
  holds,
  inspect,
  isKnownToHold,
  keepingAdoption,
  markingPatch,
  mayBeAdopted,
} from '../domain/adoption.ts';
import { isIntact, newSecret, possibleKeys, type TargetShape, targetPatch } from '../domain/target.ts';
import type { ObjectKey, SecretMetadata, SecretPatch, Secrets, View } from '../ports/cluster.ts';
import { ClusterNotFound } from '../ports/errors.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { SecretData } from '../ports/secret-value.ts';
import type { OwnWrites } from './own-writes.ts';
import type { Written as TargetWritten } from './target.ts';

type Written = Omit<TargetWritten, 'keys'>;

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
   * Marks as known a target whose data is as it should be.
   * @throws ClusterConflict, ClusterNotFound, ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  mark(shape: TargetShape, signal: AbortSignal): Promise<Written>;
  /**
   * Reads a target once, for what its data-hash says of it; undefined when it has changed meanwhile.
   * @throws ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  inspect(target: SecretMetadata, signal: AbortSignal): Promise<'asHashed' | 'edited' | undefined>;
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

interface Change {
  readonly what: 'updated' | 'adopted';
  readonly patch: SecretPatch;
}

/** Only of what another operator has written, once: where its metadata do not tell, the Secret is read. */
async function isAdoptable(
  secrets: Secrets,
  before: SecretMetadata,
  shape: TargetShape,
  data: SecretData,
  signal: AbortSignal,
): Promise<boolean> {
  if (!mayBeAdopted(before, shape)) return false;
  const isKnown = isKnownToHold(before, shape, data);
  if (isKnown !== undefined) return isKnown;
  const stored = await secrets.read(before, signal);
  return stored?.resourceVersion === before.resourceVersion && holds(stored.data, shape, data);
}

/** `managedFields` name every key; only where they were stripped does the Secret itself have to be asked. */
async function presentKeys(secrets: Secrets, target: SecretMetadata, signal: AbortSignal): Promise<readonly string[]> {
  if (target.fieldOwners.length === 0) return (await secrets.dataKeys(target, signal)) ?? [];
  return possibleKeys(target);
}

async function changeOf(
  secrets: Secrets,
  before: SecretMetadata,
  shape: TargetShape,
  data: SecretData,
  signal: AbortSignal,
): Promise<Change> {
  if (await isAdoptable(secrets, before, shape, data, signal)) {
    return { what: 'adopted', patch: adoptingPatch(before, shape) };
  }
  return { what: 'updated', patch: targetPatch(before, shape, data, await presentKeys(secrets, before, signal)) };
}

export function createTargetWriter({ secrets, view, targets, metrics }: TargetWriterOptions): TargetWriter {
  /** What we remember of a target whose write failed may be what was wrong: the view is believed again. */
  async function remembered(key: ObjectKey, write: Promise<Written>): Promise<Written> {
    try {
      const written = await write;
      targets.remember(key, written.target);
      return written;
    } catch (error) {
      targets.forget(key);
      throw error;
    }
  }

  /** A write that changed nothing was none. */
  function counted({ what, target }: Written, before: SecretMetadata | undefined): Written {
    if (target.resourceVersion === before?.resourceVersion) return { what: 'unchanged', target };
    metrics.secretWritten(what === 'created' ? 'create' : 'patch');
    return { what, target };
  }

  async function put(
    before: SecretMetadata | undefined,
    shape: TargetShape,
    data: SecretData,
    signal: AbortSignal,
  ): Promise<Written> {
    const { fieldManager } = shape;
    if (before === undefined) {
      return { what: 'created', target: await secrets.create(newSecret(shape, data), fieldManager, signal) };
    }
    const { what, patch } = await changeOf(secrets, before, shape, data, signal);
    return { what, target: await secrets.patch(before, patch, fieldManager, signal) };
  }

  return {
    current: (key) => targets.get(key),
    controlledBy: (uid, namespace) =>
      [...view.values()].filter((secret) => secret.controller?.uid === uid && secret.namespace === namespace),
    async write(shape, data, signal) {
      const key = `${shape.namespace}/${shape.name}`;
      const before = targets.get(key);
      if (before !== undefined && isIntact(before, keepingAdoption(before, shape))) {
        return { what: 'unchanged', target: before };
      }
      return counted(await remembered(key, put(before, shape, data, signal)), before);
    },
    async mark(shape, signal) {
      const key = `${shape.namespace}/${shape.name}`;
      const before = targets.get(key);
      if (before === undefined) throw new ClusterNotFound(`There is no Secret "${key}" any more.`);
      const patched = secrets.patch(before, markingPatch(shape), shape.fieldManager, signal);
      const adopted = patched.then((target) => ({ what: 'adopted', target }) as const);
      return counted(await remembered(key, adopted), before);
    },
    async inspect(target, signal) {
      const stored = await secrets.read(target, signal);
      return stored?.resourceVersion === target.resourceVersion ? inspect(target, stored.data) : undefined;
    },
    async delete(target, signal) {
      targets.forget(`${target.namespace}/${target.name}`);
      await secrets.delete(target, signal);
      metrics.secretWritten('delete');
    },
  };
}
