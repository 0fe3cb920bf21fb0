import { describe, expect, it } from 'vitest';
import { createStore, type Project } from '../../../src/kube/store.ts';
import type { WatchedObject } from '../../../src/kube/watch-event.ts';
import { ClusterRejected } from '../../../src/ports/errors.ts';
import { createRecordedLog } from './records.ts';

interface Thing {
  readonly size: number;
}

const project: Project<Thing> = (raw) => {
  const { size } = raw as { size: unknown };
  if (size === 'poison') {
    throw new ClusterRejected('the size is no number');
  }
  return typeof size === 'number' ? { size } : undefined;
};

function object(key: string, version: number, size: unknown = version): WatchedObject {
  return { key, resourceVersion: String(version), raw: { size } };
}

function setUp(feeds = 1) {
  const log = createRecordedLog();
  const store = createStore({ project, resource: 'things', log, feeds });
  const told: string[] = [];
  const { view } = store;
  view.onChange(({ key, before, after, initial }) => {
    // A listener always finds the state that it is told of.
    expect(view.get(key)).toEqual(after);
    told.push(`${key} ${before?.size ?? '-'} -> ${after?.size ?? '-'}${initial ? ' initial' : ''}`);
  });
  const feed = store.feed(0);
  function list(objects: readonly WatchedObject[], take = feed): void {
    take({ kind: 'init' });
    for (const each of objects) {
      take({ kind: 'initApplied', object: each });
    }
    take({ kind: 'initDone' });
  }
  const take = () => told.splice(0);
  return { store, view, feed, list, log, take, state: () => [...view.values()].map((thing) => thing.size).sort() };
}

describe('store', () => {
  it('is not synced and knows nothing before the first list is complete', () => {
    const { view, feed, take } = setUp();
    feed({ kind: 'init' });
    feed({ kind: 'initApplied', object: object('a/x', 1) });
    expect([view.synced, view.get('a/x'), take()]).toEqual([false, undefined, []]);
  });

  it('unpacks once what it tells and what is then looked at', () => {
    const { store, list } = setUp();
    const seen: boolean[] = [];
    store.view.onChange(({ key, after }) => seen.push(store.view.get(key) === after));
    list([object('a/x', 1)]);
    expect(seen).toEqual([true]);
  });

  it('tells the first list as initial, and what follows as not', () => {
    const { view, feed, list, take } = setUp();
    list([object('a/x', 1), object('a/y', 2)]);
    expect(view.synced).toBe(true);
    expect(take()).toEqual(['a/x - -> 1 initial', 'a/y - -> 2 initial']);
    feed({ kind: 'applied', object: object('a/x', 3) });
    feed({ kind: 'deleted', object: object('a/y', 4) });
    expect(take()).toEqual(['a/x 1 -> 3', 'a/y 2 -> -']);
  });

  it('swaps a relist in whole: adds, updates only where the version differs, deletes what is missing', () => {
    const { view, feed, list, take, state } = setUp();
    list([object('a/same', 1), object('a/changed', 2), object('a/gone', 3)]);
    take();
    feed({ kind: 'init' });
    feed({ kind: 'initApplied', object: object('a/same', 1) });
    feed({ kind: 'initApplied', object: object('a/changed', 5) });
    feed({ kind: 'initApplied', object: object('a/new', 6) });
    expect([take(), state(), view.synced]).toEqual([[], [1, 2, 3], true]);
    feed({ kind: 'initDone' });
    expect(take()).toEqual(['a/gone 3 -> -', 'a/changed 2 -> 5', 'a/new - -> 6']);
  });

  it('has the whole new state in place before the first listener hears of it', () => {
    const { view, list, store } = setUp();
    const seen: unknown[] = [];
    store.view.onChange(() => seen.push([view.get('a/x'), view.get('a/y')]));
    list([object('a/x', 1), object('a/y', 2)]);
    expect(seen).toEqual([
      [{ size: 1 }, { size: 2 }],
      [{ size: 1 }, { size: 2 }],
    ]);
  });

  it('forgets a list that did not come to its end', () => {
    const { feed, list, take, state } = setUp();
    list([object('a/x', 1)]);
    feed({ kind: 'init' });
    feed({ kind: 'initApplied', object: object('a/half', 2) });
    take();
    list([object('a/x', 1)]);
    expect([take(), state()]).toEqual([[], [1]]);
  });

  it('takes back what is deleted while a list is under way', () => {
    const { feed, state } = setUp();
    feed({ kind: 'init' });
    feed({ kind: 'initApplied', object: object('a/x', 1) });
    feed({ kind: 'initDeleted', object: object('a/x', 2) });
    feed({ kind: 'initDone' });
    expect(state()).toEqual([]);
  });

  it('tells nothing of an event that comes twice', () => {
    const { feed, list, take } = setUp();
    list([object('a/x', 1)]);
    take();
    feed({ kind: 'applied', object: object('a/x', 2) });
    feed({ kind: 'applied', object: object('a/x', 2) });
    feed({ kind: 'deleted', object: object('a/x', 3) });
    feed({ kind: 'deleted', object: object('a/x', 3) });
    expect(take()).toEqual(['a/x 1 -> 2', 'a/x 2 -> -']);
  });

  it('skips an object that cannot be projected, logs it once, and takes all others', () => {
    const { feed, list, log, state } = setUp();
    list([object('a/bad', 1, 'poison'), object('a/odd', 2, 'text'), object('a/good', 3)]);
    feed({ kind: 'applied', object: object('a/bad', 4, 'poison') });
    expect(state()).toEqual([3]);
    expect(log.lines).toHaveLength(2);
    expect(log.lines[0]).toContain('the size is no number');
  });

  it('lets an object go that has become unreadable, and takes it again when it is readable', () => {
    const { feed, list, log, take } = setUp();
    list([object('a/x', 1)]);
    take();
    feed({ kind: 'applied', object: object('a/x', 2, 'poison') });
    feed({ kind: 'applied', object: object('a/x', 3) });
    feed({ kind: 'applied', object: object('a/x', 4, 'poison') });
    expect(take()).toEqual(['a/x 1 -> -', 'a/x - -> 3', 'a/x 3 -> -']);
    expect(log.lines).toHaveLength(2);
  });

  it('goes on when a listener throws, and does not repeat what the error says', () => {
    const { store, feed, list, log } = setUp();
    const heard: string[] = [];
    store.view.onChange(() => {
      throw new Error('hunter2');
    });
    store.view.onChange(({ key }) => heard.push(key));
    list([object('a/x', 1)]);
    feed({ kind: 'applied', object: object('a/y', 2) });
    expect(heard).toEqual(['a/x', 'a/y']);
    expect(log.lines.join()).not.toContain('hunter2');
    expect(log.lines).toHaveLength(2);
  });

  it('is synced when all feeds are, and a relist of one leaves the objects of the others alone', () => {
    const { store, view, list, take, state } = setUp(2);
    list([object('a/x', 1)]);
    expect(view.synced).toBe(false);
    list([object('b/y', 2)], store.feed(1));
    expect(view.synced).toBe(true);
    take();
    list([], store.feed(1));
    expect([take(), state()]).toEqual([['b/y 2 -> -'], [1]]);
  });
});
