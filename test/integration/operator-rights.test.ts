/** The operator with less than all rights in the cluster: in some namespaces only, or none at all. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import { type OperatorProcess, startOperator } from '../harness/operator-process.ts';
import { sharedCluster } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import { giveRules, inNamespaces, leaseRules, operatorRules } from './deployed-roles.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy, endFaultless } from './proxied-world.ts';

const SOON_MS = 15_000;
/** A watch that is refused is tried again within so long. */
const WATCHED_AGAIN_MS = 45_000;

async function readiness(operator: OperatorProcess): Promise<{ status: number; body: string }> {
  const reply = await fetch(`${await operator.healthUrl()}/readyz`, { signal: AbortSignal.timeout(5_000) });
  return { status: reply.status, body: await reply.text() };
}

describe('--namespace with a Role in each of two namespaces and no right anywhere else', () => {
  let cluster: ClusterClient;
  let home: FreshNamespace;
  let second: FreshNamespace;
  let world: World;
  beforeAll(async () => {
    cluster = sharedCluster();
    home = await freshNamespace(cluster, 'home');
    second = await freshNamespace(cluster, 'second');
    const account = { namespace: home.name, serviceAccount: 'keyturn' };
    const rules = inNamespaces(await operatorRules());
    await giveRules(cluster, account, [...rules, ...(await leaseRules())], home.name);
    await giveRules(cluster, account, rules, second.name);
    const election = ['--leader-elect', '--leader-election-namespace', home.name];
    world = await startWorld({
      cluster,
      account,
      args: ['--namespace', `${home.name},${second.name}`, ...election],
    });
  });
  afterAll(async () => {
    expect(bugsLoggedBy(world.operator)).toEqual([]);
    expect(world.operator.logs().filter(({ level }) => level === 'warn')).toEqual([]);
    expect(await world.leaks()).toEqual([]);
    await world.stop();
    await Promise.all([home.remove(), second.remove()]);
    await cluster.close();
  });

  async function secretWithValue(): Promise<{ value: string; data: readonly object[] }> {
    const value = world.canary();
    const { name } = await world.putSecret(value);
    return { value, data: [{ secretKey: 'password', remoteRef: { key: name } }] };
  }

  it('syncs, rotates and repairs in both', async () => {
    for (const { name: namespace } of [home, second]) {
      const { value, data } = await secretWithValue();
      await world.store(namespace);
      await world.externalSecret(namespace, 'app', { data, refreshInterval: '1s' });
      await world.expectReady(namespace, 'app');
      await world.expectEvent(namespace, 'app', 'Created', /./);
      await world.objects.remove('Secret', namespace, 'app');
      await world.expectData(namespace, 'app', { password: value });
      const rotated = world.canary();
      await world.putSecret(rotated, String(at(data, 0, 'remoteRef', 'key')));
      await world.expectData(namespace, 'app', { password: rotated });
    }
  });

  it('leaves other namespaces alone', async () => {
    const other = await world.namespace('other');
    const { data } = await secretWithValue();
    await world.store(other, { wait: false });
    await world.externalSecret(other, 'app', { data });
    await world.externalSecret(second.name, 'after', { data });
    await world.expectReady(second.name, 'after');
    expect(await world.condition(other, 'app')).toBeUndefined();
    expect(await world.secretData(other, 'app')).toBeUndefined();
  });

  it('says of a ClusterSecretStore that it does not look at those', async () => {
    const name = world.uniqueName('shared');
    const { data } = await secretWithValue();
    await world.clusterStore(home.name, name, { wait: false });
    await world.externalSecret(home.name, 'clusterwide', {
      data,
      secretStoreRef: { kind: 'ClusterSecretStore', name },
    });
    const { message } = await world.expectNotReady(home.name, 'clusterwide', /./);
    expect(message).toMatch(new RegExp(`ClusterSecretStore "${name}" is not ready: .*--namespace.* use a SecretStore`));
  });
});

describe('all rights but to namespaces', () => {
  let cluster: ClusterClient;
  let home: FreshNamespace;
  let world: World;
  let account: { readonly namespace: string; readonly serviceAccount: string };
  beforeAll(async () => {
    cluster = sharedCluster();
    home = await freshNamespace(cluster, 'unlisted');
    account = { namespace: home.name, serviceAccount: 'keyturn' };
    const rules = await operatorRules();
    await giveRules(
      cluster,
      account,
      rules.filter(({ resources }) => !resources.includes('namespaces')),
    );
    world = await startWorld({ cluster, account });
  });
  afterAll(async () => {
    await endFaultless(world);
    await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', home.name]);
    await home.remove();
    await cluster.close();
  });

  it('who waits for labels is told which rule is missing; all others are synced, and they, too, once it is there', async () => {
    const [store, policy] = [world.uniqueName('shared'), world.uniqueName('labelled')];
    const namespaceSelector = { matchLabels: { team: 'red' } };
    const conditions = [{ namespaces: [home.name] }, { namespaceSelector }];
    const red = await world.namespace('red');
    await cluster.kubectl(['label', 'namespace', red, 'team=red']);
    await world.clusterStore(home.name, store, { spec: { conditions } });
    const value = world.canary();
    const { name: key } = await world.putSecret(value);
    const secretStoreRef = { kind: 'ClusterSecretStore', name: store };
    const spec = { secretStoreRef, data: [{ secretKey: 'password', remoteRef: { key } }] };
    const rule =
      `The operator may not list namespaces: "system:serviceaccount:${home.name}:keyturn" lacks the RBAC rule ` +
      '{apiGroups: [""], resources: ["namespaces"], verbs: ["list"]} in a ClusterRole.';

    await world.externalSecret(home.name, 'named', spec);
    await world.expectReady(home.name, 'named');
    await world.externalSecret(red, 'app', spec);
    await world.expectTold(red, 'app', [`may use ClusterSecretStore "${store}" (spec.secretStoreRef)`, rule]);
    try {
      await world.objects.apply('SecretAccessPolicy', '', policy, { spec: { namespaceSelector, allow: [{}] } });
      await world.expectTold(home.name, 'named', [`which SecretAccessPolicies select namespace "${home.name}"`, rule]);
      await world.expectData(home.name, 'named', { password: value });
      await giveRules(cluster, account, await operatorRules());
      // Until the watch is tried again.
      for (const [namespace, name] of [[home.name, 'named'] as const, [red, 'app'] as const]) {
        const probe = () => world.condition(namespace, name);
        await until(`${name} to be Ready`, probe, WATCHED_AGAIN_MS, (seen) => at(seen, 'status') === 'True');
      }
      await world.expectData(red, 'app', { password: value });
    } finally {
      await world.objects.remove('SecretAccessPolicy', '', policy);
    }
  });
});

describe('a ServiceAccount without rights', () => {
  let cluster: ClusterClient;
  let home: FreshNamespace;
  let operator: OperatorProcess;
  beforeAll(async () => {
    cluster = sharedCluster();
    await cluster.applyPath('deploy/rbac.yaml');
    home = await freshNamespace(cluster, 'norights');
    const account = { namespace: home.name, serviceAccount: 'nobody' };
    operator = await startOperator({
      kubeconfigPath: await cluster.kubeconfigFor(account),
      args: ['--health-addr', '127.0.0.1:0', '--metrics-addr', '127.0.0.1:0'],
    });
  });
  afterAll(async () => {
    await operator.stop();
    await cluster.kubectl(['delete', 'clusterrolebinding', home.name]);
    await home.remove();
    await cluster.close();
  });

  it('the log says which verb on which resource is missing, and for whom', async () => {
    const user = `system:serviceaccount:${home.name}:nobody`;
    const resources = [
      ['external-secrets.io', 'externalsecrets'],
      ['external-secrets.io', 'secretstores'],
      ['external-secrets.io', 'clustersecretstores'],
      ['', 'secrets'],
      ['external-secrets.io', 'clusterexternalsecrets'],
      ['', 'namespaces'],
    ] as const;
    for (const [group, resource] of resources) {
      const rule = `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["watch"]}`;
      const line = await operator.waitForLog((each) => each['resource'] === resource, SOON_MS);
      expect(line).toMatchObject({ level: 'warn', status: 403 });
      expect(line['msg']).toBe(
        `The operator may not watch ${resource}: "${user}" lacks the RBAC rule ${rule} in a ClusterRole.`,
      );
    }
  });

  it('it stays unready', async () => {
    expect(await readiness(operator)).toEqual({
      status: 503,
      body: 'waiting for the first list of: externalSecrets, secretStores, clusterSecretStores, secrets, secretAccessPolicies\n',
    });
    expect(bugsLoggedBy(operator)).toEqual([]);
  });

  it('once it has the rights it goes on by itself', async () => {
    const subject = `--serviceaccount=${home.name}:nobody`;
    await cluster.kubectl(['create', 'clusterrolebinding', home.name, '--clusterrole=keyturn', subject]);
    await until('it to be ready', async () => (await readiness(operator)).status === 200, SOON_MS);
  });
});
