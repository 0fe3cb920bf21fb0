import { describe, expect, it } from 'vitest';
import { ReadBatcher } from '../../../src/aws/read-batcher.ts';
import type { FetchOutcome, TellOutcome } from '../../../src/aws/secret-fetcher.ts';
import { SourceUnavailable } from '../../../src/ports/errors.ts';
import type { SecretRef } from '../../../src/ports/secret-source.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { current, NEVER } from './source-on-fake.ts';

type Answer = (outcome: FetchOutcome) => void;

/** A batcher of single calls that the test answers. */
function world() {
  const clock = createVirtualClock();
  const calls: Answer[] = [];
  const batcher = new ReadBatcher({
    clock,
    tooBusy: () => new SourceUnavailable('too busy'),
    hasFreeSlot: () => true,
    batchSize: () => 1,
    batchWaitMs: () => 0,
    nextGroup: (refs: Iterable<SecretRef>) => [...refs].slice(0, 1),
    async fetch([ref]: readonly SecretRef[], tell: TellOutcome) {
      calls.push((outcome) => ref !== undefined && tell(ref, outcome));
    },
  });
  const read = (signal = NEVER) => batcher.read(current('db'), signal);
  /** A read that makes a call, which is answered with a version. */
  const readAnswered = async (versionId: string) => {
    const asked = calls.length;
    const reads = read();
    clock.tick(5);
    calls[asked]?.(reading(versionId));
    return await reads;
  };
  return { batcher, clock, calls, read, readAnswered };
}

const CALL = { operation: 'GetSecretValue', requestId: undefined } as const;

function reading(versionId: string): FetchOutcome {
  const value = SecretValue.fromText('x');
  return { kind: 'read', reading: { arn: 'arn:aws:x', versionId, createdAtMs: 1, value, ...CALL } };
}

describe('reads that were said to come', () => {
  it('share one call, however they come: together, while it is under way, and after its answer', async () => {
    const { batcher, clock, calls, read } = world();
    batcher.expect(current('db'), 5);
    const together = [read(), read()];
    clock.tick(5);
    const underWay = read();
    calls[0]?.(reading('v1'));
    const after = [read(), read()];
    const readings = await Promise.all([...together, underWay, ...after]);
    expect(readings.map(({ versionId }) => versionId)).toEqual(['v1', 'v1', 'v1', 'v1', 'v1']);
    expect(calls).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  it('one more than was said is read anew', async () => {
    const { batcher, read, readAnswered } = world();
    batcher.expect(current('db'), 2);
    await readAnswered('v1');
    expect((await read()).versionId).toBe('v1');
    expect((await readAnswered('v2')).versionId).toBe('v2');
  });

  it('what is not fetched within ten seconds is forgotten', async () => {
    const { batcher, clock, calls, read, readAnswered } = world();
    batcher.expect(current('db'), 10);
    await readAnswered('v1');
    clock.tick(10_000);
    const late = read();
    clock.tick(5);
    expect(calls).toHaveLength(2);
    calls[1]?.(reading('v2'));
    expect((await late).versionId).toBe('v2');
    expect(clock.timers).toBe(0);
  });

  it('a new expectation forgets the answer to the one before', async () => {
    const { batcher, readAnswered } = world();
    batcher.expect(current('db'), 10);
    await readAnswered('v1');
    batcher.expect(current('db'), 10);
    expect((await readAnswered('v2')).versionId).toBe('v2');
  });

  it('a failure is told to those who waited, and the next read asks again', async () => {
    const { batcher, clock, calls, read, readAnswered } = world();
    batcher.expect(current('db'), 3);
    const failed = read();
    clock.tick(5);
    calls[0]?.({ kind: 'failed', error: new SourceUnavailable('down') });
    await expect(failed).rejects.toThrow('down');
    expect((await readAnswered('v1')).versionId).toBe('v1');
    expect((await read()).versionId).toBe('v1');
  });

  it('a read whose call was given up by the one before begins a call of its own', async () => {
    const { batcher, clock, read, readAnswered } = world();
    batcher.expect(current('db'), 3);
    const abort = new AbortController();
    const left = read(abort.signal);
    clock.tick(5);
    abort.abort();
    await expect(left).rejects.toBe(abort.signal.reason);
    expect((await readAnswered('v1')).versionId).toBe('v1');
  });

  it('no more than 64 answers are held at once', async () => {
    const { batcher, clock } = world();
    for (let at = 0; at < 100; at += 1) batcher.expect(current(`db-${at}`), 10);
    expect(clock.timers).toBe(64);
    batcher.close();
    expect(clock.timers).toBe(0);
  });
});
