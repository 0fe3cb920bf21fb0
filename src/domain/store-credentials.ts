/** Where the credentials of a store come from, by `spec.provider.aws.auth` (upstream section 3.4). Pure. */

import type { AwsProvider, SecretKeySelector, ServiceAccountSelector } from '../api/aws-provider.ts';
import { InvalidSpec } from '../ports/errors.ts';
import type { AnyStore } from './store-plan.ts';

export interface KeyLocation {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

export type CredentialPlan =
  | { readonly kind: 'defaultChain' }
  | {
      readonly kind: 'static';
      readonly accessKeyId: KeyLocation;
      readonly secretAccessKey: KeyLocation;
      readonly sessionToken: KeyLocation | undefined;
    }
  | {
      readonly kind: 'serviceAccount';
      readonly namespace: string;
      readonly name: string;
      /** Besides that of its annotation, or the usual one of AWS STS. */
      readonly audiences: readonly string[];
    };

const AUTH = 'spec.provider.aws.auth';

/** The selectors that are used; a jwt wins over a secretRef. */
function selectorsOf({ auth }: AwsProvider): readonly { readonly namespace?: string }[] {
  const { jwt, secretRef } = auth ?? {};
  if (jwt !== undefined) return jwt.serviceAccountRef === undefined ? [] : [jwt.serviceAccountRef];
  const { accessKeyIDSecretRef, secretAccessKeySecretRef, sessionTokenSecretRef } = secretRef ?? {};
  return [accessKeyIDSecretRef, secretAccessKeySecretRef, sessionTokenSecretRef].filter((ref) => ref !== undefined);
}

/** Whether something of it is looked for in the namespace of whoever uses the store. */
export function isReferent(store: AnyStore, aws: AwsProvider): boolean {
  return store.kind === 'ClusterSecretStore' && selectorsOf(aws).some(({ namespace }) => namespace === undefined);
}

/**
 * A SecretStore reads in its own namespace only, whatever it says; of a ClusterSecretStore what names no namespace is in that of the ExternalSecret.
 */
function placeOf(
  store: AnyStore,
  { namespace }: { readonly namespace?: string },
  path: string,
  using: string,
): string | InvalidSpec {
  if (store.kind === 'ClusterSecretStore') return namespace ?? using;
  const own = store.metadata.namespace;
  if (namespace === undefined || namespace === own) return own;
  return new InvalidSpec(`${path}.namespace is "${namespace}"; a SecretStore can only use its own namespace "${own}"`);
}

function locate(
  store: AnyStore,
  selector: SecretKeySelector = {},
  field: string,
  using: string,
): KeyLocation | InvalidSpec {
  const { name = '', key = '' } = selector;
  const path = `${AUTH}.secretRef.${field}`;
  if (name === '' || key === '') return new InvalidSpec(`${path} needs both name and key`);
  const namespace = placeOf(store, selector, path, using);
  return namespace instanceof InvalidSpec ? namespace : { namespace, name, key };
}

function ofServiceAccount(
  store: AnyStore,
  ref: ServiceAccountSelector | undefined,
  using: string,
): CredentialPlan | InvalidSpec {
  const path = `${AUTH}.jwt.serviceAccountRef`;
  if (ref === undefined) return new InvalidSpec(`${path} is missing; name the ServiceAccount whose role is assumed`);
  const namespace = placeOf(store, ref, path, using);
  if (namespace instanceof InvalidSpec) return namespace;
  return { kind: 'serviceAccount', namespace, name: ref.name, audiences: ref.audiences ?? [] };
}

/** @param using the namespace whose ExternalSecrets use the store */
export function credentialsOf(store: AnyStore, aws: AwsProvider, using: string): CredentialPlan | InvalidSpec {
  const { jwt, secretRef: ref } = aws.auth ?? {};
  if (jwt !== undefined) return ofServiceAccount(store, jwt.serviceAccountRef, using);
  if (ref === undefined) return { kind: 'defaultChain' };
  const accessKeyId = locate(store, ref.accessKeyIDSecretRef, 'accessKeyIDSecretRef', using);
  const secretAccessKey = locate(store, ref.secretAccessKeySecretRef, 'secretAccessKeySecretRef', using);
  const sessionToken =
    ref.sessionTokenSecretRef && locate(store, ref.sessionTokenSecretRef, 'sessionTokenSecretRef', using);
  if (accessKeyId instanceof InvalidSpec) return accessKeyId;
  if (secretAccessKey instanceof InvalidSpec) return secretAccessKey;
  if (sessionToken instanceof InvalidSpec) return sessionToken;
  return { kind: 'static', accessKeyId, secretAccessKey, sessionToken };
}

/** Objects whose change concerns the store, as `Kind/namespace/name`. */
export function credentialObjects(credentials: CredentialPlan): readonly string[] {
  switch (credentials.kind) {
    case 'defaultChain':
      return [];
    case 'serviceAccount':
      return [`ServiceAccount/${credentials.namespace}/${credentials.name}`];
    case 'static': {
      const { accessKeyId, secretAccessKey, sessionToken } = credentials;
      const locations = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
      return [...new Set(locations.map(({ namespace, name }) => `Secret/${namespace}/${name}`))];
    }
  }
}

/** Which kinds of stores may use the credentials of the operator itself. */
export type ControllerIdentity = 'none' | 'cluster' | 'all';

/** Who may write a SecretStore would otherwise read with rights that were never given to him. */
export function lendingProblem(
  store: AnyStore,
  { kind }: CredentialPlan,
  allowed: ControllerIdentity,
): InvalidSpec | undefined {
  if (kind !== 'defaultChain' || allowed === 'all') return undefined;
  if (allowed === 'cluster' && store.kind === 'ClusterSecretStore') return undefined;
  return new InvalidSpec(
    `${AUTH} is missing, and the operator does not lend its own credentials to a ${store.kind}; name a ServiceAccount ` +
      `(auth.jwt) or a Secret (auth.secretRef), or start the operator with --allow-controller-identity=` +
      `${store.kind === 'SecretStore' ? 'all' : 'cluster'}`,
  );
}
