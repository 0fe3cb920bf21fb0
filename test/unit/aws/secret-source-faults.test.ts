import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InvalidCredentials, RequestRejected, SourceUnavailable, Throttled } from '../../../src/ports/errors.ts';
import { refusal } from '../../contract/fake-answers.ts';
import type { FakeFault } from '../../contract/fake-secrets-manager.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { current, fakeWorld, identityOf, NEVER, readAll, untilAsked } from './source-on-fake.ts';

const CANARY = 'canary-value-4711';
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
/** The SDK asks at most three times. */
const ATTEMPTS = 3;

interface Fault {
  readonly fault: FakeFault;
  readonly is: new (message: string) => Error;
  readonly says: RegExp;
  readonly attempts: number;
  readonly deadlineMs?: number;
}

const html = (status: number): FakeFault => ({
  status,
  body: `<html><body>${CANARY}</body></html>`,
  headers: { 'content-type': 'text/html' },
});

const FAULTS: Readonly<Record<string, Fault>> = {
  'throttling that does not end': {
    fault: refusal('ThrottlingException', 'Rate exceeded'),
    is: Throttled,
    says: /asks to slow down \(ThrottlingException\)/,
    attempts: ATTEMPTS,
  },
  'a server error that does not end': {
    fault: refusal('InternalServiceError', CANARY, 500),
    is: SourceUnavailable,
    says: /failed \(InternalServiceError, HTTP 500\)/,
    attempts: ATTEMPTS,
  },
  'an HTML page with status 200': {
    fault: html(200),
    is: SourceUnavailable,
    says: /not one that AWS gives \(HTTP 200\)/,
    attempts: 1,
  },
  'an HTML page with status 403': {
    fault: html(403),
    is: SourceUnavailable,
    says: /not one that AWS gives \(HTTP 403\)/,
    attempts: 1,
  },
  'an HTML page with status 503': {
    fault: html(503),
    is: SourceUnavailable,
    says: /not one that AWS gives \(HTTP 503\)/,
    attempts: ATTEMPTS,
  },
  'half a JSON body': {
    fault: { status: 200, body: `{"ARN":"arn:aws:x","SecretString":"${CANARY}` },
    is: SourceUnavailable,
    says: /not one that AWS gives \(HTTP 200\)/,
    attempts: 1,
  },
  'JSON that is no secret': {
    fault: { status: 200, body: JSON.stringify({ SecretString: CANARY }) },
    is: SourceUnavailable,
    says: /not one that AWS gives/,
    attempts: 1,
  },
  'JSON with other types': {
    fault: {
      status: 200,
      body: JSON.stringify({ ARN: 'arn:aws:x', VersionId: 'v', SecretString: { nested: CANARY } }),
    },
    is: SourceUnavailable,
    says: /not one that AWS gives/,
    attempts: 1,
  },
  'an empty body': {
    fault: { status: 200, body: '' },
    is: SourceUnavailable,
    says: /not one that AWS gives/,
    attempts: 1,
  },
  'a value and no version': {
    fault: { status: 200, body: JSON.stringify({ ARN: 'arn:aws:x', SecretString: CANARY }) },
    is: SourceUnavailable,
    says: /not one that AWS gives/,
    attempts: 1,
  },
  'a refusal of an unknown kind': {
    fault: refusal('BrandNewException', CANARY),
    is: RequestRejected,
    says: /^AWS refuses to read secret "team\/db" \(BrandNewException\)/,
    attempts: 1,
  },
  'a signature that does not fit': {
    fault: refusal('InvalidSignatureException', `The Canonical String should have been ${CANARY}`),
    is: InvalidCredentials,
    says: /does not accept the store's static credentials \(InvalidSignatureException\)/,
    attempts: 1,
  },
  'a connection that is cut': {
    fault: 'drop',
    is: SourceUnavailable,
    says: /could not be reached \(ECONNRESET\)/,
    attempts: ATTEMPTS,
  },
  'no answer': {
    fault: 'hang',
    is: SourceUnavailable,
    says: /did not answer within 0\.3 s/,
    attempts: 1,
    deadlineMs: 300,
  },
  'an answer that stops halfway': {
    fault: 'hang in the body',
    is: SourceUnavailable,
    says: /did not answer within 0\.3 s/,
    attempts: 1,
    deadlineMs: 300,
  },
};

describe.concurrent('a read that meets', () => {
  it.each(Object.entries(FAULTS))('%s', async (_, { fault, is, says, attempts, deadlineMs = 10_000 }) => {
    await using world = await fakeWorld({ deadlineMs });
    world.fake.store.put('team/db', CANARY);
    world.fake.failNext(fault, { times: ATTEMPTS });
    const [error] = await readAll(world.source, ['team/db']);
    expect(error).toBeInstanceOf(is);
    const { message } = error instanceof Error ? error : new Error('not an error');
    expect(message).toMatch(says);
    expect(message).not.toMatch(UUID);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(CANARY);
    expect(world.fake.calls).toHaveLength(attempts);
    expect(world.metrics.awsCalls.filter((call) => call.result === 'error').length).toBeLessThanOrEqual(attempts);
  });

  it('an endpoint that is down', async () => {
    await using world = await fakeWorld();
    await world.fake.stop();
    const [error] = await readAll(world.source, ['team/db']);
    expect(error).toBeInstanceOf(SourceUnavailable);
    expect(String(error)).toMatch(/could not be reached \(ECONNREFUSED\)/);
    expect(String(error)).not.toContain(new URL(world.fake.url).port);
  });

  it('throttling until the deadline is told of the throttling, and not of a deadline', async () => {
    await using world = await fakeWorld({ deadlineMs: 1_000 });
    world.fake.failNext(refusal('ThrottlingException', 'Rate exceeded'), { times: 1_000 });
    const told = [...(await readAll(world.source, ['team/db'])), ...(await readAll(world.source, ['team/db']))];
    expect(told).toEqual(Array(2).fill(expect.any(Throttled)));
    expect(String(told[1])).toMatch(/asks to slow down \(ThrottlingException\)/);
  });

  it('throttling slows down its own identity, and no question who it is', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('team/db', 'fine');
    const throttle = { operation: 'GetSecretValue', times: 3 };
    world.fake.failNext(refusal('ThrottlingException', 'Rate exceeded'), throttle);
    await readAll(world.source, ['team/db']);
    const other = world.openFor(world.fake.addUser('other'));
    const held = readAll(world.source, ['team/db']);
    const order: string[] = [];
    await Promise.all([
      held.then(() => order.push('held')),
      readAll(other, ['team/db']).then(() => order.push('other')),
      world.source.whoAmI(NEVER).then(() => order.push('who')),
    ]);
    expect(await held).toEqual(['fine']);
    expect(order.at(-1)).toBe('held');
  });

  it('one fault and then the truth gets the truth', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('team/db', 'fine');
    world.fake.failNext(refusal('InternalServiceError', '', 500));
    expect(await readAll(world.source, ['team/db'])).toEqual(['fine']);
    expect(world.metrics.awsCalls).toEqual([
      { operation: 'GetSecretValue', result: 'error' },
      { operation: 'GetSecretValue', result: 'success' },
    ]);
  });

  it('a secret without a value', async () => {
    await using world = await fakeWorld();
    world.fake.store.putEmpty('team/db');
    const [error] = await readAll(world.source, ['team/db']);
    expect(error).toBeInstanceOf(RequestRejected);
    expect(String(error)).toMatch(/neither a string nor a binary/);
  });

  it('an empty string takes it for a value', async () => {
    await using world = await fakeWorld();
    world.fake.store.put('team/db', '');
    expect(await readAll(world.source, ['team/db'])).toEqual(['']);
  });

  it('a region that cannot be one asks nobody', async () => {
    await using world = await fakeWorld();
    const source = world.sources.open(identityOf('eu west', world.fake.credentials));
    const [error] = await readAll(source, ['team/db']);
    expect(error).toBeInstanceOf(RequestRejected);
    expect(world.fake.calls).toEqual([]);
  });

  it('a line break in its credentials says so', async () => {
    await using world = await fakeWorld();
    const [error] = await readAll(world.openFor({ accessKeyId: 'AKIA\nFAKE', secretAccessKey: CANARY }), ['team/db']);
    expect(error).toBeInstanceOf(InvalidCredentials);
    expect(String(error)).toMatch(/line break/);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(CANARY);
  });

  it('the end of its source is told so at once', async () => {
    await using world = await fakeWorld();
    world.fake.failNext('hang');
    const reading = readAll(world.source, ['team/db']);
    await untilAsked(world, 1);
    world.sources.retain(new Set());
    const [error] = await reading;
    expect(error).toBeInstanceOf(SourceUnavailable);
    expect(String(error)).toMatch(/was closed/);
  });

  it('an end of its source while it waits is told so too, and leaves no timer', async () => {
    const clock = createVirtualClock();
    await using world = await fakeWorld({ concurrency: 1, clock });
    world.fake.failNext('hang');
    const first = readAll(world.source, ['team/db']);
    clock.tick(5);
    await untilAsked(world, 1);
    const second = readAll(world.source, ['team/db']);
    clock.tick(5);
    world.sources.close();
    expect([...(await first), ...(await second)]).toEqual(Array(2).fill(expect.any(SourceUnavailable)));
    expect(clock.timers).toBe(0);
    expect(world.fake.calls).toHaveLength(1);
  });
});

describe.concurrent('a probe', () => {
  it('gives the failure of the whole call as the outcome of each ref', async () => {
    await using world = await fakeWorld({ deadlineMs: 300 });
    world.fake.failNext('hang');
    const outcomes = await world.source.probe([current('a'), current('b')], NEVER);
    expect(outcomes).toEqual(Array(2).fill({ kind: 'failed', error: expect.any(SourceUnavailable) }));
  });

  it('that is aborted does not reject', async () => {
    await using world = await fakeWorld();
    world.fake.failNext('hang');
    const abort = new AbortController();
    const probing = world.source.probe([current('a'), current('b')], abort.signal);
    await untilAsked(world, 1);
    abort.abort();
    expect(await probing).toEqual(Array(2).fill({ kind: 'failed', error: expect.any(SourceUnavailable) }));
    expect(await world.source.probe([current('a')], abort.signal)).toEqual([
      { kind: 'failed', error: expect.any(SourceUnavailable) },
    ]);
  });
});
