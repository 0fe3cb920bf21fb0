/** The seed use cases of IAM, by the files of examples/iam, on a real control plane and ministack's policies. */

import { readFile } from 'node:fs/promises';
import { CreateSecretCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type AwsAccess, secretsManagerAt } from '../harness/aws-endpoint.ts';
import { createIamRole, createIamUser, type IamUser, type PolicyStatement } from '../harness/iam.ts';
import { at, type Json } from './cluster-objects.ts';
import { saying } from './expectations.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const OTHER_ACCOUNT = '111122223333';

let world: World;
beforeAll(async () => {
  world = await startWorld({ throughAwsProxy: true });
});
afterAll(() => endFaultless(world));

let namespace: string;
/** Takes the place of `shop/` in names, so that nobody else has them. */
let path: string;
beforeEach(async () => {
  namespace = await world.namespace('shop');
  path = world.uniqueName('shop');
});

/** An example with the region of the stand-in, and names of our own. */
async function example(name: string): Promise<string> {
  const text = await readFile(new URL(`../../examples/iam/${name}`, import.meta.url), 'utf8');
  return text.replaceAll('eu-central-1', world.aws.region).replaceAll('shop/', `${path}/`);
}

async function statements(name: string): Promise<readonly PolicyStatement[]> {
  const list = at(JSON.parse(await example(name)), 'Statement');
  return Array.isArray(list) ? list : [];
}

async function specOf(name: string, kind: string): Promise<Json> {
  const documents = parseAllDocuments(await example(name)).map((document): unknown => document.toJS());
  const found = documents.find((document) => at(document, 'kind') === kind);
  return { ...Object(at(found, 'spec')) };
}

const create = (name: string, content: Json, client: SecretsManagerClient = world.secretsManager) =>
  client.send(new CreateSecretCommand({ Name: name, ...content }));

const sentBy =
  ({ credentials }: IamUser) =>
  ({ headers, target }: { readonly headers: Json; readonly target: string }) =>
    target !== '' && String(headers['authorization']).includes(`=${credentials.accessKeyId}/`);

describe('JSON, plaintext and binary secrets', () => {
  it('arrive with a policy of only GetSecretValue on NAME-*, which reads nothing else', async () => {
    const [password, license] = [world.canary(), world.canary()];
    const keystore = Buffer.from(world.canary());
    await create(`${path}/database`, { SecretString: JSON.stringify({ username: 'shop', password }) });
    await create(`${path}/license`, { SecretString: license });
    await create(`${path}/keystore`, { SecretBinary: keystore });
    await create(`${path}/databases`, { SecretString: world.canary() });
    const user = await createIamUser(world.aws, await statements('least-privilege.json'));
    await world.store(namespace, { credentials: user.credentials });
    await world.externalSecret(namespace, 'shop', await specOf('values.yaml', 'ExternalSecret'));
    await world.expectData(namespace, 'shop', {
      password,
      'license.txt': license,
      'keystore.p12': keystore.toString('utf8'),
    });
    await world.expectReady(namespace, 'shop');
    await world.externalSecret(namespace, 'other', {
      data: [{ secretKey: 'k', remoteRef: { key: `${path}/databases` } }],
    });
    await world.expectNotReady(
      namespace,
      'other',
      saying(['secretsmanager:GetSecretValue', `${path}/databases-??????`]),
    );
  });
});

it('a customer-managed KMS key that may not be used is told with the statement that the example has', async () => {
  await create(`${path}/database`, { SecretString: JSON.stringify({ password: world.canary() }) });
  const user = await createIamUser(world.aws, await statements('least-privilege.json'));
  // ministack decrypts nothing: the words are AWS's own.
  world.awsProxy.fail(sentBy(user), {
    kind: 'reply',
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: { __type: 'AccessDeniedException', Message: 'Access to KMS is not allowed' },
  });
  await world.store(namespace, { credentials: user.credentials });
  await world.externalSecret(namespace, 'shop', await specOf('values.yaml', 'ExternalSecret'));
  const [, decrypt] = await statements('customer-managed-key.json');
  const condition = JSON.stringify(decrypt?.Condition?.['StringEquals']);
  await world.expectTold(namespace, 'shop', [
    user.arn,
    'may not use the KMS key of secret',
    `"Action":"${String(decrypt?.Action)}"`,
    `"StringEquals":${condition}`,
  ]);
  expect(await world.secretData(namespace, 'shop')).toBeUndefined();
});

describe('a secret of another account', () => {
  it('is read by its full ARN, one by one and never in a batch', async () => {
    const apiKey = world.canary();
    const user = await createIamUser(world.aws, await statements('shared-secret.json'));
    const spec = await specOf('shared-secret.yaml', 'ExternalSecret');
    const key = String(at(spec, 'data', 0, 'remoteRef', 'key'));
    const own = await world.putSecret(world.canary());
    // ministack keeps accounts apart: what AWS answers comes from the proxy.
    world.awsProxy.fail((request) => sentBy(user)(request) && request.target === 'GetSecretValue', {
      kind: 'reply',
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: {
        ARN: key,
        Name: 'shared/api-key',
        VersionId: '00000000-0000-4000-8000-000000000001',
        SecretString: apiKey,
        VersionStages: ['AWSCURRENT'],
        CreatedDate: 1_760_000_000,
      },
    });
    const before = world.awsProxy.requests.length;
    await world.store(namespace, { credentials: user.credentials });
    await world.externalSecret(namespace, 'shared', spec);
    await world.expectData(namespace, 'shared', { 'api-key': apiKey });
    const asked = world.awsProxy.requests.slice(before).map(({ target }) => target);
    expect(asked).toContain('GetSecretValue');
    expect(asked).not.toContain('BatchGetSecretValue');
    expect(own.name).not.toBe('');
  });

  it('is read by a role of that account', async () => {
    const other: AwsAccess = {
      ...world.aws,
      account: OTHER_ACCOUNT,
      credentials: { accessKeyId: OTHER_ACCOUNT, secretAccessKey: 'x' },
    };
    const client = secretsManagerAt(other);
    const password = world.canary();
    await create(`${path}/database`, { SecretString: password }, client);
    const user = await createIamUser(world.aws, [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }]);
    const trust: PolicyStatement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: user.arn } };
    const resource = `arn:aws:secretsmanager:${world.aws.region}:${OTHER_ACCOUNT}:secret:${path}/database-??????`;
    const read: PolicyStatement = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: resource };
    const role = await createIamRole(other, [trust], [read]);
    expect(role.arn).toContain(`:${OTHER_ACCOUNT}:role/`);
    await world.store(namespace, { credentials: user.credentials, aws: { role: role.arn } });
    await world.externalSecret(namespace, 'app', {
      data: [{ secretKey: 'k', remoteRef: { key: `${path}/database` } }],
    });
    await world.expectData(namespace, 'app', { k: password });
    client.destroy();
  });
});

/** ministack knows no policy variables: what one statement with `${aws:PrincipalTag/esoNamespace}` says of some namespaces. */
function unrolled(statement: PolicyStatement, namespaces: readonly string[]): readonly PolicyStatement[] {
  return namespaces.map((each) => {
    const tests = Object.entries(statement.Condition?.['StringEquals'] ?? {});
    const variable = `\${aws:PrincipalTag/esoNamespace}`;
    expect(tests.map(([, value]) => value)).toEqual([variable]);
    const own = Object.fromEntries(tests.map(([key]) => [key, each]));
    return { ...statement, Condition: { StringEquals: { ...own, 'aws:PrincipalTag/esoNamespace': each } } };
  });
}

it('one role for many namespaces reads for each what is tagged with its name', async () => {
  const other = await world.namespace('tenant');
  const values = new Map<string, string>();
  for (const tenant of [namespace, other]) {
    const value = world.canary();
    values.set(tenant, value);
    const Tags = [{ Key: 'namespace', Value: tenant }];
    await create(`${path}/${tenant}`, { SecretString: value, Tags });
  }
  const user = await createIamUser(world.aws, [
    { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: '*' },
  ]);
  const name = world.uniqueName('tenants');
  const trust = (await statements('tenants-trust-policy.json')).map((statement) => ({
    ...statement,
    Principal: { AWS: user.arn },
    Condition: { StringEquals: { ...statement.Condition?.['StringEquals'], 'aws:RequestTag/esoStoreName': name } },
  }));
  const policy = (await statements('tenants.json')).flatMap((each) => unrolled(each, [namespace, other]));
  const role = await createIamRole(world.aws, trust, policy);
  const { aws } = { ...Object(at(await specOf('tenants.yaml', 'ClusterSecretStore'), 'provider')) } as {
    readonly aws: Json;
  };
  await world.clusterStore(namespace, name, { credentials: user.credentials, aws: { ...aws, role: role.arn } });
  const ref = { refreshInterval: '1s', secretStoreRef: { name, kind: 'ClusterSecretStore' } };
  const reads = (tenant: string) => ({ ...ref, data: [{ secretKey: 'k', remoteRef: { key: `${path}/${tenant}` } }] });
  for (const tenant of [namespace, other]) {
    await world.externalSecret(tenant, 'own', reads(tenant));
    await world.expectData(tenant, 'own', { k: values.get(tenant) });
  }
  await world.externalSecret(other, 'stolen', reads(namespace));
  await world.expectNotReady(other, 'stolen', /may not secretsmanager:GetSecretValue/);
  expect(await world.secretData(other, 'stolen')).toBeUndefined();
});
