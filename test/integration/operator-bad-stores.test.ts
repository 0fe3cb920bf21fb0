/** Stores and identities that are wrong: each is told with what to do, and ends by itself once it is mended. */

import { PutResourcePolicyCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIamUser } from '../harness/iam.ts';
import { at, type Json } from './cluster-objects.ts';
import { saying } from './expectations.ts';
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

describe('a store', () => {
  it('of another controller class, and what uses it, is left to the other controller', async () => {
    await world.store(namespace, { name: 'theirs', spec: { controller: 'another' }, wait: false });
    await apply({ secretStoreRef: { name: 'theirs' } });
    const event = await world.expectEvent(namespace, 'app', 'OtherControllerClass', /another operator/);
    expect(event.type).toBe('Normal');
    await world.objects.patch('ExternalSecret', namespace, 'app', { metadata: { labels: { touched: 'true' } } });
    await synced();
    await apply({ secretStoreRef: { name: 'theirs' } }, 'other');
    await world.expectEvent(namespace, 'other', 'OtherControllerClass', /another operator/);
    expect(await world.events(namespace, 'other')).toHaveLength(1);
    expect(at(await world.objects.get('ExternalSecret', namespace, 'other'), 'status')).toBeUndefined();
    expect(at(await world.objects.get('SecretStore', namespace, 'theirs'), 'status')).toBeUndefined();
    expect(await world.events(namespace, 'theirs')).toEqual([]);
  });

  const wrong: Readonly<Record<string, { readonly spec: Json; readonly words: string }>> = {
    'of another provider': {
      spec: { provider: { vault: { server: 'https://vault.example' } } },
      words: 'spec.provider is "vault"; Keyturn reads from AWS Secrets Manager only',
    },
    'of another service of AWS': {
      spec: { provider: { aws: { service: 'ParameterStore', region: 'us-east-1' } } },
      words: 'spec.provider.aws.service is ParameterStore; Keyturn reads from SecretsManager only',
    },
    'with a region that cannot be one': {
      spec: { provider: { aws: { service: 'SecretsManager', region: 'EU West' } } },
      words: 'spec.provider.aws.region "EU West" is not a region name; write one such as "eu-central-1"',
    },
    'with a role that is none': {
      spec: { provider: { aws: { service: 'SecretsManager', region: 'us-east-1', role: 'arn:aws:iam::1:role/a' } } },
      words: 'spec.provider.aws.role "arn:aws:iam::1:role/a" is no ARN of a role',
    },
  };
  it.each(Object.entries(wrong))('%s', async (_, { spec, words }) => {
    await world.objects.apply('SecretStore', namespace, 'wrong', { spec });
    await apply({ secretStoreRef: { name: 'wrong' } });
    const { reason } = await world.expectStore(namespace, 'wrong', 'False', saying([words]));
    expect(reason).toBe('InvalidProviderConfig');
    await world.expectEvent(namespace, 'wrong', 'InvalidProviderConfig', saying([words]));
    await expectTold(['SecretStore "wrong" is not ready', words]);
    await world.store(namespace, { name: 'wrong' });
    await world.expectReady(namespace, 'app');
  });

  it('that wants the Secret of another namespace', async () => {
    const other = await world.namespace('bad-input-other');
    await world.credentials(other, 'theirs');
    const selector = { name: 'theirs', namespace: other, key: 'id' };
    const secretRef = { accessKeyIDSecretRef: selector, secretAccessKeySecretRef: { ...selector, key: 'key' } };
    await world.store(namespace, { name: 'greedy', aws: { auth: { secretRef } }, wait: false });
    const words = `accessKeyIDSecretRef.namespace is "${other}"; a SecretStore can only use its own namespace "${namespace}"`;
    await world.expectStore(namespace, 'greedy', 'False', saying([words]));
    await apply({ secretStoreRef: { name: 'greedy' } });
    await expectTold([words]);
  });

  it('with an access key that AWS does not know', async () => {
    await world.store(namespace, {
      name: 'wrong',
      wait: false,
      credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: world.canary() },
    });
    await apply({ secretStoreRef: { name: 'wrong' } });
    const words = "AWS does not accept the store's static credentials";
    await world.expectStore(namespace, 'wrong', 'False', saying([words]));
    await expectTold([words, 'InvalidClientTokenId', 'Check that they exist']);
  });

  it('with a secret key that is not the one of the access key', async () => {
    const { credentials } = await createIamUser(world.aws, []);
    await world.store(namespace, {
      name: 'wrong',
      wait: false,
      credentials: { ...credentials, secretAccessKey: world.canary() },
    });
    await apply({ secretStoreRef: { name: 'wrong' } });
    await expectTold(['SignatureDoesNotMatch', 'Check the secret access key']);
  });

  it('whose credentials Secret lacks the key', async () => {
    await world.objects.apply('Secret', namespace, 'wrong-credentials', { stringData: { id: 'test' } });
    const from = { name: 'wrong-credentials' };
    const secretRef = {
      accessKeyIDSecretRef: { ...from, key: 'id' },
      secretAccessKeySecretRef: { ...from, key: 'missing' },
    };
    await world.objects.apply('SecretStore', namespace, 'wrong', {
      spec: { provider: { aws: { service: 'SecretsManager', region: 'us-east-1', auth: { secretRef } } } },
    });
    await apply({ secretStoreRef: { name: 'wrong' } });
    await expectTold([`Secret "${namespace}/wrong-credentials" has no key "missing"`]);
  });
});

describe('an identity', () => {
  it('that may not read the secret learns which right is missing, and goes on once it has it', async () => {
    const user = await createIamUser(world.aws, []);
    await world.store(namespace, { name: 'denied', credentials: user.credentials });
    await apply({ secretStoreRef: { name: 'denied' } });
    await expectTold([
      user.arn,
      'AccessDeniedException',
      'secretsmanager:GetSecretValue',
      `arn:aws:secretsmanager:us-east-1:${world.aws.account}:secret:${source.name}-??????`,
    ]);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
    await allow(user.arn);
    await world.expectData(namespace, 'app', { password });
    await world.expectReady(namespace, 'app');
  });

  it('that loses the right keeps the last good Secret', async () => {
    const user = await createIamUser(world.aws, []);
    await allow(user.arn);
    await world.store(namespace, { credentials: user.credentials });
    const before = await synced();
    await deny(user.arn);
    await expectToldAndUntouched(before, [user.arn, 'secretsmanager:GetSecretValue']);
    await allow(user.arn);
    await world.expectReady(namespace, 'app');
    expect(await world.secret(namespace, 'app')).toEqual(before);
  });

  it('that may not read it gets nothing by another that may', async () => {
    const user = await createIamUser(world.aws, []);
    await world.store(namespace, { name: 'denied', credentials: user.credentials });
    await synced();
    await apply({ secretStoreRef: { name: 'denied' } }, 'denied');
    await expectTold([user.arn], 'denied');
    password = world.canary();
    await world.putSecret({ password }, source.name);
    await world.expectData(namespace, 'app', { password });
    expect(await world.secretData(namespace, 'denied')).toBeUndefined();
  });

  it('that may read single secrets only is served by single calls, rotations too', async () => {
    const user = await createIamUser(world.aws, [
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    ]);
    await world.store(namespace, { credentials: user.credentials });
    const values = [world.canary(), world.canary(), world.canary()];
    const secrets = await Promise.all(values.map((value) => world.putSecret(value)));
    const data = secrets.map(({ name: key }, n) => entry({ key }, `key-${n}`));
    await apply({ data });
    await world.expectData(namespace, 'app', { 'key-0': values[0], 'key-1': values[1], 'key-2': values[2] });
    const rotated = world.canary();
    await world.putSecret(rotated, secrets[1]?.name);
    await world.expectData(namespace, 'app', { 'key-0': values[0], 'key-1': rotated, 'key-2': values[2] }, 3_000);
    await world.expectReady(namespace, 'app');
  });

  const allow = (principal: string) => setPolicy('Allow', principal);
  const deny = (principal: string) => setPolicy('Deny', principal);
  async function setPolicy(Effect: 'Allow' | 'Deny', principal: string): Promise<void> {
    const statement = { Effect, Principal: { AWS: principal }, Action: 'secretsmanager:*', Resource: '*' };
    const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await world.secretsManager.send(new PutResourcePolicyCommand({ SecretId: source.name, ResourcePolicy }));
  }
});

it('no value was told to anybody', async () => {
  expect(await world.leaks()).toEqual([]);
});
