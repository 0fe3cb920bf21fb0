/** `dataFrom[].find` and `rewrite`, from ListSecrets to the keys of a Secret. */

import { CreateSecretCommand, DeleteSecretCommand, TagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIamUser } from '../harness/iam.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const EACH_SECOND = { refreshInterval: '1s' };

let world: World;
let namespace: string;
let folder: string;

beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespace('find');
  await world.store(namespace);
  const { credentials } = await createIamUser(sharedMinistack(), [
    { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
  ]);
  await world.store(namespace, { name: 'reader', credentials });
  folder = world.uniqueName('find');
});

afterAll(() => endFaultless(world));

function create(Name: string, SecretString: string): Promise<unknown> {
  return world.secretsManager.send(new CreateSecretCommand({ Name, SecretString }));
}

/** Takes the folder off the names. */
const SHORT = { regexp: { source: '^.*/', target: '' } };

function find(parts: Readonly<Record<string, unknown>>, rewrite: readonly unknown[] = [SHORT]) {
  return { ...EACH_SECOND, dataFrom: [{ find: parts, rewrite }] };
}

describe('find', () => {
  it('by path and name brings what matches, follows rotations, and takes in what is new', async () => {
    const [one, two, three, other] = [world.canary(), world.canary(), world.canary(), world.canary()];
    await create(`${folder}/a/orders-db`, one);
    await create(`${folder}/a/stock-db`, two);
    await create(`${folder}/a/stock-api`, other);
    await world.externalSecret(namespace, 'by-name', find({ path: `${folder}/a/`, name: { regexp: '-db$' } }));
    await world.expectData(namespace, 'by-name', { 'orders-db': one, 'stock-db': two });
    await world.putSecret(three, `${folder}/a/stock-db`);
    await world.expectData(namespace, 'by-name', { 'orders-db': one, 'stock-db': three });
    await create(`${folder}/a/users-db`, other);
    await world.expectData(namespace, 'by-name', { 'orders-db': one, 'stock-db': three, 'users-db': other });
    await world.secretsManager.send(
      new DeleteSecretCommand({ SecretId: `${folder}/a/orders-db`, ForceDeleteWithoutRecovery: true }),
    );
    await world.expectData(namespace, 'by-name', { 'stock-db': three, 'users-db': other });
  });

  it('by tags takes those with exactly these', async () => {
    const [one, two] = [world.canary(), world.canary()];
    const tag = (SecretId: string, Value: string) =>
      world.secretsManager.send(new TagResourceCommand({ SecretId, Tags: [{ Key: 'team', Value }] }));
    for (const [name, value, team] of [
      ['mine', one, 'red'],
      ['theirs', two, 'redwood'],
    ] as const) {
      await create(`${folder}/b/${name}`, value);
      await tag(`${folder}/b/${name}`, team);
    }
    await world.externalSecret(namespace, 'by-tags', find({ path: `${folder}/b/`, tags: { team: 'red' } }));
    await world.expectData(namespace, 'by-tags', { mine: one });
    await tag(`${folder}/b/theirs`, 'red');
    await world.expectData(namespace, 'by-tags', { mine: one, theirs: two });
  });

  it('without the permission names it, and heals by itself when another store has it', async () => {
    const value = world.canary();
    await create(`${folder}/c/one`, value);
    const spec = find({ path: `${folder}/c/`, name: { regexp: '.' } });
    await world.externalSecret(namespace, 'denied', { ...spec, secretStoreRef: { name: 'reader' } });
    await world.expectNotReady(namespace, 'denied', /secretsmanager:ListSecrets/);
    await world.externalSecret(namespace, 'denied', spec);
    await world.expectData(namespace, 'denied', { one: value });
  });

  it('with a pattern that is none is told so at once', async () => {
    await world.externalSecret(namespace, 'bad', find({ name: { regexp: 'a(?=b)' } }));
    await world.expectNotReady(namespace, 'bad', /name\.regexp.*RE2/s);
  });
});

describe('rewrite', () => {
  it('gives extracted keys other names, by expressions, templates and merges, in order', async () => {
    const [user, password] = [world.canary(), world.canary()];
    const { name: key } = await world.putSecret(JSON.stringify({ 'db/user': user, 'db/password': password }));
    const rewrite = [
      { regexp: { source: '^db/(.+)$', target: '$1-db' } },
      { transform: { template: '{{ .value | upper | replace "-" "_" }}' } },
    ];
    await world.externalSecret(namespace, 'extracted', { ...EACH_SECOND, dataFrom: [{ extract: { key }, rewrite }] });
    await world.expectData(namespace, 'extracted', { USER_DB: user, PASSWORD_DB: password });
  });

  it('merges the JSON of what was found', async () => {
    const [one, two] = [world.canary(), world.canary()];
    await create(`${folder}/d/a`, JSON.stringify({ user: one }));
    await create(`${folder}/d/b`, JSON.stringify({ password: two }));
    await world.externalSecret(namespace, 'merged', find({ path: `${folder}/d/` }, [SHORT, { merge: {} }]));
    await world.expectData(namespace, 'merged', { user: one, password: two });
  });

  it('that makes one key of two says which, and writes nothing', async () => {
    const { name: key } = await world.putSecret(JSON.stringify({ a1: world.canary(), a2: world.canary() }));
    const rewrite = [{ regexp: { source: '[0-9]', target: '' } }];
    await world.externalSecret(namespace, 'collision', { ...EACH_SECOND, dataFrom: [{ extract: { key }, rewrite }] });
    await world.expectNotReady(namespace, 'collision', /a1.*a2/s);
    expect(await world.secretData(namespace, 'collision')).toBeUndefined();
  });
});
