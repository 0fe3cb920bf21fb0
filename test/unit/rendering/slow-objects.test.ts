/** Objects whose templates take long: whom they keep waiting, and when it is their turn. Virtual time, no processes. */

import { describe, expect, test } from 'vitest';
import { RendererUnavailable } from '../../../src/ports/renderer.ts';
import type { RendererOptions } from '../../../src/rendering/renderer.ts';
import { FakeChild } from './fake-child.ts';
import { shown } from './jobs.ts';
import { turns } from './turns.ts';

describe('an object that takes long', () => {
  test('keeps others waiting for a moment only', async () => {
    const { clock, ask, servedBy, children } = turns(FakeChild.started);
    const [slow, quick] = [ask('slow'), ask('quick')];
    await clock.advance(299);
    expect(servedBy()).toEqual([['slow']]);
    await clock.advance(1);
    expect(servedBy()).toEqual([['slow'], ['quick']]);
    children[1]?.answer('q');
    expect(shown(await quick)).toEqual(['q']);
    const another = ask('another');
    await clock.settle();
    expect(servedBy()).toEqual([['slow'], ['quick', 'another']]);
    children[1]?.answer('a');
    children[0]?.answer('s');
    expect([...shown(await slow), ...shown(await another)]).toEqual(['s', 'a']);
  });

  test('starts no other child while nobody waits, and one for who comes then', async () => {
    const { clock, ask, servedBy } = turns(FakeChild.started);
    void ask('slow');
    await clock.advance(1000);
    expect(servedBy()).toEqual([['slow']]);
    void ask('quick');
    await clock.settle();
    expect(servedBy()).toEqual([['slow'], ['quick']]);
  });

  test('gives way when another one takes long already, and begins anew after that one', async () => {
    const { clock, ask, servedBy, children } = turns(FakeChild.started);
    const [slow, slowToo, quick] = [ask('slow'), ask('slow-too'), ask('quick')];
    await clock.advance(599);
    expect(servedBy()).toEqual([['slow'], ['slow-too']]);
    await clock.advance(1);
    expect(servedBy()).toEqual([['slow'], ['slow-too'], ['quick']]);
    expect(children.map(({ hasEnded }) => hasEnded)).toEqual([false, true, false]);
    children[2]?.answer('q');
    expect(shown(await quick)).toEqual(['q']);
    expect(servedBy()).toEqual([['slow'], ['slow-too'], ['quick']]);
    children[0]?.answer('s');
    expect(shown(await slow)).toEqual(['s']);
    await clock.settle();
    expect(servedBy()).toEqual([['slow', 'slow-too'], ['slow-too'], ['quick']]);
    children[0]?.answer('t');
    expect(shown(await slowToo)).toEqual(['t']);
  });

  test('gives way to who comes later, too', async () => {
    const { clock, ask, servedBy, children } = turns(FakeChild.started);
    void ask('slow');
    void ask('slow-too');
    await clock.advance(3000);
    expect(servedBy()).toEqual([['slow'], ['slow-too']]);
    const quick = ask('quick');
    await clock.settle();
    expect(servedBy()).toEqual([['slow'], ['slow-too'], ['quick']]);
    children[2]?.answer('q');
    expect(shown(await quick)).toEqual(['q']);
  });

  test('has all of its time when it begins anew', async () => {
    const { clock, ask, children } = turns(FakeChild.started, { deadlineMs: 1000 });
    const [slow, slowToo, quick] = [ask('slow'), ask('slow-too'), ask('quick')];
    await clock.advance(600);
    children[2]?.answer('q');
    await quick;
    await clock.advance(401);
    await expect(slow).rejects.toThrow('1000 ms');
    await clock.advance(999);
    children.at(-1)?.answer('t');
    expect(shown(await slowToo)).toEqual(['t']);
  });

  test('that was aborted does not begin anew', async () => {
    const { clock, ask, servedBy, children } = turns(FakeChild.started);
    const abort = new AbortController();
    const [slow, slowToo] = [ask('slow'), ask('slow-too', abort.signal)];
    await clock.advance(600);
    abort.abort(new Error('no more'));
    void ask('quick');
    await expect(slowToo).rejects.toThrow('no more');
    children[0]?.answer();
    await slow;
    await clock.settle();
    expect(servedBy()).toEqual([['slow'], ['slow-too'], ['quick']]);
  });

  test('is turned away instead when many that take long wait', async () => {
    const { clock, ask } = turns(FakeChild.started, { maxSlow: 1 });
    const asked = ['slow', 'slow-too', 'slow-three', 'slow-four', 'quick'].map((name) => ask(name));
    await clock.advance(1200);
    await expect(asked[2]).rejects.toThrow('1 objects whose templates take long wait already; it is tried again');
    await expect(asked[3]).rejects.toThrow(RendererUnavailable);
  });

  test('gives way alone, however many ask at once', async () => {
    const { clock, ask, children } = turns(FakeChild.started, { maxChildren: 3 });
    for (const name of ['slow', 'slow-too', 'slow-three']) void ask(name);
    await clock.advance(1000);
    void ask('quick');
    void ask('quick-too');
    await clock.settle();
    expect(children.map(({ hasEnded }) => hasEnded)).toEqual([false, false, true, false]);
  });

  test('is not served by more than two children with another one', async () => {
    const { clock, ask, children } = turns(FakeChild.started);
    for (const name of ['slow', 'slow-too', 'slow-three', 'slow-four']) void ask(name);
    for (let step = 0; step < 100; step++) {
      await clock.advance(100);
      expect(children.filter(({ hasEnded }) => !hasEnded).length).toBeLessThanOrEqual(2);
    }
  });

  test('leaves one child for all when it is done, and the other one ends for want of work', async () => {
    const { clock, ask, children } = turns(FakeChild.started);
    void ask('slow');
    await clock.advance(300);
    void ask('quick');
    await clock.settle();
    for (const child of children) child.answer();
    for (let second = 0; second < 61; second++) {
      void ask('more');
      await clock.settle();
      children[0]?.answer();
      await clock.advance(1000);
    }
    expect(children.map(({ hasEnded }) => hasEnded)).toEqual([false, true]);
  });
});

describe('objects that took long before', () => {
  /** Each of them takes 400 ms, once. */
  async function afterSlow(names: readonly string[], options: Partial<RendererOptions> = {}) {
    const set = turns(FakeChild.started, options);
    for (const name of names) {
      const asked = set.ask(name);
      await set.clock.advance(400);
      set.children[0]?.answer();
      await asked;
    }
    return set;
  }

  test('are served one after the other, and keep nobody waiting', async () => {
    const { clock, ask, servedBy, children } = await afterSlow(['slow', 'slow-too']);
    for (const name of ['slow', 'slow-too', 'quick']) void ask(name);
    await clock.settle();
    expect(servedBy()).toEqual([['slow', 'slow-too', 'quick']]);
    children[0]?.answer();
    await clock.settle();
    void ask('quick');
    await clock.settle();
    expect(servedBy()).toEqual([['slow', 'slow-too', 'quick', 'slow'], ['quick']]);
    children[1]?.answer();
    await clock.settle();
    expect(servedBy()).toEqual([['slow', 'slow-too', 'quick', 'slow'], ['quick']]);
    children[0]?.answer();
    await clock.settle();
    expect(servedBy()).toEqual([['slow', 'slow-too', 'quick', 'slow', 'slow-too'], ['quick']]);
  });

  test('are served as others are when they are no longer so', async () => {
    const { clock, ask, children, servedBy } = await afterSlow(['slow', 'slow-too']);
    const again = ask('slow');
    await clock.advance(299);
    children[0]?.answer();
    await again;
    void ask('slow-too');
    void ask('slow');
    await clock.settle();
    expect(servedBy()).toEqual([['slow', 'slow-too', 'slow', 'slow']]);
  });

  test('are turned away when many of them wait, and others are not', async () => {
    const names = Array.from({ length: 4 }, (_, index) => `slow-${index}`);
    const { clock, ask, children } = await afterSlow(names, { maxSlow: 2 });
    const asked = names.map((name) => ask(name));
    const quick = ask('quick');
    await expect(asked[3]).rejects.toThrow(RendererUnavailable);
    await expect(asked[3]).rejects.toThrow('2 objects whose templates take long wait already; it is tried again');
    await clock.settle();
    children[0]?.answer('q');
    expect(shown(await quick)).toEqual(['q']);
  });

  test('end their waiting with an abort', async () => {
    const { clock, ask, children, servedBy } = await afterSlow(['slow', 'slow-too']);
    const abort = new AbortController();
    const [first, second] = [ask('slow'), ask('slow-too', abort.signal)];
    await clock.settle();
    abort.abort(new Error('no more'));
    await expect(second).rejects.toThrow('no more');
    children[0]?.answer();
    await first;
    await clock.settle();
    expect(servedBy()).toEqual([['slow', 'slow-too', 'slow']]);
  });

  test('are as others are when there is one child only', async () => {
    const { clock, ask, children, servedBy } = await afterSlow(['slow'], { maxChildren: 1 });
    const [slow, quick] = [ask('slow'), ask('quick')];
    await clock.settle();
    for (const asked of [quick, slow]) {
      children[0]?.answer();
      await clock.settle();
      await asked;
    }
    expect(servedBy()).toEqual([['slow', 'quick', 'slow']]);
  });
});
