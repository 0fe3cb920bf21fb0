/** Where the SDK calls AWS for each partition of regions, and with FIPS: no request leaves. */

import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Pace } from '../../../src/aws/pace.ts';
import { createSdkClients } from '../../../src/aws/sdk-clients.ts';
import { systemClock } from '../../../src/loop/system-clock.ts';
import { CountingMetrics } from '../../contract/counting-metrics.ts';

interface Stack {
  addRelativeTo(
    middleware: () => (args: unknown) => Promise<never>,
    options: { readonly relation: 'before'; readonly toMiddleware: string; readonly name: string },
  ): void;
}

class Called extends Error {
  readonly host: unknown;

  constructor(host: unknown) {
    super(String(host));
    this.host = host;
  }
}

/** Ends each call where it would be sent. */
function stopBeforeSending(stack: Stack): void {
  const stop = () => async (args: unknown) => {
    const request: unknown = Reflect.get(Object(args), 'request');
    throw new Called(Reflect.get(Object(request), 'hostname'));
  };
  stack.addRelativeTo(stop, { relation: 'before', toMiddleware: 'httpSigningMiddleware', name: 'stop' });
}

async function hostOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Called) return error.host;
    throw error;
  }
  throw new Error('a request was sent');
}

async function hostsFor(region: string): Promise<readonly unknown[]> {
  const { secretsManager, sts, destroy } = createSdkClients({
    region,
    credentials: async () => ({ accessKeyId: 'AKIAFAKE', secretAccessKey: 'fake' }),
    endpoints: { secretsManager: undefined, sts: undefined },
    concurrency: 1,
    clock: systemClock,
    metrics: new CountingMetrics(),
    turn: async () => {},
    pace: new Pace(systemClock),
    retry: { attempts: 1 },
  });
  stopBeforeSending(secretsManager.middlewareStack);
  stopBeforeSending(sts.middlewareStack);
  try {
    return [
      await hostOf(secretsManager.send(new GetSecretValueCommand({ SecretId: 'a' }))),
      await hostOf(sts.send(new GetCallerIdentityCommand({}))),
    ];
  } finally {
    destroy();
  }
}

describe('the endpoints of', () => {
  const before = { ...process.env };
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  });
  afterEach(() => {
    delete process.env['AWS_USE_FIPS_ENDPOINT'];
    Object.assign(process.env, before);
  });

  it.each([
    ['eu-central-1', 'secretsmanager.eu-central-1.amazonaws.com', 'sts.eu-central-1.amazonaws.com'],
    ['us-gov-west-1', 'secretsmanager.us-gov-west-1.amazonaws.com', 'sts.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'secretsmanager.cn-north-1.amazonaws.com.cn', 'sts.cn-north-1.amazonaws.com.cn'],
    ['us-iso-east-1', 'secretsmanager.us-iso-east-1.c2s.ic.gov', 'sts.us-iso-east-1.c2s.ic.gov'],
    ['fips-us-east-1', 'secretsmanager-fips.us-east-1.amazonaws.com', 'sts-fips.us-east-1.amazonaws.com'],
  ])('%s are those of its partition', async (region, ...hosts) => {
    expect(await hostsFor(region)).toEqual(hosts);
  });

  it('regions with FIPS are those of FIPS', async () => {
    process.env['AWS_USE_FIPS_ENDPOINT'] = 'true';
    expect(await hostsFor('us-east-2')).toEqual([
      'secretsmanager-fips.us-east-2.amazonaws.com',
      'sts-fips.us-east-2.amazonaws.com',
    ]);
    expect(await hostsFor('us-gov-east-1')).toEqual([
      'secretsmanager-fips.us-gov-east-1.amazonaws.com',
      'sts.us-gov-east-1.amazonaws.com',
    ]);
  });
});
