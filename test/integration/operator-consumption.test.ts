/** Proof of consumption: which pods hold which version, with real controllers of workloads and a stand-in for the kubelet. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld } from './operator-world.ts';
import { bugsLoggedBy, countOf } from './proxied-world.ts';
import { type Prepared, type RolloutWorld, startRolloutWorld, withEnv } from './rollout-world.ts';

const SOON_MS = 20_000;
const MINUTE_MS = 60_000;
const WATCHED = { annotations: { 'keyturn.dev/consumption': 'true' } };
const BOTH = { annotations: { ...WATCHED.annotations, 'keyturn.dev/rollout': 'auto' } };

let rig: RolloutWorld;
beforeAll(async () => {
  rig = await startRolloutWorld({ args: ['--consumption', '--rollouts', '--rollout-window', '1s'] });
}, 120_000);
afterEach(() => {
  rig.kubelet.breaks = () => false;
  rig.kubelet.startsLaterByMs = 0;
  expect(bugsLoggedBy(rig.world.operator)).toEqual([]);
});
afterAll(async () => {
  expect(await rig.world.leaks()).toEqual([]);
  await rig.stop();
});

async function conditionOf(namespace: string): Promise<unknown> {
  const conditions = at(await rig.world.objects.get('ExternalSecret', namespace, 'db'), 'status', 'conditions');
  const all: readonly unknown[] = Array.isArray(conditions) ? conditions : [];
  return all.find((each) => at(each, 'type') === 'SafeToRevokePrevious');
}

function told(namespace: string): Promise<unknown> {
  return rig.world.objects.get('SecretConsumption', namespace, 'db');
}

/** Waits until the object says this, and the condition agrees. */
async function says({ namespace }: Prepared, status: Json): Promise<unknown> {
  const seen = await until(
    `the consumption to be ${JSON.stringify(status)}`,
    () => told(namespace),
    SOON_MS,
    (each) => Object.entries(status).every(([field, value]) => at(each, 'status', field) === value),
  );
  const isSafe = at(seen, 'status', 'safeToRevokePrevious');
  await until(
    'the condition',
    () => conditionOf(namespace),
    SOON_MS,
    (each) => at(each, 'status') === isSafe,
  );
  return seen;
}

describe('after a rotation', () => {
  it('pods hold the earlier version until they are replaced; then it is safe to revoke', async () => {
    const prepared = await rig.prepare('held', WATCHED);
    const { namespace } = prepared;
    await rig.workload('Deployment', namespace, 'api', withEnv('db'), { replicas: 2 });
    await rig.healthy('Deployment', namespace, 'api');
    const first = await rig.version(namespace, 'db');
    await says(prepared, { version: first, current: 2, earlier: 0, safeToRevokePrevious: 'True' });

    const second = await rig.rotate(prepared);
    const seen = await says(prepared, { version: second, current: 0, earlier: 2, safeToRevokePrevious: 'False' });
    expect(at(seen, 'status', 'pods', 0)).toMatchObject({ workload: 'Deployment/api', version: first, uses: ['env'] });
    const ids = [0, 1].map((index) => at(seen, 'status', 'versions', index, 'versionIds', 0));
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    expect(ids[0]).not.toBe(ids[1]);
    expect(at(await conditionOf(namespace), 'message')).toMatch(
      /^2 running pods may hold an earlier version of Secret "db"/,
    );

    rig.kubelet.startsLaterByMs = 15_000;
    const restart = { spec: { template: { metadata: { annotations: { restarted: 'now' } } } } };
    await rig.patch('Deployment', namespace, 'api', restart);
    await says(prepared, { version: second, current: 2, earlier: 0, safeToRevokePrevious: 'True' });
  });

  it('a rollout makes it safe, whatever the clocks of nodes say; kubectl shows it', async () => {
    const prepared = await rig.prepare('rolled', BOTH);
    const { namespace } = prepared;
    await rig.workload('Deployment', namespace, 'api', withEnv('db'), { replicas: 2 });
    await rig.healthy('Deployment', namespace, 'api');
    rig.kubelet.startsLaterByMs = -10 * MINUTE_MS;
    const version = await rig.rotate(prepared);
    await says(prepared, { version, current: 2, earlier: 0, safeToRevokePrevious: 'True' });
    const id = at(await told(namespace), 'status', 'versions', 0, 'versionIds', 0);
    for (const [path, value] of [
      ['.status.versions[0].versionIds[0]', id],
      ['.status.safeToRevokePrevious', 'True'],
    ]) {
      const condition = `--for=jsonpath={${path}}=${value}`;
      const args = ['wait', 'secretconsumption/db', '-n', namespace, condition, '--timeout=1s'];
      expect(await rig.cluster.kubectl(args)).toMatchObject({ exitCode: 0 });
    }
    const { stdout } = await rig.cluster.kubectl(['get', 'secretconsumption', '-n', namespace]);
    expect(stdout).toMatch(/NAME\s+SECRET\s+VERSION\s+SINCE\s+CURRENT\s+EARLIER\s+SAFE/);
    expect(stdout).toMatch(new RegExp(`db\\s+db\\s+${version}\\s+\\S+\\s+2\\s+0\\s+True`));
  });

  it('a restart of the operator writes nothing, and knows what old pods hold', async () => {
    const prepared = await rig.prepare('known', WATCHED);
    const { namespace } = prepared;
    await rig.workload('Deployment', namespace, 'api', withEnv('db'));
    await rig.healthy('Deployment', namespace, 'api');
    const first = await rig.version(namespace, 'db');
    await says(prepared, { current: 1 });
    const second = await rig.rotate(prepared);
    const before = await says(prepared, { version: second, earlier: 1 });
    await rig.world.restartOperator('kill');
    const other = await rig.prepare('through', WATCHED);
    await says(other, { earlier: 0 });
    const after = await told(namespace);
    expect(after).toEqual(before);
    expect(at(after, 'status', 'pods', 0, 'version')).toBe(first);
  });

  it('what somebody deletes is made again; it goes with the annotation, and with the ExternalSecret', async () => {
    const prepared = await rig.prepare('gone', WATCHED);
    const { namespace, key } = prepared;
    await says(prepared, { current: 0, earlier: 0, safeToRevokePrevious: 'True' });
    await rig.world.objects.remove('SecretConsumption', namespace, 'db');
    await says(prepared, { current: 0 });
    const isGone = async () => (await told(namespace)) === undefined && (await conditionOf(namespace)) === undefined;
    await rig.annotate(namespace, 'db', key, {});
    await until('it to go with the annotation', isGone, SOON_MS);
    await rig.annotate(namespace, 'db', key, WATCHED);
    await says(prepared, { current: 0 });
    await rig.world.objects.remove('ExternalSecret', namespace, 'db');
    await until('it to go with the ExternalSecret', async () => (await told(namespace)) === undefined, SOON_MS);
  });
});

describe('an object of that name that somebody else has made or written', () => {
  const rubbish = { version: 'theirs', safeToRevokePrevious: 'True', pods: [], versions: [] };

  async function writes(namespace: string, status: Json): Promise<void> {
    const patch = JSON.stringify({ status });
    const args = [
      'patch',
      'secretconsumption',
      'db',
      '-n',
      namespace,
      '--subresource=status',
      '--type=merge',
      '-p',
      patch,
    ];
    expect(await rig.cluster.kubectl(args)).toMatchObject({ exitCode: 0 });
  }

  it('without a spec: what is found is written into it', async () => {
    const namespace = await rig.world.namespace('theirs');
    await rig.world.objects.apply('SecretConsumption', namespace, 'db', {});
    await writes(namespace, rubbish);
    await rig.world.store(namespace);
    const key = await rig.feed(namespace, 'db', WATCHED);
    await rig.world.expectReady(namespace, 'db');
    const version = await rig.version(namespace, 'db');
    await says({ namespace, key }, { version, current: 0, earlier: 0, safeToRevokePrevious: 'True' });
  });

  it('while pods hold the earlier version: that it is safe is put right', async () => {
    const prepared = await rig.prepare('forged', WATCHED);
    const { namespace } = prepared;
    await rig.workload('Deployment', namespace, 'api', withEnv('db'));
    await rig.healthy('Deployment', namespace, 'api');
    await says(prepared, { current: 1 });
    const version = await rig.rotate(prepared);
    await says(prepared, { version, earlier: 1, safeToRevokePrevious: 'False' });
    await writes(namespace, rubbish);
    await says(prepared, { version, earlier: 1, safeToRevokePrevious: 'False' });
  });
});

describe('an operator without --consumption that still has the rights', () => {
  it('calls nothing safe that was told before; with it the object says again what is so', async () => {
    const prepared = await rig.prepare('off', WATCHED);
    const { namespace } = prepared;
    const version = await rig.version(namespace, 'db');
    await says(prepared, { version, safeToRevokePrevious: 'True' });
    await rig.world.operator.stop();
    const off = await startWorld({ cluster: rig.cluster });
    try {
      await says(prepared, { version, safeToRevokePrevious: 'Unknown' });
      expect(await conditionOf(namespace)).toMatchObject({ reason: 'ConsumptionOff' });
      expect(bugsLoggedBy(off.operator)).toEqual([]);
    } finally {
      await off.stop();
    }
    await rig.world.restartOperator('stop');
    await says(prepared, { version, safeToRevokePrevious: 'True' });
  });
});

describe('nothing is looked at', () => {
  it('for ExternalSecrets without the annotation', async () => {
    await rig.world.restartOperator('stop');
    const from = rig.apiProxy.requests.length;
    // Of the tests before nobody asks any more.
    for (const object of await rig.world.objects.list('ExternalSecret', '*')) {
      const namespace = String(at(object, 'metadata', 'namespace'));
      await rig.world.objects.remove('ExternalSecret', namespace, String(at(object, 'metadata', 'name')));
    }
    await rig.world.restartOperator('stop');
    const count = () => countOf(rig.apiProxy, ({ path }) => path.startsWith('/api/v1/pods'));
    const before = count();
    await rig.prepare('plain', {});
    expect(count()).toBe(before);
    expect(rig.apiProxy.requests.length).toBeGreaterThan(from);
  });
});
