/** Reads from the cluster, once, what `keyturn policy` computes policies from. Nothing is written, and no Secret is read. */

import { CLUSTER_SECRET_STORE, EXTERNAL_SECRET, NAMESPACE, SECRET_ACCESS_POLICY, SECRET_STORE } from './api/groups.ts';
import { type Narrowed, narrowExternalSecret, narrowSecretAccessPolicy, narrowStore } from './api/narrow.ts';
import type { SecretAccessPolicy } from './api/secret-access-policy.ts';
import type { Labels } from './domain/label-selector.ts';
import { type PolicyInput, storeUses } from './domain/policy-uses.ts';
import { accessGate, enforcedPolicy } from './domain/secret-access.ts';
import type { AnyStore } from './domain/store-plan.ts';
import { parseStoreKey, type StoreKey, storeItself, storeKeyOf } from './domain/store-standing.ts';
import { storesReadBy } from './domain/used-stores.ts';
import { createKubeClient, type KubeClient } from './kube/client.ts';
import { listAll } from './kube/list-all.ts';
import { readNamespaceMetadata } from './kube/namespace-metadata.ts';
import { asText, at } from './kube/narrow.ts';
import { readOnly } from './kube/read-only-client.ts';
import { clusterObject, everywhere, inNamespace, type NamespacedResource } from './kube/resource-path.ts';
import { createServiceAccounts } from './kube/service-accounts.ts';
import { bodyOrGone } from './kube/stored-data.ts';
import { systemClock } from './loop/system-clock.ts';
import { createMetrics } from './observe/metrics.ts';
import type { RoleBearer } from './ports/cluster.ts';
import { ClusterForbidden, ClusterNotFound } from './ports/errors.ts';
import type { Log } from './ports/log.ts';

export interface ReadPolicyInputOptions
  extends Pick<PolicyInput, 'controllerClass' | 'controllerIdentity' | 'allowsGeneric' | 'onlyStore'> {
  readonly kubeconfig: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Empty for all of them. */
  readonly namespaces: readonly string[];
  /** As `--require-access-policy` of the operator. */
  readonly requiresAccessPolicy: boolean;
}

export interface PolicyReading {
  readonly input: PolicyInput;
  readonly roleBearerOf: (namespace: string, name: string) => RoleBearer | undefined;
  /** Of the tokens of the cluster's ServiceAccounts, without `https://`; undefined where it is not told. */
  readonly issuer: string | undefined;
}

/** Whatever goes wrong is the outcome of the command. */
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type Listed = NamespacedResource;
const EXTERNAL_SECRETS: Listed = { ...EXTERNAL_SECRET, scope: 'namespaced' };
const SECRET_STORES: Listed = { ...SECRET_STORE, scope: 'namespaced' };

async function listIn(
  client: KubeClient,
  resource: Listed,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const paths =
    namespaces.length === 0 ? [everywhere(resource)] : namespaces.map((each) => inNamespace(resource, each));
  return (await Promise.all(paths.map((path) => listAll(client, path, signal)))).flat();
}

type Stores = Map<StoreKey, Narrowed<AnyStore>>;

async function readStores(
  client: KubeClient,
  keys: readonly StoreKey[],
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<Stores> {
  const stores: Stores = new Map();
  for (const raw of await listIn(client, SECRET_STORES, namespaces, signal)) {
    const key = storeKeyOf(
      'SecretStore',
      asText(at(raw, 'metadata', 'namespace')),
      asText(at(raw, 'metadata', 'name')),
    );
    stores.set(key, narrowStore('SecretStore', raw));
  }
  const cluster = new Set(keys.map(storeItself).filter((key) => parseStoreKey(key).kind === 'ClusterSecretStore'));
  const read = [...cluster].map(async (key) => {
    const path = clusterObject({ ...CLUSTER_SECRET_STORE, scope: 'cluster' }, parseStoreKey(key).viewKey);
    const raw = bodyOrGone(await client.call({ verb: 'get', path, signal }));
    if (raw !== undefined) stores.set(key, narrowStore('ClusterSecretStore', raw));
  });
  await Promise.all(read);
  return stores;
}

/** Those of the cluster; undefined for who may not see them. A cluster without the kind has none. */
async function readAccessPolicies(
  client: KubeClient,
  signal: AbortSignal,
): Promise<readonly SecretAccessPolicy[] | undefined> {
  try {
    const listed = await listAll(client, everywhere({ ...SECRET_ACCESS_POLICY, scope: 'cluster' }), signal);
    return listed.map(narrowSecretAccessPolicy).map(enforcedPolicy);
  } catch (error) {
    if (error instanceof ClusterNotFound) return [];
    if (error instanceof ClusterForbidden) return undefined;
    throw error;
  }
}

/** Namespaces for which a selector of a ClusterSecretStore decides. */
function namespacesOfSelectors(keys: readonly StoreKey[], stores: Stores): readonly string[] {
  return keys.flatMap((key) => {
    const store = stores.get(storeItself(key));
    const conditions = store?.kind === 'valid' ? (store.object.spec.conditions ?? []) : [];
    const { namespace } = parseStoreKey(key);
    const decides = conditions.some(({ namespaceSelector }) => namespaceSelector !== undefined);
    return decides && namespace !== undefined ? [namespace] : [];
  });
}

/** Who may not see them is not held up. */
async function readLabels(
  client: KubeClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Labels>> {
  const entries = [...new Set(names)].map(async (name) => {
    const path = clusterObject({ ...NAMESPACE, scope: 'cluster' }, name);
    const result = await client.call({ verb: 'get', path, signal });
    const metadata = result.kind === 'ok' ? readNamespaceMetadata(result.body) : undefined;
    return metadata === undefined ? [] : [[name, metadata.labels] as const];
  });
  return new Map((await Promise.all(entries)).flat());
}

async function readRoleBearers(
  client: KubeClient,
  input: PolicyInput,
  signal: AbortSignal,
): Promise<PolicyReading['roleBearerOf']> {
  const accounts = createServiceAccounts(client);
  const named = storeUses(input).stores.flatMap(({ plan: { credentials } }) =>
    credentials.kind === 'serviceAccount'
      ? [[`${credentials.namespace}/${credentials.name}`, credentials] as const]
      : [],
  );
  const read = [...new Map(named)].map(async ([key, { namespace, name }]) => {
    return [key, await accounts.read({ namespace, name }, signal)] as const;
  });
  const bearers = new Map(await Promise.all(read));
  return (namespace, name) => bearers.get(`${namespace}/${name}`);
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery */
const DISCOVERY = {
  url: '/.well-known/openid-configuration',
  group: '',
  resource: 'openid-configuration',
  namespace: '',
  name: '',
};

async function readIssuer(client: KubeClient, signal: AbortSignal): Promise<string | undefined> {
  const result = await client.call({ verb: 'get', path: DISCOVERY, signal });
  const issuer = result.kind === 'ok' ? asText(at(result.body, 'issuer')) : '';
  return /^https:\/\/([\w./:~-]+?)\/?$/.exec(issuer)?.[1];
}

/** @throws KeyturnError with what the API server refuses; NoClusterConfig */
export async function readPolicyInput(options: ReadPolicyInputOptions, signal: AbortSignal): Promise<PolicyReading> {
  const { kubeconfig: kubeconfigPath, env, namespaces, requiresAccessPolicy: isRequired, ...choices } = options;
  const { metrics } = createMetrics();
  const client = readOnly(createKubeClient({ kubeconfigPath, env, clock: systemClock, log: SILENT, metrics }));
  try {
    const externalSecrets = (await listIn(client, EXTERNAL_SECRETS, namespaces, signal)).map(narrowExternalSecret);
    const keys = externalSecrets.flatMap((entry) =>
      entry.kind === 'valid' ? storesReadBy(entry.object).map(({ storeKey }) => storeKey) : [],
    );
    const stores = await readStores(client, keys, namespaces, signal);
    const policies = await readAccessPolicies(client, signal);
    const bySelector = policies?.some(({ spec }) => spec.namespaceSelector !== undefined) === true;
    const all = externalSecrets.flatMap((entry) => (entry.kind === 'valid' ? [entry.object.metadata.namespace] : []));
    const decided = [...namespacesOfSelectors(keys, stores), ...(bySelector ? all : [])];
    const labels = await readLabels(client, decided, signal);
    const labelsOf = (namespace: string) => labels.get(namespace);
    const input: PolicyInput = {
      externalSecrets,
      storeOf: (key) => stores.get(key),
      labelsOf,
      accessOf: (namespace) =>
        policies === undefined
          ? { kind: 'unknown' }
          : accessGate(namespace, { policies, labels: labelsOf(namespace), isRequired }),
      ...choices,
    };
    const roleBearerOf = await readRoleBearers(client, input, signal);
    return { input, roleBearerOf, issuer: await readIssuer(client, signal) };
  } finally {
    await client.close();
  }
}
