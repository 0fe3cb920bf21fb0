import { describe, expect, it, test } from 'vitest';
import { createExternalSecrets } from '../../../src/kube/external-secrets.ts';
import type { WantedExternalSecret } from '../../../src/ports/external-secrets.ts';
import { createFakeClient, failure } from './fake-client.ts';

const signal = new AbortController().signal;
const controller = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterExternalSecret', name: 'ces', uid: 'c-1' };
const wanted: WantedExternalSecret = {
  namespace: 'blue',
  name: 'db',
  labels: { app: 'shop' },
  annotations: {},
  controller,
  spec: { secretStoreRef: { name: 'aws' }, data: [{ secretKey: 'p', remoteRef: { key: 'db' } }] },
};
const PATH = '/apis/external-secrets.io/v1/namespaces/blue/externalsecrets/db';

describe('ExternalSecrets', () => {
  it('are made by an apply that takes no field from others', async () => {
    const client = createFakeClient(() => ({ spec: wanted.spec }));
    await createExternalSecrets(client).create(wanted, signal);
    expect(client.requests).toHaveLength(1);
    expect(client.requests[0]).toMatchObject({
      verb: 'patch',
      path: { url: PATH },
      query: { fieldManager: 'keyturn-cluster-external-secret', force: 'false' },
      contentType: 'application/apply-patch+yaml',
    });
    expect(client.bodies()).toEqual([
      {
        apiVersion: 'external-secrets.io/v1',
        kind: 'ExternalSecret',
        metadata: {
          namespace: 'blue',
          name: 'db',
          labels: { app: 'shop' },
          annotations: {},
          ownerReferences: [{ ...controller, controller: true, blockOwnerDeletion: true }],
        },
        spec: wanted.spec,
      },
    ]);
  });

  test.each<[string, readonly object[], boolean]>([
    ['it is there', [{ uid: 'u-1' }], true],
    ['it is gone', [], false],
    ['another one has its name', [{ uid: 'u-2' }], false],
    ['it is being deleted', [{ uid: 'u-1', deletionTimestamp: '2026-01-01T00:00:00Z' }], false],
  ])('are looked for by name, with the right to list alone: %s', async (_sentence, found, isThere) => {
    const client = createFakeClient(() => ({ items: found.map((metadata) => ({ metadata })) }));
    const object = { namespace: 'blue', name: 'db', uid: 'u-1' };
    expect(await createExternalSecrets(client).isThere(object, signal)).toBe(isThere);
    expect(client.requests).toMatchObject([
      { verb: 'list', path: { url: PATH.replace('/db', '') }, query: { fieldSelector: 'metadata.name=db' } },
    ]);
  });

  it('are changed by an apply that takes what it needs, of this very object', async () => {
    const client = createFakeClient(() => ({ spec: wanted.spec }));
    await createExternalSecrets(client).update('u-1', wanted, signal);
    expect(client.requests).toHaveLength(1);
    expect(client.requests[0]).toMatchObject({ query: { force: 'true' } });
    expect(client.bodies()).toMatchObject([{ metadata: { uid: 'u-1' } }]);
  });

  const additions: Readonly<Record<string, object>> = {
    'a field': { ...wanted.spec, refreshInterval: '1s' },
    'a field of a field': { ...wanted.spec, secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' } },
  };
  test.each(Object.entries(additions))('lose %s that somebody added to the spec', async (_sentence, spec) => {
    const client = createFakeClient(() => ({ spec }));
    await createExternalSecrets(client).update('u-1', wanted, signal);
    expect(client.requests.map(({ contentType }) => contentType)).toEqual([
      'application/apply-patch+yaml',
      'application/json-patch+json',
    ]);
    expect(client.bodies()[1]).toEqual([
      { op: 'test', path: '/metadata/uid', value: 'u-1' },
      { op: 'replace', path: '/spec', value: wanted.spec },
    ]);
  });

  it('are deleted by uid', async () => {
    const client = createFakeClient(() => ({}));
    await createExternalSecrets(client).delete(wanted, 'u-1', signal);
    expect(client.requests[0]).toMatchObject({ verb: 'delete', path: { url: PATH } });
    expect(client.bodies()).toEqual([{ preconditions: { uid: 'u-1' }, propagationPolicy: 'Background' }]);
  });

  test.each([404, 409])('that are gone, or are others now (%i), need no deletion', async (status) => {
    const client = createFakeClient(() => failure(status, { details: { name: 'db' } }));
    await expect(createExternalSecrets(client).delete(wanted, 'u-1', signal)).resolves.toBeUndefined();
  });

  it('that may not be deleted are told', async () => {
    const client = createFakeClient(() => failure(403, { message: 'no' }));
    await expect(createExternalSecrets(client).delete(wanted, 'u-1', signal)).rejects.toThrow(/403/);
  });

  it('of a name that can be none of Kubernetes reach nothing', async () => {
    const client = createFakeClient(() => ({}));
    await expect(createExternalSecrets(client).create({ ...wanted, name: '../x' }, signal)).rejects.toThrow(
      /cannot be/,
    );
    expect(client.requests).toEqual([]);
  });
});
