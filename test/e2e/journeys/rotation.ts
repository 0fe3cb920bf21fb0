import { expect } from 'vitest';
import { MOUNTED_AT } from '../pods.ts';
import type { Journey } from './journey.ts';

const ROTATIONS = 5;

export const rotation: Journey = {
  title: '2  a rotation in AWS reaches the file in the running pod',
  async travel(stage) {
    const namespace = await stage.namespace('rotation');
    const first = stage.canary();
    const { name: key } = await stage.putSecret({ password: first });
    await stage.storeByAccount(namespace, [
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    ]);
    await stage.externalSecret(namespace, 'database', { dataFrom: [{ extract: { key } }] });
    await stage.expectReady(namespace, 'database');
    await stage.pods.run(namespace, 'app', 'database');
    const before = await stage.pods.ready(namespace, 'app');
    const toSecretMs: number[] = [];
    const toFileMs: number[] = [];
    for (let round = 0; round < ROTATIONS; round += 1) {
      const password = stage.canary();
      const within = (stage.cluster.kubeletSyncSeconds + 60) * 20;
      const look = `n=0; until test "$(cat ${MOUNTED_AT}/password)" = ${password}; do n=$((n+1)); test $n -lt ${within}; sleep 0.05; done`;
      // It looks from within, before the value is there.
      const seenInPod = stage.pods.shell(namespace, before.name, `set -e; ${look}`).then(() => performance.now());
      seenInPod.catch(() => undefined);
      await stage.putSecret({ password }, key);
      const rotatedAtMs = performance.now();
      toSecretMs.push(await stage.expectData(namespace, 'database', { password }));
      const inSecretAtMs = rotatedAtMs + (toSecretMs.at(-1) ?? 0);
      toFileMs.push((await seenInPod) - inSecretAtMs);
    }
    const after = await stage.pods.ready(namespace, 'app');
    expect(after).toEqual(before);
    // The environment of a running process does not change: that is what a rollout is for.
    expect(await stage.pods.shell(namespace, after.name, 'echo "$PASSWORD"')).toBe(`${first}\n`);
    return [
      ...spread('AWS → Secret, by event', toSecretMs),
      ...spread(`Secret → file (the kubelet looks every ${stage.cluster.kubeletSyncSeconds} s)`, toFileMs),
    ];
  },
};

function spread(what: string, samples: readonly number[]) {
  const sorted = samples.toSorted((a, b) => a - b);
  return [
    { what: `${what}: median of ${samples.length}`, ms: sorted[Math.floor(sorted.length / 2)] },
    { what: `${what}: longest`, ms: sorted.at(-1) },
  ];
}
