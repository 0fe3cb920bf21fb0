/** What the version index makes of answers that name a version and tell neither its age nor whether it can be read. */

import { describe, expect, test } from 'vitest';
import { ROLLBACK_CONFIRM_MS } from '../../../src/domain/version-order.ts';
import { AccessDenied, SecretNotFound } from '../../../src/ports/errors.ts';
import type { ProbeOutcome, ProbeSharing, SecretRef, VersionSelector } from '../../../src/ports/secret-source.ts';
import { VersionIndex } from '../../../src/rotation/version-index.ts';

const ID = 'identity-a';
const INTERVAL_MS = 60_000;
const PREVIOUS: VersionSelector = { kind: 'stage', stage: 'AWSPREVIOUS' };
const REF: SecretRef = { key: 'key', version: PREVIOUS };

function read(versionId: string, createdAtMs: number): ProbeOutcome {
  return { kind: 'version', version: { arn: 'arn:db', versionId, createdAtMs } };
}

function label(versionId: string): ProbeOutcome {
  return { kind: 'label', version: { arn: 'arn:db', versionId, createdAtMs: undefined } };
}

/** Two users of a secret that was read once. */
function readOnce(): VersionIndex {
  const index = new VersionIndex(() => 0.5);
  for (const user of ['a', 'b']) index.track(user, [{ identityKey: ID, ref: REF, intervalMs: INTERVAL_MS }], 0);
  index.observe(ID, REF, read('v2', 2_000), 0);
  return index;
}

describe('a label', () => {
  test('on the version that is known tells nobody', () => {
    const index = readOnce();
    expect(index.observe(ID, REF, label('v2'), 1_000)).toEqual({ verdict: 'same', told: [] });
    expect(index.observation(ID, REF)).toMatchObject({ version: { createdAtMs: 2_000 }, checkedAtMs: 1_000 });
  });

  test('on another version sends the users to read, and takes nothing from what is known', () => {
    const index = readOnce();
    expect(index.observe(ID, REF, label('v3'), 1_000)).toEqual({ verdict: 'unproven', told: ['a', 'b'] });
    expect(index.observation(ID, REF)).toMatchObject({ version: { versionId: 'v2' }, announced: {} });
    expect(index.observe(ID, REF, read('v3', 3_000), 1_100)).toEqual({ verdict: 'moved', told: ['a', 'b'] });
    expect(index.observation(ID, REF)).toMatchObject({ version: { versionId: 'v3' }, announced: undefined });
  });

  test('on another version, by a stale replica, is over with the read that finds nothing new', () => {
    const index = readOnce();
    index.observe(ID, REF, label('v1'), 1_000);
    expect(index.observe(ID, REF, read('v2', 2_000), 1_100)).toEqual({ verdict: 'same', told: [] });
    expect(index.observation(ID, REF)?.announced).toBeUndefined();
  });

  test('on an older version goes back only when reads agree for the time that confirms it', () => {
    const index = readOnce();
    index.observe(ID, REF, label('v1'), 1_000);
    expect(index.observe(ID, REF, read('v1', 1_000), 1_100).verdict).toBe('doubtful');
    expect(index.observation(ID, REF)?.version?.versionId).toBe('v2');
    expect(index.observe(ID, REF, label('v1'), 1_100 + ROLLBACK_CONFIRM_MS)).toEqual({
      verdict: 'unproven',
      told: ['a', 'b'],
    });
    expect(index.observe(ID, REF, read('v1', 1_000), 1_200 + ROLLBACK_CONFIRM_MS).verdict).toBe('moved');
  });

  test('on a version that an event named as a rollback is believed with the first read', () => {
    const index = readOnce();
    index.announce({ identityKey: ID, ref: REF }, { versionId: 'v1', sinceMs: 500 });
    index.observe(ID, REF, label('v1'), 1_000);
    expect(index.observe(ID, REF, read('v1', 1_000), 1_100).verdict).toBe('moved');
  });

  test.each([
    ['was denied', new AccessDenied('no')],
    ['found nothing', new SecretNotFound('gone')],
  ])(
    'does not end the failure of a read that %s: the users are sent to read again, and it stays told once',
    (_, error) => {
      const index = readOnce();
      index.observe(ID, REF, { kind: 'failed', error }, 1_000);
      expect(index.observe(ID, REF, label('v2'), 2_000).told).toEqual(['a', 'b']);
      expect(index.observation(ID, REF)?.failure).toBe(error);
      expect(index.observe(ID, REF, { kind: 'failed', error }, 2_100).told).toEqual([]);
      index.observe(ID, REF, label('v2'), 3_000);
      expect(index.observe(ID, REF, read('v2', 2_000), 3_100)).toEqual({ verdict: 'same', told: ['a', 'b'] });
      expect(index.observation(ID, REF)?.failure).toBeUndefined();
    },
  );

  test('that was seen first gets its age from the first read, which later ones are held against', () => {
    const index = new VersionIndex(() => 0.5);
    index.track('a', [{ identityKey: ID, ref: REF, intervalMs: INTERVAL_MS }], 0);
    index.observe(ID, REF, label('v2'), 0);
    index.observe(ID, REF, read('v2', 2_000), 100);
    expect(index.observe(ID, REF, read('v1', 1_000), 200).verdict).toBe('doubtful');
  });

  test('that differs is asked for again after the interval, and not at once', () => {
    const index = readOnce();
    index.observe(ID, REF, label('v3'), 1_000);
    const sharing: ProbeSharing = { probeBatchSize: 20, canBatch: () => false, canDescribe: () => true };
    expect(index.nextBatch(ID, sharing, 1_000)).toEqual({ kind: 'wait', untilMs: 1_000 + INTERVAL_MS });
  });
});

describe('refs that one description answers', () => {
  const OWN: VersionSelector[] = [PREVIOUS, { kind: 'stage', stage: 'blue' }, { kind: 'tags' }];
  const sharing: ProbeSharing = {
    probeBatchSize: 20,
    canBatch: ({ version }) => version.kind === 'stage' && version.stage === 'AWSCURRENT',
    canDescribe: ({ version }) => version.kind !== 'stage' || version.stage !== 'AWSCURRENT',
  };

  function index(): VersionIndex {
    const made = new VersionIndex(() => 0.5);
    for (const key of ['one', 'two']) {
      for (const [at, version] of [...OWN, { kind: 'stage', stage: 'AWSCURRENT' } as const].entries()) {
        const use = { identityKey: ID, ref: { key, version }, intervalMs: INTERVAL_MS + at * 1_000 };
        made.track(`${key}-${at}`, [use], key === 'one' ? 0 : 500);
        made.track(`other-${key}-${at}`, [{ ...use, identityKey: 'identity-b' }], 0);
      }
    }
    return made;
  }

  test('are asked for together, those of one secret and one identity, and of no batch', () => {
    const made = index();
    const first = made.nextBatch(ID, sharing, INTERVAL_MS);
    expect(first.kind === 'ask' && first.refs).toEqual(OWN.map((version) => ({ key: 'one', version })));
    expect(made.nextBatch(ID, sharing, INTERVAL_MS)).toEqual({ kind: 'wait', untilMs: INTERVAL_MS + 500 });
  });

  test('are not asked for while they are being asked for', () => {
    const made = index();
    made.nextBatch(ID, sharing, INTERVAL_MS);
    made.giveBack(ID, [{ key: 'one', version: PREVIOUS }]);
    const again = made.nextBatch(ID, sharing, INTERVAL_MS);
    expect(again.kind === 'ask' && again.refs).toEqual([{ key: 'one', version: PREVIOUS }]);
  });

  test('go alone once they cannot be described', () => {
    const made = index();
    const alone = made.nextBatch(ID, { ...sharing, canDescribe: () => false }, INTERVAL_MS);
    expect(alone.kind === 'ask' && alone.refs).toEqual([{ key: 'one', version: PREVIOUS }]);
  });
});
