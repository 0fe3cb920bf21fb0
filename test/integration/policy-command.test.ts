/**
 * The policies that `keyturn policy` prints, given to identities of ministack, which evaluates them by action, resource and
 * tag: the operator syncs everything with them, and each statement is for something.
 */

import { CreateSecretCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIamRole, createIamUser, type PolicyStatement } from '../harness/iam.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { at, type Json } from './cluster-objects.ts';
import { giveRules, type Rule } from './deployed-roles.ts';
import { keyturn } from './keyturn-command.ts';
import { startWorld, type World } from './operator-world.ts';

const READER = 'policy-reader';
let world: World;
let home: TemporaryDirectory;
beforeAll(async () => {
  world = await startWorld();
  home = temporaryDirectory('policy-command');
});
afterAll(async () => {
  expect(await world.leaks()).toEqual([]);
  await world.stop();
  home.remove();
});

let namespace: string;
beforeEach(async () => {
  namespace = await world.namespace('policy');
});

interface PrintedIdentity {
  readonly identity: string;
  readonly statements: readonly PolicyStatement[];
  readonly optional: readonly PolicyStatement[];
  readonly trust: readonly PolicyStatement[];
}

function statementsIn(document: unknown): readonly PolicyStatement[] {
  const statements = at(document, 'Statement');
  return Array.isArray(statements) ? statements : [];
}

async function report(args: readonly string[] = [], kubeconfig = world.cluster.adminKubeconfigPath): Promise<unknown> {
  const scope = ['--namespace', namespace, '--account', world.aws.account];
  const options = ['policy', ...scope, '--kubeconfig', kubeconfig, '--output', 'json', ...args];
  const { stdout, stderr, exitCode } = await keyturn(options, home.path);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return JSON.parse(stdout);
}

async function printed(args: readonly string[] = [], kubeconfig?: string) {
  const whole = await report(args, kubeconfig);
  expect(at(whole, 'leftOut')).toEqual([]);
  expect(at(whole, 'notes')).toEqual([]);
  const identities = at(whole, 'identities');
  return (Array.isArray(identities) ? identities : []).map((each): PrintedIdentity => {
    const optional = at(each, 'optional');
    return {
      identity: String(at(each, 'identity')),
      statements: statementsIn(at(each, 'policy')),
      optional: (Array.isArray(optional) ? optional : []).map((one) => at(one, 'statement') as PolicyStatement),
      trust: statementsIn(at(each, 'trustPolicy')),
    };
  });
}

/**
 * As ministack wants it: AWS's StringEquals takes one of a token's audiences that matches, ministack does so with
 * ForAnyValue only.
 */
function forMinistack(statement: PolicyStatement): PolicyStatement {
  const tests = Object.entries(statement.Condition?.['StringEquals'] ?? {});
  const audience = tests.filter(([key]) => key.endsWith(':aud'));
  if (audience.length === 0) return statement;
  const others = tests.filter(([key]) => !key.endsWith(':aud'));
  return {
    ...statement,
    Condition: {
      StringEquals: Object.fromEntries(others),
      'ForAnyValue:StringEquals': Object.fromEntries(audience),
    },
  };
}

/** What one ExternalSecret reads, and how its source is changed. */
interface Reader {
  readonly name: string;
  readonly spec: Json;
  /** Gives its secret another value; the result is what the Secret has to hold then. */
  change(): Promise<Json>;
}

/** Of each kind of reading one, of secrets of their own. */
async function readers(): Promise<readonly Reader[]> {
  const path = world.uniqueName('policy');
  const secret = (name: string) => `${path}/${name}`;
  const make = async (name: string, tags: Readonly<Record<string, string>> = {}) => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const command = new CreateSecretCommand({ Name: secret(name), SecretString: world.canary(), Tags });
    return (await world.secretsManager.send(command)).ARN ?? '';
  };
  const put = async (name: string) => {
    const value = world.canary();
    await world.putSecret(value, secret(name));
    return value;
  };
  const one = (remoteRef: Json): Json => ({ data: [{ secretKey: 'k', remoteRef }] });
  const arn = await make('by-arn');
  await Promise.all([make('by-name'), make('previous'), make('described', { team: 'shop' }), make('found/one')]);
  await make('tagged', { found: path });
  let previous = await put('previous');
  return [
    {
      name: 'by-name',
      spec: one({ key: secret('by-name') }),
      change: async () => ({ k: await put('by-name') }),
    },
    { name: 'by-arn', spec: one({ key: arn }), change: async () => ({ k: await put('by-arn') }) },
    {
      name: 'by-label',
      spec: one({ key: secret('previous'), version: 'AWSPREVIOUS' }),
      async change() {
        const k = previous;
        previous = await put('previous');
        return { k };
      },
    },
    {
      name: 'tags',
      spec: one({ key: secret('described'), metadataPolicy: 'Fetch', property: 'team' }),
      change: async () => ({ k: 'shop' }),
    },
    {
      name: 'found-by-path',
      spec: {
        dataFrom: [
          {
            find: { path: secret('found/'), name: { regexp: '.' } },
            rewrite: [{ regexp: { source: '.*/', target: '' } }],
          },
        ],
      },
      change: async () => ({ one: await put('found/one') }),
    },
    {
      name: 'found-by-tag',
      spec: {
        dataFrom: [{ find: { tags: { found: path } }, rewrite: [{ regexp: { source: '.*/', target: '' } }] }],
      },
      change: async () => ({ tagged: await put('tagged') }),
    },
  ];
}

async function apply(all: readonly Reader[]): Promise<void> {
  for (const { name, spec } of all) await world.externalSecret(namespace, name, { refreshInterval: '1s', ...spec });
}

/** Gives the store an identity that may do just this. */
async function become(statements: readonly PolicyStatement[]): Promise<void> {
  const user = await createIamUser(world.aws, statements);
  await world.credentials(namespace, 'aws-credentials', user.credentials);
  await world.expectStore(namespace, 'aws', 'True', new RegExp(user.name));
}

/** That those of `broken` are told the action which is missing, and all others follow their secrets. */
async function expectBroken(all: readonly Reader[], broken: readonly string[], action: string): Promise<void> {
  const fine = all.filter(({ name }) => !broken.includes(name));
  const changes = await Promise.all(fine.map(async (reader) => [reader.name, await reader.change()] as const));
  await Promise.all([
    ...broken.map((name) => world.expectNotReady(namespace, name, new RegExp(`may not ${action}`))),
    ...changes.map(([name, data]) => world.expectData(namespace, name, data)),
  ]);
  await Promise.all(fine.map(({ name }) => world.expectReady(namespace, name)));
}

function resourcesOf({ Resource = [] }: PolicyStatement): readonly string[] {
  return typeof Resource === 'string' ? [Resource] : Resource;
}

describe('the printed policy', () => {
  it('is enough to sync everything, and each of its statements and resources is for something', async () => {
    const all = await readers();
    await world.store(namespace);
    await apply(all);
    await Promise.all(all.map(({ name }) => world.expectReady(namespace, name)));
    const [identity, ...others] = await printed();
    expect(others).toEqual([]);
    const statements = identity?.statements ?? [];
    expect(statements.map(({ Sid }) => Sid)).toEqual(['ReadSecrets', 'ReadSecrets2', 'DescribeSecrets', 'FindSecrets']);
    await become(statements);
    await expectBroken(all, [], '');

    const without = (sid: string) => statements.filter(({ Sid }) => Sid !== sid);
    const byName = ['by-name', 'by-arn', 'by-label', 'found-by-path'];
    const readings = statements.find(({ Sid }) => Sid === 'ReadSecrets');
    const lacks: readonly (readonly [readonly PolicyStatement[], readonly string[], string])[] = [
      [without('ReadSecrets'), byName, 'secretsmanager:GetSecretValue'],
      [without('ReadSecrets2'), ['found-by-tag'], 'secretsmanager:GetSecretValue'],
      [without('DescribeSecrets'), ['tags'], 'secretsmanager:DescribeSecret'],
      [without('FindSecrets'), ['found-by-path', 'found-by-tag'], 'secretsmanager:ListSecrets'],
    ];
    for (const [rest, broken, action] of lacks) {
      await become(rest);
      await expectBroken(all, broken, action);
    }
    const resources = readings === undefined ? [] : resourcesOf(readings);
    expect(resources).toHaveLength(byName.length);
    const names: readonly (readonly [RegExp, string])[] = [
      [/by-arn/, 'by-arn'],
      [/by-name/, 'by-name'],
      [/found/, 'found-by-path'],
      [/previous/, 'by-label'],
    ];
    for (const [pattern, name] of names) {
      const Resource = resources.filter((resource) => !pattern.test(resource));
      expect(Resource).toHaveLength(resources.length - 1);
      await become([...without('ReadSecrets'), { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource }]);
      await expectBroken(all, [name], 'secretsmanager:GetSecretValue');
    }
  }, 180_000);

  /** A store that reads by the token of `reader`, whose role does not exist yet. */
  async function storeOfReader(role: string, aws: Json = {}): Promise<void> {
    const annotations = { 'eks.amazonaws.com/role-arn': role };
    await world.objects.apply('ServiceAccount', namespace, 'reader', { metadata: { annotations } });
    const auth = { jwt: { serviceAccountRef: { name: 'reader' } } };
    await world.objects.apply('SecretStore', namespace, 'aws', {
      spec: { provider: { aws: { service: 'SecretsManager', region: world.aws.region, auth, ...aws } } },
    });
  }

  const roleArn = (name: string) => `arn:aws:iam::${world.aws.account}:role/${name}`;

  async function makeRole(name: string, { trust, statements }: PrintedIdentity): Promise<void> {
    await createIamRole(world.aws, trust.map(forMinistack), statements, name);
  }

  it('of a ServiceAccount comes with the trust policy of its role, for the issuer that the API server tells', async () => {
    const k = world.canary();
    const { name: key } = await world.putSecret(k);
    const name = world.uniqueName('irsa');
    await storeOfReader(roleArn(name));
    await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'k', remoteRef: { key } }] });
    await world.expectStore(namespace, 'aws', 'False', /AWS gives no session/);
    const [identity, ...others] = await printed();
    expect(others).toEqual([]);
    expect(identity?.identity).toBe(roleArn(name));
    if (identity !== undefined) await makeRole(name, identity);
    await world.expectStore(namespace, 'aws', 'True', new RegExp(`assumed-role/${name}`));
    await world.expectData(namespace, 'app', { k });
  });

  it('of roles that are assumed one after another lets each have the next, with external id and tags', async () => {
    const k = world.canary();
    const { name: key } = await world.putSecret(k);
    const [hop, last] = [world.uniqueName('hop'), world.uniqueName('last')];
    const role = roleArn(last);
    await storeOfReader(roleArn(hop), { role, externalID: 'shared-word', sessionTagsPolicy: 'Simple' });
    await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'k', remoteRef: { key } }] });
    const identities = await printed();
    expect(identities.map(({ identity }) => identity)).toEqual([roleArn(hop), role]);
    const [first, second] = identities;
    if (first !== undefined) await makeRole(hop, first);
    await world.expectStore(namespace, 'aws', 'False', new RegExp(`no session of role ${role} by sts:AssumeRole `));
    if (second !== undefined) await makeRole(last, second);
    await world.expectStore(namespace, 'aws', 'True', new RegExp(`assumed-role/${last}`));
    await world.expectData(namespace, 'app', { k });
  });

  it('takes no more rights in the cluster than to get and list, and none to Secrets', async () => {
    const secret = await world.putSecret(world.canary());
    await world.store(namespace);
    await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'k', remoteRef: { key: secret.name } }] });
    const Resource = `arn:aws:secretsmanager:${world.aws.region}:${world.aws.account}:secret:${secret.name}-??????`;
    const reader = { namespace, serviceAccount: READER };
    await giveRules(world.cluster, reader, IN_NAMESPACE, namespace);
    const kubeconfig = await world.cluster.kubeconfigFor(reader);
    const unjudged = await report([], kubeconfig);
    expect(at(unjudged, 'identities', 0, 'policy', 'Statement')).toEqual([expect.objectContaining({ Resource })]);
    expect(at(unjudged, 'notes')).toEqual([
      expect.stringMatching(`^Which SecretAccessPolicies are for "${namespace}" could not be read`),
    ]);
    await giveRules(world.cluster, reader, IN_CLUSTER);
    const [identity] = await printed([], kubeconfig);
    expect(identity?.statements).toEqual([expect.objectContaining({ Resource })]);
    await world.cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', namespace]);
  });
});

describe('what a SecretAccessPolicy forbids', () => {
  const made: string[] = [];
  afterEach(async () => {
    for (const name of made.splice(0)) await world.objects.remove('SecretAccessPolicy', '', name);
  });

  it('is not in the policy, by which all that is allowed is synced all the same', async () => {
    const allowed = world.canary();
    const { name: key } = await world.putSecret(allowed);
    const { name: forbidden } = await world.putSecret(world.canary());
    const one = (remoteKey: string) => ({ data: [{ secretKey: 'k', remoteRef: { key: remoteKey } }] });
    await world.store(namespace);
    await world.externalSecret(namespace, 'app', { refreshInterval: '1s', ...one(key) });
    await world.externalSecret(namespace, 'other', { refreshInterval: '1s', ...one(forbidden) });
    await world.expectReady(namespace, 'other');
    const name = `policy-${namespace}`;
    made.push(name);
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
    await world.objects.apply('SecretAccessPolicy', '', name, {
      spec: { namespaceSelector, allow: [{ secrets: { names: [key] } }] },
    });
    await world.expectNotReady(namespace, 'other', /may not read/);

    const whole = await report();
    const statements = statementsIn(at(whole, 'identities', 0, 'policy'));
    expect(statements.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ['ReadSecrets', `arn:aws:secretsmanager:${world.aws.region}:${world.aws.account}:secret:${key}-??????`],
    ]);
    expect(at(whole, 'leftOut')).toEqual([
      expect.stringMatching(`^ExternalSecret ${namespace}/other: .*"${forbidden}".* SecretAccessPolicy "${name}"`),
    ]);
    await become(statements);
    const rotated = world.canary();
    await world.putSecret(rotated, key);
    await world.expectData(namespace, 'app', { k: rotated });
    await world.expectNotReady(namespace, 'other', /may not read/);
  });

  it('of a search is not in the policy, which is enough: what is forbidden is not read, and nothing is said of it', async () => {
    const stem = world.uniqueName('search');
    const [mine, theirs] = [`${stem}/mine`, `${stem}/theirs`];
    for (const Name of [mine, theirs]) {
      await world.secretsManager.send(new CreateSecretCommand({ Name, SecretString: world.canary() }));
    }
    await world.store(namespace);
    const dataFrom = [{ find: { path: `${stem}/` }, rewrite: [{ regexp: { source: '.*/', target: '' } }] }];
    await world.externalSecret(namespace, 'app', { refreshInterval: '1s', dataFrom });
    await world.expectReady(namespace, 'app');
    const name = `policy-${namespace}`;
    made.push(name);
    const allow = [{ secrets: { names: [mine] } }];
    await world.objects.apply('SecretAccessPolicy', '', name, { spec: { namespaces: [namespace], allow } });
    const [identity] = await printed();
    const statements = identity?.statements ?? [];
    const arn = `arn:aws:secretsmanager:${world.aws.region}:${world.aws.account}:secret:${mine}-??????`;
    expect(statements.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ['ReadSecrets', arn],
      ['FindSecrets', '*'],
    ]);
    await become(statements);
    const rotated = world.canary();
    await world.putSecret(rotated, mine);
    await world.putSecret(world.canary(), theirs);
    await world.expectData(namespace, 'app', { mine: rotated });
    await world.expectReady(namespace, 'app');
    const said = JSON.stringify([await world.events(namespace, 'app'), await world.condition(namespace, 'app')]);
    expect(said).not.toContain(theirs);
  });

  it('by tags takes the right to see them, which is in the policy', async () => {
    const value = world.canary();
    const { name: key } = await world.putSecret(value);
    await world.secretsManager.send(
      new TagResourceCommand({ SecretId: key, Tags: [{ Key: 'team', Value: namespace }] }),
    );
    await world.store(namespace);
    await world.externalSecret(namespace, 'app', {
      refreshInterval: '1s',
      data: [{ secretKey: 'k', remoteRef: { key } }],
    });
    const name = `policy-${namespace}`;
    made.push(name);
    await world.objects.apply('SecretAccessPolicy', '', name, {
      spec: { namespaces: [namespace], allow: [{ secrets: { names: ['*'], tags: { team: namespace } } }] },
    });
    const [identity] = await printed();
    const statements = identity?.statements ?? [];
    expect(statements.map(({ Sid }) => Sid)).toEqual(['ReadSecrets', 'DescribeSecrets']);
    await become(statements.filter(({ Sid }) => Sid === 'ReadSecrets'));
    await world.putSecret(world.canary(), key);
    await world.expectNotReady(namespace, 'app', /may not secretsmanager:DescribeSecret/);
    await become(statements);
    const rotated = world.canary();
    await world.putSecret(rotated, key);
    await world.expectData(namespace, 'app', { k: rotated });
    await world.secretsManager.send(new UntagResourceCommand({ SecretId: key, TagKeys: ['team'] }));
    await world.putSecret(world.canary(), key);
    await world.expectNotReady(namespace, 'app', /may not read/);
    expect(await world.secretData(namespace, 'app')).toEqual({ k: rotated });
  });
});

/** What it reads of a namespace. */
const IN_NAMESPACE: readonly Rule[] = [
  { apiGroups: ['external-secrets.io'], resources: ['externalsecrets', 'secretstores'], verbs: ['get', 'list'] },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] },
];

/** And of the cluster: SecretAccessPolicies, and namespaces where their selectors decide. */
const IN_CLUSTER: readonly Rule[] = [
  { apiGroups: ['keyturn.dev'], resources: ['secretaccesspolicies'], verbs: ['list'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
];
