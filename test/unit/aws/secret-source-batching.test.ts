import { describe, expect, it } from 'vitest';
import { AccessDenied, SecretNotFound, SourceUnavailable, Throttled } from '../../../src/ports/errors.ts';
import { jsonAnswer, refusal } from '../../contract/fake-answers.ts';
import { current, fakeWorld, NEVER, readAll } from './source-on-fake.ts';

const TEN_MINUTES_MS = 600_000;
const OTHER_ACCOUNT_ARN = 'arn:aws:secretsmanager:eu-west-1:210987654321:secret:theirs-AbCdEf';

describe.concurrent('reads at once', () => {
  it('go to AWS in one call, and a lone one without the batch permission', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    expect(await readAll(world.source, ['a', 'b', 'a'])).toEqual(['value a', 'value b', 'value a']);
    expect(await readAll(world.source, ['a'])).toEqual(['value a']);
    expect(world.fake.calls.map(({ operation, secretIds }) => [operation, ...secretIds])).toEqual([
      ['BatchGetSecretValue', 'a', 'b'],
      ['GetSecretValue', 'a'],
    ]);
  });

  it('fall back to single calls when the batch is denied, remember it, and try again after ten minutes', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'BatchGetSecretValue');
    const source = world.openFor(user);
    const values = ['value a', 'value b'];

    expect(await readAll(source, ['a', 'b'])).toEqual(values);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 2 });
    expect(source.probeBatchSize).toBe(1);
    expect(source.canBatch(current('a'))).toBe(false);

    expect(await readAll(source, ['a', 'b'])).toEqual(values);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 4 });

    world.fake.allow(user, 'BatchGetSecretValue');
    world.clock.shiftMs += TEN_MINUTES_MS + 1;
    expect(source.probeBatchSize).toBe(20);
    expect(await readAll(source, ['a', 'b'])).toEqual(values);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 2, GetSecretValue: 4 });
  });

  it('of another identity keep their batches when one identity is denied them', async () => {
    await using world = await fakeWorld();
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'BatchGetSecretValue');
    await readAll(world.openFor(user), ['a', 'b']);
    expect(world.source.probeBatchSize).toBe(20);
  });

  it('get each its own error from a batch', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b', 'c', 'd']) world.fake.store.put(name, `value ${name}`);
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'GetSecretValue', 'b');
    world.fake.refuseInBatch('c', 'InternalServiceError', 'try later');
    const results = await readAll(world.openFor(user), ['a', 'b', 'c', 'd', 'e']);
    expect(results).toEqual([
      'value a',
      expect.any(AccessDenied),
      expect.any(SourceUnavailable),
      'value d',
      expect.any(SecretNotFound),
    ]);
    expect(String(results[1])).toContain(
      'arn:aws:iam::123456789012:user/reader may not secretsmanager:GetSecretValue on secret "b"',
    );
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1 });
  });

  it('ask singly for what the reply leaves out', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    world.fake.omitFromBatch('b');
    expect(await readAll(world.source, ['a', 'b'])).toEqual(['value a', 'value b']);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 1 });
  });

  it('ask singly for what the reply garbles', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    world.fake.failNext(
      jsonAnswer({ SecretValues: [{ Name: 'a', SecretString: 'half' }], Errors: [{ ErrorCode: 'X' }] }),
    );
    expect(await readAll(world.source, ['a', 'b'])).toEqual(['value a', 'value b']);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 2 });
  });

  it('follow the pages of a reply, empty ones too', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    world.fake.failNext(jsonAnswer({ SecretValues: [], NextToken: 'more' }), { times: 2 });
    expect(await readAll(world.source, ['a', 'b'])).toEqual(['value a', 'value b']);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 3 });
  });

  it('end the pages that never end', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    const page = jsonAnswer({ SecretValues: [], NextToken: 'more' });
    world.fake.failNext(page, { operation: 'BatchGetSecretValue', times: 1_000 });
    expect(await readAll(world.source, ['a', 'b'])).toEqual(['value a', 'value b']);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 25, GetSecretValue: 2 });
  });

  it('are asked singly when AWS refuses the batch as such', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    world.fake.failNext(refusal('InvalidParameterException', 'duplicates'), { operation: 'BatchGetSecretValue' });
    expect(await readAll(world.source, ['a', 'b'])).toEqual(['value a', 'value b']);
    expect(world.source.probeBatchSize).toBe(20);
  });

  it('are asked singly when the whole batch is denied for one key, which does not deny batches', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    const kms = 'User: arn:aws:iam::123456789012:user/x is not authorized to perform: kms:Decrypt';
    world.fake.failNext(refusal('AccessDeniedException', kms), { operation: 'BatchGetSecretValue' });
    expect(await readAll(world.source, ['a', 'b'])).toEqual(['value a', 'value b']);
    expect(world.source.probeBatchSize).toBe(20);
  });

  it('are all told of throttling, with no call more', async () => {
    await using world = await fakeWorld();
    world.fake.failNext(refusal('ThrottlingException', 'Rate exceeded'), {
      operation: 'BatchGetSecretValue',
      times: 3,
    });
    expect(await readAll(world.source, ['a', 'b'])).toEqual([expect.any(Throttled), expect.any(Throttled)]);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 3 });
  });

  it('never name one secret twice in a call, however it is spelt', async () => {
    await using world = await fakeWorld();
    const { arn } = world.fake.store.put('a', 'value a');
    world.fake.store.put('b', 'value b');
    const keys = ['a', arn, arn.slice(0, -'-AbCdEf'.length), 'b'];
    expect(await readAll(world.source, keys)).toEqual(['value a', 'value a', 'value a', 'value b']);
    expect(world.fake.callsOf('BatchGetSecretValue').map((call) => call.secretIds)).toEqual([['a', 'b']]);
  });

  it('keep a malformed key from spoiling the call of the others', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    expect(await readAll(world.source, ['a', 'no such form', 'b'])).toEqual([
      'value a',
      expect.any(SecretNotFound),
      'value b',
    ]);
    expect(world.fake.callsOf('BatchGetSecretValue').map((call) => call.secretIds)).toEqual([['a', 'b']]);
  });

  it('ask singly for an ARN of another account: after the batch while the own account is unknown, at once later', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    await readAll(world.source, ['a', OTHER_ACCOUNT_ARN]);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 1 });
    await world.source.whoAmI(NEVER);
    expect(world.source.canBatch(current(OTHER_ACCOUNT_ARN))).toBe(false);
    await readAll(world.source, ['a', OTHER_ACCOUNT_ARN, 'b']);
    expect(world.fake.callsOf('BatchGetSecretValue').at(-1)?.secretIds).toEqual(['a', 'b']);
    expect(world.fake.callsOf('GetSecretValue').map((call) => call.secretIds)).toEqual([
      [OTHER_ACCOUNT_ARN],
      [OTHER_ACCOUNT_ARN],
    ]);
  });

  it('leave out of a batch what a batch cannot give', async () => {
    await using world = await fakeWorld();
    const { source } = world;
    expect(source.canBatch(current('a'))).toBe(true);
    expect(source.canBatch({ key: 'a', version: { kind: 'stage', stage: 'AWSPREVIOUS' } })).toBe(false);
    expect(source.canBatch({ key: 'a', version: { kind: 'id', versionId: 'v' } })).toBe(false);
    expect(source.canBatch(current('arn:aws:secretsmanager:us-east-1:123456789012:secret:elsewhere'))).toBe(false);
    expect(source.canBatch(current('arn:aws:ssm:eu-west-1:123456789012:parameter/x'))).toBe(false);
  });

  it('detach the one that is aborted, with its reason, and serve the other', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('a', 'value a');
    const abort = new AbortController();
    const aborted = world.source.read(current('a'), abort.signal);
    const other = readAll(world.source, ['a']);
    abort.abort(new Error('gone'));
    await expect(aborted).rejects.toThrow('gone');
    await expect(world.source.read(current('a'), abort.signal)).rejects.toThrow('gone');
    expect(await other).toEqual(['value a']);
    expect(world.metrics.counts).toEqual({ GetSecretValue: 1 });
  });
});

describe.concurrent('what an identity costs', () => {
  it('is one connection and no STS call for 200 reads one after another', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('a', 'value a');
    for (let read = 0; read < 200; read += 1) await readAll(world.openFor(world.fake.credentials), ['a']);
    expect(world.fake.connections).toBe(1);
    expect(world.metrics.counts).toEqual({ GetSecretValue: 200 });
  });

  it('is one question who it is for many that ask, and another one after five minutes', async () => {
    await using world = await fakeWorld();
    const ask = () => Promise.all(Array.from({ length: 50 }, () => world.source.whoAmI(NEVER)));
    const identity = { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/admin' };
    expect(new Set(await ask())).toEqual(new Set([identity]));
    await ask();
    expect(world.metrics.counts).toEqual({ GetCallerIdentity: 1 });
    world.clock.shiftMs += 300_001;
    await ask();
    expect(world.metrics.counts).toEqual({ GetCallerIdentity: 2 });
  });

  it('is no more than so many calls at a time', async () => {
    await using world = await fakeWorld({ concurrency: 2, deadlineMs: 1_000 });
    world.fake.failNext('hang', { times: 2 });
    const names = Array.from({ length: 45 }, (_, at) => `secret-${at}x`);
    for (const name of names) world.fake.store.put(name, name);
    const results = await readAll(world.source, names);
    expect(world.fake.connections).toBeLessThanOrEqual(4);
    expect(results.slice(0, 40)).toEqual(Array(40).fill(expect.any(SourceUnavailable)));
    expect(results.slice(40)).toEqual(names.slice(40));
  });

  it('ends when nobody retains it', async () => {
    await using world = await fakeWorld();
    const { source, sources, fake } = world;
    expect(world.openFor(fake.credentials)).toBe(source);
    sources.retain(new Set());
    expect(world.openFor(fake.credentials)).not.toBe(source);
    expect(await readAll(source, ['a'])).toEqual([expect.any(SourceUnavailable)]);
    expect(fake.calls).toEqual([]);
  });
});
