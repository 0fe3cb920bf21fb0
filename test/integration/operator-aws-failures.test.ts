/** AWS that does not answer, or answers what AWS does not: told, survived, and over by itself when AWS is itself again. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, Match } from '../harness/fault-proxy.ts';
import { createIamUser } from '../harness/iam.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';

/** Two looks that each take the ten seconds of a call's deadline, and the pause between them. */
const TOLD_WITHIN_MS = 30_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ throughAwsProxy: true });
});
afterAll(() => world.stop());

/** A namespace with a ready store whose identity nobody else has, and two secrets: AWS is asked for both in one call. */
interface Scene {
  readonly namespace: string;
  readonly secrets: readonly [AwsSecret, AwsSecret];
  readonly values: { a: string; b: string };
  /** Requests with the store's credentials, so that tests beside each other have faults of their own. */
  readonly isOurs: Match;
  /** Applies an ExternalSecret with the keys `a` and `b`, looked after every second. */
  apply(name: string): Promise<void>;
  rotate(): Promise<void>;
}

async function scene(store: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  const namespace = await world.namespace('aws-failures');
  const values = { a: world.canary(), b: world.canary() };
  const secrets = [await world.putSecret(values.a), await world.putSecret(values.b)] as const;
  const user = await createIamUser(world.aws, [{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  const { accessKeyId } = user.credentials;
  const isOurs: Match = ({ headers }) => String(headers.authorization).includes(accessKeyId);
  await world.store(namespace, { credentials: user.credentials, ...store });
  const [a, b] = secrets;
  return {
    namespace,
    secrets,
    values,
    isOurs,
    apply: (name) =>
      world.externalSecret(namespace, name, {
        refreshInterval: '1s',
        data: [
          { secretKey: 'a', remoteRef: { key: a.name } },
          { secretKey: 'b', remoteRef: { key: b.name } },
        ],
      }),
    async rotate() {
      values.b = world.canary();
      await world.putSecret(values.b, b.name);
    },
  };
}

const isSts: Match = ({ headers }) => String(headers.authorization).includes('/sts/aws4_request');

describe.concurrent('while AWS', () => {
  const json = { 'content-type': 'application/x-amz-json-1.1' };
  const troubles: Readonly<Record<string, { readonly fault: () => Fault; readonly message: RegExp }>> = {
    'breaks every connection': {
      fault: () => ({ kind: 'drop' }),
      message: /AWS Secrets Manager in us-east-1 could not be reached \(\w+\)\. Check network policies, proxies/,
    },
    'does not answer at all': {
      fault: () => ({ kind: 'hang' }),
      message: /AWS Secrets Manager in us-east-1 did not answer within 10 s\. Check network policies, proxies/,
    },
    'answers too slowly': {
      fault: () => ({ kind: 'delay', delayMs: 12_000 }),
      message: /did not answer within 10 s/,
    },
    throttles: {
      fault: () => ({
        kind: 'reply',
        status: 400,
        headers: json,
        body: { __type: 'ThrottlingException', message: '' },
      }),
      message: /AWS Secrets Manager in us-east-1 asks to slow down \(ThrottlingException\)\. It is tried again/,
    },
    'fails inside': {
      fault: () => ({ kind: 'reply', status: 500, headers: json, body: { __type: 'InternalServiceError' } }),
      message: /AWS Secrets Manager in us-east-1 failed \(InternalServiceError, HTTP 500\)\. It is tried again/,
    },
    'is a page of a proxy': {
      fault: () => ({
        kind: 'reply',
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: `<html><body>Sign in ${world.canary()}</body></html>`,
      }),
      message: /is not one that AWS gives \(HTTP 200\)\. Check what stands between/,
    },
    'is a page of a broken proxy': {
      fault: () => ({
        kind: 'reply',
        status: 502,
        headers: { 'content-type': 'text/html' },
        body: `<html><body>Bad Gateway ${world.canary()}</body></html>`,
      }),
      message: /is not one that AWS gives \(HTTP 502\)|failed \(\w+, HTTP 502\)/,
    },
    'sends half of its JSON': {
      fault: () => ({ kind: 'reply', status: 200, headers: json, body: `{"SecretString":"${world.canary()}` }),
      message: /is not one that AWS gives \(HTTP 200\)/,
    },
    'breaks off in its answers': {
      fault: () => ({ kind: 'cut' }),
      message: /could not be reached|is not one that AWS gives/,
    },
    'answers with nothing in it': {
      fault: () => ({ kind: 'reply', status: 200, headers: json, body: {} }),
      message: /is not one that AWS gives/,
    },
  };

  it.each(Object.entries(troubles))('%s', async (_, { fault, message }) => {
    const { namespace, values, isOurs, apply, rotate } = await scene();
    await apply('old');
    await world.expectData(namespace, 'old', values);
    await world.expectReady(namespace, 'old');
    const before = await world.secret(namespace, 'old');

    const rule = world.awsProxy.fail(isOurs, fault());
    await apply('new');
    for (const name of ['new', 'old']) {
      const condition = await world.expectNotReady(namespace, name, message, TOLD_WITHIN_MS);
      expect(condition.reason).toBe('SecretSyncedError');
      expect(condition.message).toContain('could not get secret data from provider: spec.data[0]');
      const event = await world.expectEvent(namespace, name, 'UpdateFailed', message);
      expect(event.type).toBe('Warning');
    }
    expect(await world.secret(namespace, 'old')).toEqual(before);
    expect(await world.secretData(namespace, 'new')).toBeUndefined();

    rule.release();
    await Promise.all([world.expectReady(namespace, 'old'), world.expectReady(namespace, 'new')]);
    expect(await world.secret(namespace, 'old')).toEqual(before);
    await rotate();
    await Promise.all(['old', 'new'].map((name) => world.expectData(namespace, name, values)));
  });

  it('fails once, nobody is told', async () => {
    const { namespace, values, isOurs, apply, rotate } = await scene();
    await apply('app');
    await world.expectData(namespace, 'app', values);
    const before = await world.expectReady(namespace, 'app');
    // One look, with the attempts that the SDK makes for it.
    const rule = world.awsProxy.fail(isOurs, { kind: 'drop' }, 3);
    await expect.poll(() => rule.hits, { timeout: 10_000 }).toBe(3);
    await rotate();
    await world.expectData(namespace, 'app', values);
    expect(await world.expectReady(namespace, 'app')).toEqual(before);
    expect((await world.events(namespace, 'app')).map(({ reason }) => reason)).not.toContain('UpdateFailed');
  });

  it('is slow but in time, nothing is wrong', async () => {
    const { namespace, values, isOurs, apply } = await scene();
    const rule = world.awsProxy.fail(isOurs, { kind: 'delay', delayMs: 2_000 });
    await apply('app');
    await world.expectData(namespace, 'app', values);
    expect(rule.hits).toBeGreaterThan(0);
    await world.expectReady(namespace, 'app');
    expect((await world.events(namespace, 'app')).map(({ type }) => type)).not.toContain('Warning');
  });

  it('fails for one secret only, the others are served', async () => {
    const { namespace, secrets, values, isOurs, apply, rotate } = await scene();
    await apply('app');
    await world.expectReady(namespace, 'app');
    const isBatch: Match = (request) => isOurs(request) && request.target === 'BatchGetSecretValue';
    const [a] = secrets;
    const SecretValues = [{ ARN: a.arn, Name: a.name, VersionId: a.versionId, SecretString: values.a }];
    const headers = { 'content-type': 'application/x-amz-json-1.1' };
    world.awsProxy.fail(isBatch, { kind: 'reply', status: 200, headers, body: { SecretValues, Errors: [] } });
    await rotate();
    await world.expectData(namespace, 'app', values);
    await world.expectReady(namespace, 'app');
  });
});

describe.concurrent('a store', () => {
  it('that cannot be checked at first says why, and is ready by itself later', async () => {
    const namespace = await world.namespace('aws-failures');
    const { credentials } = await createIamUser(world.aws, []);
    const { accessKeyId } = credentials;
    const isOurs: Match = ({ headers }) => String(headers.authorization).includes(accessKeyId);
    const rule = world.awsProxy.fail(isOurs, { kind: 'drop' });
    await world.store(namespace, { credentials, wait: false });
    const message = /AWS STS in us-east-1 could not be reached/;
    await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'a', remoteRef: { key: 'a' } }] });
    await world.expectStore(namespace, 'aws', 'False', message);
    await world.expectEvent(namespace, 'aws', 'InvalidProviderConfig', message);
    await world.expectNotReady(namespace, 'app', message);
    rule.release();
    await world.expectStore(namespace, 'aws', 'True', /store validated/);
  });

  it('whose credentials change while STS cannot be asked is not used with the old ones, and is ready by itself later', async () => {
    const { namespace, values, isOurs, apply, rotate } = await scene();
    await apply('app');
    await world.expectData(namespace, 'app', values);
    await world.expectReady(namespace, 'app');
    const before = await world.secret(namespace, 'app');
    const rule = world.awsProxy.fail((request) => isOurs(request) && isSts(request), { kind: 'drop' });
    await world.objects.patch('Secret', namespace, 'aws-credentials', { metadata: { labels: { touched: 'true' } } });
    const message = /AWS STS in us-east-1 could not be reached/;
    await world.expectStore(namespace, 'aws', 'False', message);
    await world.expectNotReady(namespace, 'app', message);
    expect(await world.secret(namespace, 'app')).toEqual(before);
    rule.release();
    await rotate();
    await world.expectData(namespace, 'app', values);
    await world.expectReady(namespace, 'app');
  });
});

it('no value was told to anybody', async () => {
  expect(await world.leaks()).toEqual([]);
});
