import { describe, expect, test } from 'vitest';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';

/** Somebody with so much to do, who takes what slots there are. */
function worker(slots: WorkerSlots, name: string, order: string[], todo: number) {
  const self = {
    todo,
    running: 0,
    pump(): void {
      while (slots.take(self.pump)) {
        if (self.todo === 0) {
          slots.giveBack();
          return;
        }
        self.todo -= 1;
        self.running += 1;
        order.push(name);
      }
    },
    end(): void {
      self.running -= 1;
      slots.giveBack();
    },
  };
  return self;
}

describe('worker slots', () => {
  test('are as many as there are, over all who share them', () => {
    const order: string[] = [];
    const slots = new WorkerSlots(3);
    const [a, b] = [worker(slots, 'a', order, 2), worker(slots, 'b', order, 5)];
    a.pump();
    b.pump();
    expect([a.running, b.running]).toEqual([2, 1]);
    a.end();
    expect([a.running, b.running]).toEqual([1, 2]);
  });

  test('go round among those who wait, however much one has to do', () => {
    const order: string[] = [];
    const slots = new WorkerSlots(1);
    const workers = [worker(slots, 'a', order, 100), worker(slots, 'b', order, 2), worker(slots, 'c', order, 2)];
    for (const each of workers) each.pump();
    for (let at = 0; at < 6; at += 1) workers.find(({ running }) => running > 0)?.end();
    expect(order.join('')).toBe('aabcabc');
  });

  test('are not lost on somebody who has nothing to do any more', () => {
    const order: string[] = [];
    const slots = new WorkerSlots(1);
    const [a, gone, b] = [worker(slots, 'a', order, 1), worker(slots, 'gone', order, 1), worker(slots, 'b', order, 1)];
    for (const each of [a, gone, b]) each.pump();
    gone.todo = 0;
    a.end();
    expect(order).toEqual(['a', 'b']);
  });

  test('are not lost on somebody who does not even answer', () => {
    const order: string[] = [];
    const slots = new WorkerSlots(1);
    const [a, b] = [worker(slots, 'a', order, 1), worker(slots, 'b', order, 1)];
    a.pump();
    slots.take(() => {});
    b.pump();
    a.end();
    expect(order).toEqual(['a', 'b']);
  });
});
