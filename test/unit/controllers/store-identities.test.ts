import { describe, expect, test } from 'vitest';
import type { SecretStoreSpec } from '../../../src/api/secret-store.ts';
import { ClusterForbidden } from '../../../src/ports/errors.ts';
import { storeSpec } from '../domain/manifests.ts';
import { HOUR_MS, NOTHING, World, type WorldOptions } from './world.ts';

const ROLE = 'arn:aws:iam::123456789012:role/app';
const OTHER_ROLE = 'arn:aws:iam::123456789012:role/other';
const BY_ACCOUNT = storeSpec({ auth: { jwt: { serviceAccountRef: { name: 'reader' } } } });
const SHARED = { secretStoreRef: { name: 'shared', kind: 'ClusterSecretStore' }, refreshInterval: '10s' } as const;

function worldWith(options: WorldOptions = {}): World {
  const world = new World(options);
  world.aws.put('prod/db', 'value-1');
  return world;
}

const readers = (world: World) =>
  new Set(world.aws.calls.filter(({ operation }) => operation === 'read').map(({ identityKey }) => identityKey));

describe('a store that reads by a ServiceAccount', () => {
  async function synced(): Promise<World> {
    const world = worldWith();
    world.cluster.serviceAccounts.put('team/reader', { roleArn: ROLE });
    world.store(BY_ACCOUNT);
    world.externalSecret('team/app', { refreshInterval: '10s' });
    await world.start();
    world.expectSynced();
    return world;
  }

  test('reads with its role, and says so in the name of its identity', async () => {
    const world = await synced();
    expect([...readers(world)]).toEqual([expect.stringContaining(ROLE)]);
    expect(world.cluster.serviceAccounts.needed).toBeGreaterThan(0);
    await world.stop();
  });

  test('follows another role at once', async () => {
    const world = await synced();
    world.forgetCalls();
    world.cluster.serviceAccounts.put('team/reader', { roleArn: OTHER_ROLE });
    await world.settle();
    expect([...readers(world)]).toEqual([expect.stringContaining(OTHER_ROLE)]);
    await world.stop();
  });

  test.each<[string, (world: World) => void, string]>([
    [
      'whose annotation goes',
      (world) => world.cluster.serviceAccounts.put('team/reader', {}),
      'an IAM role must be associated with service account',
    ],
    ['that goes', (world) => world.cluster.serviceAccounts.remove('team/reader'), 'does not exist'],
  ])('%s stops at once, keeps the Secret, and says why', async (_, change, message) => {
    const world = await synced();
    change(world);
    await world.settle();
    world.forgetCalls();
    world.expectStore('False', 'InvalidProviderConfig', message);
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    expect([world.aws.count('read'), world.aws.count('probe')]).toEqual([0, 0]);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.cluster.serviceAccounts.put('team/reader', { roleArn: ROLE });
    await world.advance(1_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.stop();
  });

  test('is another identity when the ServiceAccount was made anew', async () => {
    const world = await synced();
    const before = [...readers(world)];
    world.cluster.serviceAccounts.remove('team/reader');
    await world.settle();
    world.cluster.serviceAccounts.put('team/reader', { roleArn: ROLE });
    await world.settle();
    world.forgetCalls();
    world.aws.put('prod/db', 'value-2');
    await world.advance(20_000);
    expect([...readers(world)]).not.toEqual(before);
    await world.stop();
  });

  test('that may not be read is told with the right that is missing', async () => {
    const world = worldWith();
    world.cluster.serviceAccounts.fail(new ClusterForbidden('the operator may not get serviceaccounts'));
    world.store(BY_ACCOUNT);
    await world.start();
    world.expectStore('False', 'InvalidProviderConfig', 'may not get serviceaccounts');
    await world.stop();
  });
});

describe('a ClusterSecretStore whose credentials are those of the namespace', () => {
  async function synced(spec: SecretStoreSpec = BY_ACCOUNT): Promise<World> {
    const world = worldWith();
    for (const namespace of ['red', 'blue']) {
      world.cluster.serviceAccounts.put(`${namespace}/reader`, { roleArn: `${ROLE}-${namespace}` });
      world.externalSecret(`${namespace}/app`, SHARED);
    }
    world.cluster.apply('ClusterSecretStore', 'shared', spec);
    await world.start();
    return world;
  }

  test('reads for each with its own role, and is Ready itself', async () => {
    const world = await synced();
    for (const namespace of ['red', 'blue']) world.expectSynced(`${namespace}/app`);
    world.expectCondition('True', 'Valid', 'each namespace that uses it', 'shared', 'ClusterSecretStore');
    expect([...readers(world)].map((key) => /role\/app-\w+/.exec(key)?.[0])).toEqual(['role/app-red', 'role/app-blue']);
    await world.advance(2_000);
    world.forgetCalls();
    await world.advance(600_000);
    expect(world.cost()).toMatchObject({ ...NOTHING, probes: expect.any(Number) });
    await world.stop();
  });

  test('fails for the namespace that has none, and for no other', async () => {
    const world = await synced();
    world.cluster.serviceAccounts.remove('blue/reader');
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'ServiceAccount "blue/reader" does not exist', 'blue/app');
    world.expectSynced('red/app');
    world.expectCondition('True', 'Valid', 'store validated', 'shared', 'ClusterSecretStore');
    await world.stop();
  });

  test('is judged anew for all when it changes', async () => {
    const world = await synced();
    for (const namespace of ['red', 'blue']) {
      world.cluster.serviceAccounts.put(`${namespace}/other`, { roleArn: `${OTHER_ROLE}-${namespace}` });
    }
    world.forgetCalls();
    const other = storeSpec({ auth: { jwt: { serviceAccountRef: { name: 'other' } } } });
    world.cluster.apply('ClusterSecretStore', 'shared', other);
    await world.settle();
    expect([...readers(world)].every((key) => key.includes(OTHER_ROLE))).toBe(true);
    for (const namespace of ['red', 'blue']) world.expectSynced(`${namespace}/app`);
    await world.stop();
  });

  test('is forgotten for a namespace that does not use it any more', async () => {
    const world = await synced();
    world.cluster.delete('ExternalSecret', 'blue/app');
    await world.advance(600_000);
    world.forgetCalls();
    await world.advance(600_000);
    expect(
      [...new Set(world.aws.calls.map(({ identityKey }) => identityKey))].some((key) => key.includes('blue')),
    ).toBe(false);
    await world.stop();
  });

  test('with session tags is another session for each', async () => {
    const world = await synced(storeSpec({ role: ROLE, sessionTagsPolicy: 'Simple' }));
    for (const namespace of ['red', 'blue']) world.expectSynced(`${namespace}/app`);
    expect(readers(world).size).toBe(2);
    await world.stop();
  });
});

describe('the conditions of a ClusterSecretStore', () => {
  const restricted = storeSpec(
    {},
    { conditions: [{ namespaces: ['ops'], namespaceSelector: { matchLabels: { team: 'red' } } }] },
  );
  const DENIED = 'using cluster store "shared" is not allowed from namespace "red": denied by spec.condition';

  async function worldOf(labels: Readonly<Record<string, string>>): Promise<World> {
    const world = worldWith();
    world.cluster.label('red', labels);
    world.cluster.apply('ClusterSecretStore', 'shared', restricted);
    world.externalSecret('red/app', SHARED);
    await world.start();
    return world;
  }

  test('let those in that they name', async () => {
    const world = await worldOf({ team: 'red' });
    world.expectSynced('red/app');
    await world.stop();
  });

  test.each([{}, { team: 'blue' }])('keep out those with labels %o', async (labels) => {
    const world = await worldOf(labels);
    world.expectCondition('False', 'SecretSyncedError', DENIED, 'red/app');
    expect(world.aws.count('read')).toBe(0);
    await world.stop();
  });

  test('follow the labels of a namespace at once, either way', async () => {
    const world = await worldOf({ team: 'red' });
    world.cluster.label('red', {});
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', DENIED, 'red/app');
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    expect(world.secret('red/app')).toEqual({ password: 'value-1' });
    world.cluster.label('red', { team: 'red' });
    await world.advance(1_000);
    expect(world.secret('red/app')).toEqual({ password: 'value-2' });
    await world.stop();
  });

  test('that change stop the very next use', async () => {
    const world = await worldOf({ team: 'red' });
    world.forgetCalls();
    world.cluster.apply('ClusterSecretStore', 'shared', storeSpec({}, { conditions: [{ namespaces: ['ops'] }] }));
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', DENIED, 'red/app');
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    expect(world.aws.count('read')).toBe(0);
    await world.stop();
  });

  test('that go while a value is read keep it from being written', async () => {
    const world = await worldOf({ team: 'red' });
    world.aws.latencyMs = 1_000;
    world.aws.put('prod/db', 'value-2');
    await world.advance(10_500);
    world.cluster.label('red', {});
    await world.advance(30_000);
    expect(world.secret('red/app')).toEqual({ password: 'value-1' });
    await world.stop();
  });

  test('are not guessed for a namespace that was told of after its objects', async () => {
    const world = worldWith();
    const conditions = [
      { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' as const }] } },
    ];
    world.cluster.apply('ClusterSecretStore', 'shared', storeSpec({}, { conditions }));
    world.externalSecret('red/app', SHARED);
    await world.start();
    await world.advance(5_000);
    expect(world.condition('red/app')).toEqual({});
    expect(world.aws.count('read')).toBe(0);
    world.cluster.label('red', { team: 'red' });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', DENIED, 'red/app');
    expect(world.aws.count('read')).toBe(0);
    await world.stop();
  });

  test('that cannot be listed: each object that waits says which rule is missing, until they can', async () => {
    const world = worldWith();
    world.cluster.namespaces.synced = false;
    world.cluster.namespacesRefused = new ClusterForbidden('The operator may not list namespaces.');
    world.cluster.apply('ClusterSecretStore', 'shared', restricted);
    for (const name of ['app', 'other']) world.externalSecret(`red/${name}`, SHARED);
    await world.start();
    await world.advance(4_900);
    expect(world.condition('red/app')).toEqual({});
    await world.advance(6_000);
    for (const name of ['app', 'other']) {
      world.expectCondition(
        'False',
        'SecretSyncedError',
        'could not update secret: whether namespace "red" may use ClusterSecretStore "shared" (spec.secretStoreRef), its labels ' +
          'decide: The operator may not list namespaces.',
        `red/${name}`,
      );
    }
    await world.advance(HOUR_MS);
    expect(world.cluster.statusWrites.filter((key) => key.startsWith('ExternalSecret'))).toHaveLength(2);
    expect(world.cluster.namespaceProbes).toBeLessThan(60);
    expect(world.aws.count('read')).toBe(0);
    world.cluster.namespaces.synced = true;
    world.cluster.label('red', { team: 'red' });
    await world.settle();
    for (const name of ['app', 'other']) world.expectSynced(`red/${name}`);
    await world.stop();
  });

  test('wait for the labels to be told', async () => {
    const world = worldWith();
    world.cluster.namespaces.synced = false;
    world.cluster.apply('ClusterSecretStore', 'shared', restricted);
    world.externalSecret('red/app', SHARED);
    await world.start();
    await world.advance(5_000);
    expect(world.condition('red/app')).toEqual({});
    world.cluster.namespaces.synced = true;
    world.cluster.label('red', { team: 'red' });
    await world.settle();
    world.expectSynced('red/app');
    await world.stop();
  });
});

describe("the operator's own credentials", () => {
  test('are not lent to a SecretStore unless it was started so', async () => {
    const world = worldWith({ controllerIdentity: 'cluster' });
    world.store();
    world.cluster.apply('ClusterSecretStore', 'shared', storeSpec());
    world.externalSecret();
    world.externalSecret('team/other', { ...SHARED });
    await world.start();
    world.expectStore('False', 'InvalidProviderConfig', 'does not lend its own credentials to a SecretStore');
    world.expectCondition('False', 'SecretSyncedError', '--allow-controller-identity=all');
    world.expectSynced('team/other');
    await world.stop();
  });
});
