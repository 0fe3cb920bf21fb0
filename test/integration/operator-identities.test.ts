/**
 * Whose credentials a store reads with: real tokens of the API server, real trust policies and IAM policies. What a role
 * may do is the oracle; ministack takes the issuer, subject and audience from the token as it comes.
 */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createIamRole,
  createIamUser,
  type IamRole,
  type PolicyStatement,
  setRolePolicy,
  trustingServiceAccount,
} from '../harness/iam.ts';
import { at, type Json } from './cluster-objects.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const AT_ONCE_MS = 3_000;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => endFaultless(world));

let namespace: string;
let password: string;
let secret: AwsSecret;
beforeEach(async () => {
  namespace = await world.namespace('identity');
  password = world.canary();
  secret = await world.putSecret(password);
});

const mayRead = ({ arn }: AwsSecret): PolicyStatement => ({
  Effect: 'Allow',
  Action: 'secretsmanager:GetSecretValue',
  Resource: `${arn.slice(0, -6)}*`,
});

const trusting = (serviceAccount: string, audience?: string): PolicyStatement =>
  trustingServiceAccount(world.aws, serviceAccount, { audience });

async function account(
  name: string,
  role: IamRole | undefined,
  more: Readonly<Record<string, string>> = {},
  inNamespace = namespace,
): Promise<void> {
  const annotations = { ...(role && { 'eks.amazonaws.com/role-arn': role.arn }), ...more };
  await world.objects.apply('ServiceAccount', inNamespace, name, { metadata: { annotations } });
}

const provider = (aws: Json) => ({
  spec: { provider: { aws: { service: 'SecretsManager', region: world.aws.region, ...aws } } },
});
const byAccount = (serviceAccountRef: Json) => provider({ auth: { jwt: { serviceAccountRef } } });

const store = (spec: Json) => world.objects.apply('SecretStore', namespace, 'aws', spec);
const app = (key = secret.name, more: Json = {}, inNamespace = namespace) =>
  world.externalSecret(inNamespace, 'app', {
    refreshInterval: '1s',
    data: [{ secretKey: 'password', remoteRef: { key } }],
    ...more,
  });

/** Successful calls of an operation since the operator started. */
async function calls(operation: string): Promise<number> {
  const text = await (await fetch(`${await world.operator.metricsUrl()}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('externalsecret_provider_api_calls_count'));
  return lines
    .filter((line) => line.includes(`call="${operation}"`) && line.includes('status="success"'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('a store that reads by a ServiceAccount', () => {
  it('reads with its role by a token of the API server, in a session that is named after the store', async () => {
    const role = await createIamRole(world.aws, [trusting(`${namespace}:reader`)], [mayRead(secret)]);
    await account('reader', role);
    await store(byAccount({ name: 'reader' }));
    await app();
    await world.expectData(namespace, 'app', { password });
    const { message } = await world.expectStore(namespace, 'aws', 'True', /store validated/);
    expect(message).toContain(`assumed-role/${role.name}`);
  });

  it('asks for one session, however much is read', async () => {
    const role = await createIamRole(world.aws, [trusting(`${namespace}:reader`)], [mayRead(secret)]);
    await account('reader', role);
    const before = await calls('AssumeRoleWithWebIdentity');
    await store(byAccount({ name: 'reader' }));
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        world.externalSecret(namespace, name, {
          refreshInterval: '1s',
          data: [{ secretKey: 'password', remoteRef: { key: secret.name } }],
        }),
      ),
    );
    const next = world.canary();
    await world.expectData(namespace, 'a', { password });
    await world.putSecret(next, secret.name);
    for (const name of ['a', 'b', 'c', 'd']) await world.expectData(namespace, name, { password: next });
    expect((await calls('AssumeRoleWithWebIdentity')) - before).toBe(1);
  });

  it('is told whose token the trust policy has to trust when it trusts another', async () => {
    const role = await createIamRole(world.aws, [trusting(`${namespace}:other`)], [mayRead(secret)]);
    await account('reader', role);
    await store(byAccount({ name: 'reader' }));
    await world.expectStore(
      namespace,
      'aws',
      'False',
      new RegExp(
        `AWS gives no session of role ${role.arn} by sts:AssumeRoleWithWebIdentity .*"system:serviceaccount:${namespace}:reader"`,
      ),
    );
    await app();
    await world.expectNotReady(namespace, 'app', /is not ready: AWS gives no session/);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
  });

  it('asks for the audience that the ServiceAccount is annotated with, and those of the store', async () => {
    const trust = trusting(`${namespace}:reader`, 'vault.example');
    const role = await createIamRole(world.aws, [trust], [mayRead(secret)]);
    await account('reader', role);
    await store(byAccount({ name: 'reader' }));
    await world.expectStore(namespace, 'aws', 'False', /AWS gives no session/);
    await account('reader', role, { 'eks.amazonaws.com/audience': 'vault.example' });
    await world.expectStore(namespace, 'aws', 'True', /store validated/);
  });

  it('stops within a moment when the annotation goes, and goes on when it is back', async () => {
    const role = await createIamRole(world.aws, [trusting(`${namespace}:reader`)], [mayRead(secret)]);
    await account('reader', role);
    await store(byAccount({ name: 'reader' }));
    await app();
    await world.expectData(namespace, 'app', { password });
    await account('reader', undefined, { 'eks.amazonaws.com/role-arn': '' });
    await world.expectNotReady(namespace, 'app', /an IAM role must be associated with service account/, AT_ONCE_MS);
    const next = world.canary();
    await world.putSecret(next, secret.name);
    await account('reader', role);
    await world.expectData(namespace, 'app', { password: next });
  });

  it('stops within a moment when the ServiceAccount is deleted', async () => {
    const role = await createIamRole(world.aws, [trusting(`${namespace}:reader`)], [mayRead(secret)]);
    await account('reader', role);
    await store(byAccount({ name: 'reader' }));
    await app();
    await world.expectData(namespace, 'app', { password });
    await world.objects.remove('ServiceAccount', namespace, 'reader');
    await world.expectNotReady(namespace, 'app', /ServiceAccount ".*\/reader" does not exist/, AT_ONCE_MS);
    expect(await world.secretData(namespace, 'app')).toEqual({ password });
  });
});

describe('a role that trusts another account', () => {
  const OTHER_ACCOUNT = '111122223333';

  it('gives the tokens of this one no session, and says whose it has to trust', async () => {
    const trust = trustingServiceAccount({ ...world.aws, account: OTHER_ACCOUNT }, `${namespace}:reader`);
    const role = await createIamRole(world.aws, [trust], [mayRead(secret)]);
    await account('reader', role);
    await store(byAccount({ name: 'reader' }));
    await app();
    const says = new RegExp(`no session of role ${role.arn} .*arn:aws:iam::${world.aws.account}:oidc-provider/`);
    await world.expectStore(namespace, 'aws', 'False', says);
    await world.expectNotReady(namespace, 'app', says);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
  });

  it('gives an identity of this one no session, and names it', async () => {
    const user = await createIamUser(world.aws, [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }]);
    const Principal = { AWS: `arn:aws:iam::${OTHER_ACCOUNT}:root` };
    const role = await createIamRole(world.aws, [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }], []);
    await world.store(namespace, { credentials: user.credentials, aws: { role: role.arn }, wait: false });
    await app();
    const says = new RegExp(`no session of role ${role.arn} by sts:AssumeRole .*${user.arn}`);
    await world.expectStore(namespace, 'aws', 'False', says);
    await world.expectNotReady(namespace, 'app', says);
  });
});

it('a grant of IAM that is taken back stops the very next use, and the Secret stays', async () => {
  const role = await createIamRole(world.aws, [trusting(`${namespace}:reader`)], [mayRead(secret)]);
  await account('reader', role);
  await store(byAccount({ name: 'reader' }));
  await app();
  await world.expectData(namespace, 'app', { password });
  await setRolePolicy(world.aws, role, []);
  const next = world.canary();
  await world.putSecret(next, secret.name);
  await world.expectNotReady(namespace, 'app', /secretsmanager:GetSecretValue/, AT_ONCE_MS);
  expect(await world.secretData(namespace, 'app')).toEqual({ password });
  await setRolePolicy(world.aws, role, [mayRead(secret)]);
  await world.expectData(namespace, 'app', { password: next });
});

describe('another namespace', () => {
  it('lends a SecretStore neither its ServiceAccounts nor its Secrets, by any spelling', async () => {
    const victim = await world.namespace('victim');
    const role = await createIamRole(world.aws, [trusting(`${victim}:reader`)], [mayRead(secret)]);
    await account('reader', role, {}, victim);
    await world.credentials(victim, 'creds');
    const keys = {
      accessKeyIDSecretRef: { name: 'creds', key: 'id' },
      secretAccessKeySecretRef: { name: 'creds', key: 'key' },
    };
    const theirs = (ref: Json) => ({ ...ref, namespace: victim });
    await store(byAccount({ name: 'reader', namespace: victim }));
    await world.expectStore(namespace, 'aws', 'False', /a SecretStore can only use its own namespace/);
    const secretRef = {
      accessKeyIDSecretRef: theirs(keys.accessKeyIDSecretRef),
      secretAccessKeySecretRef: theirs(keys.secretAccessKeySecretRef),
    };
    await store(provider({ auth: { secretRef } }));
    await world.expectStore(namespace, 'aws', 'False', /accessKeyIDSecretRef.namespace is/);
    // A name with a slash is no name: the API server refuses it, or nothing of it is found.
    await expect(store(byAccount({ name: `${victim}/reader` }))).rejects.toThrow();
    await store(byAccount({ name: 'reader' }));
    await world.expectStore(
      namespace,
      'aws',
      'False',
      new RegExp(`ServiceAccount "${namespace}/reader" does not exist`),
    );
    await app();
    await world.expectNotReady(namespace, 'app', /is not ready/);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
  });

  it('uses a ClusterSecretStore with its own role, and reads what that may read', async () => {
    const other = await world.namespace('identity-other');
    const theirs = await world.putSecret(world.canary());
    const name = world.uniqueName('by-account');
    const roles = [
      [namespace, await createIamRole(world.aws, [trusting(`${namespace}:reader`)], [mayRead(secret)])],
      [other, await createIamRole(world.aws, [trusting(`${other}:reader`)], [mayRead(theirs)])],
    ] as const;
    for (const [where, role] of roles) await account('reader', role, {}, where);
    await world.objects.apply('ClusterSecretStore', '', name, byAccount({ name: 'reader' }));
    await world.expectStore('', name, 'True', /each namespace that uses it/);
    const ref = { secretStoreRef: { name, kind: 'ClusterSecretStore' } };
    await app(secret.name, ref);
    await world.expectData(namespace, 'app', { password });
    await app(secret.name, ref, other);
    await world.expectNotReady(other, 'app', /secretsmanager:GetSecretValue/);
    expect(await world.secretData(other, 'app')).toBeUndefined();
    await world.objects.remove('ClusterSecretStore', '', name);
  });

  it('may not use a ClusterSecretStore whose conditions leave it out, from the moment on that they do', async () => {
    const name = world.uniqueName('restricted');
    const conditions = (names: readonly string[]) => ({ spec: { conditions: [{ namespaces: names }] } });
    await world.clusterStore(namespace, name, conditions([namespace]));
    const ref = { secretStoreRef: { name, kind: 'ClusterSecretStore' } };
    await app(secret.name, ref);
    await world.expectData(namespace, 'app', { password });
    await world.clusterStore(namespace, name, conditions(['nobody']));
    await world.expectNotReady(
      namespace,
      'app',
      /is not allowed from namespace .* denied by spec\.condition/,
      AT_ONCE_MS,
    );
    const next = world.canary();
    await world.putSecret(next, secret.name);
    await world.clusterStore(namespace, name, {
      spec: { conditions: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }] },
    });
    await world.expectData(namespace, 'app', { password: next });
  });
});

describe('roles that a store assumes', () => {
  it('are assumed with the external id and the tags of the session', async () => {
    const user = await createIamUser(world.aws, [
      { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: '*' },
    ]);
    const trust: PolicyStatement = {
      Effect: 'Allow',
      Action: ['sts:AssumeRole', 'sts:TagSession'],
      Principal: { AWS: user.arn },
      Condition: { StringEquals: { 'sts:ExternalId': 'shared-word', 'aws:RequestTag/esoNamespace': namespace } },
    };
    const role = await createIamRole(world.aws, [trust], [mayRead(secret)]);
    const aws = { role: role.arn, sessionTagsPolicy: 'Simple' };
    await world.store(namespace, { credentials: user.credentials, aws, wait: false });
    await world.expectStore(
      namespace,
      'aws',
      'False',
      new RegExp(`no session of role ${role.arn} by sts:AssumeRole .*external id`),
    );
    await world.store(namespace, { credentials: user.credentials, aws: { ...aws, externalID: 'shared-word' } });
    await app();
    await world.expectData(namespace, 'app', { password });
    const { message } = await world.expectStore(namespace, 'aws', 'True', /store validated/);
    expect(message).toContain(`assumed-role/${role.name}`);
  });

  it('come one after another, each trusting the one before', async () => {
    const user = await createIamUser(world.aws, [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }]);
    const assume = (arn: string): PolicyStatement => ({
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: arn },
    });
    const hop = await createIamRole(
      world.aws,
      [assume(user.arn)],
      [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
    );
    const last = await createIamRole(world.aws, [assume(hop.arn)], [mayRead(secret)]);
    await world.store(namespace, { credentials: user.credentials, aws: { role: last.arn }, wait: false });
    await world.expectStore(namespace, 'aws', 'False', /no session of role/);
    const before = await calls('AssumeRole');
    await world.store(namespace, {
      credentials: user.credentials,
      aws: { role: last.arn, additionalRoles: [hop.arn] },
    });
    await app();
    await world.expectData(namespace, 'app', { password });
    const next = world.canary();
    await world.putSecret(next, secret.name);
    await world.expectData(namespace, 'app', { password: next });
    // One session of each role, however much is read.
    expect((await calls('AssumeRole')) - before).toBe(2);
  });
});

it("a SecretStore without auth does not get the operator's own credentials", async () => {
  await store(provider({}));
  await world.expectStore(namespace, 'aws', 'False', /does not lend its own credentials to a SecretStore/);
  const shown = await world.objects.get('SecretStore', namespace, 'aws');
  expect(at(shown, 'status', 'conditions', '0', 'reason')).toBe('InvalidProviderConfig');
});
