import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { until } from '../../harness/until.ts';
import { at, type Json } from '../../integration/cluster-objects.ts';
import { upgrade } from '../installation.ts';
import type { Stage } from '../stage.ts';
import { type Journey, timed } from './journey.ts';

const WITHIN_MS = 90_000;
const APPS = ['api', 'batch', 'worker'];
const WINDOW = '1s';
/** The upgrade ends a leader, and ministack does not notice that its last poll of 20 s has no client any more (README.md). */
const LEFT_POLL_MS = 21_000;
const VALUES = { rollouts: { enabled: true, window: WINDOW }, consumption: { enabled: true } };
const ANNOTATIONS = { 'keyturn.dev/rollout': 'auto', 'keyturn.dev/consumption': 'true' };

/** Waits until the SecretConsumption says of this version that all pods have it. */
function saysSafe(stage: Stage, namespace: string, versionId: string): Promise<unknown> {
  const status: Json = { current: APPS.length, earlier: 0, safeToRevokePrevious: 'True' };
  return until(
    `the consumption of ${versionId} to be ${JSON.stringify(status)}`,
    () => stage.objects.get('SecretConsumption', namespace, 'database'),
    WITHIN_MS,
    (seen) =>
      at(seen, 'status', 'versions', 0, 'versionIds', 0) === versionId &&
      Object.entries(status).every(([field, value]) => at(seen, 'status', field) === value),
  );
}

async function readsPassword(stage: Stage, namespace: string, app: string, password: string): Promise<void> {
  await until(
    `the process of ${app} to have the value in its environment`,
    async () => {
      const { name } = await stage.pods.ready(namespace, app);
      return (await stage.pods.shell(namespace, name, 'echo "$PASSWORD"')) === `${password}\n`;
    },
    WITHIN_MS,
  );
}

export const rollout: Journey = {
  title: '3  a rotation reaches the environment of pods by a rollout, and then it is safe to revoke',
  async travel(stage) {
    const { cluster, installation } = stage;
    await upgrade(cluster.client, { ...installation, values: VALUES });
    const upgradedAtMs = performance.now();
    const namespace = await stage.namespace('rollout');
    const { name: key, versionId: first } = await stage.putSecret({ password: stage.canary() });
    await stage.storeByAccount(namespace, [
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    ]);
    const spec = { dataFrom: [{ extract: { key } }] };
    await stage.externalSecret(namespace, 'database', spec, { annotations: ANNOTATIONS });
    await stage.expectReady(namespace, 'database');
    for (const app of APPS) await stage.pods.run(namespace, app, 'database');
    const before = await Promise.all(APPS.map((app) => stage.pods.ready(namespace, app)));
    await saysSafe(stage, namespace, first);

    await sleep(Math.max(0, upgradedAtMs + LEFT_POLL_MS - performance.now()));
    const password = stage.canary();
    const { versionId } = await stage.putSecret({ password }, key);
    const toSecretMs = await stage.expectData(namespace, 'database', { password }, WITHIN_MS);
    const writtenAtMs = performance.now();
    const toPodsMs = await timed(() => Promise.all(APPS.map((app) => readsPassword(stage, namespace, app, password))));
    await saysSafe(stage, namespace, versionId);
    const toSafeMs = performance.now() - writtenAtMs;
    const after = await Promise.all(APPS.map((app) => stage.pods.ready(namespace, app)));
    for (const [index, pod] of after.entries()) expect(pod.uid).not.toBe(before[index]?.uid);
    await upgrade(cluster.client, installation);
    return [
      { what: 'AWS → Secret', ms: toSecretMs },
      {
        what: `Secret → the value in the environment of ${APPS.length} Deployments, one first (window ${WINDOW})`,
        ms: toPodsMs,
      },
      { what: 'Secret → told that no pod holds the previous version', ms: toSafeMs },
    ];
  },
};
