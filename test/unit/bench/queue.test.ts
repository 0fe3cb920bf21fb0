/** The bench's SQS in virtual time: a queue that forgot or repeated messages would make the operator look wrong. */

import { expect, it } from 'vitest';
import { createBenchQueue } from '../../../bench/aws/queue.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const never = new AbortController().signal;
const now = { most: 10, visibilityMs: 30_000, waitMs: 0 };
const longPoll = { ...now, waitMs: 20_000 };

function queueWith(...bodies: readonly string[]) {
  const clock = createVirtualClock();
  const queue = createBenchQueue(clock);
  for (const body of bodies) queue.send(body);
  return { clock, queue };
}

it('gives each message to one receiver, oldest first and at most as many as asked for', async () => {
  const { queue } = queueWith('a', 'b', 'c');
  const first = await queue.receive({ ...now, most: 2 }, never);
  const second = await queue.receive(now, never);
  expect(first.map(({ body }) => body)).toEqual(['a', 'b']);
  expect(second.map(({ body }) => body)).toEqual(['c']);
  expect(await queue.receive(now, never)).toEqual([]);
  expect(queue.counts).toEqual({ sent: 3, deleted: 0, visible: 0, hidden: 3, reappeared: 0 });
});

it('shows a message again when its visibility timeout is over, with another receipt, and the old one ends nothing', async () => {
  const { clock, queue } = queueWith('a');
  const [first] = await queue.receive(now, never);
  clock.tick(29_999);
  expect(queue.counts).toMatchObject({ visible: 0, reappeared: 0 });
  clock.tick(1);
  expect(queue.counts).toMatchObject({ visible: 1, reappeared: 1 });
  const [again] = await queue.receive(now, never);
  expect(again).toMatchObject({ id: first?.id, body: 'a', receiveCount: 2 });
  queue.remove(first?.receipt ?? '');
  expect(queue.counts).toMatchObject({ deleted: 0, hidden: 1, reappeared: 1 });
  queue.remove(again?.receipt ?? '');
  expect(queue.counts).toEqual({ sent: 1, deleted: 1, visible: 0, hidden: 0, reappeared: 1 });
});

it('hides a message for longer, but not one that is visible again', async () => {
  const { clock, queue } = queueWith('a');
  const [{ receipt = '' } = {}] = await queue.receive(now, never);
  clock.tick(20_000);
  expect(queue.hide(receipt, 30_000)).toBe(true);
  clock.tick(29_999);
  expect(queue.counts.hidden).toBe(1);
  clock.tick(1);
  expect(queue.hide(receipt, 30_000)).toBe(false);
});

it('answers a long poll when a message comes, and with nothing when none came', async () => {
  const { clock, queue } = queueWith();
  const poll = queue.receive(longPoll, never);
  await clock.advance(5_000);
  queue.send('a');
  expect((await poll).map(({ body }) => body)).toEqual(['a']);
  const empty = queue.receive({ ...longPoll, waitMs: 10_000 }, never);
  await clock.advance(10_000);
  expect(await empty).toEqual([]);
  expect(clock.timers).toBe(0);
});

it.each([
  ['its timeout is over', 30_000],
  ['it is given back', 0],
])('answers a long poll with a message that is visible again because %s', async (_case, visibilityMs) => {
  const { clock, queue } = queueWith('a');
  const [{ receipt = '' } = {}] = await queue.receive({ ...now, visibilityMs: 15_000 }, never);
  const poll = queue.receive({ ...longPoll, waitMs: 60_000 }, never);
  await clock.settle();
  queue.hide(receipt, visibilityMs);
  await clock.advance(30_000);
  expect((await poll).map(({ receiveCount }) => receiveCount)).toEqual([2]);
});

it('gives nothing to a long poll whose caller is gone', async () => {
  const { clock, queue } = queueWith();
  const gone = new AbortController();
  const poll = queue.receive(longPoll, gone.signal);
  await clock.settle();
  gone.abort();
  queue.send('a');
  expect(await poll).toEqual([]);
  expect(queue.counts).toMatchObject({ visible: 1, reappeared: 0 });
  expect(clock.timers).toBe(0);
});
