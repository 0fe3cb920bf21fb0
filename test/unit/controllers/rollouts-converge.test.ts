/** Whatever happens: rollouts come to an end, no workload is left with an old version, and a bad one harms one only. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { triggerOf } from '../../../src/domain/rollout-trigger.ts';
import { ClusterUnavailable } from '../../../src/ports/errors.ts';
import { MOST, RolloutModel } from './rollout-model.ts';

const WORKLOADS = { api: ['db'], batch: ['db', 'cache'], cron: ['cache'], desk: ['db'] };
const NAMES = Object.keys(WORKLOADS);
const FEEDS = ['db', 'cache'];

type Happening = (model: RolloutModel, name: string, feed: string) => void | Promise<void>;

const happenings: Readonly<Record<string, Happening>> = {
  rotate: (model, _name, feed) => model.rotate(feed),
  poison: (model, _name, feed) => model.rotate(feed, true),
  goBack: (model, _name, feed) => model.goBack(feed),
  undo: (model, name) => model.undo(name),
  ready: (model) => model.ready(),
  operatorRestarts: (model) => model.restart(),
  pause: (model, name) => model.change(name, { isPaused: true }),
  resume: (model, name) => model.change(name, { isPaused: false }),
  sleep: (model, name) => model.change(name, { desired: 0, isReady: true }),
  wake: (model, name) => model.replacePods(name, { desired: 1 }),
  restartsByHand: (model, name) => model.replacePods(name, { restartedAtMs: model.clock.nowMs() }),
  refuses: (model, name) => {
    model.refuses = (asked) => (asked === name ? new ClusterUnavailable('not now') : undefined);
  },
  answersGetLost: (model) => {
    model.losesAnswers = !model.losesAnswers;
  },
  takesTriggersAway: (model, name) => model.replacePods(name, { triggers: {} }),
};

/** Out of these somebody has to find by another version. */
const DEAD_ENDS = ['poison', 'undo', 'takesTriggersAway'];
const OTHERS = Object.keys(happenings).filter((what) => !DEAD_ENDS.includes(what));

function scriptOf(happening: readonly string[]) {
  return fc.array(
    fc.record({
      what: fc.oneof(
        { weight: 2, arbitrary: fc.constantFrom('rotate', 'goBack', 'ready') },
        { weight: 1, arbitrary: fc.constantFrom(...happening) },
      ),
      name: fc.constantFrom(...NAMES),
      feed: fc.constantFrom(...FEEDS),
      // Versions have whole seconds.
      thenMs: fc.constantFrom(0, 1_000, 2_000, 5_000, 12_000, 70_000),
    }),
    { maxLength: 25 },
  );
}

const script = fc.oneof(scriptOf(OTHERS), scriptOf(Object.keys(happenings)));

/** A version that nobody is healthy with goes to one at a time, and no more than may are on their way. */
function checkTurn(model: RolloutModel, proven: ReadonlySet<string>, name: string, versions: readonly string[]): void {
  const others = [...model.workloads].filter(([other]) => other !== name).map(([, each]) => each);
  const own = model.workloads.get(name);
  // One that is on its way already has its place.
  const hasPlace = own !== undefined && model.isInProgress(own);
  if (!hasPlace) expect(others.filter((each) => model.isInProgress(each)).length).toBeLessThan(MOST);
  for (const version of versions.filter((each) => !proven.has(each))) {
    const going = others.filter((each) => each.desired > 0 && Object.values(each.triggers).includes(version));
    expect(going.filter(({ isReady }) => !isReady)).toEqual([]);
  }
}

/** A bad version goes to one only, as long as there is one process. */
class Harm {
  readonly #model: RolloutModel;
  /** By versions, the one that got it. */
  readonly #harmed = new Map<string, string>();

  constructor(model: RolloutModel) {
    this.#model = model;
  }

  begun(name: string, values: readonly string[]): void {
    for (const value of values.filter((each) => this.#isBad(each))) {
      expect(this.#harmed.get(value) ?? name).toBe(name);
      this.#harmed.set(value, name);
    }
  }

  #isBad(value: string): boolean {
    return this.#model.bad.has(value.split(' ')[0] ?? '');
  }

  /** Another process does not know, and what has no pods may not have failed yet. */
  happened(what: string, name: string): void {
    const isForgotten = (who: string) => what === 'operatorRestarts' || (what === 'sleep' && who === name);
    for (const [value, who] of this.#harmed) if (isForgotten(who)) this.#harmed.delete(value);
    const woken = what === 'wake' ? Object.values(this.#model.workloads.get(name)?.triggers ?? {}) : [];
    for (const value of woken) if (this.#isBad(value) && !this.#harmed.has(value)) this.#harmed.set(value, name);
  }
}

async function quiesce(model: RolloutModel, needsVersions: boolean): Promise<void> {
  model.refuses = () => undefined;
  model.losesAnswers = false;
  for (const feed of needsVersions ? FEEDS : []) model.rotate(feed);
  for (const name of NAMES) {
    const isAsleep = model.workloads.get(name)?.desired === 0;
    model.change(name, { isPaused: false });
    if (isAsleep) model.replacePods(name, { desired: 1 });
  }
  for (let step = 0; step < 40; step += 1) {
    await model.clock.advance(5_000);
    model.ready();
  }
}

test('rollouts end, and leave no workload with an old version', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      const model = new RolloutModel(WORKLOADS, FEEDS);
      const proven = new Set<string>();
      const harm = new Harm(model);
      const seeProofs = () => {
        for (const [name, { isReady }] of model.workloads)
          if (isReady) for (const id of model.holds(name)) proven.add(id);
      };
      model.onBegin = ({ name, annotations }) => {
        seeProofs();
        expect(model.workloads.get(name)).toMatchObject({ isPaused: false, desired: 1 });
        const values = Object.values(annotations);
        checkTurn(model, proven, name, values);
        expect(values.filter((value) => model.undone.has(`${name} ${value}`))).toEqual([]);
        harm.begun(name, values);
      };
      model.start();
      let rotations = FEEDS.length;
      for (const { what, name, feed, thenMs } of steps) {
        if (['rotate', 'poison', 'goBack'].includes(what)) rotations += 1;
        await happenings[what]?.(model, name, feed);
        harm.happened(what, name);
        await model.clock.advance(thenMs);
        seeProofs();
      }
      await quiesce(
        model,
        steps.some(({ what }) => DEAD_ENDS.includes(what)),
      );
      for (const [name, { uses, rollouts, isReady }] of model.workloads) {
        expect(isReady).toBe(true);
        expect(model.holds(name)).toHaveLength(uses.length);
        // One for each version at most, and one for what it had at the start.
        expect(rollouts).toBeLessThanOrEqual(rotations);
      }
      const before = [...model.workloads.values()].map(({ rollouts }) => rollouts);
      await model.restart();
      await model.clock.advance(600_000);
      expect([...model.workloads.values()].map(({ rollouts }) => rollouts)).toEqual(before);
      expect(model.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
      await model.end();
    }),
    { numRuns: 60 },
  );
});

test('of what had the version before, nothing is restarted, and it is asked once', async () => {
  const model = new RolloutModel(WORKLOADS, FEEDS);
  model.start();
  await model.clock.advance(3_600_000);
  expect([...model.workloads.values()].map(({ rollouts }) => rollouts)).toEqual([0, 0, 0, 0]);
  expect(model.podLists).toBe(1);
  model.rotate('db');
  await model.clock.advance(11_000);
  expect(model.workloads.get('api')?.triggers).toHaveProperty([triggerOf('db')]);
  await model.end();
});

test('a namespace whose workloads do not become healthy leaves the next place to another', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const feeds = [...names.map((name) => `f${name}`), 'beside/db'];
  const bad = Object.fromEntries(names.map((name) => [name, [`f${name}`]]));
  const model = new RolloutModel({ ...bad, 'beside/api': ['beside/db'] }, feeds);
  model.deadlineMs = 3_600_000;
  const begun: string[] = [];
  model.onBegin = ({ name }) => begun.push(name);
  model.start();
  for (const name of names) model.rotate(`f${name}`, true);
  await model.clock.advance(15_000);
  expect(begun).toEqual(['a', 'b']);
  model.rotate('beside/db');
  await model.clock.advance(15_000);
  expect(begun).toEqual(['a', 'b']);
  await model.clock.advance(120_000);
  expect(begun.slice(2)).toContain('beside/api');
  expect(begun).toHaveLength(4);
  model.ready();
  await model.clock.advance(5_000);
  expect(begun).toHaveLength(5);
  await model.end();
});
