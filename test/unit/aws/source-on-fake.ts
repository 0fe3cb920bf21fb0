/** Sources of the AWS adapter that talk to the fake, with everything that a test may ask about them. */

import { type AwsSecretSourcesOptions, createAwsSecretSources } from '../../../src/aws/secret-sources.ts';
import { systemClock } from '../../../src/loop/system-clock.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Identity, SecretRef, SecretSource, SecretSources } from '../../../src/ports/secret-source.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { CountingMetrics } from '../../contract/counting-metrics.ts';
import { type FakeCredentials, FakeSecretsManager } from '../../contract/fake-secrets-manager.ts';

export const NEVER = new AbortController().signal;

/** Real time, which a test can push forward. */
export class ShiftedClock implements Clock {
  shiftMs = 0;

  nowMs(): number {
    return Date.now() + this.shiftMs;
  }

  after(delayMs: number, run: () => void): () => void {
    return systemClock.after(delayMs, run);
  }
}

export interface FakeWorld extends AsyncDisposable {
  readonly fake: FakeSecretsManager;
  readonly clock: ShiftedClock;
  readonly metrics: CountingMetrics;
  readonly sources: SecretSources;
  /** The source of the fake's administrator. */
  readonly source: SecretSource;
  openFor(credentials: FakeCredentials): SecretSource;
}

export async function fakeWorld(options: Partial<AwsSecretSourcesOptions> = {}): Promise<FakeWorld> {
  const fake = await FakeSecretsManager.start();
  const clock = new ShiftedClock();
  const metrics = new CountingMetrics();
  const env = { AWS_SECRETSMANAGER_ENDPOINT: fake.url, AWS_STS_ENDPOINT: fake.url };
  const sources = createAwsSecretSources({ env, clock, metrics, ...options });
  const openFor = (credentials: FakeCredentials) => sources.open(identityOf(fake.region, credentials));
  return {
    fake,
    clock,
    metrics,
    sources,
    openFor,
    source: openFor(fake.credentials),
    async [Symbol.asyncDispose]() {
      sources.close();
      await fake.stop();
    },
  };
}

export function identityOf(region: string, { accessKeyId, secretAccessKey }: FakeCredentials): Identity {
  return {
    key: `${accessKeyId} in ${region}`,
    region,
    credentials: {
      kind: 'static',
      accessKeyId: SecretValue.fromText(accessKeyId),
      secretAccessKey: SecretValue.fromText(secretAccessKey),
      sessionToken: undefined,
    },
  };
}

export function current(key: string): SecretRef {
  return { key, version: { kind: 'stage', stage: 'AWSCURRENT' } };
}

/** What each read came to: its text, or its error. */
export async function readAll(source: SecretSource, keys: readonly string[]): Promise<readonly unknown[]> {
  const results = await Promise.allSettled(keys.map((key) => source.read(current(key), NEVER)));
  return results.map((result): unknown =>
    result.status === 'fulfilled' ? result.value.value.revealText() : result.reason,
  );
}

/** Resolves when the fake has been asked so many times. */
export async function untilAsked({ fake }: FakeWorld, times: number): Promise<void> {
  while (fake.calls.length < times) await new Promise((resolve) => setImmediate(resolve));
}
