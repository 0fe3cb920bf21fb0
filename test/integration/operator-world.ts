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
import { CreateSecretCommand, PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsAccess, type AwsCredentials, secretsManagerAt } from '../harness/aws-endpoint.ts';
import type { ClusterClient, ServiceAccountName } from '../harness/cluster-client.ts';
import { type FaultProxy, startFaultProxy } from '../harness/fault-proxy.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import { type OperatorProcess, startOperator } from '../harness/operator-process.ts';
import { sharedCluster, sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { type Canaries, createCanaries } from './canaries.ts';
import { at, type ClusterObjects, clusterObjects, type Json } from './cluster-objects.ts';

const RBAC_PATH = new URL('../../deploy/rbac.yaml', import.meta.url).pathname;
const EXPECTED_WITHIN_MS = 15_000;

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
  /** As whom the operator runs. @default the one of `deploy/rbac.yaml` */
  readonly account?: ServiceAccountName | undefined;
}

export interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

export interface EventSeen {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
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

export interface World {
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

  /** Waits for Ready=True of an ExternalSecret, with that reason if given. */
  expectReady(namespace: string, name: string, reason?: string): Promise<Condition>;
  /** Waits for Ready=False of an ExternalSecret with a message that matches. */
  expectNotReady(namespace: string, name: string, message: RegExp, withinMs?: number): Promise<Condition>;
  /** Waits for that condition of a SecretStore, or of a ClusterSecretStore if `namespace` is empty. */
  expectStore(namespace: string, name: string, status: 'True' | 'False', message: RegExp): Promise<Condition>;
  /** Waits for an Event about an object of that name. */
  expectEvent(namespace: string, name: string, reason: string, message: RegExp): Promise<EventSeen>;
  /** Waits until the Secret's data, as text, is exactly this. @returns how long that took, in ms */
  expectData(namespace: string, name: string, data: Json, withinMs?: number): Promise<number>;

  condition(namespace: string, name: string): Promise<Condition | undefined>;
  events(namespace: string, name: string): Promise<readonly EventSeen[]>;
  /** The Secret's data as text; undefined when there is no such Secret. */
  secretData(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The whole Secret with its resourceVersion, for comparing; its data is base64. @throws Error when there is none */
  secret(namespace: string, name: string): Promise<Json>;

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
  const aws = sharedMinistack();
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
    ...expecting(parts.objects),
    ...looking(parts.objects),
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
}

async function startKeyturn(cluster: ClusterClient, awsUrl: string, options: WorldOptions): Promise<OperatorProcess> {
  const { account = { namespace: 'keyturn', serviceAccount: 'keyturn' } } = options;
  const ports = ['--health-addr', '127.0.0.1:0', '--metrics-addr', '127.0.0.1:0'];
  const operator = await startOperator({
    kubeconfigPath: await cluster.kubeconfigFor({ ...account, server: options.apiServerUrl }),
    env: { AWS_ENDPOINT_URL: awsUrl, ...options.env },
    args: [...ports, '--log-level', 'debug', ...(options.args ?? [])],
  });
  await operator.waitForLog(({ msg }) => msg === 'ready', EXPECTED_WITHIN_MS);
  return operator;
}

function uniqueName(stem: string): string {
  return `${stem}-${randomBytes(4).toString('hex')}`;
}

function preparing({ aws, secretsManager, cluster, objects, canaries, cleanups }: Parts) {
  const credentials: World['credentials'] = async (namespace, name, given) => {
    // ministack verifies no signatures, so the secret key can be a canary too.
    const { accessKeyId, secretAccessKey } = given ?? { ...aws.credentials, secretAccessKey: canaries.next() };
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
      cleanups.push(made.remove);
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
      await (wait && expecting(objects).expectStore(namespace, name, 'True', /./));
    },
    async clusterStore(namespace: string, name: string, store: StoreSpec = {}) {
      await credentials(namespace, `${name}-credentials`, store.credentials);
      cleanups.push(() => objects.remove('ClusterSecretStore', '', name));
      await objects.apply('ClusterSecretStore', '', name, { spec: storeSpec(name, namespace, store) });
      await (store.wait !== false && expecting(objects).expectStore('', name, 'True', /./));
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

function expecting(objects: ClusterObjects) {
  const { condition, events, secretData } = looking(objects);
  return {
    expectReady: (namespace: string, name: string, reason = 'SecretSynced') =>
      awaited(
        `ExternalSecret ${name} to be Ready with ${reason}`,
        () => condition(namespace, name),
        (seen) => seen.status === 'True' && seen.reason === reason,
      ),
    expectNotReady: (namespace: string, name: string, message: RegExp, withinMs?: number) =>
      awaited(
        `ExternalSecret ${name} not to be Ready, with ${message}`,
        () => condition(namespace, name),
        (seen) => seen.status === 'False' && message.test(seen.message),
        withinMs,
      ),
    expectStore: (namespace: string, name: string, status: 'True' | 'False', message: RegExp) =>
      awaited(
        `store ${name} to have Ready=${status} with ${message}`,
        async () =>
          readyOf(await objects.get(namespace === '' ? 'ClusterSecretStore' : 'SecretStore', namespace, name)),
        (seen) => seen.status === status && message.test(seen.message),
      ),
    async expectEvent(namespace: string, name: string, reason: string, message: RegExp): Promise<EventSeen> {
      const matches = (event: EventSeen) => event.reason === reason && message.test(event.message);
      const what = `an Event ${reason} about ${name} with ${message}`;
      const seen = await until(
        what,
        () => events(namespace, name),
        EXPECTED_WITHIN_MS,
        (all) => all.some(matches),
      );
      return seen.find(matches) ?? { type: '', reason, message: '', count: 0 };
    },
    async expectData(namespace: string, name: string, data: Json, withinMs = EXPECTED_WITHIN_MS): Promise<number> {
      const startedAtMs = performance.now();
      const wanted = sorted(data);
      const probe = async () => sorted((await secretData(namespace, name)) ?? {});
      await until(`Secret ${name} to hold ${wanted}`, probe, withinMs, (seen) => seen === wanted);
      return performance.now() - startedAtMs;
    },
  };
}

async function awaited(
  what: string,
  probe: () => Promise<Condition | undefined>,
  accept: (seen: Condition) => boolean,
  withinMs = EXPECTED_WITHIN_MS,
): Promise<Condition> {
  const seen = await until(what, probe, withinMs, (condition) => condition !== undefined && accept(condition));
  return seen ?? { status: '', reason: '', message: '', lastTransitionTime: '' };
}

function looking(objects: ClusterObjects) {
  return {
    condition: async (namespace: string, name: string) => readyOf(await objects.get('ExternalSecret', namespace, name)),
    async events(namespace: string, name: string): Promise<readonly EventSeen[]> {
      // Events about objects without a namespace are in `default`.
      const all = await objects.list('Event', namespace === '' ? 'default' : namespace);
      return all
        .filter((event) => at(event, 'involvedObject', 'name') === name)
        .map((event) => ({
          type: String(event['type']),
          reason: String(event['reason']),
          message: String(event['message']),
          count: Number(event['count']),
        }));
    },
    async secretData(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined> {
      const secret = await objects.get('Secret', namespace, name);
      const entries = Object.entries(at(secret, 'data') ?? {});
      const decoded = entries.map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString('utf8')]);
      return secret && Object.fromEntries(decoded);
    },
    async secret(namespace: string, name: string): Promise<Json> {
      const found = await objects.get('Secret', namespace, name);
      if (found === undefined) {
        throw new Error(`there is no Secret ${namespace}/${name}`);
      }
      return found;
    },
  };
}

function readyOf(object: Json | undefined): Condition | undefined {
  const conditions = at(object, 'status', 'conditions');
  const ready: unknown = Array.isArray(conditions)
    ? conditions.find((each) => at(each, 'type') === 'Ready')
    : undefined;
  const text = (member: string) => String(at(ready, member) ?? '');
  return ready === undefined
    ? undefined
    : {
        status: text('status'),
        reason: text('reason'),
        message: text('message'),
        lastTransitionTime: text('lastTransitionTime'),
      };
}

function sorted(data: Json): string {
  return JSON.stringify(Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function outputOf(operator: OperatorProcess): string {
  return [...operator.logs().map((line) => JSON.stringify(line)), operator.outputTail()].join('\n');
}

/** Everything that the operator says or writes, but for the data of target Secrets, where values belong. */
async function placesOf(
  { objects }: Parts,
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
  for (const secret of await objects.list('Secret', '*')) {
    const metadata = at(secret, 'metadata');
    places.set(`metadata of Secret ${at(metadata, 'namespace')}/${at(metadata, 'name')}`, JSON.stringify(metadata));
  }
  places.set("the operator's output", [...earlierOutput, outputOf(operator)].join('\n'));
  return places;
}
