import { expect } from 'vitest';
import { countWrites, requestsBetween } from '../../harness/request-counts.ts';
import { until } from '../../harness/until.ts';
import { makeFleet, wrongIn } from '../fleet.ts';
import { killContainer, leaderPod } from '../operator-pods.ts';
import type { Stage } from '../stage.ts';
import type { Journey } from './journey.ts';

const SIZE = 60;
/** So many Secrets are written when it happens; the others' secrets are rotating. */
const WRITTEN_BEFORE = 10;
const TAKEN_OVER_WITHIN_MS = 60_000;

export const leaderKilled: Journey = {
  title: '4  the leader is killed in the middle of a burst: the other replica takes over',
  async travel(stage) {
    const fleet = await makeFleet(stage, 'leader', SIZE);
    const leader = await until('a leader', () => leaderPod(stage), TAKEN_OVER_WITHIN_MS);
    const before = await stage.cluster.client.metrics();
    const rotated = fleet.rotateOneByOne();
    const written = (count: number) => count >= WRITTEN_BEFORE;
    await until(`${WRITTEN_BEFORE} Secrets to be written`, fleet.changed, TAKEN_OVER_WITHIN_MS, written);
    await killContainer(stage, leader);
    const killedAtMs = performance.now();
    const byTheFirst = fleet.changed();
    expect(byTheFirst).toBeLessThan(SIZE);
    await rotated;
    await until('another pod to lead', () => anotherLeads(stage, leader.name), TAKEN_OVER_WITHIN_MS);
    const takenOverMs = performance.now() - killedAtMs;
    await fleet.arrived();
    const lastMs = performance.now() - killedAtMs;
    const history = fleet.history();
    expect(wrongIn(history)).toEqual([]);
    expect([...history.values()]).toEqual(Array.from({ length: SIZE }, () => [0, 1]));
    // A write that changes nothing makes no new version of the object: the API server's count tells of it. Creations were
    // before, and the last of them may be counted late.
    const requests = requestsBetween(before, await stage.cluster.client.metrics());
    const changes = requests.filter(({ verb, code }) => verb === 'PATCH' && code.startsWith('2'));
    expect(countWrites(changes, 'secrets')).toBe(SIZE);
    await fleet.stop();
    return [
      { what: `killed → the other replica leads (its Lease is for 15 s)`, ms: takenOverMs },
      { what: `killed after ${byTheFirst} of ${SIZE} Secrets → the last one is written, each once`, ms: lastMs },
    ];
  },
};

async function anotherLeads(stage: Stage, than: string): Promise<boolean> {
  const leader = await leaderPod(stage);
  return leader !== undefined && leader.name !== than;
}
