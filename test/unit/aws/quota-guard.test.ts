import { describe, expect, test } from 'vitest';
import { QuotaGuard } from '../../../src/aws/quota-guard.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const BATCH = 'BatchGetSecretValue';

function world(share: number) {
  const clock = createVirtualClock();
  const guard = new QuotaGuard({ clock, share });
  const startMs = clock.nowMs();
  const sentAtMs: number[] = [];
  const take = (count: number, scope = '123456789012@eu-central-1', operation = BATCH) => {
    for (let at = 0; at < count; at += 1)
      void guard.take(scope, operation).then(() => sentAtMs.push(clock.nowMs() - startMs));
  };
  return { clock, take, sentAtMs };
}

/** Most calls that were sent within any one second. */
function busiestSecond(sentAtMs: readonly number[]): number {
  return Math.max(...sentAtMs.map((start) => sentAtMs.filter((at) => at >= start && at < start + 1_000).length));
}

describe('the quota guard', () => {
  test('lets a short burst through at once, and the rest at the rate of its share', async () => {
    const { clock, take, sentAtMs } = world(0.5);
    take(110);
    await clock.settle();
    expect(sentAtMs).toHaveLength(10);
    await clock.advance(1_000);
    expect(sentAtMs).toHaveLength(60);
    await clock.advance(1_000);
    expect(sentAtMs).toHaveLength(110);
    expect(clock.timers).toBe(0);
  });

  test('sends in the order of asking, evenly', async () => {
    const { clock, take, sentAtMs } = world(0.1);
    take(7);
    await clock.advance(500);
    expect(sentAtMs).toEqual([0, 0, 100, 200, 300, 400, 500]);
  });

  test('no second has more than the share and the burst', async () => {
    const { clock, take, sentAtMs } = world(0.3);
    for (let at = 0; at < 40; at += 1) {
      take(7);
      await clock.advance(130);
    }
    await clock.advance(10_000);
    expect(sentAtMs).toHaveLength(280);
    expect(busiestSecond(sentAtMs)).toBeLessThanOrEqual(36);
    expect(busiestSecond(sentAtMs.filter((at) => at > 1_000))).toBeLessThanOrEqual(30);
  });

  test('a pause earns no more than one burst', async () => {
    const { clock, take, sentAtMs } = world(0.5);
    take(10);
    await clock.advance(60_000);
    take(80);
    await clock.settle();
    expect(sentAtMs).toHaveLength(20);
  });

  test.each([
    ['another account', '210987654321@eu-central-1', BATCH],
    ['another region', '123456789012@us-east-1', BATCH],
    ['another operation', '123456789012@eu-central-1', 'GetSecretValue'],
    ['an operation without a quota', '123456789012@eu-central-1', 'GetCallerIdentity'],
  ])('%s does not wait for the first', async (_, scope, operation) => {
    const { clock, take, sentAtMs } = world(0.5);
    take(500);
    await clock.settle();
    take(1, scope, operation);
    await clock.settle();
    expect(sentAtMs).toHaveLength(11);
  });
});
