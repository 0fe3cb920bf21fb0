/**
 * Three shards and up to three operators: who works on which namespace, what becomes of it when operators come, end
 * and are killed, and that no Secret is written twice. Rotations arrive by the queues of the shards while one operator
 * has all of them, and by the sweep afterwards: at ministack a poll that was cut off still takes messages.
 */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shardOf } from '../../src/domain/shard-of.ts';
import { createStack, type Stack } from '../harness/cloudformation.ts';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type FaultProxy, inFrontOfApiServer, startFaultProxy } from '../harness/fault-proxy.ts';
import { createIamUser, type PolicyStatement } from '../harness/iam.ts';
import { sharedCluster, sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy, patchesSecret } from './proxied-world.ts';

const SHARDS = 3;
const LEASE_MS = 15_000;
const SOON_MS = 6_000;
const TEMPLATE = fileURLToPath(new URL('../../deploy/aws/rotation-events.cloudformation.yaml', import.meta.url));
/** ministack asks for these by name, where AWS takes the permissions of the single calls. */
const MINISTACK_ONLY = ['sqs:DeleteMessageBatch', 'sqs:ChangeMessageVisibilityBatch'];
const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/keyturn/leases/keyturn';

interface Namespace {
  readonly name: string;
  readonly shard: number;
  /** Of its secret at AWS. */
  readonly key: string;
}

const aws = sharedMinistack();
let cluster: ClusterClient;
let stacks: readonly Stack[];
const worlds: World[] = [];
const proxies: FaultProxy[] = [];
let options: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
const namespaces: Namespace[] = [];

async function addOperator(): Promise<World> {
  const proxy = await startFaultProxy(inFrontOfApiServer(cluster.access));
  const world = await startWorld({ cluster, ...options, apiServerUrl: proxy.url });
  proxies.push(proxy);
  worlds.push(world);
  return world;
}

function world(at: number): World {
  const found = worlds[at];
  if (found === undefined) throw new Error(`there is no operator ${at}`);
  return found;
}

async function metricsOf({ operator }: World): Promise<string> {
  if (operator.hasExited) return '';
  const reply = await fetch(`${await operator.metricsUrl()}/metrics`, { signal: AbortSignal.timeout(5_000) });
  return await reply.text();
}

async function shardsHeldBy(each: World): Promise<number> {
  return Number(/^keyturn_shards_held (\d+)$/m.exec(await metricsOf(each))?.[1] ?? 0);
}

/** The namespaces whose ExternalSecrets an operator has series of. */
async function looksAt(each: World): Promise<readonly string[]> {
  const series = (await metricsOf(each)).matchAll(/^externalsecret_status_condition\{.*namespace="(shards-[^"]+)"/gm);
  return [...new Set([...series].map(([, name = '']) => name))].toSorted();
}

function namespacesIn(shards: ReadonlySet<unknown>): readonly string[] {
  return namespaces.flatMap(({ name, shard }) => (shards.has(shard) ? [name] : [])).toSorted();
}

/** Everybody has looked at what is theirs, and has forgotten what is not. */
async function everybodyHasLooked(): Promise<void> {
  const wanted = () =>
    JSON.stringify(worlds.map((each) => (each.operator.hasExited ? [] : namespacesIn(shardsOf(each)))));
  const probe = async () => JSON.stringify(await Promise.all(worlds.map(looksAt)));
  await until('every operator to look at its own', probe, SOON_MS, (seen) => seen === wanted());
}

/** @returns how long that took, in ms */
async function untilHeld(expected: readonly number[], withinMs: number): Promise<number> {
  const startedAtMs = performance.now();
  const probe = async () => (await Promise.all(worlds.map(shardsHeldBy))).toSorted().join();
  await until(`shards to be held ${expected.join()}`, probe, withinMs, (held) => held === expected.join());
  return performance.now() - startedAtMs;
}

/** The shards on which an operator works by its own log. */
function shardsOf({ operator }: World): ReadonlySet<unknown> {
  const held = new Set<unknown>();
  for (const { msg, shard } of operator.logs()) {
    if (msg === 'took a shard') held.add(shard);
    if (msg === 'gave a shard back' || msg === 'lost a shard') held.delete(shard);
  }
  return held;
}

/** Adds namespaces until there are some of each shard. */
async function addNamespaces(refreshInterval: string): Promise<readonly Namespace[]> {
  const added: Namespace[] = [];
  while (new Set(added.map(({ shard }) => shard)).size < SHARDS) added.push(await addNamespace(refreshInterval));
  return added;
}

async function addNamespace(refreshInterval: string): Promise<Namespace> {
  const name = await world(0).namespace('shards');
  const { name: key } = await world(0).putSecret(world(0).canary());
  const added = { name, shard: shardOf(name, SHARDS), key };
  namespaces.push(added);
  await world(0).store(name, { wait: false });
  await apply(added, refreshInterval);
  return added;
}

async function apply({ name, key }: Namespace, refreshInterval: string): Promise<void> {
  const data = [{ secretKey: 'value', remoteRef: { key } }];
  await world(0).externalSecret(name, 'app', { refreshInterval, data });
}

/** The operators that wrote the status of a namespace's store. */
function tellersOf({ name }: Namespace): readonly World[] {
  const path = `/apis/external-secrets.io/v1/namespaces/${name}/secretstores/aws/status?`;
  return worlds.filter((_, at) => proxies[at]?.requests.some((each) => each.path.startsWith(path)));
}

function holderOf({ shard }: Namespace): readonly World[] {
  return worlds.filter((each) => shardsOf(each).has(shard));
}

/** Rotates the secrets of some namespaces. @returns the new values, by namespace */
async function rotate(some: readonly Namespace[] = namespaces): Promise<ReadonlyMap<string, string>> {
  const values = new Map(some.map(({ name }) => [name, world(0).canary()]));
  await Promise.all(some.map(({ name, key }) => world(0).putSecret(values.get(name) ?? '', key)));
  return values;
}

async function expectValues(values: ReadonlyMap<string, string>, withinMs = SOON_MS): Promise<void> {
  for (const [name, value] of values) await world(0).expectData(name, 'app', { value }, withinMs);
}

/** How often the Secret of each namespace was patched, by whichever operator. */
function patches(): readonly number[] {
  const counted = (name: string) => {
    const match = patchesSecret(name, 'app');
    return proxies.flatMap(({ requests }) => requests.filter((each) => match({ ...each, headers: {} }))).length;
  };
  return namespaces.map(({ name }) => counted(name));
}

async function expectAllReady(): Promise<void> {
  for (const { name } of namespaces) await world(0).expectReady(name, 'app');
}

async function rotationReachesAllOnce(): Promise<void> {
  const before = patches();
  await expectValues(await rotate());
  expect(patches()).toEqual(before.map((count) => count + 1));
}

beforeAll(async () => {
  cluster = sharedCluster();
  // An operator of another file may have been killed while it led.
  await cluster.request('DELETE', LEASE_PATH);
  const name = `keyturn-shards-${randomUUID().slice(0, 8)}`;
  stacks = await Promise.all(
    Array.from({ length: SHARDS }, (_, shard) =>
      createStack(aws, `${name}-${shard}`, TEMPLATE, { Name: `${name}-${shard}` }),
    ),
  );
  const statements = stacks.map(({ outputs }): PolicyStatement => JSON.parse(outputs['OperatorPolicyStatement'] ?? ''));
  const { credentials } = await createIamUser(
    aws,
    statements.flatMap((each) => [each, { ...each, Action: MINISTACK_ONLY }]),
  );
  const queueUrl = (stacks[0]?.outputs['QueueUrl'] ?? '').replace(`${name}-0`, `${name}-{shard}`);
  const election = ['--leader-elect', '--leader-election-namespace', 'keyturn', '--shards', String(SHARDS)];
  options = {
    args: [...election, '--rotation-queue-url', queueUrl],
    env: {
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  };
  await addOperator();
  await untilHeld([SHARDS], SOON_MS);
});

afterAll(async () => {
  for (const { operator } of worlds) expect(bugsLoggedBy(operator)).toEqual([]);
  expect(await world(0).leaks(worlds.slice(1).map(({ operator }) => operator))).toEqual([]);
  // The first one last: namespaces are its own.
  for (const each of worlds.toReversed()) await each.stop();
  await Promise.all([...proxies.map((proxy) => proxy.stop()), ...stacks.map((stack) => stack.delete())]);
  await cluster.request('DELETE', LEASE_PATH);
  await cluster.close();
});

describe('three shards', () => {
  it('are all held by the only operator, which hears of rotations from the queue of each', async () => {
    await addNamespaces('1h');
    await expectAllReady();
    await rotationReachesAllOnce();
  });

  it('are shared with a second; each Secret and each status of a store is written by one', async () => {
    await Promise.all(namespaces.map((each) => apply(each, '1s')));
    await everybodyHasLooked();
    await addOperator();
    expect(await untilHeld([1, 2], SOON_MS)).toBeLessThan(4_000);
    const added = await addNamespaces('1s');
    await expectAllReady();
    await everybodyHasLooked();
    for (const each of added) {
      const syncs = worlds.filter(({ operator }) =>
        operator.logs().some(({ msg, namespace }) => msg === 'synced' && namespace === each.name),
      );
      expect(syncs).toEqual(holderOf(each));
      expect(tellersOf(each)).toEqual(holderOf(each));
    }
    await rotationReachesAllOnce();
  });

  it('are shared with a third that comes; nothing is written for that', async () => {
    const before = patches();
    const third = await addOperator();
    expect(await untilHeld([1, 1, 1], SOON_MS)).toBeLessThan(4_000);
    await everybodyHasLooked();
    expect(patches()).toEqual(before);
    await rotationReachesAllOnce();
    // It logs a sync after the Secret is there.
    const synced = () => third.operator.logs().flatMap(({ msg, namespace }) => (msg === 'synced' ? [namespace] : []));
    const own = namespacesIn(shardsOf(third));
    await until('its syncs to be logged', () => new Set(synced()).size >= own.length, SOON_MS);
    expect(new Set(synced())).toEqual(new Set(own));
  });

  it('of one that is killed are taken within the lease time, and meanwhile the others are served', async () => {
    const lost = shardsOf(world(1));
    const before = patches();
    await world(1).operator.kill();
    const atMs = performance.now();
    const values = await rotate();
    const [orphans, served] = [true, false].map((is) => namespaces.filter(({ shard }) => lost.has(shard) === is));
    await expectValues(new Map(served?.map(({ name }) => [name, values.get(name) ?? ''])));
    expect(performance.now() - atMs).toBeLessThan(LEASE_MS / 2);
    await untilHeld([0, 1, 2], LEASE_MS + 3_000);
    expect(performance.now() - atMs).toBeLessThan(LEASE_MS + 2_000);
    await expectValues(new Map(orphans?.map(({ name }) => [name, values.get(name) ?? ''])));
    expect(patches()).toEqual(before.map((count) => count + 1));
    await everybodyHasLooked();
    await expectAllReady();
  });

  it('of one that ends are taken at once', async () => {
    const { code } = await world(2).operator.stop();
    expect(code).toBe(0);
    expect(await untilHeld([0, 0, 3], SOON_MS)).toBeLessThan(1_500);
    await rotationReachesAllOnce();
    await expectAllReady();
  });
});
