/** Stores: what they say of themselves, and how the ExternalSecrets follow them. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIamUser } from '../harness/iam.ts';
import { at } from './cluster-objects.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';

/** For what follows an event of the API server, without any waiting. */
const AT_ONCE_MS = 1_000;
const DEFAULT_CHAIN = { accessKeyId: 'test', secretAccessKey: 'test' };

let world: World;
beforeAll(async () => {
  const env = { AWS_ACCESS_KEY_ID: DEFAULT_CHAIN.accessKeyId, AWS_SECRET_ACCESS_KEY: DEFAULT_CHAIN.secretAccessKey };
  world = await startWorld({ env, args: ['--allow-controller-identity', 'all'] });
});
afterAll(() => world.stop());

let namespace: string;
let password: string;
let source: AwsSecret;
beforeEach(async () => {
  namespace = await world.namespace('stores');
  password = world.canary();
  source = await world.putSecret(password);
});

/** An ExternalSecret of a namespace with the one key `password`. */
const apply = (store: Readonly<Record<string, string>> = { name: 'aws' }, inNamespace = namespace) =>
  world.externalSecret(inNamespace, 'app', {
    secretStoreRef: store,
    data: [{ secretKey: 'password', remoteRef: { key: source.name } }],
  });

/** Until the next try of its own is so far away that what comes sooner has another cause. */
const untilPatient = (key: string) =>
  world.operator.waitForLog((line) => line['key'] === key && Number(line['retryInMs']) > 3 * AT_ONCE_MS, 20_000);

describe('a store that works', () => {
  it('says who it is, in its condition and in an Event', async () => {
    const user = await createIamUser(world.aws, [{ Effect: 'Allow', Action: '*', Resource: '*' }]);
    await world.store(namespace, { credentials: user.credentials });
    const { reason, message } = await world.expectStore(namespace, 'aws', 'True', /./);
    expect({ reason, message }).toEqual({ reason: 'Valid', message: `store validated: ${user.arn}` });
    const event = await world.expectEvent(namespace, 'aws', 'Valid', /store validated/);
    expect(event).toMatchObject({ type: 'Normal', message });
    const store = await world.objects.get('SecretStore', namespace, 'aws');
    expect(at(store, 'status', 'capabilities')).toBe('ReadOnly');
  });

  it('is a line of `kubectl get ss` that says so', async () => {
    await world.store(namespace);
    const { stdout } = await world.cluster.kubectl(['get', 'ss', '-n', namespace]);
    const [head = '', line = ''] = stdout.trim().split('\n');
    expect(head.split(/\s+/)).toEqual(['NAME', 'AGE', 'STATUS', 'CAPABILITIES', 'READY']);
    expect(line.split(/\s+/)).toEqual(['aws', expect.stringMatching(/^\d+s$/), 'Valid', 'ReadOnly', 'True']);
  });

  it("needs no auth when the operator's own environment has credentials", async () => {
    await world.objects.apply('SecretStore', namespace, 'ambient', {
      spec: { provider: { aws: { service: 'SecretsManager', region: world.aws.region } } },
    });
    await world.expectStore(namespace, 'ambient', 'True', /arn:aws:/);
    await apply({ name: 'ambient' });
    await world.expectData(namespace, 'app', { password });
  });

  it('may be a ClusterSecretStore, used from every namespace', async () => {
    const name = world.uniqueName('shared');
    await world.clusterStore(namespace, name);
    await world.expectEvent('', name, 'Valid', /store validated: arn:aws:/);
    const other = await world.namespace('stores-other');
    for (const each of [namespace, other]) {
      await apply({ name, kind: 'ClusterSecretStore' }, each);
      await world.expectData(each, 'app', { password });
      await world.expectReady(each, 'app');
    }
  });
});

describe('the ExternalSecrets of a store follow at once', () => {
  it('when it is made after them', async () => {
    await apply();
    const { message } = await world.expectNotReady(namespace, 'app', /does not exist/);
    expect(message).toContain('SecretStore "aws" does not exist in namespace');
    await world.store(namespace);
    await world.expectData(namespace, 'app', { password }, AT_ONCE_MS);
    await world.expectReady(namespace, 'app');
  });

  it('when the Secret with its credentials is made last', async () => {
    await apply();
    await world.store(namespace);
    await world.expectReady(namespace, 'app');
    await world.objects.remove('Secret', namespace, 'aws-credentials');
    const { message } = await world.expectStore(namespace, 'aws', 'False', /aws-credentials/);
    expect(message).toContain(`Secret "${namespace}/aws-credentials" with the credentials does not exist; create it`);
    await world.expectNotReady(namespace, 'app', /SecretStore "aws" is not ready: .*aws-credentials/);
    expect(await world.secretData(namespace, 'app')).toEqual({ password });

    await untilPatient(`SecretStore/${namespace}/aws`);
    password = world.canary();
    await world.putSecret(password, source.name);
    await world.credentials(namespace, 'aws-credentials');
    await world.expectData(namespace, 'app', { password }, AT_ONCE_MS);
    await world.expectReady(namespace, 'app');
  });

  it('when its credentials are replaced by ones that work', async () => {
    const credentials = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: world.canary() };
    await world.store(namespace, { credentials, wait: false });
    await apply();
    await world.expectNotReady(namespace, 'app', /is not ready/);
    await untilPatient(`SecretStore/${namespace}/aws`);
    await world.credentials(namespace, 'aws-credentials');
    await world.expectData(namespace, 'app', { password }, AT_ONCE_MS);
    await world.expectReady(namespace, 'app');
  });

  it("when its credentials become somebody else's, who is named then", async () => {
    await world.store(namespace);
    await apply();
    await world.expectReady(namespace, 'app');
    const user = await createIamUser(world.aws, []);
    await world.credentials(namespace, 'aws-credentials', user.credentials);
    await world.expectStore(namespace, 'aws', 'True', new RegExp(user.name));
    const { message } = await world.expectNotReady(namespace, 'app', /secretsmanager:GetSecretValue/);
    expect(message).toContain(user.arn);
    expect(await world.secretData(namespace, 'app')).toEqual({ password });
    await world.credentials(namespace, 'aws-credentials');
    await world.expectReady(namespace, 'app');
  });

  it('when its region is put right', async () => {
    await world.store(namespace, { wait: false, aws: { region: 'nowhere.example' } });
    await apply();
    await world.expectNotReady(namespace, 'app', /"nowhere.example" is not a region name/);
    await world.store(namespace);
    await world.expectData(namespace, 'app', { password }, AT_ONCE_MS);
  });

  it('when it goes, and their Secrets stay as they are', async () => {
    await world.store(namespace);
    await apply();
    await world.expectReady(namespace, 'app');
    const before = await world.secret(namespace, 'app');
    await world.objects.remove('SecretStore', namespace, 'aws');
    await world.expectNotReady(namespace, 'app', /SecretStore "aws" does not exist/);
    expect(await world.secret(namespace, 'app')).toEqual(before);
    await world.store(namespace);
    await world.expectReady(namespace, 'app');
    expect(await world.secret(namespace, 'app')).toEqual(before);
  });
});

it('no value was told to anybody', async () => {
  expect(await world.leaks()).toEqual([]);
});
