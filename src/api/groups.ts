/** Names that are part of the API: groups, kinds, labels, annotations, finalizers. */

export const GROUP = 'external-secrets.io';
export const VERSION = 'v1';
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

/** Label on every target Secret; its value is {@link MANAGED_VALUE}. */
export const MANAGED_LABEL = 'reconcile.external-secrets.io/managed';
export const MANAGED_VALUE = 'true';

/** Label on a target that its ExternalSecret owns: the SHA3-224 in hex of `namespace/name` of that ExternalSecret. */
export const CREATED_BY_LABEL = 'reconcile.external-secrets.io/created-by';

/** Annotation of External Secrets Operator on targets: read when one is taken over, never written. */
export const DATA_HASH_ANNOTATION = 'reconcile.external-secrets.io/data-hash';

/** Annotation of ours on targets: a hash over what the Secret was made from, and over no value. */
export const SOURCE_HASH_ANNOTATION = 'keyturn.dev/source-hash';

/** Label on the CustomResourceDefinitions. */
export const COMPONENT_LABEL = 'external-secrets.io/component';

/**
 * Finalizers that External Secrets Operator puts on ExternalSecrets and on stores. Keyturn adds none;
 * it removes these from an object that is being deleted, so that nothing hangs once that operator is gone.
 */
export const ESO_EXTERNAL_SECRET_FINALIZER = 'externalsecrets.external-secrets.io/externalsecret-cleanup';
export const ESO_STORE_FINALIZER = 'secretstore.externalsecrets.io/finalizer';

/** The `apiVersion` that a generator reference has when it names none. */
export const GENERATORS_API_VERSION = 'generators.external-secrets.io/v1alpha1';
