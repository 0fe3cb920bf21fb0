import { describe, expect, it } from 'vitest';
import { FindCalls } from '../../../src/aws/find-calls.ts';
import { SourceUnavailable } from '../../../src/ports/errors.ts';
import type { FindQuery } from '../../../src/ports/find-query.ts';
import type { FoundSecrets } from '../../../src/ports/secret-source.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { NEVER } from './source-on-fake.ts';

interface Search {
  readonly query: FindQuery;
  readonly abandon: AbortSignal;
  readonly answer: (versionId: string) => void;
  readonly fail: () => void;
}

/** Searches that the test answers. */
function world() {
  const clock = createVirtualClock();
  const searches: Search[] = [];
  const calls = new FindCalls({
    clock,
    find(query, abandon) {
      const result = Promise.withResolvers<FoundSecrets>();
      abandon.addEventListener('abort', () => result.reject(new SourceUnavailable('abandoned')));
      searches.push({
        query,
        abandon,
        answer: (versionId) => result.resolve({ version: { arn: '', versionId, createdAtMs: 0 }, secrets: [] }),
        fail: () => result.reject(new SourceUnavailable('down')),
      });
      return result.promise;
    },
  });
  const find = async (query: FindQuery = {}, signal = NEVER) => (await calls.find(query, signal)).version.versionId;
  return { clock, searches, calls, find };
}

describe('those who find the same', () => {
  it('within a moment share one search, and each query has its own', async () => {
    const { clock, searches, find } = world();
    const found = [find(), find({ path: '' }), find({ path: 'a' })];
    await clock.advance(5);
    expect(searches.map(({ query }) => query.path)).toEqual([undefined, 'a']);
    searches[0]?.answer('one');
    searches[1]?.answer('two');
    expect(await Promise.all(found)).toEqual(['one', 'one', 'two']);
    expect(clock.timers).toBe(0);
  });

  it('while a search is under way get another one: what is under way may be too old', async () => {
    const { clock, searches, find } = world();
    const first = find();
    await clock.advance(5);
    const second = find();
    await clock.advance(5);
    searches[1]?.answer('new');
    searches[0]?.answer('old');
    expect(await Promise.all([first, second])).toEqual(['old', 'new']);
  });

  it('are told of its failure, each of them', async () => {
    const { clock, searches, find } = world();
    const found = Promise.allSettled([find(), find()]);
    await clock.advance(5);
    searches[0]?.fail();
    expect((await found).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('one that is aborted', () => {
  it('leaves with its reason, and the others stay', async () => {
    const { clock, searches, find } = world();
    const abort = new AbortController();
    const leaves = find({}, abort.signal);
    const stays = find();
    await clock.advance(5);
    abort.abort(new Error('gone'));
    await expect(leaves).rejects.toThrow('gone');
    expect(searches[0]?.abandon.aborted).toBe(false);
    searches[0]?.answer('one');
    expect(await stays).toBe('one');
    await expect(find({}, abort.signal)).rejects.toThrow('gone');
  });

  it('and was the last ends the search', async () => {
    const { clock, searches, find } = world();
    const abort = new AbortController();
    const leaves = find({}, abort.signal);
    await clock.advance(5);
    abort.abort(new Error('gone'));
    await expect(leaves).rejects.toThrow('gone');
    expect(searches[0]?.abandon.aborted).toBe(true);
  });

  it('before the search begins takes it along, and the next one begins its own', async () => {
    const { clock, searches, find } = world();
    const abort = new AbortController();
    const leaves = find({}, abort.signal);
    abort.abort(new Error('gone'));
    await expect(leaves).rejects.toThrow('gone');
    const next = find();
    await clock.advance(5);
    expect(searches).toHaveLength(1);
    searches[0]?.answer('one');
    expect(await next).toBe('one');
    expect(clock.timers).toBe(0);
  });
});

describe('those who were said to come', () => {
  it('share one search, together, while it is under way, and after its answer', async () => {
    const { clock, searches, calls, find } = world();
    calls.expect({}, 3);
    const first = find();
    await clock.advance(5);
    const second = find();
    searches[0]?.answer('one');
    expect([await first, await second, await find()]).toEqual(['one', 'one', 'one']);
    expect(searches).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  it('get no failure of those before them', async () => {
    const { clock, searches, calls, find } = world();
    calls.expect({}, 2);
    const first = find();
    await clock.advance(5);
    searches[0]?.fail();
    await expect(first).rejects.toThrow('down');
    const second = find();
    await clock.advance(5);
    searches[1]?.answer('two');
    expect(await second).toBe('two');
  });

  it('and come too late search anew', async () => {
    const { clock, searches, calls, find } = world();
    calls.expect({}, 9);
    const first = find();
    await clock.advance(5);
    searches[0]?.answer('one');
    await first;
    await clock.advance(10_000);
    void find();
    await clock.advance(5);
    expect(searches).toHaveLength(2);
  });
});

it('a close sends what waits and leaves no timer', async () => {
  const { clock, searches, calls, find } = world();
  calls.expect({}, 5);
  const found = find();
  calls.close();
  await clock.settle();
  expect([searches.length, clock.timers]).toEqual([1, 0]);
  searches[0]?.fail();
  await expect(found).rejects.toThrow('down');
});
