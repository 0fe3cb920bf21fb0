/** Each request that AWS gets has its record, with the id that AWS gave it and the secrets that it was about. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessDenied, KeyturnError, SecretNotFound } from '../../../src/ports/errors.ts';
import type { SecretRef } from '../../../src/ports/secret-source.ts';
import { type FakeAnswer, jsonAnswer, refusal } from '../../contract/fake-answers.ts';
import { createRecordingAudit, type RecordingAudit } from '../recording-audit.ts';
import { current, type FakeWorld, fakeWorld, NEVER, readAll } from './source-on-fake.ts';

const ADMIN = 'arn:aws:iam::123456789012:user/admin';

interface AuditedWorld extends FakeWorld {
  readonly audit: RecordingAudit;
}

async function auditedWorld(options: Parameters<typeof fakeWorld>[0] = {}): Promise<AuditedWorld> {
  const audit = createRecordingAudit();
  return { ...(await fakeWorld({ ...options, audit })), audit };
}

/** What the fake was asked, and what was recorded of it: operation, secrets, id of the request. */
function asked({ fake }: AuditedWorld): readonly unknown[] {
  return fake.calls
    .filter(({ operation }) => operation !== 'GetCallerIdentity')
    .map(({ operation, secretIds, requestId }) => [operation, secretIds, requestId])
    .toSorted();
}

function recorded({ audit }: AuditedWorld): readonly unknown[] {
  return audit
    .of('request')
    .map((record) => [record.operation, record.asked.map(({ key }) => key), record.requestId])
    .toSorted();
}

function stage(key: string): SecretRef {
  return { key, version: { kind: 'stage', stage: 'AWSPREVIOUS' } };
}

function tags(key: string): SecretRef {
  return { key, version: { kind: 'tags' } };
}

async function errorOf(reading: Promise<unknown>): Promise<KeyturnError> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof KeyturnError)) throw new Error('it did not fail as it should');
  return error;
}

describe.concurrent('a request', () => {
  it('of each operation is recorded with the versions that came, for whom, and as whom', async () => {
    await using world = await auditedWorld();
    const { fake, source, audit } = world;
    const [a, b] = ['a', 'b'].map((name) => fake.store.put(name, `value ${name}`));
    await source.whoAmI(NEVER);
    await readAll(source, ['a', 'b', 'none']);
    await source.probe([stage('a'), tags('b')], NEVER);
    await source.find({ path: 'a' }, NEVER);
    await source.probe([{ query: { path: 'a' } }], NEVER);

    expect(recorded(world)).toEqual(asked(world));
    const identity = { arn: ADMIN, sessionName: undefined, region: fake.region };
    const common = { kind: 'request', result: 'ok', code: undefined, identity, refused: [], listed: undefined };
    const ids = new Map(fake.calls.map(({ operation, requestId }) => [operation, requestId]));
    const [batch] = audit.of('request');
    expect(batch).toEqual({
      ...common,
      cause: 'sync',
      operation: 'BatchGetSecretValue',
      requestId: ids.get('BatchGetSecretValue'),
      asked: ['a', 'b', 'none'].map((key) => ({ key, stage: 'AWSCURRENT' })),
      got: [a, b].map((secret) => ({ arn: secret?.arn, versionId: secret?.stages.get('AWSCURRENT') })),
      refused: [{ key: 'none', code: 'ResourceNotFoundException' }],
    });
    expect(
      audit
        .of('request')
        .slice(1)
        .map(({ cause, operation, asked: secrets, got, listed }) => [cause, operation, secrets, got.length, listed]),
    ).toEqual([
      ['sweep', 'DescribeSecret', [{ key: 'a' }], 1, undefined],
      ['sweep', 'DescribeSecret', [{ key: 'b' }], 1, undefined],
      // It had no version before.
      ['sweep', 'GetSecretValue', [{ key: 'a', stage: 'AWSPREVIOUS' }], 0, undefined],
      ['sync', 'ListSecrets', [], 0, 1],
      ['sync', 'GetSecretValue', [{ key: 'a', stage: 'AWSCURRENT' }], 1, undefined],
      ['sweep', 'ListSecrets', [], 0, 1],
    ]);
  });

  it('is one record for each attempt: throttled, failed, lost on the way, and then answered', async () => {
    await using world = await auditedWorld();
    world.fake.store.put('a', 'value a');
    world.fake.failNext(refusal('ThrottlingException', 'slow down'));
    world.fake.failNext('drop');
    await world.source.read(current('a'), NEVER);
    const [throttled, lost, answered] = world.fake.calls.map(({ requestId }) => requestId);
    expect(lost).toBeDefined();
    expect(world.audit.of('request').map(({ result, code, requestId }) => [result, code, requestId])).toEqual([
      ['refused', 'ThrottlingException', throttled],
      ['unanswered', 'ECONNRESET', undefined],
      ['ok', undefined, answered],
    ]);
  });

  it('for a batch that is denied, and those in its place, are all recorded', async () => {
    await using world = await auditedWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'BatchGetSecretValue');
    await readAll(world.openFor(user), ['a', 'b']);
    expect(recorded(world)).toEqual(asked(world));
    expect(world.audit.of('request').map(({ operation, result, code }) => [operation, result, code])).toEqual([
      ['BatchGetSecretValue', 'refused', 'AccessDeniedException'],
      ['GetSecretValue', 'ok', undefined],
      ['GetSecretValue', 'ok', undefined],
    ]);
  });

  const UNANSWERED = [['unanswered', [{ key: 'a', stage: 'AWSCURRENT' }], undefined]];
  const requestsOf = ({ audit }: Awaited<ReturnType<typeof auditedWorld>>) =>
    audit.of('request').map(({ result, asked, requestId }) => [result, asked, requestId]);

  it('that never ends is recorded as unanswered', async () => {
    await using world = await auditedWorld({ deadlineMs: 100 });
    world.fake.failNext('hang');
    await errorOf(world.source.read(current('a'), NEVER));
    expect(requestsOf(world)).toEqual(UNANSWERED);
  });

  it('that nobody waits for any more is recorded as unanswered', async () => {
    await using world = await auditedWorld();
    world.fake.failNext('hang');
    const leaving = new AbortController();
    const left = world.source.read(current('a'), leaving.signal).catch(() => undefined);
    while (world.fake.calls.length < 1) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    await left;
    while (world.audit.records.length < 1) await new Promise((resolve) => setImmediate(resolve));
    expect(requestsOf(world)).toEqual(UNANSWERED);
  });

  it('before AWS was asked who we are has no ARN', async () => {
    await using world = await auditedWorld();
    world.fake.store.put('a', 'value a');
    await world.source.read(current('a'), NEVER);
    expect(world.audit.of('request').map(({ identity }) => identity.arn)).toEqual([undefined]);
  });
});

describe.concurrent('an answer says which request brought it', () => {
  it('whoever shares it: a batch, a single call, tags', async () => {
    await using world = await auditedWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, `value ${name}`);
    const { source, fake } = world;
    const refs = [current('a'), current('b'), current('a')];
    const together = await Promise.all(refs.map((ref) => source.read(ref, NEVER)));
    const alone = [await source.read(current('a'), NEVER), await source.read(tags('b'), NEVER)];
    const [batch, single, description] = fake.calls.map(({ requestId }) => requestId);
    expect([...together, ...alone].map(({ operation, requestId }) => [operation, requestId])).toEqual([
      ...together.map(() => ['BatchGetSecretValue', batch]),
      ['GetSecretValue', single],
      ['DescribeSecret', description],
    ]);
  });

  it.for<[why: string, key: string, operation: string, code: string, kind: new (message: string) => KeyturnError]>([
    ['a refusal by a single call', 'alone', 'GetSecretValue', 'ResourceNotFoundException', SecretNotFound],
    ['a refusal within a batch', 'denied', 'BatchGetSecretValue', 'AccessDeniedException', AccessDenied],
  ])('%s too', async ([, key, operation, code, kind]) => {
    await using world = await auditedWorld();
    const user = world.fake.addUser('reader');
    world.fake.deny(user, 'GetSecretValue', 'denied');
    const source = world.openFor(user);
    const [error] = await Promise.all([
      errorOf(source.read(current(key), NEVER)),
      ...(operation.startsWith('Batch') ? [errorOf(source.read(current('other'), NEVER))] : []),
    ]);
    expect(error).toBeInstanceOf(kind);
    expect([error.operation, error.code, error.requestId]).toEqual([operation, code, world.fake.calls[0]?.requestId]);
  });

  it('and a refusal by throttling names the request that was throttled, be it another one', async () => {
    await using world = await auditedWorld({ deadlineMs: 500 });
    world.fake.failNext(refusal('ThrottlingException', 'slow down'), { times: 1_000 });
    const keys = Array.from({ length: 30 }, (_, at) => `key-${at}`);
    const refs = [...keys.map(current), ...keys.map(stage)];
    const errors = await Promise.all(refs.map((ref) => errorOf(world.source.read(ref, NEVER))));
    const requests = new Set(world.audit.of('request').map(({ operation, requestId }) => `${operation} ${requestId}`));
    const named = errors.map(({ operation, requestId }) => `${operation} ${requestId}`);
    expect(new Set(named.map((each) => requests.has(each)))).toEqual(new Set([true]));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['ThrottlingException']));
    const sent = new Set(world.fake.callsOf('GetSecretValue').flatMap(({ secretIds }) => secretIds));
    expect(sent.size, 'some were never sent').toBeLessThan(keys.length);
  });

  it('and a failure of the whole, a listing, or of a description', async () => {
    await using world = await auditedWorld();
    const user = world.fake.addUser('reader');
    for (const operation of ['ListSecrets', 'DescribeSecret']) world.fake.deny(user, operation);
    const source = world.openFor(user);
    const errors = [
      await errorOf(source.find({ path: 'a' }, NEVER)),
      await errorOf(source.read(tags('a'), NEVER)),
      await errorOf(source.read({ key: 'a', version: { kind: 'id', versionId: 'v' } }, NEVER)),
    ];
    expect(errors.map(({ operation, requestId }) => [operation, requestId])).toEqual(
      world.fake.calls.map(({ operation, requestId }) => [operation, requestId]),
    );
  });
});

describe('no value is in any record', () => {
  const CANARY = 'canary-5f3a9c';
  const OPERATIONS = ['BatchGetSecretValue', 'GetSecretValue', 'DescribeSecret', 'ListSecrets'];
  const answers: readonly ((text: string) => FakeAnswer)[] = [
    (text) => refusal('InvalidRequestException', `the value is ${text}`),
    (text) => refusal(`Bad ${text}`, ''),
    (text) => ({ status: 200, body: `{"ARN": "${text}` }),
    (text) => ({ status: 404, body: text }),
    (text) => jsonAnswer({ ARN: text, VersionId: 'v', SecretString: text }),
    (text) => jsonAnswer({ SecretValues: [{ ARN: text, VersionId: 'v', SecretString: text }] }),
    (text) => jsonAnswer({ SecretValues: text, Errors: [{ SecretId: 'a', ErrorCode: text, Message: text }] }),
    (text) => jsonAnswer({ Errors: [{ SecretId: 'a', ErrorCode: `Error: ${text}`, Message: text }] }),
    (text) => jsonAnswer({ SecretList: [{ ARN: text, Name: text, Description: text }] }),
  ];

  async function askForAll({ source }: AuditedWorld): Promise<void> {
    await readAll(source, ['a', 'b']);
    await source.probe([current('a'), current('b'), stage('a'), tags('a')], NEVER);
    await readAll(source, ['a']);
    await source.find({}, NEVER).catch(() => undefined);
  }

  it('whatever the secrets are', async () => {
    await using world = await auditedWorld();
    const value = fc.oneof(
      fc.string().map((text) => `${text}${CANARY}`),
      fc.json().map((text) => `{"${CANARY}":${text}}`),
      fc.uint8Array().map((bytes) => Buffer.concat([bytes, Buffer.from(CANARY)])),
    );
    await fc.assert(
      fc.asyncProperty(value, async (secret) => {
        for (const name of ['a', 'b']) world.fake.store.put(name, secret);
        await askForAll(world);
        expect(JSON.stringify(world.audit.records)).not.toContain(CANARY);
        world.audit.forget();
      }),
      { numRuns: 20 },
    );
  });

  it.for(OPERATIONS)('whatever AWS answers to %s', async (operation) => {
    await using world = await auditedWorld();
    for (const name of ['a', 'b']) world.fake.store.put(name, CANARY);
    for (const answer of answers) {
      world.fake.failNext(answer(CANARY), { operation });
      await askForAll(world);
      expect(JSON.stringify(world.audit.records)).not.toContain(CANARY);
      expect(world.audit.of('request').map((record) => record.operation)).toContain(operation);
      world.audit.forget();
    }
  });
});
