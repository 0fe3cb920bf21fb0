/** What the operator needs of the Kubernetes API. */

import type { SecretData, SecretValue } from './secret-value.ts';

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** `namespace/name`, or `name` for a cluster-scoped object: what queues and indexes carry. */
export type ObjectKey = string;

export interface ViewChange<T> {
  readonly key: ObjectKey;
  readonly before: T | undefined;
  readonly after: T | undefined;
  /** True for what the first list brought, which may wait behind live changes. */
  readonly initial: boolean;
}

/** Read side of a list/watch: the present state of one kind, as far as it was projected. */
export interface View<T> {
  /** True once the first list is complete; stays true through reconnects. */
  readonly synced: boolean;
  get(key: ObjectKey): T | undefined;
  keys(): Iterable<ObjectKey>;
  values(): Iterable<T>;
  /** Called after the state has changed. A relist is swapped in whole before its changes are told. */
  onChange(listener: (change: ViewChange<T>) => void): void;
}

/** The owner with `controller: true`. */
export interface ControllerRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** An owner that is not the controller. */
export interface OwnerRef extends ControllerRef {
  readonly blockOwnerDeletion: boolean;
}

/** The fields that one manager owns, from `metadata.managedFields`. */
export interface FieldOwner {
  readonly manager: string;
  /** When this manager last changed one of its fields; the API server keeps whole seconds. */
  readonly changedAtMs: number;
  readonly dataKeys: readonly string[];
  /**
   * Keys that it applied on the server's side as `stringData`; absent when there are none. The API server puts them
   * into the data, records them here only, and never forgets them.
   */
  readonly stringDataKeys?: readonly string[];
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  /** True when it owns `immutable`, whatever that says; absent when it does not. */
  readonly immutable?: boolean;
}

/** What may be known of an object of any kind without seeing its content, besides who owns which of its fields. */
export interface ObjectMetadata extends ObjectName {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly deleting: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Without those in which other tools keep a copy of the whole object (kubectl's last-applied-configuration). */
  readonly annotations: Readonly<Record<string, string>>;
  readonly controller: ControllerRef | undefined;
  /** Owners besides the controller; absent when there are none. They stay when the controller is set. */
  readonly otherOwners?: readonly OwnerRef[];
  /** Absent when there are none. */
  readonly finalizers?: readonly string[];
}

/** Everything that may be known of a Secret without seeing its data. */
export interface SecretMetadata extends ObjectMetadata {
  /** Empty when `managedFields` was stripped: then nothing is known of the keys. */
  readonly fieldOwners: readonly FieldOwner[];
}

export interface NewSecret extends ObjectName {
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly controller: ControllerRef | undefined;
  readonly data: SecretData;
  /** @default none */
  readonly finalizers?: readonly string[];
  /** @default false: the field is not set */
  readonly immutable?: boolean;
}

/** A merge patch in the terms of the domain: `null` removes, absent leaves alone. */
export interface SecretPatch {
  /** Absent leaves it alone. The API server lets no other type take the place of the one that is there. */
  readonly type?: string;
  /** All that the Secret is to have; absent leaves them alone. */
  readonly finalizers?: readonly string[];
  readonly labels: Readonly<Record<string, string | null>>;
  readonly annotations: Readonly<Record<string, string | null>>;
  /** `undefined` leaves the owner references alone, `null` removes the controller. Other owners always stay. */
  readonly controller: ControllerRef | null | undefined;
  readonly data: SecretData;
  readonly removedDataKeys: readonly string[];
  /** True makes the Secret immutable, which nothing undoes. @default false: the field is left alone */
  readonly immutable?: boolean;
}

/** What of a Secret or ConfigMap is read whole: the few that the operator itself needs. */
export interface StoredData {
  readonly resourceVersion: string;
  readonly data: SecretData;
}

/**
 * Secrets are written blind: what comes back is metadata only.
 * Every method may throw ClusterForbidden, ClusterRejected and ClusterUnavailable.
 */
export interface Secrets {
  /** @throws ClusterConflict when a Secret of that name exists. */
  create(secret: NewSecret, fieldManager: string, signal: AbortSignal): Promise<SecretMetadata>;
  /**
   * @throws ClusterConflict when `target.resourceVersion` is no longer the present one; ClusterNotFound.
   * @throws TargetImmutable when the Secret is immutable and its data would change.
   */
  patch(target: SecretMetadata, patch: SecretPatch, fieldManager: string, signal: AbortSignal): Promise<SecretMetadata>;
  /**
   * Deletes this very Secret as it was seen; one that is gone already is no fault.
   * @throws ClusterConflict when it has changed since, or another one has its name.
   */
  delete(target: SecretMetadata, signal: AbortSignal): Promise<void>;
  /** The names of the keys of a Secret whose `managedFields` do not tell; undefined when it is gone. */
  dataKeys(name: ObjectName, signal: AbortSignal): Promise<readonly string[] | undefined>;
  /** Reads a Secret that holds a store's credentials, or templates; undefined when there is none. */
  read(name: ObjectName, signal: AbortSignal): Promise<StoredData | undefined>;
}

export interface ConfigMaps {
  /**
   * Reads a ConfigMap that holds templates; undefined when there is none. Its `binaryData` is no template.
   * @throws ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  read(name: ObjectName, signal: AbortSignal): Promise<StoredData | undefined>;
}

/** What of a ServiceAccount says which role its tokens are for: its life, and its annotations for that. */
export interface RoleBearer {
  readonly uid: string;
  readonly roleArn: string | undefined;
  readonly audience: string | undefined;
}

export interface ServiceAccounts {
  /** undefined when there is none. @throws ClusterForbidden, ClusterRejected, ClusterUnavailable */
  read(name: ObjectName, signal: AbortSignal): Promise<RoleBearer | undefined>;
  /**
   * A token of it for these audiences (TokenRequest), of the API server's own length of life.
   * @throws ClusterNotFound, ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  requestToken(name: ObjectName, audiences: readonly string[], signal: AbortSignal): Promise<SecretValue>;
}

/** Which resource an object is of, as far as status and Events need it. */
export interface ResourceKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

/** One object of one kind and one life (`uid`). `namespace` is empty for a cluster-scoped object. */
export interface ObjectIdentity extends ObjectName {
  readonly resource: ResourceKind;
  readonly uid: string;
}

export interface Statuses {
  /**
   * Sets the fields of `status`, each of them whole, in the status subresource of this very object; `null` removes one.
   * @param hasStatus whether the object had a status when it was last looked at: wrong costs a call, no more
   * @throws ClusterNotFound when it is gone; ClusterConflict when another object has its name now.
   */
  merge(object: ObjectIdentity, status: object, hasStatus: boolean, signal: AbortSignal): Promise<void>;
  /** Removes finalizers from an object that is being deleted. */
  setFinalizers(
    object: ObjectIdentity,
    resourceVersion: string,
    finalizers: readonly string[],
    signal: AbortSignal,
  ): Promise<void>;
}

export interface EventNote {
  readonly object: ObjectIdentity;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Events go out behind: recording never waits, never fails a sync, and repeated notes aggregate. */
export interface Events {
  record(note: EventNote): void;
}
