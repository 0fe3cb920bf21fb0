/** Remembers what looks at targets of another operator have told, so that each state of a target is read once. */

import type { Situation } from '../domain/situation.ts';
import type { ObjectKey, SecretMetadata } from '../ports/cluster.ts';
import type { Target } from './target.ts';

type Found = NonNullable<Situation['inspected']>;

interface Inspection {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly found: Found;
}

export class Inspections {
  readonly #inspections = new Map<ObjectKey, Inspection>();

  /** What is known of the target of an ExternalSecret as it is now. */
  of(key: ObjectKey, target: SecretMetadata | undefined): Found | undefined {
    const known = this.#inspections.get(key);
    const isSame = known?.uid === target?.uid && known?.resourceVersion === target?.resourceVersion;
    return isSame ? known?.found : undefined;
  }

  /**
   * @returns false when the target has changed meanwhile: its event is on the way
   * @throws ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  async look(
    key: ObjectKey,
    target: Pick<Target, 'inspect'>,
    seen: SecretMetadata,
    signal: AbortSignal,
  ): Promise<boolean> {
    const found = await target.inspect(seen, signal);
    if (found === undefined) return false;
    this.#inspections.set(key, { uid: seen.uid, resourceVersion: seen.resourceVersion, found });
    return true;
  }

  forget(key: ObjectKey): void {
    this.#inspections.delete(key);
  }
}
