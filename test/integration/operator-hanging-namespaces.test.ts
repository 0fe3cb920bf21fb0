/** An operator that may not change namespaces (rbac.releaseNamespaces of the chart), and one that hangs in its deletion. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { ESO_NAMESPACE_FINALIZER_PREFIX } from '../../src/api/groups.ts';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import { sharedCluster } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { rendered } from './chart-world.ts';
import { giveRules, rolesIn } from './deployed-roles.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';

const SOON_MS = 30_000;
const FINALIZERS = [`${ESO_NAMESPACE_FINALIZER_PREFIX}one`];

let cluster: ClusterClient;
let home: FreshNamespace;
let world: World;

const rulesWith = async (releaseNamespaces: boolean) =>
  rolesIn(await rendered({ rbac: { releaseNamespaces } }))
    .filter(({ namespace }) => namespace === '')
    .flatMap(({ rules }) => rules);

beforeAll(async () => {
  cluster = sharedCluster();
  home = await freshNamespace(cluster, 'unreleased');
  const account = { namespace: home.name, serviceAccount: 'keyturn' };
  await giveRules(cluster, account, await rulesWith(false));
  world = await startWorld({ cluster, account });
});
afterAll(async () => {
  await world.stop();
  await cluster.kubectl(['delete', 'clusterrolebinding,clusterrole', home.name]);
  await home.remove();
  await cluster.close();
});

it('the log says once what hangs by what, and what to do; tries grow rarer; with the right it goes on by itself', async () => {
  const { operator } = world;
  const name = world.uniqueName('hanging');
  const metadata = { name, finalizers: FINALIZERS };
  await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }));
  const path = `/api/v1/namespaces/${name}`;
  await cluster.request('DELETE', path);
  const told = () => operator.logs().filter((line) => line['level'] === 'warn' && line['namespace'] === name);
  const tries = () => operator.logs().filter(({ msg, key }) => msg === 'will retry' && key === `Namespace/${name}`);
  await until('three tries', tries, SOON_MS, (seen) => seen.length >= 3);
  expect(told()).toMatchObject([
    {
      finalizers: FINALIZERS,
      error:
        `The operator may not patch namespaces "${name}": "system:serviceaccount:${home.name}:keyturn" lacks the RBAC ` +
        'rule {apiGroups: [""], resources: ["namespaces"], verbs: ["patch"]} in a ClusterRole.',
      msg:
        'a namespace hangs in its deletion by finalizers of External Secrets Operator: give the right to remove them ' +
        '(rbac.releaseNamespaces of the chart), or remove them',
    },
  ]);
  const waits = tries().map(({ retryInMs }) => Number(retryInMs));
  expect(waits.at(-1)).toBeGreaterThan(waits[0] ?? Number.POSITIVE_INFINITY);

  await giveRules(cluster, { namespace: home.name, serviceAccount: 'keyturn' }, await rulesWith(true));
  await until('the namespace to be gone', async () => (await cluster.request('GET', path)).status === 404, SOON_MS);
  expect(told()).toHaveLength(1);
  expect(bugsLoggedBy(operator)).toEqual([]);
});
