import { describe, expect, it } from 'vitest';
import { clusterSecretStore, secretStore, storeSpec } from './manifests.ts';
import {
  BEARER,
  BY_READER,
  entry,
  finds,
  type Given,
  ISSUER,
  only,
  ROLE,
  reads,
  report,
  SECRET,
  SHARED,
} from './policy-given.ts';

const read = (...resources: readonly string[]) => ({
  Sid: 'ReadSecrets',
  Effect: 'Allow',
  Action: 'secretsmanager:GetSecretValue',
  Resource: resources.length === 1 ? resources[0] : resources,
});
const LISTING = { Sid: 'FindSecrets', Effect: 'Allow', Action: 'secretsmanager:ListSecrets', Resource: '*' };

describe('what is required', () => {
  const cases: Readonly<Record<string, { readonly given: Given; readonly statements: readonly unknown[] }>> = {
    'to read secrets by name is GetSecretValue on each, with room for the random suffix': {
      given: { specs: [reads('prod/db', 'prod/api'), reads('prod/db')] },
      statements: [read(`${SECRET}prod/api-??????`, `${SECRET}prod/db-??????`)],
    },
    "to read with a store's prefix is on the names with the prefix": {
      given: { stores: [secretStore(storeSpec({ ...BY_READER.provider.aws, prefix: 'team/' }))], specs: [reads('db')] },
      statements: [read(`${SECRET}team/db-??????`)],
    },
    'to read by a full ARN is on that ARN': {
      given: { specs: [reads(`${SECRET}prod/db-AbCdEf`)] },
      statements: [read(`${SECRET}prod/db-AbCdEf`)],
    },
    'to read by a partial ARN is on it, with room for the random suffix': {
      given: { specs: [reads(`${SECRET}prod/db`)] },
      statements: [read(`${SECRET}prod/db-??????`)],
    },
    'to read a version by its id or label is no more': {
      given: { specs: [entry({ key: 'db', version: 'uuid/v-1' }), entry({ key: 'api', version: 'AWSPREVIOUS' })] },
      statements: [read(`${SECRET}api-??????`, `${SECRET}db-??????`)],
    },
    'to read tags is DescribeSecret, and not the value': {
      given: { specs: [entry({ key: 'prod/db', metadataPolicy: 'Fetch' })] },
      statements: [
        {
          Sid: 'DescribeSecrets',
          Effect: 'Allow',
          Action: 'secretsmanager:DescribeSecret',
          Resource: `${SECRET}prod/db-??????`,
        },
      ],
    },
    'to find by path is ListSecrets, and to read all that begins so': {
      given: { specs: [finds({ path: 'prod/', name: { regexp: 'db' } })] },
      statements: [read(`${SECRET}prod/*`), LISTING],
    },
    'to find by an anchored expression is to read all that begins so': {
      given: { specs: [finds({ name: { regexp: '^prod/.*-db$' } })] },
      statements: [read(`${SECRET}prod/*`), LISTING],
    },
    'to find one name is to read that': {
      given: { specs: [finds({ name: { regexp: '^prod/db$' } })] },
      statements: [read(`${SECRET}prod/db-??????`), LISTING],
    },
    'to find what can never be is to list only': {
      given: { specs: [finds({ path: 'prod/', name: { regexp: '^test/' } })] },
      statements: [LISTING],
    },
    'to find by tags is to read what has them': {
      given: { specs: [finds({ path: 'prod/', tags: { team: 'a', env: 'b' } })] },
      statements: [
        {
          ...read(`${SECRET}prod/*`),
          Condition: { StringEquals: { 'aws:ResourceTag/team': 'a', 'aws:ResourceTag/env': 'b' } },
        },
        LISTING,
      ],
    },
    'to find and to read by name is one statement, and what the find reads is not named twice': {
      given: { specs: [finds({ path: 'prod/', name: { regexp: '.' } }), reads('prod/db', 'other')] },
      statements: [read(`${SECRET}other-??????`, `${SECRET}prod/*`), LISTING],
    },
    'in another partition are ARNs of it': {
      given: {
        stores: [secretStore(storeSpec({ ...BY_READER.provider.aws, region: 'cn-north-1' }))],
        bearers: { 'team/reader': { ...BEARER, roleArn: 'arn:aws-cn:iam::123456789012:role/app' } },
      },
      statements: [read('arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:prod/db-??????')],
    },
    'with a known KMS key is to decrypt these secrets with it, by Secrets Manager only': {
      given: {
        options: {
          kmsKeys: ['arn:aws:kms:eu-central-1:123456789012:key/1', 'arn:aws:kms:us-east-1:123456789012:key/2'],
        },
      },
      statements: [
        read(`${SECRET}prod/db-??????`),
        {
          Sid: 'DecryptSecrets',
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: 'arn:aws:kms:eu-central-1:123456789012:key/1',
          Condition: {
            StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' },
            StringLike: { 'kms:EncryptionContext:SecretARN': `${SECRET}prod/db-??????` },
          },
        },
      ],
    },
  };

  it.each(Object.entries(cases))('%s', (_, { given, statements }) => {
    expect(only(given).required).toEqual(statements);
  });

  it('to read a secret of another account is on both sides, with its key', () => {
    const { required, shared, notes } = only({ specs: [reads(SHARED, 'prod/db')] });
    const viaService = { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' };
    expect(required).toEqual([
      read(SHARED, `${SECRET}prod/db-??????`),
      {
        Sid: 'DecryptSecrets',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: 'arn:aws:kms:eu-central-1:111122223333:key/*',
        Condition: { StringEquals: viaService, StringLike: { 'kms:EncryptionContext:SecretARN': SHARED } },
      },
    ]);
    expect(shared).toEqual([
      {
        secret: SHARED,
        resourcePolicy: {
          Effect: 'Allow',
          Principal: { AWS: ROLE },
          Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
          Resource: '*',
        },
        keyPolicy: {
          Effect: 'Allow',
          Principal: { AWS: ROLE },
          Action: 'kms:Decrypt',
          Resource: '*',
          Condition: { StringEquals: viaService, StringLike: { 'kms:EncryptionContext:SecretARN': SHARED } },
        },
      },
    ]);
    expect(notes).toEqual(['Secrets of other accounts have to be encrypted with a customer managed KMS key.']);
  });
});

describe('what is optional', () => {
  const optional = (given: Given) =>
    only(given).optional.map(({ statement: { Action, Resource } }) => [Action, Resource]);
  const decryption = ['kms:Decrypt', 'arn:aws:kms:eu-central-1:123456789012:key/*'];

  it('is to read in batches, and to decrypt with a key that is not known', () => {
    expect(optional({})).toEqual([['secretsmanager:BatchGetSecretValue', '*'], decryption]);
    expect(only({}).optional.map(({ why }) => why)).toEqual([
      expect.stringContaining('twenty a call'),
      expect.stringContaining('customer managed KMS key'),
    ]);
  });

  it('is to describe what is read by a label, which no batch gives', () => {
    expect(optional({ specs: [entry({ key: 'db', version: 'AWSPREVIOUS' })] })).toEqual([
      ['secretsmanager:DescribeSecret', `${SECRET}db-??????`],
      decryption,
    ]);
  });

  it('is nothing of both for a version by its id, which is read once', () => {
    expect(optional({ specs: [entry({ key: 'db', version: 'uuid/v-1' })] })).toEqual([decryption]);
  });

  it('is not to decrypt where no value is read', () => {
    expect(optional({ specs: [entry({ key: 'db', metadataPolicy: 'Fetch' })] })).toEqual([]);
  });
});

describe('an identity', () => {
  it('that a ServiceAccount has is trusted with its tokens, for the audience that it is annotated with', () => {
    const bearers = { 'team/reader': { ...BEARER, audience: 'vault' } };
    expect(only({ bearers })).toMatchObject({
      kind: 'role',
      identity: ROLE,
      serves: ['SecretStore team/aws: 1 ExternalSecret, 1 source, in eu-central-1'],
      trustPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${ISSUER}` },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: { [`${ISSUER}:sub`]: 'system:serviceaccount:team:reader', [`${ISSUER}:aud`]: 'vault' },
            },
          },
        ],
      },
    });
  });

  it('that a store has in a Secret is called so, and has no account until it is told', () => {
    const key = (name: string) => ({ name: 'creds', key: name });
    const auth = { secretRef: { accessKeyIDSecretRef: key('id'), secretAccessKeySecretRef: key('key') } };
    const stores = [secretStore(storeSpec({ auth }))];
    const unknown = only({ stores });
    expect(unknown.identity).toBe('the IAM user whose access key is in Secret team/creds');
    expect(unknown.required).toEqual([read('arn:aws:secretsmanager:eu-central-1:*:secret:prod/db-??????')]);
    expect(unknown.notes).toEqual(['The account is not known, and stands as * in the ARNs: give it with --account.']);
    expect(unknown.trustPolicy).toBeUndefined();
    const known = only({ stores, options: { account: '123456789012' } });
    expect(known.required).toEqual([read(`${SECRET}prod/db-??????`)]);
    expect(known.notes).toEqual([]);
  });

  it('whose account is not known is not taken for another than that of an ARN', () => {
    const key = (name: string) => ({ name: 'creds', key: name });
    const auth = { secretRef: { accessKeyIDSecretRef: key('id'), secretAccessKeySecretRef: key('key') } };
    const { required, shared } = only({ stores: [secretStore(storeSpec({ auth }))], specs: [reads(SHARED)] });
    expect([required, shared]).toEqual([[read(SHARED)], []]);
  });

  it('assumes a role with tags where one of its stores does', () => {
    const role = 'arn:aws:iam::123456789012:role/last';
    const stores = [
      secretStore(storeSpec({ ...BY_READER.provider.aws, role, sessionTags: [{ key: 'a', value: 'b' }] })),
      secretStore(storeSpec({ ...BY_READER.provider.aws, role }), { name: 'other' }),
    ];
    const { identities } = report({ stores, specs: [{}, { secretStoreRef: { name: 'other' } }] });
    expect(identities[0]?.required.map(({ Action }) => Action)).toEqual([['sts:AssumeRole', 'sts:TagSession']]);
  });

  it('assumes the roles of its store one after another, and the last one reads', () => {
    const [hop, last] = ['arn:aws:iam::123456789012:role/hop', 'arn:aws:iam::111122223333:role/last'];
    const aws = { additionalRoles: [hop], role: last, externalID: 'word', sessionTagsPolicy: 'Simple' as const };
    const { identities } = report({ stores: [secretStore(storeSpec({ ...BY_READER.provider.aws, ...aws }))] });
    expect(
      identities.map(({ identity, required, trustPolicy }) => [identity, required, trustPolicy?.Statement]),
    ).toEqual([
      [ROLE, [{ Sid: 'AssumeRoles', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: hop }], [expect.anything()]],
      [
        hop,
        [{ Sid: 'AssumeTaggedRoles', Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: last }],
        [{ Effect: 'Allow', Principal: { AWS: ROLE }, Action: 'sts:AssumeRole' }],
      ],
      [
        last,
        [read('arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/db-??????')],
        [
          {
            Effect: 'Allow',
            Principal: { AWS: hop },
            Action: ['sts:AssumeRole', 'sts:TagSession'],
            Condition: { StringEquals: { 'sts:ExternalId': 'word' } },
          },
        ],
      ],
    ]);
  });

  it('of several stores has one policy', () => {
    const other = secretStore(BY_READER, { name: 'other' });
    const specs = [reads('a'), { ...reads('b'), secretStoreRef: { name: 'other' } }];
    const { serves, required } = only({ stores: [secretStore(BY_READER), other], specs });
    expect(serves).toEqual([
      'SecretStore team/aws: 1 ExternalSecret, 1 source, in eu-central-1',
      'SecretStore team/other: 1 ExternalSecret, 1 source, in eu-central-1',
    ]);
    expect(required).toEqual([read(`${SECRET}a-??????`, `${SECRET}b-??????`)]);
  });

  it('of the operator itself is that of ClusterSecretStores without auth', () => {
    const specs = [{ secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' as const } }];
    const { identity, kind, notes } = only({
      specs,
      stores: [clusterSecretStore()],
      options: { account: '123456789012' },
    });
    expect([kind, identity]).toEqual(['operator', "the operator's own role"]);
    expect(notes).toEqual([
      'With --rotation-queue-url the operator needs its queue as well: see docs/rotation-events.md.',
    ]);
  });

  it('without a known OIDC provider is told what stands for it', () => {
    const { trustPolicy, notes } = only({ options: { oidcProvider: undefined } });
    expect(JSON.stringify(trustPolicy)).toContain('"arn:aws:iam::123456789012:oidc-provider/OIDC_PROVIDER"');
    expect(notes).toEqual([expect.stringContaining('give it with --oidc-provider')]);
  });

  it('that may find everything is told so', () => {
    expect(only({ specs: [finds({ name: { regexp: 'db$' } })] }).notes).toEqual([
      expect.stringContaining('it needs to read every secret of the region'),
    ]);
  });

  it('whose policy is too long for one managed policy is told so', () => {
    const names = Array.from({ length: 100 }, (_, index) => `prod/application/${index}`);
    expect(only({ specs: [reads(...names)] }).notes).toEqual([
      expect.stringMatching(/^The policy has 1\d{4} characters/),
    ]);
  });
});
