import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import type { SecretAccessPolicySpec } from '../../../src/api/secret-access-policy.ts';
import { AccessDenied, ClusterForbidden } from '../../../src/ports/errors.ts';
import { storeSpec } from '../domain/manifests.ts';
import { NOTHING, World, type WorldOptions } from './world.ts';

const RED_ONLY: SecretAccessPolicySpec = { namespaces: ['team'], allow: [{ secrets: { names: ['prod/*'] } }] };
const EVERY_10S: ExternalSecretSpec = { refreshInterval: '10s' };

async function worldWith(spec: SecretAccessPolicySpec | undefined, options: WorldOptions = {}): Promise<World> {
  const world = await World.withStore(options);
  if (spec !== undefined) world.cluster.apply('SecretAccessPolicy', 'rules', spec);
  return world;
}

const MAY_NOT = 'namespace "team" may not read secret "prod/db"';

describe('a SecretAccessPolicy', () => {
  test('lets be read what it allows', async () => {
    const world = await worldWith(RED_ONLY);
    world.externalSecret('team/app', EVERY_10S);
    await world.settle();
    world.expectSynced();
    world.forgetCalls();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ ...NOTHING, probes: expect.any(Number) });
    await world.stop();
  });

  test('keeps from being read what it does not, and says which policy', async () => {
    const world = await worldWith({ namespaces: ['team'], allow: [{ secrets: { names: ['other/*'] } }] });
    world.externalSecret();
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', `spec.data[0] (key: prod/db): ${MAY_NOT}`);
    world.expectCondition('False', 'SecretSyncedError', 'SecretAccessPolicy "rules"');
    expect([world.aws.count('read'), world.aws.count('probe')]).toEqual([0, 0]);
    await world.stop();
  });

  test('is nothing to namespaces that it does not select', async () => {
    const world = await worldWith({ namespaces: ['other'], allow: [] });
    world.externalSecret();
    await world.settle();
    world.expectSynced();
    await world.stop();
  });

  test('stops the very next use when it is made, and lets it go on when it goes', async () => {
    const world = await worldWith(undefined);
    world.externalSecret('team/app', EVERY_10S);
    await world.settle();
    world.cluster.apply('SecretAccessPolicy', 'rules', { namespaces: ['team'], allow: [] });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', MAY_NOT);
    world.forgetCalls();
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    expect([world.aws.count('read'), world.aws.count('probe')]).toEqual([0, 0]);
    expect(world.secret()).toEqual({ password: 'value-1' });
    world.cluster.delete('SecretAccessPolicy', 'rules');
    await world.advance(2_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    world.expectSynced();
    await world.stop();
  });

  test('that takes a grant back while the value is read keeps it from being written', async () => {
    const world = await worldWith(RED_ONLY);
    world.externalSecret('team/app', EVERY_10S);
    await world.settle();
    world.aws.latencyMs = 2_000;
    world.aws.put('prod/db', 'value-2');
    await world.advance(13_000);
    world.cluster.apply('SecretAccessPolicy', 'rules', { namespaces: ['team'], allow: [] });
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.stop();
  });

  test('that allows a type of target keeps from being written into a Secret of another type that is there already', async () => {
    const of = (types: readonly string[]) => ({ namespaces: ['team'], allow: [{ targets: { types: [...types] } }] });
    const world = await worldWith(of(['Opaque']));
    world.cluster.secrets.edit('team/app', { data: { mine: 'x' }, type: 'example.com/other' });
    world.externalSecret();
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'type: Invalid value');
    expect(world.secret()).toEqual({ mine: 'x' });
    world.cluster.apply('SecretAccessPolicy', 'any', {
      namespaces: ['team'],
      allow: [{ secrets: { names: ['prod/*'] } }],
    });
    await world.advance(30_000);
    expect(world.secret()).toEqual({ password: 'value-1' });
    await world.stop();
  });

  test('judges the secret that AWS gave, by its ARN', async () => {
    const foreign = {
      namespaces: ['team'],
      allow: [{ secrets: { arns: ['arn:aws:secretsmanager:*:999999999999:secret:*'] } }],
    };
    const world = await worldWith(foreign);
    world.externalSecret();
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', MAY_NOT);
    expect(world.secret()).toBeUndefined();
    world.cluster.apply('SecretAccessPolicy', 'rules', {
      namespaces: ['team'],
      allow: [{ secrets: { arns: ['arn:aws:secretsmanager:*:123456789012:secret:prod/*'] } }],
    });
    await world.settle();
    world.expectSynced();
    await world.stop();
  });

  test('judges by tags, and is told when these cannot be had', async () => {
    const tagged = { namespaces: ['team'], allow: [{ secrets: { tags: { team: 'red' } } }] };
    const world = await worldWith(tagged);
    world.aws.tag('prod/db', { team: 'blue' });
    world.externalSecret('team/app', EVERY_10S);
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', MAY_NOT);
    world.aws.tag('prod/db', { team: 'red' });
    world.externalSecret('team/app', EVERY_10S, { annotations: { 'force-sync': '1' } });
    await world.settle();
    world.expectSynced();
    await world.stop();
  });

  test('keeps a search from reading what it does not allow, so that nothing is said of it either', async () => {
    const world = await worldWith({
      namespaces: ['team'],
      allow: [{ secrets: { names: ['prod/a'], tags: { open: 'yes' } } }],
    });
    for (const name of ['a', 'b']) world.aws.put(`prod/${name}`, `value-${name}`);
    world.aws.tag('prod/a', { open: 'yes' });
    world.aws.remove('prod/db');
    world.aws.fail(new AccessDenied('prod/b may not be read'), { operation: 'read', key: 'prod/b' });
    const find = { data: [], dataFrom: [{ find: { path: 'prod/' } }] };
    // Another who uses the same identity, and no policy selects.
    world.store(storeSpec(), 'other/aws');
    for (const key of ['team/app', 'other/app']) world.externalSecret(key, { ...EVERY_10S, ...find });
    await world.settle();
    expect(world.secret()).toEqual({ prod_a: 'value-a' });
    world.expectCondition('False', 'SecretSyncedError', 'prod/b may not be read', 'other/app');
    const reads = () => world.audit.of('read').filter(({ object }) => object.namespace === 'team');
    expect(JSON.stringify([world.condition(), reads()])).not.toContain('prod/b');
    const before = [reads().length, world.cluster.secrets.writes.length];
    await world.advance(60_000);
    // What becomes of the other is no news for it.
    expect([reads().length, world.cluster.secrets.writes.length]).toEqual(before);
    world.aws.put('prod/a', 'value-2');
    await world.advance(11_000);
    expect(world.secret()).toEqual({ prod_a: 'value-2' });
    await world.stop();
  });

  test('leaves out of what a search finds what it does not allow', async () => {
    const world = await worldWith({ namespaces: ['team'], allow: [{ secrets: { names: ['prod/a*'] } }] });
    for (const name of ['a', 'ab', 'b']) world.aws.put(`prod/${name}`, `value-${name}`);
    const find = { data: [], dataFrom: [{ find: { name: { regexp: '^prod/' } } }] };
    world.externalSecret('team/app', { ...EVERY_10S, ...find });
    await world.settle();
    expect(world.secret()).toEqual({ prod_a: 'value-a', prod_ab: 'value-ab' });
    const [written] = world.audit.of('write');
    expect(written?.sources?.flatMap(({ got }) => got.map(({ arn }) => arn))).toEqual([
      expect.stringContaining(':secret:prod/a-'),
      expect.stringContaining(':secret:prod/ab-'),
    ]);
    world.cluster.apply('SecretAccessPolicy', 'rules', {
      namespaces: ['team'],
      allow: [{ secrets: { names: ['prod/b'] } }],
    });
    await world.settle();
    expect(world.secret()).toEqual({ prod_b: 'value-b' });
    world.forgetCalls();
    await world.restart();
    await world.advance(60_000);
    expect(world.cost()).toMatchObject({ reads: 0, secretWrites: 0 });
    await world.stop();
  });

  test('follows the labels of namespaces', async () => {
    const world = await worldWith({ namespaceSelector: { matchLabels: { restricted: 'yes' } }, allow: [] });
    world.cluster.label('team', {});
    world.externalSecret();
    await world.settle();
    world.expectSynced();
    world.cluster.label('team', { restricted: 'yes' });
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', MAY_NOT);
    await world.stop();
  });

  test.each([
    { matchLabels: { restricted: 'yes' } },
    { matchExpressions: [{ key: 'open', operator: 'DoesNotExist' as const }] },
  ])(
    'that selects by %o lets nothing be read of a namespace that was told of after its objects',
    async (namespaceSelector) => {
      const world = await worldWith({ namespaceSelector, allow: [] });
      world.externalSecret();
      await world.advance(5_000);
      expect(world.condition()).toEqual({});
      expect([world.aws.count('read'), world.aws.count('probe')]).toEqual([0, 0]);
      world.cluster.label('team', { restricted: 'yes' });
      await world.settle();
      world.expectCondition('False', 'SecretSyncedError', MAY_NOT);
      expect([world.aws.count('read'), world.aws.count('probe')]).toEqual([0, 0]);
      await world.stop();
    },
  );

  test('that selects by labels which cannot be listed lets nothing be read, and says which rule is missing', async () => {
    const world = await worldWith({ namespaceSelector: { matchLabels: { restricted: 'yes' } }, allow: [] });
    world.cluster.namespaces.synced = false;
    world.cluster.namespacesRefused = new ClusterForbidden('The operator may not list namespaces.');
    world.externalSecret();
    await world.advance(5_000);
    world.expectCondition(
      'False',
      'SecretSyncedError',
      'which SecretAccessPolicies select namespace "team", its labels decide: The operator may not list namespaces.',
    );
    expect([world.aws.count('read'), world.aws.count('probe')]).toEqual([0, 0]);
    await world.stop();
  });

  test('that cannot be read keeps everything from being read', async () => {
    const world = await World.withStore();
    world.cluster.apply('SecretAccessPolicy', 'broken', { allow: 'nonsense' });
    world.externalSecret();
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', 'SecretAccessPolicy "broken"');
    await world.stop();
  });

  test('is asked for where one is required', async () => {
    const world = await worldWith(undefined, { requireAccessPolicy: true });
    world.externalSecret();
    await world.settle();
    world.expectCondition('False', 'SecretSyncedError', '--require-access-policy');
    world.cluster.apply('SecretAccessPolicy', 'rules', RED_ONLY);
    await world.settle();
    world.expectSynced();
    await world.stop();
  });
});
