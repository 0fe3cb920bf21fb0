/** Two operators and one Lease: one works, the other takes over, and never do both write. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type FaultProxy, inFrontOfApiServer, startFaultProxy } from '../harness/fault-proxy.ts';
import type { LogLine, OperatorProcess } from '../harness/operator-process.ts';
import { sharedCluster } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy, patchesSecret } from './proxied-world.ts';

/** How long others wait for a leader that went silent. */
const LEASE_MS = 15_000;
const SOON_MS = 15_000;
const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/keyturn/leases/keyturn';

let cluster: ClusterClient;
let apiProxy: FaultProxy;
/** The first leader; it reaches the API server through the proxy. */
let first: World;
let second: World;
let namespace: string;
const ended: OperatorProcess[] = [];

beforeAll(async () => {
  cluster = sharedCluster();
  apiProxy = await startFaultProxy(inFrontOfApiServer(cluster.access));
  // An operator of another file may have been killed while it led.
  await cluster.request('DELETE', LEASE_PATH);
  const args = ['--leader-elect', '--leader-election-namespace', 'keyturn'];
  first = await startWorld({ cluster, args, apiServerUrl: apiProxy.url });
  await leads(first.operator);
  second = await startWorld({ cluster, args });
  namespace = await first.namespace('election');
  await first.store(namespace);
});

afterAll(async () => {
  for (const operator of [first.operator, second.operator, ...ended]) {
    expect(bugsLoggedBy(operator)).toEqual([]);
  }
  expect(await first.leaks([second.operator, ...ended])).toEqual([]);
  await Promise.all([first.stop(), second.stop()]);
  await apiProxy.stop();
  await cluster.close();
});

function leads(operator: OperatorProcess, withinMs = SOON_MS): Promise<LogLine> {
  return operator.waitForLog(({ msg }) => msg === 'leading', withinMs);
}

/** The cluster is shared: other tests' objects may still be going. */
function syncsOf(operator: OperatorProcess): readonly LogLine[] {
  return operator.logs().filter((line) => line['msg'] === 'synced' && line['namespace'] === namespace);
}

async function holder(): Promise<string> {
  return String(at((await cluster.request('GET', LEASE_PATH)).body, 'spec', 'holderIdentity'));
}

/** An ExternalSecret of one key that is polled every second. @returns the name of its secret at AWS */
async function apply(name: string, value: string): Promise<string> {
  const { name: key } = await first.putSecret(value);
  const data = [{ secretKey: 'password', remoteRef: { key } }];
  await first.externalSecret(namespace, name, { refreshInterval: '1s', data });
  return key;
}

function secretOf(name: string): Promise<unknown> {
  return first.secret(namespace, name);
}

/** The operator has looked at everything that there is: this was queued last. */
async function isThrough(name: string): Promise<void> {
  await apply(name, first.canary());
  await first.expectReady(namespace, name);
}

describe('two operators', () => {
  it('one works; the other is ready and does nothing', async () => {
    await apply('one', first.canary());
    await first.expectReady(namespace, 'one');
    expect(syncsOf(first.operator)).toHaveLength(1);
    expect(syncsOf(second.operator)).toEqual([]);
    const reply = await fetch(`${await second.operator.healthUrl()}/readyz`);
    expect(reply.status).toBe(200);
    expect(await holder()).toBe((await leads(first.operator))['identity']);
  });

  it('the leader ends: the other takes over within two seconds and writes nothing that is right already', async () => {
    const before = await secretOf('one');
    const { code } = await first.operator.stop();
    expect(code).toBe(0);
    const atMs = performance.now();
    const { identity } = await leads(second.operator);
    expect(performance.now() - atMs).toBeLessThan(2_000);
    expect(await holder()).toBe(identity);
    await isThrough('two');
    expect(await secretOf('one')).toEqual(before);
  });

  it('the leader is killed: the other takes over when the Lease has run out; nothing is lost or written twice', async () => {
    const key = await apply('rotated', first.canary());
    await first.expectReady(namespace, 'rotated');
    ended.push(first.operator);
    await first.restartOperator('stop');
    const unchanged = await secretOf('one');

    const { ms } = await second.operator.kill();
    expect(ms).toBeLessThan(1_000);
    const atMs = performance.now();
    const rotated = first.canary();
    await first.putSecret(rotated, key);
    const made = first.canary();
    await apply('made', made);
    await leads(first.operator, LEASE_MS + 5_000);
    expect(performance.now() - atMs).toBeLessThan(LEASE_MS + 1_000);
    await first.expectData(namespace, 'rotated', { password: rotated }, 3_000);
    await first.expectData(namespace, 'made', { password: made }, 3_000);

    const written = await Promise.all(['rotated', 'made'].map(secretOf));
    await isThrough('three');
    expect(await Promise.all(['rotated', 'made'].map(secretOf))).toEqual(written);
    expect(await secretOf('one')).toEqual(unchanged);
    ended.push(second.operator);
    await second.restartOperator('kill');
  });

  it('the leader is cut off from the API server: it stops before the other may lead, and its last write never comes', async () => {
    const key = await apply('torn', first.canary());
    await first.expectReady(namespace, 'torn');
    const held = apiProxy.hold(patchesSecret(namespace, 'torn'));
    const rotated = first.canary();
    await first.putSecret(rotated, key);
    await held.reached;
    const cut = apiProxy.fail(() => true, { kind: 'hang' });
    apiProxy.freezeOpen();

    const stopped = await first.operator.waitForLog(({ msg }) => msg === 'no longer leading', LEASE_MS + 5_000);
    const { identity, time } = await leads(second.operator, LEASE_MS + 5_000);
    expect(Date.parse(String(stopped['time']))).toBeLessThan(Date.parse(String(time)));
    expect(await holder()).toBe(identity);
    await first.expectData(namespace, 'torn', { password: rotated }, 3_000);

    const written = await secretOf('torn');
    held.release();
    cut.release();
    apiProxy.clear();
    await isThrough('four');
    expect(await secretOf('torn')).toEqual(written);
    expect(await holder()).toBe(identity);
    expect(syncsOf(first.operator).filter((line) => String(line['time']) > String(stopped['time']))).toEqual([]);
    await until('the first to see the cluster again', () => apiProxy.requests.length > 0, SOON_MS);
  });
});
