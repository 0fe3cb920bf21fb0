import { beforeEach, describe, expect, test } from 'vitest';
import { RolloutsInProgress } from '../../../src/controllers/rollouts-in-progress.ts';
import type { Workload } from '../../../src/ports/workloads.ts';
import { NOW_MS, ROLLING, triggered, V2, WHOLE, workload } from '../domain/workloads.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';

const DEADLINE_MS = 600_000;
const STALLED_MS = 120_000;

let clock: VirtualClock;
let freed: number;
let inProgress: RolloutsInProgress;
beforeEach(() => {
  clock = createVirtualClock(NOW_MS);
  freed = 0;
  const onFreed = () => {
    freed += 1;
  };
  inProgress = new RolloutsInProgress({ clock, deadlineMs: DEADLINE_MS, most: 3, onFreed });
});

function rolling(namespace: string, name: string, parts: Partial<Workload> = {}): Workload {
  return workload(name, { namespace, ...triggered(V2), triggeredAtMs: clock.nowMs(), progress: ROLLING, ...parts });
}

describe('places', () => {
  test('are taken by what is on its way, and free when it has ended', () => {
    for (const name of ['a', 'b', 'c']) inProgress.observe(rolling('one', name));
    expect(inProgress.freeFor('one', [])).toBe(0);
    inProgress.observe(rolling('one', 'a', { progress: WHOLE }));
    expect([inProgress.freeFor('one', []), freed]).toEqual([1, 1]);
    inProgress.drop('Deployment/one/b');
    expect([inProgress.freeFor('one', []), freed]).toEqual([2, 2]);
  });

  test('are left by whoever has some to namespaces that wait without any', () => {
    inProgress.observe(rolling('one', 'a'));
    expect(inProgress.freeFor('one', ['two'])).toBe(1);
    expect(inProgress.freeFor('one', ['one', 'two', 'three', 'four'])).toBe(0);
    expect(inProgress.freeFor('two', ['two', 'three'])).toBe(2);
    inProgress.observe(rolling('two', 'a'));
    expect(inProgress.freeFor('one', ['two'])).toBe(1);
  });

  test('are left by what comes no further for two minutes, and taken again when it does', async () => {
    const stuck = rolling('one', 'a');
    inProgress.observe(stuck);
    expect(inProgress.nextFreeAtMs).toBe(NOW_MS + STALLED_MS);
    await clock.advance(STALLED_MS - 1_000);
    inProgress.observe(stuck);
    expect([inProgress.has(stuck), inProgress.count]).toEqual([true, 1]);
    await clock.advance(1_000);
    expect([inProgress.has(stuck), inProgress.count, inProgress.nextFreeAtMs]).toEqual([false, 0, undefined]);
    inProgress.observe({ ...stuck, progress: { ...ROLLING, updated: 0 } });
    expect([inProgress.has(stuck), inProgress.nextFreeAtMs]).toEqual([true, clock.nowMs() + STALLED_MS]);
  });

  test('are not given again to a namespace with stalled workloads while others wait', async () => {
    for (const name of ['a', 'b', 'c']) inProgress.observe(rolling('one', name));
    await clock.advance(STALLED_MS);
    expect(inProgress.freeFor('one', ['one', 'two'])).toBe(2);
    expect(inProgress.freeFor('two', ['one', 'two'])).toBe(3);
  });

  test('are kept by what goes on, until its deadline', async () => {
    const triggeredAtMs = clock.nowMs();
    for (let updated = 0; updated < 5; updated += 1) {
      inProgress.observe(rolling('one', 'a', { triggeredAtMs, progress: { ...ROLLING, desired: 9, updated } }));
      await clock.advance(115_000);
    }
    expect(inProgress.nextFreeAtMs).toBe(triggeredAtMs + 4 * 115_000 + STALLED_MS);
    inProgress.observe(rolling('one', 'a', { triggeredAtMs, progress: { ...ROLLING, desired: 9, updated: 5 } }));
    expect(inProgress.nextFreeAtMs).toBe(triggeredAtMs + DEADLINE_MS);
  });

  test('are not taken by what waits for somebody', () => {
    inProgress.observe(rolling('one', 'a', { isPaused: true }));
    inProgress.observe(rolling('one', 'b', { progress: { ...ROLLING, isWaiting: true } }));
    expect(inProgress.count).toBe(0);
  });
});
