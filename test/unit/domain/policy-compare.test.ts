import { describe, expect, it } from 'vitest';
import { comparePolicy } from '../../../src/domain/policy-compare.ts';
import { NoPolicy, readPolicy } from '../../../src/domain/policy-given.ts';
import { finds, type Given, only, reads, SHARED } from './policy-given.ts';

const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:';
const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1';
const GET = 'secretsmanager:GetSecretValue';
const TWO: Given = { specs: [reads('prod/db', 'prod/api')] };

type Fields = Readonly<Record<string, unknown>>;

const allow = (action: unknown, resource: unknown, more: Fields = {}): Fields => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
const DB = allow(GET, `${SECRET}prod/db-??????`, { Sid: 'Db' });
const API = allow(GET, `${SECRET}prod/api-??????`, { Sid: 'Api' });

function compared(statements: readonly Fields[] | Fields, given: Given = TWO): readonly string[] {
  const { required, optional } = only(given);
  const policy = readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  const needed = { required, optional: optional.map(({ statement }) => statement) };
  return comparePolicy(needed, policy).map(({ kind, text }) => `${kind}: ${text}`);
}

interface Case {
  readonly given?: Given;
  readonly policy: readonly Fields[] | Fields;
  readonly says: readonly string[];
}

function check(cases: Readonly<Record<string, Case>>): void {
  it.each(Object.entries(cases))('%s', (_, { policy, given, says }) => {
    expect(compared(policy, given)).toEqual(says);
  });
}

describe('a policy fits', () => {
  check({
    'that is the one which is printed': {
      policy: allow(GET, [`${SECRET}prod/api-??????`, `${SECRET}prod/db-??????`]),
      says: [],
    },
    'with a star for the random suffix, as many write it': {
      policy: [allow(GET, `${SECRET}prod/db-*`), API],
      says: [],
    },
    'in other letters and spread over statements': {
      policy: [allow('SecretsManager:getsecretvalue', `${SECRET}prod/db-??????`), API],
      says: [],
    },
    'that is a single statement': { given: {}, policy: DB, says: [] },
    'with what is optional': {
      policy: [
        DB,
        API,
        allow('secretsmanager:BatchGetSecretValue', '*'),
        allow('kms:Decrypt', KEY, {
          Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' } },
        }),
      ],
      says: [],
    },
    'with the ARN of today, and is told what that means': {
      policy: [allow(GET, `${SECRET}prod/db-AbCdEf`), API],
      says: [
        `note: ${SECRET}prod/db-??????: only the ARN that the secret has now is allowed; one that is made again has another suffix`,
      ],
    },
    'whose conditions cannot be judged, and is told so': {
      policy: [{ ...DB, Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }, API],
      says: [
        `note: ${GET} on ${SECRET}prod/db-??????: allowed under conditions that are not judged here (aws:SourceVpce)`,
      ],
    },
    'that allows it without the condition as well': {
      policy: [{ ...DB, Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }, DB, API],
      says: [],
    },
    'that allows by a policy variable, and is told so': {
      given: {},
      policy: allow(GET, `${SECRET}$${'{aws:PrincipalTag/team}'}/*`, { Sid: 'Abac' }),
      says: [
        `note: ${GET} on ${SECRET}prod/db-??????: Abac may allow it, by a policy variable that is not judged here`,
      ],
    },
    'for what is found by tags, with the tags as condition': {
      given: { specs: [finds({ tags: { team: 'a' } })] },
      policy: [
        allow(GET, `${SECRET}*`, { Condition: { StringEquals: { 'aws:ResourceTag/team': ['a', 'b'] } } }),
        allow('secretsmanager:ListSecrets', '*'),
      ],
      says: [],
    },
    'of an identity whose account is not known, with any account': {
      given: { bearers: { 'team/reader': { uid: 'u', roleArn: 'arn:aws:iam::*:role/app', audience: undefined } } },
      policy: DB,
      says: [],
    },
  });
});

describe('a policy lacks', () => {
  check({
    'what no statement allows': { policy: DB, says: [`missing: ${GET} on ${SECRET}prod/api-??????`] },
    'what it allows for another name only': {
      given: {},
      policy: allow(GET, `${SECRET}prod/db`, { Sid: 'NoSuffix' }),
      says: [
        `missing: ${GET} on ${SECRET}prod/db-??????`,
        `tooMuch: ${GET} on ${SECRET}prod/db (NoSuffix): nothing needs it`,
      ],
    },
    'what it denies': {
      policy: [DB, API, { Effect: 'Deny', Action: 'secretsmanager:*', Resource: `${SECRET}prod/api*`, Sid: 'Deny' }],
      says: [`missing: ${GET} on ${SECRET}prod/api-??????: Deny denies it`],
    },
    'what it denies under a condition, perhaps': {
      policy: [
        DB,
        API,
        {
          Effect: 'Deny',
          NotAction: 'iam:*',
          Resource: '*',
          Sid: 'Deny',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
      says: [
        `note: ${GET} on ${SECRET}prod/api-??????: Deny denies it under a condition that is not judged here`,
        `note: ${GET} on ${SECRET}prod/db-??????: Deny denies it under a condition that is not judged here`,
      ],
    },
    'what it allows to another service only': {
      given: { options: { kmsKeys: [KEY] } },
      policy: [
        DB,
        allow('kms:Decrypt', KEY, {
          Condition: { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } },
        }),
      ],
      says: [`missing: kms:Decrypt on ${KEY}`],
    },
    'what is in another account': {
      given: { specs: [reads(SHARED)] },
      policy: allow(GET, SHARED.replace('111122223333', '123456789012'), { Sid: 'Own' }),
      says: [
        `missing: ${GET} on ${SHARED}`,
        'missing: kms:Decrypt on arn:aws:kms:eu-central-1:111122223333:key/*',
        `tooMuch: ${GET} on ${SHARED.replace('111122223333', '123456789012')} (Own): nothing needs it`,
      ],
    },
  });
});

describe('a policy grants too much', () => {
  check({
    'by an action that nothing needs': {
      policy: [DB, API, allow('secretsmanager:PutSecretValue', '*', { Sid: 'Write' })],
      says: ['tooMuch: secretsmanager:PutSecretValue (Write): nothing needs it'],
    },
    'by all actions': {
      policy: allow('*', '*', { Sid: 'Admin' }),
      says: [
        'tooMuch: * (Admin): of it only secretsmanager:GetSecretValue, secretsmanager:BatchGetSecretValue, kms:Decrypt is needed',
        `tooMuch: ${GET} on * (Admin): wider than ${SECRET}prod/api-??????, ${SECRET}prod/db-??????`,
        'tooMuch: kms:Decrypt on * (Admin): wider than arn:aws:kms:eu-central-1:123456789012:key/*',
        'tooMuch: kms:Decrypt on * (Admin): not bound by kms:ViaService',
      ],
    },
    'by a wildcard in the action': {
      policy: [allow('secretsmanager:Get*', [`${SECRET}prod/db-*`, `${SECRET}prod/api-*`], { Sid: 'Read' })],
      says: [`tooMuch: secretsmanager:Get* (Read): of it only ${GET} is needed`],
    },
    'by every secret': {
      policy: allow(GET, '*', { Sid: 'All' }),
      says: [`tooMuch: ${GET} on * (All): wider than ${SECRET}prod/api-??????, ${SECRET}prod/db-??????`],
    },
    'by a path of which some is needed': {
      policy: allow(GET, `${SECRET}prod/*`, { Sid: 'Path' }),
      says: [`tooMuch: ${GET} on ${SECRET}prod/* (Path): wider than ${SECRET}prod/api-??????, ${SECRET}prod/db-??????`],
    },
    'by a star that longer names match as well': {
      policy: [allow(GET, `${SECRET}prod/db*`, { Sid: 'Star' }), API],
      says: [`tooMuch: ${GET} on ${SECRET}prod/db* (Star): wider than ${SECRET}prod/db-??????`],
    },
    'by a secret that nothing refers to': {
      policy: [DB, API, allow(GET, `${SECRET}prod/old-??????`, { Sid: 'Old' })],
      says: [`tooMuch: ${GET} on ${SECRET}prod/old-?????? (Old): nothing needs it`],
    },
    'by describing what is only read': {
      given: {},
      policy: allow([GET, 'secretsmanager:DescribeSecret'], `${SECRET}prod/db-*`),
      says: ['tooMuch: secretsmanager:DescribeSecret (Statement[0]): nothing needs it'],
    },
    'by a key that is not bound to Secrets Manager': {
      policy: [DB, API, allow('kms:Decrypt', KEY, { Sid: 'Kms' })],
      says: [`tooMuch: kms:Decrypt on ${KEY} (Kms): not bound by kms:ViaService`],
    },
    'by what a find reads without its tags': {
      given: { specs: [finds({ tags: { team: 'a' } })] },
      policy: [allow(GET, `${SECRET}*`, { Sid: 'Found' }), allow('secretsmanager:ListSecrets', '*')],
      says: [`tooMuch: ${GET} on ${SECRET}* (Found): not bound by aws:ResourceTag/team`],
    },
    'by all but some': {
      given: {},
      policy: { Effect: 'Allow', NotAction: 'iam:*', NotResource: 'arn:aws:s3:::x', Sid: 'Not' },
      says: ['tooMuch: Not allows all but some actions (NotAction): name those that are needed'],
    },
  });
});

describe('a document', () => {
  it.each([
    [
      "as AWS's command line gives that of a role",
      { RoleName: 'app', PolicyName: 'x', PolicyDocument: { Statement: DB } },
    ],
    ['as it gives that of a managed policy', { PolicyVersion: { Document: { Statement: [DB] } } }],
  ])('%s is read', (_, document) => {
    expect(readPolicy(JSON.stringify(document))).toMatchObject([{ name: 'Db', effect: 'Allow' }]);
  });

  it.each([
    ['that is no JSON', '{', 'it is not JSON'],
    ['that is no object', '[]', 'The document is no JSON object'],
    ['without statements', '{}', 'it has no Statement'],
    [
      'with an effect that is none',
      '{"Statement":{"Effect":"allow"}}',
      'Statement[0].Effect is neither Allow nor Deny',
    ],
    ['without an action', '{"Statement":{"Effect":"Allow","Resource":"*"}}', 'Statement[0] has no Action'],
    [
      'without a resource, as trust policies are',
      '{"Statement":{"Effect":"Allow","Action":"*"}}',
      'Statement[0] has no Resource',
    ],
    [
      'with a resource that is none',
      '{"Statement":{"Effect":"Allow","Action":"*","Resource":{}}}',
      'Statement[0].Resource is neither a string nor a list of strings',
    ],
  ])('%s is refused', (_, text, says) => {
    expect(() => readPolicy(text)).toThrow(new NoPolicy(says));
  });
});
