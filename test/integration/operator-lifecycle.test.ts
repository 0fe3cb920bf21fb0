/** The operator as a process: its probes and metrics, how it ends, and what it says when rights are missing. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type FaultProxy, inFrontOfApiServer, startFaultProxy } from '../harness/fault-proxy.ts';
import { type OperatorProcess, startOperator } from '../harness/operator-process.ts';
import { sharedCluster } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import type { World } from './operator-world.ts';
import {
  bugsLoggedBy,
  countOf,
  createsSecretIn,
  namespaceOfItsOwn,
  type ProxiedWorld,
  startProxiedWorld,
} from './proxied-world.ts';

const SOON_MS = 15_000;
/** What Kubernetes grants by default is 30 s; the operator promises less. */
const ENDS_WITHIN_MS = 10_000;
const FREE_PORTS = ['--health-addr', '127.0.0.1:0', '--metrics-addr', '127.0.0.1:0'];
const LEASE_PATH = '/apis/coordination.k8s.io/v1/namespaces/keyturn/leases/keyturn';

async function probe(
  operator: OperatorProcess,
  path: '/healthz' | '/readyz',
): Promise<{ status: number; body: string }> {
  const reply = await fetch(`${await operator.healthUrl()}${path}`, { signal: AbortSignal.timeout(5_000) });
  return { status: reply.status, body: await reply.text() };
}

/** An exposition whose labels stand in the order of their names. */
function withSortedLabels(text: string): string {
  return text.replaceAll(/\{(.*)\}/g, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`);
}

describe('probes', () => {
  let cluster: ClusterClient;
  let apiProxy: FaultProxy;
  let operator: OperatorProcess;
  beforeAll(async () => {
    cluster = sharedCluster();
    apiProxy = await startFaultProxy(inFrontOfApiServer(cluster.access));
    await cluster.applyPath('deploy/rbac.yaml');
  });
  afterAll(async () => {
    await operator.stop();
    await apiProxy.stop();
    await cluster.close();
  });

  it('ready is it when the first lists are complete, and until then it names those that are not', async () => {
    const lists = apiProxy.fail(({ path }) => path.startsWith('/apis/external-secrets.io/v1/secretstores?'), {
      kind: 'hang',
    });
    const account = { namespace: 'keyturn', serviceAccount: 'keyturn' };
    operator = await startOperator({
      kubeconfigPath: await cluster.kubeconfigFor({ ...account, server: apiProxy.url }),
      args: FREE_PORTS,
    });
    const unready = { status: 503, body: 'waiting for the first list of: secretStores\n' };
    await until(
      'only the held list to be missing',
      () => probe(operator, '/readyz'),
      SOON_MS,
      ({ body }) => {
        return body === unready.body;
      },
    );
    expect(await probe(operator, '/readyz')).toEqual(unready);
    expect(await probe(operator, '/healthz')).toEqual({ status: 200, body: 'ok\n' });

    lists.release();
    await until('it to be ready', async () => (await probe(operator, '/readyz')).status === 200, SOON_MS);
  });

  it('ready it stays when the API server is away, since what it knows is still true enough', async () => {
    const away = apiProxy.fail(() => true, { kind: 'drop' });
    expect(apiProxy.dropOpen()).toBeGreaterThan(0);
    await until('it to try again', () => away.hits > 3, SOON_MS);
    expect(await probe(operator, '/readyz')).toEqual({ status: 200, body: 'ok\n' });
    expect(await probe(operator, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
    away.remove();
  });

  it('other paths and methods are refused', async () => {
    const url = await operator.healthUrl();
    const status = async (path: string, method: string) => (await fetch(`${url}${path}`, { method })).status;
    expect(await status('/', 'GET')).toBe(404);
    expect(await status('/__proto__', 'GET')).toBe(404);
    expect(await status('/healthz', 'POST')).toBe(405);
  });
});

describe('with a world around it', () => {
  let proxied: ProxiedWorld;
  let world: World;
  beforeAll(async () => {
    const args = ['--leader-elect', '--leader-election-namespace', 'keyturn'];
    proxied = await startProxiedWorld({ args });
    ({ world } = proxied);
  });
  afterEach(() => {
    proxied.apiProxy.clear();
    proxied.awsProxy.clear();
    expect(bugsLoggedBy(world.operator)).toEqual([]);
  });
  afterAll(async () => {
    await world.restartOperator('stop');
    expect(await world.leaks()).toEqual([]);
    await proxied.stop();
  });

  /** An ExternalSecret `app` whose first sync stands still at AWS. */
  async function syncInFlight(): Promise<{ namespace: string; value: string; release: () => void }> {
    const { namespace, readsSecrets } = await namespaceOfItsOwn(world, 'ending');
    const value = world.canary();
    const { name } = await world.putSecret(value);
    const held = proxied.awsProxy.hold(readsSecrets);
    await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'password', remoteRef: { key: name } }] });
    await held.reached;
    return { namespace, value, release: held.release };
  }

  async function leaseHolder(): Promise<unknown> {
    return at((await world.cluster.request('GET', LEASE_PATH)).body, 'spec', 'holderIdentity');
  }

  function stopping(): Promise<unknown> {
    return world.operator.waitForLog(({ msg }) => String(msg).startsWith('stopping'), SOON_MS);
  }

  it('metrics: the series that dashboards of upstream read, and ours', async () => {
    const namespace = await world.namespace('metrics');
    await world.store(namespace);
    const { name } = await world.putSecret(world.canary());
    await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'password', remoteRef: { key: name } }] });
    await world.externalSecret(namespace, 'bad', {
      data: [{ secretKey: 'password', remoteRef: { key: 'test/none' } }],
    });
    await world.expectReady(namespace, 'app');
    await world.expectNotReady(namespace, 'bad', /./);

    const url = `${await world.operator.metricsUrl()}/metrics`;
    const read = async () => withSortedLabels(await (await fetch(url)).text());
    const of = (object: string) => `name="${object}",namespace="${namespace}"`;
    const expected = [
      `externalsecret_sync_calls_total{${of('app')}} [1-9]`,
      `externalsecret_sync_calls_error{${of('bad')}} [1-9]`,
      `externalsecret_reconcile_duration{${of('app')}} \\d`,
      `externalsecret_status_condition{condition="Ready",${of('app')},status="True"} 1`,
      `externalsecret_status_condition{condition="Ready",${of('app')},status="False"} 0`,
      `externalsecret_status_condition{condition="Ready",${of('bad')},status="False"} 1`,
      'externalsecret_provider_api_calls_count{call="\\w*GetSecretValue",provider="AWS/SecretsManager",status="success"} [1-9]',
      'keyturn_aws_call_duration_seconds_count{operation="GetCallerIdentity",result="success"} [1-9]',
      'keyturn_kubernetes_call_duration_seconds_count{code="201",resource="secrets",verb="create"} [1-9]',
      'keyturn_secret_writes_total{operation="create"} [1-9]',
      'keyturn_reconcile_duration_seconds_count{controller="externalsecret",outcome="done"} [1-9]',
      'keyturn_queue_depth 0',
      'process_resident_memory_bytes [1-9]',
    ];
    const patterns = expected.map((line) => new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')}`, 'm'));
    const missing = async () => {
      const text = await read();
      return patterns.filter((pattern) => !pattern.test(text)).map(({ source }) => source);
    };
    await until('all series', missing, SOON_MS, (each) => each.length === 0);

    await world.objects.remove('ExternalSecret', namespace, 'app');
    await until('the series of a deleted object to end', async () => !(await read()).includes(of('app')), SOON_MS);
  });

  it('SIGTERM while a sync is in flight: it is finished and the Lease is given back', async () => {
    const { namespace, value, release } = await syncInFlight();
    expect(await leaseHolder()).not.toBe('');
    const ended = world.operator.stop();
    await stopping();
    release();
    const { code, ms } = await ended;
    expect(code).toBe(0);
    expect(ms).toBeLessThan(ENDS_WITHIN_MS);
    expect(await world.secretData(namespace, 'app')).toEqual({ password: value });
    expect(await world.condition(namespace, 'app')).toMatchObject({ status: 'True', reason: 'SecretSynced' });
    expect((await world.events(namespace, 'app')).map(({ reason }) => reason)).toEqual(['Created']);
    expect(await leaseHolder()).toBe('');
    await world.restartOperator('stop');
  });

  it('SIGTERM while AWS does not answer: it ends in time, and the next one does the work', async () => {
    const { namespace, value } = await syncInFlight();
    const { code, ms } = await world.operator.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(ENDS_WITHIN_MS);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
    expect(await leaseHolder()).toBe('');

    await world.restartOperator('stop');
    await world.expectData(namespace, 'app', { password: value });
  });

  it('SIGTERM while the API server does not answer to anything: it ends in time', async () => {
    const { namespace, release } = await syncInFlight();
    const hanging = proxied.apiProxy.fail(({ path }) => !path.includes('watch=true'), { kind: 'hang' });
    release();
    const came = () => countOf(proxied.apiProxy, createsSecretIn(namespace)) > 0;
    await until('the write of the Secret to hang', came, SOON_MS);
    expect(hanging.hits).toBeGreaterThan(0);
    const { code, ms } = await world.operator.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(ENDS_WITHIN_MS);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
    proxied.apiProxy.clear();
    // It could not be given back, and would have to expire.
    await world.cluster.request('DELETE', LEASE_PATH);
    await world.restartOperator('stop');
  });

  it('a second SIGTERM: it ends at once', async () => {
    await syncInFlight();
    process.kill(world.operator.pid, 'SIGTERM');
    await stopping();
    const atMs = performance.now();
    process.kill(world.operator.pid, 'SIGTERM');
    await until('the end', () => world.operator.hasExited, SOON_MS);
    expect(performance.now() - atMs).toBeLessThan(1_000);
    // 128 + 15, as shells have it.
    expect((await world.operator.kill()).code).toBe(143);
    await world.restartOperator('stop');
  });
});
