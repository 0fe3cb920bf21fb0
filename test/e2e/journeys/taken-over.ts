import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { until } from '../../harness/until.ts';
import { at } from '../../integration/cluster-objects.ts';
import { marksOf, upstream } from '../../integration/upstream-left.ts';
import { uninstall } from '../installation.ts';
import { installOn, READ_ALL } from '../stage.ts';
import { deleteNamespace } from './delete-namespace.ts';
import { type Journey, timed } from './journey.ts';

/** Of them 15 s and a bit are for the Lease of the replica that was uninstalled. */
const ADOPTED_WITHIN_MS = 60_000;
/** The net below the events: ministack may give one to the last poll of the replica that was uninstalled (README.md). */
const SWEEP_SECONDS = 10;
const ROTATED_WITHIN_MS = 60_000;

export const takenOver: Journey = {
  title: '7  a cluster of External Secrets Operator is taken over, and no pod restarts',
  async travel(stage) {
    const { cluster, objects, externalSecret, pods } = stage;
    await uninstall(cluster.client);
    const namespace = await stage.namespace('upstream');
    const password = stage.canary();
    const { name: key } = await stage.putSecret({ password });
    // Its store reads by a ServiceAccount, as everything here; nobody is there to validate it.
    const store = (inNamespace: string) => stage.storeByAccount(inNamespace, [READ_ALL], false);
    const left = upstream({ objects, cluster: cluster.client, externalSecret, store });
    const spec = { refreshInterval: `${SWEEP_SECONDS}s`, dataFrom: [{ extract: { key } }] };
    await left.leavesStore(namespace);
    await left.leaves(namespace, 'database', { spec, data: { password } });
    const isAdopted = async () => marksOf(await stage.secret(namespace, 'database')).length > 0;
    await pods.run(namespace, 'app', 'database');
    const pod = await pods.ready(namespace, 'app');
    const before = await stage.secret(namespace, 'database');
    // Times of fields are whole seconds: what is written in the second of an earlier write is suspect ever after.
    await sleep(1_100);
    const adoptedMs = await timed(async () => {
      await installOn(stage);
      await stage.expectStore(namespace, 'aws', 'True', /store validated: arn/, ADOPTED_WITHIN_MS);
      await until('the Secret to be adopted', isAdopted, ADOPTED_WITHIN_MS);
    });
    const after = await stage.secret(namespace, 'database');
    expect(after['data']).toEqual(before['data']);
    expect(at(after, 'metadata', 'uid')).toBe(at(before, 'metadata', 'uid'));
    const next = stage.canary();
    await stage.putSecret({ password: next }, key);
    const rotatedMs = await stage.expectData(namespace, 'database', { password: next }, ROTATED_WITHIN_MS);
    expect(await pods.ready(namespace, 'app')).toEqual(pod);
    const deletedMs = await deleteNamespace(stage, namespace);
    return [
      { what: 'installed → its Secret is adopted; data, uid and pod as before (waits for the Lease)', ms: adoptedMs },
      { what: `a rotation → Secret, by event or by the sweep of every ${SWEEP_SECONDS} s`, ms: rotatedMs },
      { what: "its namespace is deleted, upstream's finalizers and all", ms: deletedMs },
    ];
  },
};
