/** The renderer with its real thread: what is slow or greedy harms its own object only. */

import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/loop/system-clock.ts';
import { InvalidSecretContent, InvalidSpec } from '../../../src/ports/errors.ts';
import type { Rendered, Renderer, RenderJobs } from '../../../src/ports/renderer.ts';
import { RendererUnavailable } from '../../../src/ports/renderer.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { type RenderThread, startRenderThread, ThreadEnded } from '../../../src/rendering/render-thread.ts';
import { createRenderer, type RendererOptions } from '../../../src/rendering/renderer.ts';
import { createVirtualClock } from '../virtual-clock.ts';

const NEVER = new AbortController().signal;

/** Some 50 ms of work within the limits, or less. */
const SLOW = '{{ range 300000 }}{{ end }}';

function jobs(templates: Readonly<Record<string, string>>, data: Readonly<Record<string, string>> = {}): RenderJobs {
  return {
    templates: Object.entries(templates).map(([name, text]) => ({
      name,
      field: 'F',
      source: SecretValue.fromText(text),
      isSecret: false,
      as: name.startsWith('map') ? 'map' : 'value',
    })),
    data: new Map(Object.entries(data).map(([key, text]) => [key, SecretValue.fromText(text)])),
  };
}

/** Works for many seconds, each template within its limits. */
const ENDLESS = jobs(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`t${index}`, SLOW])));

function shown(results: readonly Rendered[]): readonly unknown[] {
  return results.map((result) =>
    result.kind === 'value'
      ? result.value.revealText()
      : Object.fromEntries(Array.from(result.values, ([key, value]) => [key, value.revealText()])),
  );
}

let made: Renderer | undefined;
const threads: RenderThread[] = [];

function renderer(options: Partial<RendererOptions> = {}): Renderer {
  made = createRenderer({
    clock: systemClock,
    startThread(memoryMb) {
      const thread = startRenderThread(memoryMb);
      threads.push(thread);
      return thread;
    },
    ...options,
  });
  return made;
}

afterEach(async () => {
  await made?.close();
  threads.length = 0;
});

describe('what is rendered', () => {
  const it = createRenderer({ clock: systemClock });
  afterAll(() => it.close());

  test('comes in the order of the templates, values and maps', async () => {
    const templates = { url: 'db://{{ .user }}@{{ .host }}', map: 'a: "{{ .user }}"\nb: 0123\n', empty: '' };
    const results = await it.render(jobs(templates, { user: 'app', host: 'db' }), NEVER);
    expect(shown(results)).toEqual(['db://app@db', { a: 'app', b: '83' }, '']);
    expect(String(results.map((result) => (result.kind === 'value' ? result.value : '')))).toContain('[redacted]');
  });

  test('is the same byte for byte, whatever the bytes are', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const data = new Map([['raw', SecretValue.fromBytes(bytes)]]);
    const [result] = await it.render({ ...jobs({ a: '{{ .raw }}' }), data }, NEVER);
    expect(result?.kind === 'value' && Buffer.from(result.value.revealBytes()).equals(bytes)).toBe(true);
  });

  test('leaves the data where it was', async () => {
    const asked = jobs({ a: '{{ .user }}' }, { user: 'app' });
    await it.render(asked, NEVER);
    expect(shown(await it.render(asked, NEVER))).toEqual(['app']);
  });

  test('of nothing is nothing, and starts no thread', async () => {
    expect(await renderer().render(jobs({}), NEVER)).toEqual([]);
    expect(threads).toHaveLength(0);
  });

  test('one thread serves all', async () => {
    const it = renderer();
    const all = Array.from({ length: 20 }, (_, index) => it.render(jobs({ a: `${index}` }), NEVER));
    expect((await Promise.all(all)).flatMap(shown)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
    expect(threads).toHaveLength(1);
  });
});

describe('a failure', () => {
  test('of the syntax waits for a change, one of the run is tried again', async () => {
    const it = renderer();
    await expect(it.render(jobs({ a: 'x', b: '{{ if }}' }), NEVER)).rejects.toThrow(InvalidSpec);
    await expect(it.render(jobs({ a: '{{ .nope }}' }), NEVER)).rejects.toThrow(InvalidSecretContent);
    expect(shown(await it.render(jobs({ a: 'x' }), NEVER))).toEqual(['x']);
  });

  test('of the time ends the thread, and what waits is rendered by the next one', async () => {
    const it = renderer({ deadlineMs: 300 });
    const slow = it.render(ENDLESS, NEVER);
    const next = it.render(jobs({ a: 'x' }), NEVER);
    await expect(slow).rejects.toThrow(InvalidSecretContent);
    await expect(slow).rejects.toThrow(
      /^the template for "t\d+" \(F\) exceeded the limit of 300 ms for all templates of an object$/,
    );
    expect(shown(await next)).toEqual(['x']);
    expect(threads).toHaveLength(2);
    expect(threads[0]?.hasEnded).toBe(true);
  });

  test('of the memory ends the thread and not the process, and what waits is rendered by the next one', async () => {
    const it = renderer({ memoryMb: 16 });
    const pile = '{{ $d := dict }}{{ range $i, $_ := until 500 }}{{ $_ := set $d (print $i) (b64enc $.big) }}{{ end }}';
    const greedy = it.render(jobs({ a: 'x', b: pile, c: 'x' }, { big: 'x'.repeat(75_000) }), NEVER);
    const next = it.render(jobs({ a: 'x' }), NEVER);
    await expect(greedy).rejects.toThrow('the template for "b" (F) exceeded the limit of 16 MiB of memory');
    await expect(greedy).rejects.toThrow(InvalidSecretContent);
    expect(shown(await next)).toEqual(['x']);
  });
});

describe('waiting', () => {
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
    const it = renderer({ maxWaiting: 1 });
    const first = it.render(jobs({ a: '1' }), NEVER);
    const abort = new AbortController();
    const second = expect(it.render(jobs({ a: '2' }), abort.signal)).rejects.toThrow('no more');
    abort.abort(new Error('no more'));
    const third = it.render(jobs({ a: '3' }), NEVER);
    await second;
    expect([...shown(await first), ...shown(await third)]).toEqual(['1', '3']);
  });

  test('is bounded', async () => {
    const it = renderer({ maxWaiting: 1 });
    const first = it.render(jobs({ a: '1' }), NEVER);
    const second = it.render(jobs({ a: '2' }), NEVER);
    await expect(it.render(jobs({ a: '3' }), NEVER)).rejects.toThrow(RendererUnavailable);
    expect([...shown(await first), ...shown(await second)]).toEqual(['1', '2']);
  });
});

describe('the thread', () => {
  test('ends when it had no work for a while, and starts again', async () => {
    const clock = createVirtualClock();
    const it = renderer({ clock, idleMs: 1000 });
    await it.render(jobs({ a: 'x' }), NEVER);
    await clock.advance(999);
    expect(threads[0]?.hasEnded).toBe(false);
    await it.render(jobs({ a: 'x' }), NEVER);
    const busy = it.render(jobs({ a: SLOW }), NEVER);
    await clock.advance(1001);
    expect(shown(await busy)).toEqual(['']);
    await clock.advance(999);
    expect(threads[0]?.hasEnded).toBe(false);
    await clock.advance(1);
    expect(threads[0]?.hasEnded).toBe(true);
    expect(shown(await it.render(jobs({ a: 'x' }), NEVER))).toEqual(['x']);
    expect(threads).toHaveLength(2);
  });

  test('ends with the renderer, and so does what runs and what waits', async () => {
    const clock = createVirtualClock();
    const it = renderer({ clock });
    const running = it.render(ENDLESS, NEVER);
    const waiting = it.render(jobs({ a: 'x' }), NEVER);
    const refused = [running, waiting].map((promise) => expect(promise).rejects.toThrow(RendererUnavailable));
    await threads[0]?.ready;
    await clock.settle();
    await it.close();
    await Promise.all(refused);
    await expect(it.render(jobs({ a: 'x' }), NEVER)).rejects.toThrow(RendererUnavailable);
    expect(clock.timers).toBe(0);
    expect(threads[0]?.hasEnded).toBe(true);
  });

  test('that does not start fails what asked for it, and is tried again', async () => {
    let starts = 0;
    const broken: RenderThread = {
      ready: Promise.reject(new ThreadEnded('fault', 'ERR_WORKER_INIT_FAILED')),
      hasEnded: true,
      templateIndex: 0,
      serve: () => Promise.reject(new ThreadEnded('fault', 'ERR_WORKER_INIT_FAILED')),
      stop: () => Promise.resolve(),
    };
    const it = renderer({ startThread: (memoryMb) => (starts++ === 0 ? broken : startRenderThread(memoryMb)) });
    await expect(it.render(jobs({ a: 'x' }), NEVER)).rejects.toThrow(
      'the thread that renders templates ended (ERR_WORKER_INIT_FAILED); it is started again',
    );
    expect(shown(await it.render(jobs({ a: 'x' }), NEVER))).toEqual(['x']);
  });

  test('that does not become ready in time is given up', async () => {
    const clock = createVirtualClock();
    const ready = Promise.withResolvers<void>();
    const stuck: RenderThread = {
      ready: ready.promise,
      hasEnded: false,
      templateIndex: 0,
      serve: () => Promise.reject(new Error('not ready')),
      async stop() {
        ready.reject(new ThreadEnded('stopped', 'stopped'));
      },
    };
    const asked = renderer({ clock, startThread: () => stuck }).render(jobs({ a: 'x' }), NEVER);
    const refused = expect(asked).rejects.toThrow(RendererUnavailable);
    await clock.advance(30_000);
    await refused;
  });
});
