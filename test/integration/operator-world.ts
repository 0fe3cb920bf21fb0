/**
 * What the operator's tests talk in: a running operator (the bundle, under the ServiceAccount and the RBAC of
 * `deploy/rbac.yaml`), a control plane, an AWS endpoint, and words for what is put into them and expected of them.
 *
 *     const world = await startWorld();                    // in beforeAll
 *     const namespace = await world.namespace('sync');     // one for each test
 *     const db = await world.putSecret({ password: world.canary() });
 *     await world.store(namespace);                        // a SecretStore "aws", and the wait until it is Ready
 *     await world.externalSecret(namespace, 'app', { dataFrom: [{ extract: { key: db.name } }] });
 *     await world.expectReady(namespace, 'app');
 *     expect(await world.leaks()).toEqual([]);             // at the end of each file
 *     await world.stop();                                  // in afterAll
 */

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { CreateSecretCommand, PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsAccess, type AwsCredentials, secretsManagerAt } from '../harness/aws-endpoint.ts';
import type { ClusterClient, ServiceAccountName } from '../harness/cluster-client.ts';
import { type FaultProxy, startFaultProxy } from '../harness/fault-proxy.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import { type OperatorProcess, startOperator } from '../harness/operator-process.ts';
import { sharedCluster, sharedMinistack } from '../harness/shared.ts';
import { type Canaries, createCanaries } from './canaries.ts';
import { at, type ClusterObjects, clusterObjects, type Json } from './cluster-objects.ts';
import { type Expectations, expectations } from './expectations.ts';

const RBAC_PATH = new URL('../../deploy/rbac.yaml', import.meta.url).pathname;
const LEFT_BEHIND = ['ExternalSecret', 'SecretStore'] as const;
const READY_WITHIN_MS = 15_000;

export interface WorldOptions {
  /** More arguments of `keyturn run`, after free ports and `--log-level debug`. */
  readonly args?: readonly string[] | undefined;
  /** More variables of the operator, such as AWS credentials for stores without `auth`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Puts a fault proxy between the operator and AWS: {@link World.awsProxy}. */
  readonly throughAwsProxy?: boolean | undefined;
  /** Such as a fault proxy's. @default the API server's own */
  readonly apiServerUrl?: string | undefined;
  /** @default the shared one; another one stays the caller's to stop */
  readonly cluster?: ClusterClient | undefined;
  /** @default the shared ministack; another one stays the caller's to stop */
  readonly aws?: AwsAccess | undefined;
  /** Files that the operator writes: {@link World.leaks} looks into those that are there. */
  readonly writes?: readonly string[] | undefined;
  /** As whom the operator runs. @default the one of `deploy/rbac.yaml` */
  readonly account?: ServiceAccountName | undefined;
}

export interface AwsSecret {
  readonly name: string;
  readonly arn: string;
  readonly versionId: string;
}

export interface StoreSpec {
  /** @default `aws`; its credentials are in the Secret `<name>-credentials` */
  readonly name?: string;
  /** @default may do everything; the secret key is a canary */
  readonly credentials?: AwsCredentials;
  /** Merged over `spec.provider.aws`. */
  readonly aws?: Json;
  /** Merged over `spec`. */
  readonly spec?: Json;
  /** False: does not wait until it is Ready. @default true */
  readonly wait?: boolean;
}

/** A string goes into SecretString as it is, bytes into SecretBinary, anything else into SecretString as JSON. */
export type Value = string | Uint8Array | Json;

export interface World extends Expectations {
  readonly cluster: ClusterClient;
  readonly aws: AwsAccess;
  /** With the admin's rights, past the proxy. */
  readonly secretsManager: SecretsManagerClient;
  /** Between the operator and AWS. @throws Error unless `throughAwsProxy` was asked for */
  readonly awsProxy: FaultProxy;
  /** The one that runs now. */
  readonly operator: OperatorProcess;
  readonly objects: ClusterObjects;

  /** A value that {@link World.leaks} looks for. Every secret value of a test should hold one. */
  canary(): string;
  /** A name that no other test has. */
  uniqueName(stem: string): string;
  /** Makes a namespace, which goes with the world. */
  namespace(prefix: string): Promise<string>;

  /** Makes a secret with a name of its own, or puts a new value into the one of that name. */
  putSecret(value: Value, name?: string): Promise<AwsSecret>;

  /** A Secret with AWS credentials under the keys `id` and `key`. */
  credentials(namespace: string, name: string, credentials?: AwsCredentials): Promise<void>;
  /** A SecretStore with its credentials. */
  store(namespace: string, store?: StoreSpec): Promise<void>;
  /** A ClusterSecretStore of that name with its credentials in `namespace`; goes with the world. */
  clusterStore(namespace: string, name: string, store?: StoreSpec): Promise<void>;
  /** Applies an ExternalSecret that reads from the SecretStore `aws` every hour, unless `spec` says otherwise. */
  externalSecret(namespace: string, name: string, spec: Json, metadata?: Json): Promise<void>;

  /** Ends the operator by SIGTERM or SIGKILL and starts another one; what the first one logged still counts. */
  restartOperator(how: 'stop' | 'kill'): Promise<void>;
  /**
   * Where a canary turned up, in the operator's whole output, its metrics, all Events, and whatever it writes to
   * objects of any namespace. Call it while the operator runs.
   * @param others operators whose output counts as well
   */
  leaks(others?: readonly OperatorProcess[]): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts the operator; returns once it has seen the whole cluster. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const cluster = options.cluster ?? sharedCluster();
  const aws = options.aws ?? sharedMinistack();
  await cluster.applyPath(RBAC_PATH);
  const proxy = options.throughAwsProxy === true ? await startFaultProxy({ upstream: aws.url }) : undefined;
  const start = () => startKeyturn(cluster, proxy?.url ?? aws.url, options);
  const parts: Parts = {
    cluster,
    aws,
    secretsManager: secretsManagerAt(aws),
    objects: clusterObjects(cluster),
    canaries: createCanaries(),
    cleanups: [],
    writes: options.writes ?? [],
  };
  let operator = await start();
  const earlierOutput: string[] = [];
  return {
    ...parts,
    get awsProxy() {
      if (proxy === undefined) {
        throw new Error('the world was started without throughAwsProxy');
      }
      return proxy;
    },
    get operator() {
      return operator;
    },
    canary: parts.canaries.next,
    uniqueName,
    ...preparing(parts),
    ...expectations(parts.objects),
    async restartOperator(how) {
      await operator[how]();
      earlierOutput.push(outputOf(operator));
      operator = await start();
    },
    leaks: async (others = []) =>
      parts.canaries.findIn(await placesOf(parts, operator, [...earlierOutput, ...others.map(outputOf)])),
    async stop() {
      await operator.stop();
      await Promise.all(parts.cleanups.map((cleanup) => cleanup()));
      parts.secretsManager.destroy();
      await proxy?.stop();
      if (options.cluster === undefined) {
        await cluster.close();
      }
    },
  };
}

interface Parts {
  readonly cluster: ClusterClient;
  readonly aws: AwsAccess;
  readonly secretsManager: SecretsManagerClient;
  readonly objects: ClusterObjects;
  readonly canaries: Canaries;
  readonly cleanups: (() => Promise<void>)[];
  readonly writes: readonly string[];
}

async function startKeyturn(cluster: ClusterClient, awsUrl: string, options: WorldOptions): Promise<OperatorProcess> {
  const { account = { namespace: 'keyturn', serviceAccount: 'keyturn' } } = options;
  const ports = ['--health-addr', '127.0.0.1:0', '--metrics-addr', '127.0.0.1:0'];
  const operator = await startOperator({
    kubeconfigPath: await cluster.kubeconfigFor({ ...account, server: options.apiServerUrl }),
    env: { AWS_ENDPOINT_URL: awsUrl, ...options.env },
    args: [...ports, '--log-level', 'debug', ...(options.args ?? [])],
  });
  await operator.waitForLog(({ msg }) => msg === 'ready', READY_WITHIN_MS);
  return operator;
}

function uniqueName(stem: string): string {
  return `${stem}-${randomBytes(4).toString('hex')}`;
}

/** Words for what is put into the cluster and AWS. */
export function preparing({ aws, secretsManager, cluster, objects, canaries, cleanups }: Omit<Parts, 'writes'>) {
  const credentials: World['credentials'] = async (namespace, name, given) => {
    // Of the admin, ministack verifies no signatures, so that the secret key can be anything.
    const { accessKeyId, secretAccessKey } = given ?? { ...aws.credentials, secretAccessKey: canaries.next() };
    canaries.add(secretAccessKey);
    await objects.apply('Secret', namespace, name, { stringData: { id: accessKeyId, key: secretAccessKey } });
  };
  const storeSpec = (name: string, credentialsNamespace: string | undefined, store: StoreSpec): Json => {
    const from = { name: `${name}-credentials`, ...(credentialsNamespace && { namespace: credentialsNamespace }) };
    const secretRef = {
      accessKeyIDSecretRef: { ...from, key: 'id' },
      secretAccessKeySecretRef: { ...from, key: 'key' },
    };
    const provider = { aws: { service: 'SecretsManager', region: aws.region, auth: { secretRef }, ...store.aws } };
    return { provider, ...store.spec };
  };
  return {
    async namespace(prefix: string) {
      const made: FreshNamespace = await freshNamespace(cluster, prefix);
      cleanups.push(async () => {
        // A namespace goes slowly, and the next operator should have nothing to say of what is in it.
        await Promise.all(LEFT_BEHIND.map((kind) => objects.removeAll(kind, made.name)));
        await made.remove();
      });
      return made.name;
    },
    async putSecret(value: Value, name?: string): Promise<AwsSecret> {
      const content = contentOf(value);
      const reply =
        name === undefined
          ? await secretsManager.send(new CreateSecretCommand({ Name: uniqueName('test/secret'), ...content }))
          : await secretsManager.send(new PutSecretValueCommand({ SecretId: name, ...content }));
      return { name: reply.Name ?? '', arn: reply.ARN ?? '', versionId: reply.VersionId ?? '' };
    },
    credentials,
    async store(namespace: string, store: StoreSpec = {}) {
      const { name = 'aws', wait = true } = store;
      await credentials(namespace, `${name}-credentials`, store.credentials);
      await objects.apply('SecretStore', namespace, name, { spec: storeSpec(name, undefined, store) });
      await (wait && expectations(objects).expectStore(namespace, name, 'True', /./));
    },
    async clusterStore(namespace: string, name: string, store: StoreSpec = {}) {
      await credentials(namespace, `${name}-credentials`, store.credentials);
      cleanups.push(() => objects.remove('ClusterSecretStore', '', name));
      await objects.apply('ClusterSecretStore', '', name, { spec: storeSpec(name, namespace, store) });
      await (store.wait !== false && expectations(objects).expectStore('', name, 'True', /./));
    },
    async externalSecret(namespace: string, name: string, spec: Json, metadata: Json = {}) {
      const whole = { refreshInterval: '1h', secretStoreRef: { name: 'aws' }, ...spec };
      await objects.apply('ExternalSecret', namespace, name, { metadata, spec: whole });
    },
  };
}

function contentOf(value: Value): { readonly SecretString: string } | { readonly SecretBinary: Uint8Array } {
  if (value instanceof Uint8Array) {
    return { SecretBinary: value };
  }
  return { SecretString: typeof value === 'string' ? value : JSON.stringify(value) };
}

function outputOf(operator: OperatorProcess): string {
  return [...operator.logs().map((line) => JSON.stringify(line)), operator.outputTail()].join('\n');
}

/** Everything that the operator says or writes, but for the data of targets, where values belong. */
async function placesOf(
  { objects, writes }: Parts,
  operator: OperatorProcess,
  earlierOutput: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>();
  const metrics = await fetch(`${await operator.metricsUrl()}/metrics`, { signal: AbortSignal.timeout(5_000) });
  places.set('the metrics', await metrics.text());
  for (const kind of ['Event', 'ExternalSecret', 'SecretStore', 'ClusterSecretStore'] as const) {
    for (const object of await objects.list(kind, '*')) {
      places.set(
        `${kind} ${at(object, 'metadata', 'namespace')}/${at(object, 'metadata', 'name')}`,
        JSON.stringify(object),
      );
    }
  }
  for (const kind of ['Secret', 'ConfigMap'] as const) {
    for (const target of await objects.list(kind, '*')) {
      const metadata = at(target, 'metadata');
      places.set(`metadata of ${kind} ${at(metadata, 'namespace')}/${at(metadata, 'name')}`, JSON.stringify(metadata));
    }
  }
  for (const path of writes.filter((each) => existsSync(each))) places.set(path, readFileSync(path, 'utf8'));
  places.set("the operator's output", [...earlierOutput, outputOf(operator)].join('\n'));
  return places;
}
