/** Where values come from: one source is one identity in one region. */

import type { KeyturnError } from './errors.ts';
import type { FindQuery } from './find-query.ts';
import type { SecretValue } from './secret-value.ts';

/** What of a secret: the version that carries a stage label, the one of an id, or its tags, which no version has. */
export type VersionSelector =
  | { readonly kind: 'stage'; readonly stage: string }
  | { readonly kind: 'id'; readonly versionId: string }
  | { readonly kind: 'tags' };

export interface SecretRef {
  /** A secret's name, partial ARN or full ARN, as the manifest spells it. */
  readonly key: string;
  readonly version: VersionSelector;
}

/** All secrets that match a query, with their current versions. */
export interface FindRef {
  readonly query: FindQuery;
}

/** What may come to have another version: a secret, or what a query finds. */
export type WatchedRef = SecretRef | FindRef;

/** What identifies a version that was seen. It holds no value. */
export interface SecretVersion {
  /** Of what a query finds, empty. */
  readonly arn: string;
  /**
   * Of tags, which AWS gives none, a hash that is another one for other tags. Of what a query finds, a hash over the
   * ARNs and version ids of the secrets.
   */
  readonly versionId: string;
  /**
   * When AWS says the version was created, or the tags were last changed; undefined where the reply lacks it. Of what a
   * query finds, when the newest of the versions was created, and 0 for none; undefined as long as it was only listed.
   */
  readonly createdAtMs: number | undefined;
  /** The secrets that a query has found; undefined for the version of one secret. */
  readonly members?: readonly FoundVersion[];
}

/** One of the secrets that a query has found. */
export interface FoundVersion {
  readonly name: string;
  readonly arn: string;
  readonly versionId: string;
  /** Undefined in a listing, which does not tell. */
  readonly createdAtMs: number | undefined;
}

/** A secret as a listing tells of it. */
export interface ListedName {
  readonly name: string;
  readonly arn: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** Whether a secret that was found may be read. */
export type Permits = (secret: ListedName) => boolean;

export interface SecretReading extends SecretVersion {
  readonly value: SecretValue;
  /** The call to AWS that brought it, such as `GetSecretValue`; others may have been answered by the same. */
  readonly operation: string;
  readonly requestId: string | undefined;
}

export interface FoundSecret extends SecretReading {
  readonly name: string;
}

export interface FoundSecrets {
  /** What they are together; it holds no value. */
  readonly version: SecretVersion;
  /** Those that were read, in the order of their names. None is a result like any other. */
  readonly secrets: readonly FoundSecret[];
}

export type ProbeOutcome =
  | { readonly kind: 'version'; readonly version: SecretVersion }
  /**
   * What a label points to, or a listing says, by an answer that tells neither how old the version is nor whether it can
   * be read: where it is another one than before, a read has to tell.
   */
  | { readonly kind: 'label'; readonly version: SecretVersion }
  | { readonly kind: 'failed'; readonly error: KeyturnError };

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
}

/** As whom and where a source reads, as it is known at the moment; AWS is not asked for it. */
export interface SourceReader {
  /** Undefined until {@link SecretSource.whoAmI} was answered. Without a session name that changes at each renewal. */
  readonly arn: string | undefined;
  /** Of the session of a role; undefined where none is assumed, or its name changes at each renewal. */
  readonly sessionName: string | undefined;
  readonly region: string;
}

/** Which refs {@link SecretSource.probe} answers by one call just now. Permissions come and go, and so do the answers. */
export interface ProbeSharing {
  /** How many refs of which {@link ProbeSharing.canBatch} is true: 1 while batch is denied. */
  readonly probeBatchSize: number;

  /** True for a ref that can be answered together with other secrets. */
  canBatch(ref: SecretRef): boolean;

  /**
   * True for a ref that can be answered together with all others of the same key of which this is true. Never true of
   * one that can be batched.
   */
  canDescribe(ref: SecretRef): boolean;
}

export interface SecretSource extends ProbeSharing {
  readonly reader: SourceReader;

  /**
   * Reads one secret. Reads that wait at the same time may share one call; an abort detaches only its own caller.
   * @throws SecretNotFound when AWS says that it does not exist or is scheduled for deletion.
   * @throws AccessDenied, InvalidCredentials, Throttled, SourceUnavailable, RequestRejected
   */
  read(ref: SecretRef, signal: AbortSignal): Promise<SecretReading>;

  /**
   * Reads all secrets that match a query. A secret of which it is not known whether it can be read fails the whole: none
   * is ever left out silently, but for those that are gone, are scheduled for deletion, or have no current version.
   * @param permits the same for all queries of one scope. What it keeps out is not read, and is a part of the version only.
   * @throws InvalidSpec when the expression of the query is none: to be found out before with `compileNameRegexp`.
   * @throws RequestRejected also when more match than can be read at once.
   * @throws AccessDenied, InvalidCredentials, Throttled, SourceUnavailable
   */
  find(query: FindQuery, signal: AbortSignal, permits?: Permits): Promise<FoundSecrets>;

  /**
   * Says that so many reads of a ref are about to come, because it has moved and so many use it: they share one call.
   * Its answer is handed to each as it comes and then forgotten, after ten seconds at the latest.
   */
  expectReads(ref: WatchedRef, count: number): void;

  /**
   * Asks which version each ref has now. Outcomes are in the order of `refs`; it never rejects for a ref,
   * a failure of the whole call is the outcome of each of its refs. Queries that one listing serves share it.
   */
  probe(refs: readonly WatchedRef[], signal: AbortSignal): Promise<readonly ProbeOutcome[]>;

  /**
   * Who AWS says we are (`sts:GetCallerIdentity`, which needs no permission).
   * @throws InvalidCredentials, Throttled, SourceUnavailable
   */
  whoAmI(signal: AbortSignal): Promise<CallerIdentity>;
}

export type Credentials =
  /** The SDK's own chain: environment, IRSA web identity, EKS Pod Identity, IMDS. */
  | { readonly kind: 'defaultChain' }
  | {
      readonly kind: 'static';
      readonly accessKeyId: SecretValue;
      readonly secretAccessKey: SecretValue;
      readonly sessionToken: SecretValue | undefined;
    }
  /** A role that is assumed with a ServiceAccount's token (`sts:AssumeRoleWithWebIdentity`). */
  | {
      readonly kind: 'webIdentity';
      readonly roleArn: string;
      readonly sessionName: string;
      /** Whose token it is, as the trust policy of the role has to spell it: `system:serviceaccount:NAMESPACE:NAME`. */
      readonly subject: string;
      /**
       * A new token each time. An abort ends the asking.
       * @throws KeyturnError that says why there is none
       */
      readonly token: (signal: AbortSignal) => Promise<SecretValue>;
    };

export interface SessionTag {
  readonly key: string;
  readonly value: string;
}

/** `sts:AssumeRole`. */
export interface AssumedRole {
  readonly roleArn: string;
  /** At most 64 letters; it tells in CloudTrail who reads. */
  readonly sessionName: string;
  readonly externalId?: string;
  readonly tags?: readonly SessionTag[];
  readonly transitiveTagKeys?: readonly string[];
}

/** How a call is repeated, where a store says so. */
export interface RetrySettings {
  /** In all, the first one included. */
  readonly attempts: number;
  /** Between attempts; absent leaves it to the SDK's backoff. */
  readonly delayMs?: number;
}

/** With which credentials, and where. */
export interface Identity {
  /**
   * Equal exactly when credentials, roles and region are the same. It is part of every cache and batch key, and made
   * of names and resource versions, never of a value.
   */
  readonly key: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Assumed one after another, the first one with `credentials`, each other one with the session before it. @default none */
  readonly roles?: readonly AssumedRole[];
  readonly retry?: RetrySettings | undefined;
}

export interface SecretSources {
  /** The source of an identity; the same object for the same {@link Identity.key} until it is released. */
  open(identity: Identity): SecretSource;
  /** Closes the sources of all identities but these. */
  retain(identityKeys: ReadonlySet<string>): void;
  close(): void;
}
