/** Releases of the chart beside each other, and the Leases by which their replicas elect who works. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import type { OperatorProcess } from '../harness/operator-process.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { sharedCluster, sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { type ChartCluster, chartCluster, freePorts } from './chart-cluster.ts';
import { argumentsOf, CHART } from './chart-world.ts';
import { at, type Json } from './cluster-objects.ts';

const SOON_MS = 15_000;
/** Nothing of theirs is the cluster's, where other tests are. */
const SCOPED = {
  installCRDs: false,
  crds: { createKeyturnKinds: false },
  validatingAdmissionPolicy: { create: false },
  extraEnv: [{ name: 'AWS_ENDPOINT_URL', value: sharedMinistack().url }],
};

let cluster: ClusterClient;
let chart: ChartCluster;
let scratch: TemporaryDirectory;
let home: FreshNamespace;
const scopes: FreshNamespace[] = [];
const operators: OperatorProcess[] = [];

beforeAll(async () => {
  cluster = sharedCluster();
  scratch = temporaryDirectory('leases');
  chart = chartCluster(cluster, scratch.path);
  home = await freshNamespace(cluster, 'leases');
  for (const prefix of ['first', 'second']) scopes.push(await freshNamespace(cluster, prefix));
});
afterAll(async () => {
  await Promise.all(operators.map((operator) => operator.stop()));
  await Promise.all([home, ...scopes].map((namespace) => namespace.remove()));
  await cluster.close();
  scratch.remove();
});

const inHome = (command: string, release: string, path: string, values: Json) =>
  chart.helm([command, release, path, '--namespace', home.name], { ...SCOPED, ...values });

async function leases(): Promise<Readonly<Record<string, unknown>>> {
  const list = await chart.get(`/apis/coordination.k8s.io/v1/namespaces/${home.name}/leases`);
  const items = at(list, 'items') as readonly Json[];
  return Object.fromEntries(
    items.map((lease) => [String(at(lease, 'metadata', 'name')), at(lease, 'spec', 'holderIdentity')]),
  );
}

async function started(name: string): Promise<OperatorProcess> {
  const operator = await chart.operatorOf(home.name, name);
  operators.push(operator);
  return operator;
}

/** What it says at the moment at which it leads. */
const leads = async (operator: OperatorProcess) =>
  (await operator.waitForLog(({ msg }) => msg === 'leading', SOON_MS))['identity'];

describe('two releases of one class in one namespace', () => {
  beforeAll(async () => {
    for (const [index, release] of ['keyturn', 'payments'].entries()) {
      await inHome('install', release, CHART, { scopedNamespace: scopes[index]?.name, ...(await freePorts()) });
    }
  });

  it('both work, each by a Lease of its own', async () => {
    const [first, second] = [await started('keyturn'), await started('payments-keyturn')];
    const identities = { keyturn: await leads(first), 'payments-keyturn': await leads(second) };
    expect(await leases()).toEqual(identities);
    for (const { name } of scopes) await chart.syncs(name, 'app');
    for (const operator of operators) {
      expect(operator.logs().filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    }
  });

  it('a leader that ends gives its Lease back', async () => {
    await Promise.all(operators.splice(0).map((operator) => operator.stop()));
    expect(await leases()).toEqual({ keyturn: '', 'payments-keyturn': '' });
  });

  it('with several shards, too', async () => {
    for (const [index, release] of ['keyturn', 'payments'].entries()) {
      const values = { scopedNamespace: scopes[index]?.name, shards: 2, ...(await freePorts()) };
      await inHome('upgrade', release, CHART, values);
    }
    const both = [await started('keyturn'), await started('payments-keyturn')];
    for (const operator of both) await operator.waitForLog(({ msg }) => msg === 'taking part in the shards', SOON_MS);
    for (const { name } of scopes) await chart.syncs(name, 'sharded');
    const ofShards = ['keyturn', 'payments-keyturn'].flatMap((name) => [`${name}-0-of-2`, `${name}-1-of-2`]);
    const areHeld = async () => {
      const held = await leases();
      return ofShards.every((name) => held[name]);
    };
    await until('the shards of both to be held', areHeld, SOON_MS);
    await Promise.all(operators.splice(0).map((operator) => operator.stop()));
  });
});

it('an uninstall takes the right to give a Lease back before the leader ends, so that it stays held until it has run out', async () => {
  await inHome('install', 'gone', CHART, { scopedNamespace: scopes[0]?.name, ...(await freePorts()) });
  const operator = await chart.operatorOf(home.name, 'gone-keyturn');
  const identity = await leads(operator);
  await chart.helm(['uninstall', 'gone', '--namespace', home.name]);
  expect((await operator.stop()).code).toBe(0);
  expect((await leases())['gone-keyturn']).toBe(identity);
  expect(operator.logs().find(({ msg }) => msg === 'could not release the leader lease')).toMatchObject({
    error: expect.stringMatching(/^The API server does not accept the operator's credentials|lacks the RBAC rule/),
  });
});

/** The chart as it was when all releases of a class had one Lease. */
function chartBefore(): string {
  const path = join(scratch.path, 'before');
  cpSync(CHART, path, { recursive: true });
  const file = join(path, 'templates/_arguments.tpl');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/^.*"leader-election-id".*\n/m, ''));
  const values = join(path, 'values.yaml');
  writeFileSync(values, readFileSync(values, 'utf8').replace(/^ *(?:leaderElectionID|releaseNamespaces): .*\n/gm, ''));
  return path;
}

describe('an upgrade', () => {
  const strategyOf = async (name: string) => at(await chart.deployment(home.name, name), 'spec', 'strategy');
  const ROLLING = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const leaseOf = async (name: string) =>
    argumentsOf(await chart.deployment(home.name, name)).filter((arg) => arg.startsWith('--leader-election-id'));

  it('from a chart without Leases of releases ends the old pods first where the Lease is another, once', async () => {
    const values = { scopedNamespace: scopes[0]?.name };
    await inHome('install', 'old', chartBefore(), values);
    expect([await leaseOf('old-keyturn'), await strategyOf('old-keyturn')]).toEqual([[], ROLLING]);
    // With --reuse-values Helm gives the chart no default that it did not have before.
    await chart.helm(['upgrade', 'old', CHART, '--namespace', home.name, '--reuse-values']);
    expect(await leaseOf('old-keyturn')).toEqual(['--leader-election-id=old-keyturn']);
    expect(await strategyOf('old-keyturn')).toEqual({ type: 'Recreate' });
    await inHome('upgrade', 'old', CHART, { ...values, replicaCount: 3 });
    expect(await strategyOf('old-keyturn')).toEqual(ROLLING);
  });

  it('of the release keyturn keeps the Lease that it has', async () => {
    const namespace = await freshNamespace(cluster, 'kept');
    try {
      const args = ['keyturn', CHART, '--namespace', namespace.name];
      const values = { ...SCOPED, scopedNamespace: namespace.name };
      await chart.helm(['install', 'keyturn', chartBefore(), ...args.slice(2)], values);
      await chart.helm(['upgrade', ...args], values);
      const found = await chart.deployment(namespace.name);
      expect(at(found, 'spec', 'strategy')).toEqual(ROLLING);
      expect(argumentsOf(found)).toContain('--leader-election-id=keyturn');
    } finally {
      await namespace.remove();
    }
  });

  it.each<[string, Json]>([
    ['another name for the Lease', { leaderElectionID: 'other' }],
    ['no election', { leaderElect: false, replicaCount: 1 }],
  ])('that brings %s ends the old pods first, and so does the way back', async (_, change) => {
    const values = { scopedNamespace: scopes[0]?.name };
    await inHome('install', 'moved', CHART, values);
    for (const each of [change, {}]) {
      await inHome('upgrade', 'moved', CHART, { ...values, ...each });
      expect(await strategyOf('moved-keyturn')).toEqual({ type: 'Recreate' });
    }
    await chart.helm(['uninstall', 'moved', '--namespace', home.name]);
  });
});
