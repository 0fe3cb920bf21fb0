/** Names that are part of the API: groups, kinds, labels, annotations, finalizers. */

export const GROUP = 'external-secrets.io';
export const VERSION = 'v1';
/** Served beside {@link VERSION}, with the same fields, for manifests that are older than it. */
export const OLD_VERSION = 'v1beta1';
const API_VERSION = `${GROUP}/${VERSION}`;

/** One resource of the API, in the terms that URLs, Events and owner references need. */
interface ApiResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

export const EXTERNAL_SECRET = {
  apiVersion: API_VERSION,
  kind: 'ExternalSecret',
  plural: 'externalsecrets',
} as const satisfies ApiResource;

export const SECRET_STORE = {
  apiVersion: API_VERSION,
  kind: 'SecretStore',
  plural: 'secretstores',
} as const satisfies ApiResource;

export const CLUSTER_SECRET_STORE = {
  apiVersion: API_VERSION,
  kind: 'ClusterSecretStore',
  plural: 'clustersecretstores',
} as const satisfies ApiResource;

export const CLUSTER_EXTERNAL_SECRET = {
  apiVersion: API_VERSION,
  kind: 'ClusterExternalSecret',
  plural: 'clusterexternalsecrets',
} as const satisfies ApiResource;

/** Kinds of our own: what upstream has no word for is never a field of its kinds. */
export const OWN_GROUP = 'keyturn.dev';
export const OWN_VERSION = 'v1alpha1';

export const SECRET_ACCESS_POLICY = {
  apiVersion: `${OWN_GROUP}/${OWN_VERSION}`,
  kind: 'SecretAccessPolicy',
  plural: 'secretaccesspolicies',
} as const satisfies ApiResource;

export const SECRET_CONSUMPTION = {
  apiVersion: `${OWN_GROUP}/${OWN_VERSION}`,
  kind: 'SecretConsumption',
  plural: 'secretconsumptions',
} as const satisfies ApiResource;

export const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' } as const satisfies ApiResource;

/** Label on every target Secret; its value is {@link MANAGED_VALUE}. */
export const MANAGED_LABEL = 'reconcile.external-secrets.io/managed';
export const MANAGED_VALUE = 'true';

/** Label on a target that its ExternalSecret owns: the SHA3-224 in hex of `namespace/name` of that ExternalSecret. */
export const CREATED_BY_LABEL = 'reconcile.external-secrets.io/created-by';

/** Annotation of External Secrets Operator on targets: read when one is taken over, never written. */
export const DATA_HASH_ANNOTATION = 'reconcile.external-secrets.io/data-hash';

/** Annotation of ours on targets: a hash over what the Secret was made from, and over no value. */
export const SOURCE_HASH_ANNOTATION = 'keyturn.dev/source-hash';

/** Annotation of ours on targets of ExternalSecrets that ask for rollouts: which versions it has, and since when. */
export const VERSION_ANNOTATION = 'keyturn.dev/version';

/** Annotation on an ExternalSecret: which workloads are restarted when its Secret gets another version. */
export const ROLLOUT_ANNOTATION = 'keyturn.dev/rollout';
/** Annotation on an ExternalSecret whose rollout is held: its value is the version that goes on all the same. */
export const CONFIRM_ROLLOUT_ANNOTATION = 'keyturn.dev/confirm-rollout';
/** Annotation on an ExternalSecret: with `true` it is told which pods hold which version of its Secret. */
export const CONSUMPTION_ANNOTATION = 'keyturn.dev/consumption';
/** What the annotations on pod templates begin with; the name of the ExternalSecret follows. */
export const TRIGGER_PREFIX = 'keyturn.dev/rollout-';

/** Label on the CustomResourceDefinitions. */
export const COMPONENT_LABEL = 'external-secrets.io/component';

/**
 * Finalizers that External Secrets Operator puts on ExternalSecrets and on stores. Keyturn adds none;
 * it removes these from an object that is being deleted, so that nothing hangs once that operator is gone.
 */
export const ESO_EXTERNAL_SECRET_FINALIZER = 'externalsecrets.external-secrets.io/externalsecret-cleanup';
export const ESO_STORE_FINALIZER = 'secretstore.externalsecrets.io/finalizer';

/** The one on ClusterExternalSecrets, and what those on Namespaces begin with: a ClusterExternalSecret's name follows. */
export const ESO_CLUSTER_EXTERNAL_SECRET_FINALIZER =
  'externalsecrets.external-secrets.io/clusterexternalsecret-cleanup';
export const ESO_NAMESPACE_FINALIZER_PREFIX = 'externalsecrets.external-secrets.io/ces-';

/** Annotation of a ClusterExternalSecret that its ExternalSecrets get too: another value of it syncs them again. */
export const FORCE_SYNC_ANNOTATION = 'external-secrets.io/force-sync';

/** Field manager of the ExternalSecrets of ClusterExternalSecrets. */
export const CLUSTER_EXTERNAL_SECRET_MANAGER = 'keyturn-cluster-external-secret';

/** The `apiVersion` that a generator reference has when it names none. */
export const GENERATORS_API_VERSION = 'generators.external-secrets.io/v1alpha1';
