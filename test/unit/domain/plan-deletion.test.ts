import { describe, expect, test } from 'vitest';
import type { ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import { refId } from '../../../src/domain/secret-ref.ts';
import type { Situation, SyncRecord } from '../../../src/domain/situation.ts';
import { SecretNotFound, SourceUnavailable, Throttled } from '../../../src/ports/errors.ts';
import { fieldOwner, writtenTarget } from './manifests.ts';
import { DENIED, MANAGER, plan, restarted, SYNC, saw, synced, told, V1, V2 } from './situations.ts';

const NOT_THERE = new SecretNotFound('AWS has no secret "prod/db"');
const HOLD = '2026-01-01T00:00:00Z';
const GONE = saw({ version: V1, failure: NOT_THERE });
const FAILED = 'sourceFailed: spec.data[0] (key: prod/db): ';

const under = (target: ExternalSecretTarget) => synced({ spec: { target } });

const SOURCE = { identityKey: 'identity-a', refId: 'prod/db' };
const GONE_SOURCE = new Map([['prod/db', SOURCE]]);

/** Its source is gone, and nothing of it is in the target any more. */
function withoutSource(target: ExternalSecretTarget, change: Partial<SyncRecord> = {}): Situation {
  const situation = under(target);
  return { ...situation, record: { ...situation.record, versions: new Map(), gone: GONE_SOURCE, ...change } };
}

const deleted = { end: 'deleted', keys: [], targetResourceVersion: undefined } as const;

describe('a source that is gone', () => {
  test.each<[string, Situation, string]>([
    ['is told under Retain', { ...synced(), seen: GONE }, `${FAILED}AWS has no secret "prod/db"`],
    ['is acted on under Delete', { ...under({ deletionPolicy: 'Delete' }), seen: GONE }, SYNC],
    ['is acted on under Merge', { ...under({ deletionPolicy: 'Merge' }), seen: GONE }, SYNC],
    [
      'was acted on: the Secret is deleted, and stays so',
      { ...withoutSource({ deletionPolicy: 'Delete' }, deleted), target: undefined, seen: GONE },
      'settled: periodic',
    ],
    [
      "was acted on, and a Secret of that name is somebody else's",
      { ...withoutSource({ deletionPolicy: 'Delete' }, deleted), seen: GONE },
      'settled: periodic',
    ],
    [
      'was acted on: its key is gone',
      { ...withoutSource({ deletionPolicy: 'Merge' }), seen: GONE },
      'settled: periodic',
    ],
    ['is synced when it is back', { ...withoutSource({ deletionPolicy: 'Merge' }), seen: saw({ version: V1 }) }, SYNC],
    [
      'is not known to be back while nothing is seen of it',
      { ...withoutSource({ deletionPolicy: 'Merge' }), seen: () => undefined },
      'settled: periodic',
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });

  test.each<[string, Error]>([
    ['a denial', DENIED],
    ['throttling', new Throttled('slow down')],
    ['an outage', new SourceUnavailable('no answer')],
  ])('is not what %s says, under any policy', (_, failure) => {
    for (const deletionPolicy of ['Delete', 'Merge', 'Retain'] as const) {
      const decided = plan({ ...under({ deletionPolicy }), seen: saw({ version: V1, failure: Object(failure) }) });
      expect(told(decided)).toBe(`${FAILED}${failure.message}`);
    }
  });
});

test('what is gone has no say in since when the others are known to be current', () => {
  const data = [
    { secretKey: 'password', remoteRef: { key: 'prod/db' } },
    { secretKey: 'other', remoteRef: { key: 'prod/other' } },
  ];
  const situation = synced({ spec: { data, target: { deletionPolicy: 'Merge' } } });
  const other = { ...V2, identityKey: 'identity-a', refId: 'prod/other' };
  const record = { ...situation.record, versions: new Map([['prod/other', other]]), gone: GONE_SOURCE };
  const looks = {
    'prod/db': { version: V1, failure: NOT_THERE, checkedAtMs: 1_000 },
    'prod/other': { version: V2, failure: undefined, checkedAtMs: 9_000 },
  };
  const seen: Situation['seen'] = (_, ref) => looks[refId(ref) === 'prod/db' ? 'prod/db' : 'prod/other'];
  expect(plan({ ...situation, record, seen })).toMatchObject({ kind: 'settled', checkedAtMs: 9_000 });
});

describe('a loss that waits', () => {
  const held: Situation = { ...under({ deletionPolicy: 'Delete' }), seen: GONE, hold: HOLD };

  test.each<[string, Situation, string]>([
    ['waits without another read', held, `held: ${HOLD}`],
    ['is over when the source is back', { ...held, seen: saw({ version: V1 }) }, 'settled: periodic'],
    ['is written when the source is back with another version', { ...held, seen: saw({ version: V2 }) }, SYNC],
    [
      'is looked into when an event tells of a change',
      { ...held, seen: saw({ failure: NOT_THERE, announced: {} }) },
      SYNC,
    ],
    [
      'does not wait for what is gone from the target already',
      { ...withoutSource({ deletionPolicy: 'Delete' }, deleted), target: undefined, seen: GONE, hold: HOLD },
      'settled: periodic',
    ],
    ['waits no more under Retain', { ...synced(), seen: GONE, hold: HOLD }, `${FAILED}AWS has no secret "prod/db"`],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['is carried out when its hold is confirmed', HOLD, SYNC],
    ['waits for a confirmation of its own', '2025-01-01T00:00:00Z', `held: ${HOLD}`],
  ])('%s', (_, value, expected) => {
    const metadata = { annotations: { 'keyturn.dev/confirm-deletion': value } };
    const situation = synced({ metadata, spec: { target: { deletionPolicy: 'Delete' } } });
    expect(told(plan({ ...situation, seen: GONE, hold: HOLD }))).toBe(expected);
  });
});

describe('a target that we made immutable', () => {
  const frozen = (situation: Situation): Situation => ({
    ...situation,
    target: {
      ...writtenTarget(situation.externalSecret),
      fieldOwners: [
        fieldOwner({
          manager: MANAGER,
          dataKeys: ['password'],
          labels: ['reconcile.external-secrets.io/managed'],
          immutable: true,
        }),
      ],
    },
  });
  const immutable: ExternalSecretTarget = { immutable: true };
  const PROBLEM =
    'frozen: could not update secret, target is immutable: Secret "app" would get other data, and Kubernetes does not ' +
    'allow that; delete it (kubectl delete secret app -n team), and it is made anew';

  test.each<[string, Situation, string]>([
    ['settles when nothing happened', frozen(under(immutable)), 'settled: periodic'],
    [
      'is not written another version, and nothing is read',
      { ...frozen(under(immutable)), seen: saw({ version: V2 }) },
      PROBLEM,
    ],
    [
      'is told of, whatever the spec says now',
      { ...frozen(under({ immutable: false })), seen: saw({ version: V2 }) },
      PROBLEM,
    ],
    [
      'settles when AWS has the old version again',
      { ...frozen(under(immutable)), seen: saw({ version: V1 }) },
      'settled: periodic',
    ],
    ['is made anew when it was deleted', { ...under(immutable), target: undefined, seen: saw({ version: V2 }) }, SYNC],
    [
      'is deleted when its sources are gone',
      { ...frozen(under({ immutable: true, deletionPolicy: 'Delete' })), seen: GONE },
      SYNC,
    ],
    ['does not lose a key', { ...frozen(under({ immutable: true, deletionPolicy: 'Merge' })), seen: GONE }, PROBLEM],
    [
      'is told of after a restart without a read',
      { ...frozen(restarted({ spec: { target: immutable } })), seen: saw({ version: V2 }) },
      PROBLEM,
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });

  test('is made so where it is not', () => {
    const situation = under(immutable);
    expect(
      told(plan({ ...situation, target: { ...writtenTarget(situation.externalSecret), resourceVersion: '11' } })),
    ).toBe(SYNC);
  });
});

describe('after a restart', () => {
  test.each<[string, Situation, string]>([
    [
      'a target that was made from what is gone now is synced',
      { ...restarted({ spec: { target: { deletionPolicy: 'Delete' } } }), seen: GONE },
      SYNC,
    ],
    [
      'a deleted target is looked into',
      { ...restarted({ spec: { target: { deletionPolicy: 'Delete' } } }), target: undefined, seen: GONE },
      SYNC,
    ],
    [
      'a loss goes on waiting, by what the condition says',
      { ...restarted({ spec: { target: { deletionPolicy: 'Delete' } } }), seen: GONE, hold: HOLD },
      `held: ${HOLD}`,
    ],
    ['under Retain it is told', { ...restarted(), seen: GONE }, `${FAILED}AWS has no secret "prod/db"`],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });
});

test('nothing waits to be merged into with CreateOrMerge', () => {
  expect(told(plan({ ...under({ creationPolicy: 'CreateOrMerge' }), target: undefined }))).toBe(SYNC);
});
