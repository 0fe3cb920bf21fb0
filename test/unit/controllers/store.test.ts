import { describe, expect, test } from 'vitest';
import {
  ClusterForbidden,
  ClusterUnavailable,
  InvalidCredentials,
  SourceUnavailable,
  Throttled,
} from '../../../src/ports/errors.ts';
import { storeSpec } from '../domain/manifests.ts';
import { withStaticStore } from './static-store.ts';
import { HOUR_MS, World } from './world.ts';

const ESO_STORE_FINALIZER = 'secretstore.externalsecrets.io/finalizer';

describe('a store', () => {
  test('that AWS accepts says who it is, once', async () => {
    const world = await World.withStore();
    world.expectStore('True', 'Valid', 'store validated: arn:aws:iam::123456789012:user/keyturn');
    expect(world.cluster.notes).toMatchObject([
      { type: 'Normal', reason: 'Valid', object: { name: 'aws', namespace: 'team' } },
    ]);
    world.forgetCalls();
    await world.advance(HOUR_MS);
    expect(world.aws.count('whoAmI')).toBe(12);
    expect([world.cluster.statusWrites, world.cluster.notes]).toEqual([[], []]);
    await world.stop();
  });

  test('of the cluster serves every namespace', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    world.cluster.apply('ClusterSecretStore', 'aws', storeSpec());
    for (const namespace of ['one', 'two'])
      world.externalSecret(`${namespace}/app`, { secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' } });
    await world.start();
    for (const namespace of ['one', 'two']) world.expectSynced(`${namespace}/app`);
    world.expectCondition('True', 'Valid', 'store validated', 'aws', 'ClusterSecretStore');
  });

  test('of one namespace does not serve another', async () => {
    const world = await World.withStore();
    world.externalSecret('other/app');
    await world.advance(1_000);
    world.expectCondition(
      'False',
      'SecretSyncedError',
      'SecretStore "aws" does not exist in namespace "other"',
      'other/app',
    );
  });

  test('that is refused says why, and its users say it too', async () => {
    const world = new World();
    world.store(storeSpec({ region: 'Not A Region' }));
    world.externalSecret();
    await world.start();
    world.expectStore(
      'False',
      'InvalidProviderConfig',
      'unable to create client: spec.provider.aws.region "Not A Region"',
    );
    world.expectCondition('False', 'SecretSyncedError', 'SecretStore "aws" is not ready: spec.provider.aws.region');
    world.forgetCalls();
    await world.advance(HOUR_MS);
    expect([world.aws.count(), world.cluster.statusWrites.length]).toEqual([0, 0]);
  });

  test('that the schema does not know says so', async () => {
    const world = new World();
    world.cluster.apply('SecretStore', 'team/aws', { provider: 'nonsense' });
    world.externalSecret();
    await world.start();
    world.expectStore('False', 'InvalidProviderConfig', 'provider');
    world.expectCondition('False', 'SecretSyncedError', 'is not ready');
  });

  test('of another class is left alone, and so are its users', async () => {
    const world = new World();
    world.store(storeSpec({}, { controller: 'theirs' }));
    world.externalSecret();
    await world.start();
    expect(world.cluster.statusWrites).toEqual([]);
    expect(world.aws.count()).toBe(0);
    expect(new Set(world.cluster.notes.map(({ reason }) => reason))).toEqual(new Set(['OtherControllerClass']));
  });

  test('that changes over to our class is served', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    world.store(storeSpec({}, { controller: 'theirs' }));
    world.externalSecret();
    await world.start();
    world.store(storeSpec());
    await world.settle();
    world.expectSynced();
  });
});

describe('the users of a store', () => {
  test('wait without a word while it is being judged, and are synced as soon as it is ready', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    world.aws.latencyMs = 100;
    world.store();
    world.externalSecret();
    await world.start();
    expect(world.cluster.statusWrites).toEqual([]);
    await world.advance(300);
    world.expectSynced();
    expect(world.cluster.statusWrites.filter((key) => key.startsWith('ExternalSecret'))).toHaveLength(1);
  });

  test('are synced at once when a store that was missing comes', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    world.externalSecret();
    await world.start();
    expect(world.condition()).toEqual({});
    await world.advance(1_000);
    world.expectCondition('False', 'SecretSyncedError', 'SecretStore "aws" does not exist in namespace "team"');
    world.store();
    await world.settle();
    world.expectSynced();
  });

  test('are synced at once when a store that was not ready becomes so', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    world.aws.fail(new InvalidCredentials('the key is wrong'), { operation: 'whoAmI' });
    world.store();
    world.externalSecret();
    await world.start();
    world.expectStore('False', 'InvalidProviderConfig', 'unable to validate store: the key is wrong');
    world.expectCondition('False', 'SecretSyncedError', 'is not ready: the key is wrong');
    world.aws.recover();
    await world.advance(60_000);
    world.expectSynced();
    world.expectStore('True', 'Valid', 'store validated');
  });

  test('are told when the store goes, and keep their Secret', async () => {
    const world = await World.withStore();
    world.externalSecret();
    await world.settle();
    world.cluster.delete('SecretStore', 'team/aws');
    await world.advance(1_000);
    world.expectCondition('False', 'SecretSyncedError', 'does not exist');
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.forgetCalls();
    await world.advance(2 * HOUR_MS);
    expect(world.aws.count()).toBe(0);
    await world.stop();
  });

  test('that come just before it are told nothing', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    await world.start();
    world.externalSecret();
    await world.advance(500);
    world.store();
    await world.settle();
    world.expectSynced();
    await world.advance(5_000);
    expect(world.cluster.notes.map(({ reason }) => reason)).not.toContain('UpdateFailed');
  });

  test('are not told of an outage of STS across a restart when the store worked before', async () => {
    const world = await World.synced({ refreshInterval: '10s' });
    world.aws.fail(new SourceUnavailable('STS is down'), { operation: 'whoAmI' });
    await world.restart();
    await world.advance(60_000);
    world.expectSynced();
    world.expectStore('True', 'Valid', 'store validated');
    world.aws.recover();
    world.aws.put('prod/db', 'value-2');
    await world.advance(2 * 60_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.stop();
  });

  test('are polled again after it went and came back', async () => {
    const world = await World.synced({ refreshInterval: '10s' });
    world.cluster.delete('SecretStore', 'team/aws');
    await world.settle();
    world.store();
    await world.settle();
    world.expectSynced();
    world.aws.put('prod/db', 'value-2');
    await world.advance(11_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
  });

  test('are read again with the prefix that the store gets', async () => {
    const world = await World.withStore();
    world.aws.put('team/prod/db', 'prefixed');
    world.externalSecret();
    await world.settle();
    world.store(storeSpec({ prefix: 'team/' }));
    await world.settle();
    expect(world.secret()).toEqual({ password: 'prefixed' });
  });

  test('are not looked at when the store is only checked again', async () => {
    const world = await World.withStore();
    world.externalSecret();
    await world.settle();
    world.forgetCalls();
    await world.advance(6 * 60_000);
    expect(world.reconciled).toEqual([]);
  });
});

describe('when the store cannot be checked', () => {
  test.each([
    ['AWS does not answer', new SourceUnavailable('down')],
    ['AWS asks to slow down', new Throttled('slow')],
  ])('because %s, a store that works goes on working', async (_, error) => {
    const world = await World.withStore();
    world.externalSecret('team/app', { refreshInterval: '10s' });
    await world.settle();
    world.aws.fail(error, { operation: 'whoAmI' });
    world.forgetCalls();
    await world.advance(10 * 60_000);
    expect(world.cluster.statusWrites).toEqual([]);
    world.aws.put('prod/db', 'value-2');
    await world.advance(11_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
  });

  test('because AWS does not answer, a store that never worked says so', async () => {
    const world = new World();
    world.aws.fail(new SourceUnavailable('AWS did not answer'), { operation: 'whoAmI' });
    world.store();
    world.externalSecret();
    await world.start();
    world.expectStore('False', 'InvalidProviderConfig', 'unable to validate store: AWS did not answer');
    world.expectCondition('False', 'SecretSyncedError', 'is not ready: AWS did not answer');
  });

  test('because AWS does not accept the credentials any more, its users are told', async () => {
    const world = await World.withStore();
    world.externalSecret();
    await world.settle();
    world.aws.fail(new InvalidCredentials('expired'), { operation: 'whoAmI' });
    await world.advance(6 * 60_000);
    world.expectStore('False', 'InvalidProviderConfig', 'expired');
    world.expectCondition('False', 'SecretSyncedError', 'expired');
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('because the API server does not show the credentials just now, a store that works goes on working', async () => {
    const world = await withStaticStore();
    world.cluster.secrets.failNext('read', new ClusterUnavailable('down'), 2);
    await world.advance(10 * 60_000);
    expect(world.cluster.statusWrites).toEqual([]);
    world.expectSynced();
  });

  test('a region that cannot be asked does not leave the store on the region before', async () => {
    const world = await World.withStore();
    world.externalSecret('team/app', { refreshInterval: '10s' });
    await world.settle();
    world.aws.fail(new SourceUnavailable('no such host'), { identityKey: 'default@eu-nowhere-1' });
    world.store(storeSpec({ region: 'eu-nowhere-1' }));
    await world.advance(2_000);
    world.forgetCalls();
    await world.advance(60_000);
    expect(
      world.aws.calls.filter(
        ({ identityKey, operation }) => operation !== 'whoAmI' && identityKey === 'default@eu-central-1',
      ),
    ).toEqual([]);
    world.expectStore('False', 'InvalidProviderConfig', 'no such host');
  });

  test('because its status cannot be written, it works all the same', async () => {
    const world = new World();
    world.aws.put('prod/db', 'value-1');
    world.cluster.failNextStatusWrite(new ClusterForbidden('no RBAC'), 3);
    world.store();
    await world.start();
    world.externalSecret();
    await world.advance(60_000);
    world.expectSynced();
    world.expectStore('True', 'Valid', 'store validated');
  });
});

test("many stores that are checked at the same time do not close each other's sources", async () => {
  const world = new World();
  world.aws.latencyMs = 100;
  world.aws.put('prod/db', 'value-1');
  const regions = Array.from({ length: 12 }, (_, at) => `eu-test-${at}`);
  for (const region of regions) world.store(storeSpec({ region }), `team/${region}`);
  await world.start();
  await world.advance(5_000);
  for (const region of regions) world.expectStore('True', 'Valid', 'store validated', `team/${region}`);
  expect(world.cluster.statusWrites).toHaveLength(12);
  expect(world.cluster.notes.filter(({ type }) => type === 'Warning')).toEqual([]);
});

describe('deletion', () => {
  test('releases the finalizer that External Secrets Operator left on a store', async () => {
    const world = new World();
    world.cluster.apply('SecretStore', 'team/aws', storeSpec(), { finalizers: [ESO_STORE_FINALIZER] });
    world.cluster.apply('ClusterSecretStore', 'aws', storeSpec(), {
      finalizers: [ESO_STORE_FINALIZER, 'example.com/theirs'],
    });
    await world.start();
    world.cluster.delete('SecretStore', 'team/aws');
    world.cluster.delete('ClusterSecretStore', 'aws');
    await world.settle();
    expect(world.cluster.exists('SecretStore', 'team/aws')).toBe(false);
    expect(world.cluster.stores.ClusterSecretStore.get('aws')).toMatchObject({
      object: { metadata: { finalizers: ['example.com/theirs'] } },
    });
  });

  test('leaves the finalizer of a store of another class', async () => {
    const world = new World();
    world.cluster.apply('SecretStore', 'team/aws', storeSpec({}, { controller: 'theirs' }), {
      finalizers: [ESO_STORE_FINALIZER],
    });
    await world.start();
    world.cluster.delete('SecretStore', 'team/aws');
    await world.settle();
    expect(world.cluster.exists('SecretStore', 'team/aws')).toBe(true);
  });
});
