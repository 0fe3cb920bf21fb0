/** The operator as a process of its own, as it runs in a pod, with its log, its end and its size to be looked at. */

import { readFileSync } from 'node:fs';
import { MALLOC_ENVIRONMENT, NODE_FLAGS } from '../../scripts/node-flags.ts';
import { type ManagedProcess, startProcess } from './managed-process.ts';
import { OPERATOR_BUNDLE } from './operator-bundle.ts';
import { type TemporaryDirectory, temporaryDirectory } from './reaper.ts';
import { runCommand } from './run-command.ts';

const KEPT_LINES = 20_000;
const LISTENING_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 30_000;

export type LogLine = Readonly<Record<string, unknown>>;

export interface OperatorOptions {
  readonly kubeconfigPath: string;
  /** The only variables that it sees besides those of the image, PATH, HOME, KUBECONFIG and AWS_EC2_METADATA_DISABLED=true. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** After the command. */
  readonly args?: readonly string[] | undefined;
  /** @default this Node with the flags of the image, the bundle, `run` */
  readonly command?: readonly [string, ...string[]] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OperatorExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** From the request to the end. */
  readonly ms: number;
}

export interface OperatorProcess {
  readonly pid: number;
  readonly hasExited: boolean;
  /** The last log lines, oldest first. */
  logs(): readonly LogLine[];
  /** The last output of every kind, for a failing test's message. */
  outputTail(): string;
  /**
   * The first line, already logged or to come, for which `predicate` is true.
   * @throws Error with the last output when the time is over or the process ends.
   */
  waitForLog(predicate: (line: LogLine) => boolean, timeoutMs: number): Promise<LogLine>;
  /** Where it says that it serves health, once it does. */
  healthUrl(): Promise<string>;
  /** Where it says that it serves metrics, once it does. */
  metricsUrl(): Promise<string>;
  /** Resident memory at this moment, in bytes. */
  rssBytes(): Promise<number>;
  /** SIGTERM, and the wait for its end (SIGKILL after 30 s). */
  stop(): Promise<OperatorExit>;
  /** SIGKILL. */
  kill(): Promise<OperatorExit>;
}

export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const [command, ...first] = options.command ?? [process.execPath, ...NODE_FLAGS, OPERATOR_BUNDLE, 'run'];
  const home = temporaryDirectory('operator');
  const log = logLines();
  const running = await startProcess({
    name: 'the operator',
    command,
    args: [...first, ...(options.args ?? [])],
    cwd: home.path,
    env: {
      PATH: process.env['PATH'],
      HOME: home.path,
      KUBECONFIG: options.kubeconfigPath,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...MALLOC_ENVIRONMENT,
      ...options.env,
    },
    signal: options.signal,
    onStdout: log.take,
  });
  void running.closed.then(() => log.end());
  return operate(running, log, home);
}

function operate(running: ManagedProcess, log: ReturnType<typeof logLines>, home: TemporaryDirectory): OperatorProcess {
  const waitForLog: OperatorProcess['waitForLog'] = (predicate, timeoutMs) =>
    log.waitFor(predicate, timeoutMs, running.outputTail);
  /** The lines that told of them may be long gone when somebody asks again. */
  const urls = new Map<string, string>();
  const listening = async (server: string) => {
    const known = urls.get(server);
    if (known !== undefined) return known;
    const line = await waitForLog(
      (each) => each['msg'] === 'listening' && each['server'] === server,
      LISTENING_TIMEOUT_MS,
    );
    const url = String(line['url']);
    urls.set(server, url);
    return url;
  };
  const end = async (how: () => Promise<{ readonly code: number | null }>): Promise<OperatorExit> => {
    const startedAtMs = performance.now();
    const { code } = await how();
    const ms = performance.now() - startedAtMs;
    await running.closed;
    home.remove();
    return { code, ms };
  };
  return {
    pid: running.pid,
    get hasExited() {
      return running.hasExited;
    },
    logs: log.all,
    outputTail: running.outputTail,
    waitForLog,
    healthUrl: () => listening('health'),
    metricsUrl: () => listening('metrics'),
    rssBytes: () => residentBytes(running.pid),
    stop: () => end(() => running.stop(STOP_GRACE_MS)),
    kill: () => end(running.kill),
  };
}

/** Splits a stream of text into JSON lines; lines that are none are left to the output's tail. */
function logLines() {
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine | undefined) => void>();
  let rest = '';
  let ended = false;
  const tell = (line: LogLine | undefined) => {
    for (const each of waiting) {
      each(line);
    }
  };
  return {
    all: () => lines.slice(),
    take(text: string) {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts.map(parseLine).filter((each) => each !== undefined)) {
        lines.push(line);
        tell(line);
      }
      lines.splice(0, lines.length - KEPT_LINES);
    },
    end() {
      ended = true;
      tell(undefined);
    },
    waitFor(predicate: (line: LogLine) => boolean, timeoutMs: number, tail: () => string): Promise<LogLine> {
      const already = lines.find(predicate);
      if (already !== undefined) {
        return Promise.resolve(already);
      }
      return new Promise((resolve, reject) => {
        const fail = (why: string) => {
          finish();
          reject(new Error(`the operator ${why}; its last output was:\n${tail().slice(-4_000)}`));
        };
        const check = (line: LogLine | undefined) => {
          if (line === undefined) {
            fail('ended before it logged what was awaited');
          } else if (predicate(line)) {
            finish();
            resolve(line);
          }
        };
        const timer = setTimeout(() => fail(`did not log what was awaited within ${timeoutMs} ms`), timeoutMs);
        const finish = () => {
          clearTimeout(timer);
          waiting.delete(check);
        };
        waiting.add(check);
        if (ended) {
          check(undefined);
        }
      });
    },
  };
}

function parseLine(text: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

async function residentBytes(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kibibytes) * 1024;
  }
  const args = ['-o', 'rss=', '-p', String(pid)];
  const answer = await runCommand({ name: 'ps', command: 'ps', args, env: process.env, timeoutMs: 5_000 });
  return Number(answer.stdout.trim()) * 1024;
}
