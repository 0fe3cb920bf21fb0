/** The one object that an ExternalSecret makes or changes. All that a sync does to it goes through here, whatever its kind. */

import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import type { TargetShape } from '../domain/target.ts';
import type { VersionMark } from '../domain/version-mark.ts';
import type { ObjectKey, SecretMetadata } from '../ports/cluster.ts';
import type { SecretData } from '../ports/secret-value.ts';
import type { RenderFailure } from './render-target.ts';

export interface Written {
  /** `adopted`: another operator has written this very content, and it was only marked as known. */
  readonly what: 'created' | 'updated' | 'adopted' | 'unchanged';
  /** As it is now, in the terms of a Secret. */
  readonly target: SecretMetadata;
  /** Names of keys by which it is told later whether somebody touched it. */
  readonly keys: readonly string[];
}

/** What a write leaves on the target besides its content. */
export interface WriteMarks {
  readonly sourceHash: string;
  /** Of a Secret: the type that it has to have already, or is made with; undefined where it may be any. */
  readonly type: string | undefined;
  /** Of a Secret: which versions it has, and since when; undefined where nobody asks for it. */
  readonly version: VersionMark | undefined;
}

/** What is to be written, all but the hash of what it was made from: that takes the keys. */
export interface Rendering {
  readonly kind: 'rendered';
  readonly keys: readonly string[];
  /** What may be told of them. */
  readonly told: readonly string[];
  /** Versions of the objects that templates were taken from. */
  readonly templates: readonly string[];
  /** What another operator's data-hash would be of it; undefined where there is none to compare. */
  dataHash(): string | undefined;
  /**
   * One write, or none where the target is so already.
   * @throws ClusterConflict when it moved under us: look again, decide again.
   * @throws TargetImmutable, ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  write(marks: WriteMarks, signal: AbortSignal): Promise<Written>;
}

export interface Target {
  /** As it is now, our last write included; in the terms of a Secret. */
  current(): SecretMetadata | undefined;
  /** What has to be looked at again after this time, because no watch would tell; undefined where one does. */
  readonly lookAgainMs: number | undefined;
  render(fetched: SecretData, signal: AbortSignal): Promise<Rendering | RenderFailure>;
  /**
   * Marks as known what is as it should be.
   * @throws ClusterConflict, ClusterNotFound, ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  mark(shape: TargetShape, signal: AbortSignal): Promise<Written>;
  /**
   * Reads it once, for what another operator's data-hash says of it; undefined when it has changed meanwhile.
   * @throws ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  inspect(target: SecretMetadata, signal: AbortSignal): Promise<'asHashed' | 'edited' | undefined>;
  /**
   * Deletes it as it was seen.
   * @throws ClusterConflict, ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  delete(target: SecretMetadata, signal: AbortSignal): Promise<void>;
  /** What earlier names were given to, to be deleted. */
  orphans(status: ExternalSecretStatus | undefined): readonly SecretMetadata[];
}

export interface Targets {
  /**
   * The target of an ExternalSecret, for one look at it.
   * @param isServed asked before the cluster is, as it is asked about what is no Secret
   * @returns undefined where the object is not served
   * @throws InvalidSpec when its kind can never be written
   * @throws ClusterNotFound when its kind is not served now; ClusterForbidden, ClusterRejected, ClusterUnavailable
   */
  open(
    user: ObjectKey,
    externalSecret: ExternalSecret,
    isServed: () => boolean,
    signal: AbortSignal,
  ): Promise<Target | undefined>;
  /** Nobody looks at that ExternalSecret any more. */
  release(user: ObjectKey): void;
}
