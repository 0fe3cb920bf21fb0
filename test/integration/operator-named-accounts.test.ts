/** An operator that may have tokens of some ServiceAccounts only, by their names: in the whole cluster, and by Roles alone. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIamRole, trustingServiceAccount } from '../harness/iam.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import { sharedCluster } from '../harness/shared.ts';
import type { Json } from './cluster-objects.ts';
import { giveRules, inNamespaces, ofTokens, operatorRules, type Rule } from './deployed-roles.ts';
import { saying } from './expectations.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy, endFaultless } from './proxied-world.ts';

const NAMED = ['reader'];
const BOTH = ['reader', 'stranger'];

const cluster = sharedCluster();
let world: World;
let home: FreshNamespace;

/** Nor is any other of them read. */
const ofAccounts = (rules: readonly Rule[], resourceNames: readonly string[]): readonly Rule[] =>
  ofTokens(rules, resourceNames).map((rule) =>
    rule.resources.includes('serviceaccounts') ? { ...rule, verbs: ['get'], resourceNames } : rule,
  );

const give = (rules: readonly Rule[], namespace?: string): Promise<void> =>
  giveRules(cluster, { namespace: home.name, serviceAccount: 'keyturn' }, rules, namespace);

/** A SecretStore, and an ExternalSecret, that read by the ServiceAccount of their name. */
async function readBy(name: string, namespace: string): Promise<{ readonly key: string; readonly value: string }> {
  const trust = trustingServiceAccount(world.aws, `${namespace}:${name}`);
  const allow = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' } as const;
  const role = await createIamRole(world.aws, [trust], [allow]);
  const annotations = { 'eks.amazonaws.com/role-arn': role.arn };
  await world.objects.apply('ServiceAccount', namespace, name, { metadata: { annotations } });
  const auth = { jwt: { serviceAccountRef: { name } } };
  const aws = { service: 'SecretsManager', region: world.aws.region, auth };
  await world.objects.apply('SecretStore', namespace, name, { spec: { provider: { aws } } });
  const value = world.canary();
  const { name: key } = await world.putSecret(value);
  const spec: Json = { refreshInterval: '1s', data: [{ secretKey: 'k', remoteRef: { key } }] };
  await world.externalSecret(namespace, name, { ...spec, secretStoreRef: { name } });
  return { key, value };
}

function missingRule(resource: string, verb: string, namespace: string): RegExp {
  const rule = `{apiGroups: [""], resources: ["${resource}"], resourceNames: ["stranger"], verbs: ["${verb}"]}`;
  const who = `"system:serviceaccount:${home.name}:keyturn" lacks the RBAC rule ${rule} for namespace "${namespace}"`;
  return saying([
    `The operator may not ${verb} ${resource} "${namespace}/stranger": ${who}. ` +
      'If that rule names ServiceAccounts (resourceNames), add this one.',
  ]);
}

async function expectTold(namespace: string, resource: string, verb: string): Promise<void> {
  const says = missingRule(resource, verb, namespace);
  await world.expectStore(namespace, 'stranger', 'False', says);
  await world.expectNotReady(namespace, 'stranger', says);
}

/** Reads by both, then by the one that is named alone, after a restart: sessions are kept to their end. */
async function expectOnlyNamed(namespace: string, give: (names: readonly string[]) => Promise<void>): Promise<void> {
  await give(BOTH);
  const [named, other] = [await readBy('reader', namespace), await readBy('stranger', namespace)];
  await world.expectData(namespace, 'reader', { k: named.value });
  await world.expectData(namespace, 'stranger', { k: other.value });
  await give(NAMED);
  await world.restartOperator('stop');
  await expectTold(namespace, 'serviceaccounts/token', 'create');
  const [rotated, missed] = [world.canary(), world.canary()];
  await world.putSecret(rotated, named.key);
  await world.putSecret(missed, other.key);
  await world.expectData(namespace, 'reader', { k: rotated });
  expect(await world.secretData(namespace, 'stranger')).toEqual({ k: other.value });
  await give(BOTH);
  await world.expectData(namespace, 'stranger', { k: missed });
  await world.expectReady(namespace, 'stranger');
}

afterAll(() => cluster.close());

describe('in the whole cluster', () => {
  let rules: readonly Rule[];
  beforeAll(async () => {
    home = await freshNamespace(cluster, 'named');
    rules = await operatorRules();
    await give(ofTokens(rules, BOTH));
    world = await startWorld({ cluster, account: { namespace: home.name, serviceAccount: 'keyturn' } });
  });
  afterAll(async () => {
    await endFaultless(world);
    await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', home.name]);
    await home.remove();
  });

  let namespace: string;
  beforeEach(async () => {
    namespace = await world.namespace('tokens');
  });

  it('a store of a ServiceAccount that is not named says so and loses nothing, and goes on once it is', async () => {
    await expectOnlyNamed(namespace, (names) => give(ofTokens(rules, names)));
  });

  it('the reading of ServiceAccounts can be kept to the named ones as well', async () => {
    await give(ofAccounts(rules, NAMED));
    await world.restartOperator('stop');
    const { key, value } = await readBy('reader', namespace);
    const other = await readBy('stranger', namespace);
    await world.expectData(namespace, 'reader', { k: value });
    await expectTold(namespace, 'serviceaccounts', 'get');
    const rotated = world.canary();
    await world.putSecret(rotated, key);
    await world.expectData(namespace, 'reader', { k: rotated });
    await give(ofAccounts(rules, BOTH));
    await world.expectData(namespace, 'stranger', { k: other.value });
  });
});

describe('by Roles in two namespaces', () => {
  let second: FreshNamespace;
  async function giveInBoth(names: readonly string[]): Promise<void> {
    const rules = ofTokens(inNamespaces(await operatorRules()), names);
    for (const { name } of [home, second]) await give(rules, name);
  }

  beforeAll(async () => {
    home = await freshNamespace(cluster, 'named');
    second = await freshNamespace(cluster, 'second');
    await giveInBoth(BOTH);
    world = await startWorld({
      cluster,
      account: { namespace: home.name, serviceAccount: 'keyturn' },
      args: ['--namespace', `${home.name},${second.name}`],
    });
  });
  afterAll(async () => {
    expect(bugsLoggedBy(world.operator)).toEqual([]);
    expect(world.operator.logs().filter(({ status }) => status === 403)).toEqual([]);
    expect(await world.leaks()).toEqual([]);
    await world.stop();
    await Promise.all([home.remove(), second.remove()]);
  });

  it('a store of a ServiceAccount that is not named says so and loses nothing, and goes on once it is', async () => {
    await expectOnlyNamed(second.name, giveInBoth);
  });
});
