/** The Kubernetes adapter against a real API server. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { createEvents } from '../../src/kube/events.ts';
import { createLeaseStore } from '../../src/kube/lease-store.ts';
import { asList, at } from '../../src/kube/narrow.ts';
import { everywhere, inNamespace, SECRETS } from '../../src/kube/resource-path.ts';
import { readSecretMetadata } from '../../src/kube/secret-metadata.ts';
import { createSecrets } from '../../src/kube/secrets.ts';
import { createStatuses } from '../../src/kube/statuses.ts';
import { createWatchedView } from '../../src/kube/watched-view.ts';
import { systemClock } from '../../src/loop/system-clock.ts';
import type { NewSecret, ObjectIdentity, SecretMetadata, SecretPatch, ViewChange } from '../../src/ports/cluster.ts';
import { SecretValue } from '../../src/ports/secret-value.ts';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import { sharedCluster } from '../harness/shared.ts';
import { createRecordedLog, createRecordedMetrics } from '../unit/kube/records.ts';
import { createVirtualClock } from '../unit/virtual-clock.ts';

const signal = new AbortController().signal;
const resource = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', plural: 'externalsecrets' };
const value = 'not-a-real-password';
const log = createRecordedLog();
let cluster: ClusterClient;
let namespace: FreshNamespace;
let client: KubeClient;

beforeAll(async () => {
  cluster = sharedCluster();
  namespace = await freshNamespace(cluster, 'kube');
  client = open(cluster.adminKubeconfigPath);
});

afterAll(async () => {
  await client.close();
  await namespace.remove();
  await cluster.close();
});

function open(kubeconfigPath: string, metrics = createRecordedMetrics()): KubeClient {
  return createKubeClient({ kubeconfigPath, clock: systemClock, log, metrics });
}

function newSecret(name: string, more: Partial<NewSecret> = {}): NewSecret {
  return {
    namespace: namespace.name,
    name,
    type: 'Opaque',
    labels: { app: 'web' },
    annotations: { note: 'x' },
    controller: undefined,
    data: new Map([['password', SecretValue.fromText(value)]]),
    ...more,
  };
}

const nothing: SecretPatch = {
  labels: {},
  annotations: {},
  controller: undefined,
  data: new Map(),
  removedDataKeys: [],
};

function password(text: string): Partial<SecretPatch> {
  return { data: new Map([['password', SecretValue.fromText(text)]]) };
}

async function newExternalSecret(name: string): Promise<ObjectIdentity> {
  const made = await cluster.request(
    'POST',
    `/apis/${resource.apiVersion}/namespaces/${namespace.name}/externalsecrets`,
    {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: { name, finalizers: ['example.com/left-behind'] },
      spec: { secretStoreRef: { name: 'aws' }, data: [{ secretKey: 'a', remoteRef: { key: 'b' } }] },
    },
  );
  expect(made.status).toBe(201);
  return { namespace: namespace.name, name, resource, uid: String(at(made.body, 'metadata', 'uid')) };
}

describe('Secrets', () => {
  it('are created, patched and read, and answers hold no data', async () => {
    const secrets = createSecrets(client);
    const owner = await newExternalSecret('owner');
    const controller = { apiVersion: resource.apiVersion, kind: resource.kind, name: owner.name, uid: owner.uid };
    const created = await secrets.create(newSecret('db', { controller }), 'keyturn', signal);
    expect(created).toMatchObject({
      name: 'db',
      labels: { app: 'web' },
      annotations: { note: 'x' },
      controller,
      fieldOwners: [{ manager: 'keyturn', dataKeys: ['password'], labels: ['app'], annotations: ['note'] }],
    });
    const patched = await secrets.patch(
      created,
      {
        labels: { app: null, tier: 'db' },
        annotations: { note: null },
        controller: null,
        data: new Map([['__proto__', SecretValue.fromBytes(Uint8Array.of(255, 0))]]),
        removedDataKeys: ['password'],
      },
      'keyturn',
      signal,
    );
    expect(patched).toMatchObject({ labels: { tier: 'db' }, annotations: {}, controller: undefined });
    expect(patched.fieldOwners).toMatchObject([{ manager: 'keyturn', dataKeys: ['__proto__'] }]);
    expect(await secrets.dataKeys(created, signal)).toEqual(['__proto__']);
    const read = await secrets.read(created, signal);
    expect([...(read?.data.get('__proto__')?.revealBytes() ?? [])]).toEqual([255, 0]);
    expect(read?.resourceVersion).toBe(patched.resourceVersion);
    expect(await secrets.read({ ...created, name: 'none' }, signal)).toBeUndefined();
  });

  it('keep their version when a patch changes nothing', async () => {
    const secrets = createSecrets(client);
    const created = await secrets.create(newSecret('same'), 'keyturn', signal);
    const patched = await secrets.patch(created, { ...nothing, ...password(value) }, 'keyturn', signal);
    expect(patched.resourceVersion).toBe(created.resourceVersion);
  });

  it('keep the owners of others when the controller is set', async () => {
    const secrets = createSecrets(client);
    const created = await secrets.create(newSecret('owned'), 'keyturn', signal);
    // One that there is: the garbage collector takes away what is owned by nobody any more.
    const owner = await cluster.request('POST', `/api/v1/namespaces/${namespace.name}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'owner' },
    });
    const { uid } = (owner.body as { metadata: { uid: string } }).metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, blockOwnerDeletion: true }];
    const path = `/api/v1/namespaces/${namespace.name}/secrets/owned`;
    const merge = { contentType: 'application/merge-patch+json' };
    const changed = await cluster.request('PATCH', path, { metadata: { ownerReferences } }, merge);
    const present = readSecretMetadata(changed.body);
    const controller = { apiVersion: resource.apiVersion, kind: resource.kind, name: 'x', uid: 'u-4' };
    const patched = await secrets.patch(present ?? created, { ...nothing, controller }, 'keyturn', signal);
    expect(patched).toMatchObject({ controller, otherOwners: ownerReferences });
  });

  it('are not written over a newer version, nor over another object of the name', async () => {
    const secrets = createSecrets(client);
    const created = await secrets.create(newSecret('contested'), 'keyturn', signal);
    await expect(secrets.create(newSecret('contested'), 'keyturn', signal)).rejects.toMatchObject({
      name: 'ClusterConflict',
      message: expect.stringContaining('an object of that name exists'),
    });
    const patched = await secrets.patch(created, { ...nothing, ...password('newer') }, 'keyturn', signal);
    await expect(secrets.patch(created, { ...nothing, ...password('older') }, 'keyturn', signal)).rejects.toMatchObject(
      {
        name: 'ClusterConflict',
        message: expect.stringContaining('has changed meanwhile'),
      },
    );
    const reborn = { ...patched, uid: '00000000-0000-0000-0000-000000000000' };
    await expect(secrets.patch(reborn, { ...nothing, ...password('other') }, 'keyturn', signal)).rejects.toMatchObject({
      name: 'ClusterConflict',
    });
    await expect(secrets.patch({ ...patched, name: 'gone' }, nothing, 'keyturn', signal)).rejects.toMatchObject({
      name: 'ClusterNotFound',
    });
    expect((await secrets.read(created, signal))?.data.get('password')?.revealText()).toBe('newer');
  });

  it('that cannot be written say why, and never what', async () => {
    const secrets = createSecrets(client);
    const message = (attempt: Promise<unknown>) =>
      attempt.then(
        () => 'accepted',
        (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error'),
      );
    const created = await secrets.create(newSecret('fixed'), 'keyturn', signal);
    const path = `/api/v1/namespaces/${namespace.name}/secrets/fixed`;
    const merge = { contentType: 'application/merge-patch+json' };
    const frozen =
      readSecretMetadata((await cluster.request('PATCH', path, { immutable: true }, merge)).body) ?? created;
    const big = (bytes: number) => ({ data: new Map([['k', SecretValue.fromText('s3cr3t!!'.repeat(bytes / 8))]]) });
    const said = await Promise.all([
      message(secrets.patch(frozen, { ...nothing, ...password(`${value}2`) }, 'keyturn', signal)),
      message(secrets.create(newSecret('big', big(1_100_000)), 'keyturn', signal)),
      message(secrets.create(newSecret('huge', big(3_200_000)), 'keyturn', signal)),
      message(
        secrets.create(
          newSecret('odd', { data: new Map([['no key', SecretValue.fromText(value)]]) }),
          'keyturn',
          signal,
        ),
      ),
      message(secrets.create(newSecret('tls', { type: 'kubernetes.io/tls' }), 'keyturn', signal)),
      message(secrets.create(newSecret('label', { labels: { app: `${value}!` } }), 'keyturn', signal)),
      message(secrets.create({ ...newSecret('lost'), namespace: 'no-such-namespace' }, 'keyturn', signal)),
    ]);
    expect(said.map((text) => text.replaceAll(namespace.name, 'NS'))).toMatchInlineSnapshot(`
      [
        "TargetImmutable: The API server refuses to patch secrets "NS/fixed": it answered 422 (Invalid): data FieldValueForbidden (the Secret is immutable: delete it, and it will be made anew).",
        "ClusterRejected: The API server refuses to create secrets in namespace "NS": it answered 422 (Invalid): data FieldValueTooLong (a Secret holds at most 1048576 bytes of data).",
        "ClusterRejected: The API server refuses to create secrets in namespace "NS": it answered 413 (RequestEntityTooLarge): a Secret holds at most 1048576 bytes of data.",
        "ClusterRejected: The API server refuses to create secrets in namespace "NS": it answered 422 (Invalid): data[no key] FieldValueInvalid.",
        "ClusterRejected: The API server refuses to create secrets in namespace "NS": it answered 422 (Invalid): data[tls.crt] FieldValueRequired (a Secret of this type needs that key); data[tls.key] FieldValueRequired (a Secret of this type needs that key).",
        "ClusterRejected: The API server refuses to create secrets in namespace "NS": it answered 422 (Invalid): metadata.labels FieldValueInvalid.",
        "ClusterNotFound: Namespace "no-such-namespace" does not exist.",
      ]
    `);
    expect(said.join()).not.toContain(value);
    expect(said.join()).not.toContain('s3cr3t');
    expect(said.join()).not.toContain(Buffer.from(value).toString('base64').slice(0, 8));
  });
});

describe('the view of Secrets', () => {
  it('lists and follows metadata only, without ever having seen data', async () => {
    const secrets = createSecrets(client);
    const first = await secrets.create(newSecret('viewed'), 'keyturn', signal);
    const raws: unknown[] = [];
    const changes: ViewChange<SecretMetadata>[] = [];
    const metrics = createRecordedMetrics();
    const watching = open(cluster.adminKubeconfigPath, metrics);
    const { view, run, whenSynced } = createWatchedView({
      client: watching,
      clock: systemClock,
      log,
      metrics,
      source: { resource: SECRETS, metadataOnly: true, namespaces: [namespace.name] },
      project(raw) {
        raws.push(raw);
        return readSecretMetadata(raw);
      },
    });
    view.onChange((change) => changes.push(change));
    const controller = new AbortController();
    const running = run(controller.signal);
    await whenSynced(signal);
    const key = `${namespace.name}/viewed`;
    expect(view.get(key)).toEqual(first);
    expect(changes.every((change) => change.initial)).toBe(true);
    const second = await secrets.patch(first, { ...nothing, ...password('other') }, 'keyturn', signal);
    await expect.poll(() => view.get(key)?.resourceVersion).toBe(second.resourceVersion);
    expect(view.get(key)).toEqual(second);
    await cluster.request('DELETE', `/api/v1/namespaces/${namespace.name}/secrets/viewed`);
    await expect.poll(() => view.get(key)).toBeUndefined();
    controller.abort();
    await running;
    await watching.close();
    expect(changes.at(-1)).toEqual({ key, before: second, after: undefined, initial: false });
    // One streaming list that turned into a watch: nothing else was asked.
    expect(metrics.calls).toEqual(['watch secrets 200']);
    expect(raws.length).toBeGreaterThan(1);
    expect(raws.every((raw) => at(raw, 'data') === undefined && at(raw, 'kind') === 'PartialObjectMetadata')).toBe(
      true,
    );
  });

  it('comes to the same by pages', async () => {
    const list = await client.request({
      verb: 'list',
      path: inNamespace(SECRETS, namespace.name),
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      query: { limit: '1' },
      signal,
    });
    expect(at(list, 'kind')).toBe('PartialObjectMetadataList');
    expect(asList(at(list, 'items'))).toHaveLength(1);
    expect(at(list, 'items')).toMatchObject([{ metadata: { managedFields: [{ manager: 'keyturn' }] } }]);
    expect(at(list, 'metadata', 'continue')).toEqual(expect.any(String));
  });

  it('lists afresh what it cannot watch: a kind that is not served is refused with what to do', async () => {
    const things = { apiVersion: 'example.com/v1', plural: 'things', scope: 'namespaced' } as const;
    await expect(client.request({ verb: 'list', path: everywhere(things), signal })).rejects.toMatchObject({
      name: 'ClusterNotFound',
      message: expect.stringContaining('things.example.com'),
    });
  });
});

describe('statuses', () => {
  it('are merged into this very object, and a merge that changes nothing writes nothing', async () => {
    const statuses = createStatuses(client);
    const object = await newExternalSecret('with-status');
    const path = `/apis/${resource.apiVersion}/namespaces/${namespace.name}/externalsecrets/with-status`;
    const status = { refreshTime: '2026-01-02T03:04:05Z', syncedResourceVersion: '1-abc' };
    await statuses.merge(object, status, false, signal);
    const before = (await cluster.request('GET', path)).body;
    expect(at(before, 'status')).toMatchObject(status);
    await statuses.merge(object, status, false, signal);
    expect(at((await cluster.request('GET', path)).body, 'metadata', 'resourceVersion')).toBe(
      at(before, 'metadata', 'resourceVersion'),
    );
    await createStatuses(client).merge(object, { refreshTime: null }, true, signal);
    const merged = (await cluster.request('GET', path)).body;
    expect(at(merged, 'status')).toEqual({ syncedResourceVersion: '1-abc' });
    await expect(statuses.merge(object, { conditions: 'none' }, true, signal)).rejects.toMatchObject({
      name: 'ClusterRejected',
      message: expect.stringContaining('status.conditions'),
    });
    const reborn = { ...object, uid: '00000000-0000-0000-0000-000000000000' };
    await expect(statuses.merge(reborn, status, false, signal)).rejects.toMatchObject({ name: 'ClusterConflict' });
    await expect(statuses.merge({ ...object, name: 'gone' }, status, false, signal)).rejects.toMatchObject({
      name: 'ClusterNotFound',
    });
  });

  it('leave finalizers to setFinalizers, which lets a deleted object go', async () => {
    const statuses = createStatuses(client);
    const object = await newExternalSecret('finalized');
    const path = `/apis/${resource.apiVersion}/namespaces/${namespace.name}/externalsecrets/finalized`;
    const deleting = await cluster.request('DELETE', path);
    const version = String(at(deleting.body, 'metadata', 'resourceVersion'));
    await expect(statuses.setFinalizers(object, '1', [], signal)).rejects.toMatchObject({ name: 'ClusterConflict' });
    await statuses.setFinalizers(object, version, [], signal);
    expect((await cluster.request('GET', path)).status).toBe(404);
  });
});

describe('Events', () => {
  it('count up instead of piling up, and are found by `kubectl describe`', async () => {
    const clock = createVirtualClock(Date.now());
    const events = createEvents({ client, clock, log });
    const controller = new AbortController();
    const running = events.run(controller.signal);
    const object = await newExternalSecret('eventful');
    const note = { object, type: 'Warning', reason: 'UpdateFailed', message: 'ä'.repeat(1_000) } as const;
    const path = `/api/v1/namespaces/${namespace.name}/events?fieldSelector=involvedObject.name%3Deventful`;
    const items = async () => asList(at((await cluster.request('GET', path)).body, 'items'));
    events.record(note);
    await expect.poll(items).toMatchObject([{ count: 1, message: 'ä'.repeat(512), source: { component: 'keyturn' } }]);
    events.record(note);
    events.record(note);
    clock.tick(60_000);
    await expect.poll(items).toMatchObject([{ count: 3 }]);
    const described = await cluster.kubectl(['describe', 'externalsecret', 'eventful', '-n', namespace.name]);
    expect(described.stdout).toContain('UpdateFailed');
    const clusterStore = { ...resource, kind: 'ClusterSecretStore', plural: 'clustersecretstores' };
    events.record({ ...note, object: { namespace: '', name: 'aws', uid: object.uid, resource: clusterStore } });
    controller.abort();
    await running;
    await events.flush(signal);
    expect(events.dropped).toBe(0);
    const inDefault = `/api/v1/namespaces/default/events?fieldSelector=involvedObject.uid%3D${object.uid}`;
    expect(asList(at((await cluster.request('GET', inDefault)).body, 'items'))).toHaveLength(1);
  });
});

describe('the lease', () => {
  it('is taken by one of two who want it, renewed, and released', async () => {
    const lease = { namespace: namespace.name, name: 'leader' };
    const one = createLeaseStore({ client, lease });
    const two = createLeaseStore({ client, lease });
    const record = { holder: 'one', durationMs: 15_000, renewedAtMs: Date.now(), transitions: 0 };
    expect(await one.read(signal)).toBeUndefined();
    const taken = await one.write(record, undefined, signal);
    expect(taken).toMatchObject(record);
    await expect(two.write({ ...record, holder: 'two' }, undefined, signal)).rejects.toMatchObject({
      name: 'ClusterConflict',
    });
    const renewed = await one.write({ ...record, renewedAtMs: record.renewedAtMs + 1 }, taken.resourceVersion, signal);
    await expect(two.write({ ...record, holder: 'two' }, taken.resourceVersion, signal)).rejects.toMatchObject({
      name: 'ClusterConflict',
    });
    expect(await two.read(signal)).toEqual(renewed);
    await one.write({ ...record, holder: '', durationMs: 1_000 }, renewed.resourceVersion, signal);
    const free = await two.read(signal);
    expect(free).toMatchObject({ holder: '', durationMs: 1_000 });
    await two.write({ ...record, holder: 'two', transitions: 1 }, free?.resourceVersion, signal);
    expect(await one.read(signal)).toMatchObject({ holder: 'two', transitions: 1 });
  });
});

describe('a ServiceAccount without rights', () => {
  it('is told which rule it lacks', async () => {
    const poor = open(await cluster.kubeconfigFor({ namespace: namespace.name, serviceAccount: 'poor' }));
    await expect(createSecrets(poor).create(newSecret('denied'), 'keyturn', signal)).rejects.toMatchObject({
      name: 'ClusterForbidden',
      message: `The operator may not create secrets in namespace "${namespace.name}": "system:serviceaccount:${namespace.name}:poor" lacks the RBAC rule {apiGroups: [""], resources: ["secrets"], verbs: ["create"]} for namespace "${namespace.name}".`,
    });
    await poor.close();
  });
});
