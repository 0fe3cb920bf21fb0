import { describe, expect, test } from 'vitest';
import { ReverseIndex } from '../../../src/controllers/reverse-index.ts';
import { StoreRegistry } from '../../../src/controllers/store-registry.ts';
import { connectTriggers } from '../../../src/controllers/triggers.ts';
import type { AddOptions } from '../../../src/loop/work-queue.ts';
import { ONE_KEY, storeSpec } from '../domain/manifests.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeCluster } from './fake-cluster.ts';

/** A queue that only notes what it is told: `team/app`, or `team/app low`. */
function notingQueue() {
  const added: string[] = [];
  const add = (key: string, options: AddOptions = {}) => {
    added.push(options.priority === 'low' ? `${key} low` : key);
  };
  return { add, added, take: () => added.splice(0) };
}

function setUp() {
  const cluster = new FakeCluster(createVirtualClock());
  const externalSecretQueue = notingQueue();
  const storeQueue = notingQueue();
  const credentialUsers = new ReverseIndex();
  const registry = new StoreRegistry({ absence: () => undefined, labelsOf: () => ({}) });
  const storeUsers = new ReverseIndex();
  const own = new Set<string>();
  connectTriggers({
    externalSecrets: cluster.externalSecrets,
    stores: cluster.stores,
    secrets: cluster.secrets.view,
    kinds: cluster.kinds,
    configMaps: cluster.configMaps.view,
    needConfigMaps: () => {
      cluster.configMaps.needed += 1;
    },
    serviceAccounts: cluster.serviceAccounts.view,
    namespaces: cluster.namespaces,
    accessPolicies: cluster.accessPolicies,
    registry,
    credentialUsers,
    storeUsers,
    externalSecretQueue,
    storeQueue,
    isOwnWrite: (_, version) => own.has(version),
  });
  return { cluster, registry, credentialUsers, own, externalSecretQueue, storeQueue };
}

function withApp() {
  const world = setUp();
  world.cluster.apply('ExternalSecret', 'team/app', ONE_KEY);
  world.externalSecretQueue.take();
  return world;
}

describe('an ExternalSecret comes back', () => {
  test('with everything else at low priority when it is listed first', () => {
    const { cluster, externalSecretQueue } = withApp();
    cluster.externalSecrets.set('team/app', undefined);
    externalSecretQueue.take();
    cluster.list();
    expect(externalSecretQueue.take()).toEqual(['team/app low']);
  });

  test.each<[string, (cluster: FakeCluster) => void]>([
    [
      'its spec changes',
      (cluster) => cluster.apply('ExternalSecret', 'team/app', { ...ONE_KEY, refreshInterval: '1m' }),
    ],
    ['a label changes', (cluster) => cluster.apply('ExternalSecret', 'team/app', ONE_KEY, { labels: { a: 'b' } })],
    [
      'an annotation changes',
      (cluster) => cluster.apply('ExternalSecret', 'team/app', ONE_KEY, { annotations: { a: 'b' } }),
    ],
    [
      'its finalizers change',
      (cluster) => cluster.apply('ExternalSecret', 'team/app', ONE_KEY, { finalizers: ['a/b'] }),
    ],
    ['it becomes invalid', (cluster) => cluster.apply('ExternalSecret', 'team/app', { data: 'nonsense' })],
    ['it is deleted', (cluster) => cluster.delete('ExternalSecret', 'team/app')],
    ['its target is made', (cluster) => cluster.secrets.edit('team/app', { data: { a: 'b' } })],
  ])('when %s', (_, change) => {
    const { cluster, externalSecretQueue } = withApp();
    change(cluster);
    expect(externalSecretQueue.take()).toEqual(['team/app']);
  });

  test('behind live changes when a template that it takes from elsewhere is made, changed or removed', () => {
    const { cluster, externalSecretQueue } = setUp();
    const templateFrom = [
      { configMap: { name: 'texts', items: [{ key: 'a' }] }, secret: { name: 'parts', items: [{ key: 'a' }] } },
    ];
    cluster.apply('ExternalSecret', 'team/app', { ...ONE_KEY, target: { template: { templateFrom } } });
    externalSecretQueue.take();
    cluster.configMaps.put('team/texts', { a: 'b' });
    cluster.secrets.edit('team/parts', { data: { a: 'b' } });
    cluster.configMaps.put('team/texts', { a: 'c' });
    cluster.configMaps.remove('team/texts');
    expect(externalSecretQueue.take()).toEqual(Array.from({ length: 4 }, () => 'team/app low'));
    cluster.configMaps.put('other/texts', { a: 'b' });
    cluster.configMaps.put('team/other', { a: 'b' });
    cluster.apply('ExternalSecret', 'team/app', ONE_KEY);
    externalSecretQueue.take();
    cluster.configMaps.put('team/texts', { a: 'd' });
    expect(externalSecretQueue.take()).toEqual([]);
  });

  test('when the standing of its store changes, behind live changes', () => {
    const { registry, externalSecretQueue } = withApp();
    const ready = { kind: 'ready', identityKey: 'a', keyPrefix: '' } as const;
    registry.set('SecretStore/team/aws', { standing: ready, revision: '1' });
    expect(externalSecretQueue.take()).toEqual(['team/app low']);
    registry.set('SecretStore/team/aws', { standing: ready, revision: '1' });
    expect(externalSecretQueue.take()).toEqual([]);
    registry.remove('SecretStore/team/aws');
    expect(externalSecretQueue.take()).toEqual(['team/app low']);
    registry.set('SecretStore/other/aws', { standing: ready, revision: '1' });
    registry.set('ClusterSecretStore/aws', { standing: ready, revision: '1' });
    expect(externalSecretQueue.take()).toEqual([]);
  });
});

describe('an ExternalSecret is left in peace', () => {
  test('by its own status', async () => {
    const { cluster, externalSecretQueue } = withApp();
    const entry = cluster.externalSecrets.get('team/app');
    const uid = entry?.kind === 'valid' ? entry.object.metadata.uid : '';
    const resource = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', plural: 'externalsecrets' };
    const object = { resource, namespace: 'team', name: 'app', uid };
    await cluster.statuses.merge(object, { refreshTime: '2026-01-01T00:00:00Z' }, false, new AbortController().signal);
    expect(externalSecretQueue.take()).toEqual([]);
  });

  test('by its own writes of the target, but not by its deletion', () => {
    const { cluster, own, externalSecretQueue } = withApp();
    cluster.secrets.edit('team/app', { data: { a: 'b' } });
    externalSecretQueue.take();
    for (let version = 0; version < 100; version += 1) own.add(String(version));
    cluster.secrets.edit('team/app', { data: { a: 'c' } });
    expect(externalSecretQueue.take()).toEqual([]);
    cluster.secrets.remove('team/app');
    expect(externalSecretQueue.take()).toEqual(['team/app']);
  });

  test('by a Secret or a store that is not its own any more', () => {
    const { cluster, registry, externalSecretQueue } = withApp();
    cluster.apply('ExternalSecret', 'team/app', {
      ...ONE_KEY,
      secretStoreRef: { name: 'other' },
      target: { name: 'other' },
    });
    externalSecretQueue.take();
    cluster.secrets.edit('team/app', { data: { a: 'b' } });
    registry.set('SecretStore/team/aws', { standing: { kind: 'missing' }, revision: '1' });
    expect(externalSecretQueue.take()).toEqual([]);
    cluster.secrets.edit('team/other', { data: { a: 'b' } });
    registry.set('SecretStore/team/other', { standing: { kind: 'missing' }, revision: '1' });
    expect(externalSecretQueue.take()).toEqual(['team/app', 'team/app low']);
  });

  test('by a Secret of its name in another namespace', () => {
    const { cluster, externalSecretQueue } = withApp();
    cluster.secrets.edit('other/app', { data: { a: 'b' } });
    expect(externalSecretQueue.take()).toEqual([]);
  });
});

describe('a store comes back', () => {
  test.each<[string, (cluster: FakeCluster) => void, readonly string[]]>([
    ['when it is made', (cluster) => cluster.apply('SecretStore', 'team/aws', storeSpec()), ['SecretStore/team/aws']],
    [
      'when a cluster store is made',
      (cluster) => cluster.apply('ClusterSecretStore', 'aws', storeSpec()),
      ['ClusterSecretStore/aws'],
    ],
  ])('%s', (_, change, keys) => {
    const { cluster, storeQueue } = setUp();
    change(cluster);
    expect(storeQueue.take()).toEqual(keys);
  });

  test('when it changes and when it is deleted, but not when nothing changed', () => {
    const { cluster, storeQueue } = setUp();
    cluster.apply('SecretStore', 'team/aws', storeSpec());
    cluster.apply('SecretStore', 'team/aws', storeSpec());
    cluster.apply('SecretStore', 'team/aws', storeSpec({ region: 'eu-west-1' }));
    cluster.delete('SecretStore', 'team/aws');
    expect(storeQueue.take()).toEqual(['SecretStore/team/aws', 'SecretStore/team/aws', 'SecretStore/team/aws']);
  });

  test('when a Secret with its credentials changes', () => {
    const { cluster, credentialUsers, storeQueue } = setUp();
    credentialUsers.set('SecretStore/team/aws', ['Secret/team/creds', 'Secret/team/token']);
    credentialUsers.set('SecretStore/team/second', ['Secret/team/creds']);
    cluster.secrets.edit('team/creds', { data: { a: 'b' } });
    expect(storeQueue.take()).toEqual(['SecretStore/team/aws', 'SecretStore/team/second']);
    credentialUsers.set('SecretStore/team/aws', []);
    cluster.secrets.remove('team/creds');
    expect(storeQueue.take()).toEqual(['SecretStore/team/second']);
  });

  test('once for each user, even when the users change while they are told', () => {
    const index = new ReverseIndex();
    index.set('a', ['secret']);
    index.set('b', ['secret']);
    const told: string[] = [];
    for (const user of index.usersOf('secret')) {
      told.push(user);
      if (told.length > 10) break;
      index.set(user, ['secret']);
    }
    expect(told).toEqual(['a', 'b']);
  });
});
