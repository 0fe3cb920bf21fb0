import { describe, expect, test } from 'vitest';
import { refId } from '../../../src/domain/secret-ref.ts';
import type { SecretRef, SecretVersion } from '../../../src/ports/secret-source.ts';
import { Announcer } from '../../../src/rotation/announcer.ts';
import type { LabelMove, RotationEvent, RotationEventKind } from '../../../src/rotation/rotation-event.ts';
import { VersionIndex } from '../../../src/rotation/version-index.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const ME = 'default@eu-central-1';
const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf';
const HOUR_MS = 3_600_000;

function stage(key: string, name = 'AWSCURRENT'): SecretRef {
  return { key, version: { kind: 'stage', stage: name } };
}

function event(moves: readonly LabelMove[], more: Partial<RotationEvent> = {}, kind: RotationEventKind = 'moved') {
  const secret = { arn: ARN, names: ['prod/db'], account: '123456789012', region: 'eu-central-1' };
  return { id: 'e-1', kind, secret, moves, atMs: 0, ...more };
}

const TAGS: SecretRef = { key: 'prod/db', version: { kind: 'tags' } };
const TO_V2 = event([{ stage: 'AWSCURRENT', versionId: 'v2' }]);

function world() {
  const clock = createVirtualClock();
  const index = new VersionIndex(() => 0.5);
  const written = new Map<string, SecretVersion>();
  const stuck = new Set<string>();
  const gated = new Set<string>();
  const woken: string[] = [];
  const expected: [string, number][] = [];
  const announcer = new Announcer({
    index,
    clock,
    written: (user, source) => (source.identityKey === ME ? written.get(`${user} ${source.refId}`) : undefined),
    isStuck: (user) => stuck.has(user),
    awaitsWindow: (user) => gated.has(user),
    expectReads: ({ ref }, count) => expected.push(['query' in ref ? refId(ref) : ref.key, count]),
    wake: (users) => woken.push(...users),
  });
  const use = (user: string, ref: SecretRef, intervalMs: number | undefined = HOUR_MS) =>
    index.track(user, [{ identityKey: ME, ref, intervalMs }], clock.nowMs());
  const see = (ref: SecretRef, versionId: string, arn = ARN) =>
    index.observe(ME, ref, { kind: 'version', version: { arn, versionId, createdAtMs: clock.nowMs() } }, clock.nowMs());
  const write = (user: string, ref: SecretRef, versionId: string) =>
    written.set(`${user} ${refId(ref)}`, { arn: ARN, versionId, createdAtMs: 0 });
  return { clock, index, announcer, use, see, write, woken, expected, stuck, gated };
}

/** `team/app` follows `prod/db` and has written v1. */
function following(ref = stage('prod/db')) {
  const one = world();
  one.use('team/app', ref);
  one.see(ref, 'v1');
  return one;
}

describe('an event', () => {
  test.each<[string, SecretRef, RotationEvent, readonly string[]]>([
    ['concerns who names the secret', stage('prod/db'), TO_V2, ['team/app']],
    ['concerns who spells its full ARN', stage(ARN), TO_V2, ['team/app']],
    ['concerns who spells its partial ARN', stage(ARN.slice(0, -7)), TO_V2, ['team/app']],
    ['does not concern who follows another stage', stage('prod/db', 'AWSPREVIOUS'), TO_V2, []],
    [
      'concerns who follows the stage that moved along',
      stage('prod/db', 'AWSPREVIOUS'),
      event([{ stage: 'AWSPREVIOUS', versionId: undefined }]),
      ['team/app'],
    ],
    ['concerns nobody who pinned a version', { key: 'prod/db', version: { kind: 'id', versionId: 'v1' } }, TO_V2, []],
    ['concerns nobody who reads another secret', stage('prod/db2'), TO_V2, []],
    ['concerns nobody who follows the tags', TAGS, TO_V2, []],
    ['of other tags concerns who follows them', TAGS, event([], {}, 'tagged'), ['team/app']],
    ['of other tags concerns nobody who follows a stage', stage('prod/db'), event([], {}, 'tagged'), []],
    ['of a deletion concerns who follows the tags', TAGS, event([], {}, 'deleted'), ['team/app']],
    ['of a deletion concerns every stage', stage('prod/db', 'custom'), event([], {}, 'deleted'), ['team/app']],
    ['of a failed rotation changes no value', stage('prod/db'), event([], {}, 'rotationFailed'), []],
  ])('%s', (_, ref, told, users) => {
    const { announcer, woken } = following(ref);
    expect(announcer.announce(told)).toEqual(users);
    expect(woken).toEqual(users);
  });

  test.each<[string, Partial<RotationEvent['secret']>]>([
    ['another account', { account: '210987654321' }],
    ['another region', { region: 'us-east-1' }],
  ])('of a secret of the same name in %s concerns nobody', (_, elsewhere) => {
    const { announcer } = following();
    expect(announcer.announce({ ...TO_V2, secret: { ...TO_V2.secret, ...elsewhere } })).toEqual([]);
  });

  test('concerns who was never answered, wherever the secret is', () => {
    const { announcer, use } = world();
    use('team/app', stage('prod/db'));
    expect(announcer.announce(TO_V2)).toEqual(['team/app']);
  });

  test('concerns nobody who does not follow rotations', () => {
    const { announcer, index, clock } = world();
    index.track('team/app', [{ identityKey: ME, ref: stage('prod/db'), intervalMs: undefined }], clock.nowMs());
    expect(announcer.announce(TO_V2)).toEqual([]);
  });

  test('says how many reads are about to come', () => {
    const { announcer, use, see, expected } = world();
    for (const user of ['team/a', 'team/b', 'team/c']) use(user, stage('prod/db'));
    see(stage('prod/db'), 'v1');
    expect(announcer.announce(TO_V2)).toHaveLength(3);
    expect(expected).toEqual([['prod/db', 3]]);
  });

  test('of what was seen and written already concerns nobody, and asks for no look', () => {
    const { announcer, see, write, index, woken } = following();
    see(stage('prod/db'), 'v2');
    write('team/app', stage('prod/db'), 'v2');
    expect(announcer.announce(TO_V2)).toEqual([]);
    expect(woken).toEqual([]);
    expect(index.observation(ME, stage('prod/db'))?.announced).toBeUndefined();
  });
});

describe('a user is through with an event', () => {
  test('when AWS gave the version and it is written, not before', () => {
    const { announcer, see, write } = following();
    write('team/app', stage('prod/db'), 'v1');
    announcer.announce(TO_V2);
    expect(announcer.isHandled('team/app', TO_V2)).toBe(false);
    expect(see(stage('prod/db'), 'v1').verdict).toBe('behind');
    expect(announcer.isHandled('team/app', TO_V2)).toBe(false);
    see(stage('prod/db'), 'v2');
    expect(announcer.isHandled('team/app', TO_V2)).toBe(false);
    write('team/app', stage('prod/db'), 'v2');
    expect(announcer.isHandled('team/app', TO_V2)).toBe(true);
  });

  test('when a newer version has overtaken it and is written', () => {
    const { announcer, see, write } = following();
    announcer.announce(TO_V2);
    see(stage('prod/db'), 'v3');
    write('team/app', stage('prod/db'), 'v3');
    expect(announcer.isHandled('team/app', TO_V2)).toBe(true);
  });

  test('when it was told of a failure that does not pass by itself, after a look', () => {
    const { announcer, see, stuck } = following();
    announcer.announce(TO_V2);
    stuck.add('team/app');
    expect(announcer.isHandled('team/app', TO_V2)).toBe(false);
    see(stage('prod/db'), 'v2');
    expect(announcer.isHandled('team/app', TO_V2)).toBe(true);
  });

  test('when it asks AWS in a window only, before any look', () => {
    const { announcer, gated } = following();
    announcer.announce(TO_V2);
    expect(announcer.isHandled('team/app', TO_V2)).toBe(false);
    gated.add('team/app');
    expect(announcer.isHandled('team/app', TO_V2)).toBe(true);
  });

  test('when it is gone, or reads something else now', () => {
    const { announcer, index, use } = following();
    announcer.announce(TO_V2);
    use('team/app', stage('other'));
    expect(announcer.isHandled('team/app', TO_V2)).toBe(true);
    index.untrack('team/app');
    expect(announcer.isHandled('team/app', TO_V2)).toBe(true);
  });
});

test('progress is told to who listens, until they leave', () => {
  const { announcer } = world();
  const heard: string[] = [];
  const leave = announcer.onProgress((user) => heard.push(user));
  announcer.progressed('team/a');
  leave();
  announcer.progressed('team/b');
  expect(heard).toEqual(['team/a']);
});
