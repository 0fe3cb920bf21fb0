import { describe, expect, it } from 'vitest';
import {
  AccessDenied,
  InvalidCredentials,
  InvalidSpec,
  RequestRejected,
  SourceUnavailable,
  Throttled,
} from '../../../src/ports/errors.ts';
import type { FindQuery } from '../../../src/ports/find-query.ts';
import type { FoundSecrets, ProbeOutcome, SecretSource } from '../../../src/ports/secret-source.ts';
import { jsonAnswer, refusal } from '../../contract/fake-answers.ts';
import { type FakeWorld, fakeWorld, NEVER } from './source-on-fake.ts';

const TEN_MINUTES_MS = 600_000;

/** Secrets with a value each, and tags. */
function put({ fake }: FakeWorld, secrets: Readonly<Record<string, Readonly<Record<string, string>>>>): void {
  for (const [name, tags] of Object.entries(secrets)) {
    fake.store.put(name, `value of ${name}`);
    fake.store.tag(name, tags);
  }
}

function putMany({ fake }: FakeWorld, count: number, folder = 'many'): readonly string[] {
  const names = Array.from({ length: count }, (_, at) => `${folder}/${String(at).padStart(4, '0')}`);
  for (const name of names) fake.store.put(name, `value of ${name}`);
  return names;
}

const namesOf = ({ secrets }: FoundSecrets) => secrets.map(({ name }) => name);
const find = (source: SecretSource, query: FindQuery) => source.find(query, NEVER);

async function failureOf(source: SecretSource, query: FindQuery): Promise<unknown> {
  return await find(source, query).then(
    () => 'found',
    (error: unknown) => error,
  );
}

async function probe(source: SecretSource, ...queries: readonly FindQuery[]): Promise<readonly ProbeOutcome[]> {
  return await source.probe(
    queries.map((query) => ({ query })),
    NEVER,
  );
}

function versionIdIn(outcome: ProbeOutcome | undefined): unknown {
  return outcome?.kind === 'failed' ? outcome.error : outcome?.version.versionId;
}

describe.concurrent('find', () => {
  it('gives name, ARN, version, time and value of each match, in the order of the names', async () => {
    await using world = await fakeWorld();
    put(world, { 'prod/b': {}, 'prod/a': {}, 'dev/a': {} });
    const found = await find(world.source, { path: 'prod/' });
    expect(found.secrets.map(({ name, value }) => [name, value.revealText()])).toEqual([
      ['prod/a', 'value of prod/a'],
      ['prod/b', 'value of prod/b'],
    ]);
    for (const { name, arn, versionId, createdAtMs } of found.secrets) {
      const secret = world.fake.store.find(name);
      expect([arn, versionId]).toEqual([secret?.arn, secret?.stages.get('AWSCURRENT')]);
      expect(Math.abs((createdAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
    }
    expect(world.metrics.counts).toEqual({ ListSecrets: 1, BatchGetSecretValue: 1 });
  });

  it.each<[string, FindQuery, readonly string[], readonly string[]]>([
    ['by path', { path: 'prod/' }, ['prod/a', 'prod/b', 'prod/c'], ['name=prod/']],
    ['by expression', { nameRegexp: '/a$' }, ['dev/a', 'prod/a'], []],
    ['by path and expression', { path: 'prod/', nameRegexp: '[ab]$' }, ['prod/a', 'prod/b'], ['name=prod/']],
    [
      'by a tag, and not by what only begins like it or has key and value in two tags',
      { tags: { a: 'b' } },
      ['prod/a'],
      ['tag-key=a', 'tag-value=b'],
    ],
    [
      'by path, expression and tags',
      { path: 'prod/', nameRegexp: '.', tags: { a: 'bc', x: 'y' } },
      ['prod/b'],
      ['name=prod/', 'tag-key=a', 'tag-value=bc', 'tag-key=x', 'tag-value=y'],
    ],
    ['by nothing', {}, ['dev/a', 'prod/a', 'prod/b', 'prod/c'], []],
    ['nothing where nothing matches', { nameRegexp: 'nowhere' }, [], []],
  ])('finds %s', async (_, query, names, filters) => {
    await using world = await fakeWorld();
    put(world, {
      'prod/a': { a: 'b' },
      'prod/b': { a: 'bc', x: 'y' },
      'prod/c': { a: 'x', ab: 'b' },
      'dev/a': { ab: 'b' },
    });
    expect(namesOf(await find(world.source, query))).toEqual(names);
    expect(world.fake.callsOf('ListSecrets').map((call) => call.filters)).toEqual([filters]);
  });

  it.each<[string, FindQuery]>([
    ['a value with a character that no filter may have', { tags: { team: 'Größe, M&M' } }],
    ['a value with an exclamation mark, which AWS would take for the opposite', { tags: { team: '!odd' } }],
    ['an empty value', { tags: { team: '' } }],
    ['more tags than a call may filter by', { tags: Object.fromEntries([...'abcdefg'].map((key) => [key, key])) }],
  ])('finds by %s, which is left to our own look', async (_, query) => {
    await using world = await fakeWorld();
    put(world, { yes: { more: 'odd', ...query.tags }, no: { team: 'other' } });
    expect(namesOf(await find(world.source, query))).toEqual(['yes']);
  });

  it('follows all pages, and reads twenty a call', async () => {
    await using world = await fakeWorld({ quotaShare: 1 });
    const names = putMany(world, 250);
    put(world, { other: {} });
    const found = await find(world.source, { path: 'many/' });
    expect(namesOf(found)).toEqual(names);
    expect(found.secrets.map(({ value }) => value.revealText())).toEqual(names.map((name) => `value of ${name}`));
    expect(world.metrics.counts).toEqual({ ListSecrets: 3, BatchGetSecretValue: 13 });
  });

  it('follows pages that are empty, and takes a secret that comes twice once', async () => {
    await using world = await fakeWorld();
    put(world, { a: {} });
    const entry = { ARN: world.fake.store.find('a')?.arn, Name: 'a', SecretVersionsToStages: { v: ['AWSCURRENT'] } };
    const pages = [
      { SecretList: [], NextToken: 'one' },
      { SecretList: [entry], NextToken: 'two' },
      { SecretList: [entry], NextToken: 'three' },
    ];
    for (const page of pages) world.fake.failNext(jsonAnswer(page), { operation: 'ListSecrets' });
    world.fake.failNext(jsonAnswer({ SecretList: [] }), { operation: 'ListSecrets' });
    expect(namesOf(await find(world.source, {}))).toEqual(['a']);
    expect(world.fake.callsOf('ListSecrets')).toHaveLength(4);
  });

  it('ends pages that lead nowhere, and never takes the half for the whole', async () => {
    await using world = await fakeWorld();
    put(world, { a: {} });
    world.fake.failNext(jsonAnswer({ SecretList: [], NextToken: 'x' }), { operation: 'ListSecrets', times: 100 });
    expect(await failureOf(world.source, {})).toBeInstanceOf(SourceUnavailable);
    expect(world.fake.callsOf('ListSecrets')).toHaveLength(2);
  });

  it('gives no half result for an entry that cannot be read', async () => {
    await using world = await fakeWorld();
    world.fake.failNext(jsonAnswer({ SecretList: [{ Name: 'a' }] }), { operation: 'ListSecrets' });
    expect(await failureOf(world.source, {})).toBeInstanceOf(SourceUnavailable);
  });

  it('leaves out what is scheduled for deletion, and what has no version yet', async () => {
    await using world = await fakeWorld();
    put(world, { a: {}, b: {} });
    world.fake.store.putWithoutVersion('c');
    world.fake.store.answer('DeleteSecret', { SecretId: 'b' });
    expect(namesOf(await find(world.source, {}))).toEqual(['a']);
  });

  it('leaves out what has gone since it was listed', async () => {
    await using world = await fakeWorld();
    put(world, { a: {}, b: {} });
    world.fake.store.listingLags = true;
    world.fake.store.answer('DeleteSecret', { SecretId: 'b' });
    expect(namesOf(await find(world.source, {}))).toEqual(['a']);
  });

  it('of nothing is not an error', async () => {
    await using world = await fakeWorld();
    const { secrets, version } = await find(world.source, { path: 'nowhere/' });
    expect([secrets, version.members, version.createdAtMs]).toEqual([[], [], 0]);
    expect(version.versionId).toMatch(/^[0-9a-f]{32}$/);
    expect(world.metrics.counts).toEqual({ ListSecrets: 1 });
  });

  it('says what is wrong with an expression, without a call', async () => {
    await using world = await fakeWorld();
    expect(await failureOf(world.source, { nameRegexp: 'a(' })).toBeInstanceOf(InvalidSpec);
    const [bad, good] = await probe(world.source, { nameRegexp: 'a(' }, {});
    expect([versionIdIn(bad), good?.kind]).toEqual([expect.any(InvalidSpec), 'label']);
  });

  it('refuses more than a Secret can ever hold', async () => {
    await using world = await fakeWorld({ quotaShare: 1 });
    const SecretList = Array.from({ length: 5_001 }, (_, at) => ({
      ARN: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${at}-AbCdEf`,
      Name: String(at),
      SecretVersionsToStages: { v: ['AWSCURRENT'] },
    }));
    world.fake.failNext(jsonAnswer({ SecretList }), { operation: 'ListSecrets', times: 2 });
    const failure = await failureOf(world.source, {});
    expect(failure).toBeInstanceOf(RequestRejected);
    expect(String(failure)).toContain('Narrow find by path, name or tags.');
    expect(versionIdIn((await probe(world.source, {}))[0])).toBeInstanceOf(RequestRejected);
    expect(world.fake.callsOf('BatchGetSecretValue')).toEqual([]);
  });
});

describe.concurrent('a find that fails', () => {
  it('for one secret that may not be read fails whole, and names it, the same at each try', async () => {
    await using world = await fakeWorld();
    putMany(world, 30);
    const user = world.fake.addUser('reader');
    for (const name of ['many/0025', 'many/0007']) world.fake.deny(user, 'GetSecretValue', name);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const failure = await failureOf(world.openFor(user), {});
      expect(failure).toBeInstanceOf(AccessDenied);
      expect(String(failure)).toContain('may not secretsmanager:GetSecretValue on secret "many/0007"');
    }
  });

  it.each<[string, string, new (message: string) => Error]>([
    ['that cannot be decrypted', 'DecryptionFailure', RequestRejected],
    ['of which AWS itself fails', 'InternalServiceError', SourceUnavailable],
  ])('for one secret %s fails whole', async (_, code, error) => {
    await using world = await fakeWorld();
    put(world, { a: {}, b: {}, c: {} });
    world.fake.refuseInBatch('b', code, 'no');
    expect(await failureOf(world.source, {})).toBeInstanceOf(error);
  });

  it('for a secret without any value names it', async () => {
    await using world = await fakeWorld();
    put(world, { a: {} });
    world.fake.store.putEmpty('b');
    expect(String(await failureOf(world.source, {}))).toContain('Secret "b" has neither a string nor a binary value');
  });

  it('because listing is denied says which statement is missing', async () => {
    await using world = await fakeWorld();
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'ListSecrets');
    const failure = await failureOf(world.openFor(user), { path: 'prod/' });
    expect(failure).toBeInstanceOf(AccessDenied);
    expect(String(failure)).toBe(
      'AccessDenied: arn:aws:iam::123456789012:user/reader may not secretsmanager:ListSecrets, which find needs ' +
        '(AccessDeniedException: no identity-based policy allows the secretsmanager:ListSecrets action). ' +
        'Add to the policies of the identity: {"Effect":"Allow","Action":"secretsmanager:ListSecrets","Resource":"*"}. ' +
        'AWS cannot narrow that to some secrets.',
    );
    expect(String(versionIdIn((await probe(world.openFor(user), {}))[0]))).toBe(String(failure));
  });

  it('because batches are denied does not: each secret is read alone', async () => {
    await using world = await fakeWorld();
    const names = putMany(world, 30);
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'BatchGetSecretValue');
    expect(namesOf(await find(world.openFor(user), {}))).toEqual(names);
  });

  it.concurrent.each<[string, ReturnType<typeof refusal>, number, new (message: string) => Error]>([
    ['of throttling', refusal('ThrottlingException', 'Rate exceeded'), 3, Throttled],
    ['AWS fails', refusal('InternalServiceError', '', 500), 3, SourceUnavailable],
    ['AWS refuses the call', refusal('InvalidParameterException', 'no'), 1, RequestRejected],
    ['of the credentials', refusal('UnrecognizedClientException', 'no'), 1, InvalidCredentials],
  ])(
    'because %s is told so, on a read and on a look, and has found again afterwards',
    async (_, fault, times, error) => {
      await using world = await fakeWorld();
      put(world, { a: {} });
      world.fake.failNext(fault, { operation: 'ListSecrets', times: times * 2 });
      expect(await failureOf(world.source, {})).toBeInstanceOf(error);
      expect(versionIdIn((await probe(world.source, {}))[0])).toBeInstanceOf(error);
      expect(namesOf(await find(world.source, {}))).toEqual(['a']);
    },
  );

  it('is ended by an abort, with its reason', async () => {
    await using world = await fakeWorld();
    put(world, { a: {} });
    world.fake.failNext('hang', { operation: 'ListSecrets' });
    const abort = new AbortController();
    const found = world.source.find({}, abort.signal);
    while (world.fake.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('enough'));
    await expect(found).rejects.toThrow('enough');
    expect(namesOf(await find(world.source, {}))).toEqual(['a']);
  });

  it('is ended with its source', async () => {
    await using world = await fakeWorld();
    const found = failureOf(world.source, {});
    world.sources.close();
    expect(await found).toBeInstanceOf(SourceUnavailable);
    expect(world.fake.calls).toEqual([]);
  });
});

describe.concurrent('a look at what a query finds', () => {
  it('lists and reads no value, and gives the version that a find gives', async () => {
    await using world = await fakeWorld({ quotaShare: 1 });
    putMany(world, 250);
    const { version } = await find(world.source, { path: 'many/' });
    world.metrics.awsCalls.length = 0;
    const [outcome] = await probe(world.source, { path: 'many/' });
    expect(outcome?.kind).toBe('label');
    expect(versionIdIn(outcome)).toBe(version.versionId);
    expect(outcome?.kind === 'label' && outcome.version.members?.map(({ name, arn }) => [name, arn])).toEqual(
      version.members?.map(({ name, arn }) => [name, arn]),
    );
    expect(world.metrics.counts).toEqual({ ListSecrets: 3 });
  });

  it('gives another version when a secret moves, comes, goes, or gets or loses its tag, and else the same', async () => {
    await using world = await fakeWorld();
    const { store } = world.fake;
    const query = { path: 'prod/', tags: { team: 'a' } };
    put(world, { 'prod/a': { team: 'a' }, 'prod/b': { team: 'b' }, 'dev/a': { team: 'a' } });
    const changes: readonly [() => unknown, boolean][] = [
      [() => store.put('prod/a', 'rotated'), true],
      [() => store.put('prod/b', 'rotated'), false],
      [() => store.put('dev/a', 'rotated'), false],
      [() => store.tag('prod/b', { team: 'a' }), true],
      [() => store.tag('prod/b', { team: 'a', more: 'x' }), false],
      [() => store.tag('prod/b', {}), true],
      [() => put(world, { 'prod/c': { team: 'a' } }), true],
      [() => store.answer('DeleteSecret', { SecretId: 'prod/c' }), true],
    ];
    let before = versionIdIn((await probe(world.source, query))[0]);
    for (const [change, isNews] of changes) {
      change();
      const after = versionIdIn((await probe(world.source, query))[0]);
      expect(after === before).toBe(!isNews);
      expect((await find(world.source, query)).version.versionId).toBe(after);
      before = after;
    }
  });

  it('lists once for all queries that differ in their expression only, and answers in their order', async () => {
    await using world = await fakeWorld();
    put(world, { 'prod/a': {}, 'prod/b': {}, dev: {} });
    const path = 'prod/';
    const outcomes = await probe(
      world.source,
      { path, nameRegexp: 'a$' },
      { path, nameRegexp: 'b$' },
      { nameRegexp: '^dev$' },
    );
    expect(
      outcomes.map((outcome) => outcome.kind === 'label' && outcome.version.members?.map(({ name }) => name)),
    ).toEqual([['prod/a'], ['prod/b'], ['dev']]);
    expect(world.metrics.counts).toEqual({ ListSecrets: 2 });
  });

  it('takes a listing that lags for what was read with it, but not for longer than it may lag', async () => {
    await using world = await fakeWorld();
    put(world, { a: {} });
    world.fake.store.listingLags = true;
    world.fake.store.put('a', 'rotated');
    const { version, secrets } = await find(world.source, {});
    expect(secrets[0]?.value.revealText()).toBe('rotated');
    const look = async () => versionIdIn((await probe(world.source, {}))[0]);
    expect(await look()).toBe(version.versionId);
    world.clock.shiftMs += TEN_MINUTES_MS;
    expect(await look()).not.toBe(version.versionId);
    world.fake.store.listingLags = false;
    expect(await look()).toBe(version.versionId);
  });

  it('holds no value', async () => {
    await using world = await fakeWorld();
    put(world, { a: { team: 'x' } });
    const found = await find(world.source, {});
    expect(JSON.stringify(found)).not.toContain('value of a');
    expect(Object.keys(found.version.members?.[0] ?? {}).sort()).toEqual(['arn', 'createdAtMs', 'name', 'versionId']);
  });
});

describe.concurrent('those who find the same', () => {
  it('at once share one search', async () => {
    await using world = await fakeWorld();
    put(world, { a: {}, b: {} });
    const queries: readonly FindQuery[] = [{ tags: {} }, {}, { path: '' }];
    const found = await Promise.all(queries.map((query) => find(world.source, query)));
    expect(found.map(namesOf)).toEqual(Array(3).fill(['a', 'b']));
    expect(world.metrics.counts).toEqual({ ListSecrets: 1, BatchGetSecretValue: 1 });
  });

  it('by different identities never share, nor do they see what the other may', async () => {
    await using world = await fakeWorld();
    put(world, { a: {}, b: {} });
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'GetSecretValue', 'b');
    const [admin, reader] = await Promise.allSettled([find(world.source, {}), find(world.openFor(user), {})]);
    expect(admin).toMatchObject({ status: 'fulfilled' });
    expect(reader).toMatchObject({ status: 'rejected', reason: expect.any(AccessDenied) });
    const keys = (operation: string) => new Set(world.fake.callsOf(operation).map(({ accessKeyId }) => accessKeyId));
    expect([keys('ListSecrets').size, keys('BatchGetSecretValue').size]).toEqual([2, 2]);
  });

  it('one after another, as was said, share one search', async () => {
    await using world = await fakeWorld();
    put(world, { a: {} });
    world.source.expectReads({ query: {} }, 3);
    for (let at = 0; at < 3; at += 1) expect(namesOf(await find(world.source, {}))).toEqual(['a']);
    expect(world.metrics.counts).toEqual({ ListSecrets: 1, GetSecretValue: 1 });
    await find(world.source, {});
    expect(world.metrics.counts).toEqual({ ListSecrets: 2, GetSecretValue: 2 });
  });
});
