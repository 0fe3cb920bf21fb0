/** What a query finds, as one thing among the secrets in the version index: sweeping it, and events about it. */

import { describe, expect, test } from 'vitest';
import { refId } from '../../../src/domain/secret-ref.ts';
import { AccessDenied, InvalidSpec, SourceUnavailable } from '../../../src/ports/errors.ts';
import type { FindQuery } from '../../../src/ports/find-query.ts';
import type { FindRef, SecretRef, SecretVersion } from '../../../src/ports/secret-source.ts';
import { Announcer } from '../../../src/rotation/announcer.ts';
import type { RotationEvent, RotationEventKind } from '../../../src/rotation/rotation-event.ts';
import { Sweeper } from '../../../src/rotation/sweeper.ts';
import { VersionIndex } from '../../../src/rotation/version-index.ts';
import { FakeAws, type FakeSource } from '../controllers/fake-sources.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createRecordingMetrics } from '../recording-metrics.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const A = 'identity-a';
const B = 'identity-b';
const NEVER = new AbortController().signal;

function setUp() {
  const clock = createVirtualClock();
  const aws = new FakeAws(clock);
  const index = new VersionIndex(() => 0.999_999);
  const sources = new Map<string, FakeSource>([A, B].map((key) => [key, aws.source({ key })]));
  const told: string[] = [];
  const written = new Map<string, SecretVersion>();
  const expected: [string, number][] = [];
  const stop = new AbortController();
  const sweeper = new Sweeper({
    index,
    sourceOf: (identityKey) => sources.get(identityKey),
    onMoved: (users) => told.push(...users),
    clock,
    metrics: createRecordingMetrics(),
    log: createRecordingLog(),
  });
  const announcer = new Announcer({
    index,
    clock,
    written: (user, source) => (source.identityKey === A ? written.get(`${user} ${source.refId}`) : undefined),
    isStuck: () => false,
    awaitsWindow: () => false,
    expectReads: ({ ref }, count) => expected.push([refId(ref), count]),
    wake: (users) => told.push(...users),
  });
  void sweeper.run(stop.signal);

  /** What a user does that is told: it finds, tells the index, and writes unless it must not yet. */
  async function sync(user: string, query: FindQuery, identityKey = A): Promise<string> {
    const ref: FindRef = { query };
    const { version } = await (sources.get(identityKey) ?? aws.source({ key: A })).find(query, NEVER);
    const { verdict } = index.observe(identityKey, ref, { kind: 'version', version }, clock.nowMs());
    if (verdict !== 'behind' && verdict !== 'doubtful') written.set(`${user} ${refId(ref)}`, version);
    return verdict;
  }
  async function use(user: string, query: FindQuery, intervalMs = MINUTE_MS, identityKey = A): Promise<void> {
    index.track(user, [{ identityKey, ref: { query }, intervalMs }], clock.nowMs());
    await sync(user, query, identityKey);
    aws.forgetCalls();
  }
  return { clock, aws, index, told, expected, announcer, sync, use };
}

describe('the sweep of a query', () => {
  test('costs one look an interval and no read, as long as nothing changes', async () => {
    const { clock, aws, told, use } = setUp();
    for (let at = 0; at < 30; at += 1) aws.put(`prod/${at}`, 'x');
    await use('user', { path: 'prod/' });
    await clock.advance(10 * MINUTE_MS);
    expect(aws.count('probe')).toBe(10);
    expect(aws.count()).toBe(10);
    expect(told).toEqual([]);
  });

  test('is one for all users of the query, and one for all queries that differ in their expression only', async () => {
    const { clock, aws, use } = setUp();
    for (const user of ['a', 'b', 'c']) await use(user, { path: 'prod/' });
    await use('d', { path: 'prod/', nameRegexp: 'x' });
    await use('e', { path: 'prod/', nameRegexp: 'y' });
    await clock.advance(10 * MINUTE_MS);
    expect(aws.calls.map(({ keys }) => keys.length)).toEqual(Array(10).fill(3));
  });

  test('is another one for another path, other tags, another identity, and for secrets', async () => {
    const { clock, aws, index, use } = setUp();
    await use('a', { path: 'prod/' });
    await use('b', { path: 'dev/' });
    await use('c', { path: 'prod/', tags: { x: 'y' } });
    await use('d', { path: 'prod/' }, MINUTE_MS, B);
    const ref: SecretRef = { key: 'prod/', version: { kind: 'stage', stage: 'AWSCURRENT' } };
    index.track('e', [{ identityKey: A, ref, intervalMs: MINUTE_MS }], clock.nowMs());
    await clock.advance(10 * MINUTE_MS);
    expect(aws.calls.map(({ keys }) => keys.length)).toEqual(Array(50).fill(1));
  });

  test.each<[string, (aws: FakeAws) => void]>([
    ['a new version of a match', (aws) => aws.put('prod/a', 'rotated')],
    ['a new match', (aws) => aws.put('prod/c', 'new')],
    ['a match that goes', (aws) => aws.remove('prod/b')],
    ['a match that is made anew', (aws) => [aws.remove('prod/b'), aws.put('prod/b', 'anew')]],
    ['other tags', (aws) => aws.tag('prod/b', { team: 'x' })],
  ])('tells its users, and nobody else, of %s', async (_, change) => {
    const { clock, aws, told, use } = setUp();
    for (const name of ['prod/a', 'prod/b', 'dev/a']) aws.put(name, 'x');
    await use('user', { path: 'prod/' });
    await use('by-tag', { tags: { team: 'x' } });
    await use('other', { path: 'dev/' });
    change(aws);
    await clock.advance(MINUTE_MS);
    expect(told).toEqual([aws.namesFor({ tags: { team: 'x' } }).length > 0 ? 'by-tag' : 'user']);
  });

  test('sees no less than before until it stays so', async () => {
    const { clock, aws, sync, use } = setUp();
    for (const name of ['prod/a', 'prod/b']) aws.put(name, 'x');
    await use('user', { path: 'prod/' });
    aws.remove('prod/b');
    expect(await sync('user', { path: 'prod/' })).toBe('doubtful');
    await clock.advance(4_000);
    expect(await sync('user', { path: 'prod/' })).toBe('doubtful');
    await clock.advance(1_000);
    expect(await sync('user', { path: 'prod/' })).toBe('moved');
  });

  test('tells of a denial once, and of what comes after it', async () => {
    const { clock, aws, told, sync, use } = setUp();
    aws.put('prod/a', 'x');
    await use('user', { path: 'prod/' });
    aws.fail(new AccessDenied('no list'));
    await clock.advance(5 * MINUTE_MS);
    expect(told).toEqual(['user']);
    aws.recover();
    await clock.advance(MINUTE_MS);
    expect(told).toEqual(['user', 'user']);
    expect(await sync('user', { path: 'prod/' })).toBe('same');
  });

  test('without an answer is tried less and less', async () => {
    const { clock, aws, use } = setUp();
    await use('user', { path: 'prod/' }, 2_000);
    aws.fail(new SourceUnavailable('down'));
    await clock.advance(5 * MINUTE_MS);
    expect(aws.count('probe')).toBeLessThan(20);
  });

  test('ends with its last user', async () => {
    const { clock, aws, index, announcer, use } = setUp();
    await use('user', { path: 'prod/' });
    index.untrack('user');
    await clock.advance(HOUR_MS);
    expect(aws.count()).toBe(0);
    expect(announcer.announce(event('prod/a'))).toEqual([]);
    expect([...index.identities()]).toEqual([]);
    expect(index.named(['prod/a'])).toEqual([]);
  });
});

test('a query whose expression is none cannot be watched, and leaves nothing behind', () => {
  const { index, clock } = setUp();
  const ref: FindRef = { query: { nameRegexp: 'a(' } };
  expect(() => index.track('user', [{ identityKey: A, ref, intervalMs: 1 }], clock.nowMs())).toThrow(InvalidSpec);
  expect(index.named(['a(', 'x'])).toEqual([]);
});

function event(name: string, more: Partial<RotationEvent> = {}, versionId?: string): RotationEvent {
  const secret = { arn: undefined, names: [name], account: '123456789012', region: 'eu-central-1' };
  const moves = more.kind === undefined ? [{ stage: 'AWSCURRENT', versionId }] : [];
  return { id: 'e-1', kind: 'moved', secret, moves, atMs: 0, ...more };
}

function kind(name: string, what: RotationEventKind): RotationEvent {
  return event(name, { kind: what });
}

describe('an event', () => {
  const PROD: FindQuery = { path: 'prod/', nameRegexp: '[a-z]$' };
  test.each<[string, FindQuery, RotationEvent, boolean]>([
    ['about a match concerns its users', PROD, event('prod/a'), true],
    ['about a secret that may be a new match does', PROD, event('prod/new'), true],
    ['about a name outside the path does not', PROD, event('dev/a'), false],
    ['about a name that the expression does not match does not', PROD, event('prod/1'), false],
    [
      'of a label other than the current one does not',
      PROD,
      event('prod/a', { moves: [{ stage: 'blue', versionId: 'v' }] }),
      false,
    ],
    ['about any secret does, where only tags can tell', { tags: { team: 'x' } }, event('whatever'), true],
    ['of other tags does, where tags are asked for', { tags: { team: 'x' } }, kind('prod/b', 'tagged'), true],
    ['of other tags does not, where none are', PROD, kind('prod/a', 'tagged'), false],
    ['of the deletion of a match does', PROD, kind('prod/a', 'deleted'), true],
    ['of the deletion of what is none does not', PROD, kind('prod/x', 'deleted'), false],
    ['of a restored secret does', PROD, kind('prod/x', 'restored'), true],
    ['of a failed rotation does not', PROD, kind('prod/a', 'rotationFailed'), false],
  ])('%s', async (_, query, happened, concerns) => {
    const { aws, told, announcer, use } = setUp();
    aws.put('prod/a', 'x');
    await use('user', query, HOUR_MS);
    expect(announcer.announce(happened)).toEqual(concerns ? ['user'] : []);
    expect(told).toEqual(concerns ? ['user'] : []);
  });

  test.each([
    ['another account', { account: '210987654321', region: 'eu-central-1' }],
    ['another region', { account: '123456789012', region: 'us-east-1' }],
  ])('in %s concerns nobody who found something at home', async (_, home) => {
    const { aws, announcer, use } = setUp();
    aws.put('prod/a', 'x');
    await use('user', PROD, HOUR_MS);
    expect(announcer.announce(event('prod/a', { secret: { arn: undefined, names: ['prod/a'], ...home } }))).toEqual([]);
  });

  test('says how many will come to find', async () => {
    const { aws, announcer, expected, use } = setUp();
    aws.put('prod/a', 'x');
    for (const user of ['a', 'b', 'c']) await use(user, PROD, HOUR_MS);
    announcer.announce(event('prod/a'));
    expect(expected).toEqual([[refId({ query: PROD }), 3]]);
  });

  test('is through when the version that it names was found and written, and not before', async () => {
    const { clock, aws, announcer, sync, use } = setUp();
    aws.put('prod/a', 'x');
    await use('user', PROD, HOUR_MS);
    const versionId = aws.put('prod/a', 'rotated');
    aws.answerStale('prod/a', 1);
    const happened = event('prod/a', {}, versionId);
    expect(announcer.announce(happened)).toEqual(['user']);
    expect(await sync('user', PROD)).toBe('behind');
    expect(announcer.isHandled('user', happened)).toBe(false);
    await clock.advance(1_000);
    expect(aws.count('probe')).toBe(0);
    expect(await sync('user', PROD)).toBe('moved');
    expect(announcer.isHandled('user', happened)).toBe(true);
    expect(announcer.announce(happened)).toEqual([]);
  });

  test('about one secret does not make forgotten what one about another has told', async () => {
    const { aws, announcer, sync, use } = setUp();
    for (const name of ['prod/a', 'prod/b']) aws.put(name, 'x');
    await use('user', PROD, HOUR_MS);
    const versionIds = ['prod/a', 'prod/b'].map((name) => aws.put(name, 'rotated'));
    aws.answerStale('prod/a', 1);
    announcer.announce(event('prod/a', {}, versionIds[0]));
    announcer.announce(event('prod/b', {}, versionIds[1]));
    expect(await sync('user', PROD)).toBe('behind');
    expect(await sync('user', PROD)).toBe('moved');
  });

  test('is not through by a listing, which may be older', async () => {
    const { clock, aws, index, announcer, told, use } = setUp();
    aws.put('prod/a', 'x');
    await use('user', PROD);
    const happened = event('prod/a');
    announcer.announce(happened);
    told.length = 0;
    await clock.advance(MINUTE_MS);
    expect(aws.count('probe')).toBe(1);
    expect(index.observation(A, { query: PROD })?.announced).toBeDefined();
    expect(announcer.isHandled('user', happened)).toBe(false);
    expect(told).toEqual(['user']);
  });

  test('has the query looked at again when the listing must show what it told of', async () => {
    const { clock, aws, announcer, sync, told, use } = setUp();
    aws.put('prod/a', 'x');
    await use('user', PROD, 24 * HOUR_MS);
    announcer.announce(event('prod/new'));
    expect(await sync('user', PROD)).toBe('same');
    told.length = 0;
    aws.put('prod/new', 'listed late');
    await clock.advance(5 * MINUTE_MS);
    expect(told).toEqual(['user']);
    aws.forgetCalls();
    await clock.advance(HOUR_MS);
    expect(aws.count('probe')).toBe(0);
  });
});
