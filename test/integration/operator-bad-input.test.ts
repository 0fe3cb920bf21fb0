/** What the user or AWS got wrong: each is told with what to do, harms nobody else, and ends by itself once it is mended. */

import { CreateSecretCommand, DeleteSecretCommand, RestoreSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

let namespace: string;
let password: string;
let source: AwsSecret;
beforeEach(async () => {
  namespace = await world.namespace('bad-input');
  password = world.canary();
  [source] = await Promise.all([world.putSecret({ password }), world.store(namespace)]);
});

const entry = (remoteRef: Json, secretKey = 'password') => ({ secretKey, remoteRef });

/** An ExternalSecret with the key `password` from the property of that name, looked after every second. */
const apply = (spec: Json = {}, name = 'app') =>
  world.externalSecret(namespace, name, {
    refreshInterval: '1s',
    data: [entry({ key: source.name, property: 'password' })],
    ...spec,
  });

const applyExtract = (key = source.name) => apply({ data: undefined, dataFrom: [{ extract: { key } }] });

const expectTold = (words: readonly string[], name = 'app') => world.expectTold(namespace, name, words);

/** The same, and that the Secret which was there before is there as it was. */
async function expectToldAndUntouched(before: Json, words: readonly string[]): Promise<void> {
  await expectTold(words);
  expect(await world.secret(namespace, String(at(before, 'metadata', 'name')))).toEqual(before);
}

async function synced(): Promise<Json> {
  await apply();
  await world.expectData(namespace, 'app', { password });
  await world.expectReady(namespace, 'app');
  return await world.secret(namespace, 'app');
}

describe('a secret', () => {
  it('that does not exist', async () => {
    const key = world.uniqueName('later');
    await apply({ data: [entry({ key })] });
    await expectTold(['spec.data[0]', `AWS has no secret "${key}" in us-east-1`, 'Check the key, the region']);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
    await world.secretsManager.send(new CreateSecretCommand({ Name: key, SecretString: password }));
    await world.expectData(namespace, 'app', { password });
    await world.expectReady(namespace, 'app');
  });

  it('that was deleted, and comes again', async () => {
    const before = await synced();
    const gone = { SecretId: source.name, ForceDeleteWithoutRecovery: true };
    await world.secretsManager.send(new DeleteSecretCommand(gone));
    await expectToldAndUntouched(before, [`AWS has no secret "${source.name}"`]);
    password = world.canary();
    const again = { Name: source.name, SecretString: JSON.stringify({ password }) };
    await world.secretsManager.send(new CreateSecretCommand(again));
    await world.expectData(namespace, 'app', { password });
    await world.expectReady(namespace, 'app');
  });

  it('that is scheduled for deletion, until it is restored', async () => {
    const before = await synced();
    await world.secretsManager.send(new DeleteSecretCommand({ SecretId: source.name, RecoveryWindowInDays: 7 }));
    await expectToldAndUntouched(before, [
      'scheduled for deletion',
      `aws secretsmanager restore-secret --region us-east-1 --secret-id ${source.name}`,
    ]);
    await apply({}, 'second');
    await expectTold(['scheduled for deletion'], 'second');
    await world.secretsManager.send(new RestoreSecretCommand({ SecretId: source.name }));
    await Promise.all([world.expectReady(namespace, 'app'), world.expectReady(namespace, 'second')]);
    expect(await world.secret(namespace, 'app')).toEqual(before);
  });

  it('that lacks the property, until it has it', async () => {
    const { name: key } = await world.putSecret({ user: world.canary() });
    await apply({ data: [entry({ key, property: 'password' })] });
    await expectTold(['spec.data[0]', key, 'property "password" does not exist', 'check its spelling']);
    await world.putSecret({ password }, key);
    await world.expectData(namespace, 'app', { password });
    await world.expectReady(namespace, 'app');
  });

  it('that loses the property', async () => {
    const before = await synced();
    await world.putSecret({ user: world.canary() }, source.name);
    await expectToldAndUntouched(before, ['property "password" does not exist']);
    password = world.canary();
    await world.putSecret({ password }, source.name);
    await world.expectData(namespace, 'app', { password });
    await world.expectReady(namespace, 'app');
  });

  it('that is not the JSON which a property needs', async () => {
    const before = await synced();
    await world.putSecret(`{"password":"${world.canary()}`, source.name);
    await expectToldAndUntouched(before, ['property "password" was asked for', 'is not JSON', 'remove the property']);
    await world.putSecret({ password }, source.name);
    await world.expectReady(namespace, 'app');
  });

  it('that is no object to extract from', async () => {
    const { name: key } = await world.putSecret(JSON.stringify([world.canary()]));
    await applyExtract(key);
    await expectTold(['spec.dataFrom[0]', key, 'extract needs a JSON object']);
    await world.putSecret({ password }, key);
    await world.expectData(namespace, 'app', { password });
  });

  it('with a key that is too long for a Secret', async () => {
    const { name: key } = await world.putSecret({ ['k'.repeat(254)]: world.canary() });
    await applyExtract(key);
    await expectTold(['the key "kkkk', 'has 254 bytes', 'at most 253']);
    const longest = 'k'.repeat(253);
    await world.putSecret({ [longest]: password }, key);
    await world.expectData(namespace, 'app', { [longest]: password });
  });

  it('with a key that has a character which a Secret cannot have', async () => {
    const { name: key } = await world.putSecret({ größe: world.canary() });
    await applyExtract(key);
    await expectTold(['the key "größe" has the invalid character "ö"', "letters, digits, '-', '.' and '_'"]);
    await world.putSecret({ groesse: password }, key);
    await world.expectData(namespace, 'app', { groesse: password });
  });

  it('with two keys that become one', async () => {
    const { name: key } = await world.putSecret({ 'a/b': world.canary(), a_b: world.canary() });
    await applyExtract(key);
    await expectTold(['"a/b" and "a_b" both become "a_b" by conversion']);
  });

  it('that is too large for a Secret, until it is smaller', async () => {
    const before = await synced();
    const part = password.repeat(1_000);
    const data = Array.from({ length: 30 }, (_, n) => entry({ key: source.name, property: 'large' }, `part-${n}`));
    await world.putSecret({ password, large: part }, source.name);
    await apply({ data: [entry({ key: source.name, property: 'password' }), ...data] });
    await expectToldAndUntouched(before, ['could not update secret', 'a Secret holds at most 1048576 bytes of data']);
    await world.putSecret({ password, large: 'small' }, source.name);
    const small = Object.fromEntries(data.map(({ secretKey }) => [secretKey, 'small']));
    await world.expectData(namespace, 'app', { password, ...small });
    await world.expectReady(namespace, 'app');
  });
});

describe('a manifest', () => {
  const refused: Readonly<Record<string, Json>> = {
    'with a secretKey of 254 bytes': { data: [entry({ key: 'a' }, 'k'.repeat(254))] },
    'with a secretKey that has a bad character': { data: [entry({ key: 'a' }, 'a/b')] },
    'with an unknown creationPolicy': { target: { creationPolicy: 'Mine' } },
  };
  it.each(Object.entries(refused))('%s is refused by the API server', async (_, spec) => {
    await expect(apply(spec)).rejects.toThrow(/answered 422: .*is invalid: spec\./);
  });

  it('with a refreshInterval that is no duration fails alone, until it is put right', async () => {
    await apply({ refreshInterval: '1d' }, 'bad');
    await expectTold(['spec.refreshInterval "1d" is not a duration', '"24h"'], 'bad');
    await apply();
    await world.expectData(namespace, 'app', { password });
    password = world.canary();
    await world.putSecret({ password }, source.name);
    await world.expectData(namespace, 'app', { password });
    await apply({ refreshInterval: '24h' }, 'bad');
    await world.expectData(namespace, 'bad', { password });
    await world.expectReady(namespace, 'bad');
  });

  it('whose refreshInterval becomes one leaves its Secret as it is', async () => {
    const before = await synced();
    await apply({ refreshInterval: '1d' });
    await expectToldAndUntouched(before, ['spec.refreshInterval "1d" is not a duration']);
  });

  it('that names nothing to sync', async () => {
    await apply({ data: undefined });
    await expectTold(['spec.data and spec.dataFrom are both empty']);
  });

  it('that names no store', async () => {
    await apply({ secretStoreRef: undefined });
    await expectTold(['spec.secretStoreRef.name is missing']);
  });
});

describe('a target', () => {
  it('of another ExternalSecret stays with that one, and is taken over when that one goes', async () => {
    await synced();
    const { name: key } = await world.putSecret({ token: world.canary() });
    const before = await world.secret(namespace, 'app');
    for (const [name, creationPolicy] of [
      ['second', 'Owner'],
      ['merging', 'Merge'],
    ] as const) {
      await apply({ target: { name: 'app', creationPolicy }, dataFrom: [{ extract: { key } }] }, name);
      await expectTold(['target is owned by another ExternalSecret', 'Secret "app" belongs to "app"'], name);
    }
    expect(await world.secret(namespace, 'app')).toEqual(before);
    await world.objects.remove('ExternalSecret', namespace, 'merging');
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await world.expectReady(namespace, 'second');
    await until(
      'the second to have the Secret',
      async () => at(await world.secret(namespace, 'app'), 'metadata', 'ownerReferences', 0, 'name') === 'second',
      10_000,
    );
  });

  it('that two want at the same moment goes to one of them', async () => {
    const target = { target: { name: 'shared' } };
    await Promise.all([apply(target, 'one'), apply(target, 'two')]);
    await world.expectData(namespace, 'shared', { password });
    const owner = String(at(await world.secret(namespace, 'shared'), 'metadata', 'ownerReferences', 0, 'name'));
    const other = owner === 'one' ? 'two' : 'one';
    await world.expectReady(namespace, owner);
    await expectTold([`Secret "shared" belongs to "${owner}"`], other);
    await world.objects.remove('ExternalSecret', namespace, owner);
    await world.expectReady(namespace, other);
    await world.expectData(namespace, 'shared', { password });
  });

  it('that is immutable is told, until it is deleted', async () => {
    const before = await world.objects.apply('Secret', namespace, 'app', { immutable: true, stringData: { a: 'b' } });
    await apply();
    await expectToldAndUntouched(before, [
      'could not update secret',
      'target is immutable',
      'kubectl delete secret app',
    ]);
    await world.objects.remove('Secret', namespace, 'app');
    await world.expectData(namespace, 'app', { password }, 1_000);
    await world.expectReady(namespace, 'app');
  });

  it('that something else controls is left alone, until it is free', async () => {
    const owner = await world.objects.apply('ConfigMap', namespace, 'owner', { data: {} });
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: at(owner, 'metadata', 'uid'), controller: true },
    ];
    const theirs = { metadata: { ownerReferences }, stringData: { theirs: 'x' } };
    const before = await world.objects.apply('Secret', namespace, 'app', theirs);
    await apply();
    await expectToldAndUntouched(before, [
      'failed to take ownership of target secret',
      'is controlled by ConfigMap "owner"',
      'creationPolicy Merge',
    ]);
    await world.objects.patch('Secret', namespace, 'app', { metadata: { ownerReferences: null } });
    await world.expectData(namespace, 'app', { password });
    await world.expectReady(namespace, 'app');
  });
});

it('no value was told to anybody', async () => {
  expect(await world.leaks()).toEqual([]);
});
