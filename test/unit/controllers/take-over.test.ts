import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { createdByHash, dataHash, fieldManagerOf, syncedResourceVersion } from '../../../src/domain/upstream-hash.ts';
import { ClusterForbidden } from '../../../src/ports/errors.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import type { SecretEdit } from './fake-secrets.ts';
import { World } from './world.ts';

const DATA_HASH = 'reconcile.external-secrets.io/data-hash';
const MANAGED = { 'reconcile.external-secrets.io/managed': 'true' };
const MANAGER = fieldManagerOf('app');
const REFRESHED = '2023-11-14T22:00:00Z';
const CREATED_ONCE: ExternalSecretSpec = { refreshPolicy: 'CreatedOnce' };
const MERGE: ExternalSecretSpec = { target: { creationPolicy: 'Merge' } };

function hashOf(data: Readonly<Record<string, string>>): string {
  return dataHash(new Map(Object.entries(data).map(([key, text]) => [key, SecretValue.fromText(text)])));
}

/** `team/app` as External Secrets Operator leaves it, and no operator that runs. */
async function left(spec: ExternalSecretSpec = {}, change: SecretEdit = {}): Promise<World> {
  const world = new World();
  world.aws.put('prod/db', 'value-1');
  world.store();
  world.externalSecret('team/app', spec);
  const { externalSecrets, secrets, statuses } = world.cluster;
  const entry = externalSecrets.get('team/app');
  if (entry?.kind !== 'valid') throw new Error('the ExternalSecret is not good');
  const { metadata } = entry.object;
  const { apiVersion, kind } = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' };
  const resource = { apiVersion, kind, plural: 'externalsecrets' };
  const isOwner = (spec.target?.creationPolicy ?? 'Owner') === 'Owner';
  const createdBy = { 'reconcile.external-secrets.io/created-by': createdByHash('team', 'app') };
  await world.advance(60_000);
  secrets.edit(
    'team/app',
    {
      data: { password: 'value-1' },
      labels: isOwner ? { ...MANAGED, ...createdBy } : MANAGED,
      annotations: { [DATA_HASH]: hashOf({ password: 'value-1' }) },
      ...(isOwner ? { controller: { apiVersion, kind, name: 'app', uid: metadata.uid } } : {}),
      ...change,
    },
    MANAGER,
  );
  const status = {
    refreshTime: REFRESHED,
    syncedResourceVersion: syncedResourceVersion(metadata),
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'SecretSynced',
        message: 'secret synced',
        lastTransitionTime: REFRESHED,
      },
    ],
    binding: { name: 'app' },
  };
  const identity = { resource, namespace: 'team', name: 'app', uid: metadata.uid };
  await statuses.merge(identity, status, false, new AbortController().signal);
  await world.advance(60_000);
  world.forgetCalls();
  return world;
}

function markOf(world: World): string | undefined {
  const annotations = Object.entries(world.cluster.secrets.metadata('team/app')?.annotations ?? {});
  return annotations.find(([name]) => name.startsWith('keyturn.dev/source-hash'))?.[1];
}

/** Somebody else has written the same data, as a tool that restores a cluster does. */
async function restore(world: World): Promise<void> {
  world.cluster.secrets.edit('team/app', { data: { password: 'x' } }, 'velero');
  world.cluster.secrets.edit('team/app', { data: { password: 'value-1' } }, 'velero');
  await world.advance(2_000);
  world.forgetCalls();
}

/** What was written of the ExternalSecret and told of it; its store is told about as ever. */
function told(world: World) {
  const notes = world.cluster.notes.filter(({ object }) => object.name === 'app');
  const statusWrites = world.cluster.statusWrites.filter((key) => key.startsWith('ExternalSecret'));
  return { statusWrites, notes: notes.map(({ reason }) => reason) };
}

const NOTHING_TOLD = { statusWrites: [], notes: [] };

describe('a Secret that External Secrets Operator has written', () => {
  test('is adopted by one patch when AWS has the same, and it is not read for that', async () => {
    const world = await left();
    await world.start();
    await world.advance(10_000);
    expect(world.cluster.secrets.calls).toEqual(['patch team/app']);
    expect(markOf(world)).toMatch(/^adopted:/);
    expect(world.cluster.secrets.metadata('team/app')?.annotations[DATA_HASH]).toBeUndefined();
    expect(told(world)).toEqual(NOTHING_TOLD);
    expect(world.cluster.status('ExternalSecret', 'team/app')?.['refreshTime']).toBe(REFRESHED);
    await world.stop();
  });

  test('is looked at no more than any other after the next start', async () => {
    const world = await left();
    await world.start();
    await world.restart();
    world.forgetCalls();
    await world.restart();
    await world.advance(10_000);
    expect(world.cluster.secrets.calls).toEqual([]);
    expect(told(world)).toEqual(NOTHING_TOLD);
    expect(world.aws.count('read')).toBe(0);
    await world.stop();
  });

  test('is read once when it is merged into, where the hash is over keys of others', async () => {
    const all = { password: 'value-1', theirs: 'x' };
    const world = await left(MERGE, { data: all, annotations: { [DATA_HASH]: hashOf(all) } });
    await world.start();
    await world.advance(10_000);
    expect(world.cluster.secrets.calls).toEqual(['read team/app', 'patch team/app']);
    expect(world.secret()).toEqual(all);
    expect(markOf(world)).toMatch(/^adopted:/);
    expect(told(world)).toEqual(NOTHING_TOLD);
    await world.stop();
  });

  test('is read once when its metadata do not tell who has written it', async () => {
    const world = await left();
    await restore(world);
    await world.start();
    await world.advance(10_000);
    expect(world.cluster.secrets.calls).toEqual(['read team/app', 'patch team/app']);
    expect(told(world)).toEqual(NOTHING_TOLD);
    await world.restart();
    await world.advance(1_000);
    expect(world.cost()).toMatchObject({ reads: 1, secretWrites: 1 });
    await world.stop();
  });

  test('gets what has moved while nobody ran, and that is told', async () => {
    const world = await left();
    world.aws.put('prod/db', 'value-2');
    await world.start();
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cluster.secrets.calls).toEqual(['patch team/app']);
    expect(markOf(world)).toMatch(/^[0-9a-f]{64}$/);
    expect(told(world)).toEqual({ statusWrites: ['ExternalSecret/team/app'], notes: ['Updated'] });
    await world.stop();
  });

  test('is not set back to a version that is older than itself, unless that is still the answer', async () => {
    const world = await left({}, {});
    world.aws.put('prod/db', 'value-2');
    const data = { password: 'value-2' };
    await world.advance(1_000);
    world.cluster.secrets.edit('team/app', { data, annotations: { [DATA_HASH]: hashOf(data) } }, MANAGER);
    world.aws.answerStale('prod/db', 1);
    await world.start();
    expect(world.secret()).toEqual(data);
    await world.advance(10_000);
    expect(world.secret()).toEqual(data);
    expect(markOf(world)).toMatch(/^adopted:/);
    await world.stop();
  });

  test('is put right at once when somebody has edited it', async () => {
    const world = await left();
    world.cluster.secrets.edit('team/app', { data: { password: 'edited' } });
    await world.start();
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(told(world).notes).toEqual(['Updated']);
    await world.stop();
  });

  test('is ours from the first change of its sources on, and a change of the object counts', async () => {
    const world = await left({ refreshInterval: '1m' });
    await world.start();
    world.externalSecret('team/app', { refreshInterval: '1m' }, { labels: { team: 'a' } });
    await world.settle();
    expect(markOf(world)).toMatch(/^[0-9a-f]{64}$/);
    expect(world.cluster.secrets.metadata('team/app')?.labels).toMatchObject({ team: 'a' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.stop();
  });

  test('follows a rotation after it was adopted', async () => {
    const world = await left({ refreshInterval: '1m' });
    await world.start();
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(markOf(world)).toMatch(/^[0-9a-f]{64}$/);
    await world.stop();
  });

  test('waits for a window when only its source may have moved', async () => {
    const syncWindows = { kind: 'deny', windows: [{ schedule: '* * * * *', duration: '10m' }] } as const;
    const world = await left({ syncWindows });
    world.aws.put('prod/db', 'value-2');
    await world.start();
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(told(world)).toEqual(NOTHING_TOLD);
    await world.stop();
  });
});

describe('a Secret of an object that is not polled', () => {
  test.each<[string, ExternalSecretSpec]>([
    ['CreatedOnce', CREATED_ONCE],
    ['OnChange', { refreshPolicy: 'OnChange' }],
    ['an interval of zero', { refreshInterval: '0' }],
  ])('%s: stays as it is though AWS has something else; AWS is not asked', async (_, spec) => {
    const world = await left(spec);
    world.aws.put('prod/db', 'value-2');
    await world.start();
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.aws.count('read') + world.aws.count('probe')).toBe(0);
    expect(world.cluster.secrets.calls).toEqual(['patch team/app']);
    expect(told(world)).toEqual(NOTHING_TOLD);
    // By it External Secrets Operator knows the data again, should it come back.
    expect(world.cluster.secrets.metadata('team/app')?.annotations[DATA_HASH]).toBe(hashOf({ password: 'value-1' }));
    world.forgetCalls();
    await world.restart();
    await world.advance(60_000);
    expect(world.cluster.secrets.calls).toEqual([]);
    expect(told(world)).toEqual(NOTHING_TOLD);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.stop();
  });

  test('an interval of zero: a change that was ignored is none, one after that is', async () => {
    const world = await left({ refreshInterval: '0' });
    world.externalSecret('team/app', { refreshInterval: '0' }, { labels: { chart: '2' } });
    world.aws.put('prod/db', 'value-2');
    await world.start();
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cluster.status('ExternalSecret', 'team/app')?.['refreshTime']).toBe(REFRESHED);
    await world.restart();
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.externalSecret('team/app', { refreshInterval: '0' }, { labels: { chart: '3' } });
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(world.cluster.secrets.metadata('team/app')?.labels).toMatchObject({ chart: '3' });
    await world.stop();
  });

  test('that was edited is found out by a look, and put right as External Secrets Operator would', async () => {
    const world = await left(CREATED_ONCE);
    world.cluster.secrets.edit('team/app', { data: { password: 'edited' } });
    await world.start();
    expect(world.cluster.secrets.calls[0]).toBe('read team/app');
    expect(world.cost().secretWrites).toBe(1);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.stop();
  });

  test('that was touched and is as it was is read once, and stays', async () => {
    const world = await left(CREATED_ONCE);
    await restore(world);
    world.aws.put('prod/db', 'value-2');
    await world.start();
    await world.advance(60_000);
    expect(world.cluster.secrets.calls).toEqual(['read team/app', 'patch team/app']);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.restart();
    await world.advance(60_000);
    expect(world.cluster.secrets.calls).toEqual(['read team/app', 'patch team/app']);
    await world.stop();
  });

  test('that cannot be read says so, and is read when it can be', async () => {
    const world = await left(CREATED_ONCE);
    await restore(world);
    world.cluster.secrets.failNext('read', new ClusterForbidden('The operator may not get secrets.'), 3);
    await world.start();
    await world.advance(1_500);
    world.expectCondition('False', 'SecretSyncedError', 'The operator may not get secrets.');
    await world.advance(60_000);
    world.expectSynced();
    await world.stop();
  });

  test('that is deleted after it was adopted is made again', async () => {
    const world = await left(CREATED_ONCE);
    await world.start();
    world.cluster.secrets.remove('team/app');
    await world.settle();
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.stop();
  });
});

describe('a Secret that Keyturn has written, of an object that is not polled', () => {
  const hashed = (password: string) => ({ annotations: { [DATA_HASH]: hashOf({ password }) } });

  async function once(): Promise<World> {
    const world = await World.synced(CREATED_ONCE);
    await world.advance(60_000);
    world.aws.put('prod/db', 'value-2');
    world.forgetCalls();
    return world;
  }

  test('may be given the hash by which another operator knows it: it is not read again for that', async () => {
    const world = await once();
    world.cluster.secrets.edit('team/app', hashed('value-1'));
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    expect(world.cost()).toMatchObject({ reads: 0 });
    expect(world.cluster.secrets.metadata('team/app')?.annotations[DATA_HASH]).toBe(hashOf({ password: 'value-1' }));
    await world.restart();
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.cluster.secrets.edit('team/app', { data: { password: 'edited' } });
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.stop();
  });

  test('and is put right when its data is not what that hash says', async () => {
    const world = await once();
    world.cluster.secrets.edit('team/app', { ...hashed('value-1'), data: { password: 'edited' } });
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    await world.stop();
  });
});

describe('a Secret that went back and forth, and kept our annotation', () => {
  /** Keyturn has written the first version; the other operator the second one after it. */
  async function rewritten(): Promise<World> {
    const world = await World.synced();
    await world.stop();
    await world.advance(60_000);
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    const data = { password: 'value-2' };
    world.cluster.secrets.edit('team/app', { data, annotations: { [DATA_HASH]: hashOf(data) } }, MANAGER);
    expect(markOf(world)).toMatch(/^[0-9a-f]{64}$/);
    await world.advance(60_000);
    world.forgetCalls();
    return world;
  }

  test('is adopted when AWS has what the other operator wrote', async () => {
    const world = await rewritten();
    await world.start();
    await world.advance(1_000);
    expect(world.cluster.secrets.calls).toEqual(['patch team/app']);
    expect(world.secret()).toEqual({ password: 'value-2' });
    expect(markOf(world)).toMatch(/^adopted:/);
    await world.stop();
  });

  test('is not believed by our annotation when AWS has gone back to what that says', async () => {
    const world = await rewritten();
    world.aws.rollBack('prod/db');
    await world.start();
    await world.advance(10_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.stop();
  });
});
