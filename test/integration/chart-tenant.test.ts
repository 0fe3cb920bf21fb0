/** The chart installed by somebody who owns a namespace and has no right to anything of the cluster. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { runHelm } from '../harness/helm.ts';
import { type FreshNamespace, freshNamespace } from '../harness/namespace.ts';
import { sharedCluster } from '../harness/shared.ts';
import { CHART } from './chart-world.ts';

let cluster: ClusterClient;
let home: FreshNamespace;

beforeAll(async () => {
  cluster = sharedCluster();
  home = await freshNamespace(cluster, 'owned');
  const metadata = { name: 'owner', namespace: home.name };
  const rbac = 'rbac.authorization.k8s.io';
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'owner' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  ];
  await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
});
afterAll(async () => {
  await home.remove();
  await cluster.close();
});

it('is installed, upgraded and uninstalled', async () => {
  const kubeconfigPath = await cluster.kubeconfigFor({ namespace: home.name, serviceAccount: 'owner' });
  const values = {
    scopedNamespace: home.name,
    installCRDs: false,
    crds: { createKeyturnKinds: false },
    validatingAdmissionPolicy: { create: false },
    rbac: { aggregateToView: false },
  };
  for (const args of [
    ['install', 'keyturn', CHART, '--values', '-'],
    ['upgrade', 'keyturn', CHART, '--values', '-'],
    ['uninstall', 'keyturn'],
  ]) {
    const input = JSON.stringify(values);
    const { exitCode, stderr } = await runHelm([...args, '--namespace', home.name], { kubeconfigPath, input });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  }
});
