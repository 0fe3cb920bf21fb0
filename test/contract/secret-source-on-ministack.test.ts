/**
 * Where ministack differs from AWS's documentation, as far as this touches it: it answers a batch of any size and one
 * that names a secret twice, it verifies no signature (an unknown access key id it does refuse), a denial does not name
 * the resource, and a version is gone as soon as no label points to it.
 */

import { randomUUID } from 'node:crypto';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAwsSecretSources } from '../../src/aws/secret-sources.ts';
import { systemClock } from '../../src/loop/system-clock.ts';
import { AccessDenied } from '../../src/ports/errors.ts';
import type { SecretRef, SecretSource, SecretSources } from '../../src/ports/secret-source.ts';
import { SecretValue } from '../../src/ports/secret-value.ts';
import { type AwsCredentials, secretsManagerAt } from '../harness/aws-endpoint.ts';
import { createIamUser } from '../harness/iam.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { CountingMetrics } from './counting-metrics.ts';
import { secretFindContract } from './secret-find-contract.ts';
import { secretSourceContract } from './secret-source-contract.ts';

secretSourceContract('ministack', sharedMinistack, { judgesCredentials: true });
secretFindContract('ministack', sharedMinistack);

describe('an identity whose policy allows little', () => {
  const world = sharedMinistack();
  const signal = new AbortController().signal;
  let metrics: CountingMetrics;
  let sources: SecretSources;

  beforeEach(() => {
    metrics = new CountingMetrics();
    const env = { AWS_SECRETSMANAGER_ENDPOINT: world.url, AWS_STS_ENDPOINT: world.url };
    sources = createAwsSecretSources({ env, metrics, clock: systemClock });
  });
  afterEach(() => sources.close());

  function open({ accessKeyId, secretAccessKey }: AwsCredentials): SecretSource {
    const keys = {
      accessKeyId: SecretValue.fromText(accessKeyId),
      secretAccessKey: SecretValue.fromText(secretAccessKey),
      sessionToken: undefined,
    };
    return sources.open({ key: accessKeyId, region: world.region, credentials: { kind: 'static', ...keys } });
  }

  async function createSecrets(names: readonly string[]): Promise<void> {
    const admin = secretsManagerAt(world);
    for (const Name of names) await admin.send(new CreateSecretCommand({ Name, SecretString: `value of ${Name}` }));
    admin.destroy();
  }

  const ref = (key: string): SecretRef => ({ key, version: { kind: 'stage', stage: 'AWSCURRENT' } });

  it('reads what it may with GetSecretValue on one name only, and says which permission the rest lacks', async () => {
    const [mine, other] = [`team-${randomUUID()}/mine`, `team-${randomUUID()}/other`];
    await createSecrets([mine, other]);
    const user = await createIamUser(world, [
      {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: `arn:aws:secretsmanager:${world.region}:${world.account}:secret:${mine}-??????`,
      },
    ]);
    const source = open(user.credentials);
    const [first, second] = await Promise.allSettled([source.read(ref(mine), signal), source.read(ref(other), signal)]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { value: SecretValue.fromText(`value of ${mine}`) } });
    const reason: unknown = second?.status === 'rejected' ? second.reason : undefined;
    expect(reason).toBeInstanceOf(AccessDenied);
    expect(String(reason)).toBe(
      `AccessDenied: ${user.arn} may not secretsmanager:GetSecretValue on secret "${other}" ` +
        '(AccessDeniedException: no identity-based policy allows the secretsmanager:GetSecretValue action). ' +
        'Add to the policies of the identity: {"Effect":"Allow","Action":"secretsmanager:GetSecretValue",' +
        `"Resource":"arn:aws:secretsmanager:${world.region}:${world.account}:secret:${other}-??????"}. ` +
        'Check the name as well: AWS denies what does not exist in the same words.',
    );
    expect(metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 2 });
    expect(source.probeBatchSize).toBe(1);
  });

  it('tells a denial of one secret of a batch to that secret only', async () => {
    const [mine, other] = [`team-${randomUUID()}/mine`, `team-${randomUUID()}/other`];
    await createSecrets([mine, other]);
    const user = await createIamUser(world, [
      { Effect: 'Allow', Action: 'secretsmanager:BatchGetSecretValue', Resource: '*' },
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 'secretsmanager:GetSecretValue',
        Resource: `arn:aws:secretsmanager:${world.region}:${world.account}:secret:${other}-??????`,
      },
    ]);
    const source = open(user.credentials);
    const [first, second] = await source.probe([ref(mine), ref(other)], signal);
    expect(first).toMatchObject({ kind: 'version' });
    expect(second).toMatchObject({ kind: 'failed', error: expect.any(AccessDenied) });
    expect(second?.kind === 'failed' && second.error.message).toMatch(
      /Remove that deny from the policies of the identity/,
    );
    expect(metrics.counts).toEqual({ BatchGetSecretValue: 1 });
  });

  it('finds nothing at all where one match is denied, or the listing, and says which', async () => {
    const path = `team-${randomUUID()}/`;
    await createSecrets([`${path}mine`, `${path}other`]);
    const statement = (Action: string, Resource = '*') => ({ Effect: 'Allow', Action, Resource }) as const;
    const mine = `arn:aws:secretsmanager:${world.region}:${world.account}:secret:${path}mine-??????`;
    const reader = await createIamUser(world, [
      statement('secretsmanager:ListSecrets'),
      statement('secretsmanager:BatchGetSecretValue'),
      statement('secretsmanager:GetSecretValue', mine),
    ]);
    const blind = await createIamUser(world, [statement('secretsmanager:GetSecretValue')]);
    const source = open(reader.credentials);
    const failure = source.find({ path }, signal);
    await expect(failure).rejects.toThrow(AccessDenied);
    await expect(failure).rejects.toThrow(`may not secretsmanager:GetSecretValue on secret "${path}other"`);
    expect((await source.find({ path, nameRegexp: 'mine$' }, signal)).secrets).toHaveLength(1);
    const denied = open(blind.credentials).find({ path }, signal);
    await expect(denied).rejects.toThrow(AccessDenied);
    await expect(denied).rejects.toThrow(
      /may not secretsmanager:ListSecrets, .*"Action":"secretsmanager:ListSecrets","Resource":"\*"/,
    );
  });
});
