/**
 * AWS stand-ins on loopback, ready to be called: ministack (evaluates IAM policies as AWS does) and moto (a second
 * opinion on Secrets Manager).
 *
 * What they do differently from AWS, as far as it matters here: neither verifies request signatures, so a wrong secret
 * key goes unnoticed while an unknown access key id does not (ministack); neither has latency or quotas.
 */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { onFreePort, PortTaken } from './free-port.ts';
import { type ManagedProcess, startProcess } from './managed-process.ts';
import type { Progress } from './progress.ts';
import { awsPython } from './python.ts';
import { type TemporaryDirectory, temporaryDirectory } from './reaper.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 2_000;

const AWS_ACCOUNT = '123456789012';
const REGION = 'us-east-1';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Everything that another process needs to use the endpoint; plain data. */
export interface AwsAccess {
  readonly url: string;
  readonly region: string;
  readonly account: string;
  /** May do everything. */
  readonly credentials: AwsCredentials;
}

export interface AwsEndpoint extends AwsAccess {
  /** A client with the admin's credentials, or with others; the caller destroys it. */
  secretsManager(credentials?: AwsCredentials): SecretsManagerClient;
  stop(): Promise<void>;
}

export interface AwsEndpointOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
  /** More variables for the stand-in, such as `CLOUDTRAIL_RECORDING`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts ministack with IAM enforced.
 * @throws MissingTool when Python or the packages cannot be had.
 */
export function startMinistack(options: AwsEndpointOptions = {}): Promise<AwsEndpoint> {
  return startEndpoint(options, {
    name: 'ministack',
    args: () => ['-m', 'ministack'],
    env: (port, directory) => ({
      AUTH: 'true',
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_ACCOUNT_ID: AWS_ACCOUNT,
      MINISTACK_REGION: REGION,
      // Its pid file and whatever it stores go where they are removed with it.
      TMPDIR: directory,
      STATE_DIR: directory,
      S3_DATA_DIR: directory,
      // These two would listen on fixed ports.
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      // It would remove containers that it takes for leftovers of its own.
      DOCKER_HOST: 'unix:///nonexistent',
    }),
    readyPath: '/_ministack/ready',
  });
}

/**
 * Starts moto's server. It enforces no IAM.
 * @throws MissingTool when Python or the packages cannot be had.
 */
export function startMoto(options: AwsEndpointOptions = {}): Promise<AwsEndpoint> {
  return startEndpoint(options, {
    name: 'moto',
    args: (port) => ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    env: (_port, directory) => ({ TMPDIR: directory, MOTO_ACCOUNT_ID: AWS_ACCOUNT }),
    readyPath: '/moto-api/data.json',
  });
}

/** A Secrets Manager client for an endpoint that another process started; the caller destroys it. */
export function secretsManagerAt(
  access: AwsAccess,
  credentials: AwsCredentials = access.credentials,
): SecretsManagerClient {
  return new SecretsManagerClient({ endpoint: access.url, region: access.region, credentials });
}

interface StandIn {
  readonly name: string;
  readonly readyPath: string;
  args(port: number): readonly string[];
  env(port: number, directory: string): Readonly<Record<string, string>>;
}

async function startEndpoint(options: AwsEndpointOptions, standIn: StandIn): Promise<AwsEndpoint> {
  const { progress, signal } = options;
  const python = await awsPython({ progress, signal });
  const directory = temporaryDirectory(standIn.name);
  try {
    return await onFreePort(async (port) => {
      const server = await startServer(python, port, directory, standIn, options);
      options.progress?.(`${standIn.name} answers at http://127.0.0.1:${port}`);
      return endpointOf(port, server, directory);
    });
  } catch (error) {
    directory.remove();
    throw error;
  }
}

async function startServer(
  python: string,
  port: number,
  directory: TemporaryDirectory,
  standIn: StandIn,
  options: AwsEndpointOptions,
): Promise<ManagedProcess> {
  const server = await startProcess({
    name: standIn.name,
    command: python,
    args: standIn.args(port),
    cwd: directory.path,
    env: {
      PATH: process.env['PATH'],
      HOME: directory.path,
      PYTHONUNBUFFERED: '1',
      ...standIn.env(port, directory.path),
      ...options.env,
    },
    signal: options.signal,
  });
  try {
    // Said after it has bound the port: an answer alone could come from somebody else's server.
    await server.waitForOutput(new RegExp(`Running on http://127\\.0\\.0\\.1:${port}\\b`), READY_TIMEOUT_MS);
    const answer = await fetch(`http://127.0.0.1:${port}${standIn.readyPath}`, {
      signal: AbortSignal.timeout(READY_TIMEOUT_MS),
    });
    if (!answer.ok) {
      throw new Error(`${standIn.name} is not ready: ${answer.status} ${await answer.text()}`);
    }
    return server;
  } catch (error) {
    await server.kill();
    options.signal?.throwIfAborted();
    throw /\bin use\b/.test(server.outputTail()) ? new PortTaken(port) : error;
  }
}

function endpointOf(port: number, server: ManagedProcess, directory: TemporaryDirectory): AwsEndpoint {
  const access: AwsAccess = {
    url: `http://127.0.0.1:${port}`,
    region: REGION,
    account: AWS_ACCOUNT,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return {
    ...access,
    secretsManager: (credentials) => secretsManagerAt(access, credentials),
    async stop() {
      await server.stop(STOP_GRACE_MS);
      directory.remove();
    },
  };
}
