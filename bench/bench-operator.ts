/** The operator under measurement: the bundle as a process of its own, with its default flags but for addresses and the queue. */

import { request } from 'undici';
import { NODE_FLAGS } from '../scripts/node-flags.ts';
import type { ClusterClient } from '../test/harness/cluster-client.ts';
import { type OperatorProcess, startOperator } from '../test/harness/operator-process.ts';
import type { BenchArguments } from './arguments.ts';
import { REGION } from './aws/secrets.ts';
import type { AwsStandIn } from './aws/stand-in-process.ts';
import { accessKeyOf } from './cluster/objects.ts';
import { type Exposition, readExposition } from './measure/exposition.ts';
import { cpuSecondsOf, type Memory, memoryOf } from './measure/process-usage.ts';
import { formatValue } from './report/figure.ts';

export interface BenchOperator {
  readonly process: OperatorProcess;
  /** performance.now() just before it was started. */
  readonly startedAtMs: number;
  cpuSeconds(): number;
  memory(): Memory;
  /** Its own metrics. The event loop's delay counts from the scrape before. */
  scrape(): Promise<Scrape>;
  isReady(): Promise<boolean>;
}

export interface Scrape {
  readonly read: Exposition;
  readonly bytes: number;
  readonly durationMs: number;
}

export interface BenchOperatorOptions {
  readonly args: BenchArguments;
  readonly bundle: string;
  readonly cluster: ClusterClient;
  readonly aws: Pick<AwsStandIn, 'url' | 'queueUrl'>;
  readonly signal: AbortSignal;
}

/** As whom it runs: the account of deploy/rbac.yaml. */
export const OPERATOR_ACCOUNT = { namespace: 'keyturn', serviceAccount: 'keyturn' } as const;
/** With which it reads the queue; the stores have their own. */
export const OPERATOR_ACCESS_KEY = accessKeyOf(OPERATOR_ACCOUNT.namespace);

export async function startBenchOperator(options: BenchOperatorOptions): Promise<BenchOperator> {
  const { args, bundle, cluster, aws, signal } = options;
  const kubeconfigPath = await cluster.kubeconfigFor(OPERATOR_ACCOUNT);
  const startedAtMs = performance.now();
  const running = await startOperator({
    kubeconfigPath,
    command: [process.execPath, ...NODE_FLAGS, ...args.nodeArgs, bundle, 'run'],
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: OPERATOR_ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: 'not-a-real-key',
    },
    args: [
      ...['--health-addr', '127.0.0.1:0', '--metrics-addr', '127.0.0.1:0'],
      ...['--concurrency', String(args.concurrency)],
      ...['--rotation-queue-url', aws.queueUrl],
      ...args.operatorArgs,
    ],
    signal,
  });
  return {
    process: running,
    startedAtMs,
    cpuSeconds() {
      const seconds = cpuSecondsOf(running.pid);
      if (seconds === undefined) throw new Error(`the operator has ended:\n${running.outputTail().slice(-2_000)}`);
      return seconds;
    },
    memory: () => memoryOf(running.pid),
    async scrape() {
      const url = `${await running.metricsUrl()}/metrics`;
      const fromMs = performance.now();
      const reply = await request(url);
      const text = await reply.body.text();
      return { read: readExposition(text), bytes: Buffer.byteLength(text), durationMs: performance.now() - fromMs };
    },
    async isReady() {
      const reply = await request(`${await running.healthUrl()}/readyz`);
      await reply.body.dump();
      return reply.statusCode === 200;
    },
  };
}

/** What Node itself says of its memory: the rest of the resident size is code, the binary, and what was freed. */
export function describeHeap({ read }: Scrape): string {
  const size = (name: string) => formatValue(read(name) / 2 ** 20);
  const heap = `heap ${size('nodejs_heap_size_used_bytes')} used of ${size('nodejs_heap_size_total_bytes')}`;
  return `${heap}, buffers ${size('nodejs_external_memory_bytes')}`;
}
