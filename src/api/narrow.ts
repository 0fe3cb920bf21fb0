/**
 * Where objects of the API enter: from whatever the API server sent to the types that everybody else uses.
 *
 * The CRD in the cluster may be another one than ours (upstream's, or an older one), so what the schema promises is
 * checked here once. Defaults are not filled in: the API server has done that where the CRD says so, and readers
 * take an absent field for its default. Fields that the schema does not know are ignored.
 *
 * A status that does not match is dropped rather than held against its object: it is the operator's own to write,
 * and another operator of another version may have left in it what we have never heard of.
 */

import * as Type from 'typebox';
import { appliedMetadata } from './applied-metadata.ts';
import {
  type ClusterExternalSecret,
  clusterExternalSecretSpecSchema,
  clusterExternalSecretStatusSchema,
} from './cluster-external-secret.ts';
import { type ExternalSecret, externalSecretSpecSchema, externalSecretStatusSchema } from './external-secret.ts';
import { CLUSTER_EXTERNAL_SECRET, CLUSTER_EXTERNAL_SECRET_MANAGER } from './groups.ts';
import {
  type NamespacedObjectMeta,
  namespacedObjectMetaSchema,
  type ObjectMeta,
  objectMetaSchema,
  trimObjectMeta,
} from './object-meta.ts';
import { type SchemaChecker, schemaChecker } from './schema-checker.ts';
import {
  type SecretAccessPolicy,
  secretAccessPolicySpecSchema,
  secretAccessPolicyStatusSchema,
} from './secret-access-policy.ts';
import { type SecretConsumption, secretConsumptionStatusSchema } from './secret-consumption.ts';
import {
  type ClusterSecretStore,
  type SecretStore,
  secretStoreSpecSchema,
  secretStoreStatusSchema,
} from './secret-store.ts';

/** `problem` is one sentence that names a field and what was expected of it, and holds no value of the object. */
export type Narrowed<T extends { readonly metadata: ObjectMeta }> =
  | { readonly kind: 'valid'; readonly object: T }
  /** It is known which object this is, so its owner can be told what is wrong with it. */
  | { readonly kind: 'invalid'; readonly meta: T['metadata']; readonly problem: string }
  /** Not even that is known. */
  | { readonly kind: 'unreadable'; readonly problem: string };

const clusterMetaChecker = schemaChecker(Type.Object({ metadata: objectMetaSchema }));
const namespacedMetaChecker = schemaChecker(Type.Object({ metadata: namespacedObjectMetaSchema }));
const externalSecretParts = {
  spec: schemaChecker(Type.Object({ spec: externalSecretSpecSchema })),
  status: schemaChecker(Type.Object({ status: externalSecretStatusSchema })),
};
const storeParts = {
  spec: schemaChecker(Type.Object({ spec: secretStoreSpecSchema })),
  status: schemaChecker(Type.Object({ status: secretStoreStatusSchema })),
};
const clusterExternalSecretParts = {
  spec: schemaChecker(Type.Object({ spec: clusterExternalSecretSpecSchema })),
  status: schemaChecker(Type.Object({ status: clusterExternalSecretStatusSchema })),
};
const secretAccessPolicyParts = {
  spec: schemaChecker(Type.Object({ spec: secretAccessPolicySpecSchema })),
  status: schemaChecker(Type.Object({ status: secretAccessPolicyStatusSchema })),
};
const secretConsumptionStatusChecker = schemaChecker(Type.Object({ status: secretConsumptionStatusSchema }));

/** Costs a few microseconds. The result shares `spec`, `status` and parts of `metadata` with `raw`, nothing else. */
export function narrowExternalSecret(raw: unknown): Narrowed<ExternalSecret> {
  const metadata = namespacedMeta(raw);
  if (metadata === undefined) {
    return { kind: 'unreadable', problem: namespacedMetaChecker.problem(raw) };
  }
  const narrowed = specAndStatus(externalSecretParts, raw);
  return typeof narrowed === 'string'
    ? { kind: 'invalid', meta: metadata, problem: narrowed }
    : { kind: 'valid', object: { kind: 'ExternalSecret', metadata, ...narrowed } };
}

/** As {@link narrowExternalSecret}. A store of another provider is valid. */
export function narrowStore(kind: 'SecretStore', raw: unknown): Narrowed<SecretStore>;
export function narrowStore(kind: 'ClusterSecretStore', raw: unknown): Narrowed<ClusterSecretStore>;
export function narrowStore(
  kind: 'SecretStore' | 'ClusterSecretStore',
  raw: unknown,
): Narrowed<SecretStore> | Narrowed<ClusterSecretStore> {
  return kind === 'SecretStore' ? narrowSecretStore(raw) : narrowClusterSecretStore(raw);
}

function narrowSecretStore(raw: unknown): Narrowed<SecretStore> {
  const metadata = namespacedMeta(raw);
  if (metadata === undefined) {
    return { kind: 'unreadable', problem: namespacedMetaChecker.problem(raw) };
  }
  const narrowed = specAndStatus(storeParts, raw);
  return typeof narrowed === 'string'
    ? { kind: 'invalid', meta: metadata, problem: narrowed }
    : { kind: 'valid', object: { kind: 'SecretStore', metadata, ...narrowed } };
}

/** As {@link narrowExternalSecret}. */
export function narrowClusterExternalSecret(raw: unknown): Narrowed<ClusterExternalSecret> {
  if (!clusterMetaChecker.matches(raw)) {
    return { kind: 'unreadable', problem: clusterMetaChecker.problem(raw) };
  }
  const metadata = trimObjectMeta(raw.metadata);
  const narrowed = specAndStatus(clusterExternalSecretParts, raw);
  return typeof narrowed === 'string'
    ? { kind: 'invalid', meta: metadata, problem: narrowed }
    : { kind: 'valid', object: { kind: 'ClusterExternalSecret', metadata, ...narrowed } };
}

/** As {@link narrowExternalSecret}. */
export function narrowSecretAccessPolicy(raw: unknown): Narrowed<SecretAccessPolicy> {
  if (!clusterMetaChecker.matches(raw)) {
    return { kind: 'unreadable', problem: clusterMetaChecker.problem(raw) };
  }
  const metadata = trimObjectMeta(raw.metadata);
  const narrowed = specAndStatus(secretAccessPolicyParts, raw);
  return typeof narrowed === 'string'
    ? { kind: 'invalid', meta: metadata, problem: narrowed }
    : { kind: 'valid', object: { kind: 'SecretAccessPolicy', metadata, ...narrowed } };
}

/** As {@link narrowExternalSecret}, but never invalid: a status that cannot be read is one that has to be written anew. */
export function narrowSecretConsumption(raw: unknown): Narrowed<SecretConsumption> {
  const metadata = namespacedMeta(raw);
  if (metadata === undefined) {
    return { kind: 'unreadable', problem: namespacedMetaChecker.problem(raw) };
  }
  const status = secretConsumptionStatusChecker.matches(raw) ? { status: raw.status } : {};
  return { kind: 'valid', object: { kind: 'SecretConsumption', metadata, ...status } };
}

function narrowClusterSecretStore(raw: unknown): Narrowed<ClusterSecretStore> {
  if (!clusterMetaChecker.matches(raw)) {
    return { kind: 'unreadable', problem: clusterMetaChecker.problem(raw) };
  }
  const metadata = trimObjectMeta(raw.metadata);
  const narrowed = specAndStatus(storeParts, raw);
  return typeof narrowed === 'string'
    ? { kind: 'invalid', meta: metadata, problem: narrowed }
    : { kind: 'valid', object: { kind: 'ClusterSecretStore', metadata, ...narrowed } };
}

function namespacedMeta(raw: unknown): NamespacedObjectMeta | undefined {
  if (!namespacedMetaChecker.matches(raw)) {
    return undefined;
  }
  const trimmed = trimObjectMeta(raw.metadata);
  return { ...trimmed, namespace: raw.metadata.namespace, ...applied(trimmed, raw.metadata) };
}

function applied({ controller }: ObjectMeta, metadata: object): Pick<NamespacedObjectMeta, 'applied'> {
  if (controller?.kind !== CLUSTER_EXTERNAL_SECRET.kind || !('managedFields' in metadata)) {
    return {};
  }
  return { applied: appliedMetadata(metadata.managedFields, CLUSTER_EXTERNAL_SECRET_MANAGER) };
}

interface SpecAndStatus<Spec, Status> {
  readonly spec: Spec;
  readonly status?: Status;
}

interface PartCheckers<Spec, Status> {
  readonly spec: SchemaChecker<{ readonly spec: Spec }>;
  readonly status: SchemaChecker<{ readonly status: Status }>;
}

/** The two parts, or what is wrong with the spec. */
function specAndStatus<Spec, Status>(
  parts: PartCheckers<Spec, Status>,
  raw: unknown,
): SpecAndStatus<Spec, Status> | string {
  if (!parts.spec.matches(raw)) {
    return parts.spec.problem(raw);
  }
  const { spec } = raw;
  const whole: unknown = raw;
  return parts.status.matches(whole) ? { spec, status: whole.status } : { spec };
}
