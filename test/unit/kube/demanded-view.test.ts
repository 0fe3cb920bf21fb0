import { expect, test } from 'vitest';
import { createDemandedView } from '../../../src/kube/demanded-view.ts';
import type { WatchedView } from '../../../src/kube/watched-view.ts';
import { FakeView } from '../controllers/fake-view.ts';

/** A watched view that notes its runs, and is synced when the test says so. */
function setUp() {
  const runs: AbortSignal[] = [];
  const synced = Promise.withResolvers<void>();
  const watched: WatchedView<string> = {
    view: new FakeView<string>(),
    async run(signal) {
      runs.push(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
    whenSynced: () => synced.promise,
  };
  return { demanded: createDemandedView(watched), runs, synced };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what nobody needs is neither listed nor waited for, and ends with the others', async () => {
  const { demanded, runs } = setUp();
  const stop = new AbortController();
  const running = demanded.run(stop.signal);
  await turn();
  await demanded.whenSynced(stop.signal);
  stop.abort();
  await running;
  expect(runs).toEqual([]);
});

test('what is needed while it runs is listed once, and waited for', async () => {
  const { demanded, runs, synced } = setUp();
  const stop = new AbortController();
  const running = demanded.run(stop.signal);
  demanded.demand();
  demanded.demand();
  await turn();
  expect(runs).toEqual([stop.signal]);
  let isSynced = false;
  const waiting = demanded.whenSynced(stop.signal).then(() => {
    isSynced = true;
  });
  await turn();
  expect(isSynced).toBe(false);
  synced.resolve();
  await waiting;
  stop.abort();
  await running;
});

test('what was needed before it runs is listed from the start', async () => {
  const { demanded, runs } = setUp();
  const stop = new AbortController();
  demanded.demand();
  const running = demanded.run(stop.signal);
  await turn();
  expect(runs).toHaveLength(1);
  stop.abort();
  await running;
});

test('what is stopped before it runs is not listed', async () => {
  const { demanded, runs } = setUp();
  await demanded.run(AbortSignal.abort());
  expect(runs).toEqual([]);
});
