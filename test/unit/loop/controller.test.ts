import { describe, expect, test } from 'vitest';
import { type Controller, createController, type Outcome } from '../../../src/loop/controller.ts';
import { DONE, type Next, type Reconcile } from '../../../src/loop/reconcile.ts';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';
import { AccessDenied, InvalidSpec } from '../../../src/ports/errors.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createVirtualClock } from '../virtual-clock.ts';

/** A reconcile that is in the hands of the test: each run waits until it is told how to end. */
function heldRuns() {
  const runs: {
    readonly key: string;
    readonly signal: AbortSignal;
    end(next?: Next): void;
    fail(error: unknown): void;
  }[] = [];
  const reconcile: Reconcile = (key, signal) => {
    const run = Promise.withResolvers<Next>();
    runs.push({ key, signal, end: (next = DONE) => run.resolve(next), fail: run.reject });
    return run.promise;
  };
  return { runs, reconcile, keys: () => runs.map(({ key }) => key) };
}

function start(reconcile: Reconcile, concurrency = 1) {
  const clock = createVirtualClock();
  const log = createRecordingLog();
  const outcomes: [string, Outcome, number][] = [];
  const stop = new AbortController();
  const abort = new AbortController();
  const controller: Controller = createController({
    name: 'test',
    reconcile,
    slots: new WorkerSlots(concurrency),
    backoff: { firstMs: 1_000, longestMs: 8_000 },
    clock,
    log,
    onOutcome: (...outcome) => outcomes.push(outcome),
  });
  const state = { ended: false };
  const ended = controller.run(stop.signal, abort.signal).then(() => {
    state.ended = true;
  });
  return { clock, log, outcomes, stop, abort, controller, state, ended };
}

describe('what becomes of a reconcile', () => {
  test('done: it does not come back by itself', async () => {
    let runs = 0;
    const { clock, controller, outcomes } = start(async () => {
      runs += 1;
      return DONE;
    });
    controller.add('a');
    await clock.advance(3_600_000);
    expect(runs).toBe(1);
    expect(outcomes).toEqual([['a', 'done', 0]]);
    expect(clock.timers).toBe(0);
  });

  test('after: it comes back when it asked for, and sooner when something changes', async () => {
    const times: number[] = [];
    const { clock, controller } = start(async () => {
      times.push(clock.nowMs());
      return { kind: 'after', delayMs: 1_000 };
    });
    const startMs = clock.nowMs();
    controller.add('a');
    await clock.advance(2_500);
    expect(times.map((ms) => ms - startMs)).toEqual([0, 1_000, 2_000]);
    controller.add('a');
    await clock.advance(1_200);
    expect(times.map((ms) => ms - startMs)).toEqual([0, 1_000, 2_000, 2_500, 3_500]);
  });

  test('backoff: it comes back later and later, until it works', async () => {
    const times: number[] = [];
    let works = false;
    const { clock, controller, outcomes } = start(async () => {
      times.push(clock.nowMs());
      if (works) return DONE;
      throw new AccessDenied('no');
    });
    controller.add('a');
    await clock.advance(60_000);
    const waits = times.slice(1).map((ms, at) => ms - (times[at] ?? 0));
    for (const [at, waitMs] of waits.entries()) {
      const fullMs = Math.min(8_000, 1_000 * 2 ** at);
      expect(waitMs).toBeGreaterThanOrEqual(fullMs / 2);
      expect(waitMs).toBeLessThanOrEqual(fullMs);
    }
    works = true;
    await clock.advance(8_000);
    const runs = times.length;
    expect(outcomes.at(-1)?.[1]).toBe('done');
    works = false;
    controller.add('a');
    await clock.advance(1_000);
    expect(times.length).toBe(runs + 2);
  });

  test('onChange: it waits for an event, and its failures are forgotten', async () => {
    let runs = 0;
    const { clock, controller, outcomes } = start(async () => {
      runs += 1;
      throw runs % 2 === 1 ? new AccessDenied('no') : new InvalidSpec('no');
    });
    controller.add('a');
    await clock.advance(60_000);
    expect(outcomes.map(([, outcome]) => outcome)).toEqual(['retry', 'wait']);
    controller.add('a');
    await clock.advance(1_000);
    expect(outcomes.map(([, outcome]) => outcome)).toEqual(['retry', 'wait', 'retry', 'wait']);
  });

  test('a bug: it is told as one with its stack, tried again, and delays nobody else', async () => {
    const seen: string[] = [];
    const { clock, controller, log, outcomes } = start(async (key) => {
      seen.push(key);
      if (key === 'bad') throw new TypeError('x is not a function');
      return DONE;
    });
    controller.add('bad');
    controller.add('good');
    await clock.advance(2_000);
    expect(seen.slice(0, 2)).toEqual(['bad', 'good']);
    expect(seen.filter((key) => key === 'bad').length).toBeGreaterThan(1);
    expect(outcomes.map(([key, outcome]) => `${key} ${outcome}`)).toContain('bad retry');
    expect(log.lines[0]).toMatchObject({
      level: 'error',
      message: 'bug',
      fields: {
        key: 'bad',
        error: 'TypeError: x is not a function',
        stack: expect.stringContaining('controller.test'),
      },
    });
  });

  test('a reconcile that throws at once is no worse than one that rejects', async () => {
    const { clock, controller, outcomes } = start(() => {
      throw new InvalidSpec('no');
    });
    controller.add('a');
    await clock.settle();
    expect(outcomes).toEqual([['a', 'wait', 0]]);
  });

  test('a retry does not go in front of live changes', async () => {
    const held = heldRuns();
    const { clock, controller } = start(held.reconcile);
    controller.add('failing');
    await clock.settle();
    held.runs[0]?.fail(new AccessDenied('no'));
    await clock.settle();
    controller.add('busy');
    await clock.advance(2_000);
    controller.add('live');
    held.runs[1]?.end();
    await clock.settle();
    expect(held.keys()).toEqual(['failing', 'busy', 'live']);
  });
});

describe('how keys are run', () => {
  test('at most so many at a time, and never one key twice at a time', async () => {
    const held = heldRuns();
    const { clock, controller } = start(held.reconcile, 2);
    for (const key of ['a', 'b', 'c', 'a']) controller.add(key);
    await clock.settle();
    expect(held.keys()).toEqual(['a', 'b']);
    controller.add('a');
    held.runs[1]?.end();
    await clock.settle();
    expect(held.keys()).toEqual(['a', 'b', 'c']);
    held.runs[0]?.end();
    await clock.settle();
    expect(held.keys()).toEqual(['a', 'b', 'c', 'a']);
  });

  test('a reconcile that queues another key at once does not exceed the number', async () => {
    let running = 0;
    let most = 0;
    const { clock, controller } = start(async (key) => {
      running += 1;
      most = Math.max(most, running);
      if (key !== 'z') controller.add(String.fromCharCode(key.charCodeAt(0) + 1));
      await clock.settle();
      running -= 1;
      return DONE;
    });
    controller.add('a');
    for (let turn = 0; turn < 100; turn += 1) await clock.settle();
    expect(most).toBe(1);
  });

  test('adding a key runs nothing before the caller has finished what it is doing', async () => {
    const order: string[] = [];
    const { clock, controller } = start(async () => {
      order.push('reconciled');
      return DONE;
    });
    controller.add('a');
    order.push('added');
    await clock.settle();
    expect(order).toEqual(['added', 'reconciled']);
  });

  test('keys that came before wait for the first run', async () => {
    const held = heldRuns();
    const clock = createVirtualClock();
    const stop = new AbortController();
    const controller = createController({
      name: 'test',
      reconcile: held.reconcile,
      slots: new WorkerSlots(4),
      backoff: { firstMs: 1, longestMs: 1 },
      clock,
      log: createRecordingLog(),
      onOutcome: () => {},
    });
    controller.add('a');
    await clock.settle();
    expect(held.runs).toEqual([]);
    expect(controller.depth).toBe(1);
    const ended = controller.run(stop.signal, stop.signal);
    await clock.settle();
    expect(held.keys()).toEqual(['a']);
    held.runs[0]?.end();
    stop.abort();
    await ended;
  });
});

describe('how it ends', () => {
  test('stop takes no more keys, and waits for those that run', async () => {
    const held = heldRuns();
    const { clock, controller, stop, state, ended } = start(held.reconcile, 2);
    for (const key of ['a', 'b', 'c']) controller.add(key);
    await clock.settle();
    stop.abort();
    held.runs[0]?.end();
    await clock.settle();
    expect(state.ended).toBe(false);
    expect(held.runs[1]?.signal.aborted).toBe(false);
    held.runs[1]?.end();
    await ended;
    expect(held.keys()).toEqual(['a', 'b']);
  });

  test('abort cuts those that run, which are neither told as bugs nor tried again', async () => {
    const { clock, controller, stop, abort, log, outcomes, ended } = start(
      (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    controller.add('a');
    await clock.settle();
    stop.abort();
    abort.abort();
    await ended;
    expect(outcomes).toEqual([['a', 'retry', 0]]);
    expect(log.lines).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('a controller that was stopped before it ran ends at once, and one that was stopped runs again', async () => {
    const held = heldRuns();
    const { clock, controller, stop, ended } = start(held.reconcile);
    stop.abort();
    await ended;
    controller.add('a');
    await controller.run(stop.signal, stop.signal);
    expect(held.runs).toEqual([]);
    const second = new AbortController();
    const again = controller.run(second.signal, second.signal);
    await clock.settle();
    expect(held.keys()).toEqual(['a']);
    held.runs[0]?.end();
    second.abort();
    await again;
  });

  test('a closed controller leaves no timer', async () => {
    const { clock, controller, stop, ended } = start(async () => ({ kind: 'after', delayMs: 3_600_000 }));
    controller.add('a');
    await clock.settle();
    expect(clock.timers).toBe(1);
    stop.abort();
    await ended;
    controller.close();
    expect(clock.timers).toBe(0);
  });
});
