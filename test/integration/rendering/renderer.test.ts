/** The renderer with its real child: what is slow or greedy harms its own object only. */

import { getEventListeners } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/loop/system-clock.ts';
import { InvalidSecretContent } from '../../../src/ports/errors.ts';
import type { Renderer } from '../../../src/ports/renderer.ts';
import { RendererUnavailable } from '../../../src/ports/renderer.ts';
import { type RenderChild, startRenderChild } from '../../../src/rendering/render-child.ts';
import { createRenderer, type RendererOptions } from '../../../src/rendering/renderer.ts';
import { until } from '../../harness/until.ts';
import { ENDLESS, jobs, NEVER, SLOW, shown } from '../../unit/rendering/jobs.ts';
import { createVirtualClock } from '../../unit/virtual-clock.ts';
import { type BuiltChild, buildChild } from './built-child.ts';

let built: BuiltChild;
beforeAll(async () => {
  built = await buildChild();
});
afterAll(() => built.remove());

let made: Renderer | undefined;
const children: RenderChild[] = [];

function renderer(options: Partial<RendererOptions> = {}): Renderer {
  made = createRenderer({
    clock: systemClock,
    startChild(limits) {
      const child = startRenderChild({ ...limits, entry: built.entry });
      children.push(child);
      return child;
    },
    ...options,
  });
  return made;
}

afterEach(async () => {
  await made?.close();
  children.length = 0;
});

describe('what is rendered', () => {
  test('may be as large as the limits let it be, in and out', async () => {
    const it = renderer();
    const big = 'x'.repeat(4 * 1024 * 1024);
    const [result] = await it.render(jobs({ a: '{{ .big }}' }, { big, more: big }), NEVER);
    expect(result?.kind === 'value' && result.value.byteLength).toBe(big.length);
    const huge = jobs({ a: '' }, Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`${index}`, big])));
    await expect(it.render(huge, NEVER)).rejects.toThrow('have 20971520 bytes, more than the limit of 16777216');
  });

  test('of many objects is made by one process, and leaves no listener', async () => {
    const it = renderer();
    const { signal } = new AbortController();
    const all = Array.from({ length: 300 }, (_, index) => it.render(jobs({ a: `${index}` }), signal));
    expect((await Promise.all(all)).flatMap(shown)).toEqual(Array.from({ length: 300 }, (_, index) => `${index}`));
    expect(children).toHaveLength(1);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('has its actions between the delimiters that are given', async () => {
    const it = renderer({ delimiters: { left: '[[', right: ']]' } });
    expect(shown(await it.render(jobs({ a: '[[ .user ]] {{ .user }}' }, { user: 'app' }), NEVER))).toEqual([
      'app {{ .user }}',
    ]);
  });
});

describe('a failure', () => {
  test('of the time ends the process, and what waits is rendered by the next one', async () => {
    const it = renderer({ deadlineMs: 500, maxChildren: 1 });
    const slow = it.render(ENDLESS, NEVER);
    const next = it.render(jobs({ a: 'x' }), NEVER);
    await expect(slow).rejects.toThrow(InvalidSecretContent);
    await expect(slow).rejects.toThrow(
      /^the template for "t\d+" \(F\) exceeded the limit of 500 ms for all templates of an object$/,
    );
    expect(shown(await next)).toEqual(['x']);
    expect(children).toHaveLength(2);
    expect(children[0]?.hasEnded).toBe(true);
  });

  test('of the memory ends that process only, and what waits is rendered by the next one', async () => {
    const it = renderer({ memoryMb: 16, maxChildren: 1 });
    const pile = '{{ $d := dict }}{{ range $i, $_ := until 500 }}{{ $_ := set $d (print $i) (b64enc $.big) }}{{ end }}';
    const greedy = it.render(jobs({ a: 'x', b: pile, c: 'x' }, { big: 'x'.repeat(75_000) }), NEVER);
    const next = it.render(jobs({ a: 'x' }), NEVER);
    await expect(greedy).rejects.toThrow('the template for "b" (F) exceeded the limit of 16 MiB of memory');
    await expect(greedy).rejects.toThrow(InvalidSecretContent);
    expect(shown(await next)).toEqual(['x']);
  });

  test('of the process itself can be tried again', async () => {
    const it = renderer({ maxChildren: 1 });
    await it.render(jobs({ a: 'x' }), NEVER);
    const killed = it.render(ENDLESS, NEVER);
    const next = it.render(jobs({ a: 'x' }), NEVER);
    await until('the second template', () => (children[0]?.templateIndex ?? 0) > 0, 5_000);
    process.kill(children[0]?.pid ?? 0, 'SIGKILL');
    await expect(killed).rejects.toThrow(RendererUnavailable);
    await expect(killed).rejects.toThrow(
      /^the process that renders templates ended \(SIGKILL\) at the template for "t[1-9]/,
    );
    expect(shown(await next)).toEqual(['x']);
  });

  test('to start can be tried again', async () => {
    const startChild = () => startRenderChild({ memoryMb: 64, entry: '/nowhere/keyturn-renderer.mjs' });
    const it = renderer({ startChild });
    for (let time = 0; time < 2; time++) {
      const asked = it.render(jobs({ a: 'x' }), NEVER);
      await expect(asked).rejects.toThrow(RendererUnavailable);
      await expect(asked).rejects.toThrow('could not be started (exit code 1)');
    }
  });
});

describe('waiting', () => {
  test('behind an object that takes long ends soon', async () => {
    const it = renderer({ deadlineMs: 60_000, lateMs: 50 });
    const [endless, quick] = [it.render(ENDLESS, NEVER), it.render(jobs({ a: 'x' }), NEVER)];
    endless.catch(() => undefined);
    expect(shown(await quick)).toEqual(['x']);
    expect(children.map(({ hasEnded }) => hasEnded)).toEqual([false, false]);
  });

  const mebibytes = 'x'.repeat(4 * 1024 * 1024);
  test.each<[string, string, string]>([
    ['a small answer', '{{ .value }}', 'x'],
    ['an answer that the pipe does not hold', '{{ range 50 }}{{ $.value }}{{ end }}', 'x'.repeat(75_000)],
    ['what was asked with more than the pipe holds', '{{ len .value }}', mebibytes],
  ])('does not count in which the operator itself was held up: %s is taken in', async (_, template, value) => {
    const it = renderer({ deadlineMs: 100 });
    await it.render(jobs({ a: 'x' }), NEVER);
    const asked = it.render(jobs({ a: template }, { value }), NEVER);
    await until('the request', () => true, 1_000);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    expect(await asked).toHaveLength(1);
  });

  test('ends with an abort, before and while it is rendered', async () => {
    const it = renderer({ deadlineMs: 300 });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = it.render(ENDLESS, running.signal);
    const second = it.render(jobs({ a: 'x' }), waiting.signal);
    waiting.abort(new Error('second'));
    running.abort(new Error('first'));
    await expect(first).rejects.toThrow('first');
    await expect(second).rejects.toThrow('second');
    expect(shown(await it.render(jobs({ a: 'y' }), NEVER))).toEqual(['y']);
    await expect(it.render(jobs({ a: 'x' }), AbortSignal.abort(new Error('third')))).rejects.toThrow('third');
  });

  test('is over for what was aborted: it takes no place in the line', async () => {
    const it = renderer({ maxWaiting: 2 });
    const first = it.render(jobs({ a: '1' }), NEVER);
    const abort = new AbortController();
    const second = expect(it.render(jobs({ a: '2' }), abort.signal)).rejects.toThrow('no more');
    abort.abort(new Error('no more'));
    const third = it.render(jobs({ a: '3' }), NEVER);
    await second;
    expect([...shown(await first), ...shown(await third)]).toEqual(['1', '3']);
  });

  test('is bounded', async () => {
    const it = renderer({ maxWaiting: 2 });
    const first = it.render(jobs({ a: '1' }), NEVER);
    const second = it.render(jobs({ a: '2' }), NEVER);
    await expect(it.render(jobs({ a: '3' }), NEVER)).rejects.toThrow(RendererUnavailable);
    expect([...shown(await first), ...shown(await second)]).toEqual(['1', '2']);
  });
});

describe('the process', () => {
  test('ends when it had no work for a while, and starts again', async () => {
    const clock = createVirtualClock();
    const it = renderer({ clock, idleMs: 1000 });
    await it.render(jobs({ a: 'x' }), NEVER);
    await clock.advance(999);
    expect(children[0]?.hasEnded).toBe(false);
    await it.render(jobs({ a: 'x' }), NEVER);
    const busy = it.render(jobs({ a: SLOW }), NEVER);
    await clock.advance(1001);
    expect(shown(await busy)).toEqual(['']);
    await clock.advance(999);
    expect(children[0]?.hasEnded).toBe(false);
    await clock.advance(1);
    expect(children[0]?.hasEnded).toBe(true);
    expect(shown(await it.render(jobs({ a: 'x' }), NEVER))).toEqual(['x']);
    expect(children).toHaveLength(2);
  });

  test('ends with the renderer, and so does what runs and what waits', async () => {
    const it = renderer();
    await it.render(jobs({ a: 'x' }), NEVER);
    const running = it.render(ENDLESS, NEVER);
    const waiting = it.render(jobs({ a: 'x' }), NEVER);
    const refused = [running, waiting].map((promise) => expect(promise).rejects.toThrow(RendererUnavailable));
    await it.close();
    await Promise.all(refused);
    await expect(it.render(jobs({ a: 'x' }), NEVER)).rejects.toThrow(RendererUnavailable);
    expect(() => process.kill(children[0]?.pid ?? 0, 0)).toThrow('ESRCH');
  });

  test('may be ended while it starts', async () => {
    const it = renderer();
    const refused = expect(it.render(jobs({ a: 'x' }), NEVER)).rejects.toThrow('the operator stops');
    await it.close();
    await refused;
  });
});
