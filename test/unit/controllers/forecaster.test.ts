import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { AccessDenied, SourceUnavailable, Throttled } from '../../../src/ports/errors.ts';
import { storeSpec } from '../domain/manifests.ts';
import { planned } from './planned.ts';
import { World } from './world.ts';

const READS = ['get', 'list'];

/** Synced by Keyturn, which has ended since. */
async function synced(spec: ExternalSecretSpec = {}): Promise<World> {
  const world = await World.synced(spec);
  await world.advance(60_000);
  await world.stop();
  world.cluster.list();
  world.forgetCalls();
  return world;
}

/** Never served. */
function fresh(spec: ExternalSecretSpec = {}): World {
  const world = new World();
  world.aws.put('prod/db', 'value-1');
  world.store();
  world.externalSecret('team/app', spec);
  return world;
}

async function forecastOf(world: World, options?: Parameters<typeof planned>[1]) {
  const { forecasts, requests } = await planned(world, options);
  expect(requests.filter(({ verb }) => !READS.includes(verb))).toEqual([]);
  expect(world.cluster.secrets.writes).toEqual([]);
  expect([world.cluster.statusWrites, world.cluster.notes]).toEqual([[], []]);
  return forecasts.get('team/app');
}

describe('a plan of one ExternalSecret', () => {
  test('that is synced: its version is looked at, no value is read', async () => {
    const world = await synced();
    expect(await forecastOf(world)).toMatchObject({ kind: 'nothing' });
    expect(world.cost()).toMatchObject({ probes: 1, reads: 0 });
  });

  test('that was never served: the Secret would be made', async () => {
    expect(await forecastOf(fresh())).toMatchObject({
      kind: 'create',
      secret: 'app',
      difference: { keys: [{ key: 'password', change: 'added', after: '#value-1' }], owner: 'set' },
    });
  });

  test('whose secret has moved: keys and digests tell the change', async () => {
    const world = await synced();
    world.aws.put('prod/db', 'value-2');
    expect(await forecastOf(world)).toMatchObject({
      kind: 'change',
      difference: { keys: [{ key: 'password', change: 'changed', before: '#value-1', after: '#value-2' }] },
    });
  });

  test('whose secret was rolled back: the answer is waited for, as by the operator', async () => {
    const world = await synced();
    world.aws.put('prod/db', 'value-2');
    await world.start();
    await world.advance(7_200_000);
    await world.stop();
    world.cluster.list();
    world.forgetCalls();
    world.aws.rollBack('prod/db');
    const { forecasts, tookMs } = await planned(world);
    expect(forecasts.get('team/app')).toMatchObject({ kind: 'change' });
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
  });

  test('whose secret is older than what was written, for a moment only: nothing', async () => {
    const world = await synced();
    world.aws.put('prod/db', 'value-2');
    await world.start();
    await world.advance(7_200_000);
    await world.stop();
    world.cluster.list();
    world.forgetCalls();
    world.aws.answerStale('prod/db', 2);
    expect(await forecastOf(world)).toMatchObject({ kind: 'nothing' });
  });

  test('whose secret is gone: the Secret would be deleted, after AWS has said it twice', async () => {
    const world = await synced({ target: { deletionPolicy: 'Delete' } });
    world.aws.remove('prod/db');
    const { forecasts, tookMs } = await planned(world);
    expect(forecasts.get('team/app')).toMatchObject({ kind: 'delete' });
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
  });

  test('that waits for a window: it is left', async () => {
    const syncWindows = { kind: 'deny', windows: [{ schedule: '* * * * *', duration: '10m' }] } as const;
    const world = await synced({ syncWindows });
    world.aws.put('prod/db', 'value-2');
    const { kind, message } = (await forecastOf(world)) ?? {};
    expect([kind, message]).toEqual(['left', expect.stringMatching(/no sync window is open before 2023-.*Z$/)]);
  });

  test('whose target was edited: what would be put right', async () => {
    const world = await synced();
    world.cluster.secrets.edit('team/app', { data: { password: 'edited', extra: 'x' } });
    expect(await forecastOf(world)).toMatchObject({
      kind: 'change',
      difference: {
        keys: [
          { key: 'extra', change: 'removed', before: '#x' },
          { key: 'password', change: 'changed', before: '#edited', after: '#value-1' },
        ],
      },
    });
  });

  test('whose target changes while it is looked at: it is not known', async () => {
    const world = await synced();
    world.aws.put('prod/db', 'value-2');
    world.cluster.secrets.view.lag();
    world.cluster.secrets.edit('team/app', { labels: { somebody: 'else' } });
    expect(await forecastOf(world)).toMatchObject({ kind: 'unknown', message: expect.stringContaining('has changed') });
  });

  test.each([
    [
      'AWS denies it',
      new AccessDenied('no'),
      'refused',
      'could not get secret data from provider: spec.data[0] (key: prod/db): no',
    ],
    ['AWS cannot be reached', new SourceUnavailable('away'), 'unknown', 'away'],
    ['AWS throttles', new Throttled('slow'), 'unknown', 'slow'],
  ])('when %s', async (_, error, kind, message) => {
    const world = fresh();
    world.aws.fail(error, { operation: 'read' });
    expect(await forecastOf(world)).toMatchObject({ kind, message: expect.stringContaining(message) });
  });

  test('that is not there, or not good', async () => {
    const world = fresh();
    world.externalSecret('team/bad', { refreshInterval: '1d' });
    const { forecasts } = await planned(world, { keys: ['team/none', 'team/bad'] });
    expect([...forecasts.values()].map(({ kind }) => kind)).toEqual(['unknown', 'refused']);
  });
});

describe('a plan of stores', () => {
  test('tells as whom each reads, and those that cannot', async () => {
    const world = fresh();
    world.externalSecret('team/other', { secretStoreRef: { name: 'theirs' } });
    world.store(storeSpec({}, { controller: 'theirs' }), 'team/theirs');
    world.externalSecret('team/bad', { secretStoreRef: { name: 'bad' } });
    world.store(storeSpec({ region: 'no region' }), 'team/bad');
    world.externalSecret('team/lost', { secretStoreRef: { name: 'lost' } });
    world.store(storeSpec(), 'team/unused');
    const { stores, forecasts } = await planned(world);
    expect(stores.map(({ store, kind }) => [store, kind])).toEqual([
      ['SecretStore/team/aws', 'ready'],
      ['SecretStore/team/bad', 'notReady'],
      ['SecretStore/team/theirs', 'otherClass'],
    ]);
    expect(stores[0]?.message).toMatch(/^arn:aws:/);
    expect(Object.fromEntries([...forecasts].map(([key, { kind }]) => [key, kind]))).toEqual({
      'team/app': 'create',
      'team/bad': 'refused',
      'team/lost': 'refused',
      'team/other': 'left',
    });
  });

  test('one that cannot be asked leaves its users unknown, though it was ready before', async () => {
    const world = await synced();
    world.aws.fail(new SourceUnavailable('away'), { operation: 'whoAmI' });
    const { stores, forecasts } = await planned(world);
    expect(stores).toMatchObject([{ kind: 'unknown', message: 'away' }]);
    expect(forecasts.get('team/app')?.kind).toBe('unknown');
  });
});

describe('a plan of many', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

  async function fleet(count: number, spec: ExternalSecretSpec = {}): Promise<World> {
    const world = await World.withStore();
    for (const at of numbers(count)) {
      world.aws.put(`prod/${at}`, `value-${at}`);
      const data = [{ secretKey: 'password', remoteRef: { key: `prod/${at}` } }];
      world.externalSecret(`team/app-${at}`, { ...spec, data });
    }
    await world.advance(60_000);
    await world.stop();
    world.cluster.list();
    world.forgetCalls();
    return world;
  }

  test('looks at versions twenty to a call, and reads no value', async () => {
    const world = await fleet(100);
    const { forecasts } = await planned(world);
    expect(new Set([...forecasts.values()].map(({ kind }) => kind))).toEqual(new Set(['nothing']));
    expect(world.cost()).toMatchObject({ probes: 5, reads: 0 });
  });

  test('foresees the brake when too many are gone at once', async () => {
    const world = await fleet(20, { target: { deletionPolicy: 'Delete' } });
    for (const at of numbers(6)) world.aws.remove(`prod/${at}`);
    const { forecasts } = await planned(world, { concurrency: 2 });
    const kinds = numbers(20).map((at) => forecasts.get(`team/app-${at}`)?.kind);
    expect(kinds.slice(6)).toEqual(kinds.slice(6).map(() => 'nothing'));
    expect(kinds.slice(0, 6)).toEqual(numbers(6).map(() => 'refused'));
    expect(forecasts.get('team/app-0')?.message).toContain('deletion waits: 6 of 20 secrets');
    const { forecasts: unbraked } = await planned(world, { deletionBrakePercent: 0 });
    expect(numbers(6).map((at) => unbraked.get(`team/app-${at}`)?.kind)).toEqual(numbers(6).map(() => 'delete'));
  });
});
