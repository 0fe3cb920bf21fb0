import { describe, expect, test } from 'vitest';
import { renewedCredentials } from '../../../src/aws/renewed-credentials.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Sessions of an hour, numbered, from an STS that can be made to fail. */
function setUp() {
  const clock = createVirtualClock();
  const sts = { asked: 0, fails: false };
  const provider = renewedCredentials(async () => {
    sts.asked += 1;
    const secretAccessKey = 'fake';
    const expiration = new Date(clock.nowMs() + HOUR_MS);
    await Promise.resolve();
    if (sts.fails) throw new Error('STS fails');
    return { accessKeyId: `session-${sts.asked}`, secretAccessKey, expiration };
  }, clock);
  const session = async () => (await provider()).accessKeyId;
  return { clock, sts, session };
}

describe('a session', () => {
  test('is asked for once by all who need it at once, and by those who come later', async () => {
    const { sts, session } = setUp();
    expect(await Promise.all([session(), session(), session()])).toEqual(['session-1', 'session-1', 'session-1']);
    expect(await session()).toBe('session-1');
    expect(sts.asked).toBe(1);
  });

  test('is renewed before the clients of the SDK ask for another one, which they do five minutes before its end', async () => {
    const { clock, session } = setUp();
    await session();
    await clock.advance(HOUR_MS - 7 * MINUTE_MS);
    expect(await session()).toBe('session-1');
    await clock.advance(MINUTE_MS + 1);
    expect(await session()).toBe('session-2');
  });

  test('is used on while its renewal fails, which is tried again every ten seconds', async () => {
    const { clock, sts, session } = setUp();
    await session();
    await clock.advance(HOUR_MS - 5 * MINUTE_MS);
    sts.fails = true;
    expect([await session(), await session(), await session()]).toEqual(['session-1', 'session-1', 'session-1']);
    expect(sts.asked).toBe(2);
    await clock.advance(10_001);
    await session();
    expect(sts.asked).toBe(3);
    sts.fails = false;
    await clock.advance(10_001);
    expect(await session()).toBe('session-4');
  });

  test('that has ended is not used, and the failure is told', async () => {
    const { clock, sts, session } = setUp();
    await session();
    await clock.advance(HOUR_MS);
    sts.fails = true;
    await expect(session()).rejects.toThrow('STS fails');
    sts.fails = false;
    expect(await session()).toBe('session-3');
  });

  test('that never was is asked for again by the next who needs it', async () => {
    const { sts, session } = setUp();
    sts.fails = true;
    await expect(session()).rejects.toThrow('STS fails');
    sts.fails = false;
    expect(await session()).toBe('session-2');
  });
});
