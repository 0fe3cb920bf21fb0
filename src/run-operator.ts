/** The life of the operator's process: start, lead, drain, stop. */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createLeaseStore } from './kube/lease-store.ts';
import type { OperatorViews } from './kube/operator-views.ts';
import { podNamespace } from './kube/pod-namespace.ts';
import { ELECTION_TIMING, type ElectionOptions, takePart } from './loop/leader-election.ts';
import { systemClock } from './loop/system-clock.ts';
import { type RunningServer, serve } from './observe/http-server.ts';
import { createLogger, type Logger } from './observe/logger.ts';
import { createMetrics } from './observe/metrics.ts';
import { buildOperator, type Operator, type OperatorOptions } from './operator.ts';
import { type RunOptions, UsageError } from './options.ts';

/** What is in flight at SIGTERM may take this long; then it is cut, so that the whole end stays under 10 s. */
const DRAIN_MS = 6_000;
const FLUSH_EVENTS_MS = 1_500;

type Environment = Readonly<Record<string, string | undefined>>;

/** Names of the views that are not complete yet: until they are, the operator knows too little to act. */
function pendingViews(views: OperatorViews): readonly string[] {
  return Object.entries(views).flatMap(([name, { view }]) => (view.synced ? [] : [name]));
}

async function startServers(options: OperatorOptions, operator: Operator, log: Logger): Promise<RunningServer[]> {
  const { run, observed } = options;
  const health = await serve(run.healthAddr, {
    '/healthz': () => ({ status: 200, body: 'ok\n' }),
    '/readyz': () => {
      const pending = pendingViews(operator.views);
      return pending.length === 0
        ? { status: 200, body: 'ok\n' }
        : { status: 503, body: `waiting for the first list of: ${pending.join(', ')}\n` };
    },
  });
  log.info({ server: 'health', url: health.url }, 'listening');
  const metrics = await serve(run.metricsAddr, {
    '/metrics': async () => ({ status: 200, ...(await observed.exposition()) }),
  });
  log.info({ server: 'metrics', url: metrics.url }, 'listening');
  return [health, metrics];
}

/** @throws UsageError when nobody says in which namespace the Lease is. */
async function electionOf({ run, env, log }: OperatorOptions, { client }: Operator): Promise<ElectionOptions> {
  const namespace = run.leaderElectionNamespace ?? (await podNamespace(env));
  if (namespace === undefined) {
    throw new UsageError('--leader-elect outside a pod needs --leader-election-namespace');
  }
  const name = run.controllerClass === 'default' ? 'keyturn' : `keyturn-${run.controllerClass}`;
  const leases = createLeaseStore({ client, lease: { namespace, name } });
  return { leases, identity: `${hostname()}_${randomUUID()}`, timing: ELECTION_TIMING, clock: systemClock, log };
}

/** Reconciles and sweeps until `stop` or `lost`; what is in flight then is finished after a stop, cut after a loss. */
async function lead(
  { stores, externalSecrets, sweeper, rotationEvents }: Operator,
  stop: AbortSignal,
  lost: AbortSignal,
): Promise<void> {
  const halt = AbortSignal.any([stop, lost]);
  const drained = new AbortController();
  halt.addEventListener('abort', () => setTimeout(() => drained.abort(), DRAIN_MS).unref(), { once: true });
  const cut = AbortSignal.any([lost, drained.signal]);
  await Promise.all([
    stores.run(halt, cut),
    externalSecrets.run(halt, cut),
    sweeper.run(halt),
    rotationEvents?.run(halt),
  ]);
}

/** A new leader knows nothing of what the one before it did: it looks at everything. */
function lookAtEverything({ stores, externalSecrets, views }: Operator): void {
  for (const key of views.secretStores.view.keys()) stores.add(`SecretStore/${key}`);
  for (const key of views.clusterSecretStores.view.keys()) stores.add(`ClusterSecretStore/${key}`);
  for (const key of views.externalSecrets.view.keys()) externalSecrets.add(key, { priority: 'low' });
}

async function work(options: OperatorOptions, operator: Operator, stop: AbortSignal): Promise<void> {
  const election = options.run.leaderElect ? await electionOf(options, operator) : undefined;
  try {
    await Promise.all(Object.values(operator.views).map((watched) => watched.whenSynced(stop)));
  } catch {
    return;
  }
  options.log.info({}, 'ready');
  if (election === undefined) return await lead(operator, stop, new AbortController().signal);
  await takePart(
    election,
    async (lost) => {
      lookAtEverything(operator);
      await lead(operator, stop, lost);
    },
    stop,
  );
}

/** Runs the watches and the Events beside the work, and ends them after it. */
async function runParts(options: OperatorOptions, operator: Operator, stop: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const { views, events } = operator;
  const beside = [...Object.values(views).map((watched) => watched.run(ended.signal)), events.run(ended.signal)];
  try {
    await work(options, operator, stop);
  } finally {
    ended.abort();
    await Promise.allSettled(beside);
    await events.flush(AbortSignal.timeout(FLUSH_EVENTS_MS));
  }
}

/**
 * Runs until `stop` is aborted; the result is the process's exit status.
 * @throws UsageError, NoClusterConfig, and Error when an address cannot be listened on
 */
export async function runOperator(run: RunOptions, env: Environment, stop: AbortSignal): Promise<number> {
  const log = createLogger(run.logLevel);
  const options: OperatorOptions = { run, env, log, observed: createMetrics() };
  const operator = buildOperator(options);
  stop.addEventListener('abort', () => log.info({}, 'stopping: finishing what is in flight'), { once: true });
  const servers = await startServers(options, operator, log);
  try {
    await runParts(options, operator, stop);
  } finally {
    operator.stores.close();
    operator.externalSecrets.close();
    operator.sources.close();
    operator.rotationEvents?.close();
    await Promise.all(servers.map((server) => server.close()));
    await operator.client.close();
    log.info({}, 'stopped');
    log.flush();
  }
  return 0;
}
