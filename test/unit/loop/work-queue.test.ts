import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Priority, WorkQueue } from '../../../src/loop/work-queue.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { NaiveQueue } from './naive-queue.ts';

function setUp() {
  const clock = createVirtualClock();
  const queue = new WorkQueue(clock);
  return { clock, queue, takeAll: () => takeAll(queue) };
}

/** Takes and ends keys until none is ready. */
function takeAll(queue: WorkQueue): readonly string[] {
  const taken: string[] = [];
  for (let key = queue.take(); key !== undefined; key = queue.take()) {
    taken.push(key);
    queue.done(key);
  }
  return taken;
}

describe('the laws of the queue', () => {
  test('what it holds does not grow with how often a key is asked for sooner than before', () => {
    const { clock, queue } = setUp();
    queue.add('other', { delayMs: 1_000_000_000 });
    for (let round = 0; round < 10_000; round += 1) {
      queue.add('a', { delayMs: 500_000_000 - round });
      queue.add('a');
      expect(takeAll(queue)).toEqual(['a']);
    }
    expect(queue.held).toBeLessThan(100);
    clock.tick(1_000_000_000);
    expect(takeAll(queue)).toEqual(['other']);
  });

  test('a key that is added twice is taken once', () => {
    const { queue, takeAll } = setUp();
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(1);
    expect(takeAll()).toEqual(['a']);
  });

  test('keys are taken in the order they came', () => {
    const { queue, takeAll } = setUp();
    for (const key of ['c', 'a', 'b', 'a']) queue.add(key);
    expect(takeAll()).toEqual(['c', 'a', 'b']);
  });

  test('of two times the earlier wins, whichever was asked for first', () => {
    const { clock, queue, takeAll } = setUp();
    queue.add('a', { delayMs: 100 });
    queue.add('a', { delayMs: 50 });
    queue.add('b', { delayMs: 50 });
    queue.add('b', { delayMs: 100 });
    clock.tick(49);
    expect(takeAll()).toEqual([]);
    clock.tick(1);
    expect(takeAll()).toEqual(['a', 'b']);
    clock.tick(1_000);
    expect(takeAll()).toEqual([]);
  });

  test('a wait is cut short by a change, and does not come back later', () => {
    const { clock, queue, takeAll } = setUp();
    queue.add('a', { delayMs: 3_600_000 });
    queue.add('a');
    expect(takeAll()).toEqual(['a']);
    clock.tick(7_200_000);
    expect(takeAll()).toEqual([]);
  });

  test('low waits behind high, however long it has been there', () => {
    const { queue, takeAll } = setUp();
    queue.add('low-1', { priority: 'low' });
    queue.add('low-2', { priority: 'low' });
    queue.add('high');
    expect(takeAll()).toEqual(['high', 'low-1', 'low-2']);
  });

  test('of two priorities the higher wins, whichever was asked for first', () => {
    const { queue, takeAll } = setUp();
    queue.add('x', { priority: 'low' });
    queue.add('a', { priority: 'low' });
    queue.add('a', { priority: 'high' });
    queue.add('b', { priority: 'high' });
    queue.add('b', { priority: 'low' });
    expect(takeAll()).toEqual(['a', 'b', 'x']);
  });

  test('a priority that is raised while its key waits for its time counts when that has come', () => {
    const { clock, queue, takeAll } = setUp();
    queue.add('a', { delayMs: 10, priority: 'low' });
    queue.add('a', { delayMs: 10, priority: 'high' });
    queue.add('b', { priority: 'low' });
    clock.tick(10);
    expect(takeAll()).toEqual(['a', 'b']);
  });

  test('a key that runs is not taken a second time, and runs once more afterwards', () => {
    const { queue, takeAll } = setUp();
    queue.add('a');
    expect(queue.take()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.take()).toBeUndefined();
    queue.done('a');
    expect(takeAll()).toEqual(['a']);
  });

  test('what was asked of a running key with a delay is waited for after it', () => {
    const { clock, queue, takeAll } = setUp();
    queue.add('a');
    queue.take();
    queue.add('a', { delayMs: 100 });
    clock.tick(60);
    queue.done('a');
    expect(takeAll()).toEqual([]);
    clock.tick(40);
    expect(takeAll()).toEqual(['a']);
  });

  test('whoever takes is told when a key can be taken: at once, after a wait, and after a run', () => {
    const { clock, queue } = setUp();
    const told: string[] = [];
    queue.onReady = () => told.push(queue.take() ?? 'nothing');
    queue.add('now');
    queue.add('later', { delayMs: 20 });
    clock.tick(20);
    queue.add('now');
    queue.done('now');
    expect(told).toEqual(['now', 'later', 'now']);
  });

  test('a wait that is longer than the clock can count is waited for in parts', () => {
    const clock = createVirtualClock();
    const LONGEST_MS = 1_000;
    const short = {
      ...clock,
      after: (delayMs: number, run: () => void) => clock.after(Math.min(delayMs, LONGEST_MS), run),
    };
    const queue = new WorkQueue(short);
    let told = 0;
    queue.onReady = () => {
      told += 1;
    };
    queue.add('a', { delayMs: 2_500 });
    clock.tick(2_499);
    expect(told).toBe(0);
    clock.tick(1_001);
    expect(told).toBe(1);
    expect(queue.take()).toBe('a');
  });

  test('a closed queue forgets what waits, takes no more and leaves no timer', () => {
    const { clock, queue } = setUp();
    queue.add('running');
    queue.take();
    queue.add('running');
    queue.add('ready');
    queue.add('later', { delayMs: 100 });
    queue.close();
    queue.add('new');
    queue.done('running');
    clock.tick(1_000);
    expect(queue.take()).toBeUndefined();
    expect(queue.depth).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test('one timer is enough for any number of waits', () => {
    const { clock, queue } = setUp();
    for (let at = 0; at < 1_000; at += 1) queue.add(`key-${at}`, { delayMs: 1 + ((at * 7919) % 1_000) });
    expect(clock.timers).toBe(1);
  });
});

type Step =
  | { readonly kind: 'add'; readonly key: string; readonly delayMs: number; readonly priority: Priority }
  | { readonly kind: 'take' }
  | { readonly kind: 'done'; readonly which: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'close' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      delayMs: fc.constantFrom(-1, 0, 0, 1, 5, 10, 20),
      priority: fc.constantFrom<Priority>('high', 'low'),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'take' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('done' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 4, 5, 10, 30) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'close' as const }) },
);

/** Takes the same steps on the queue and on the naive one, and compares what can be seen of them. */
function createPair() {
  const clock = createVirtualClock(0);
  const queue = new WorkQueue(clock);
  const naive = new NaiveQueue();
  const running: string[] = [];
  const state = { told: 0 };
  queue.onReady = () => {
    state.told += 1;
  };

  function take(): void {
    const key = queue.take();
    expect(key).toBe(naive.take());
    if (key === undefined) return;
    expect(running).not.toContain(key);
    running.push(key);
  }

  function end(which: number): void {
    const [key] = running.splice(which % Math.max(1, running.length), 1);
    if (key === undefined) return;
    queue.done(key);
    naive.done(key);
  }

  function act(one: Step): void {
    switch (one.kind) {
      case 'add':
        queue.add(one.key, { delayMs: one.delayMs, priority: one.priority });
        naive.add(one.key, one.delayMs, one.priority);
        return;
      case 'take':
        take();
        return;
      case 'done':
        end(one.which);
        return;
      case 'wait':
        clock.tick(one.ms);
        naive.nowMs = clock.nowMs();
        return;
      case 'close':
        queue.close();
        naive.close();
    }
  }

  return (one: Step) => {
    const depthBefore = naive.depth;
    state.told = 0;
    act(one);
    expect(queue.depth).toBe(naive.depth);
    if (naive.depth > depthBefore) expect(state.told).toBeGreaterThan(0);
  };
}

test('any sequence of steps gives what the naive queue gives', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const act = createPair();
      for (const one of steps) act(one);
    }),
    { numRuns: 1_500 },
  );
});
