import { describe, expect, test } from 'vitest';
import { ClusterConflict, ClusterNotFound, ClusterRejected, ClusterUnavailable } from '../../../src/ports/errors.ts';
import { NOTHING, World } from './world.ts';

describe('when the API server fails', () => {
  test('a conflict is tried again without a word', async () => {
    const world = await World.withStore();
    world.cluster.secrets.failNext('create', new ClusterConflict('it exists'));
    world.forgetCalls();
    world.externalSecret();
    await world.advance(2_000);
    world.expectSynced();
    expect(world.cost().statusWrites).toBe(1);
  });

  test('a Secret that is edited between the look and the patch is patched at the next look', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    let edits = 1;
    world.cluster.secrets.onCall = (operation) => {
      if (operation === 'patch' && edits-- > 0)
        world.cluster.secrets.edit('team/app', { annotations: { theirs: 'x' } });
    };
    world.aws.put('prod/db', 'value-2');
    await world.advance(6_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cluster.secrets.metadata('team/app')?.annotations).toHaveProperty('theirs');
    expect(world.condition().status).toBe('True');
    expect(world.cost().statusWrites).toBe(1);
  });

  test('a Secret that is deleted between the look and the patch is made again without a word', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    let deletions = 1;
    world.cluster.secrets.onCall = (operation, key) => {
      if (operation === 'patch' && deletions-- > 0) world.cluster.secrets.remove(key);
    };
    world.aws.put('prod/db', 'value-2');
    await world.advance(6_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cluster.notes.filter(({ type }) => type === 'Warning')).toEqual([]);
  });

  test('a Secret that the API server refuses is told, and tried again', async () => {
    const world = await World.withStore();
    world.cluster.secrets.failNext('create', new ClusterRejected('too large'), 3);
    world.externalSecret();
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'could not update secret: too large');
    await world.advance(60_000);
    world.expectSynced();
  });

  test('a status that could not be written after the Secret was is written later, without another Secret write', async () => {
    const world = await World.withStore();
    world.cluster.failNextStatusWrite(new ClusterUnavailable('down'), 2);
    world.forgetCalls();
    world.externalSecret();
    await world.advance(10_000);
    world.expectSynced();
    expect(world.cost()).toMatchObject({ secretWrites: 1, statusWrites: 3 });
    expect(world.cluster.status('ExternalSecret', 'team/app')?.['refreshTime']).toBe('2023-11-14T22:13:20Z');
  });

  test('a process that ends between the Secret write and the status write leaves nothing undone', async () => {
    const world = await World.withStore();
    world.cluster.failNextStatusWrite(new ClusterUnavailable('down'), 100);
    world.externalSecret();
    await world.settle();
    await world.stop();
    world.cluster.recover();
    await world.advance(1_000_000);
    world.forgetCalls();
    await world.start();
    await world.advance(300_000);
    world.expectSynced();
    expect(world.cost().secretWrites).toBe(0);
  });

  test('an object that vanishes before its status is written is no failure', async () => {
    const world = await World.withStore();
    world.cluster.failNextStatusWrite(new ClusterNotFound('gone'));
    world.externalSecret();
    await world.settle();
    expect(new Set(world.reconciled)).toEqual(new Set(['team/app done']));
  });

  test('a view that lags behind our own write does not make us create the Secret twice', async () => {
    const world = await World.withStore();
    world.cluster.secrets.view.lag();
    world.externalSecret();
    await world.settle();
    world.externalSecret('team/app', {}, { labels: { a: 'b' } });
    await world.settle();
    expect(world.cluster.secrets.writes).toEqual(['create team/app', 'patch team/app']);
    world.expectSynced();
    world.cluster.secrets.view.catchUp();
    await world.settle();
    world.forgetCalls();
    await world.reconcile();
    expect(world.cost()).toEqual(NOTHING);
  });

  test('a Secret of ours that came and went unseen by the view is made again without a word', async () => {
    const world = await World.withStore();
    world.cluster.secrets.view.lag();
    world.externalSecret();
    await world.settle();
    world.cluster.secrets.remove('team/app');
    world.cluster.secrets.view.loseHeld();
    world.externalSecret('team/app', {}, { annotations: { 'force-sync': '1' } });
    await world.advance(2_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cluster.notes.filter(({ type }) => type === 'Warning')).toEqual([]);
  });

  test('a view of the ExternalSecrets that lags behind our own status does not make us write it twice', async () => {
    const world = await World.withStore();
    world.externalSecret();
    world.cluster.externalSecrets.lag();
    world.forgetCalls();
    await world.settle();
    await world.reconcile();
    await world.reconcile();
    expect(world.cost().statusWrites).toBe(1);
  });
});
