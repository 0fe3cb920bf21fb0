import { beforeAll, describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { AccessDenied } from '../../../src/ports/errors.ts';
import { World } from './world.ts';

// The first template loads the engine, which takes time that the virtual clock does not know.
beforeAll(() => import('../../../src/template/template.ts'));

const FIND: ExternalSecretSpec = {
  refreshInterval: '10s',
  data: [],
  dataFrom: [
    { find: { path: 'shop/', name: { regexp: '-db$' } }, rewrite: [{ regexp: { source: '.*/', target: '' } }] },
  ],
};

async function found(spec: ExternalSecretSpec = FIND): Promise<World> {
  const world = await World.withStore();
  world.aws.put('shop/orders-db', 'orders-1');
  world.aws.put('shop/stock-db', 'stock-1');
  world.aws.put('shop/stock-api', 'no match');
  world.externalSecret('team/app', spec);
  await world.settle();
  world.expectSynced();
  world.forgetCalls();
  return world;
}

describe('dataFrom.find', () => {
  test('brings what matches under rewritten names', async () => {
    const world = await found();
    expect(world.secret()).toEqual({ 'orders-db': 'orders-1', 'stock-db': 'stock-1' });
  });

  test('costs no read and no write while nothing changes', async () => {
    const world = await found();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
  });

  test('follows a rotation of what it found', async () => {
    const world = await found();
    world.aws.put('shop/stock-db', 'stock-2');
    await world.advance(20_000);
    expect(world.secret()).toEqual({ 'orders-db': 'orders-1', 'stock-db': 'stock-2' });
  });

  test('takes in what begins to match, and lets go of what is gone once that has lasted', async () => {
    const world = await found();
    world.aws.put('shop/users-db', 'users-1');
    await world.advance(20_000);
    expect(world.secret()).toMatchObject({ 'users-db': 'users-1' });
    world.aws.remove('shop/orders-db');
    await world.advance(30_000);
    expect(world.secret()).toEqual({ 'stock-db': 'stock-1', 'users-db': 'users-1' });
  });

  test('that finds nothing any more leaves the last good Secret', async () => {
    const world = await found({ ...FIND, target: { deletionPolicy: 'Delete' } });
    world.aws.remove('shop/orders-db');
    world.aws.remove('shop/stock-db');
    await world.advance(60_000);
    expect(world.secret()).toEqual({ 'orders-db': 'orders-1', 'stock-db': 'stock-1' });
    world.expectCondition('True', 'SecretSynced', 'secret retained: its sources exist and there is nothing in them');
  });

  test('that is denied says so, and leaves the last good Secret', async () => {
    const world = await found();
    world.aws.fail(new AccessDenied('may not list'));
    await world.advance(30_000);
    world.expectCondition('False', 'SecretSyncedError', 'spec.dataFrom[0].find: may not list');
    expect(world.secret()).toEqual({ 'orders-db': 'orders-1', 'stock-db': 'stock-1' });
    world.aws.recover();
    await world.advance(60_000);
    world.expectSynced();
  });

  test('is taken up after a restart without a write', async () => {
    const world = await found();
    await world.restart();
    await world.advance(1_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0 });
    world.aws.put('shop/stock-db', 'stock-2');
    await world.advance(20_000);
    expect(world.secret()).toMatchObject({ 'stock-db': 'stock-2' });
  });

  test.each<[string, ExternalSecretSpec, string]>([
    ['that asks for nothing', { data: [], dataFrom: [{ find: {} }] }, 'has neither name.regexp nor tags nor path'],
    [
      'with a pattern that is none',
      { data: [], dataFrom: [{ find: { name: { regexp: '(' } } }] },
      'spec.dataFrom[0].find.name.regexp: "(" is not a regular expression',
    ],
    [
      'with a rewrite that is none',
      { data: [], dataFrom: [{ find: { name: { regexp: 'a' } }, rewrite: [{ regexp: { source: '(', target: '' } }] }] },
      '"(" is not a regular expression',
    ],
    [
      'with a transform that does not parse',
      { data: [], dataFrom: [{ find: { name: { regexp: 'db' } }, rewrite: [{ transform: { template: '{{' } }] }] },
      'the template of transform fails',
    ],
  ])('%s is told so', async (_, spec, message) => {
    const world = await World.withStore();
    world.externalSecret('team/app', spec);
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', message);
  });

  test('is rewritten by templates', async () => {
    const world = await found({
      ...FIND,
      dataFrom: [
        {
          find: { path: 'shop/', name: { regexp: '-db$' } },
          rewrite: [{ transform: { template: '{{ .value | trimPrefix "shop/" | upper | replace "-" "_" }}' } }],
        },
      ],
    });
    expect(world.secret()).toEqual({ ORDERS_DB: 'orders-1', STOCK_DB: 'stock-1' });
  });
});
