/** The real API server, with a custom resource of the test's own. */

import { createKubeClient } from '../../src/kube/client.ts';
import { createGenericObjects } from '../../src/kube/generic-objects.ts';
import { systemClock } from '../../src/loop/system-clock.ts';
import type { ControllerRef } from '../../src/ports/cluster.ts';
import type { GenericObjects } from '../../src/ports/generic-objects.ts';
import { SecretJson } from '../../src/ports/secret-json.ts';
import { customKind } from '../harness/custom-kind.ts';
import { freshNamespace } from '../harness/namespace.ts';
import { sharedCluster } from '../harness/shared.ts';
import { createRecordedLog, createRecordedMetrics } from '../unit/kube/records.ts';
import { genericObjectsContract, sortedContent } from './generic-objects-contract.ts';

/** What is owned by an object that is not there is removed. */
async function newOwner(objects: GenericObjects, namespace: string): Promise<ControllerRef> {
  const signal = new AbortController().signal;
  const owner = {
    namespace,
    name: 'owner',
    labels: {},
    annotations: {},
    controller: undefined,
    content: new SecretJson(new Map()),
  };
  const kind = await objects.servedKind('v1', 'ConfigMap', signal);
  const { name, uid } = await objects.create(kind, owner, 'keyturn', signal);
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid };
}

genericObjectsContract('the API server', async () => {
  const cluster = sharedCluster();
  const namespace = await freshNamespace(cluster, 'generic');
  const custom = await customKind(cluster, 'AppConfig');
  const options = {
    kubeconfigPath: cluster.adminKubeconfigPath,
    clock: systemClock,
    log: createRecordedLog(),
    metrics: createRecordedMetrics(),
  };
  const client = createKubeClient(options);
  const urlOf = ({ apiVersion, plural }: { apiVersion: string; plural: string }, name: string) =>
    `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/namespaces/${namespace.name}/${plural}/${name}`;
  const objects = createGenericObjects(client, systemClock);
  return {
    objects,
    namespace: namespace.name,
    owner: await newOwner(objects, namespace.name),
    custom,
    async content(kind, name) {
      const { stdout, exitCode } = await cluster.kubectl(['get', '--raw', urlOf(kind, name)]);
      return exitCode === 0 ? sortedContent(stdout) : undefined;
    },
    async edit(kind, name, content) {
      const merge = { contentType: 'application/merge-patch+json' };
      await cluster.request('PATCH', `${urlOf(kind, name)}?fieldManager=somebody`, content, merge);
    },
    async stop() {
      await client.close();
      await custom.remove();
      await namespace.remove();
      await cluster.close();
    },
  };
});
