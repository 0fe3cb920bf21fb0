/** What it costs when nothing changes, counted where it is paid: in the API server's own metrics, and in front of AWS. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import type { FaultProxy } from '../harness/fault-proxy.ts';
import { countWrites, type RequestCount, requestsBetween } from '../harness/request-counts.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const OBJECTS = 200;
const SECRETS = 50;
const INTERVAL_MS = 2_000;
/** BatchGetSecretValue takes so many ids. */
const BATCH = 20;
/** So many ExternalSecrets are reconciled at a time, by default. */
const CONCURRENCY = 32;
/** All that the operator ever writes but its Lease. */
const WRITTEN = ['secrets', 'externalsecrets', 'secretstores', 'clustersecretstores', 'events'];

let cluster: ControlPlane;
let world: World;
let awsProxy: FaultProxy;
let namespace: string;
/** At AWS: `keys[n % SECRETS]` is what the ExternalSecret `app-n` reads. */
let keys: readonly string[];

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  world = await startWorld({ cluster, throughAwsProxy: true });
  ({ awsProxy } = world);
  namespace = await world.namespace('quiet');
  await world.store(namespace);
  keys = await Promise.all(Array.from({ length: SECRETS }, async () => (await world.putSecret(world.canary())).name));
});

afterAll(async () => {
  await endFaultless(world);
  await cluster.stop();
});

function apply(name: string, key: string): Promise<void> {
  const data = [{ secretKey: 'password', remoteRef: { key } }];
  return world.externalSecret(namespace, name, { refreshInterval: `${INTERVAL_MS}ms`, data });
}

async function statusesOf(prefix: string): Promise<readonly unknown[]> {
  const all = await world.objects.list('ExternalSecret', namespace);
  const ours = all.filter((each) => String(at(each, 'metadata', 'name')).startsWith(prefix));
  return ours.map((each) => at(each, 'status', 'conditions', 0, 'status'));
}

function allReady(prefix: string, count: number): Promise<unknown> {
  const accept = (seen: readonly unknown[]) => seen.filter((status) => status === 'True').length === count;
  return until(`${count} of ${prefix} to be Ready`, () => statusesOf(prefix), 30_000, accept);
}

/** How many versions the operator has asked for since its start. */
function lookedAt(): number {
  const sweeps = world.operator.logs().filter(({ msg }) => msg === 'swept');
  return sweeps.reduce((sum, { asked }) => sum + Number(asked), 0);
}

/** The Secrets' versions by name: any write would show. */
async function versions(prefix: string): Promise<ReadonlyMap<string, string>> {
  const secrets = await world.objects.list('Secret', namespace);
  const entries = secrets.map(
    (each) => [String(at(each, 'metadata', 'name')), String(at(each, 'metadata', 'resourceVersion'))] as const,
  );
  return new Map(entries.filter(([name]) => name.startsWith(prefix)));
}

interface Costs {
  /** Writes by `resource` and `resource/subresource`, without what was not written. */
  readonly writes: Readonly<Record<string, number>>;
  /** AWS calls by operation. */
  readonly calls: Readonly<Record<string, number>>;
}

function writesIn(counts: readonly RequestCount[]): Readonly<Record<string, number>> {
  const writes = new Map<string, number>();
  for (const each of counts.filter(({ resource }) => WRITTEN.includes(resource))) {
    const name = each.subresource === '' ? each.resource : `${each.resource}/${each.subresource}`;
    writes.set(name, (writes.get(name) ?? 0) + countWrites([each]));
  }
  return Object.fromEntries([...writes].filter(([, count]) => count > 0));
}

/** What it costs from now to the end of `act`. */
async function costsOf(act: () => Promise<unknown>): Promise<Costs> {
  const before = await cluster.metrics();
  const firstCall = awsProxy.requests.length;
  await act();
  const calls = new Map<string, number>();
  for (const { target } of awsProxy.requests.slice(firstCall)) {
    calls.set(target, (calls.get(target) ?? 0) + 1);
  }
  return { writes: writesIn(requestsBetween(before, await cluster.metrics())), calls: Object.fromEntries(calls) };
}

function called({ calls }: Costs, operation: string): number {
  return calls[operation] ?? 0;
}

describe('one ExternalSecret', () => {
  it('its first sync is two writes and an Event: the Secret and the status', async () => {
    const { writes, calls } = await costsOf(async () => {
      const data = [{ secretKey: 'password', remoteRef: { key: keys[0] } }];
      // The user's own write of the ExternalSecret is counted as well.
      await world.externalSecret(namespace, 'single', { data });
      await world.expectReady(namespace, 'single');
      await world.expectEvent(namespace, 'single', 'Created', /./);
    });
    expect(writes).toEqual({ externalsecrets: 1, secrets: 1, 'externalsecrets/status': 1, events: 1 });
    expect(calls).toEqual({ GetSecretValue: 1 });
    await world.objects.remove('ExternalSecret', namespace, 'single');
  });
});

describe(`${OBJECTS} synced ExternalSecrets over ${SECRETS} secrets at an interval of ${INTERVAL_MS} ms`, () => {
  beforeAll(async () => {
    await Promise.all(Array.from({ length: OBJECTS }, (_, at) => apply(`app-${at}`, keys[at % SECRETS] ?? '')));
    await allReady('app-', OBJECTS);
    // Their Events go out at 5 a second, and at once when the operator ends.
    await world.restartOperator('stop');
    await sleep(2 * INTERVAL_MS);
  });

  it('unchanged, they cost no write, and one AWS call an interval for 20 secrets', async () => {
    const intervals = 4;
    const costs = await costsOf(() => sleep(intervals * INTERVAL_MS));
    expect(costs.writes).toEqual({});
    const least = Math.ceil(SECRETS / BATCH);
    expect(called(costs, 'BatchGetSecretValue')).toBeGreaterThanOrEqual((intervals - 1) * least);
    expect(called(costs, 'BatchGetSecretValue')).toBeLessThanOrEqual((intervals + 1) * least);
    expect(called(costs, 'GetSecretValue')).toBe(0);
  });

  it.each(['stop', 'kill'] as const)('a restart (%s) writes nothing, and looks at 20 versions a call', async (how) => {
    const before = await versions('app-');
    const costs = await costsOf(async () => {
      await world.restartOperator(how);
      await until('all secrets to be looked at', lookedAt, 15_000, (count) => count >= SECRETS);
      await sleep(INTERVAL_MS);
    });
    expect(costs.writes).toEqual({});
    expect(await versions('app-')).toEqual(before);
    // One look at each, one call more for those that found no company, and two intervals of the sweep.
    const looks = Math.ceil(SECRETS / BATCH);
    expect(called(costs, 'BatchGetSecretValue')).toBeLessThanOrEqual(looks + 1 + 2 * looks);
    expect(called(costs, 'GetSecretValue')).toBeLessThanOrEqual(1);
    // No value had to be read to find that nothing has changed.
    expect(world.operator.logs().filter(({ msg }) => msg === 'synced')).toEqual([]);
  });

  it('a secret that many use is read once for a rotation, and each of its Secrets written once', async () => {
    const users = CONCURRENCY - 4;
    const { name: key } = await world.putSecret(world.canary());
    await Promise.all(Array.from({ length: users }, (_, at) => apply(`shared-${at}`, key)));
    await allReady('shared-', users);
    const before = await versions('app-');
    const shared = await versions('shared-');
    const costs = await costsOf(async () => {
      await world.putSecret(world.canary(), key);
      const moved = async () => [...(await versions('shared-'))].filter(([name, v]) => v !== shared.get(name)).length;
      await until('all to have the new value', moved, 15_000, (count) => count === users);
      await sleep(INTERVAL_MS);
    });
    expect(costs.writes).toMatchObject({ secrets: users, 'externalsecrets/status': users });
    expect(called(costs, 'GetSecretValue')).toBe(1);
    expect(await versions('app-')).toEqual(before);
  });
});
