import { describe, expect, it } from 'vitest';
import {
  AccessDenied,
  RequestRejected,
  SecretNotFound,
  SourceUnavailable,
  Throttled,
} from '../../../src/ports/errors.ts';
import type { SecretRef, VersionSelector } from '../../../src/ports/secret-source.ts';
import { jsonAnswer, refusal } from '../../contract/fake-answers.ts';
import { current, type FakeWorld, fakeWorld, NEVER, readAll } from './source-on-fake.ts';

const TEN_MINUTES_MS = 600_000;
const TAGS: VersionSelector = { kind: 'tags' };

function stage(key: string, name = 'AWSPREVIOUS'): SecretRef {
  return { key, version: { kind: 'stage', stage: name } };
}

function id(key: string, versionId: string): SecretRef {
  return { key, version: { kind: 'id', versionId } };
}

/** A secret with two versions, AWSCURRENT and AWSPREVIOUS. */
function putTwice({ fake }: FakeWorld, name: string) {
  fake.store.put(name, `old value ${name}`);
  const { arn, stages } = fake.store.put(name, `value ${name}`);
  return { arn, current: stages.get('AWSCURRENT') ?? '', previous: stages.get('AWSPREVIOUS') ?? '' };
}

function label(arn: string, versionId: string) {
  return { kind: 'label', version: { arn, versionId, createdAtMs: undefined } };
}

describe.concurrent('what a look costs', () => {
  it('is one DescribeSecret for all labels and the tags of a secret: 15 refs of 5 secrets are 5 calls', async () => {
    await using world = await fakeWorld();
    const names = ['a', 'b', 'c', 'd', 'e'];
    const secrets = names.map((name) => putTwice(world, name));
    const refs = names.flatMap((name, at) => [
      stage(name),
      id(name, secrets[at]?.previous ?? ''),
      { key: name, version: TAGS },
    ]);
    const outcomes = await world.source.probe(refs, NEVER);
    expect(outcomes.map(({ kind }) => kind)).toEqual(names.flatMap(() => ['label', 'label', 'version']));
    expect(outcomes.filter((_, at) => at % 3 === 0)).toEqual(secrets.map(({ arn, previous }) => label(arn, previous)));
    expect(world.metrics.counts).toEqual({ DescribeSecret: 5 });
  });

  it('is one DescribeSecret for each current secret of another account, and a batch for those at home', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b', 'c']) putTwice(world, name);
    const elsewhere = ['x', 'y'].map((name) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}`);
    const refs = [...['a', 'b', 'c', ...elsewhere].map(current), ...['a', 'b', 'c'].map((name) => stage(name))];
    await world.source.whoAmI(NEVER);
    const outcomes = await world.source.probe(refs, NEVER);
    expect(outcomes.map(({ kind }) => kind).join(' ')).toBe('version version version failed failed label label label');
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, DescribeSecret: 5, GetCallerIdentity: 1 });
  });

  it('is none for an ARN of another region, of which this one cannot say whether it exists', async () => {
    await using world = await fakeWorld();
    const elsewhere = current('arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf');
    const told =
      'Secret "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-AbCdEf" is in us-east-1, and the store reads in ' +
      'eu-west-1. Use a store for us-east-1, or correct the ARN.';
    await expect(world.source.read(elsewhere, NEVER)).rejects.toThrow(new RequestRejected(told));
    putTwice(world, 'a');
    const outcomes = await world.source.probe([elsewhere, current('a')], NEVER);
    expect(outcomes).toMatchObject([{ kind: 'failed', error: new RequestRejected(told) }, { kind: 'version' }]);
    expect(world.metrics.counts).toEqual({ GetSecretValue: 1 });
  });

  it('is one GetSecretValue for each ref while DescribeSecret is denied, and one more try in ten minutes', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) putTwice(world, name);
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'DescribeSecret');
    const source = world.openFor(user);
    const refs = [stage('a'), stage('b')];

    const outcomes = await source.probe(refs.slice(0, 1), NEVER);
    expect(outcomes).toMatchObject([{ kind: 'version', version: { createdAtMs: expect.any(Number) } }]);
    expect(world.metrics.counts).toEqual({ DescribeSecret: 1, GetSecretValue: 1 });
    expect(refs.map((ref) => source.canDescribe(ref))).toEqual([false, false]);
    await source.probe(refs, NEVER);
    expect(world.metrics.counts).toEqual({ DescribeSecret: 1, GetSecretValue: 3 });
    expect(world.source.canDescribe(stage('a'))).toBe(true);

    world.fake.allow(user, 'DescribeSecret');
    world.clock.shiftMs += TEN_MINUTES_MS + 1;
    await source.probe(refs, NEVER);
    expect(world.metrics.counts).toEqual({ DescribeSecret: 3, GetSecretValue: 3 });
  });

  it('with batches denied stays GetSecretValue, unless DescribeSecret is known to be allowed', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) putTwice(world, name);
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'BatchGetSecretValue');
    const source = world.openFor(user);
    await readAll(source, ['a', 'b']);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 2 });
    await source.probe([current('a'), current('b')], NEVER);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 4 });
    await source.probe([stage('a')], NEVER);
    const outcomes = await source.probe([current('a'), stage('a'), current('b')], NEVER);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['label', 'label', 'label']);
    expect(world.metrics.counts).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 4, DescribeSecret: 3 });
  });

  it('is a batch for what can share one, though DescribeSecret is allowed', async () => {
    await using world = await fakeWorld();
    for (const name of ['a', 'b']) putTwice(world, name);
    await world.source.probe([stage('a')], NEVER);
    expect(world.source.canDescribe(current('a'))).toBe(false);
    await world.source.probe([current('a'), current('b')], NEVER);
    expect(world.metrics.counts).toEqual({ DescribeSecret: 1, BatchGetSecretValue: 1 });
  });
});

describe.concurrent('of what DescribeSecret says', () => {
  it.each<[string, (versions: { readonly current: string; readonly unlabelled: string }) => SecretRef, string]>([
    ['a pinned version without labels, which it does not list', ({ unlabelled }) => id('a', unlabelled), 'version'],
    ['a version that never was', () => id('a', '11111111-1111-1111-1111-111111111111'), 'failed'],
    ['a label that no version carries', () => stage('a', 'blue'), 'failed'],
  ])('nothing follows for %s: a read is asked', async (_, refOf, kind) => {
    await using world = await fakeWorld();
    const unlabelled = world.fake.store.put('a', 'oldest').stages.get('AWSCURRENT') ?? '';
    const { current: versionId } = putTwice(world, 'a');
    const [outcome] = await world.source.probe([refOf({ current: versionId, unlabelled })], NEVER);
    expect(outcome?.kind).toBe(kind);
    if (outcome?.kind === 'failed') expect(outcome.error).toBeInstanceOf(SecretNotFound);
    expect(world.metrics.counts).toEqual({ DescribeSecret: 1, GetSecretValue: 1 });
  });

  it('AWSPENDING is not asked for: it may stand on a version that is not there yet', async () => {
    await using world = await fakeWorld();
    putTwice(world, 'a');
    world.fake.store.label('a', 'AWSPENDING', '11111111-1111-1111-1111-111111111111');
    expect(world.source.canDescribe(stage('a', 'AWSPENDING'))).toBe(false);
    const [outcome] = await world.source.probe([stage('a', 'AWSPENDING')], NEVER);
    expect(outcome).toMatchObject({ kind: 'failed', error: expect.any(SecretNotFound) });
    expect(world.metrics.counts).toEqual({ GetSecretValue: 1 });
  });

  it('a date of deletion means what it means to a reader, in the same words', async () => {
    await using world = await fakeWorld();
    putTwice(world, 'a');
    world.fake.store.answer('DeleteSecret', { SecretId: 'a' });
    const read = world.source.read(stage('a'), NEVER).catch((error: unknown) => error);
    const [outcome, tags] = await world.source.probe([stage('a'), { key: 'a', version: TAGS }], NEVER);
    expect(outcome).toMatchObject({ kind: 'failed', error: expect.any(SecretNotFound) });
    expect(tags).toMatchObject({ kind: 'failed', error: expect.any(SecretNotFound) });
    expect(outcome?.kind === 'failed' && outcome.error.message).toBe(
      String(await read).replace('SecretNotFound: ', ''),
    );
    expect(world.metrics.counts).toEqual({ DescribeSecret: 1, GetSecretValue: 1 });
  });

  it('that there is no such secret is the last word', async () => {
    await using world = await fakeWorld();
    const [outcome] = await world.source.probe([stage('nowhere')], NEVER);
    expect(outcome).toMatchObject({ kind: 'failed', error: expect.any(SecretNotFound) });
    expect(world.metrics.counts).toEqual({ DescribeSecret: 1 });
  });

  it.each<[string, ReturnType<typeof refusal>, number, new (message: string) => Error]>([
    ['throttling', refusal('ThrottlingException', 'Rate exceeded'), 3, Throttled],
    ['a failure at AWS', refusal('InternalServiceError', '', 500), 3, SourceUnavailable],
    ['an answer without an ARN', jsonAnswer({ Name: 'a' }), 1, SourceUnavailable],
  ])('%s is told to all, with no call more', async (_, fault, attempts, error) => {
    await using world = await fakeWorld();
    putTwice(world, 'a');
    world.fake.failNext(fault, { operation: 'DescribeSecret', times: attempts });
    const outcomes = await world.source.probe([stage('a'), { key: 'a', version: TAGS }], NEVER);
    expect(outcomes).toEqual(Array(2).fill({ kind: 'failed', error: expect.any(error) }));
    expect(world.metrics.counts).toEqual({ DescribeSecret: attempts });
  });

  it('a refusal of an endpoint that does not know it sends the labels to GetSecretValue', async () => {
    await using world = await fakeWorld();
    putTwice(world, 'a');
    world.fake.failNext(refusal('UnknownOperationException', ''), { operation: 'DescribeSecret' });
    expect(await world.source.probe([stage('a')], NEVER)).toMatchObject([{ kind: 'version' }]);
  });
});

describe.concurrent('tags', () => {
  const tags = (key: string): SecretRef => ({ key, version: TAGS });

  it('are read as one JSON object, with a hash for a version and the time of the last change', async () => {
    await using world = await fakeWorld();
    const { arn } = world.fake.store.put('a', 'canary');
    world.fake.store.tag('a', { team: 'a&b', Env: '<prod>' });
    const reading = await world.source.read(tags('a'), NEVER);
    expect(reading.value.revealText()).toBe('{"Env":"\\u003cprod\\u003e","team":"a\\u0026b"}');
    expect(reading).toMatchObject({ arn, versionId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(Math.abs((reading.createdAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(world.metrics.counts).toEqual({ DescribeSecret: 1 });
  });

  it('of a secret without any are an empty object', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('a', 'canary');
    expect((await world.source.read(tags('a'), NEVER)).value.revealText()).toBe('{}');
  });

  it('have another version exactly when they are others, whatever becomes of the value', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('a', 'canary');
    const versions: unknown[] = [];
    const look = async () => {
      const [outcome] = await world.source.probe([tags('a')], NEVER);
      versions.push(outcome?.kind === 'version' && outcome.version.versionId);
    };
    world.fake.store.tag('a', { one: '1', two: '2' });
    await look();
    world.fake.store.put('a', 'another canary');
    world.fake.store.tag('a', { two: '2', one: '1' });
    await look();
    world.fake.store.tag('a', { one: '1', two: '3' });
    await look();
    expect(versions[0]).toBe(versions[1]);
    expect(versions[2]).not.toBe(versions[1]);
  });

  it('that may not be described name that permission, on a read and on a look', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('a', 'canary');
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'DescribeSecret');
    const source = world.openFor(user);
    const denied = source.read(tags('a'), NEVER);
    await expect(denied).rejects.toThrow(AccessDenied);
    await expect(denied).rejects.toThrow(
      /may not secretsmanager:DescribeSecret on secret "a".*"Action":"secretsmanager:DescribeSecret","Resource":"arn:aws:secretsmanager:eu-west-1:\d+:secret:a-\?{6}"/,
    );
    expect(await source.probe([tags('a')], NEVER)).toMatchObject([{ kind: 'failed', error: expect.any(AccessDenied) }]);
    expect(world.metrics.counts).toEqual({ DescribeSecret: 2 });
  });

  it('that may not be described name that permission where AWS names none', async () => {
    await using world = await fakeWorld();
    world.fake.failNext(refusal('AccessDeniedException', 'no'));
    await expect(world.source.read(tags('a'), NEVER)).rejects.toThrow(/may not secretsmanager:DescribeSecret on/);
  });

  it('are read beside the value of the same secret, each reader its own', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('a', 'canary');
    world.fake.store.tag('a', { one: '1' });
    const readings = await Promise.all(
      [tags('a'), current('a'), tags('a')].map((ref) => world.source.read(ref, NEVER)),
    );
    expect(readings.map(({ value }) => value.revealText())).toEqual(['{"one":"1"}', 'canary', '{"one":"1"}']);
    expect(world.metrics.counts).toEqual({ DescribeSecret: 1, GetSecretValue: 1 });
  });
});
