import { describe, expect, test } from 'vitest';
import { createGenericObjects } from '../../../src/kube/generic-objects.ts';
import type { GenericMetadata, GenericPatch, ServedKind } from '../../../src/ports/generic-objects.ts';
import { isJsonObject, type JsonObject, parseJson, SecretJson } from '../../../src/ports/secret-json.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { createFakeClient, failure } from './fake-client.ts';

const signal = new AbortController().signal;
const PARTIAL = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const KIND: ServedKind = {
  apiVersion: 'example.com/v1',
  kind: 'AppConfig',
  plural: 'appconfigs',
  isNamespaced: true,
  verbs: [],
};
const metadata = { namespace: 'team', name: 'app', uid: 'u-1', resourceVersion: '7' };
const target: GenericMetadata = {
  ...metadata,
  deleting: false,
  labels: {},
  annotations: {},
  controller: undefined,
  fieldOwners: [],
};
const OTHER = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u-3', blockOwnerDeletion: false };
const SELF = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'app', uid: 'u-2' };

function json(text: string): SecretJson<JsonObject> {
  const value = parseJson(text);
  return new SecretJson<JsonObject>(isJsonObject(value) ? value : new Map());
}

function opened(handler: Parameters<typeof createFakeClient>[0] = () => ({ metadata })) {
  const client = createFakeClient(handler);
  return { client, objects: createGenericObjects(client, createVirtualClock()) };
}

const NEW = { namespace: 'team', name: 'app', labels: { a: 'b' }, annotations: { c: 'd' }, controller: SELF };
const NOTHING: GenericPatch = { labels: {}, annotations: {}, controller: undefined, content: json('{}') };

test('a write with names that may be values says so', async () => {
  const { client, objects } = opened();
  await objects.create(KIND, { ...NEW, content: json('{}'), hidesNames: true }, 'keyturn', signal);
  await objects.patch(KIND, target, { ...NOTHING, hidesNames: true }, 'keyturn', signal);
  expect(client.requests.map(({ hidesNames }) => hidesNames)).toEqual([true, true]);
});

describe('every call', () => {
  test('is to the object, marked as one that holds values', async () => {
    const { client, objects } = opened(({ wantsText }) =>
      wantsText === true ? JSON.stringify({ metadata }) : { metadata },
    );
    await objects.look(KIND, metadata, signal);
    await objects.read(KIND, metadata, signal);
    await objects.create(KIND, { ...NEW, content: json('{}') }, 'keyturn', signal);
    await objects.patch(KIND, target, NOTHING, 'keyturn', signal);
    await objects.delete(KIND, target, signal);
    const url = '/apis/example.com/v1/namespaces/team/appconfigs';
    expect(client.requests.map(({ verb, path }) => [verb, path.url])).toEqual([
      ['get', `${url}/app`],
      ['get', `${url}/app`],
      ['create', url],
      ['patch', `${url}/app`],
      ['delete', `${url}/app`],
    ]);
    expect(client.requests.map(({ holdsValues }) => holdsValues)).toEqual([true, true, true, true, true]);
    expect(client.requests.some(({ hidesNames }) => hidesNames)).toBe(false);
    expect(client.requests.map(({ accept }) => accept)).toEqual([PARTIAL, undefined, PARTIAL, PARTIAL, PARTIAL]);
  });

  test.each([
    { ...metadata, name: '..' },
    { ...metadata, namespace: '' },
    { ...metadata, name: 'a/b' },
  ])('to %j goes nowhere', async (name) => {
    const { client, objects } = opened();
    await expect(objects.look(KIND, name, signal)).rejects.toMatchObject({ name: 'ClusterRejected' });
    expect(client.requests).toEqual([]);
  });
});

describe('a new object', () => {
  test('is posted whole, under the field manager', async () => {
    const { client, objects } = opened();
    const content = json('{"spec":{"id":9007199254740993,"__proto__":{"x":1}},"data":{}}');
    expect(await objects.create(KIND, { ...NEW, content }, 'keyturn', signal)).toEqual(target);
    const [request] = client.requests;
    expect(request?.query).toEqual({ fieldManager: 'keyturn' });
    expect(request?.body).toBe(
      '{"apiVersion":"example.com/v1","kind":"AppConfig","metadata":{"name":"app","namespace":"team","labels":{"a":"b"},"annotations":{"c":"d"},' +
        '"ownerReferences":[{"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","name":"app","uid":"u-2","controller":true,"blockOwnerDeletion":true}]},' +
        '"spec":{"id":9007199254740993,"__proto__":{"x":1}},"data":{}}',
    );
  });

  test('is what it is, whatever its content says', async () => {
    const { client, objects } = opened();
    const content = json('{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x"},"status":{},"spec":{}}');
    await objects.create(KIND, { ...NEW, content }, 'keyturn', signal);
    expect(client.bodies()[0]).toMatchObject({
      apiVersion: 'example.com/v1',
      kind: 'AppConfig',
      metadata: { name: 'app' },
    });
    expect(client.bodies()[0]).not.toHaveProperty('status');
  });
});

describe('a patch', () => {
  test('has preconditions, and what changes', async () => {
    const { client, objects } = opened();
    const patch = { ...NOTHING, labels: { a: null }, content: json('{"spec":{"gone":null}}') };
    await objects.patch(KIND, target, patch, 'keyturn', signal);
    expect(client.requests[0]?.contentType).toBe('application/merge-patch+json');
    expect(client.bodies()).toEqual([
      { metadata: { uid: 'u-1', resourceVersion: '7', labels: { a: null }, annotations: {} }, spec: { gone: null } },
    ]);
  });

  test.each(
    Object.entries<readonly [controller: GenericPatch['controller'], references: readonly unknown[] | undefined]>({
      'leaves the owners alone': [undefined, undefined],
      'removes the controller': [null, [OTHER]],
      'sets the controller beside the other owners': [
        SELF,
        [OTHER, { ...SELF, controller: true, blockOwnerDeletion: true }],
      ],
    }),
  )('%s', async (_sentence, [controller, references]) => {
    const { client, objects } = opened();
    await objects.patch(KIND, { ...target, otherOwners: [OTHER] }, { ...NOTHING, controller }, 'keyturn', signal);
    expect(client.bodies()[0]).toMatchObject({ metadata: { uid: 'u-1' } });
    expect(Object(Object(client.bodies()[0])['metadata'])['ownerReferences']).toEqual(references);
  });
});

test('a deletion is of this very object', async () => {
  const { client, objects } = opened();
  await objects.delete(KIND, target, signal);
  expect(client.bodies()[0]).toMatchObject({ preconditions: { uid: 'u-1', resourceVersion: '7' } });
});

describe('what is read', () => {
  test('is its content with every digit, and its metadata', async () => {
    const text = `{"apiVersion":"example.com/v1","kind":"AppConfig","metadata":${JSON.stringify(metadata)},"spec":{"id":9007199254740993},"status":{"a":1}}`;
    const { objects } = opened(() => text);
    const read = await objects.read(KIND, metadata, signal);
    expect(read?.metadata).toEqual(target);
    expect(read?.content.reveal()).toEqual(json('{"spec":{"id":9007199254740993}}').reveal());
    expect(JSON.stringify(read)).not.toContain('9007199254740993');
  });

  test.each(['', '[]', '{"metadata":{}}', '{"a":"hunter2"', { metadata }])(
    'of %j is no usable answer, which is not quoted',
    async (body) => {
      const { objects } = opened(() => body);
      const error: unknown = await objects.read(KIND, metadata, signal).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ClusterUnavailable' });
      expect(String(error)).not.toContain('hunter2');
    },
  );
});

test('a kind that is not there any more is looked for anew', async () => {
  let isServed = true;
  const resources = [{ name: 'appconfigs', kind: 'AppConfig', namespaced: true, verbs: [] }];
  const { client, objects } = opened(({ path }) => {
    if (!isServed) return failure(404);
    return path.resource === 'apiresources' ? { resources } : { metadata };
  });
  const kind = await objects.servedKind('example.com/v1', 'AppConfig', signal);
  isServed = false;
  await expect(objects.create(kind, { ...NEW, content: json('{}') }, 'keyturn', signal)).rejects.toMatchObject({
    name: 'ClusterNotFound',
  });
  await expect(objects.servedKind('example.com/v1', 'AppConfig', signal)).rejects.toMatchObject({
    name: 'ClusterNotFound',
  });
  expect(client.requests.length).toBe(3);
});
