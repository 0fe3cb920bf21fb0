import { describe, expect, test } from 'vitest';
import { DONE } from '../../../src/loop/reconcile.ts';
import { ShardedController } from '../../../src/loop/sharded-controller.ts';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createVirtualClock } from '../virtual-clock.ts';

/** Keys are `0/a`: what is before the slash is the shard. */
function setUp(...keys: readonly string[]) {
  const clock = createVirtualClock();
  const all = new Set(keys);
  const reconciled: string[] = [];
  const forgotten: string[] = [];
  const state = { running: 0, mostRunning: 0, hold: Promise.resolve() };
  const controller = new ShardedController({
    name: 'test',
    async reconcile(key) {
      state.running += 1;
      state.mostRunning = Math.max(state.mostRunning, state.running);
      await state.hold;
      state.running -= 1;
      reconciled.push(key);
      return DONE;
    },
    slots: new WorkerSlots(2),
    backoff: { firstMs: 1, longestMs: 1 },
    clock,
    log: createRecordingLog(),
    onOutcome: () => {},
    shardOf: (key) => Number(key.split('/')[0]),
    keys: () => all,
    isThere: (key) => all.has(key),
    onForget: (key) => forgotten.push(key),
  });
  const run = (shard: number, beside?: (firstPass: Promise<void>) => Promise<void>) => {
    const stop = new AbortController();
    const ended = controller.run(shard, stop.signal, new AbortController().signal, beside);
    return { stop: () => stop.abort(), ended };
  };
  return { clock, all, controller, reconciled, forgotten, state, run };
}

describe('a sharded controller', () => {
  test('looks at all keys of a shard that it gets, and at no other', async () => {
    const { clock, reconciled, run } = setUp('0/a', '1/a', '0/b');
    run(0);
    await clock.settle();
    expect(reconciled).toEqual(['0/a', '0/b']);
    run(1);
    await clock.settle();
    expect(reconciled).toEqual(['0/a', '0/b', '1/a']);
  });

  test('drops keys of shards that it does not hold, now and later', async () => {
    const { clock, controller, reconciled, run } = setUp();
    controller.add('1/x');
    run(0);
    controller.add('1/x');
    run(1);
    await clock.settle();
    expect([reconciled, controller.depth]).toEqual([[], 0]);
  });

  test('puts live changes before what a new shard brings', async () => {
    const { clock, controller, reconciled, run, state } = setUp('0/a', '0/b', '0/c', '1/a', '1/b');
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    run(0);
    controller.add('0/live');
    await clock.settle();
    resolve();
    await clock.settle();
    expect(reconciled.indexOf('0/live')).toBeLessThan(reconciled.indexOf('0/c'));
  });

  test('does as much at the same time as one controller would', async () => {
    const { clock, run, state, reconciled } = setUp('0/a', '0/b', '0/c', '1/a', '1/b', '1/c');
    for (const shard of [0, 1]) run(shard);
    await clock.settle();
    expect([state.mostRunning, reconciled.length]).toEqual([2, 6]);
  });

  test('finishes what runs when it gives a shard back, takes no more, and forgets every key that it knew', async () => {
    const { clock, all, controller, reconciled, forgotten, run, state } = setUp('0/a', '0/b', '0/c');
    const { promise, resolve } = Promise.withResolvers<void>();
    state.hold = promise;
    const held = run(0);
    await clock.settle();
    held.stop();
    all.delete('0/b');
    controller.add('0/b');
    resolve();
    await held.ended;
    expect(reconciled).toEqual(['0/a', '0/b']);
    expect(forgotten.toSorted()).toEqual(['0/a', '0/b', '0/c']);
    expect(controller.depth).toBe(0);
    controller.add('0/a');
    await clock.settle();
    expect(reconciled).toHaveLength(2);
  });

  test('forgets a key that there is none of any more at once, and remembers nothing of it', async () => {
    const { clock, all, controller, forgotten, run } = setUp('0/a', '0/b');
    const held = run(0);
    await clock.settle();
    all.delete('0/b');
    controller.add('0/b');
    await clock.settle();
    expect(forgotten).toEqual(['0/b']);
    held.stop();
    await held.ended;
    expect(forgotten).toEqual(['0/b', '0/a']);
  });

  test('forgets nothing of a shard before what goes on beside its work has ended', async () => {
    const { clock, controller, forgotten, run } = setUp('0/a');
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = run(0, () => promise);
    await clock.settle();
    held.stop();
    await clock.settle();
    expect([forgotten, controller.depth]).toEqual([[], 0]);
    resolve();
    await held.ended;
    expect(forgotten).toEqual(['0/a']);
  });

  test('tells what goes on beside its work when each key was looked at', async () => {
    const { clock, reconciled, run } = setUp('0/a', '0/b', '0/c');
    const seen: string[][] = [];
    run(0, async (firstPass) => {
      await firstPass;
      seen.push([...reconciled]);
    });
    expect(seen).toEqual([]);
    await clock.settle();
    expect(seen).toEqual([['0/a', '0/b', '0/c']]);
  });

  test('tells it at once where there is no key', async () => {
    const { clock, run } = setUp();
    let told = 0;
    run(0, async (firstPass) => {
      await firstPass;
      told += 1;
    });
    await clock.settle();
    expect(told).toBe(1);
  });

  test('looks at everything once more when a shard comes back', async () => {
    const { clock, reconciled, run } = setUp('0/a');
    const held = run(0);
    await clock.settle();
    held.stop();
    await held.ended;
    run(0);
    await clock.settle();
    expect(reconciled).toEqual(['0/a', '0/a']);
  });
});
