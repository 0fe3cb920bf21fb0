/** What the operator needs of objects that are no Secrets, of whatever kind the cluster serves. */

import type { ControllerRef, ObjectKey, ObjectMetadata, ObjectName, View, ViewChange } from './cluster.ts';
import type { JsonObject, SecretJson } from './secret-json.ts';

/** A kind as the API server serves it. */
export interface ServedKind {
  /** `v1`, or `group/version`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
  readonly verbs: readonly string[];
}

/** Names of fields from the root down to one, through maps only: what is in a list belongs to the field of the list. */
export type FieldPath = readonly string[];

/** The fields that one manager owns, from `metadata.managedFields`; status and subresources are left out. */
export interface ContentOwner {
  readonly manager: string;
  /** When this manager last changed one of its fields; the API server keeps whole seconds. */
  readonly changedAtMs: number;
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
  /** Fields outside the metadata, each once. */
  readonly fields: readonly FieldPath[];
  /** How many there are, with those in items of lists. */
  readonly size: number;
}

/** Everything that may be known of an object without seeing its content. */
export interface GenericMetadata extends ObjectMetadata {
  /** Empty when `managedFields` was stripped. */
  readonly fieldOwners: readonly ContentOwner[];
}

export interface GenericObject {
  readonly metadata: GenericMetadata;
  /** All but `apiVersion`, `kind`, `metadata` and `status`. */
  readonly content: SecretJson<JsonObject>;
}

interface NewContent {
  readonly content: SecretJson<JsonObject>;
  /** True where names of its fields may hold values: no message repeats them. @default false */
  readonly hidesNames?: boolean;
}

export interface NewGenericObject extends ObjectName, NewContent {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly controller: ControllerRef | undefined;
}

/** A merge patch: `null` removes, absent leaves alone, a list is replaced whole. */
export interface GenericPatch extends NewContent {
  readonly labels: Readonly<Record<string, string | null>>;
  readonly annotations: Readonly<Record<string, string | null>>;
  /** `undefined` leaves the owner references alone, `null` removes the controller. Other owners always stay. */
  readonly controller: ControllerRef | null | undefined;
}

/** An object as it was seen at one time. */
export type SeenObject = ObjectName & Pick<GenericMetadata, 'uid' | 'resourceVersion'>;

/**
 * What is written answers with metadata only. Every method may throw ClusterForbidden, ClusterRejected and
 * ClusterUnavailable; no message holds anything of an object's content but names of fields.
 */
export interface GenericObjects {
  /**
   * Asks the API server what a kind is; an answer is good for some minutes.
   * @throws ClusterNotFound when it serves no such kind now: its CustomResourceDefinition may be installed later.
   */
  servedKind(apiVersion: string, kind: string, signal: AbortSignal): Promise<ServedKind>;
  /** Undefined when there is none. */
  look(kind: ServedKind, name: ObjectName, signal: AbortSignal): Promise<GenericMetadata | undefined>;
  /** With its content, to be changed; undefined when there is none. */
  read(kind: ServedKind, name: ObjectName, signal: AbortSignal): Promise<GenericObject | undefined>;
  /** @throws ClusterConflict when an object of that name exists; ClusterNotFound. */
  create(
    kind: ServedKind,
    object: NewGenericObject,
    fieldManager: string,
    signal: AbortSignal,
  ): Promise<GenericMetadata>;
  /**
   * @throws ClusterConflict when `target.resourceVersion` is no longer the present one; ClusterNotFound.
   * @throws TargetImmutable when the object is immutable and its data would change.
   */
  patch(
    kind: ServedKind,
    target: GenericMetadata,
    patch: GenericPatch,
    fieldManager: string,
    signal: AbortSignal,
  ): Promise<GenericMetadata>;
  /**
   * Deletes this very object as it was seen; one that is gone already is no fault.
   * @throws ClusterConflict when it has changed since, or another one has its name.
   */
  delete(kind: ServedKind, target: SeenObject, signal: AbortSignal): Promise<void>;
}

/** The objects of a kind that carry the managed label, as metadata: what tells that a target was touched or deleted. */
export interface WatchedKinds {
  /**
   * Watches a kind for as long as somebody uses it; a user has one at a time. The view has what carries the label, and
   * may be behind: what it does not have may be there all the same.
   * @returns undefined when so many kinds are watched that this one is not
   */
  use(user: ObjectKey, kind: ServedKind): View<GenericMetadata> | undefined;
  release(user: ObjectKey): void;
  onChange(listener: (kind: ServedKind, change: ViewChange<GenericMetadata>) => void): void;
}
