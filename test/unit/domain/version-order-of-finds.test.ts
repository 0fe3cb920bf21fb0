/** Never backwards, for what a query finds: each of its secrets counts. */

import { describe, expect, test } from 'vitest';
import { judgeLabel, judgeVersion, type Known, ROLLBACK_CONFIRM_MS } from '../../../src/domain/version-order.ts';
import type { SecretVersion } from '../../../src/ports/secret-source.ts';

/** Such as `{ a: 2, b: 1 }`: the version of each secret, which was created in that second. */
function found(versions: Readonly<Record<string, number>>, isListed = false): SecretVersion {
  const members = Object.entries(versions).map(([name, version]) => {
    return { name, arn: `arn:${name}`, versionId: `v${version}`, createdAtMs: isListed ? undefined : version * 1_000 };
  });
  return { arn: '', versionId: JSON.stringify(versions), createdAtMs: isListed ? undefined : 9_000, members };
}

function knowing(version: SecretVersion | undefined, announced?: Known['announced']): Known {
  return { version, doubt: undefined, announced };
}

const naming = (versions: Readonly<Record<string, string>>, sinceMs = 10_000) => {
  const members = new Map(Object.entries(versions).map(([name, versionId]) => [`arn:${name}`, versionId]));
  return { versionId: undefined, sinceMs, members };
};

describe('what a query finds', () => {
  test.each<[string, SecretVersion | undefined, SecretVersion, string]>([
    ['has moved when nothing was known', undefined, found({ a: 1 }), 'moved'],
    ['is the same', found({ a: 1, b: 2 }), found({ a: 1, b: 2 }), 'same'],
    ['has moved with one of its secrets', found({ a: 1, b: 2 }), found({ a: 3, b: 2 }), 'moved'],
    ['has moved when there is one more', found({ a: 1 }), found({ a: 1, b: 2 }), 'moved'],
    ['has moved from nothing', found({}), found({ a: 1 }), 'moved'],
    ['is doubtful with an older version in it', found({ a: 2, b: 2 }), found({ a: 1, b: 2 }), 'doubtful'],
    [
      'is doubtful with an older version, though another is newer',
      found({ a: 2, b: 2 }),
      found({ a: 1, b: 3 }),
      'doubtful',
    ],
    ['is doubtful when one is missing', found({ a: 1, b: 2 }), found({ a: 1 }), 'doubtful'],
    ['is doubtful when all are missing', found({ a: 1 }), found({}), 'doubtful'],
    ['was only listed before, so that nothing is older', found({ a: 2 }, true), found({ a: 1 }), 'moved'],
  ])('%s', (_, known, seen, kind) => {
    expect(judgeVersion(knowing(known), seen, 20_000).kind).toBe(kind);
  });

  test('and is less than before is believed when it stays so', () => {
    const known = knowing(found({ a: 1, b: 2 }));
    const less = found({ a: 1 });
    const doubt = { versionId: less.versionId, sinceMs: 20_000 };
    expect(judgeVersion({ ...known, doubt }, less, 20_000 + ROLLBACK_CONFIRM_MS).kind).toBe('moved');
  });
});

describe('after an event about one of its secrets', () => {
  test.each<[string, Readonly<Record<string, number>>, number, string]>([
    ['a read without the version that it named is behind', { a: 1, b: 1 }, 11_000, 'behind'],
    ['a read with that version has moved', { a: 2, b: 1 }, 11_000, 'moved'],
    ['a read with a version newer still has moved', { a: 3, b: 1 }, 11_000, 'moved'],
    ['a read without it that has something else to tell is behind as well', { a: 1, b: 2 }, 11_000, 'behind'],
    ['a read without it is believed in the end', { a: 1, b: 1 }, 20_000, 'same'],
  ])('%s', (_, versions, nowMs, kind) => {
    const known = knowing(found({ a: 1, b: 1 }), naming({ a: 'v2' }));
    expect(judgeVersion(known, found(versions), nowMs).kind).toBe(kind);
  });

  test('that named an older version, a rollback, there is nothing to doubt', () => {
    const known = knowing(found({ a: 2, b: 2 }), naming({ a: 'v1' }));
    expect(judgeVersion(known, found({ a: 1, b: 2 }), 11_000).kind).toBe('moved');
    expect(judgeVersion(known, found({ a: 1, b: 1 }), 11_000).kind).toBe('doubtful');
  });

  test('a listing proves nothing: it may be older than the event', () => {
    const known = { ...knowing(found({ a: 1 }), { versionId: undefined, sinceMs: 0 }), failure: undefined };
    expect(judgeLabel(known, found({ a: 1 }, true), 60_000).kind).toBe('unproven');
    expect(judgeLabel({ ...known, announced: undefined }, found({ a: 1 }, true), 60_000).kind).toBe('same');
  });
});
