/** Objects for tests, complete but for what the test is about. */

import type { ExternalSecret, ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import type { RemoteRef } from '../../../src/api/remote-ref.ts';
import type { ClusterSecretStore, SecretStore, SecretStoreSpec } from '../../../src/api/secret-store.ts';
import type { Reference } from '../../../src/domain/references.ts';
import { parseVersion, refId } from '../../../src/domain/secret-ref.ts';
import { targetShape } from '../../../src/domain/target.ts';
import type { FieldOwner, SecretMetadata } from '../../../src/ports/cluster.ts';

export const ONE_KEY: ExternalSecretSpec = {
  secretStoreRef: { name: 'aws', kind: 'SecretStore' },
  data: [{ secretKey: 'password', remoteRef: { key: 'prod/db' } }],
};

export interface ExternalSecretParts {
  readonly metadata?: Partial<ExternalSecret['metadata']>;
  readonly spec?: ExternalSecretSpec;
  readonly status?: ExternalSecret['status'];
}

/** `team/app`, which takes the key `password` from `prod/db`; `spec` adds to that. */
export function externalSecret({ metadata, spec, status }: ExternalSecretParts = {}): ExternalSecret {
  return {
    kind: 'ExternalSecret',
    metadata: { name: 'app', namespace: 'team', uid: 'uid-app', resourceVersion: '1', generation: 1, ...metadata },
    spec: { ...ONE_KEY, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

type Aws = NonNullable<SecretStoreSpec['provider']['aws']>;

export function storeSpec(aws: Partial<Aws> = {}, spec: Partial<SecretStoreSpec> = {}): SecretStoreSpec {
  return { provider: { aws: { service: 'SecretsManager', region: 'eu-central-1', ...aws } }, ...spec };
}

export function secretStore(
  spec: SecretStoreSpec = storeSpec(),
  metadata: Partial<SecretStore['metadata']> = {},
): SecretStore {
  return {
    kind: 'SecretStore',
    metadata: { name: 'aws', namespace: 'team', uid: 'uid-store', resourceVersion: '1', generation: 1, ...metadata },
    spec,
  };
}

export function clusterSecretStore(spec: SecretStoreSpec = storeSpec()): ClusterSecretStore {
  return {
    kind: 'ClusterSecretStore',
    metadata: { name: 'aws', uid: 'uid-cluster-store', resourceVersion: '1', generation: 1 },
    spec,
  };
}

/** What `spec.data` (with a key) or `spec.dataFrom` (without) makes of a remoteRef. */
export function reference(remoteRef: Partial<RemoteRef> = {}, secretKey?: string): Reference {
  const whole = { key: 'prod/db', ...remoteRef };
  const path = secretKey === undefined ? 'spec.dataFrom[0]' : 'spec.data[0]';
  const ref = { key: whole.key, version: parseVersion(whole.version) };
  return {
    field: `${path} (key: ${whole.key})`,
    ref,
    id: refId(ref),
    refId: refId(ref),
    identityKey: 'identity-a',
    storeKey: 'SecretStore/team/aws',
    taking: whole,
    secretKey,
    rewrite: [],
  };
}

/** The key of what is referred to, in short; a search has none. */
export function keyOf({ ref }: Pick<Reference, 'ref'>): string {
  return 'key' in ref ? ref.key : 'find';
}

/** When the target in {@link writtenTarget} was written: whole seconds, as the API server keeps them. */
export const WRITTEN_AT_MS = Date.parse('2026-01-01T00:00:00Z');

export function fieldOwner(parts: Partial<FieldOwner>): FieldOwner {
  return { manager: 'kubectl', changedAtMs: WRITTEN_AT_MS, dataKeys: [], labels: [], annotations: [], ...parts };
}

/** The target as it is after the ExternalSecret wrote it with a hash of `hash`. */
export function writtenTarget(
  written: ExternalSecret,
  keys: readonly string[] = ['password'],
  change: Partial<SecretMetadata> = {},
): SecretMetadata {
  const { namespace, name, labels, annotations, controller, fieldManager } = targetShape(written, keys, 'hash');
  const own = { labels: Object.keys(labels), annotations: Object.keys(annotations) };
  return {
    namespace,
    name,
    uid: 'uid-secret',
    resourceVersion: '10',
    deleting: false,
    labels,
    annotations,
    controller,
    fieldOwners: [fieldOwner({ manager: fieldManager, dataKeys: keys, ...own })],
    ...change,
  };
}
