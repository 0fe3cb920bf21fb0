import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { SourceUnavailable } from '../../../src/ports/errors.ts';
import { HOUR_MS, NOTHING, World } from './world.ts';

const MANAGED = 'reconcile.external-secrets.io/managed';

describe('drift of the target', () => {
  test.each<[string, (world: World) => void]>([
    ['a value that was edited', (world) => world.cluster.secrets.edit('team/app', { data: { password: 'edited' } })],
    ['a key that was added', (world) => world.cluster.secrets.edit('team/app', { data: { extra: 'x' } })],
    ['a key that was removed', (world) => world.cluster.secrets.edit('team/app', { data: { password: null } })],
    ['the Secret that was deleted', (world) => world.cluster.secrets.remove('team/app')],
    ['the managed label', (world) => world.cluster.secrets.edit('team/app', { labels: { [MANAGED]: null } })],
    [
      'our hash',
      (world) => world.cluster.secrets.edit('team/app', { annotations: { 'keyturn.dev/source-hash': 'x' } }),
    ],
    [
      'the owner reference',
      (world) => world.cluster.secrets.edit('team/app', { labels: { x: 'y' }, controller: null }),
    ],
  ])('%s is put right at once, with one write', async (_, drift) => {
    const world = await World.synced();
    await world.advance(5_000);
    world.forgetCalls();
    drift(world);
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
    const metadata = world.cluster.secrets.metadata('team/app');
    expect(metadata?.labels[MANAGED]).toBe('true');
    expect(metadata?.annotations['keyturn.dev/source-hash']).toMatch(/^[0-9a-f]{64}$/);
    expect(metadata?.controller?.name).toBe('app');
    expect(world.cost()).toMatchObject({ secretWrites: 1, reads: 1 });
  });

  test('while AWS is down is told, and put right when it is back', async () => {
    const world = await World.synced();
    world.aws.fail(new SourceUnavailable('down'));
    world.cluster.secrets.edit('team/app', { data: { password: 'edited' } });
    await world.advance(5_000);
    world.expectCondition('False', 'SecretSyncedError', 'down');
    world.aws.recover();
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.expectSynced();
  });
});

describe('a target that somebody changes again and again', () => {
  async function fight(world: World, forMs: number, everyMs: number): Promise<void> {
    for (let atMs = 0; atMs < forMs; atMs += everyMs) {
      world.cluster.secrets.edit('team/app', { data: { password: `theirs-${atMs}` } }, 'rival');
      await world.advance(everyMs);
    }
  }

  test('is put right at once five times, then every ten seconds, and an Event says so', async () => {
    const world = await World.synced();
    await world.advance(5_000);
    world.forgetCalls();
    await fight(world, 60_000, 1_000);
    const { secretWrites, reads } = world.cost();
    expect(secretWrites).toBeGreaterThanOrEqual(9);
    expect(secretWrites).toBeLessThanOrEqual(12);
    expect(reads).toBe(secretWrites);
    const told = world.cluster.notes.filter(({ reason }) => reason === 'TargetContested');
    expect(told[0]?.message).toContain('Secret "app" is changed again and again');
    expect(new Set(told.map(({ message }) => message)).size).toBe(1);
  });

  test('ends as it should be, and is put right at once again after a quiet minute', async () => {
    const world = await World.synced();
    await fight(world, 20_000, 1_000);
    await world.advance(70_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.cluster.secrets.edit('team/app', { data: { password: 'edited' } });
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('does not hold up a rotation or a change of the ExternalSecret', async () => {
    const world = await World.synced();
    await fight(world, 20_000, 1_000);
    world.forgetCalls();
    world.externalSecret('team/app', {}, { labels: { changed: 'yes' } });
    await world.settle();
    expect(world.cluster.secrets.metadata('team/app')?.labels).toMatchObject({ changed: 'yes' });
  });

  test('by two Orphans costs little', async () => {
    const world = await World.synced({ target: { creationPolicy: 'Orphan' } });
    world.externalSecret('team/second', { target: { name: 'app', creationPolicy: 'Orphan' } });
    await world.advance(5_000);
    world.forgetCalls();
    await world.advance(60_000);
    expect(world.cost().secretWrites).toBeLessThanOrEqual(30);
  });
});

describe('a Secret that several want', () => {
  test('belongs to the first, and the second is told whose it is', async () => {
    const world = await World.synced();
    world.externalSecret('team/second', { target: { name: 'app' } });
    await world.settle();
    world.expectCondition(
      'False',
      'SecretSyncedError',
      'target is owned by another ExternalSecret: Secret "app" belongs to "app"',
      'team/second',
    );
    world.expectSynced('team/app');
    expect(world.cost().secretWrites).toBe(0);
  });

  test('goes to the second when the first is gone', async () => {
    const world = await World.synced();
    world.externalSecret('team/second', { target: { name: 'app' } });
    await world.settle();
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.settle();
    world.expectSynced('team/second');
    expect(world.cluster.secrets.metadata('team/app')?.controller?.name).toBe('second');
  });

  test('stays with whoever made it first, when both were reading at the same time', async () => {
    const world = await World.withStore();
    world.aws.put('slow', 'slow-value');
    world.aws.latencyMs = 100;
    world.externalSecret('team/first', { target: { name: 'shared' } });
    await world.advance(50);
    world.externalSecret('team/second', {
      target: { name: 'shared' },
      data: [{ secretKey: 'p', remoteRef: { key: 'slow' } }],
    });
    await world.advance(5_000);
    expect(world.secret('team/shared')).toEqual({ password: 'value-1' });
    world.expectSynced('team/first');
    world.expectCondition('False', 'SecretSyncedError', 'target is owned by another ExternalSecret', 'team/second');
    expect(world.cluster.secrets.writes).toEqual(['create team/shared']);
  });

  test('stays with whoever else controls it', async () => {
    const world = await World.withStore();
    const controller = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', name: 'web', uid: 'uid-web' };
    world.cluster.secrets.edit('team/app', { data: { 'tls.crt': 'x' }, controller });
    world.externalSecret();
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'controlled by Certificate "web"');
    expect(world.secret()).toEqual({ 'tls.crt': 'x' });
  });
});

describe('creationPolicy Merge', () => {
  const merge: ExternalSecretSpec = { target: { creationPolicy: 'Merge' } };

  test('waits for its target, and merges when it comes', async () => {
    const world = await World.synced(merge);
    world.expectCondition('True', 'SecretMissing', 'secret will not be created due to CreationPolicy=Merge');
    await world.advance(10 * HOUR_MS);
    expect(world.cost()).toEqual(NOTHING);
    world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } });
    await world.settle();
    expect(world.secret()).toEqual({ theirs: 'x', password: 'value-1' });
    world.expectSynced();
    expect(world.cluster.secrets.metadata('team/app')?.controller).toBeUndefined();
  });

  test('does not make a target that vanishes while it reads', async () => {
    const world = await World.withStore();
    world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } });
    world.aws.latencyMs = 100;
    world.externalSecret('team/app', merge);
    await world.advance(50);
    world.cluster.secrets.remove('team/app');
    await world.advance(10_000);
    expect(world.secret()).toBeUndefined();
    expect(world.condition().reason).toBe('SecretMissing');
  });

  test('two of them fill one Secret, and neither disturbs the other', async () => {
    const world = await World.withStore();
    world.aws.put('prod/other', 'other-1');
    world.cluster.secrets.edit('team/shared', { data: { theirs: 'x' } });
    const target = { name: 'shared', creationPolicy: 'Merge' } as const;
    world.externalSecret('team/a', { target, refreshInterval: '10s' }, { labels: { app: 'a' } });
    world.externalSecret(
      'team/b',
      { target, refreshInterval: '10s', data: [{ secretKey: 'b', remoteRef: { key: 'prod/other' } }] },
      { labels: { app: 'b' } },
    );
    await world.advance(5_000);
    expect(world.secret('team/shared')).toEqual({ theirs: 'x', password: 'value-1', b: 'other-1' });
    world.forgetCalls();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ secretWrites: 0, reads: 0 });
    await world.restart();
    expect(world.cost().secretWrites).toBe(0);
    world.aws.put('prod/other', 'other-2');
    await world.advance(11_000);
    expect(world.secret('team/shared')).toEqual({ theirs: 'x', password: 'value-1', b: 'other-2' });
    expect(world.cost().secretWrites).toBe(1);
    await world.stop();
  });

  test('keeps what others put there, and takes away only what was its own', async () => {
    const world = await World.withStore();
    world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } });
    world.externalSecret('team/app', merge);
    await world.settle();
    world.externalSecret('team/app', { ...merge, data: [{ secretKey: 'renamed', remoteRef: { key: 'prod/db' } }] });
    await world.settle();
    expect(world.secret()).toEqual({ theirs: 'x', renamed: 'value-1' });
  });

  test('its target that is deleted is not made again', async () => {
    const world = await World.withStore();
    world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } });
    world.externalSecret('team/app', merge);
    await world.settle();
    world.cluster.secrets.remove('team/app');
    await world.settle();
    expect(world.secret()).toBeUndefined();
    expect(world.condition()).toMatchObject({ status: 'True', reason: 'SecretMissing' });
  });
});

describe('other policies', () => {
  test('None writes no Secret, says that it is synced, and names none', async () => {
    const world = await World.synced({ target: { creationPolicy: 'None' } });
    world.expectSynced();
    expect(world.secret()).toBeUndefined();
    expect(world.cluster.status('ExternalSecret', 'team/app')).not.toHaveProperty('binding');
  });

  test('None that was Owner before names no Secret any more, and is quiet about it', async () => {
    const world = await World.synced();
    world.externalSecret('team/app', { target: { creationPolicy: 'None' } });
    await world.settle();
    world.expectSynced();
    expect(world.cluster.status('ExternalSecret', 'team/app')).not.toHaveProperty('binding');
    world.forgetCalls();
    await world.reconcile();
    expect(world.cost()).toEqual(NOTHING);
  });

  test('Orphan makes the Secret and does not own it', async () => {
    const world = await World.synced({ target: { creationPolicy: 'Orphan' } });
    expect(world.cluster.secrets.metadata('team/app')?.controller).toBeUndefined();
    world.cluster.delete('ExternalSecret', 'team/app');
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
  });

  test('Orphan that was Owner before lets go of the Secret', async () => {
    const world = await World.synced();
    world.externalSecret('team/app', { target: { creationPolicy: 'Orphan' } });
    await world.settle();
    expect(world.cluster.secrets.metadata('team/app')?.controller).toBeUndefined();
    world.expectSynced();
  });
});
