import { beforeEach, describe, expect, it } from 'vitest';
import { AccessDenied, SourceUnavailable } from '../../../src/ports/errors.ts';
import { bodyOf, createWorld, type Running, type World } from './event-consumer-world.ts';
import { labelUpdated } from './sample-events.ts';

const CANARY = 'canary-not-a-secret';

describe('the event consumer', () => {
  let world: World;
  let running: Running;

  beforeEach(() => {
    world = createWorld();
    world.target.use('db', ['team/app', 'team/worker']);
    running = world.start();
    return () => running.stop();
  });

  /** How often the queue was asked to keep messages hidden. */
  const extensions = () =>
    world.queue.calls.filter(({ operation, seconds }) => operation === 'extend' && seconds === 30);

  describe('a message', () => {
    it('is acknowledged when the last user is up to date, and not before', async () => {
      const { clock, queue, target, outcomes, latenciesMs } = world;
      queue.send(bodyOf('db', 'e1'));
      await clock.advance(500);
      target.write('team/app');
      await clock.advance(5_000);
      expect(queue.acknowledged).toEqual([]);
      target.write('team/worker');
      await clock.advance(500);
      expect(queue.acknowledged).toEqual(['m1']);
      expect(outcomes).toEqual(['handled']);
      expect(latenciesMs).toEqual([5_500]);
    });

    it('is acknowledged at once when nobody uses the secret', async () => {
      world.queue.send(bodyOf('other', 'e1'));
      await world.clock.advance(500);
      expect(world.queue.acknowledged).toEqual(['m1']);
      expect(world.outcomes).toEqual(['unconcerned']);
    });

    it('is acknowledged at once when everybody is up to date already', async () => {
      const { clock, queue, target, outcomes } = world;
      queue.send(bodyOf('db', 'e1'));
      await clock.advance(500);
      target.write('team/app');
      target.write('team/worker');
      await clock.advance(500);
      queue.send(bodyOf('db', 'e1'));
      await clock.advance(500);
      expect(queue.acknowledged).toEqual(['m1', 'm2']);
      expect(outcomes).toEqual(['handled', 'handled']);
    });

    it('that is no event of a secret is counted and acknowledged', async () => {
      world.queue.send(JSON.stringify(labelUpdated({}, { source: 'my.app', detail: { text: CANARY } })));
      await world.clock.advance(500);
      expect(world.queue.acknowledged).toEqual(['m1']);
      expect(world.outcomes).toEqual(['unknown']);
      expect(world.log.lines.join('\n')).not.toContain(CANARY);
    });

    it('that cannot be read goes to the dead-letter queue by itself, is logged once, and nothing of it is repeated', async () => {
      const { clock, queue, outcomes, log } = world;
      queue.maxReceiveCount = 3;
      queue.send(`{"${CANARY}`);
      queue.send(bodyOf('other', 'e1'));
      await clock.advance(180_000);
      expect(queue.deadLetters).toEqual(['m1']);
      expect(queue.acknowledged).toEqual(['m2']);
      expect(extensions()).toEqual([]);
      expect(outcomes).toEqual(['malformed', 'unconcerned', 'malformed', 'malformed']);
      expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
        'warn a message of the rotation queue cannot be read {"message":"m1","why":"it is not JSON"}',
      ]);
      expect(log.lines.join('\n')).not.toContain(CANARY);
    });

    it('at which the target fails is left to come again, and does not end the consumer', async () => {
      const { clock, queue, target } = world;
      const { announce } = target;
      target.announce = () => {
        throw new TypeError('a bug');
      };
      queue.send(bodyOf('other', 'e1'));
      await clock.advance(500);
      expect(world.log.lines[0]).toMatch(/^error bug .*a bug/);
      target.announce = announce;
      await clock.advance(31_000);
      expect(queue.acknowledged).toEqual(['m1']);
    });
  });

  describe('while users are not up to date', () => {
    it('the message stays hidden', async () => {
      const { clock, queue, target } = world;
      queue.send(bodyOf('db', 'e1'));
      for (let seconds = 0; seconds < 240; seconds += 1) {
        await clock.advance(1_000);
        expect(queue.visible).toEqual([]);
      }
      expect(target.announced).toEqual(['e1']);
      expect(extensions().length).toBeLessThanOrEqual(25);
    });

    it('two calls in a row may fail before it is delivered again, which changes nothing but its receipt', async () => {
      const { clock, queue, target } = world;
      queue.send(bodyOf('db', 'e1'));
      await clock.advance(500);
      queue.fail('extend', new SourceUnavailable('no answer'), 3);
      await clock.advance(40_000);
      expect(target.announced).toEqual(['e1']);
      target.write('team/app');
      target.write('team/worker');
      await clock.advance(500);
      expect(queue.acknowledged).toEqual(['m1']);
      expect(world.outcomes).toEqual(['handled']);
    });

    it('several messages of one event make one wait and end together', async () => {
      const { clock, queue, target } = world;
      for (const _each of 'abc') queue.send(bodyOf('db', 'e1'));
      await clock.advance(500);
      expect(target.announced).toEqual(['e1']);
      target.write('team/app');
      target.write('team/worker');
      await clock.advance(500);
      expect(queue.acknowledged).toEqual(['m1', 'm2', 'm3']);
      expect(world.latenciesMs).toHaveLength(1);
    });

    it('another event of the secret is announced too, since it may say something new', async () => {
      const { clock, queue, target } = world;
      queue.send(bodyOf('db', 'e1'));
      queue.send(bodyOf('db', 'e2'));
      await clock.advance(500);
      expect(target.announced).toEqual(['e1', 'e2']);
    });

    it('it is given up after five minutes, told once, and comes again', async () => {
      const { clock, queue, target, outcomes, log } = world;
      queue.send(bodyOf('db', 'e1'));
      await clock.advance(500);
      target.write('team/app');
      await clock.advance(300_000);
      expect(outcomes).toEqual(['abandoned']);
      expect(running.consumer.held).toBe(0);
      expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
        'warn a rotation event was not acted on in time; its message is left to come again ' +
          '{"event":"e1","kind":"moved","secret":"db","waiting":1,"users":["team/worker"]}',
      ]);
      await clock.advance(60_000);
      expect(target.announced).toEqual(['e1', 'e1']);
      target.write('team/worker');
      await clock.advance(500);
      expect(queue.acknowledged).toEqual(['m1']);
      expect(outcomes).toEqual(['abandoned', 'handled']);
    });

    it('a thousand messages are kept and no more received, until there is room', async () => {
      const { clock, queue, target } = world;
      for (let sent = 0; sent < 1_100; sent += 1) queue.send(bodyOf(sent < 20 ? 'early' : 'db', `e${sent}`));
      target.use('early', ['team/early']);
      await clock.advance(5_000);
      expect(running.consumer.held).toBe(1_000);
      expect(queue.visible).toHaveLength(100);
      target.write('team/early');
      await clock.advance(1_000);
      expect(running.consumer.held).toBe(1_000);
      expect(queue.visible).toHaveLength(80);
      expect(queue.acknowledged).toHaveLength(20);
    });
  });

  describe('when the queue fails', () => {
    it('receiving slows down, is told once, and goes on', async () => {
      const { clock, queue, log } = world;
      await clock.advance(25_000);
      const before = queue.calls.length;
      queue.fail('receive', new AccessDenied('the operator may not sqs:ReceiveMessage', { requestId: 'r-1' }), 10);
      await clock.advance(120_000);
      expect(queue.calls.length - before).toBeLessThan(12);
      expect(log.lines).toEqual([
        'warn receiving rotation events failed; it is tried again {"error":"the operator may not sqs:ReceiveMessage","requestId":"r-1"}',
      ]);
      await clock.advance(180_000);
      expect(log.lines.at(-1)).toBe('info receiving rotation events works again {"failures":10}');
      queue.send(bodyOf('other', 'e1'));
      await clock.advance(500);
      expect(queue.acknowledged).toEqual(['m1']);
    });

    it('an acknowledgement is tried again, and its message is not handled twice', async () => {
      const { clock, queue, target } = world;
      queue.fail('acknowledge', new SourceUnavailable('no answer'), 6);
      queue.send(bodyOf('other', 'e1'));
      await clock.advance(120_000);
      expect(queue.acknowledged).toEqual(['m1']);
      expect(target.announced).toEqual(['e1']);
    });

    it('one that is refused does not hold up the others of its call', async () => {
      const { clock, queue } = world;
      queue.refuse('m1');
      queue.send(bodyOf('other', 'e1'));
      queue.send(bodyOf('other', 'e2'));
      await clock.advance(500);
      expect(queue.acknowledged).toEqual(['m2']);
      await clock.advance(10_000);
      expect(queue.acknowledged).toEqual(['m2', 'm1']);
    });

    it('acknowledgements that never work do not pile up', async () => {
      const { clock, queue } = world;
      queue.fail('acknowledge', new SourceUnavailable('no answer'), 10_000);
      queue.maxReceiveCount = 3;
      for (let sent = 0; sent < 100; sent += 1) queue.send(bodyOf('other', `e${sent}`));
      await clock.advance(1_500_000);
      expect(running.consumer.held).toBe(0);
      expect(queue.deadLetters).toHaveLength(100);
    });

    it('messages that are done at about the same time share a call', async () => {
      const { clock, queue } = world;
      for (let sent = 0; sent < 100; sent += 1) queue.send(bodyOf('other', `e${sent}`));
      await clock.advance(1_000);
      expect(queue.acknowledged).toHaveLength(100);
      expect(queue.calls.filter(({ operation }) => operation === 'acknowledge').length).toBeLessThanOrEqual(10);
    });
  });

  describe('when it stops', () => {
    it('gives back what is not done at once, acknowledges what is, and leaves no timer', async () => {
      const { clock, queue, target } = world;
      target.use('other', ['team/other']);
      queue.send(bodyOf('db', 'e1'));
      queue.send(bodyOf('other', 'e2'));
      await clock.advance(500);
      target.write('team/other');
      await running.stop();
      expect(queue.acknowledged).toEqual(['m2']);
      expect(queue.visible).toEqual(['m1']);
      expect(clock.timers).toBe(0);
      expect(target.listeners).toBe(0);
    });

    it('the next leader goes on at once', async () => {
      const { clock, queue, target } = world;
      queue.send(bodyOf('db', 'e1'));
      await clock.advance(500);
      await running.stop();
      running = world.start();
      await clock.advance(500);
      target.write('team/app');
      target.write('team/worker');
      await clock.advance(500);
      expect(queue.acknowledged).toEqual(['m1']);
    });

    it('leaves no call behind', async () => {
      const { clock, queue } = world;
      queue.send(bodyOf('db', 'e1'));
      queue.latencyMs = 1_000;
      await clock.advance(10_100);
      queue.latencyMs = 0;
      expect(queue.underWay).toBe(1);
      let left: number | undefined;
      const stopping = running.stop().then(() => {
        left = queue.underWay;
      });
      await clock.advance(2_500);
      await stopping;
      expect(left).toBe(0);
    });

    it('ends in time when the queue does not answer any more', async () => {
      const { clock, queue } = world;
      queue.send(bodyOf('db', 'e1'));
      await clock.advance(500);
      queue.hang();
      let ended = false;
      const stopping = running.stop().then(() => {
        ended = true;
      });
      await clock.advance(2_100);
      expect(ended).toBe(true);
      await stopping;
    });

    it('does nothing when it is stopped before it starts', async () => {
      await running.stop();
      const { queue, clock } = world;
      const before = queue.calls.length;
      const stopped = world.start();
      await stopped.stop();
      expect(queue.calls.length - before).toBeLessThanOrEqual(1);
      expect(clock.timers).toBe(0);
    });
  });

  it('waits for nothing but the queue while the queue is empty', async () => {
    const { clock, queue, log } = world;
    await clock.advance(600_000);
    expect(queue.calls.length).toBeLessThanOrEqual(32);
    expect(queue.calls.every(({ operation }) => operation === 'receive')).toBe(true);
    expect(log.lines).toEqual([]);
  });
});
