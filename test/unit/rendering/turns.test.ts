/** The time of an object, and the life of a child: virtual time, and children without processes. */

import { describe, expect, test } from 'vitest';
import { InvalidSecretContent } from '../../../src/ports/errors.ts';
import { RendererUnavailable } from '../../../src/ports/renderer.ts';
import { FakeChild } from './fake-child.ts';
import { shown } from './jobs.ts';
import { turns } from './turns.ts';

describe('the time of an object', () => {
  test('is over when there is no answer', async () => {
    const { clock, ask, children } = turns(FakeChild.started, { deadlineMs: 1000 });
    const asked = ask('a');
    await clock.advance(1000);
    expect(children[0]?.hasEnded).toBe(false);
    await clock.advance(1);
    await expect(asked).rejects.toThrow(
      'the template for "a" (F) exceeded the limit of 1000 ms for all templates of an object',
    );
    await expect(asked).rejects.toThrow(InvalidSecretContent);
    expect(children[0]?.hasEnded).toBe(true);
  });

  test('does not run while its child starts', async () => {
    const { clock, ask, children } = turns(() => new FakeChild(), { deadlineMs: 1000 });
    const asked = ask('a');
    await clock.advance(2000);
    children[0]?.start();
    await clock.advance(500);
    children[0]?.answer('x');
    expect(shown(await asked)).toEqual(['x']);
  });

  test('does not count in which the operator itself was held up: an answer that lies there is taken in', async () => {
    const { clock, ask, children } = turns(FakeChild.started, { deadlineMs: 1000 });
    const asked = ask('a');
    await clock.settle();
    // Timers fire first, and then what came meanwhile is read.
    clock.tick(1000);
    children[0]?.answer('x');
    await clock.advance(10_000);
    expect(shown(await asked)).toEqual(['x']);
    expect(children[0]?.hasEnded).toBe(false);
  });

  test('is lengthened for what is in the pipe, once', async () => {
    const { clock, ask, children } = turns(FakeChild.started, { deadlineMs: 1000 });
    const [first, second] = [ask('a'), ask('b')];
    await clock.settle();
    const [child] = children;
    if (child === undefined) throw new Error('no child was started');
    child.isTransferring = true;
    await clock.advance(1500);
    child.answer('x');
    expect(shown(await first)).toEqual(['x']);
    const late = expect(second).rejects.toThrow('1000 ms');
    for (const each of children) each.isTransferring = true;
    await clock.advance(2001);
    await late;
  });
});

describe('a child', () => {
  test('that does not start fails what waits, once, and is tried again', async () => {
    const { clock, ask, children } = turns(() => new FakeChild());
    const asked = [ask('a'), ask('b')];
    await clock.settle();
    children[0]?.end('fault', 'EAGAIN');
    for (const each of asked) {
      await expect(each).rejects.toThrow(RendererUnavailable);
      await expect(each).rejects.toThrow(
        'the process that renders templates could not be started (EAGAIN); it is tried again',
      );
    }
    expect(children).toHaveLength(1);
    const again = ask('c');
    await clock.settle();
    children[1]?.start();
    await clock.settle();
    children[1]?.answer('c');
    expect(shown(await again)).toEqual(['c']);
  });

  test('that does not become ready in time is given up', async () => {
    const { clock, ask, children } = turns(() => new FakeChild());
    const refused = expect(ask('a')).rejects.toThrow('(it was not ready after 30000 ms)');
    await clock.advance(30_000);
    await refused;
    expect(children[0]?.hasEnded).toBe(true);
  });

  test('that does not start beside another one leaves what waits to that one', async () => {
    let made = 0;
    const { clock, ask, children, servedBy } = turns(() => (made++ === 0 ? FakeChild.started() : new FakeChild()));
    const [slow, quick] = [ask('slow'), ask('quick')];
    await clock.advance(300);
    children[1]?.end('fault', 'EAGAIN');
    await clock.settle();
    children[0]?.answer('s');
    await clock.settle();
    children[0]?.answer('q');
    expect([...shown(await slow), ...shown(await quick)]).toEqual(['s', 'q']);
    expect(servedBy()).toEqual([['slow', 'quick'], []]);
  });

  test.each<[string, string]>([
    ['SIGSEGV', 'the process that renders templates ended (SIGSEGV) at the template for "a" (F); it is started again'],
    [
      'SIGKILL',
      'the process that renders templates ended (SIGKILL) at the template for "a" (F); it is started again' +
        "; if that comes again, raise the memory limit of the operator's container",
    ],
  ])('that ends by %s fails what it worked on, and not what waits', async (signal, message) => {
    const { clock, ask, children } = turns(FakeChild.started);
    const [first, second] = [ask('a'), ask('b')];
    await clock.settle();
    children[0]?.end('fault', signal);
    await expect(first).rejects.toThrow(RendererUnavailable);
    await expect(first).rejects.toThrow(message);
    await clock.settle();
    children[1]?.answer('b');
    expect(shown(await second)).toEqual(['b']);
  });

  test('that ended between two objects is replaced', async () => {
    const { clock, ask, children } = turns(FakeChild.started);
    for (const index of [0, 1]) {
      const asked = ask('a');
      await clock.settle();
      children[index]?.answer('x');
      expect(shown(await asked)).toEqual(['x']);
      children[index]?.end('fault', 'SIGTERM');
    }
  });

  test('is told the delimiters with each request', async () => {
    const delimiters = { left: '[[', right: ']]' };
    const { clock, ask, children } = turns(FakeChild.started, { delimiters });
    void ask('a');
    await clock.settle();
    expect(children[0]?.served[0]?.delimiters).toEqual(delimiters);
  });

  test('is not started while the machine is stuck: those that were killed are still there', async () => {
    const { clock, ask, children } = turns(() => new FakeChild({ isStuck: true }), { maxChildren: 1 });
    for (let round = 0; round < 4; round++) {
      void ask('a');
      await clock.advance(30_000);
    }
    await expect(ask('a')).rejects.toThrow('(processes that were killed have not ended)');
    expect(children).toHaveLength(4);
  });

  test('of a renderer that was closed is gone, and no timer is left', async () => {
    const { clock, ask, children, renderer } = turns(FakeChild.started);
    const asked = [ask('slow'), ask('slow-too'), ask('quick')];
    await clock.advance(400);
    expect(children).toHaveLength(2);
    await renderer.close();
    for (const each of asked) await expect(each).rejects.toThrow('templates are no longer rendered');
    await expect(ask('more')).rejects.toThrow(RendererUnavailable);
    expect(children.every(({ hasEnded }) => hasEnded)).toBe(true);
    expect(clock.timers).toBe(0);
  });
});
