/** `npm run demo`, as a newcomer runs it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type ManagedProcess, startProcess } from '../harness/managed-process.ts';
import { until } from '../harness/until.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The processes of one demo find each other by this variable, which children inherit. */
const MARK = 'KEYTURN_DEMO_TEST';

interface Demo {
  readonly process: ManagedProcess;
  readonly mark: string;
  output(): string;
}

async function startDemo(...args: readonly string[]): Promise<Demo> {
  const mark = `${process.pid}-${Math.random()}`;
  let output = '';
  const take = (text: string) => {
    output += text;
  };
  const running = await startProcess({
    name: 'the demo',
    command: process.execPath,
    args: [DEMO, ...args],
    cwd: ROOT,
    env: { ...process.env, [MARK]: mark },
    onStdout: take,
    onStderr: take,
  });
  return { process: running, mark, output: () => output };
}

/** Pids of processes that have the mark in their environment, as far as the system tells (Linux does). */
function survivors(mark: string): readonly string[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${MARK}=${mark}`);
    } catch {
      return false;
    }
  });
}

test('two demos side by side show a rotation, end by themselves and leave nothing running', async () => {
  const demos = await Promise.all([startDemo('--once'), startDemo('--once')]);
  for (const demo of demos) {
    expect(await demo.process.closed, demo.output()).toMatchObject({ code: 0 });
    expect(demo.output()).toMatch(/database +SecretStore +aws +2s +SecretSynced +True/);
    expect(demo.output()).toContain('DB_PASSWORD: 21 bytes');
    expect(demo.output()).not.toContain('not-a-real');
    const [, tookMs] = /Secret database has it (\d+) ms later/.exec(demo.output()) ?? [];
    expect(Number(tookMs)).toBeLessThan(3_000);
    await until('its processes to be gone', () => survivors(demo.mark).length === 0, 10_000);
  }
});

test('with --show-values the values are printed', async () => {
  const demo = await startDemo('--once', '--show-values');
  expect(await demo.process.closed, demo.output()).toMatchObject({ code: 0 });
  expect(demo.output()).toContain('DB_PASSWORD: not-a-real-password-1');
});

test('without --once it says how to play with it, and Ctrl-C ends everything', async () => {
  const demo = await startDemo();
  await until('the invitation', () => demo.output().includes('export KUBECONFIG='), 50_000);
  expect(demo.output()).toContain('export AWS_ENDPOINT_URL=http://127.0.0.1:');
  demo.process.sendSignal('SIGINT');
  expect(await demo.process.closed, demo.output()).toMatchObject({ code: 0 });
  await until('its processes to be gone', () => survivors(demo.mark).length === 0, 10_000);
});

test('what it does not understand is answered with its usage', async () => {
  const demo = await startDemo('--twice');
  expect(await demo.process.closed).toMatchObject({ code: 2 });
  expect(demo.output()).toContain("Unknown option '--twice'");
  expect(demo.output()).toContain('--show-values');
});
