import { describe, expect, test } from 'vitest';
import { OwnWrites } from '../../../src/controllers/own-writes.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeView } from './fake-view.ts';

interface Versioned {
  readonly resourceVersion: string;
}

function at(resourceVersion: string): Versioned {
  return { resourceVersion };
}

function setUp(seen?: string) {
  const clock = createVirtualClock();
  const view = new FakeView<Versioned>();
  if (seen !== undefined) view.set('key', at(seen));
  return { clock, view, writes: new OwnWrites(view, clock) };
}

describe('what was written stands in for the view', () => {
  test('until the view has caught up with it', () => {
    const { view, writes } = setUp('9');
    writes.remember('key', at('10'));
    expect(writes.get('key')).toEqual(at('10'));
    view.set('key', at('10'));
    view.set('key', at('11'));
    expect(writes.get('key')).toEqual(at('11'));
  });

  test('also while the view passes through older versions', () => {
    const { view, writes } = setUp('7');
    writes.remember('key', at('10'));
    view.set('key', at('8'));
    view.set('key', at('9'));
    expect(writes.get('key')).toEqual(at('10'));
  });

  test('not when the view is ahead of it', () => {
    const { writes } = setUp('100');
    writes.remember('key', at('99'));
    expect(writes.get('key')).toEqual(at('100'));
  });

  test('not after the view has told that it was deleted', () => {
    const { view, writes } = setUp();
    writes.remember('key', at('10'));
    view.set('key', at('10'));
    view.set('key', undefined);
    expect(writes.get('key')).toBeUndefined();
  });

  test('not when the view has told that it was deleted before the write was answered', () => {
    const { view, writes } = setUp();
    view.set('key', at('10'));
    view.set('key', undefined);
    writes.remember('key', at('10'));
    expect(writes.get('key')).toBeUndefined();
  });

  test('when it was made again after it was deleted', () => {
    const { view, writes } = setUp('10');
    view.set('key', undefined);
    writes.remember('key', at('12'));
    expect(writes.get('key')).toEqual(at('12'));
  });

  test('not when the watch lost it: then the view is believed after a while', () => {
    const { clock, writes } = setUp('9');
    writes.remember('key', at('10'));
    clock.tick(9_999);
    expect(writes.get('key')).toEqual(at('10'));
    clock.tick(1);
    expect(writes.get('key')).toEqual(at('9'));
  });

  test('not when it was forgotten', () => {
    const { writes } = setUp('9');
    writes.remember('key', at('10'));
    writes.forget('key');
    expect(writes.get('key')).toEqual(at('9'));
  });

  test('key by key', () => {
    const { view, writes } = setUp('9');
    writes.remember('key', at('10'));
    view.set('other', at('12'));
    expect(writes.get('key')).toEqual(at('10'));
    expect(writes.get('other')).toEqual(at('12'));
  });
});
