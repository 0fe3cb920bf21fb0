/** When an ExternalSecret is synced, and what it then says of itself: status, printer columns, Events. */

import { GetSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';

/** For what follows an event of the API server, without any waiting. */
const AT_ONCE_MS = 1_000;
/** With a refreshInterval of 2 s. */
const ROTATED_WITHIN_MS = 3_000;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

let namespace: string;
let first: string;
let source: AwsSecret;
beforeEach(async () => {
  namespace = await world.namespace('sync');
  first = world.canary();
  [source] = await Promise.all([world.putSecret(first), world.store(namespace)]);
});

const entry = (secretKey: string) => ({ secretKey, remoteRef: { key: source.name } });

/** An ExternalSecret with the one key `password`. */
const apply = (name: string, spec: Json = {}, metadata: Json = {}) =>
  world.externalSecret(namespace, name, { data: [entry('password')], ...spec }, metadata);

/** Puts a new value into the secret in AWS. */
async function rotate(): Promise<string> {
  const value = world.canary();
  await world.putSecret(value, source.name);
  return value;
}

const versionNow = () => world.secretsManager.send(new GetSecretValueCommand({ SecretId: source.name }));

/** Until an ExternalSecret that is polled every second has the value: whoever is polled had the chance to get it. */
async function expectPolled(password: string): Promise<void> {
  await apply('polled', { refreshInterval: '1s' });
  await world.expectData(namespace, 'polled', { password });
}

const statusOf = async (name: string) => at(await world.objects.get('ExternalSecret', namespace, name), 'status');

describe('a rotation', () => {
  it('arrives within 3 s at an interval of 2 s, each time', async () => {
    await apply('app', { refreshInterval: '2s' });
    await world.expectData(namespace, 'app', { password: first });
    for (const _ of [1, 2, 3]) {
      await world.expectData(namespace, 'app', { password: await rotate() }, ROTATED_WITHIN_MS);
      await world.expectReady(namespace, 'app');
    }
  });

  it('reaches every ExternalSecret that uses the secret, as soon as the one with the shortest interval sees it', async () => {
    await apply('fast', { refreshInterval: '2s' });
    await apply('slow', { refreshInterval: '1h' });
    await apply('part', { refreshInterval: '1h', target: { name: 'part-of' }, data: [entry('a'), entry('b')] });
    await Promise.all(['fast', 'slow', 'part'].map((name) => world.expectReady(namespace, name)));
    const password = await rotate();
    await Promise.all([
      world.expectData(namespace, 'fast', { password }, ROTATED_WITHIN_MS),
      world.expectData(namespace, 'slow', { password }, ROTATED_WITHIN_MS),
      world.expectData(namespace, 'part-of', { a: password, b: password }, ROTATED_WITHIN_MS),
    ]);
  });

  it('reaches those who ask for the version before the current one, too', async () => {
    await rotate();
    const remoteRef = { key: source.name, version: 'AWSPREVIOUS' };
    await apply('app', { refreshInterval: '1s', data: [{ secretKey: 'previous', remoteRef }] });
    await world.expectData(namespace, 'app', { previous: first });
    const current = await rotate();
    await rotate();
    await world.expectData(namespace, 'app', { previous: current });
  });

  it('that is taken back in AWS is taken back here, once AWS insists on the older version', async () => {
    await apply('app', { refreshInterval: '1s' });
    await world.expectReady(namespace, 'app');
    // A version is older than another by its date of creation, which is in whole seconds here.
    const { CreatedDate } = await versionNow();
    await until('another second', () => Date.now() - (CreatedDate?.getTime() ?? 0) > 1_000, 5_000);
    await world.expectData(namespace, 'app', { password: await rotate() });
    const { VersionId } = await versionNow();
    const before = await world.condition(namespace, 'app');
    await world.secretsManager.send(
      new UpdateSecretVersionStageCommand({
        SecretId: source.name,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: source.versionId,
        RemoveFromVersionId: VersionId,
      }),
    );
    // A replica that lags behind gives the older version too, for a moment.
    expect(await world.expectData(namespace, 'app', { password: first })).toBeGreaterThan(4_000);
    expect(await world.expectReady(namespace, 'app')).toEqual(before);
  });

  it('moves refreshTime, makes an Event, and leaves the transition time alone', async () => {
    await apply('app', { refreshInterval: '1s' });
    const { lastTransitionTime } = await world.expectReady(namespace, 'app');
    const refreshTime = at(await statusOf('app'), 'refreshTime');
    await world.expectEvent(namespace, 'app', 'Created', /^secret created$/);
    await world.expectData(namespace, 'app', { password: await rotate() });
    await world.expectEvent(namespace, 'app', 'Updated', /^secret updated$/);
    expect(await world.expectReady(namespace, 'app')).toMatchObject({ lastTransitionTime });
    // It has whole seconds, so of several rotations one comes in another second.
    const hasMoved = async () => at(await statusOf('app'), 'refreshTime') !== refreshTime;
    while (!(await hasMoved())) {
      await world.expectData(namespace, 'app', { password: await rotate() });
      await world.expectReady(namespace, 'app');
    }
  });
});

describe('refreshPolicy', () => {
  it('CreatedOnce reads once: neither a rotation nor a change of the object brings the value of today', async () => {
    await apply('once', { refreshPolicy: 'CreatedOnce', refreshInterval: '1s' });
    await world.expectReady(namespace, 'once');
    const before = await world.secret(namespace, 'once');
    await expectPolled(await rotate());
    await apply('once', { refreshPolicy: 'CreatedOnce', refreshInterval: '1s', data: [entry('other')] });
    await apply('later');
    await world.expectReady(namespace, 'later');
    expect(await world.secret(namespace, 'once')).toEqual(before);
  });

  it('CreatedOnce makes a deleted Secret again', async () => {
    await apply('once', { refreshPolicy: 'CreatedOnce' });
    await world.expectReady(namespace, 'once');
    const today = await rotate();
    await world.objects.remove('Secret', namespace, 'once');
    await world.expectData(namespace, 'once', { password: today }, AT_ONCE_MS);
  });

  const withoutPolling = {
    OnChange: { refreshPolicy: 'OnChange', refreshInterval: '1s' },
    'interval 0': { refreshInterval: '0' },
  };
  it.each(Object.entries(withoutPolling))('%s passes over a rotation until the object changes', async (_, policy) => {
    await apply('app', policy);
    await world.expectReady(namespace, 'app');
    const today = await rotate();
    await expectPolled(today);
    expect(await world.secretData(namespace, 'app')).toEqual({ password: first });
    await apply('app', policy, { annotations: { 'force-sync': '1' } });
    await world.expectData(namespace, 'app', { password: today }, AT_ONCE_MS);
  });
});

describe('a change of the object syncs it at once, whatever its interval', () => {
  const changes: Readonly<Record<string, { readonly spec?: Json; readonly metadata?: Json }>> = {
    'of its spec': { spec: { refreshInterval: '2h' } },
    'of a label': { metadata: { labels: { team: 'a' } } },
    'of an annotation': { metadata: { annotations: { 'force-sync': '1' } } },
  };
  it.each(Object.entries(changes))('%s', async (_, { spec, metadata }) => {
    await apply('app');
    await world.expectData(namespace, 'app', { password: first });
    const today = await rotate();
    await apply('app', spec, metadata);
    await world.expectData(namespace, 'app', { password: today }, AT_ONCE_MS);
  });

  it('of the keys that it names, and of the secret that they are from', async () => {
    await apply('app');
    await world.expectData(namespace, 'app', { password: first });
    const other = await world.putSecret(first);
    await apply('app', { data: [entry('password'), { secretKey: 'token', remoteRef: { key: other.name } }] });
    await world.expectData(namespace, 'app', { password: first, token: first }, AT_ONCE_MS);
  });

  it('of the name of its target', async () => {
    await apply('app');
    await world.expectData(namespace, 'app', { password: first });
    await apply('app', { target: { name: 'renamed' } });
    await world.expectData(namespace, 'renamed', { password: first }, AT_ONCE_MS);
    await expect.poll(() => statusOf('app')).toMatchObject({ binding: { name: 'renamed' } });
  });
});

describe('what a synced object shows', () => {
  it('is the status that upstream shows', async () => {
    await apply('app', { target: { name: 'target' } }, { labels: { team: 'a' } });
    await world.expectReady(namespace, 'app');
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(await statusOf('app')).toEqual({
      refreshTime: time,
      syncedResourceVersion: expect.stringMatching(/^1-[0-9a-f]{56}$/),
      binding: { name: 'target' },
      conditions: [
        { type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced', lastTransitionTime: time },
      ],
    });
  });

  it('is a line of `kubectl get es` that says store, interval, status, and when', async () => {
    await apply('app', { refreshInterval: '1h', secretStoreRef: { name: 'aws', kind: 'SecretStore' } });
    await world.expectReady(namespace, 'app');
    const { stdout } = await world.cluster.kubectl(['get', 'es', '-n', namespace]);
    const [head = '', line = ''] = stdout.trim().split('\n');
    expect(head.split(/\s{2,}/)).toEqual([
      'NAME',
      'STORETYPE',
      'STORE',
      'REFRESH INTERVAL',
      'STATUS',
      'READY',
      'LAST SYNC',
    ]);
    expect(line.split(/\s+/)).toEqual([
      'app',
      'SecretStore',
      'aws',
      '1h',
      'SecretSynced',
      'True',
      expect.stringMatching(/^\d+s$/),
    ]);
  });

  it('counts from the generation that was synced', async () => {
    await apply('app');
    await world.expectReady(namespace, 'app');
    await apply('app', { data: [entry('other')] });
    await world.expectData(namespace, 'app', { other: first });
    await world.expectReady(namespace, 'app');
    await expect.poll(() => statusOf('app')).toMatchObject({ syncedResourceVersion: expect.stringMatching(/^2-/) });
  });
});

describe('a field that is not implemented yet is named, not passed over', () => {
  const fields: Readonly<Record<string, Json>> = {
    'spec.dataFrom[0].sourceRef.generatorRef': {
      dataFrom: [{ sourceRef: { generatorRef: { kind: 'Password', name: 'p' } } }],
    },
    'spec.data[0].sourceRef.generatorRef': {
      data: [{ secretKey: 'a', remoteRef: { key: 'a' }, sourceRef: { generatorRef: { kind: 'Password', name: 'p' } } }],
    },
  };
  it.each(Object.entries(fields))('%s', async (field, spec) => {
    await apply('app', spec);
    const { message, reason } = await world.expectNotReady(namespace, 'app', /not implemented/);
    expect(message).toContain(field);
    expect(message).toContain('remove it');
    expect(reason).toBe('SecretSyncedError');
    const event = await world.expectEvent(namespace, 'app', 'UpdateFailed', /not implemented/);
    expect(event).toMatchObject({ type: 'Warning', message });
    expect(await world.secretData(namespace, 'app')).toBeUndefined();

    await apply('app');
    await world.expectReady(namespace, 'app');
  });
});

it('no value was told to anybody', async () => {
  expect(await world.leaks()).toEqual([]);
});
