/** From Keyturn to External Secrets Operator and forth again. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';
import { marksOf, SOURCE_HASH, type Texts, upstream, whileNobodyRuns } from './upstream-left.ts';

const SOON_MS = 20_000;

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => endFaultless(world));

describe('the way back', () => {
  it('what Keyturn has made bears nothing that another operator would not know, but one annotation', async () => {
    const namespace = await world.namespace('back');
    await world.store(namespace);
    const value = world.canary();
    const { name: key } = await world.putSecret(value);
    const data = [{ secretKey: 'password', remoteRef: { key } }];
    await world.externalSecret(namespace, 'app', { data, refreshInterval: '1s' });
    await world.expectReady(namespace, 'app');
    const secret = await world.secret(namespace, 'app');
    const metadata = at(secret, 'metadata') as Json;
    expect(Object.keys({ ...(metadata['annotations'] as Texts) })).toEqual([SOURCE_HASH]);
    expect(Object.keys({ ...(metadata['labels'] as Texts) }).sort()).toEqual([
      'reconcile.external-secrets.io/created-by',
      'reconcile.external-secrets.io/managed',
    ]);
    expect(metadata['finalizers']).toBeUndefined();
    expect(at(metadata, 'managedFields', 0, 'manager')).toBe('externalsecrets.external-secrets.io/app');
    for (const [kind, name] of [
      ['ExternalSecret', 'app'],
      ['SecretStore', 'aws'],
    ] as const) {
      const object = await world.objects.get(kind, namespace, name);
      for (const field of ['finalizers', 'labels', 'annotations'])
        expect(at(object, 'metadata', field)).toBeUndefined();
      const known = ['binding', 'capabilities', 'conditions', 'refreshTime', 'syncedResourceVersion'];
      expect(Object.keys({ ...(object?.['status'] as Json) }).filter((field) => !known.includes(field))).toEqual([]);
    }
    const { body } = await world.cluster.request('GET', `/api/v1/namespaces/${namespace}`);
    expect(at(body, 'metadata', 'finalizers')).toBeUndefined();
  });

  it('and forth again: what the other operator has rewritten meanwhile is adopted anew', async () => {
    const namespace = await world.namespace('forth');
    await world.store(namespace);
    const value = world.canary();
    const { name: key } = await world.putSecret(value);
    const data = [{ secretKey: 'password', remoteRef: { key } }];
    await world.externalSecret(namespace, 'app', { data });
    await world.expectReady(namespace, 'app');
    await whileNobodyRuns(world, () =>
      upstream(world).leaves(namespace, 'app', { spec: { data }, data: { password: value } }),
    );
    const marks = async () => marksOf(await world.secret(namespace, 'app'));
    await until('it to be adopted', marks, SOON_MS, (seen) => seen.some((mark) => mark.startsWith('adopted:')));
    await world.expectData(namespace, 'app', { password: value });
  });
});

describe('side by side, by controller class', () => {
  it('a store and what reads from it are left to the other operator until the store is given to us, and when it is taken back', async () => {
    const namespace = await world.namespace('beside');
    const { leavesStore, leaves } = upstream(world);
    await leavesStore(namespace, { controller: 'theirs' });
    const give = (controller: string) => world.objects.patch('SecretStore', namespace, 'aws', { spec: { controller } });
    const [old, now] = [world.canary(), world.canary()];
    const { name: key } = await world.putSecret(old);
    const data = [{ secretKey: 'password', remoteRef: { key } }];
    await leaves(namespace, 'app', { spec: { data, refreshInterval: '1s' }, data: { password: old } });
    await world.expectEvent(namespace, 'app', 'OtherControllerClass', /./);
    const before = await world.secret(namespace, 'app');
    expect(marksOf(before)).toEqual([]);

    await give('default');
    const marks = async () => marksOf(await world.secret(namespace, 'app'));
    await until('it to be adopted', marks, SOON_MS, (seen) => seen.some((mark) => mark.startsWith('adopted:')));
    expect((await world.secret(namespace, 'app'))['data']).toEqual(before['data']);

    await give('theirs');
    await world.expectStore(namespace, 'aws', 'True', /./);
    const given = await world.secret(namespace, 'app');
    await world.putSecret(now, key);
    await sleep(3_000);
    expect(await world.secret(namespace, 'app')).toEqual(given);
  });
});
