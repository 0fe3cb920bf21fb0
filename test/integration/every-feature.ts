/** A cluster in which everything that the operator can do is done once: for tests of what that takes. */

import {
  ESO_CLUSTER_EXTERNAL_SECRET_FINALIZER,
  ESO_EXTERNAL_SECRET_FINALIZER,
  ESO_NAMESPACE_FINALIZER_PREFIX,
  ESO_STORE_FINALIZER,
} from '../../src/api/groups.ts';
import { createIamRole, trustingServiceAccount } from '../harness/iam.ts';
import { until } from '../harness/until.ts';
import { at, type Json, type Kind } from './cluster-objects.ts';
import type { World } from './operator-world.ts';

const SOON_MS = 20_000;

export interface Stage {
  readonly namespace: string;
  /** Name of a secret at AWS. */
  readonly key: string;
}

const one = (key: string): Json => ({ data: [{ secretKey: 'password', remoteRef: { key } }] });

async function isGone(world: World, kind: Kind, namespace: string, name: string): Promise<void> {
  const probe = async () => (await world.objects.get(kind, namespace, name)) === undefined;
  await until(`${kind} ${name} to be gone`, probe, SOON_MS);
}

async function isSaid(world: World, kind: Kind, namespace: string, name: string, field: string): Promise<void> {
  const probe = async () => at(await world.objects.get(kind, namespace, name), 'status', field) !== undefined;
  await until(`status.${field} of ${kind} ${name}`, probe, SOON_MS);
}

/** Removes an object that External Secrets Operator had a finalizer on. */
async function release(world: World, kind: Kind, namespace: string, name: string): Promise<void> {
  await world.objects.remove(kind, namespace, name);
  await isGone(world, kind, namespace, name);
}

/** A Secret that is made, rotated, put right twice, renamed, and deleted. */
export async function syncEverything(world: World, { namespace, key }: Stage): Promise<void> {
  await world.store(namespace);
  await world.externalSecret(namespace, 'app', { ...one(key), refreshInterval: '1s' });
  await world.expectReady(namespace, 'app');
  const rotated = world.canary();
  await world.putSecret(rotated, key);
  await world.expectData(namespace, 'app', { password: rotated });
  for (let time = 0; time < 2; time += 1) {
    await world.objects.remove('Secret', namespace, 'app');
    await world.expectData(namespace, 'app', { password: rotated });
  }
  await world.externalSecret(namespace, 'app', { ...one(key), target: { name: 'renamed' } });
  await world.expectData(namespace, 'renamed', { password: rotated });
  await isGone(world, 'Secret', namespace, 'app');
}

/** Templates that are kept in a ConfigMap and in a Secret. */
export async function renderEverything(world: World, { namespace, key }: Stage): Promise<void> {
  await world.objects.apply('ConfigMap', namespace, 'templates', { data: { a: '{{ .password }}' } });
  await world.objects.apply('Secret', namespace, 'templates', { stringData: { b: '{{ .password }}' } });
  const from = (item: string) => ({ name: 'templates', items: [{ key: item }] });
  const template = { templateFrom: [{ configMap: from('a') }, { secret: from('b') }] };
  await world.externalSecret(namespace, 'rendered', { ...one(key), target: { template } });
  await world.expectReady(namespace, 'rendered');
}

/** A SecretStore that reads by a ServiceAccount `reader`. */
export async function readByServiceAccount(world: World, { namespace, key }: Stage): Promise<void> {
  const trust = trustingServiceAccount(world.aws, `${namespace}:reader`);
  const allow = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' } as const;
  const role = await createIamRole(world.aws, [trust], [allow]);
  const annotations = { 'eks.amazonaws.com/role-arn': role.arn };
  await world.objects.apply('ServiceAccount', namespace, 'reader', { metadata: { annotations } });
  const auth = { jwt: { serviceAccountRef: { name: 'reader' } } };
  const aws = { service: 'SecretsManager', region: world.aws.region, auth };
  await world.objects.apply('SecretStore', namespace, 'by-reader', { spec: { provider: { aws } } });
  await world.externalSecret(namespace, 'by-reader', { ...one(key), secretStoreRef: { name: 'by-reader' } });
  await world.expectReady(namespace, 'by-reader');
  // It is watched: what becomes of it is noticed at once.
  await world.objects.remove('ServiceAccount', namespace, 'reader');
  await world.expectNotReady(namespace, 'by-reader', /does not exist/);
}

/** Finalizers of External Secrets Operator on what belongs to a namespace. */
export async function releaseNamespaced(world: World, { namespace, key }: Stage): Promise<void> {
  const finalized = (finalizer: string) => ({ metadata: { finalizers: [finalizer] } });
  const { metadata } = finalized(ESO_EXTERNAL_SECRET_FINALIZER);
  await world.externalSecret(namespace, 'finalized', one(key), metadata);
  await world.expectReady(namespace, 'finalized');
  await world.store(namespace, { name: 'finalized' });
  await world.objects.apply('SecretStore', namespace, 'finalized', finalized(ESO_STORE_FINALIZER));
  await release(world, 'ExternalSecret', namespace, 'finalized');
  await release(world, 'SecretStore', namespace, 'finalized');
}

/** What belongs to the cluster: ClusterSecretStores, ClusterExternalSecrets, SecretAccessPolicies, and their finalizers. */
export async function doClusterWide(world: World, { namespace, key }: Stage): Promise<void> {
  const name = world.uniqueName('wide');
  await world.clusterStore(namespace, name);
  await world.objects.apply('SecretAccessPolicy', '', name, {
    spec: { namespaces: [namespace], allow: [{ secrets: { names: [key] } }] },
  });
  const externalSecretSpec = { secretStoreRef: { name, kind: 'ClusterSecretStore' }, ...one(key) };
  const provision = (namespaces: readonly string[], spec: Json = {}) =>
    world.objects.apply('ClusterExternalSecret', '', name, {
      metadata: { finalizers: [ESO_CLUSTER_EXTERNAL_SECRET_FINALIZER] },
      spec: { externalSecretSpec: { ...externalSecretSpec, ...spec }, namespaces },
    });
  await provision([namespace]);
  await world.expectReady(namespace, name);
  await provision([namespace], { target: { name: `${name}-renamed` } });
  await until(
    'the change to be there',
    async () => (await world.secretData(namespace, `${name}-renamed`)) !== undefined,
    SOON_MS,
  );
  await provision(['nobody']);
  await isGone(world, 'ExternalSecret', namespace, name);
  await isSaid(world, 'SecretAccessPolicy', '', name, 'allowed');
  await release(world, 'ClusterExternalSecret', '', name);
  await world.objects.apply('ClusterSecretStore', '', name, { metadata: { finalizers: [ESO_STORE_FINALIZER] } });
  await release(world, 'ClusterSecretStore', '', name);
  await world.objects.remove('SecretAccessPolicy', '', name);
  await releaseNamespace(world);
}

async function releaseNamespace({ cluster, uniqueName }: World): Promise<void> {
  const name = uniqueName('finalized');
  const finalizers = [`${ESO_NAMESPACE_FINALIZER_PREFIX}gone`];
  await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, finalizers } }));
  const path = `/api/v1/namespaces/${name}`;
  await cluster.request('DELETE', path);
  await until(`namespace ${name} to be gone`, async () => (await cluster.request('GET', path)).status === 404, SOON_MS);
}
