import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { AccessDenied, SourceUnavailable } from '../../../src/ports/errors.ts';
import { HOUR_MS, World } from './world.ts';

describe('when AWS fails', () => {
  test('a secret that was deleted there keeps its last good Secret here, and recovers by itself', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    world.aws.remove('prod/db');
    await world.advance(5_000);
    world.expectCondition(
      'False',
      'SecretSyncedError',
      'could not get secret data from provider: spec.data[0] (key: prod/db): AWS has no secret',
    );
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.metrics.readiness.get('team/app')).toBe(false);
    world.forgetCalls();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
    world.aws.put('prod/db', 'value-2');
    await world.advance(3_000);
    world.expectSynced();
    expect(world.secret()).toEqual({ password: 'value-2' });
  });

  test('a failure that passes before the second look is not told', async () => {
    const world = await World.synced({ refreshInterval: '10s' });
    world.aws.fail(new SourceUnavailable('down'));
    await world.advance(10_000);
    world.aws.recover();
    await world.advance(60_000);
    expect(world.cost().statusWrites).toBe(0);
  });

  test('an outage is told once, changes nothing, and its end is told', async () => {
    const world = await World.synced({ refreshInterval: '10s' });
    world.aws.fail(new SourceUnavailable('AWS did not answer'));
    await world.advance(HOUR_MS / 2);
    world.expectCondition('False', 'SecretSyncedError', 'AWS did not answer');
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 1 });
    world.aws.recover();
    await world.advance(70_000);
    world.expectSynced();
    expect(world.cost().secretWrites).toBe(0);
  });

  test.each([false, true])(
    'a restart within an outage recovers after it, where looks give labels only: %s',
    async (only) => {
      const world = await World.synced({ refreshInterval: '10s' });
      world.aws.labelsOnly = only;
      await world.advance(2_000);
      await world.restart();
      world.aws.fail(new SourceUnavailable('AWS did not answer'));
      await world.advance(60_000);
      world.expectCondition('False', 'SecretSyncedError', 'AWS did not answer');
      world.aws.recover();
      world.aws.put('prod/db', 'value-2');
      await world.advance(70_000);
      expect(world.secret()).toEqual({ password: 'value-2' });
      world.expectSynced();
    },
  );

  test('the same failure with other request ids is one status write and one kind of Event', async () => {
    const world = await World.withStore();
    world.forgetCalls();
    let count = 0;
    for (let at = 0; at < 5; at += 1) {
      world.aws.recover();
      world.aws.fail(new AccessDenied('not allowed', { requestId: `request-${count++}` }));
      if (at === 0) world.externalSecret();
      await world.advance(20_000);
    }
    world.expectCondition('False', 'SecretSyncedError', 'not allowed (AWS request id request-0)');
    expect(world.cost().statusWrites).toBe(1);
    expect(new Set(world.cluster.notes.map(({ message }) => message)).size).toBe(1);
  });

  test('a first sync that fails is tried again, and syncs when the cause is gone', async () => {
    const world = await World.withStore();
    world.aws.remove('prod/db');
    world.externalSecret();
    await world.advance(10_000);
    world.expectCondition('False', 'SecretSyncedError', 'AWS has no secret');
    expect(world.secret()).toBeUndefined();
    world.aws.put('prod/db', 'value-9');
    await world.advance(60_000);
    world.expectSynced();
    expect(world.secret()).toEqual({ password: 'value-9' });
  });

  test('a value that is not what the spec asks for is told once, and taken when it is', async () => {
    const world = await World.synced({
      refreshInterval: '2s',
      data: [{ secretKey: 'p', remoteRef: { key: 'prod/db', property: 'p' } }],
    });
    world.expectCondition(
      'False',
      'SecretSyncedError',
      'property "p" was asked for, but the secret (7 bytes) is not JSON',
    );
    await world.advance(60_000);
    expect(world.cost().statusWrites).toBe(0);
    expect(world.cost().reads).toBeLessThan(10);
    world.aws.put('prod/db', '{"p":"x"}');
    await world.advance(2_500);
    expect(world.secret()).toEqual({ p: 'x' });
    world.expectSynced();
  });

  test.each<[string, ExternalSecretSpec]>([
    ['with an interval of zero', { refreshInterval: '0' }],
    ['with OnChange', { refreshPolicy: 'OnChange' }],
    ['with CreatedOnce', { refreshPolicy: 'CreatedOnce' }],
  ])('a value that is not what the spec asks for is taken when it is, %s too', async (_, spec) => {
    const world = await World.synced({
      ...spec,
      data: [{ secretKey: 'p', remoteRef: { key: 'prod/db', property: 'p' } }],
    });
    world.expectCondition('False', 'SecretSyncedError', 'is not JSON');
    world.aws.put('prod/db', '{"p":"x"}');
    await world.advance(10_000);
    expect(world.secret()).toEqual({ p: 'x' });
    world.expectSynced();
  });

  test('a new version that is bad keeps the last good Secret', async () => {
    const world = await World.synced({
      refreshInterval: '2s',
      data: [{ secretKey: 'p', remoteRef: { key: 'prod/db', property: 'p' } }],
    });
    world.aws.put('prod/db', '{"p":"good"}');
    await world.advance(5_000);
    world.aws.put('prod/db', '{"q":"renamed"}');
    await world.advance(5_000);
    world.expectCondition('False', 'SecretSyncedError', 'property "p" does not exist');
    expect(world.secret()).toEqual({ p: 'good' });
  });

  test.each([
    ['an empty object', '{}'],
    ['null', 'null'],
  ])('extract of %s does not empty the Secret', async (_, empty) => {
    const world = await World.withStore();
    world.aws.put('prod/db', '{"user":"u"}');
    world.externalSecret('team/app', { refreshInterval: '2s', data: [], dataFrom: [{ extract: { key: 'prod/db' } }] });
    await world.settle();
    expect(world.secret()).toEqual({ user: 'u' });
    world.aws.put('prod/db', empty);
    await world.advance(10_000);
    expect(world.secret()).toEqual({ user: 'u' });
    world.expectCondition('True', 'SecretSynced', 'secret retained due to DeletionPolicy=Retain');
    world.forgetCalls();
    await world.reconcile();
    expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0 });
    world.aws.put('prod/db', '{"user":"v"}');
    await world.advance(3_000);
    expect(world.secret()).toEqual({ user: 'v' });
    world.expectSynced();
  });

  test('one secret that is denied does not hold up another object', async () => {
    const world = await World.withStore();
    world.aws.put('prod/denied', 'x');
    world.aws.fail(new AccessDenied('not allowed'), { key: 'prod/denied' });
    world.externalSecret('team/bad', { data: [{ secretKey: 'a', remoteRef: { key: 'prod/denied' } }] });
    world.externalSecret('team/good');
    await world.settle();
    world.expectSynced('team/good');
    world.expectCondition('False', 'SecretSyncedError', 'not allowed', 'team/bad');
  });

  test('one of two secrets that fails writes nothing of the other', async () => {
    const world = await World.withStore();
    const missing = { secretKey: 'b', remoteRef: { key: 'prod/missing' } };
    world.externalSecret('team/app', { data: [{ secretKey: 'a', remoteRef: { key: 'prod/db' } }, missing] });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'spec.data[1] (key: prod/missing)');
    expect(world.secret()).toBeUndefined();
  });
});
