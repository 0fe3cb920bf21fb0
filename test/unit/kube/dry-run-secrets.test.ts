import { describe, expect, test } from 'vitest';
import { createDryRunSecrets } from '../../../src/kube/dry-run-secrets.ts';
import type { SecretMetadata, SecretPatch } from '../../../src/ports/cluster.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import type { WouldBeWrite } from '../../../src/ports/would-be-write.ts';
import { createFakeClient, failure } from './fake-client.ts';

const { signal } = new AbortController();
const identity = { namespace: 'team', name: 'db', uid: 'u-1', resourceVersion: '7' };
const target: SecretMetadata = {
  ...identity,
  deleting: false,
  labels: { a: '1', b: '2' },
  annotations: {},
  controller: undefined,
  fieldOwners: [],
};
const RAW = {
  metadata: { ...identity, labels: { a: '1', b: '2' } },
  type: 'Opaque',
  data: { password: Buffer.from('fake-1').toString('base64') },
};
const NOTHING: SecretPatch = {
  labels: {},
  annotations: {},
  controller: undefined,
  data: new Map(),
  removedDataKeys: [],
};
const password = (text: string) => new Map([['password', SecretValue.fromText(text)]]);

function dryRun(answer: unknown = RAW) {
  const client = createFakeClient(() => answer);
  const told: WouldBeWrite[] = [];
  return { secrets: createDryRunSecrets(client, (write) => told.push(write)), told, requests: client.requests };
}

describe('in a dry run', () => {
  test('a patch reads the Secret, and tells what it would change', async () => {
    const { secrets, told, requests } = dryRun();
    const patch = { ...NOTHING, labels: { a: null, c: '3' }, data: password('fake-2') };
    const after = await secrets.patch(target, patch, 'manager', signal);
    expect(requests.map(({ verb, path }) => [verb, path.url])).toEqual([['get', '/api/v1/namespaces/team/secrets/db']]);
    expect(told).toMatchObject([{ kind: 'patch', patch, present: { isImmutable: false, metadata: identity } }]);
    const [write] = told;
    expect(write?.kind === 'patch' && write.present.data.get('password')?.revealText()).toBe('fake-1');
    expect(after.labels).toEqual({ b: '2', c: '3' });
    expect(after.resourceVersion).not.toBe('7');
  });

  test.each([
    ['has changed since', { ...RAW, metadata: { ...RAW.metadata, resourceVersion: '8' } }],
    ['is gone', failure(404)],
  ])('a Secret that %s is a conflict, and nothing is told', async (_, answer) => {
    const { secrets, told } = dryRun(answer);
    await expect(secrets.patch(target, NOTHING, 'manager', signal)).rejects.toMatchObject({ name: 'ClusterConflict' });
    expect(told).toEqual([]);
  });

  test('another type is refused as the API server refuses it', async () => {
    const { secrets, told } = dryRun();
    const patch = { ...NOTHING, type: 'kubernetes.io/tls' };
    await expect(secrets.patch(target, patch, 'manager', signal)).rejects.toMatchObject({
      name: 'ClusterRejected',
      message: expect.stringContaining('422 (Invalid): type FieldValueInvalid (the type of a Secret cannot be changed'),
    });
    expect(told).toEqual([]);
    await secrets.patch(target, { ...NOTHING, type: 'Opaque' }, 'manager', signal);
  });

  test.each<[string, Partial<SecretPatch>]>([
    ['another value', { data: password('fake-2') }],
    ['one key more', { data: new Map([['user', SecretValue.fromText('x')]]) }],
    ['one key less', { removedDataKeys: ['password'] }],
  ])('an immutable Secret does not get %s', async (_, change) => {
    const { secrets, told } = dryRun({ ...RAW, immutable: true });
    const patched = secrets.patch(target, { ...NOTHING, ...change }, 'manager', signal);
    await expect(patched).rejects.toMatchObject({ name: 'TargetImmutable' });
    expect(told).toEqual([]);
  });

  test('an immutable Secret may get other metadata, and the same values', async () => {
    const { secrets, told } = dryRun({ ...RAW, immutable: true });
    const patch = { ...NOTHING, labels: { c: '3' }, data: password('fake-1'), removedDataKeys: ['none'] };
    await secrets.patch(target, patch, 'manager', signal);
    expect(told).toHaveLength(1);
  });

  test('creating and deleting are told, and nothing is asked', async () => {
    const { secrets, told, requests } = dryRun();
    const { namespace, name, labels, annotations, controller } = target;
    const secret = { namespace, name, labels, annotations, controller, type: 'Opaque', data: password('fake-1') };
    expect(await secrets.create(secret, 'manager', signal)).toMatchObject({ namespace, name, labels });
    await secrets.delete(target, signal);
    expect(told).toEqual([
      { kind: 'create', secret },
      { kind: 'delete', target },
    ]);
    expect(requests).toEqual([]);
  });
});
