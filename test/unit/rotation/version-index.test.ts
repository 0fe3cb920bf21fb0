import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ROLLBACK_CONFIRM_MS } from '../../../src/domain/version-order.ts';
import {
  AccessDenied,
  type KeyturnError,
  SecretNotFound,
  SourceUnavailable,
  Throttled,
} from '../../../src/ports/errors.ts';
import type { ProbeOutcome, ProbeSharing, SecretRef } from '../../../src/ports/secret-source.ts';
import { VersionIndex } from '../../../src/rotation/version-index.ts';

const ID = 'identity-a';
const anyRef = () => true;

/** A source that answers so many refs in a call, and those that cannot share it alone. */
function sharing(probeBatchSize: number, canBatch: (ref: SecretRef) => boolean): ProbeSharing {
  return { probeBatchSize, canBatch, canDescribe: () => false };
}

function ref(key: string): SecretRef {
  return { key, version: { kind: 'stage', stage: 'AWSCURRENT' } };
}

function use(key: string, intervalMs: number | 'never' = 60_000, identityKey = ID) {
  return { identityKey, ref: ref(key), intervalMs: intervalMs === 'never' ? undefined : intervalMs };
}

function version(versionId: string, createdAtMs = 1_000): ProbeOutcome {
  return { kind: 'version', version: { arn: 'arn:db', versionId, createdAtMs } };
}

function failed(error: KeyturnError): ProbeOutcome {
  return { kind: 'failed', error };
}

/** The keys that are asked at this time, and when to come back if there are none. */
function batch(index: VersionIndex, nowMs: number, size = 20, canBatch: (ref: SecretRef) => boolean = anyRef) {
  const next = index.nextBatch(ID, sharing(size, canBatch), nowMs);
  return next.kind === 'ask' ? next.refs.map((each) => ('query' in each ? '' : each.key)) : next.untilMs;
}

/** An index in which `count` secrets are due one second apart, the first at `intervalMs` after 0. */
function staggered(count: number, intervalMs = 60_000): VersionIndex {
  const index = new VersionIndex(() => 0.999_999);
  for (let at = 0; at < count; at += 1) index.track(`user-${at}`, [use(`key-${at}`, intervalMs)], at * 1_000);
  return index;
}

describe('what is asked', () => {
  test('nothing before it is due', () => {
    const index = staggered(3);
    expect(batch(index, 59_999)).toBe(60_000);
  });

  test('nothing of an identity that nobody knows', () => {
    expect(batch(new VersionIndex(), 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test('what is due, filled up with what is due soonest, in that order', () => {
    const index = staggered(30);
    expect(batch(index, 60_000, 5)).toEqual(['key-0', 'key-1', 'key-2', 'key-3', 'key-4']);
    expect(batch(index, 60_000, 5)).toBe(65_000);
  });

  test('never more than fit into one call', () => {
    const index = staggered(100);
    for (let round = 0; round < 5; round += 1) expect(batch(index, 3_600_000)).toHaveLength(20);
    expect(batch(index, 3_600_000)).toBe(Number.POSITIVE_INFINITY);
  });

  test('a ref that cannot share a call goes alone, and rides along with nobody', () => {
    const index = staggered(4);
    const canBatch = ({ key }: SecretRef) => key !== 'key-1';
    expect(batch(index, 60_000, 20, canBatch)).toEqual(['key-0', 'key-2', 'key-3']);
    expect(batch(index, 61_000, 20, canBatch)).toEqual(['key-1']);
  });

  test('a ref that is being asked is not asked again, until it has an answer or was given back', () => {
    const index = staggered(2);
    expect(batch(index, 60_000, 1)).toEqual(['key-0']);
    expect(batch(index, 60_000, 1)).toBe(61_000);
    index.giveBack(ID, [ref('key-0')]);
    expect(batch(index, 60_000, 1)).toEqual(['key-0']);
    index.observe(ID, ref('key-0'), version('v1'), 60_500);
    expect(batch(index, 60_500, 1)).toBe(61_000);
  });

  test('a ref that is being asked is not asked again though somebody else comes to use it', () => {
    const index = staggered(1);
    expect(batch(index, 60_000)).toEqual(['key-0']);
    index.track('another', [use('key-0', 1_000)], 60_000);
    expect(batch(index, 70_000)).toBe(Number.POSITIVE_INFINITY);
    index.observe(ID, ref('key-0'), version('v1'), 70_000);
    expect(batch(index, 71_000)).toEqual(['key-0']);
  });

  test('a user that does not want to be polled for is not', () => {
    const index = new VersionIndex();
    index.track('user', [use('key', 'never')], 0);
    expect(batch(index, 1e12)).toBe(Number.POSITIVE_INFINITY);
    index.observe(ID, ref('key'), version('v1'), 5);
    expect(batch(index, 1e12)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('when it is asked', () => {
  test('the shortest interval of its users counts', () => {
    const index = new VersionIndex(() => 0.5);
    index.track('slow', [use('key', 3_600_000)], 0);
    index.track('fast', [use('key', 10_000)], 0);
    index.track('never', [use('key', 'never')], 0);
    expect(batch(index, 0)).toBe(10_000);
  });

  test('the shortest of one user counts too, when it names a secret twice', () => {
    const index = new VersionIndex();
    index.track('user', [use('key', 10_000), use('key', 60_000), use('key', 'never')], 0);
    expect(batch(index, 0)).toBe(10_000);
  });

  test("after the fast user left, the slow one's interval counts again", () => {
    const index = new VersionIndex(() => 0.999_999);
    index.track('slow', [use('key', 3_600_000)], 0);
    index.track('fast', [use('key', 10_000)], 0);
    index.observe(ID, ref('key'), version('v1'), 0);
    index.untrack('fast');
    index.observe(ID, ref('key'), version('v1'), 10_000);
    expect(batch(index, 10_000)).toBe(3_610_000);
  });

  test('when only users are left that do not want to be polled for, it is not', () => {
    const index = new VersionIndex();
    index.track('quiet', [use('key', 'never')], 0);
    index.track('fast', [use('key', 10_000)], 0);
    index.untrack('fast');
    expect(batch(index, 1e12)).toBe(Number.POSITIVE_INFINITY);
  });

  test('tracking the same thing again never puts off what is due', () => {
    const index = new VersionIndex();
    index.track('user', [use('key')], 0);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 7_000) index.track('user', [use('key')], nowMs);
    expect(batch(index, 60_000)).toEqual(['key']);
  });

  test('the second look is spread over the later half of the interval, and the third is a whole interval later', () => {
    const seconds: number[] = [];
    for (const random of [0, 0.25, 0.5, 0.75]) {
      const index = new VersionIndex(() => random);
      index.track('user', [use('key')], 0);
      index.observe(ID, ref('key'), version('v1'), 0);
      seconds.push(Number(batch(index, -1)));
      index.observe(ID, ref('key'), version('v1'), 100_000);
      expect(batch(index, 100_000)).toBe(160_000);
    }
    expect(seconds).toEqual([30_000, 37_500, 45_000, 52_500]);
  });

  test('whoever waits is told of every time that is set', () => {
    const index = new VersionIndex(() => 0.5);
    const dues: number[] = [];
    index.onDue = (dueAtMs) => dues.push(dueAtMs);
    index.track('user', [use('key')], 0);
    index.observe(ID, ref('key'), version('v1'), 10_000);
    expect(dues).toEqual([60_000, 55_000]);
  });
});

describe('who is told', () => {
  function twoUsers(): VersionIndex {
    const index = new VersionIndex(() => 0.5);
    index.track('a', [use('key')], 0);
    index.track('b', [use('key')], 0);
    index.track('c', [use('other')], 0);
    index.observe(ID, ref('key'), version('v1'), 0);
    return index;
  }

  test('everybody who uses a secret that moved, and nobody else', () => {
    expect(twoUsers().observe(ID, ref('key'), version('v2', 2_000), 1_000)).toEqual({
      verdict: 'moved',
      told: ['a', 'b'],
    });
  });

  test('nobody when it did not', () => {
    expect(twoUsers().observe(ID, ref('key'), version('v1'), 1_000)).toEqual({ verdict: 'same', told: [] });
  });

  test('nobody by what was seen with other credentials', () => {
    const index = twoUsers();
    expect(index.observe('identity-b', ref('key'), version('v2', 2_000), 1_000).told).toEqual([]);
    expect(index.observation(ID, ref('key'))?.version?.versionId).toBe('v1');
  });

  test('nobody by an answer that comes twice', () => {
    const index = twoUsers();
    index.observe(ID, ref('key'), version('v2', 2_000), 1_000);
    expect(index.observe(ID, ref('key'), version('v2', 2_000), 1_001).told).toEqual([]);
  });

  test('nobody who left', () => {
    const index = twoUsers();
    index.untrack('a');
    expect(index.observe(ID, ref('key'), version('v2', 2_000), 1_000).told).toEqual(['b']);
  });

  test('nobody who uses something else now', () => {
    const index = twoUsers();
    index.track('a', [use('other')], 1_000);
    expect(index.observe(ID, ref('key'), version('v2', 2_000), 1_000).told).toEqual(['b']);
    expect(index.observe(ID, ref('other'), version('x'), 1_000).told).toEqual(['c', 'a']);
  });
});

describe('what nobody uses is forgotten', () => {
  test('the secret, and the identity with its last secret', () => {
    const index = new VersionIndex();
    index.track('a', [use('one'), use('two', 60_000, 'identity-b')], 0);
    expect([...index.identities()]).toEqual([ID, 'identity-b']);
    index.track('a', [use('one')], 0);
    expect([...index.identities()]).toEqual([ID]);
    index.untrack('a');
    expect([...index.identities()]).toEqual([]);
    expect(index.observation(ID, ref('one'))).toBeUndefined();
    expect(index.observe(ID, ref('one'), version('v1'), 0).told).toEqual([]);
  });

  test('an answer to what was forgotten meanwhile changes nothing', () => {
    const index = staggered(1);
    batch(index, 60_000);
    index.untrack('user-0');
    index.giveBack(ID, [ref('key-0')]);
    expect(index.observe(ID, ref('key-0'), version('v1'), 60_000).told).toEqual([]);
    expect([...index.identities()]).toEqual([]);
  });

  test('any tracking and untracking leaves exactly what is used', () => {
    const step = fc.record({
      user: fc.constantFrom('a', 'b', 'c'),
      keys: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const index = new VersionIndex();
        const model = new Map<string, readonly string[]>();
        for (const { user, keys } of steps) {
          index.track(
            user,
            keys.map((key) => use(key)),
            0,
          );
          model.set(user, keys);
        }
        for (const key of ['x', 'y', 'z']) {
          const users = [...model].filter(([, keys]) => keys.includes(key)).map(([user]) => user);
          expect(index.observation(ID, ref(key)) !== undefined).toBe(users.length > 0);
          expect(index.observe(ID, ref(key), version('v1'), 0).told.toSorted()).toEqual(users.toSorted());
        }
      }),
    );
  });
});

describe('a failure', () => {
  function seenOnce(): VersionIndex {
    const index = new VersionIndex(() => 0.5);
    index.track('a', [use('key')], 0);
    index.observe(ID, ref('key'), version('v1'), 0);
    return index;
  }

  test.each([
    ['a denial', new AccessDenied('no')],
    ['a secret that is gone', new SecretNotFound('gone')],
  ])('%s is told at once, once, and keeps the version that is known', (_, error) => {
    const index = seenOnce();
    expect(index.observe(ID, ref('key'), failed(error), 1_000)).toEqual({ verdict: 'failed', told: ['a'] });
    expect(index.observation(ID, ref('key'))).toMatchObject({
      failure: error,
      version: { versionId: 'v1' },
      checkedAtMs: 0,
    });
    expect(index.observe(ID, ref('key'), failed(new AccessDenied(error.message)), 2_000).told).toEqual([]);
  });

  test.each([
    ['throttling', new Throttled('slow')],
    ['a broken network', new SourceUnavailable('down')],
  ])('%s may pass by itself: it is told only when the next look meets it again', (_, error) => {
    const index = seenOnce();
    expect(index.observe(ID, ref('key'), failed(error), 1_000).told).toEqual([]);
    expect(index.observation(ID, ref('key'))?.failure).toBeUndefined();
    expect(index.observe(ID, ref('key'), failed(error), 2_000).told).toEqual(['a']);
    expect(index.observation(ID, ref('key'))?.failure).toBe(error);
    expect(index.observe(ID, ref('key'), failed(error), 3_000).told).toEqual([]);
  });

  test('one that passes is asked about again soon, and less and less often', () => {
    const index = seenOnce();
    const waits: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      index.observe(ID, ref('key'), failed(new SourceUnavailable('down')), 1_000_000);
      const next = batch(index, 0);
      waits.push(typeof next === 'number' ? next - 1_000_000 : -1);
    }
    expect(waits[0]).toBeLessThanOrEqual(1_000);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(waits.at(-1)).toBeLessThanOrEqual(60_000);
  });

  test('one that does not pass by itself is asked about again after the interval', () => {
    const index = seenOnce();
    index.observe(ID, ref('key'), failed(new AccessDenied('no')), 1_000);
    expect(batch(index, 1_000)).toBe(61_000);
  });

  test('another failure is told', () => {
    const index = seenOnce();
    index.observe(ID, ref('key'), failed(new AccessDenied('no')), 1_000);
    expect(index.observe(ID, ref('key'), failed(new SecretNotFound('gone')), 2_000).told).toEqual(['a']);
  });

  test('recovery is told though the version is the same', () => {
    const index = seenOnce();
    index.observe(ID, ref('key'), failed(new AccessDenied('no')), 1_000);
    expect(index.observe(ID, ref('key'), version('v1'), 2_000)).toEqual({ verdict: 'same', told: ['a'] });
    expect(index.observation(ID, ref('key'))?.failure).toBeUndefined();
    expect(index.observe(ID, ref('key'), version('v1'), 3_000).told).toEqual([]);
  });

  test('recovery from what was not told is not told', () => {
    const index = seenOnce();
    index.observe(ID, ref('key'), failed(new Throttled('slow')), 1_000);
    expect(index.observe(ID, ref('key'), version('v1'), 2_000).told).toEqual([]);
    index.observe(ID, ref('key'), failed(new Throttled('slow')), 3_000);
    expect(index.observation(ID, ref('key'))?.failure).toBeUndefined();
  });
});

describe('an older version', () => {
  function newest(): VersionIndex {
    const index = new VersionIndex(() => 0.5);
    index.track('a', [use('key')], 0);
    index.observe(ID, ref('key'), version('v2', 2_000), 0);
    return index;
  }

  test('is doubted: nobody is told, the newer one stays, and it is asked again soon', () => {
    const index = newest();
    expect(index.observe(ID, ref('key'), version('v1', 1_000), 10_000)).toEqual({ verdict: 'doubtful', told: [] });
    expect(index.observation(ID, ref('key'))?.version?.versionId).toBe('v2');
    expect(batch(index, 10_000)).toBe(10_000 + ROLLBACK_CONFIRM_MS);
  });

  test('that goes away again was a stale replica', () => {
    const index = newest();
    index.observe(ID, ref('key'), version('v1', 1_000), 10_000);
    expect(index.observe(ID, ref('key'), version('v2', 2_000), 11_000)).toEqual({ verdict: 'same', told: [] });
    expect(index.observe(ID, ref('key'), version('v1', 1_000), 20_000).verdict).toBe('doubtful');
  });

  test('that stays is a rollback, and is told', () => {
    const index = newest();
    index.observe(ID, ref('key'), version('v1', 1_000), 10_000);
    expect(index.observe(ID, ref('key'), version('v1', 1_000), 12_000).verdict).toBe('doubtful');
    expect(index.observe(ID, ref('key'), version('v1', 1_000), 15_000)).toEqual({ verdict: 'moved', told: ['a'] });
    expect(index.observation(ID, ref('key'))?.version?.versionId).toBe('v1');
  });

  test('a failure in between does not clear the doubt', () => {
    const index = newest();
    index.observe(ID, ref('key'), version('v1', 1_000), 10_000);
    index.observe(ID, ref('key'), failed(new Throttled('slow')), 12_000);
    expect(index.observe(ID, ref('key'), version('v1', 1_000), 15_000).verdict).toBe('moved');
  });

  /** Gives the answers `v1`, `v2` ... in turn and looks that none older than what is known is believed too early. */
  function expectNeverBackwards(answers: readonly { readonly id: number; readonly waitMs: number }[]): void {
    const index = newest();
    let nowMs = 100_000;
    let known = 2;
    let last = { id: 0, sinceMs: 0 };
    for (const { id, waitMs } of answers) {
      nowMs += waitMs;
      if (id !== last.id) last = { id, sinceMs: nowMs };
      index.observe(ID, ref('key'), version(`v${id}`, id * 1_000), nowMs);
      const now = Number(index.observation(ID, ref('key'))?.version?.versionId.slice(1));
      if (now < known) expect([now, nowMs - last.sinceMs >= ROLLBACK_CONFIRM_MS]).toEqual([last.id, true]);
      known = now;
    }
  }

  test('no order of answers ever goes back to an older version within the time that confirms it', () => {
    const answer = fc.record({ id: fc.integer({ min: 1, max: 4 }), waitMs: fc.integer({ min: 0, max: 3_000 }) });
    fc.assert(fc.property(fc.array(answer, { maxLength: 20 }), expectNeverBackwards));
  });
});
