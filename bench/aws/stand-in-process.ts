/** Starts the stand-in as a child process, and asks and tells it things past its AWS side. */

import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { type ManagedProcess, startProcess } from '../../test/harness/managed-process.ts';
import type { QueueCounts } from './queue.ts';
import { QUEUE_PATH } from './queue-operations.ts';
import type { Counts, OperationCount } from './tally.ts';

const ENTRY = fileURLToPath(new URL('../aws-stand-in.ts', import.meta.url));
const START_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 10_000;
const STOP_GRACE_MS = 1_000;
const LISTENING = /listening at (http:\S+)/;

export interface AwsStandIn {
  readonly url: string;
  readonly pid: number;
  readonly queueUrl: string;
  /** @param caller an access key id; without it the calls of all */
  counts(caller?: string): Promise<Counts>;
  queueCounts(): Promise<QueueCounts>;
  /** How many different secrets were answered after a mark of {@link AwsStandIn.counts}. */
  distinctSince(mark: number): Promise<number>;
  timesAnswered(name: string): Promise<number>;
  /**
   * Gives secrets new current versions, all at the same moment. `byEvent` puts a message for each into the queue;
   * `silently` leaves it to the sweep to find them.
   */
  rotate(names: readonly string[], how: 'byEvent' | 'silently'): Promise<void>;
  allowBatch(allowed: boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface AwsStandInOptions {
  readonly secrets: number;
  readonly latencyMs: number;
  readonly signal: AbortSignal;
}

export async function startAwsStandIn(options: AwsStandInOptions): Promise<AwsStandIn> {
  const running = await startProcess({
    name: 'the AWS stand-in',
    command: process.execPath,
    args: [ENTRY, '--secrets', String(options.secrets), '--latency-ms', String(options.latencyMs)],
    env: { PATH: process.env['PATH'] },
    signal: options.signal,
  });
  try {
    await running.waitForOutput(LISTENING, START_TIMEOUT_MS);
  } catch (error) {
    await running.kill();
    throw error;
  }
  const url = LISTENING.exec(running.outputTail())?.[1] ?? '';
  return controlled(running, url);
}

function controlled(running: ManagedProcess, url: string): AwsStandIn {
  const agent = new Agent({ headersTimeout: REQUEST_TIMEOUT_MS, bodyTimeout: REQUEST_TIMEOUT_MS });
  const ask = async (what: string, query: Readonly<Record<string, string>> = {}, sent?: unknown): Promise<unknown> => {
    const reply = await request(`${url}/_bench/${what}?${new URLSearchParams(query)}`, {
      dispatcher: agent,
      ...(sent === undefined ? {} : { method: 'POST', body: JSON.stringify(sent) }),
    });
    const body: unknown = await reply.body.json();
    if (reply.statusCode !== 200) throw new Error(`the AWS stand-in answered ${reply.statusCode} to ${what}`);
    return body;
  };
  return {
    url,
    pid: running.pid,
    queueUrl: `${url}${QUEUE_PATH}`,
    counts: async (caller) => readCounts(await ask('counts', caller === undefined ? {} : { caller })),
    queueCounts: async () => readQueueCounts(await ask('queue')),
    distinctSince: async (mark) => numberOf(await ask('distinct', { since: String(mark) }), 'distinct'),
    timesAnswered: async (name) => numberOf(await ask('times', { name }), 'times'),
    async rotate(names, how) {
      await ask('rotate', { tell: String(how === 'byEvent') }, names);
    },
    async allowBatch(allowed) {
      await ask('batch', { allowed: String(allowed) });
    },
    async stop() {
      await agent.destroy();
      await running.stop(STOP_GRACE_MS);
    },
  };
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function numberOf(value: unknown, name: string): number {
  const found = entriesOf(value).get(name);
  if (typeof found !== 'number') throw new Error(`the AWS stand-in said nothing of ${name}`);
  return found;
}

function readCounts(body: unknown): Counts {
  const operations = [...entriesOf(entriesOf(body).get('operations'))].map(([operation, count]) => {
    const read = (field: keyof OperationCount) => numberOf(count, field);
    const counted: OperationCount = {
      calls: read('calls'),
      secrets: read('secrets'),
      throttled: read('throttled'),
      denied: read('denied'),
    };
    return [operation, counted] as const;
  });
  return {
    operations: Object.fromEntries(operations),
    mark: numberOf(body, 'mark'),
    readBeforeMessage: numberOf(body, 'readBeforeMessage'),
  };
}

function readQueueCounts(body: unknown): QueueCounts {
  const read = (field: keyof QueueCounts) => numberOf(body, field);
  return {
    sent: read('sent'),
    deleted: read('deleted'),
    visible: read('visible'),
    hidden: read('hidden'),
    reappeared: read('reappeared'),
  };
}
