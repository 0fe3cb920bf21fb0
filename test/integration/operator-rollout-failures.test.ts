/** Rollouts that go wrong: a version that harms, an operator that is killed, rights that are missing. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane } from '../harness/control-plane.ts';
import type { Match } from '../harness/fault-proxy.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy, countOf } from './proxied-world.ts';
import {
  isOfVersion,
  type Prepared,
  ROLLOUT_ARGS,
  type RolloutWorld,
  startRolloutWorld,
  withEnv,
} from './rollout-world.ts';

/** The Deployment's own deadline: after it the pods that do not become ready have failed. */
const QUICK = { progressDeadlineSeconds: 2, minReadySeconds: 0 };

const SOON_MS = 15_000;
/** How long a Lease of somebody who was killed is waited for, and some more. */
const LEASE_MS = 40_000;

let rig: RolloutWorld;
beforeAll(async () => {
  rig = await startRolloutWorld();
}, 120_000);
afterEach(() => {
  rig.kubelet.breaks = () => false;
  rig.apiProxy.clear();
  expect(bugsLoggedBy(rig.world.operator)).toEqual([]);
});
afterAll(async () => {
  expect(await rig.world.leaks()).toEqual([]);
  await rig.stop();
});

const NAMES = ['api', 'batch', 'cron', 'desk'];

async function workloads({ namespace }: Prepared): Promise<void> {
  await Promise.all(NAMES.map((name) => rig.workload('Deployment', namespace, name, withEnv('db'), QUICK)));
  await Promise.all(NAMES.map((name) => rig.healthy('Deployment', namespace, name)));
}

async function changed(namespace: string): Promise<readonly number[]> {
  return await Promise.all(NAMES.map((name) => rig.changes('Deployment', namespace, name)));
}

async function metric(line: RegExp): Promise<number> {
  const reply = await fetch(`${await rig.world.operator.metricsUrl()}/metrics`);
  return Number(line.exec(await reply.text())?.[1] ?? Number.NaN);
}

function breaksWith(version: string): void {
  rig.kubelet.breaks = (pod) => isOfVersion(at(pod, 'metadata', 'annotations', 'keyturn.dev/rollout-db'), version);
}

function patchesWorkload(namespace: string, name: string): Match {
  const start = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}?`;
  return ({ method, path }) => method === 'PATCH' && path.startsWith(start);
}

describe('without the annotation', () => {
  it('no workload is looked at', async () => {
    await rig.prepare('quiet', {});
    expect(countOf(rig.apiProxy, ({ path }) => path.startsWith('/apis/apps/') || path.includes('/pods'))).toBe(0);
  });
});

describe('a version with which the first workload does not become healthy', () => {
  it('reaches no other; condition, event and metric say so; a newer one does', async () => {
    const prepared = await rig.prepare('held');
    const { namespace } = prepared;
    await workloads(prepared);
    rig.kubelet.breaks = (pod) => at(pod, 'metadata', 'annotations', 'keyturn.dev/rollout-db') !== undefined;
    await rig.rotate(prepared);
    const message = await rig.held(namespace, 'db', 'Unhealthy');
    expect(message).toMatch(
      /^Deployment "api" did not become healthy with version [0-9a-f]{16} of Secret "db"; 3 more workloads keep/,
    );
    expect(await changed(namespace)).toEqual([1, 0, 0, 0]);
    await rig.world.expectEvent(namespace, 'db', 'RolloutHeld', /kubectl annotate externalsecret db/);
    await rig.world.expectEvent(namespace, 'db', 'RolloutUnhealthy', /Deployment "api" is not healthy/);
    expect(await metric(/^keyturn_rollouts_held (\d+)/m)).toBe(1);
    expect(await rig.world.condition(namespace, 'db')).toMatchObject({ status: 'True', reason: 'SecretSynced' });

    await rig.world.restartOperator('kill');
    await rig.held(namespace, 'db', 'Unhealthy');
    expect(await changed(namespace)).toEqual([1, 0, 0, 0]);

    rig.kubelet.breaks = () => false;
    const good = await rig.rotate(prepared);
    for (const name of NAMES) await rig.triggered('Deployment', namespace, name, 'db', good);
    await rig.held(namespace, 'db', undefined);
  });

  it('goes on when somebody confirms it', async () => {
    const prepared = await rig.prepare('confirmed');
    const { namespace, key } = prepared;
    await workloads(prepared);
    rig.kubelet.breaks = (pod) => at(pod, 'metadata', 'annotations', 'keyturn.dev/rollout-db') !== undefined;
    const version = await rig.rotate(prepared);
    const message = await rig.held(namespace, 'db', 'Unhealthy');
    expect(message).toContain(`keyturn.dev/confirm-rollout=${version}`);
    await rig.annotate(namespace, 'db', key, {
      annotations: { 'keyturn.dev/rollout': 'auto', 'keyturn.dev/confirm-rollout': version },
    });
    for (const name of NAMES) await rig.triggered('Deployment', namespace, name, 'db', version);
    await rig.held(namespace, 'db', undefined);
    expect(await changed(namespace)).toEqual([1, 1, 1, 1]);
  });

  it('goes on when that workload is healthy after all', async () => {
    const prepared = await rig.prepare('recovered');
    const { namespace } = prepared;
    await workloads(prepared);
    rig.kubelet.breaks = (pod) => at(pod, 'metadata', 'annotations', 'keyturn.dev/rollout-db') !== undefined;
    const version = await rig.rotate(prepared);
    await rig.held(namespace, 'db', 'Unhealthy');
    rig.kubelet.breaks = () => false;
    for (const name of NAMES) await rig.triggered('Deployment', namespace, name, 'db', version);
    await rig.held(namespace, 'db', undefined);
  });

  it('does not hold those of another version that had it before', async () => {
    const prepared = await rig.prepare('later');
    const { namespace } = prepared;
    await workloads(prepared);
    const good = await rig.rotate(prepared);
    for (const name of NAMES) await rig.triggered('Deployment', namespace, name, 'db', good);
    for (const name of NAMES) await rig.healthy('Deployment', namespace, name);
    breaksWith(await rig.rotate(prepared));
    await rig.held(namespace, 'db', 'Unhealthy');
    expect(await changed(namespace)).toEqual([2, 1, 1, 1]);
  });
});

describe('a version that was good', () => {
  it('holds nobody when a workload breaks later, though the operator does not know any more that it was', async () => {
    const prepared = await rig.prepare('broke');
    const { namespace } = prepared;
    await workloads(prepared);
    await rig.patch('Deployment', namespace, 'desk', { spec: { paused: true } });
    const version = await rig.rotate(prepared);
    for (const name of ['api', 'batch', 'cron']) {
      await rig.triggered('Deployment', namespace, name, 'db', version);
      await rig.healthy('Deployment', namespace, name);
    }
    breaksWith(version);
    for (const name of ['api', 'batch', 'cron']) await rig.deletePods(namespace, name);
    await rig.world.restartOperator('kill');
    await rig.patch('Deployment', namespace, 'desk', { spec: { paused: false } });
    await rig.triggered('Deployment', namespace, 'desk', 'db', version);
  });
});

describe('a trigger that somebody takes away before the pods are replaced', () => {
  it('is not set again; who waits, and how it goes on, is told; it goes on by kubectl rollout restart', async () => {
    const prepared = await rig.prepare('undone');
    const { namespace } = prepared;
    await workloads(prepared);
    rig.kubelet.breaks = (pod) => at(pod, 'metadata', 'annotations', 'keyturn.dev/rollout-db') !== undefined;
    const version = await rig.rotate(prepared);
    await rig.triggered('Deployment', namespace, 'api', 'db', version);
    expect(await rig.cluster.kubectl(['rollout', 'undo', 'deployment/api', '-n', namespace])).toMatchObject({
      exitCode: 0,
    });
    await rig.healthy('Deployment', namespace, 'api');
    const message = await rig.held(namespace, 'db', 'Reverted');
    expect(message).toContain(`kubectl rollout restart deployment/api -n ${namespace}`);
    expect(message).toContain('3 more workloads keep the version that they run with');
    await rig.world.expectEvent(namespace, 'db', 'RolloutReverted', /it is not set a second time/);
    expect(await changed(namespace)).toEqual([2, 0, 0, 0]);

    rig.kubelet.breaks = () => false;
    // What is restarted within two seconds of the version may have the one before.
    await sleep(2_500);
    const args = ['rollout', 'restart', 'deployment/api', '-n', namespace];
    expect(await rig.cluster.kubectl(args)).toMatchObject({ exitCode: 0 });
    for (const name of NAMES.slice(1)) await rig.triggered('Deployment', namespace, name, 'db', version);
    await rig.held(namespace, 'db', undefined);
    expect(await rig.triggers('Deployment', namespace, 'api')).toEqual({});
    expect(await changed(namespace)).toEqual([3, 1, 1, 1]);
  });
});

describe('the operator is killed', () => {
  it('between the write of the Secret and the restart: the next one restarts', async () => {
    const prepared = await rig.prepare('killed');
    const { namespace } = prepared;
    await workloads(prepared);
    const held = rig.apiProxy.hold(patchesWorkload(namespace, 'api'));
    const version = await rig.rotate(prepared);
    await held.reached;
    expect(await changed(namespace)).toEqual([0, 0, 0, 0]);
    const killed = rig.world.restartOperator('kill');
    held.drop();
    await killed;
    for (const name of NAMES) await rig.triggered('Deployment', namespace, name, 'db', version);
    expect(await changed(namespace)).toEqual([1, 1, 1, 1]);
  });

  it('after the restart, whose answer never came: the next one does not restart it again', async () => {
    const prepared = await rig.prepare('lost');
    const { namespace } = prepared;
    await workloads(prepared);
    rig.apiProxy.fail(patchesWorkload(namespace, 'api'), { kind: 'loseReply' });
    const version = await rig.rotate(prepared);
    await rig.triggered('Deployment', namespace, 'api', 'db', version);
    await rig.world.restartOperator('kill');
    rig.apiProxy.clear();
    for (const name of NAMES) await rig.triggered('Deployment', namespace, name, 'db', version);
    expect(await changed(namespace)).toEqual([1, 1, 1, 1]);
  });
});

describe('of two operators with a Lease', () => {
  it('the leader restarts, and when it is killed on the way the other one goes on, and does nothing twice', async () => {
    await rig.world.operator.stop();
    const args = [...ROLLOUT_ARGS, '--leader-elect', '--leader-election-namespace', 'keyturn'];
    const apiServerUrl = rig.apiProxy.url;
    const leader = await startWorld({ cluster: rig.cluster, args, apiServerUrl });
    await leader.operator.waitForLog(({ msg }) => msg === 'leading', SOON_MS);
    const standby = await startWorld({ cluster: rig.cluster, args });
    const prepared = await rig.prepare('leader');
    const { namespace } = prepared;
    await workloads(prepared);
    const held = rig.apiProxy.hold(patchesWorkload(namespace, 'api'));
    const version = await rig.rotate(prepared);
    await held.reached;
    await leader.operator.kill();
    held.drop();
    for (const name of NAMES) await rig.triggered('Deployment', namespace, name, 'db', version, LEASE_MS);
    expect(await changed(namespace)).toEqual([1, 1, 1, 1]);
    await Promise.all([standby.stop(), leader.stop()]);
    await rig.world.restartOperator('stop');
  }, 90_000);
});

describe('a restart that the API server refuses', () => {
  it('is tried again, counted, and told with the rule that is missing', async () => {
    const prepared = await rig.prepare('refused');
    const { namespace } = prepared;
    await workloads(prepared);
    const user = 'system:serviceaccount:keyturn:keyturn';
    const body = {
      kind: 'Status',
      reason: 'Forbidden',
      message: `deployments.apps "api" is forbidden: User "${user}" cannot patch resource "deployments" in API group "apps"`,
    };
    rig.apiProxy.fail(patchesWorkload(namespace, 'api'), { kind: 'reply', status: 403, body });
    const version = await rig.rotate(prepared);
    const message = await rig.held(namespace, 'db', 'Failing');
    expect(message).toContain(
      'lacks the RBAC rule {apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"]}',
    );
    await rig.world.expectEvent(namespace, 'db', 'RolloutFailed', /Deployment "api" could not be given new pods/);
    expect(await metric(/^keyturn_rollouts_total\{outcome="refused"\} (\d+)/m)).toBeGreaterThan(1);
    // The others do not wait for it.
    for (const name of NAMES.slice(1)) await rig.triggered('Deployment', namespace, name, 'db', version);
    rig.apiProxy.clear();
    await rig.triggered('Deployment', namespace, 'api', 'db', version);
    await rig.held(namespace, 'db', undefined);
  });
});

describe('an operator without the rights', () => {
  let bare: World;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const crdPaths = [new URL('../../crds', import.meta.url).pathname];
    const cluster = await startControlPlane({ crdPaths });
    bare = await startWorld({ cluster, args: ['--rollouts', '--consumption'] });
    stop = () => bare.stop().then(() => cluster.stop());
  }, 60_000);
  afterAll(() => stop());

  it('says which rule is missing, and syncs all the same', async () => {
    const namespace = await bare.namespace('bare');
    await bare.store(namespace);
    const { name: key } = await bare.putSecret(bare.canary());
    const data = [{ secretKey: 'password', remoteRef: { key } }];
    const annotations = { 'keyturn.dev/rollout': 'auto', 'keyturn.dev/consumption': 'true' };
    await bare.externalSecret(namespace, 'db', { data }, { annotations });
    await bare.expectReady(namespace, 'db');
    await bare.expectEvent(
      namespace,
      'db',
      'RolloutHeld',
      /lacks the RBAC rule \{apiGroups: \["apps"\], resources: \["deployments"\], verbs: \["list"\]\}/,
    );
    const unknown = async () => {
      const conditions = at(await bare.objects.get('ExternalSecret', namespace, 'db'), 'status', 'conditions');
      return JSON.stringify(conditions);
    };
    const rule = 'lacks the RBAC rule {apiGroups: [\\"\\"], resources: [\\"pods\\"], verbs: [\\"list\\"]}';
    await until('PodsNotListed', unknown, 15_000, (text) => text.includes('PodsNotListed') && text.includes(rule));
  });
});

describe('a CRD that knows no condition but Ready', () => {
  it('gets the status all the same, and Events tell of the rest', async () => {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/externalsecrets.external-secrets.io';
    const { body } = await rig.cluster.request('GET', path);
    const versions = JSON.parse(JSON.stringify(at(body, 'spec', 'versions')).replaceAll(',"RolloutHeld"', ''));
    const merge = { contentType: 'application/merge-patch+json' };
    await rig.cluster.request('PATCH', path, { spec: { versions } }, merge);
    const { namespace } = await rig.prepare('upstream', { annotations: { 'keyturn.dev/rollout': 'job/report' } });
    await rig.world.expectEvent(namespace, 'db', 'RolloutHeld', /"job\/report" names no workload/);
    await until(
      'the operator to find out',
      () => rig.world.operator.logs().some(({ msg }) => /knows no condition but Ready/.test(String(msg))),
      15_000,
    );
    await rig.world.expectReady(namespace, 'db');
    await rig.cluster.applyPath(new URL('../../crds', import.meta.url).pathname);
    await rig.world.restartOperator('stop');
    await rig.held(namespace, 'db', 'InvalidAnnotation');
  });
});

describe('an operator without --rollouts', () => {
  it('says how they are switched on, and restarts nothing; one with it makes up for that', async () => {
    await rig.world.operator.stop();
    const off = await startWorld({ cluster: rig.cluster, args: [] });
    const namespace = await off.namespace('off');
    await off.store(namespace);
    const key = (await off.putSecret(off.canary())).name;
    const data = [{ secretKey: 'password', remoteRef: { key } }];
    const apply = { refreshInterval: '1s', data };
    await off.externalSecret(namespace, 'db', apply, { annotations: { 'keyturn.dev/rollout': 'auto' } });
    expect(await rig.held(namespace, 'db', 'RolloutsOff')).toContain('start it with --rollouts');
    const prepared = { namespace, key };
    await workloads(prepared);
    const version = await rig.rotate(prepared);
    await until('the Secret to be marked', async () => (await rig.version(namespace, 'db')) === version, 5_000);
    expect(await changed(namespace)).toEqual([0, 0, 0, 0]);
    await off.operator.stop();
    await rig.world.restartOperator('stop');
    for (const name of NAMES) await rig.triggered('Deployment', namespace, name, 'db', version);
    await rig.held(namespace, 'db', undefined);
    await off.stop();
  });
});
