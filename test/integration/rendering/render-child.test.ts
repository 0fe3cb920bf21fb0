/** The child as a process: whom it obeys, what it is given, and that it leaves nothing behind. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RenderChild, startRenderChild } from '../../../src/rendering/render-child.ts';
import { requestOf } from '../../../src/rendering/render-messages.ts';
import { isRunning, processIdentity } from '../../harness/process-identity.ts';
import { until } from '../../harness/until.ts';
import { ENDLESS, jobs, SLOW } from '../../unit/rendering/jobs.ts';
import { type BuiltChild, buildChild } from './built-child.ts';

const isLinux = process.platform === 'linux';

let built: BuiltChild;
beforeAll(async () => {
  built = await buildChild();
});
afterAll(() => built.remove());

const started: RenderChild[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.stop('the test is over')));
});

function start(entry = built.entry): RenderChild {
  const child = startRenderChild({ memoryMb: 64, entry });
  started.push(child);
  return child;
}

/** A program in the child's place. */
function impostor(code: string): RenderChild {
  const entry = join(built.folder, 'impostor.mjs');
  writeFileSync(entry, code);
  return start(entry);
}

const ASKED = requestOf(jobs({ a: '{{ .canary }}' }, { canary: 'canary-hunter2' }));

describe('the child ends with its parent', () => {
  test.each(['idle', 'busy'])('while it is %s', async (work) => {
    const parent = spawn(process.execPath, ['test/integration/rendering/render-forever.ts', work, built.entry], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(line);
    const identity = processIdentity(pid) ?? '';
    expect(isRunning(pid, identity)).toBe(true);
    parent.kill('SIGKILL');
    await until('the end of the child', () => !isRunning(pid, identity), 5_000);
  });
});

describe('the child', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('finishes what is in flight whoever sends %s', async (signal) => {
    const child = start();
    await child.ready;
    const reply = child.serve(requestOf(jobs({ a: SLOW, b: 'done' })));
    process.kill(child.pid ?? 0, signal);
    expect(await reply).toMatchObject({ kind: 'rendered', parts: [Buffer.from(''), Buffer.from('done')] });
  });

  test.runIf(isLinux)('is given nothing that tells a value, and nothing of ours', async () => {
    process.env['KEYTURN_CANARY'] = 'canary';
    const child = start();
    await child.ready;
    delete process.env['KEYTURN_CANARY'];
    await child.serve(ASKED);
    const proc = (name: string) => readFileSync(`/proc/${child.pid}/${name}`, 'latin1');
    expect(proc('environ')).toBe('');
    expect(proc('cmdline')).not.toContain('canary');
    // Whose process group it is, field 5 of proc(5): not that of the operator, to which a terminal sends its signals.
    expect(proc('stat').split(') ')[1]?.split(' ')[2]).toBe(`${child.pid}`);
  });

  test.runIf(isLinux)('has no memory in its core dumps, and is the first to go when there is none left', async () => {
    const child = start();
    await child.ready;
    const proc = (name: string) => readFileSync(`/proc/${child.pid}/${name}`, 'utf8').trim();
    expect([proc('coredump_filter'), proc('oom_score_adj')]).toEqual(['00000000', '1000']);
  });

  test.runIf(isLinux)('leaves no file open when it is gone', async () => {
    const open = () => readdirSync('/proc/self/fd').length;
    await start().stop('at once');
    const before = open();
    for (let round = 0; round < 10; round++) {
      const child = start();
      if (round % 2 === 0) await child.ready;
      await child.stop('next');
    }
    expect(open()).toBe(before);
  });

  test('that somebody ends tells whoever waits for it', async () => {
    const child = start();
    await child.ready;
    const reply = child.serve(requestOf(ENDLESS));
    reply.catch(() => undefined);
    await until('the second template', () => child.templateIndex > 0, 5_000);
    process.kill(child.pid ?? 0, 'SIGKILL');
    await expect(reply).rejects.toMatchObject({ reason: 'fault', message: 'SIGKILL' });
    expect(child.hasEnded).toBe(true);
    await expect(child.serve(ASKED)).rejects.toMatchObject({ message: 'SIGKILL' });
  });

  test('tells which template it is at, anew with each request', async () => {
    const child = start();
    await child.ready;
    await child.serve(requestOf(jobs({ a: '', b: '', c: '' })));
    expect(child.templateIndex).toBe(2);
    await child.serve(requestOf(jobs({ a: '' })));
    expect(child.templateIndex).toBe(0);
  });

  test('cannot be started where there is no program', async () => {
    const node = process.execPath;
    process.execPath = '/nowhere/node';
    const child = start();
    process.execPath = node;
    await expect(child.ready).rejects.toMatchObject({ reason: 'fault', message: 'ENOENT' });
    await child.stop('nothing');
    expect(child.pid).toBeUndefined();
  });
});

describe('a child that is none', () => {
  const FRAME = `const frame = (text) => {
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32LE(text.length, 0);
    return Buffer.concat([prefix, Buffer.from(text)]);
  };
  const say = (message) => process.stdout.write(frame(JSON.stringify({ message, lengths: [] })));
  process.stdin.resume();`;

  test.each<[string, string, string]>([
    ['ends at once', 'process.exit(3)', 'exit code 3'],
    ['fails', 'throw new Error("canary")', 'exit code 1'],
    ['says something else', `${FRAME} process.stdout.write("hello, world")`, 'what it said is no answer'],
    ['says a message that does not exist', `${FRAME} say({ kind: "hello" })`, 'what it said is no answer'],
    [
      'answers what was not asked',
      `${FRAME} say({ kind: "rendered", results: [] })`,
      'its answer is not for what was asked',
    ],
  ])('that %s is not ready, and is ended', async (_, code, message) => {
    const child = impostor(code);
    await expect(child.ready).rejects.toMatchObject({ reason: 'fault', message });
    await child.stop('it has failed');
    expect(() => process.kill(child.pid ?? 0, 0)).toThrow('ESRCH');
  });

  test('that answers with fewer results than were asked for is ended', async () => {
    const child = impostor(
      `${FRAME} say({ kind: "ready" }); process.stdin.on("data", () => say({ kind: "rendered", results: [] }));`,
    );
    await child.ready;
    await expect(child.serve(ASKED)).rejects.toMatchObject({ message: 'its answer is not for what was asked' });
  });

  test('that closes its pipes fails what it is asked, and nothing else', async () => {
    const child = impostor(`${FRAME} say({ kind: "ready" }); process.stdin.destroy(); setTimeout(() => {}, 300);`);
    await child.ready;
    const large = requestOf(jobs({ a: '' }, { large: 'x'.repeat(1_000_000) }));
    await expect(child.serve(large)).rejects.toMatchObject({ reason: 'fault', message: 'exit code 0' });
  });
});
