/**
 * What the operator's pod reaches and who reaches it, with the chart's NetworkPolicy as it is by default, and without: a door
 * that the policy shuts has to open then, or something else had shut it.
 */

import { until } from '../../harness/until.ts';
import { upgrade } from '../installation.ts';
import { leaderPod } from '../operator-pods.ts';
import type { Stage } from '../stage.ts';
import { type Doors, doorsOf } from './doors.ts';
import { type Journey, timed } from './journey.ts';

const WITHIN_MS = 60_000;

const WITH_POLICY: Doors = {
  'to AWS': 'open',
  'to the API server': 'open',
  'to DNS (TCP)': 'open',
  'to the agent of EKS Pod Identity': 'open',
  'to the metadata of the instance': 'shut',
  'to the kubelet': 'shut',
  'to another port of the node': 'shut',
  'from another namespace to its metrics': 'open',
  'from another namespace to its health': 'open',
  'from another namespace to another port': 'shut',
};
const SHUT = Object.keys(WITH_POLICY).filter((door) => WITH_POLICY[door] === 'shut');
const WITHOUT_POLICY: Doors = { ...WITH_POLICY, ...Object.fromEntries(SHUT.map((door) => [door, 'open'])) };

export const networkPolicy: Journey = {
  title: '11 by its NetworkPolicy the operator reaches AWS and the API server, and not what is not its business',
  async travel(stage) {
    const { cluster, installation } = stage;
    const pod = await until('a leader', () => leaderPod(stage), WITHIN_MS);
    const doors = await doorsOf(stage, pod.name);
    const become = (what: string, wanted: Doors) =>
      timed(() => until(what, doors.try, WITHIN_MS, (seen) => JSON.stringify(seen) === JSON.stringify(wanted)));
    try {
      await become('the doors to be as the policy says', WITH_POLICY);
      await upgrade(cluster.client, { ...installation, values: { networkPolicy: { enabled: false } } });
      await become('all doors to be open without the policy', WITHOUT_POLICY);
      await upgrade(cluster.client, installation);
      const heldMs = await become('the policy to hold again', WITH_POLICY);
      await stillWorks(stage);
      return [
        { what: `of ${Object.keys(WITH_POLICY).length} doors it shuts ${SHUT.length}, which are open without it` },
        { what: 'applied again → it holds', ms: heldMs },
      ];
    } finally {
      await doors.remove();
    }
  },
};

async function stillWorks(stage: Stage): Promise<void> {
  const namespace = await stage.namespace('behind-policy');
  const password = stage.canary();
  const { name: key } = await stage.putSecret({ password });
  const secretStoreRef = { name: 'aws', kind: 'ClusterSecretStore' };
  await stage.externalSecret(namespace, 'database', { secretStoreRef, dataFrom: [{ extract: { key } }] });
  await stage.expectData(namespace, 'database', { password });
}
