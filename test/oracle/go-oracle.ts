/** Go's own engines as a child process: builds the program in program/ and asks it, one case after the other. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, type Environment } from '../harness/cache-directory.ts';
import { goEnvironment } from '../harness/go-environment.ts';
import { runCommand } from '../harness/run-command.ts';
import type { Outcome } from './outcome.ts';

const MODULE_DIRECTORY = fileURLToPath(new URL('./program', import.meta.url));
const BUILD_TIMEOUT_MS = 10 * 60_000;

export interface Oracle extends AsyncDisposable {
  /** @param question as the program reads it */
  ask(question: unknown): Promise<Outcome>;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** @throws Error when there is no Go, or the program does not build. */
export async function startOracle(env: Environment = process.env): Promise<Oracle> {
  const binary = await buildOracle(env);
  let current = start(binary);
  // Answers come in the order of the questions: one question at a time keeps it plain.
  let previous: Promise<unknown> = Promise.resolve();

  async function askNow(question: unknown): Promise<Outcome> {
    const answer = await current.ask(JSON.stringify(question));
    if (answer !== undefined) return decode(answer);
    current = start(binary);
    return { kind: 'gave up' };
  }

  return {
    ask(question) {
      const answer = previous.then(() => askNow(question));
      previous = answer.catch(() => undefined);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await previous;
      await current.end();
    },
  };
}

function start(binary: string) {
  // A map that holds itself overflows Go's stack, which it tells at length.
  const child: Child = spawn(binary, [], { env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  child.stdin.on('error', () => undefined);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** Undefined when the process ended over it. */
    async ask(line: string): Promise<string | undefined> {
      child.stdin.write(`${line}\n`);
      const { value, done } = await answers.next();
      return done === true ? undefined : value;
    },
    async end(): Promise<void> {
      child.stdin.end();
      await closed;
    },
  };
}

async function buildOracle(env: Environment): Promise<string> {
  const directory = cacheDirectory(env, 'go-oracle');
  await mkdir(directory, { recursive: true });
  const binary = join(directory, 'oracle');
  const result = await runCommand({
    name: 'go build of the oracle',
    command: 'go',
    args: ['build', '-o', binary, '.'],
    cwd: MODULE_DIRECTORY,
    env: goEnvironment(env),
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (result.exitCode !== 0) throw new Error(`the oracle does not build: ${result.stderr.trim().slice(-500)}`);
  return binary;
}

function decode(line: string): Outcome {
  const answer: unknown = JSON.parse(line);
  if (typeof answer !== 'object' || answer === null) throw new Error('the oracle answered nonsense');
  if ('output' in answer && typeof answer.output === 'string') {
    return { kind: 'output', bytes: Buffer.from(answer.output, 'base64') };
  }
  return { kind: 'failure', message: 'error' in answer ? String(answer.error) : '' };
}
