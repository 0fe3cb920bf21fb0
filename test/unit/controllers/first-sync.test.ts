import { describe, expect, test } from 'vitest';
import { NOTHING, World } from './world.ts';

const MANAGED = 'reconcile.external-secrets.io/managed';

describe('the first sync', () => {
  test('is one Secret write, one status write and one read', async () => {
    const world = await World.withStore();
    world.forgetCalls();
    world.externalSecret();
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.expectSynced();
    expect(world.cost()).toEqual({ secretWrites: 1, statusWrites: 1, reads: 1, probes: 0 });
    expect(world.metrics.writes).toEqual({ create: 1, patch: 0, delete: 0 });
    await world.stop();
  });

  test('says when, for what and into which Secret', async () => {
    const world = await World.synced();
    expect(world.cluster.status('ExternalSecret', 'team/app')).toEqual({
      refreshTime: '2023-11-14T22:13:20Z',
      syncedResourceVersion: expect.stringMatching(/^1-[0-9a-f]{56}$/),
      binding: { name: 'app' },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'SecretSynced',
          message: 'secret synced',
          lastTransitionTime: '2023-11-14T22:13:20Z',
        },
      ],
    });
  });

  test('gives the Secret its labels and its owner', async () => {
    const world = await World.synced();
    expect(world.cluster.secrets.metadata('team/app')).toMatchObject({
      labels: { [MANAGED]: 'true' },
      controller: { kind: 'ExternalSecret', name: 'app' },
    });
  });

  test('is told by one Event, and by one line of the log without a value', async () => {
    const world = await World.withStore();
    world.externalSecret();
    await world.settle();
    const notes = world.cluster.notes.filter(({ object }) => object.resource.kind === 'ExternalSecret');
    expect(notes).toMatchObject([{ type: 'Normal', reason: 'Created', message: 'secret created' }]);
    const lines = world.log.lines.filter(({ message }) => message === 'synced');
    expect(lines).toMatchObject([
      {
        level: 'info',
        fields: {
          namespace: 'team',
          name: 'app',
          stores: ['SecretStore/team/aws'],
          versions: ['v1'],
          wrote: 'created',
        },
      },
    ]);
    expect(JSON.stringify([world.log.lines, world.cluster.notes])).not.toContain('value-1');
  });

  test('reads a secret once, however often it is named', async () => {
    const world = await World.withStore();
    world.aws.put('prod/db', '{"user":"u","password":"p"}');
    world.forgetCalls();
    const remoteRef = (property: string) => ({ key: 'prod/db', property });
    world.externalSecret('team/app', {
      data: [
        { secretKey: 'user', remoteRef: remoteRef('user') },
        { secretKey: 'password', remoteRef: remoteRef('password') },
      ],
      dataFrom: [{ extract: { key: 'prod/db' } }],
    });
    await world.settle();
    expect(world.secret()).toEqual({ user: 'u', password: 'p' });
    expect(world.cost().reads).toBe(1);
  });

  test('takes over a Secret that was there, and removes what is not its own', async () => {
    const world = await World.withStore();
    world.cluster.secrets.edit('team/app', { data: { password: 'old', extra: 'x' } });
    world.externalSecret();
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.expectSynced();
  });

  test('takes over a Secret whose values are equal, and then leaves it alone', async () => {
    const world = await World.withStore();
    world.cluster.secrets.edit('team/app', { data: { password: 'value-1' } });
    world.externalSecret();
    await world.settle();
    world.forgetCalls();
    await world.reconcile();
    expect(world.cost()).toEqual(NOTHING);
  });

  test('takes over a Secret of which no managedFields are known', async () => {
    const world = await World.withStore();
    world.cluster.secrets.keepsManagedFields = false;
    world.cluster.secrets.edit('team/app', { data: { old: 'x' } });
    world.externalSecret();
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.forgetCalls();
    await world.reconcile();
    expect(world.cost()).toEqual(NOTHING);
  });
});

test('200 objects that share a secret cost one read, a write and a status each, and one look after a restart', async () => {
  const world = await World.withStore({ concurrency: 200 });
  world.aws.latencyMs = 20;
  world.forgetCalls();
  for (let at = 0; at < 200; at += 1) world.externalSecret(`team/app-${at}`);
  await world.advance(100);
  expect(world.cost()).toEqual({ secretWrites: 200, statusWrites: 200, reads: 1, probes: 0 });
  world.forgetCalls();
  await world.restart();
  await world.advance(100);
  expect(world.cost()).toMatchObject({ secretWrites: 0, statusWrites: 0, reads: 0, probes: 1 });
  await world.stop();
});
