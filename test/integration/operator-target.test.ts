/** What becomes of the target Secret: who owns it, what else is in it, and how it is kept as it should be. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';

const SOON_MS = 1_000;
const COLLECTED_WITHIN_MS = 20_000;
const MANAGED = 'reconcile.external-secrets.io/managed';
const CREATED_BY = 'reconcile.external-secrets.io/created-by';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

let namespace: string;
let value: string;
let source: AwsSecret;
beforeEach(async () => {
  namespace = await world.namespace('target');
  value = world.canary();
  [source] = await Promise.all([world.putSecret(value), world.store(namespace)]);
});

const entry = (secretKey: string, key = source.name) => ({ secretKey, remoteRef: { key } });

/** An ExternalSecret "app" whose target has the one key `password`. */
const applyApp = (target: Readonly<Record<string, unknown>> = {}, metadata: Readonly<Record<string, unknown>> = {}) =>
  world.externalSecret(namespace, 'app', { target, data: [entry('password')] }, metadata);

const makeSecret = (name: string, stringData: Readonly<Record<string, string>>, metadata = {}) =>
  world.objects.apply('Secret', namespace, name, { metadata, stringData });

const isGone = async (name: string) => (await world.objects.get('Secret', namespace, name)) === undefined;

const labelsOf = async (name: string) => at(await world.secret(namespace, name), 'metadata', 'labels');

describe('creationPolicy Owner', () => {
  it('makes a Secret that the ExternalSecret controls, and that is collected after it', async () => {
    await applyApp();
    await world.expectReady(namespace, 'app');
    const owner = await world.objects.get('ExternalSecret', namespace, 'app');
    const secret = await world.secret(namespace, 'app');
    expect(secret).toMatchObject({
      type: 'Opaque',
      metadata: {
        labels: { [MANAGED]: 'true', [CREATED_BY]: expect.stringMatching(/^[0-9a-f]{56}$/) },
        ownerReferences: [
          {
            apiVersion: 'external-secrets.io/v1',
            kind: 'ExternalSecret',
            name: 'app',
            uid: at(owner, 'metadata', 'uid'),
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
    });

    await world.objects.remove('ExternalSecret', namespace, 'app');
    await until('the Secret to be collected', () => isGone('app'), COLLECTED_WITHIN_MS);
    expect(await world.objects.get('ExternalSecret', namespace, 'app')).toBeUndefined();
  });

  it('takes over a Secret that nobody owns, and removes what was in it', async () => {
    await makeSecret('app', { password: 'old', foreign: 'x' });
    await applyApp();
    await world.expectReady(namespace, 'app');
    expect(await world.secretData(namespace, 'app')).toEqual({ password: value });
    expect(await world.secret(namespace, 'app')).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'ExternalSecret', name: 'app' }] },
    });
  });

  it('removes a key that the ExternalSecret no longer names', async () => {
    await world.externalSecret(namespace, 'app', { data: [entry('a'), entry('b')] });
    await world.expectData(namespace, 'app', { a: value, b: value });
    await world.externalSecret(namespace, 'app', { data: [entry('b'), entry('c')] });
    await world.expectData(namespace, 'app', { b: value, c: value }, SOON_MS);
  });

  it('is owned by the ExternalSecret of today when that was deleted and made again', async () => {
    await applyApp();
    await world.expectReady(namespace, 'app');
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await applyApp();
    const { uid } = Object(at(await world.objects.get('ExternalSecret', namespace, 'app'), 'metadata'));
    // When what goes later has been collected, the collector has been past this one.
    await world.externalSecret(namespace, 'probe', { data: [entry('password')] });
    await world.expectReady(namespace, 'probe');
    await world.objects.remove('ExternalSecret', namespace, 'probe');
    await until('the collector to have passed', () => isGone('probe'), COLLECTED_WITHIN_MS);
    await world.expectData(namespace, 'app', { password: value });
    expect(at(await world.secret(namespace, 'app'), 'metadata', 'ownerReferences', 0, 'uid')).toBe(uid);
    await world.expectReady(namespace, 'app');
  });

  it('gives the ownership up when the policy becomes Orphan', async () => {
    await applyApp();
    await world.expectReady(namespace, 'app');
    await applyApp({ creationPolicy: 'Orphan' });
    await until(
      'the owner reference to go',
      async () => at(await world.secret(namespace, 'app'), 'metadata', 'ownerReferences') === undefined,
      SOON_MS,
    );
    expect(await labelsOf('app')).toEqual({ [MANAGED]: 'true' });
  });
});

describe('creationPolicy Orphan', () => {
  it('makes a Secret that outlives the ExternalSecret', async () => {
    await applyApp({ creationPolicy: 'Orphan', name: 'kept' });
    await world.externalSecret(namespace, 'owner', { data: [entry('password')] });
    await Promise.all([world.expectReady(namespace, 'app'), world.expectReady(namespace, 'owner')]);
    const before = await world.secret(namespace, 'kept');
    expect(at(before, 'metadata', 'ownerReferences')).toBeUndefined();
    expect(at(before, 'metadata', 'labels')).toEqual({ [MANAGED]: 'true' });

    await world.objects.remove('ExternalSecret', namespace, 'app');
    await world.objects.remove('ExternalSecret', namespace, 'owner');
    // When the later one's Secret has been collected, the collector has been past the earlier one's.
    await until('the owned Secret to be collected', () => isGone('owner'), COLLECTED_WITHIN_MS);
    expect(await world.secret(namespace, 'kept')).toEqual(before);
  });
});

describe('creationPolicy Merge', () => {
  const merge = { creationPolicy: 'Merge', name: 'shared' };

  it('waits for the Secret, says so, and adds its keys to it at once', async () => {
    await applyApp(merge);
    const waiting = await world.expectReady(namespace, 'app', 'SecretMissing');
    expect(waiting.message).toBe('secret will not be created due to CreationPolicy=Merge');
    expect(await isGone('shared')).toBe(true);

    await makeSecret('shared', { foreign: 'x' });
    await world.expectData(namespace, 'shared', { foreign: 'x', password: value }, SOON_MS);
    await world.expectReady(namespace, 'app');
    const secret = await world.secret(namespace, 'shared');
    expect(at(secret, 'metadata', 'ownerReferences')).toBeUndefined();
  });

  it('removes only its own keys when it changes, and none when it goes', async () => {
    await makeSecret('shared', { foreign: 'x' });
    await applyApp(merge);
    await world.expectData(namespace, 'shared', { foreign: 'x', password: value });
    await world.externalSecret(namespace, 'app', { target: merge, data: [entry('token')] });
    await world.expectData(namespace, 'shared', { foreign: 'x', token: value }, SOON_MS);

    await world.objects.remove('ExternalSecret', namespace, 'app');
    await world.externalSecret(namespace, 'later', { data: [entry('x')] });
    await world.expectReady(namespace, 'later');
    expect(await world.secretData(namespace, 'shared')).toEqual({ foreign: 'x', token: value });
  });

  it('lets others change their keys, and puts its own right', async () => {
    await makeSecret('shared', { foreign: 'x' });
    await applyApp(merge);
    await world.expectData(namespace, 'shared', { foreign: 'x', password: value });
    await world.objects.patch('Secret', namespace, 'shared', {
      stringData: { foreign: 'y', more: 'z', password: '!' },
    });
    await world.expectData(namespace, 'shared', { foreign: 'y', more: 'z', password: value }, SOON_MS);
  });

  it('lets two of them fill one Secret', async () => {
    await makeSecret('shared', { foreign: 'x' });
    await applyApp(merge);
    await world.externalSecret(namespace, 'second', { target: merge, data: [entry('token')] });
    await world.expectData(namespace, 'shared', { foreign: 'x', password: value, token: value });
    await Promise.all([world.expectReady(namespace, 'app'), world.expectReady(namespace, 'second')]);
  });

  it('says that the Secret is missing when it is deleted, and does not make it', async () => {
    await makeSecret('shared', { foreign: 'x' });
    await applyApp(merge);
    await world.expectReady(namespace, 'app');
    await world.objects.remove('Secret', namespace, 'shared');
    await world.expectReady(namespace, 'app', 'SecretMissing');
    expect(await isGone('shared')).toBe(true);
  });
});

describe('creationPolicy None', () => {
  it('reads, reports, and writes no Secret', async () => {
    await applyApp({ creationPolicy: 'None' });
    await world.expectReady(namespace, 'app');
    expect(await isGone('app')).toBe(true);
    expect(at(await world.objects.get('ExternalSecret', namespace, 'app'), 'status', 'binding')).toBeUndefined();
  });

  it('leaves a Secret of that name alone', async () => {
    await makeSecret('app', { foreign: 'x' });
    const before = await world.secret(namespace, 'app');
    await applyApp({ creationPolicy: 'None' });
    await world.expectReady(namespace, 'app');
    expect(await world.secret(namespace, 'app')).toEqual(before);
  });
});

describe('the name, labels and annotations of the Secret', () => {
  it("are spec.target.name's and the ExternalSecret's, but for what speaks of that object only", async () => {
    const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
    await applyApp(
      { name: 'other-name' },
      { labels: { team: 'a' }, annotations: { note: 'b', [lastApplied]: '{}', 'argocd.argoproj.io/tracking-id': 'c' } },
    );
    await world.expectReady(namespace, 'app');
    expect(await isGone('app')).toBe(true);
    expect(at(await world.secret(namespace, 'other-name'), 'metadata')).toMatchObject({
      labels: { team: 'a', [MANAGED]: 'true', [CREATED_BY]: expect.any(String) },
      annotations: { note: 'b', 'keyturn.dev/source-hash': expect.any(String) },
    });
    const annotations = Object.keys(Object(at(await world.secret(namespace, 'other-name'), 'metadata', 'annotations')));
    expect(annotations.toSorted()).toEqual(['keyturn.dev/source-hash', 'note']);
  });

  it('follow the ExternalSecret, and keep what others have put there', async () => {
    await applyApp({}, { labels: { team: 'a', tier: '1' }, annotations: { note: 'b' } });
    await world.expectReady(namespace, 'app');
    await world.objects.patch('Secret', namespace, 'app', {
      metadata: { labels: { theirs: 'x' }, annotations: { theirs: 'y' } },
    });
    await applyApp({}, { labels: { team: 'z' }, annotations: { other: 'c' } });
    const wanted = { team: 'z', theirs: 'x', [MANAGED]: 'true', [CREATED_BY]: expect.any(String) };
    await until('the labels', async () => expect(await labelsOf('app')).toEqual(wanted) ?? true, SOON_MS);
    expect(at(await world.secret(namespace, 'app'), 'metadata', 'annotations')).toEqual({
      other: 'c',
      theirs: 'y',
      'keyturn.dev/source-hash': expect.any(String),
    });
    expect(await world.secretData(namespace, 'app')).toEqual({ password: value });
  });
});

describe('drift is put right within a second', () => {
  beforeEach(async () => {
    await applyApp({}, { labels: { team: 'a' } });
    await world.expectReady(namespace, 'app');
  });

  const edits = {
    'when a value is changed': { stringData: { password: 'evil' } },
    'when a key is added': { stringData: { extra: 'x' } },
    'when a key is removed': { data: { password: null } },
    'when all data is removed': { data: null },
  };
  it.each(Object.entries(edits))('%s', async (_, edit) => {
    await world.objects.patch('Secret', namespace, 'app', edit);
    await world.expectData(namespace, 'app', { password: value }, SOON_MS);
    await world.expectReady(namespace, 'app');
  });

  it('when the Secret is deleted', async () => {
    await world.objects.remove('Secret', namespace, 'app');
    await world.expectData(namespace, 'app', { password: value }, SOON_MS);
  });

  it('when it is changed again and again', async () => {
    for (const round of [1, 2, 3, 4, 5]) {
      await world.objects.patch('Secret', namespace, 'app', { stringData: { password: `evil ${round}` } });
      await world.expectData(namespace, 'app', { password: value }, SOON_MS);
    }
  });

  it("when somebody applies the Secret on the server's side, time and again", async () => {
    for (const round of [1, 2]) {
      await makeSecret('app', { password: 'evil', extra: `x ${round}` });
      await world.expectData(namespace, 'app', { password: value }, SOON_MS);
    }
  });

  const metadata = {
    'when a label of ours is removed': { labels: { team: null } },
    'when a label of ours is changed': { labels: { [MANAGED]: 'false' } },
    'when the owner reference is removed': { ownerReferences: null },
  };
  it.each(Object.entries(metadata))('%s', async (_, edit) => {
    const shape = async () => {
      const secret = await world.secret(namespace, 'app');
      return [at(secret, 'metadata', 'labels'), at(secret, 'metadata', 'ownerReferences')];
    };
    const before = await shape();
    await world.objects.patch('Secret', namespace, 'app', { metadata: edit });
    await until('the metadata to be as before', async () => expect(await shape()).toEqual(before) ?? true, SOON_MS);
    expect(await world.secretData(namespace, 'app')).toEqual({ password: value });
  });

  it('and nothing is done about what others may add', async () => {
    await world.objects.patch('Secret', namespace, 'app', { metadata: { annotations: { theirs: 'x' } } });
    const before = await world.secret(namespace, 'app');
    await world.externalSecret(namespace, 'later', { data: [entry('x')] });
    await world.expectReady(namespace, 'later');
    expect(await world.secret(namespace, 'app')).toEqual(before);
  });
});

it('no value was told to anybody', async () => {
  expect(await world.leaks()).toEqual([]);
});
