import { describe, expect, test } from 'vitest';
import { forecastAll, Waiting } from '../../../src/controllers/forecast-all.ts';
import type { Step } from '../../../src/controllers/forecaster.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const AGAIN: Step = { kind: 'again', delayMs: 5_000 };
const LOOK: Step = { kind: 'look' };
const known = (key: string): Step => {
  const [namespace = '', name = ''] = key.split('/');
  return { kind: 'known', forecast: { namespace, name, kind: 'nothing' } };
};

function world(look: (key: string, nth: number) => Promise<Step> | Step) {
  const clock = createVirtualClock();
  const waiting = new Waiting(clock);
  const looks = new Map<string, number>();
  const stop = new AbortController();
  const forecaster = {
    async look(key: string): Promise<Step> {
      const nth = (looks.get(key) ?? 0) + 1;
      looks.set(key, nth);
      return await look(key, nth);
    },
  };
  const run = (keys: readonly string[], concurrency = 8) =>
    forecastAll(keys, { forecaster, waiting, concurrency, clock }, stop.signal);
  return { clock, waiting, looks, stop, run };
}

describe('looking at many', () => {
  test('gives what is known in the order of the keys, however long each takes', async () => {
    const { clock, run } = world((key, nth) => (key === 'a/1' && nth === 1 ? AGAIN : known(key)));
    const forecasts = run(['a/1', 'a/2']);
    await clock.advance(5_000);
    expect((await forecasts).map(({ name }) => name)).toEqual(['1', '2']);
    expect(clock.timers).toBe(0);
  });

  test('never looks at more at the same time than it may, and waiting counts for nothing', async () => {
    const state = { now: 0, most: 0 };
    const { clock, run } = world(async (key, nth) => {
      state.now += 1;
      state.most = Math.max(state.most, state.now);
      await Promise.resolve();
      state.now -= 1;
      return nth === 1 ? AGAIN : known(key);
    });
    const forecasts = run(
      Array.from({ length: 20 }, (_, at) => `a/${at}`),
      3,
    );
    await clock.settle();
    await clock.advance(5_000);
    await clock.settle();
    expect(await forecasts).toHaveLength(20);
    expect(state.most).toBe(3);
  });

  test('looks again as soon as something is known of its sources, and after a while without', async () => {
    const { clock, waiting, looks, run } = world((key, nth) => (nth < 3 ? LOOK : known(key)));
    const forecasts = run(['a/1']);
    await clock.settle();
    waiting.wake(['a/1', 'a/other']);
    await clock.settle();
    expect(looks.get('a/1')).toBe(2);
    await clock.advance(15_000);
    expect(await forecasts).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  test('gives up on one that is never known, and on no other', async () => {
    const { clock, run } = world((key) => (key === 'a/1' ? AGAIN : known(key)));
    const forecasts = run(['a/1', 'a/2']);
    for (let second = 0; second < 65; second += 1) await clock.advance(1_000);
    expect(await forecasts).toMatchObject([
      { namespace: 'a', name: '1', kind: 'unknown', message: expect.stringContaining('in time') },
      { name: '2', kind: 'nothing' },
    ]);
  });

  test('ends when it is told to', async () => {
    const { clock, stop, run } = world(() => AGAIN);
    const forecasts = run(['a/1']);
    forecasts.catch(() => undefined);
    await clock.settle();
    stop.abort(new Error('enough'));
    await expect(forecasts).rejects.toThrow('enough');
    expect(clock.timers).toBe(0);
  });
});
