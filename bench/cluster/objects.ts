/** The objects that the bench makes: the store, ExternalSecrets, and bodies like those that the operator sends. */

import { CREATED_BY_LABEL, MANAGED_LABEL, MANAGED_VALUE, SOURCE_HASH_ANNOTATION } from '../../src/api/groups.ts';
import { createdByHash, fieldManagerOf, syncedResourceVersion } from '../../src/domain/upstream-hash.ts';
import { REGION, secretFields } from '../aws/secrets.ts';
import type { ApiRequest } from './api-client.ts';

export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const STORE_NAME = 'aws';
const CREDENTIALS_NAME = 'aws-credentials';
const SECRET_ACCESS_KEY = 'not-a-real-key';
const API_VERSION = 'external-secrets.io/v1';

export function externalSecretsPath(namespace: string): string {
  return `/apis/${API_VERSION}/namespaces/${namespace}/externalsecrets`;
}

export function secretsPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets`;
}

export function createNamespace(name: string): ApiRequest {
  return post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** What the stand-in knows a caller by: 20 letters and digits, as an access key id has. */
export function accessKeyOf(namespace: string): string {
  const letters = namespace.replaceAll(/[^a-z]/g, '').toUpperCase();
  return `AKIA${letters}`.padEnd(20, '0').slice(0, 20);
}

/** A store with static credentials of its own, and the Secret that holds them. */
export function createStore(namespace: string): readonly ApiRequest[] {
  const from = (key: string) => ({ name: CREDENTIALS_NAME, key });
  const secretRef = { accessKeyIDSecretRef: from('id'), secretAccessKeySecretRef: from('key') };
  const credentials = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: CREDENTIALS_NAME },
    stringData: { id: accessKeyOf(namespace), key: SECRET_ACCESS_KEY },
  };
  const store = {
    apiVersion: API_VERSION,
    kind: 'SecretStore',
    metadata: { name: STORE_NAME },
    spec: { provider: { aws: { service: 'SecretsManager', region: REGION, auth: { secretRef } } } },
  };
  return [
    post(secretsPath(namespace), credentials),
    post(externalSecretsPath(namespace).replace(/externalsecrets$/, 'secretstores'), store),
  ];
}

export interface WantedSync {
  readonly namespace: string;
  /** Of the ExternalSecret and its Secret. */
  readonly name: string;
  readonly secret: string;
  readonly interval: string;
}

export function createExternalSecret({ namespace, name, secret, interval }: WantedSync): ApiRequest {
  return post(externalSecretsPath(namespace), {
    apiVersion: API_VERSION,
    kind: 'ExternalSecret',
    metadata: { name },
    spec: {
      refreshInterval: interval,
      secretStoreRef: { name: STORE_NAME },
      dataFrom: [{ extract: { key: secret } }],
    },
  });
}

/** The create of a target as the operator sends it: same URL, headers and members, as large a body. */
export function createTarget({ namespace, name, secret }: WantedSync, uid: string): ApiRequest {
  const data = Object.entries(secretFields(secret, 1)).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { [MANAGED_LABEL]: MANAGED_VALUE, [CREATED_BY_LABEL]: createdByHash(namespace, name) },
      annotations: { [SOURCE_HASH_ANNOTATION]: '0'.repeat(64) },
      ownerReferences: [
        { apiVersion: API_VERSION, kind: 'ExternalSecret', name, uid, controller: true, blockOwnerDeletion: true },
      ],
    },
    type: 'Opaque',
    data: Object.fromEntries(data),
  };
  const path = `${secretsPath(namespace)}?fieldManager=${encodeURIComponent(fieldManagerOf(name))}`;
  return { ...post(path, body), accept: METADATA_ONLY };
}

/** The first status of an ExternalSecret as the operator sends it. */
export function writeStatus({ namespace, name }: WantedSync, uid: string): ApiRequest {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const ready = { type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced' };
  const status = {
    refreshTime: now,
    syncedResourceVersion: syncedResourceVersion({ generation: 1 }),
    conditions: [{ ...ready, lastTransitionTime: now }],
    binding: { name },
  };
  const patch = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/status', value: null },
    { op: 'add', path: '/status', value: status },
  ];
  return {
    method: 'PATCH',
    path: `${externalSecretsPath(namespace)}/${name}/status?fieldManager=keyturn`,
    body: JSON.stringify(patch),
    contentType: 'application/json-patch+json',
    accept: METADATA_ONLY,
  };
}

function post(path: string, body: object): ApiRequest {
  return { method: 'POST', path, body: JSON.stringify(body) };
}
