/**
 * Denials, each told in the condition and the Event with what would allow it: what the message says is given to IAM, and then
 * it works. Where ministack evaluates no such policy, AWS's own words come from the proxy.
 */

import {
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Match } from '../harness/fault-proxy.ts';
import {
  allowUser,
  createIamRole,
  createIamUser,
  type IamUser,
  type PolicyStatement,
  trustInRole,
  trustingServiceAccount,
} from '../harness/iam.ts';
import type { Json } from './cluster-objects.ts';
import { saying } from './expectations.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const GET = 'secretsmanager:GetSecretValue';
const REQUEST_ID = 'f0e1d2c3-0000-4000-8000-000000000000';
/** As only a token is shown. */
const isUnsigned: Match = ({ method, headers }) => method === 'POST' && headers.authorization === undefined;

let world: World;
beforeAll(async () => {
  world = await startWorld({ throughAwsProxy: true });
});
afterAll(() => endFaultless(world));

let namespace: string;
let password: string;
let secret: AwsSecret;
let user: IamUser;
beforeEach(async () => {
  namespace = await world.namespace('denials');
  password = world.canary();
  secret = await world.putSecret(password);
  user = await createIamUser(world.aws, []);
});

const app = (key = secret.name, more: Json = {}) =>
  world.externalSecret(namespace, 'app', {
    refreshInterval: '1s',
    data: [{ secretKey: 'password', remoteRef: { key } }],
    ...more,
  });

/** The statements in a message, in their order. */
function statementsIn(message: string): readonly PolicyStatement[] {
  return [...message.matchAll(/\{"Effect":.*?\}(?=[.,;] |[.,;]?$|\. )/g)].map(
    ([text]): PolicyStatement => JSON.parse(text),
  );
}

/** The message of the condition; the Event says the same. */
async function told(words: readonly string[]): Promise<string> {
  const { message } = await world.expectNotReady(namespace, 'app', saying(words));
  const { type } = await world.expectEvent(namespace, 'app', 'UpdateFailed', saying([message]));
  expect(type).toBe('Warning');
  return message;
}

const allowing = (Action: string, Resource = '*'): PolicyStatement => ({ Effect: 'Allow', Action, Resource });

describe('a denial', () => {
  it('for want of an identity policy names the statement, which is enough', async () => {
    await world.store(namespace, { credentials: user.credentials });
    await app();
    const message = await told([user.arn, GET, `secret "${secret.name}"`, 'AccessDeniedException', 'identity-based']);
    const statements = statementsIn(message);
    expect(statements).toHaveLength(1);
    await allowUser(world.aws, user.name, statements);
    await world.expectData(namespace, 'app', { password });
    await world.expectReady(namespace, 'app');
  });

  it('by an explicit deny of an identity policy says that it has to go', async () => {
    const deny: PolicyStatement = { Effect: 'Deny', Action: GET, Resource: '*' };
    await allowUser(world.aws, user.name, [allowing('*'), deny]);
    await world.store(namespace, { credentials: user.credentials });
    await app();
    const message = await told([
      'explicit deny in an identity-based policy',
      'Remove that deny from the policies of the identity',
    ]);
    await allowUser(world.aws, user.name, statementsIn(message));
    await world.expectData(namespace, 'app', { password });
  });

  it('by the resource policy of the secret says where to look', async () => {
    await allowUser(world.aws, user.name, [allowing('*')]);
    const deny = { Effect: 'Deny', Principal: { AWS: user.arn }, Action: GET, Resource: '*' };
    const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [deny] });
    await world.secretsManager.send(new PutResourcePolicyCommand({ SecretId: secret.name, ResourcePolicy }));
    await world.store(namespace, { credentials: user.credentials });
    await app();
    await told(['explicit deny in a resource-based policy', 'Remove that deny from the resource policy of the secret']);
    await world.secretsManager.send(new DeleteResourcePolicyCommand({ SecretId: secret.name }));
    await world.expectData(namespace, 'app', { password });
  });

  it('of the tags, or of a find, names the permission of that', async () => {
    await allowUser(world.aws, user.name, [allowing(GET)]);
    await world.store(namespace, { credentials: user.credentials });
    const find = { path: secret.name, name: { regexp: '.' } };
    await world.externalSecret(namespace, 'app', {
      refreshInterval: '1s',
      dataFrom: [{ find, rewrite: [{ regexp: { source: '.*', target: 'password' } }] }],
    });
    const message = await told(['may not secretsmanager:ListSecrets, which find needs']);
    await allowUser(world.aws, user.name, [allowing(GET), ...statementsIn(message)]);
    await world.expectReady(namespace, 'app');
  });

  it('stays the same from try to try', async () => {
    await world.store(namespace, { credentials: user.credentials });
    await app();
    const message = await told(['may not']);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect((await world.condition(namespace, 'app'))?.message).toBe(message);
    const events = (await world.events(namespace, 'app')).filter(({ reason }) => reason === 'UpdateFailed');
    expect(events.map((event) => event.message)).toEqual([message]);
  });
});

describe('a session that is refused', () => {
  it('to a ServiceAccount names the trust policy, which is enough', async () => {
    const role = await createIamRole(world.aws, [], [allowing(GET)]);
    const annotations = { 'eks.amazonaws.com/role-arn': role.arn };
    await world.objects.apply('ServiceAccount', namespace, 'reader', { metadata: { annotations } });
    const auth = { jwt: { serviceAccountRef: { name: 'reader' } } };
    await world.objects.apply('SecretStore', namespace, 'aws', {
      spec: { provider: { aws: { service: 'SecretsManager', region: world.aws.region, auth } } },
    });
    const subject = `system:serviceaccount:${namespace}:reader`;
    const { message } = await world.expectStore(
      namespace,
      'aws',
      'False',
      saying(['Add to the trust policy', subject]),
    );
    const [statement] = statementsIn(message);
    const tests = Object.entries(statement?.Condition?.['StringEquals'] ?? {});
    expect(Object.fromEntries(tests)).toEqual({
      'kubernetes.default.svc.cluster.local:sub': subject,
      'kubernetes.default.svc.cluster.local:aud': 'sts.amazonaws.com',
    });
    // Of a token's audiences ministack takes one that matches with ForAnyValue only.
    const Condition = {
      StringEquals: Object.fromEntries(tests.slice(0, 1)),
      'ForAnyValue:StringEquals': Object.fromEntries(tests.slice(1)),
    };
    if (statement !== undefined) await trustInRole(world.aws, role.name, [{ ...statement, Condition }]);
    await world.expectStore(namespace, 'aws', 'True', /store validated/);
    await app();
    await world.expectData(namespace, 'app', { password });
  });

  it('for a token that AWS takes for expired says so, and is asked for with a new one', async () => {
    const role = await createIamRole(
      world.aws,
      [trustingServiceAccount(world.aws, `${namespace}:reader`)],
      [allowing(GET)],
    );
    const annotations = { 'eks.amazonaws.com/role-arn': role.arn };
    await world.objects.apply('ServiceAccount', namespace, 'reader', { metadata: { annotations } });
    const error = '<Type>Sender</Type><Code>ExpiredTokenException</Code><Message>Token expired</Message>';
    // The API server gives no such token, and ministack looks at no times: the words are AWS's own.
    const refusal = world.awsProxy.fail(isUnsigned, {
      kind: 'reply',
      status: 400,
      headers: { 'content-type': 'text/xml' },
      body: `<ErrorResponse><Error>${error}</Error><RequestId>${REQUEST_ID}</RequestId></ErrorResponse>`,
    });
    const auth = { jwt: { serviceAccountRef: { name: 'reader' } } };
    await world.objects.apply('SecretStore', namespace, 'aws', {
      spec: { provider: { aws: { service: 'SecretsManager', region: world.aws.region, auth } } },
    });
    await app();
    const says = [`no session of role ${role.arn}`, 'ExpiredTokenException: Token expired', 'Check the clocks'];
    await world.expectStore(namespace, 'aws', 'False', saying(says));
    await told(says);
    refusal.remove();
    await world.expectData(namespace, 'app', { password });
  });

  it('to another identity names both policies, which are enough', async () => {
    const role = await createIamRole(world.aws, [], [allowing(GET)]);
    await world.store(namespace, { credentials: user.credentials, aws: { role: role.arn }, wait: false });
    const { message } = await world.expectStore(namespace, 'aws', 'False', saying(['no session of role', role.arn]));
    const [first, second] = statementsIn(message);
    // Whichever side AWS names first, the other is found at the next try.
    await allowUser(world.aws, user.name, [second ?? first ?? allowing('sts:AssumeRole', role.arn)]);
    const next = await world.expectStore(namespace, 'aws', 'False', saying(['Add to the trust policy of the role']));
    await trustInRole(world.aws, role.name, statementsIn(next.message).slice(0, 1));
    await world.expectStore(namespace, 'aws', 'True', /store validated/);
  });
});

describe("AWS's words that ministack does not say", () => {
  const OTHER = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:shared/db-AbCdEf';
  const denial = (principal: string, rest: string) =>
    `User: ${principal} is not authorized to perform: ${GET} on resource: ${OTHER} ${rest}`;
  interface Case {
    readonly code?: string;
    readonly text: (principal: string) => string;
    readonly key?: string;
    readonly says: readonly string[];
  }
  const cases: Readonly<Record<string, Case>> = {
    'a customer managed KMS key that may not be used': {
      text: () => 'Access to KMS is not allowed',
      says: [
        'may not use the KMS key of secret',
        '"Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:123456789012:key/*"',
        '"kms:ViaService":"secretsmanager.us-east-1.amazonaws.com"',
        "Unless the key's policy leaves that to IAM, add there:",
      ],
    },
    'a service control policy': {
      text: (principal) => denial(principal, 'with an explicit deny in a service control policy'),
      says: ['Remove that deny from the service control policy of the organization'],
    },
    'a VPC endpoint policy': {
      text: (principal) => denial(principal, `because no VPC endpoint policy allows the ${GET} action`),
      says: ['Add to the policy of the VPC endpoint: {"Effect":"Allow","Principal":"*"'],
    },
    'the resource policy of a secret of another account': {
      key: OTHER,
      text: (principal) => denial(principal, `because no resource-based policy allows the ${GET} action`),
      says: [
        'Add to the resource policy of the secret: {"Effect":"Allow","Principal":{"AWS":"',
        'of another account (111122223333)',
      ],
    },
    'the key of AWS on a secret of another account': {
      key: OTHER,
      code: 'InvalidRequestException',
      text: () =>
        "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS service key.",
      says: ['is encrypted with the key aws/secretsmanager, which no other account can use', 'customer managed key'],
    },
  };

  it.each(Object.entries(cases))('explain %s', async (_, { code = 'AccessDeniedException', text, key, says }) => {
    const { accessKeyId } = user.credentials;
    const answer = { __type: code, message: text(user.arn) };
    world.awsProxy.fail(({ headers, target }) => String(headers.authorization).includes(accessKeyId) && target !== '', {
      kind: 'reply',
      status: 400,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-requestid': REQUEST_ID,
      },
      body: answer,
    });
    await world.store(namespace, { credentials: user.credentials });
    await app(key);
    const message = await told([code, REQUEST_ID, ...says]);
    expect(message.length).toBeLessThan(2_000);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
  });
});

describe('a key', () => {
  beforeEach(() => world.store(namespace));

  it('of another region is told, and deletes nothing', async () => {
    await app(secret.name, { target: { deletionPolicy: 'Delete' } });
    await world.expectData(namespace, 'app', { password });
    const elsewhere = secret.arn.replace('us-east-1', 'eu-west-1');
    await app(elsewhere, { target: { deletionPolicy: 'Delete' } });
    await world.expectNotReady(
      namespace,
      'app',
      saying([elsewhere, 'is in eu-west-1, and the store reads in us-east-1']),
    );
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    expect(await world.secretData(namespace, 'app')).toEqual({ password });
  });

  it('that is a full ARN of a former life is told what may have happened', async () => {
    await world.secretsManager.send(
      new DeleteSecretCommand({ SecretId: secret.name, ForceDeleteWithoutRecovery: true }),
    );
    await app(secret.arn);
    await told([
      `AWS has no secret "${secret.arn}"`,
      `If it was deleted and made again, it is "${secret.name}" with another suffix`,
    ]);
  });
});

it('a secret that is deleted and made again under its name is followed, and told by an Event', async () => {
  await world.store(namespace);
  await app();
  await world.expectData(namespace, 'app', { password });
  await world.secretsManager.send(new DeleteSecretCommand({ SecretId: secret.name, ForceDeleteWithoutRecovery: true }));
  await world.expectNotReady(namespace, 'app', /AWS has no secret/);
  const next = world.canary();
  const made = await world.secretsManager.send(new CreateSecretCommand({ Name: secret.name, SecretString: next }));
  await world.expectData(namespace, 'app', { password: next });
  const said = saying([`Its ARN was ${secret.arn} and is now ${made.ARN ?? ''}`]);
  const { type } = await world.expectEvent(namespace, 'app', 'ProviderSecretRecreated', said);
  expect(type).toBe('Normal');
});
