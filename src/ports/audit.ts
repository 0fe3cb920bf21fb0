/**
 * Who read which secret, and which Secrets were written from it, for those who have to prove it. docs/audit.md has the
 * fields as they are written. No record holds a value, and none of its types lets one in.
 */

import type { ObjectName } from './cluster.ts';
import type { FindQuery } from './find-query.ts';
import type { SourceReader, WatchedRef } from './secret-source.ts';

/** The ExternalSecret for which something is done, of one life. */
export interface AuditedObject extends ObjectName {
  readonly uid: string;
}

/** What is asked for, its key as the manifest and the prefix of its store spell it. */
export type AskedFor =
  | { readonly key: string; readonly stage: string }
  | { readonly key: string; readonly versionId: string }
  | { readonly key: string; readonly tags: true }
  | { readonly find: FindQuery };

export interface AuditedVersion {
  readonly arn: string;
  /** Undefined for tags, which no version has. */
  readonly versionId: string | undefined;
}

/** A value was given to an ExternalSecret, or refused to it: one record for each object and secret, whoever shared the call. */
export interface ReadRecord {
  readonly kind: 'read';
  /** `ok`, or the name of the error. */
  readonly result: string;
  /** What AWS called the error, or Node, or ourselves. */
  readonly code: string | undefined;
  readonly object: AuditedObject;
  /** `SecretStore/namespace/name` or `ClusterSecretStore/name`. */
  readonly store: string;
  readonly identity: SourceReader;
  readonly asked: AskedFor;
  readonly got: AuditedVersion | undefined;
  /** The call to AWS that brought the answer; undefined where none was made, or none was answered. */
  readonly operation: string | undefined;
  readonly requestId: string | undefined;
}

/** For what AWS is asked: values for objects, or which versions there are. */
export type RequestCause = 'sync' | 'sweep';

/** A request to Secrets Manager, each attempt one: what CloudTrail shows, whoever got something of it. */
export interface RequestRecord {
  readonly kind: 'request';
  /** `refused` by AWS, or `unanswered`: then nobody but AWS knows whether it arrived. */
  readonly result: 'ok' | 'refused' | 'unanswered';
  readonly code: string | undefined;
  readonly cause: RequestCause;
  readonly identity: SourceReader;
  readonly operation: string;
  readonly requestId: string | undefined;
  /** The secrets that it names. */
  readonly asked: readonly { readonly key: string; readonly stage?: string; readonly versionId?: string }[];
  /** The secrets that AWS has answered with; of a description no version. */
  readonly got: readonly AuditedVersion[];
  /** Those that it has refused one by one. */
  readonly refused: readonly { readonly key: string; readonly code: string }[];
  /** How many secrets a listing has named; undefined for what is none. */
  readonly listed: number | undefined;
}

/** One source of what was written. */
export interface AuditedSource {
  readonly store: string;
  readonly asked: AskedFor;
  readonly got: readonly AuditedVersion[];
  readonly requestIds: readonly string[];
}

/** A target was created, patched or deleted, or the API server refused it. What changed nothing is no write. */
export interface WriteRecord {
  readonly kind: 'write';
  /** `ok`, the name of the error, or `Interrupted`: then nobody but the API server knows whether it was written. */
  readonly result: string;
  readonly verb: 'create' | 'patch' | 'delete';
  readonly object: AuditedObject;
  readonly target: {
    /** `Secret`, or the kind that the manifest names. */
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    /** Undefined where it was not made. */
    readonly uid: string | undefined;
    /** After the write; undefined of what was deleted or refused. */
    readonly resourceVersion: string | undefined;
  };
  /** Names of the keys that it was to have from this object; undefined of a deletion, as are the two that follow. */
  readonly keys: readonly string[] | undefined;
  readonly sources: readonly AuditedSource[] | undefined;
  readonly sourceHash: string | undefined;
}

export type AuditRecord = ReadRecord | RequestRecord | WriteRecord;

export interface Audit {
  /** Never throws, and never fails what is recorded. */
  record(entry: AuditRecord): void;
}

/** Where records go; undefined is nowhere. */
export type AuditDestination = { readonly kind: 'stdout' } | { readonly kind: 'file'; readonly path: string };

export function askedFor(ref: WatchedRef): AskedFor {
  if ('query' in ref) {
    const { scope: _, ...find } = ref.query;
    return { find };
  }
  const { key, version } = ref;
  switch (version.kind) {
    case 'stage':
      return { key, stage: version.stage };
    case 'id':
      return { key, versionId: version.versionId };
    case 'tags':
      return { key, tags: true };
  }
}
