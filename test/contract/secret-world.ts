/** An AWS that contracts are held against, and how a SecretSource is opened on it. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createAwsSecretSources } from '../../src/aws/secret-sources.ts';
import { systemClock } from '../../src/loop/system-clock.ts';
import type { Metrics } from '../../src/ports/metrics.ts';
import type { SecretSource, SecretSources } from '../../src/ports/secret-source.ts';
import { SecretValue } from '../../src/ports/secret-value.ts';

/** An AWS to run a suite on. */
export interface SecretWorld {
  readonly url: string;
  readonly region: string;
  /** May do everything. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Absent for one that others use as well. */
  stop?(): Promise<void>;
}

/** The client by which a test makes and rotates secrets. */
export function adminOf({ url, region, credentials }: SecretWorld): SecretsManagerClient {
  return new SecretsManagerClient({ endpoint: url, region, credentials });
}

export function sourcesOf({ url }: SecretWorld, metrics: Metrics): SecretSources {
  const env = { AWS_SECRETSMANAGER_ENDPOINT: url, AWS_STS_ENDPOINT: url };
  return createAwsSecretSources({ env, metrics, clock: systemClock });
}

/** @param accessKeyId by default of the one who may do everything */
export function openSource(
  sources: SecretSources,
  { region, credentials }: SecretWorld,
  accessKeyId = credentials.accessKeyId,
): SecretSource {
  const secretAccessKey = SecretValue.fromText(credentials.secretAccessKey);
  const keys = { accessKeyId: SecretValue.fromText(accessKeyId), secretAccessKey, sessionToken: undefined };
  return sources.open({ key: accessKeyId, region, credentials: { kind: 'static', ...keys } });
}
