/** How a SecretStore or ClusterSecretStore is to be used, from its spec alone. Pure. */

import type { AwsProvider, SecretKeySelector } from '../api/aws-provider.ts';
import type { ClusterSecretStore, SecretStore } from '../api/secret-store.ts';
import { InvalidSpec } from '../ports/errors.ts';
import { parseDurationMs } from './duration.ts';

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
    };

export type StorePlan =
  | { readonly kind: 'otherClass'; readonly controllerClass: string }
  | { readonly kind: 'invalid'; readonly error: InvalidSpec }
  | {
      readonly kind: 'check';
      readonly region: string;
      readonly keyPrefix: string;
      readonly credentials: CredentialPlan;
      readonly revalidateMs: number;
    };

export type AnyStore = SecretStore | ClusterSecretStore;

/** Upstream's `--store-requeue-interval`. */
const REVALIDATE_MS = 5 * 60_000;

const NOT_YET = 'is not implemented by Keyturn yet; remove it, or see the README for what is';

/** Fields that change who reads or who may read: to pass over one would read with the wrong rights. */
function unsupportedField(store: AnyStore, aws: AwsProvider): string | undefined {
  const fields: readonly (readonly [string, boolean])[] = [
    ['spec.conditions', (store.spec.conditions ?? []).length > 0],
    ['spec.retrySettings', store.spec.retrySettings !== undefined],
    ['spec.provider.aws.auth.jwt', aws.auth?.jwt !== undefined],
    ['spec.provider.aws.role', aws.role !== undefined && aws.role !== ''],
    ['spec.provider.aws.additionalRoles', (aws.additionalRoles ?? []).length > 0],
    ['spec.provider.aws.externalID', aws.externalID !== undefined && aws.externalID !== ''],
    ['spec.provider.aws.sessionTags', (aws.sessionTags ?? []).length > 0],
    ['spec.provider.aws.transitiveTagKeys', (aws.transitiveTagKeys ?? []).length > 0],
    ['spec.provider.aws.sessionTagsPolicy', (aws.sessionTagsPolicy ?? 'None') !== 'None'],
  ];
  return fields.find(([, isSet]) => isSet)?.[0];
}

function providerProblem(store: AnyStore): string | undefined {
  const { aws } = store.spec.provider;
  if (aws === undefined) {
    const [name = 'none'] = Object.keys(store.spec.provider);
    return `spec.provider is "${name}"; Keyturn reads from AWS Secrets Manager only (spec.provider.aws)`;
  }
  if (aws.service !== 'SecretsManager') {
    return `spec.provider.aws.service is ${aws.service}; Keyturn reads from SecretsManager only`;
  }
  if (!isRegion(aws.region)) {
    return `spec.provider.aws.region "${aws.region}" is not a region name; write one such as "eu-central-1"`;
  }
  const field = unsupportedField(store, aws);
  return field === undefined ? undefined : `${field} ${NOT_YET}`;
}

/** The region becomes part of a host name: anything but one lower-case label could lead the request elsewhere. */
function isRegion(region: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(region);
}

/** A namespaced store reads its own namespace's Secrets only, whatever it says. */
function locate(store: AnyStore, selector: SecretKeySelector | undefined, field: string): KeyLocation | InvalidSpec {
  const { name = '', key = '', namespace } = selector ?? {};
  const path = `spec.provider.aws.auth.secretRef.${field}`;
  if (name === '' || key === '') return new InvalidSpec(`${path} needs both name and key`);
  if (store.kind === 'SecretStore') {
    const own = store.metadata.namespace;
    if (namespace === undefined || namespace === own) return { namespace: own, name, key };
    return new InvalidSpec(
      `${path}.namespace is "${namespace}"; a SecretStore can only use its own namespace "${own}"`,
    );
  }
  if (namespace !== undefined) return { namespace, name, key };
  return new InvalidSpec(`${path} without a namespace (the ExternalSecret's own would be used) ${NOT_YET}`);
}

function credentialsOf(store: AnyStore, aws: AwsProvider): CredentialPlan | InvalidSpec {
  const ref = aws.auth?.secretRef;
  if (ref === undefined) return { kind: 'defaultChain' };
  const accessKeyId = locate(store, ref.accessKeyIDSecretRef, 'accessKeyIDSecretRef');
  const secretAccessKey = locate(store, ref.secretAccessKeySecretRef, 'secretAccessKeySecretRef');
  const sessionToken = ref.sessionTokenSecretRef && locate(store, ref.sessionTokenSecretRef, 'sessionTokenSecretRef');
  if (accessKeyId instanceof InvalidSpec) return accessKeyId;
  if (secretAccessKey instanceof InvalidSpec) return secretAccessKey;
  if (sessionToken instanceof InvalidSpec) return sessionToken;
  return { kind: 'static', accessKeyId, secretAccessKey, sessionToken };
}

/** An integer is seconds, a string a Go duration; absent and 0 mean the default (upstream section 3.1). */
function revalidateMs(store: AnyStore): number | InvalidSpec {
  const { refreshInterval } = store.spec;
  const ms = typeof refreshInterval === 'string' ? parseDurationMs(refreshInterval) : (refreshInterval ?? 0) * 1000;
  if (ms === undefined || ms < 0) {
    return new InvalidSpec('spec.refreshInterval is neither seconds nor a duration such as "5m"');
  }
  return ms === 0 ? REVALIDATE_MS : ms;
}

/** The Secrets whose change concerns the store. */
export function credentialLocations(plan: StorePlan): readonly KeyLocation[] {
  if (plan.kind !== 'check' || plan.credentials.kind !== 'static') return [];
  const { accessKeyId, secretAccessKey, sessionToken } = plan.credentials;
  return sessionToken === undefined ? [accessKeyId, secretAccessKey] : [accessKeyId, secretAccessKey, sessionToken];
}

/** @param ownClass the class that this operator runs as; a store without a class is everybody's */
export function planStore(store: AnyStore, ownClass: string): StorePlan {
  const { controller } = store.spec;
  if (controller !== undefined && controller !== '' && controller !== ownClass) {
    return { kind: 'otherClass', controllerClass: controller };
  }
  const problem = providerProblem(store);
  const { aws } = store.spec.provider;
  if (problem !== undefined || aws === undefined) return { kind: 'invalid', error: new InvalidSpec(problem ?? '') };
  const credentials = credentialsOf(store, aws);
  if (credentials instanceof InvalidSpec) return { kind: 'invalid', error: credentials };
  const interval = revalidateMs(store);
  if (interval instanceof InvalidSpec) return { kind: 'invalid', error: interval };
  return { kind: 'check', region: aws.region, keyPrefix: aws.prefix ?? '', credentials, revalidateMs: interval };
}
