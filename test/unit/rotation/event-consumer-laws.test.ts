import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SourceUnavailable } from '../../../src/ports/errors.ts';
import { bodyOf, createWorld, type Running, type World } from './event-consumer-world.ts';

/** Secrets of the script, with those who use them. */
const USERS: Readonly<Record<string, readonly string[]>> = { db: ['a', 'b'], api: ['b'], unused: [] };
const NAMES = Object.keys(USERS);

type Step =
  | { readonly kind: 'send'; readonly secret: string; readonly event: number }
  | { readonly kind: 'write'; readonly user: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'fail'; readonly operation: 'receive' | 'extend' | 'acknowledge'; readonly times: number }
  | { readonly kind: 'refuse'; readonly message: number }
  | { readonly kind: 'restart' | 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  // Few events and many messages: most are duplicates.
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('send' as const), secret: fc.constantFrom(...NAMES), event: fc.nat(2) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), user: fc.constantFrom('a', 'b') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 150, 3_000, 14_000, 65_000, 310_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      operation: fc.constantFrom('receive' as const, 'extend' as const, 'acknowledge' as const),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('refuse' as const), message: fc.integer({ min: 1, max: 10 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'crash' as const) }) },
);

interface Stage {
  readonly world: World;
  running: Running;
}

async function play(stage: Stage, each: Step): Promise<void> {
  const { world } = stage;
  switch (each.kind) {
    case 'send':
      world.queue.send(bodyOf(each.secret, `${each.secret}-${each.event}`));
      return;
    case 'write':
      return world.target.write(each.user);
    case 'wait':
      return world.clock.advance(each.ms);
    case 'fail':
      return world.queue.fail(each.operation, new SourceUnavailable('no answer'), each.times);
    case 'refuse':
      return world.queue.refuse(`m${each.message}`);
    case 'restart':
      await stop(stage);
      stage.running = world.start();
      return;
    case 'crash':
      stage.running.kill();
      stage.running = world.start();
  }
}

async function stop({ world, running }: Stage): Promise<void> {
  const stopping = running.stop();
  await world.clock.advance(4_500);
  await stopping;
}

/** A message that ends before its users are up to date is noted as broken. */
function watchAcknowledgements({ queue, target }: World): readonly string[] {
  const broken: string[] = [];
  queue.onAcknowledge = (id, body) => {
    const [, eventId = ''] = /"id":"([^"]+)"/.exec(body) ?? [];
    const [secret = ''] = eventId.split('-');
    const behind = target.usersOf(secret).filter((user) => !target.wasHandled(user, eventId));
    if (behind.length > 0) broken.push(`${id} ended before ${behind}`);
  };
  return broken;
}

it('ends no message before its users are up to date and loses none: whatever is sent twice, fails, stops or dies', async () => {
  const script = fc.record({
    steps: fc.array(step, { maxLength: 40 }),
    order: fc.infiniteStream(fc.nat()),
    latencyMs: fc.constantFrom(0, 20, 900),
  });
  await fc.assert(
    fc.asyncProperty(script, async ({ steps, order, latencyMs }) => {
      const world = createWorld();
      world.queue.latencyMs = latencyMs;
      world.queue.maxReceiveCount = Number.POSITIVE_INFINITY;
      world.queue.pick = (visible) => (visible === 0 ? 0 : (order.next().value ?? 0) % visible);
      for (const [secret, users] of Object.entries(USERS)) world.target.use(secret, users);
      const broken = watchAcknowledgements(world);
      const stage: Stage = { world, running: world.start() };
      for (const each of steps) {
        await play(stage, each);
        await world.clock.settle();
        expect(broken).toEqual([]);
      }
      // When everybody is up to date at last, everything ends.
      for (let round = 0; round < 8; round += 1) {
        for (const user of ['a', 'b']) world.target.write(user);
        await world.clock.advance(60_000);
      }
      expect(broken).toEqual([]);
      expect(world.queue.ids).toEqual([]);
      expect(new Set(world.queue.acknowledged).size).toBe(world.queue.acknowledged.length);
      await stop(stage);
      expect(stage.running.consumer.held).toBe(0);
    }),
    { numRuns: 150 },
  );
});
