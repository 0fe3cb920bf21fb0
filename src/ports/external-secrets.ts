/** ExternalSecrets as the API server has them: those that a ClusterExternalSecret makes are written. */

import type { ExternalSecretSpec } from '../api/external-secret.ts';
import type { ControllerRef, ObjectName } from './cluster.ts';

export interface WantedExternalSecret extends ObjectName {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly controller: ControllerRef;
  readonly spec: ExternalSecretSpec;
}

/** Every method may throw ClusterForbidden, ClusterRejected and ClusterUnavailable. */
export interface ExternalSecrets {
  /**
   * Makes one where there is none.
   * @throws ClusterConflict where there is one with another content; ClusterNotFound where the namespace is gone.
   */
  create(wanted: WantedExternalSecret, signal: AbortSignal): Promise<void>;
  /**
   * Makes the one with that uid what is wanted. Labels and annotations of others stay; those that an earlier call set
   * and that are wanted no more are removed. In `spec` nothing of others stays.
   * @throws ClusterConflict, ClusterNotFound when the name belongs to another one, or to none.
   */
  update(uid: string, wanted: WantedExternalSecret, signal: AbortSignal): Promise<void>;
  /** Whether the one with that uid is there just now, and not being deleted: a watch may lag behind. */
  isThere(object: ObjectName & { readonly uid: string }, signal: AbortSignal): Promise<boolean>;
  /** Deletes the one with that uid. One that is gone is no fault, and another one of that name stays. */
  delete(name: ObjectName, uid: string, signal: AbortSignal): Promise<void>;
}

/** What is known of a Namespace. */
export interface NamespaceMetadata {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly deleting: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
}
