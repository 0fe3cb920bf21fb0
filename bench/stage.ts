/** What the phases play on: a control plane, the AWS stand-in, N ExternalSecrets, and an operator that can be exchanged. */

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ControlPlane, startControlPlane } from '../test/harness/control-plane.ts';
import { until } from '../test/harness/until.ts';
import type { BenchArguments } from './arguments.ts';
import { secretName } from './aws/secrets.ts';
import { type AwsStandIn, startAwsStandIn } from './aws/stand-in-process.ts';
import { type BenchOperator, OPERATOR_ACCOUNT, startBenchOperator } from './bench-operator.ts';
import { pinBundle } from './bundle.ts';
import { type ApiClient, createApiClient } from './cluster/api-client.ts';
import { makeNamespace } from './cluster/make-namespace.ts';
import type { WantedSync } from './cluster/objects.ts';
import { type CpuSampler, startCpuSampler } from './measure/cpu-sampler.ts';
import { settled } from './settled.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The slowest sync of all objects that is waited for, in objects a second. */
const SLOWEST_PER_SECOND = 10;

export const NAMESPACE = 'bench';

interface Parts {
  readonly args: BenchArguments;
  readonly cluster: ControlPlane;
  readonly aws: AwsStandIn;
  /** With the rights of the operator's account. */
  readonly asOperator: ApiClient;
  readonly asAdmin: ApiClient;
  readonly cpu: CpuSampler;
  readonly signal: AbortSignal;
}

export interface Stage extends Parts {
  /** The N ExternalSecrets. */
  readonly wanted: readonly WantedSync[];
  /** How long all of them may take to sync. */
  readonly syncTimeoutMs: number;
  /** Makes them, with their store, if that has not been done. */
  prepared(): Promise<void>;
  /** Starts an operator; ends the one that runs. */
  startOperator(): Promise<BenchOperator>;
  stopOperator(): Promise<void>;
  /** The operator that runs; one is started, and has synced all, if there was none. */
  synced(progress: (text: string) => void): Promise<BenchOperator>;
  /** Waits until the control plane has done what the work before left it to do. */
  settled(): Promise<void>;
  sleep(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions {
  readonly args: BenchArguments;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

/** What has to be ended, last first. */
type Cleanup = (() => Promise<unknown> | unknown)[];

export async function setStage(options: StageOptions): Promise<Stage> {
  const cleanup: Cleanup = [];
  try {
    return await raise(options, cleanup);
  } catch (error) {
    await endAll(cleanup);
    throw error;
  }
}

async function endAll(cleanup: Cleanup): Promise<void> {
  for (const end of cleanup.splice(0).toReversed()) await end();
}

async function raise({ args, signal, progress }: StageOptions, cleanup: Cleanup): Promise<Stage> {
  const cpu = startCpuSampler();
  cleanup.push(cpu.stop);
  progress(args.bundle === undefined ? 'building the operator' : `the operator is ${args.bundle}`);
  const bundle = await pinBundle(args.bundle, signal);
  cleanup.push(bundle.remove);
  const cluster = await startControlPlane({ crdPaths: [`${ROOT}crds`], progress, signal });
  cleanup.push(cluster.stop);
  const aws = await startAwsStandIn({ secrets: args.objects, latencyMs: args.latencyMs, signal });
  cleanup.push(aws.stop);
  cpu.name(aws.pid, 'AWS stand-in');
  await cluster.applyPath(`${ROOT}deploy/rbac.yaml`);
  const asOperator = createApiClient(cluster.access, await cluster.tokenFor(OPERATOR_ACCOUNT));
  const asAdmin = createApiClient(cluster.access, cluster.access.adminToken);
  cleanup.push(asOperator.close, asAdmin.close);
  const parts: Parts = { args, cluster, aws, asOperator, asAdmin, cpu, signal };
  const exchange = exchangeable(parts, bundle.path);
  cleanup.push(exchange.stopOperator);
  const { startOperator, stopOperator } = exchange;
  return { ...parts, ...directed(parts, exchange), startOperator, stopOperator, stop: () => endAll(cleanup) };
}

interface Exchange {
  readonly running: BenchOperator | undefined;
  startOperator(): Promise<BenchOperator>;
  stopOperator(): Promise<void>;
}

function exchangeable({ args, cluster, aws, cpu, signal }: Parts, bundle: string): Exchange {
  let operator: BenchOperator | undefined;
  const stopOperator = async () => {
    const running = operator;
    operator = undefined;
    await running?.process.stop();
  };
  return {
    get running() {
      return operator;
    },
    stopOperator,
    async startOperator() {
      await stopOperator();
      // The border of what the phases measure.
      cpu.mark();
      operator = await startBenchOperator({ args, bundle, cluster, aws, signal });
      cpu.name(operator.process.pid, 'operator');
      return operator;
    },
  };
}

function directed({ args, aws, asAdmin, cpu, signal }: Parts, exchange: Exchange) {
  const wanted = wantedSyncs(NAMESPACE, args);
  const syncTimeoutMs = 60_000 + (args.objects / SLOWEST_PER_SECOND) * 1_000;
  let isPrepared = false;
  const prepared = async () => {
    if (isPrepared) return;
    isPrepared = true;
    await makeNamespace(asAdmin, NAMESPACE, wanted);
  };
  return {
    wanted,
    syncTimeoutMs,
    prepared,
    async synced(progress: (text: string) => void) {
      if (exchange.running !== undefined) return exchange.running;
      await prepared();
      progress(`an operator takes up the ${args.objects} objects first`);
      const { mark } = await aws.counts();
      const started = await exchange.startOperator();
      const isDone = async () => (await aws.distinctSince(mark)) >= args.objects;
      await until('every secret to be read by the operator', isDone, syncTimeoutMs);
      await settled(cpu, signal);
      return started;
    },
    settled: () => settled(cpu, signal),
    sleep: (ms: number) => sleep(ms, undefined, { signal }),
  };
}

/** The names `app-0` to `app-(N-1)`, each with a secret of its own. */
export function wantedSyncs(namespace: string, { objects, interval }: BenchArguments): readonly WantedSync[] {
  return Array.from({ length: objects }, (_, number) => ({
    namespace,
    name: `app-${number}`,
    secret: secretName(number),
    interval,
  }));
}
