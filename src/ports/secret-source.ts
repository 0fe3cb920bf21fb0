/** Where values come from: one source is one identity in one region. */

import type { KeyturnError } from './errors.ts';
import type { SecretValue } from './secret-value.ts';

/** Which version of a secret: the one that carries a stage label, or one by its id. */
export type VersionSelector =
  | { readonly kind: 'stage'; readonly stage: string }
  | { readonly kind: 'id'; readonly versionId: string };

export interface SecretRef {
  /** A secret's name, partial ARN or full ARN, as the manifest spells it. */
  readonly key: string;
  readonly version: VersionSelector;
}

/** What identifies a version that was seen. It holds no value. */
export interface SecretVersion {
  readonly arn: string;
  readonly versionId: string;
  /** When AWS says the version was created; undefined where the reply lacks it. */
  readonly createdAtMs: number | undefined;
}

export interface SecretReading extends SecretVersion {
  readonly value: SecretValue;
  readonly requestId: string | undefined;
}

export type ProbeOutcome =
  | { readonly kind: 'version'; readonly version: SecretVersion }
  | { readonly kind: 'failed'; readonly error: KeyturnError };

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
}

export interface SecretSource {
  /** How many refs {@link SecretSource.probe} can answer in one call just now: 1 while batch is denied. */
  readonly probeBatchSize: number;

  /** True for a ref that {@link SecretSource.probe} can answer together with others. */
  canBatch(ref: SecretRef): boolean;

  /**
   * Reads one secret. Reads that wait at the same time may share one call; an abort detaches only its own caller.
   * @throws SecretNotFound when AWS says that it does not exist or is scheduled for deletion.
   * @throws AccessDenied, InvalidCredentials, Throttled, SourceUnavailable, RequestRejected
   */
  read(ref: SecretRef, signal: AbortSignal): Promise<SecretReading>;

  /**
   * Says that so many reads of a ref are about to come, because it has moved and so many use it: they share one call.
   * Its answer is handed to each as it comes and then forgotten, after two seconds at the latest.
   */
  expectReads(ref: SecretRef, count: number): void;

  /**
   * Asks which version each ref has now. Outcomes are in the order of `refs`; it never rejects for a ref,
   * a failure of the whole call is the outcome of each of its refs.
   */
  probe(refs: readonly SecretRef[], signal: AbortSignal): Promise<readonly ProbeOutcome[]>;

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
    };

/** With which credentials, and where. */
export interface Identity {
  /**
   * Equal exactly when credentials and region are the same. It is part of every cache and batch key, and made
   * of names and resource versions, never of a value.
   */
  readonly key: string;
  readonly region: string;
  readonly credentials: Credentials;
}

export interface SecretSources {
  /** The source of an identity; the same object for the same {@link Identity.key} until it is released. */
  open(identity: Identity): SecretSource;
  /** Closes the sources of all identities but these. */
  retain(identityKeys: ReadonlySet<string>): void;
  close(): void;
}
