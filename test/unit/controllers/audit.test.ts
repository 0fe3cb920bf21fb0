/** Who was given which value, and what was written from it: one record for each object and secret. */

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import type { ReadRecord, WriteRecord } from '../../../src/ports/audit.ts';
import { AccessDenied, ClusterForbidden } from '../../../src/ports/errors.ts';
import { storeSpec } from '../domain/manifests.ts';
import { World } from './world.ts';

// The first template loads the engine, which takes time that the virtual clock does not know.
beforeAll(() => import('../../../src/template/template.ts'));

const IDENTITY = {
  arn: 'arn:aws:iam::123456789012:user/keyturn',
  sessionName: undefined,
  region: 'eu-central-1',
};
const entry = (secretKey: string, key: string) => ({ secretKey, remoteRef: { key } });
const FIND: ExternalSecretSpec = { data: [], dataFrom: [{ find: { path: 'shop/' } }] };

const uidOf = (world: World, key: string) => {
  const entryOf = world.cluster.externalSecrets.get(key);
  return entryOf?.kind === 'valid' ? entryOf.object.metadata.uid : undefined;
};

function who({ object, store }: Pick<ReadRecord, 'object' | 'store'>): string {
  return `${object.namespace}/${object.name} by ${store}`;
}

function brief({ verb, target, result }: WriteRecord): string {
  return `${verb} ${target.namespace}/${target.name} ${result}`;
}

describe('what an ExternalSecret is given', () => {
  test('is recorded with whose it is, which version, as whom, and the request', async () => {
    const world = await World.synced();
    expect(world.audit.of('read')).toEqual([
      {
        kind: 'read',
        result: 'ok',
        code: undefined,
        object: { namespace: 'team', name: 'app', uid: uidOf(world, 'team/app') },
        store: 'SecretStore/team/aws',
        identity: IDENTITY,
        asked: { key: 'prod/db', stage: 'AWSCURRENT' },
        got: { arn: expect.stringMatching(/^arn:aws:secretsmanager:.*:secret:prod\/db-/), versionId: 'v1' },
        operation: 'GetSecretValue',
        requestId: expect.stringMatching(/^request-/),
      },
    ]);
    await world.stop();
  });

  test('by a call that others share is a record of each, with the same request', async () => {
    const world = await World.withStore();
    world.aws.latencyMs = 100;
    for (const name of ['one', 'two', 'three']) world.externalSecret(`team/${name}`);
    await world.advance(1_000);
    expect(world.aws.count('read')).toBe(1);
    const reads = world.audit.of('read');
    expect(reads.map(({ object }) => object.name).toSorted()).toEqual(['one', 'three', 'two']);
    expect(new Set(reads.map(({ object }) => object.uid)).size).toBe(3);
    expect(new Set(reads.map(({ requestId }) => requestId)).size).toBe(1);
    await world.stop();
  });

  test('is recorded again with each rotation, and the looks in between are nothing that it was given', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(10_000);
    expect(world.aws.count('probe')).toBeGreaterThan(2);
    expect(world.audit.of('read').map(({ got }) => got?.versionId)).toEqual(['v1', 'v2']);
    await world.stop();
  });

  test('by find is a record of each secret that was found', async () => {
    const world = await World.withStore();
    for (const name of ['shop/a', 'shop/b']) world.aws.put(name, `value of ${name}`);
    world.externalSecret('team/app', FIND);
    await world.settle();
    const find = { path: 'shop/' };
    expect(world.audit.of('read')).toMatchObject([
      { asked: { find }, got: { arn: expect.stringContaining('shop/a'), versionId: 'v2' } },
      { asked: { find }, got: { arn: expect.stringContaining('shop/b'), versionId: 'v3' } },
    ]);
    await world.stop();
  });

  test('by a ClusterSecretStore names the store, and each namespace its object', async () => {
    const world = await World.withStore();
    world.cluster.apply('ClusterSecretStore', 'shared', storeSpec());
    for (const namespace of ['team', 'other']) {
      const secretStoreRef = { name: 'shared', kind: 'ClusterSecretStore' } as const;
      world.externalSecret(`${namespace}/app`, { secretStoreRef });
    }
    await world.settle();
    expect(world.audit.of('read').map(who).toSorted()).toEqual([
      'other/app by ClusterSecretStore/shared',
      'team/app by ClusterSecretStore/shared',
    ]);
    await world.stop();
  });

  test.each<[string, ExternalSecretSpec, object]>([
    ['one secret', {}, { key: 'prod/db', stage: 'AWSCURRENT' }],
    ['a query', { data: [], dataFrom: [{ find: { path: 'prod/' } }] }, { find: { path: 'prod/' } }],
  ])('and what it is refused, is recorded with the reason: %s', async (_, spec, asked) => {
    const world = await World.withStore();
    const detail = { code: 'AccessDeniedException', operation: 'GetSecretValue', requestId: 'request-denied' };
    world.aws.fail(new AccessDenied('not allowed', detail));
    world.externalSecret('team/app', spec);
    await world.settle();
    expect(world.audit.of('read')).toMatchObject([
      { result: 'AccessDenied', ...detail, object: { name: 'app' }, identity: IDENTITY, asked, got: undefined },
    ]);
    expect(world.audit.of('write')).toEqual([]);
    await world.stop();
  });

  test('while the operator stops is nothing that it was given', async () => {
    const world = await World.withStore();
    world.aws.latencyMs = 100;
    world.externalSecret();
    await world.settle();
    await world.stop();
    expect(world.audit.records).toEqual([]);
  });
});

describe('what is written', () => {
  test('is recorded with what it was made from, the names of its keys, and what became of it', async () => {
    const world = await World.withStore();
    world.aws.put('prod/json', '{"user": "value-user", "port": 5432}');
    world.externalSecret('team/app', { dataFrom: [{ extract: { key: 'prod/json' } }] });
    await world.settle();
    const target = world.cluster.secrets.metadata('team/app');
    const reads = world.audit.of('read');
    const sourceOf = (key: string) => {
      const read = reads.find(({ asked }) => 'key' in asked && asked.key === key);
      return { store: read?.store, asked: read?.asked, got: [read?.got], requestIds: [read?.requestId] };
    };
    expect(world.audit.of('write')).toEqual([
      {
        kind: 'write',
        result: 'ok',
        verb: 'create',
        object: { namespace: 'team', name: 'app', uid: uidOf(world, 'team/app') },
        target: {
          kind: 'Secret',
          namespace: 'team',
          name: 'app',
          uid: target?.uid,
          resourceVersion: target?.resourceVersion,
        },
        keys: ['user', 'port', 'password'],
        sources: [sourceOf('prod/json'), sourceOf('prod/db')],
        sourceHash: target?.annotations['keyturn.dev/source-hash'],
      },
    ]);
    await world.stop();
  });

  test('again is a patch of another version, and what changes nothing is no write', async () => {
    const world = await World.synced({ refreshInterval: '2s' });
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    await world.restart();
    await world.advance(60_000);
    const writes = world.audit.of('write');
    expect(writes.map(brief)).toEqual(['create team/app ok', 'patch team/app ok']);
    expect(writes[1]?.sources?.flatMap(({ got }) => got.map(({ versionId }) => versionId))).toEqual(['v2']);
    expect(writes[1]?.target.resourceVersion).toBe(world.cluster.secrets.metadata('team/app')?.resourceVersion);
    await world.stop();
  });

  test('from a query names each secret that was found', async () => {
    const world = await World.withStore();
    for (const name of ['shop/a', 'shop/b']) world.aws.put(name, `value of ${name}`);
    world.externalSecret('team/app', FIND);
    await world.settle();
    const [write] = world.audit.of('write');
    expect(write?.sources).toMatchObject([
      { asked: { find: { path: 'shop/' } }, got: [{ versionId: 'v2' }, { versionId: 'v3' }] },
    ]);
    await world.stop();
  });

  test('is made of what is left, where something is gone', async () => {
    const world = await World.withStore();
    world.aws.put('prod/other', 'other-1');
    const data = [entry('a', 'prod/db'), entry('b', 'prod/other')];
    world.externalSecret('team/app', { refreshInterval: '2s', target: { deletionPolicy: 'Delete' }, data });
    await world.advance(3_000);
    world.aws.remove('prod/other');
    await world.advance(8_000);
    const last = world.audit.of('write').at(-1);
    expect([last?.verb, last?.keys, last?.sources?.map(({ asked }) => asked)]).toEqual([
      'patch',
      ['a'],
      [{ key: 'prod/db', stage: 'AWSCURRENT' }],
    ]);
    await world.stop();
  });

  test('ends with a deletion, which has no keys', async () => {
    const world = await World.withStore();
    world.externalSecret('team/app', { refreshInterval: '2s', target: { deletionPolicy: 'Delete' } });
    await world.advance(3_000);
    const { uid } = world.cluster.secrets.metadata('team/app') ?? {};
    world.aws.remove('prod/db');
    await world.advance(8_000);
    expect(world.audit.of('write').at(-1)).toMatchObject({
      verb: 'delete',
      result: 'ok',
      target: { name: 'app', uid, resourceVersion: undefined },
      keys: undefined,
      sources: undefined,
      sourceHash: undefined,
    });
    await world.stop();
  });

  test('under another name is a new Secret and the deletion of the old one', async () => {
    const world = await World.synced();
    world.externalSecret('team/app', { target: { name: 'new' } });
    await world.settle();
    expect(world.audit.of('write').map(brief)).toEqual([
      'create team/app ok',
      'create team/new ok',
      'delete team/app ok',
    ]);
    await world.stop();
  });

  test.each<[string, 'create' | 'patch', (world: World) => void, string]>([
    ['a new one', 'create', () => {}, 'create team/app ClusterForbidden'],
    [
      'one that is there',
      'patch',
      (world) => world.cluster.secrets.edit('team/app', { data: { theirs: 'x' } }),
      'patch team/app ClusterForbidden',
    ],
  ])('and refused is recorded as refused: %s', async (_, operation, prepare, expected) => {
    const world = await World.withStore();
    prepare(world);
    world.cluster.secrets.failNext(operation, new ClusterForbidden('not allowed'));
    world.externalSecret();
    await world.settle();
    const [write] = world.audit.of('write');
    expect(write && brief(write)).toBe(expected);
    expect(write?.target).toMatchObject({
      uid: operation === 'create' ? undefined : world.cluster.secrets.metadata('team/app')?.uid,
      resourceVersion: undefined,
    });
    await world.stop();
  });
});

describe('without an audit', () => {
  test('a sync reads by the source itself, and writes by the writer itself', async () => {
    const world = await World.synced({}, { isAudited: false });
    world.expectSynced();
    expect(world.audit.records).toEqual([]);
  });
});

test('no record holds a value, whatever is synced', async () => {
  const CANARY = 'canary-5f3a9c';
  const value = fc.oneof(
    fc.string().map((text) => `${text}${CANARY}`),
    fc.json().map((text) => `{"name":"${CANARY}","more":${text}}`),
  );
  const remoteRef = fc.record({ key: fc.constantFrom('prod/db', 'shop/a', 'none') });
  const spec = fc.record({
    data: fc.array(fc.record({ secretKey: fc.constantFrom('a', 'b'), remoteRef }), { maxLength: 2 }),
    dataFrom: fc.array(
      fc.oneof(fc.record({ extract: remoteRef }), fc.record({ find: fc.constant({ path: 'shop/' }) })),
      { maxLength: 2 },
    ),
  });
  let given = 0;
  let written = 0;
  await fc.assert(
    fc.asyncProperty(value, value, spec, async (first, second, wanted) => {
      const world = await World.withStore();
      world.aws.put('prod/db', first);
      world.aws.put('shop/a', first);
      world.externalSecret('team/app', { refreshInterval: '2s', target: { deletionPolicy: 'Delete' }, ...wanted });
      await world.advance(3_000);
      world.aws.put('prod/db', second);
      world.aws.remove('shop/a');
      await world.advance(10_000);
      expect(JSON.stringify(world.audit.records)).not.toContain(CANARY);
      given += world.audit.of('read').filter(({ got }) => got !== undefined).length;
      written += world.audit.of('write').length;
      await world.stop();
    }),
    { numRuns: 30 },
  );
  expect(Math.min(given, written)).toBeGreaterThan(0);
});
