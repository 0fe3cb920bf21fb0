import { describe, expect, it } from 'vitest';
import { createSecrets } from '../../../src/kube/secrets.ts';
import type { SecretMetadata, SecretPatch } from '../../../src/ports/cluster.ts';
import { type SecretData, SecretValue } from '../../../src/ports/secret-value.ts';
import { createFakeClient, failure } from './fake-client.ts';

const signal = new AbortController().signal;
const partial = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const metadata = { namespace: 'team', name: 'db', uid: 'u-1', resourceVersion: '7' };
const controller = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'db', uid: 'u-2' };
const controllerReference = { ...controller, controller: true, blockOwnerDeletion: true };
const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u-3', blockOwnerDeletion: false };
const target: SecretMetadata = {
  ...metadata,
  deleting: false,
  labels: {},
  annotations: {},
  controller: undefined,
  fieldOwners: [],
};
const nothing: SecretPatch = {
  labels: {},
  annotations: {},
  controller: undefined,
  data: new Map(),
  removedDataKeys: [],
};

function data(entries: Record<string, string>): SecretData {
  return new Map(Object.entries(entries).map(([key, text]) => [key, SecretValue.fromText(text)]));
}

describe('creating a Secret', () => {
  it('posts it whole, under the field manager, and asks for metadata only', async () => {
    const client = createFakeClient(() => ({ metadata }));
    const secret = {
      namespace: 'team',
      name: 'db',
      type: 'Opaque',
      labels: { app: 'web' },
      annotations: { note: 'x' },
      controller,
      data: data({ password: 'not-a-real-password' }),
    };
    const written = await createSecrets(client).create(secret, 'keyturn', signal);
    expect(written).toEqual(target);
    expect(client.requests[0]).toMatchObject({ verb: 'create', query: { fieldManager: 'keyturn' }, accept: partial });
    expect(client.requests[0]?.path.url).toBe('/api/v1/namespaces/team/secrets');
    expect(client.bodies()).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          namespace: 'team',
          name: 'db',
          labels: { app: 'web' },
          annotations: { note: 'x' },
          ownerReferences: [controllerReference],
        },
        type: 'Opaque',
        data: { password: 'bm90LWEtcmVhbC1wYXNzd29yZA==' },
      },
    ]);
  });

  it('is a conflict when the name is taken', async () => {
    const client = createFakeClient(() => failure(409, { reason: 'AlreadyExists' }));
    const secret = { ...metadata, type: 'Opaque', labels: {}, annotations: {}, controller: undefined, data: new Map() };
    await expect(createSecrets(client).create(secret, 'keyturn', signal)).rejects.toMatchObject({
      name: 'ClusterConflict',
    });
  });

  it('is unavailable when the answer is no metadata', async () => {
    const secret = { ...metadata, type: 'Opaque', labels: {}, annotations: {}, controller: undefined, data: new Map() };
    await expect(createSecrets(createFakeClient(() => ({}))).create(secret, 'keyturn', signal)).rejects.toMatchObject({
      name: 'ClusterUnavailable',
    });
  });
});

describe('patching a Secret', () => {
  it.each<[string, SecretMetadata, Partial<SecretPatch>, object]>([
    [
      'holds it to its version and its life, whatever else',
      target,
      {},
      { metadata: { labels: {}, annotations: {} }, data: {} },
    ],
    [
      'sets and removes labels, annotations and keys',
      target,
      { labels: { a: 'x', b: null }, annotations: { c: null }, data: data({ k: 'v' }), removedDataKeys: ['old'] },
      { metadata: { labels: { a: 'x', b: null }, annotations: { c: null } }, data: { k: 'dg==', old: null } },
    ],
    [
      'sets a key that is also named for removal',
      target,
      { data: data({ k: 'v' }), removedDataKeys: ['k'] },
      { metadata: { labels: {}, annotations: {} }, data: { k: 'dg==' } },
    ],
    [
      'sets the controller and carries the other owners, since lists are replaced whole',
      { ...target, otherOwners: [other] },
      { controller },
      { metadata: { labels: {}, annotations: {}, ownerReferences: [other, controllerReference] }, data: {} },
    ],
    [
      'removes the controller, and leaves other owners alone',
      { ...target, controller, otherOwners: [other] },
      { controller: null },
      { metadata: { labels: {}, annotations: {}, ownerReferences: [other] }, data: {} },
    ],
  ])('%s', async (_sentence, from, patch, expected) => {
    const client = createFakeClient(() => ({ metadata: { ...metadata, resourceVersion: '8' } }));
    const written = await createSecrets(client).patch(from, { ...nothing, ...patch }, 'keyturn', signal);
    expect(written.resourceVersion).toBe('8');
    expect(client.requests[0]).toMatchObject({
      verb: 'patch',
      query: { fieldManager: 'keyturn' },
      accept: partial,
      contentType: 'application/merge-patch+json',
    });
    const preconditions = { uid: 'u-1', resourceVersion: '7' };
    const { metadata: wanted, ...rest } = expected as { metadata: object };
    expect(client.bodies()).toEqual([{ metadata: { ...preconditions, ...wanted }, ...rest }]);
  });

  it('sends a key called `__proto__` like any other', async () => {
    const client = createFakeClient(() => ({ metadata }));
    const patch = { ...nothing, data: new Map([['__proto__', SecretValue.fromText('v')]]) };
    await createSecrets(client).patch(target, patch, 'keyturn', signal);
    expect(client.requests[0]?.body).toContain('"data":{"__proto__":"dg=="}');
  });
});

describe('an immutable Secret', () => {
  it('is made, or becomes, what is asked for', async () => {
    const client = createFakeClient(() => ({ metadata }));
    const secret = { ...metadata, type: 'Opaque', labels: {}, annotations: {}, controller: undefined, data: new Map() };
    await createSecrets(client).create({ ...secret, immutable: true }, 'keyturn', signal);
    await createSecrets(client).patch(target, { ...nothing, immutable: true }, 'keyturn', signal);
    await createSecrets(client).patch(target, { ...nothing, immutable: false }, 'keyturn', signal);
    const [created, frozen, left] = client.bodies();
    expect([created, frozen]).toMatchObject([{ immutable: true }, { immutable: true }]);
    expect(left).not.toHaveProperty('immutable');
  });

  it('refuses other data, and that is told from other refusals', async () => {
    const causes = [{ reason: 'FieldValueForbidden', field: 'data', message: 'x' }];
    const client = createFakeClient(() => failure(422, { reason: 'Invalid', details: { causes } }));
    await expect(createSecrets(client).patch(target, nothing, 'keyturn', signal)).rejects.toMatchObject({
      name: 'TargetImmutable',
      retry: 'onChange',
    });
  });
});

describe('deleting a Secret', () => {
  it('deletes this one as it was seen, and nothing else', async () => {
    const client = createFakeClient(() => ({ kind: 'Status', status: 'Success' }));
    await createSecrets(client).delete(target, signal);
    expect(client.requests[0]).toMatchObject({ verb: 'delete', accept: partial });
    expect(client.requests[0]?.path.url).toBe('/api/v1/namespaces/team/secrets/db');
    expect(client.bodies()).toEqual([
      {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: 'u-1', resourceVersion: '7' },
        propagationPolicy: 'Background',
      },
    ]);
  });

  it('is done when it is gone already', async () => {
    await expect(createSecrets(createFakeClient(() => failure(404))).delete(target, signal)).resolves.toBeUndefined();
  });

  it.each([
    [409, 'ClusterConflict'],
    [500, 'ClusterUnavailable'],
  ])('answered with %i is %s', async (status, name) => {
    const secrets = createSecrets(createFakeClient(() => failure(status, { reason: 'Conflict' })));
    await expect(secrets.delete(target, signal)).rejects.toMatchObject({ name });
  });
});

describe('reading a Secret', () => {
  it('names its keys', async () => {
    const client = createFakeClient(() => ({ metadata, data: { a: 'dg==', b: '' } }));
    expect(await createSecrets(client).dataKeys(metadata, signal)).toEqual(['a', 'b']);
    expect(await createSecrets(createFakeClient(() => ({ metadata }))).dataKeys(metadata, signal)).toEqual([]);
  });

  it('decodes its values, bytes that are no text included, and prints none', async () => {
    const client = createFakeClient(() => ({ metadata, data: { text: 'dg==', bytes: '/wA=' } }));
    const read = await createSecrets(client).read(metadata, signal);
    expect(read?.resourceVersion).toBe('7');
    expect(read?.data.get('text')?.revealText()).toBe('v');
    expect([...(read?.data.get('bytes')?.revealBytes() ?? [])]).toEqual([255, 0]);
    expect(String(read?.data.get('text'))).toBe('[redacted]');
  });

  it('gives undefined for one that is not there, and throws for any other failure', async () => {
    const gone = createSecrets(createFakeClient(() => failure(404)));
    expect([await gone.dataKeys(metadata, signal), await gone.read(metadata, signal)]).toEqual([undefined, undefined]);
    const broken = createSecrets(createFakeClient(() => failure(500)));
    await expect(broken.read(metadata, signal)).rejects.toMatchObject({ name: 'ClusterUnavailable' });
  });
});
