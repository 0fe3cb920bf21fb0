/** Objects of any kind at the real API server: what it says of fields, what messages say, what the watch tells. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { createGenericObjects } from '../../src/kube/generic-objects.ts';
import { createWatchedKinds } from '../../src/kube/watched-kinds.ts';
import { systemClock } from '../../src/loop/system-clock.ts';
import type {
  GenericMetadata,
  GenericObjects,
  GenericPatch,
  NewGenericObject,
} from '../../src/ports/generic-objects.ts';
import { isJsonObject, type JsonObject, parseJson, SecretJson } from '../../src/ports/secret-json.ts';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type CustomKind, customKind } from '../harness/custom-kind.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import { sharedCluster } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { createRecordedLog, createRecordedMetrics } from '../unit/kube/records.ts';

const signal = new AbortController().signal;
const MANAGED = 'reconcile.external-secrets.io/managed';
const CANARY = 'canary-hunter2';
const merge = { contentType: 'application/merge-patch+json' };
let cluster: ClusterClient;
let namespace: FreshNamespace;
let client: KubeClient;
let objects: GenericObjects;
const definitions: CustomKind[] = [];

async function defined(...args: [kind: string, options?: Parameters<typeof customKind>[2]]): Promise<CustomKind> {
  const definition = await customKind(cluster, ...args);
  definitions.push(definition);
  return definition;
}

function open(kubeconfigPath: string): KubeClient {
  const options = { kubeconfigPath, clock: systemClock, log: createRecordedLog(), metrics: createRecordedMetrics() };
  return createKubeClient(options);
}

function json(value: object): SecretJson<JsonObject> {
  const parsed = parseJson(JSON.stringify(value));
  return new SecretJson<JsonObject>(isJsonObject(parsed) ? parsed : new Map());
}

function fresh(name: string, content: object, more: Partial<NewGenericObject> = {}): NewGenericObject {
  const marks = { labels: {}, annotations: {}, controller: undefined };
  return { namespace: namespace.name, name, ...marks, content: json(content), ...more };
}

const change = (content: object): GenericPatch => ({
  labels: {},
  annotations: {},
  controller: undefined,
  content: json(content),
});

beforeAll(async () => {
  cluster = sharedCluster();
  namespace = await freshNamespace(cluster, 'kinds');
  client = open(cluster.adminKubeconfigPath);
  objects = createGenericObjects(client, systemClock);
});

afterAll(async () => {
  await client.close();
  for (const definition of definitions) await definition.remove();
  await namespace.remove();
  await cluster.close();
});

describe('fields', () => {
  it('of items of a list are told by number, and what is in them is not', async () => {
    const rules = {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, to: { type: 'string' } }, required: ['name'] },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    };
    const tokens = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' };
    const definition = await defined('Ruled', { spec: { type: 'object', properties: { rules, tokens } } });
    const kind = await objects.servedKind(definition.apiVersion, 'Ruled', signal);
    const spec = {
      rules: [
        { name: CANARY, to: 'a' },
        { name: 'x', to: 'b' },
      ],
      tokens: [CANARY, 'y'],
    };
    const created = await objects.create(kind, fresh('ruled', { spec }), 'keyturn', signal);
    expect(created.fieldOwners).toMatchObject([
      {
        manager: 'keyturn',
        fields: [
          ['spec', 'rules'],
          ['spec', 'tokens'],
        ],
      },
    ]);
    expect(JSON.stringify(created)).not.toContain(CANARY);
    const [own] = created.fieldOwners;
    const path = `/apis/${definition.apiVersion}/namespaces/${namespace.name}/${definition.plural}/ruled`;
    await cluster.request('PATCH', path, { spec: { rules: [spec.rules[0]] } }, merge);
    const after = await objects.look(kind, created, signal);
    expect(after?.fieldOwners[0]?.size).toBeLessThan(own?.size ?? 0);
  });

  it('are not touched by a status', async () => {
    const definition = await defined('Stated');
    const kind = await objects.servedKind(definition.apiVersion, 'Stated', signal);
    const created = await objects.create(kind, fresh('stated', { spec: { a: 1 } }), 'keyturn', signal);
    const path = `/apis/${definition.apiVersion}/namespaces/${namespace.name}/${definition.plural}/stated`;
    await cluster.request('PATCH', `${path}/status`, { status: { ready: true } }, merge);
    const after = await objects.look(kind, created, signal);
    expect(after?.resourceVersion).not.toBe(created.resourceVersion);
    expect(after?.fieldOwners).toEqual(created.fieldOwners);
    const read = await objects.read(kind, created, signal);
    expect(read?.content.reveal().keys().toArray()).toEqual(['spec']);
  });
});

describe('what the API server refuses', () => {
  const said = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'accepted',
      (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error'),
    );

  it('is told without a value', async () => {
    const spec = {
      type: 'object',
      properties: { replicas: { type: 'integer' }, mode: { type: 'string', enum: ['a', 'b'] } },
      'x-kubernetes-validations': [{ rule: "self.mode != 'b'", message: 'mode b is not for you' }],
    };
    const definition = await defined('Strict', { spec });
    const strict = await objects.servedKind(definition.apiVersion, 'Strict', signal);
    const configMap = await objects.servedKind('v1', 'ConfigMap', signal);
    const frozen = await objects.create(
      configMap,
      fresh('frozen', { data: { a: '1' }, immutable: true }),
      'keyturn',
      signal,
    );
    const texts = await Promise.all([
      said(objects.create(strict, fresh('type', { spec: { replicas: CANARY } }), 'keyturn', signal)),
      said(objects.create(strict, fresh('enum', { spec: { mode: CANARY } }), 'keyturn', signal)),
      said(objects.create(strict, fresh('rule', { spec: { mode: 'b' } }), 'keyturn', signal)),
      said(objects.create(configMap, fresh('key', { data: { 'a b': CANARY } }), 'keyturn', signal)),
      said(objects.create(configMap, fresh('form', { data: [CANARY] }), 'keyturn', signal)),
      said(objects.create(configMap, fresh('label', {}, { labels: { app: `${CANARY}!` } }), 'keyturn', signal)),
      said(objects.create(configMap, fresh('big', { data: { a: 's3cr3t!!'.repeat(140_000) } }), 'keyturn', signal)),
      said(objects.create(configMap, fresh('huge', { data: { a: 's3cr3t!!'.repeat(400_000) } }), 'keyturn', signal)),
      said(objects.patch(configMap, frozen, change({ data: { a: CANARY } }), 'keyturn', signal)),
      said(objects.create(configMap, { ...fresh('lost', {}), namespace: 'no-such-namespace' }, 'keyturn', signal)),
    ]);
    const shown = texts.map((text) =>
      text.replaceAll(namespace.name, 'NS').replaceAll(definition.apiVersion, 'GROUP/v1'),
    );
    expect(shown).toMatchInlineSnapshot(`
      [
        "ClusterRejected: The API server refuses to create stricts in namespace "NS": it answered 422 (Invalid): spec.replicas FieldValueTypeInvalid.",
        "ClusterRejected: The API server refuses to create stricts in namespace "NS": it answered 422 (Invalid): spec.mode FieldValueNotSupported.",
        "ClusterRejected: The API server refuses to create stricts in namespace "NS": it answered 422 (Invalid): spec FieldValueInvalid.",
        "ClusterRejected: The API server refuses to create configmaps in namespace "NS": it answered 422 (Invalid): data[a b] FieldValueInvalid.",
        "ClusterRejected: The API server refuses to create configmaps in namespace "NS": it answered 400 (BadRequest).",
        "ClusterRejected: The API server refuses to create configmaps in namespace "NS": it answered 422 (Invalid): metadata.labels FieldValueInvalid.",
        "ClusterRejected: The API server refuses to create configmaps in namespace "NS": it answered 422 (Invalid): [] FieldValueTooLong.",
        "ClusterRejected: The API server refuses to create configmaps in namespace "NS": it answered 413 (RequestEntityTooLarge): an object holds little more than 1048576 bytes.",
        "TargetImmutable: The API server refuses to patch configmaps "NS/frozen": it answered 422 (Invalid): data FieldValueForbidden (the object is immutable: delete it, and it will be made anew).",
        "ClusterNotFound: Namespace "no-such-namespace" does not exist.",
      ]
    `);
    expect(shown.join()).not.toMatch(/canary|s3cr3t/);
  });

  it('for want of rights names the rule that is missing', async () => {
    const user = { namespace: namespace.name, serviceAccount: 'no-rights' };
    const restricted = open(await cluster.kubeconfigFor(user));
    const theirs = createGenericObjects(restricted, systemClock);
    const kind = await theirs.servedKind('v1', 'ConfigMap', signal);
    expect(await said(theirs.create(kind, fresh('denied', {}), 'keyturn', signal))).toBe(
      `ClusterForbidden: The operator may not create configmaps in namespace "${namespace.name}": "system:serviceaccount:${namespace.name}:no-rights" lacks the RBAC rule {apiGroups: [""], resources: ["configmaps"], verbs: ["create"]} for namespace "${namespace.name}".`,
    );
    await restricted.close();
  });
});

describe('kinds', () => {
  it('that belong to no namespace are known for it', async () => {
    const definition = await defined('Global', { scope: 'Cluster' });
    expect(await objects.servedKind(definition.apiVersion, 'Global', signal)).toMatchObject({ isNamespaced: false });
    expect(await objects.servedKind('v1', 'Namespace', signal)).toMatchObject({ isNamespaced: false });
  });

  it('that only answer questions are known for it', async () => {
    const { verbs } = await objects.servedKind('authorization.k8s.io/v1', 'LocalSubjectAccessReview', signal);
    expect(verbs).toEqual(['create']);
  });

  it('that are removed are not there any more', async () => {
    const definition = await defined('Passing');
    const kind = await objects.servedKind(definition.apiVersion, 'Passing', signal);
    await definition.remove();
    await until(
      'the kind to go',
      async () => {
        await objects.look(kind, { namespace: namespace.name, name: 'x' }, signal);
        return objects.servedKind(definition.apiVersion, 'Passing', signal).then(
          () => false,
          (error: unknown) => error instanceof Error && error.name === 'ClusterNotFound',
        );
      },
      30_000,
    );
  });
});

describe('the watch of a kind', () => {
  it('tells what happens to objects with the label, as metadata, until nobody uses it', async () => {
    const definition = await defined('Watched');
    const kind = await objects.servedKind(definition.apiVersion, 'Watched', signal);
    const metrics = createRecordedMetrics();
    const kinds = createWatchedKinds({
      client,
      clock: systemClock,
      log: createRecordedLog(),
      metrics,
      namespaces: [],
    });
    const told: string[] = [];
    kinds.onChange(({ kind: of }, { key, after }) =>
      told.push(`${of} ${key.split('/')[1]} ${after === undefined ? 'gone' : 'there'}`),
    );
    const view = kinds.use('team/app', kind);
    await until('the first list', () => view?.synced, 10_000);

    await objects.create(kind, fresh('unmanaged', { spec: { a: CANARY } }), 'keyturn', signal);
    const created = await objects.create(
      kind,
      fresh('managed', { spec: { a: CANARY } }, { labels: { [MANAGED]: 'true' } }),
      'keyturn',
      signal,
    );
    const key = `${namespace.name}/managed`;
    await until('the new object', () => view?.get(key), 10_000);
    expect(view?.get(key)).toEqual(created);
    const path = `/apis/${definition.apiVersion}/namespaces/${namespace.name}/${definition.plural}/managed`;
    await cluster.request('PATCH', path, { spec: { a: 'edited' } }, merge);
    const edited = await until(
      'the edit',
      () => {
        const seen: GenericMetadata | undefined = view?.get(key);
        return seen?.resourceVersion !== created.resourceVersion && seen;
      },
      10_000,
    );
    // The map is still ours, and nothing in it.
    expect(edited.fieldOwners.find(({ manager }) => manager === 'keyturn')?.fields).toEqual([['spec']]);
    await cluster.request('PATCH', path, { metadata: { labels: { [MANAGED]: null } } }, merge);
    await until('the label to go', () => view?.get(key) === undefined, 10_000);
    expect(told).toEqual(['Watched managed there', 'Watched managed there', 'Watched managed gone']);
    expect(JSON.stringify([...(view?.values() ?? [])])).not.toContain(CANARY);

    kinds.release('team/app');
    await cluster.request('PATCH', path, { metadata: { labels: { [MANAGED]: 'true' } } }, merge);
    const again = kinds.use('team/app', kind);
    await until('a new list', () => again?.get(key), 10_000);
    expect(view?.get(key)).toBeUndefined();
    kinds.close();
  });
});
