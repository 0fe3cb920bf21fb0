/** The life of the operator's process: start, lead, drain, stop. */

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createLeaseStore } from './kube/lease-store.ts';
import type { OperatorViews } from './kube/operator-views.ts';
import { podNamespace } from './kube/pod-namespace.ts';
import { createShardLeases } from './kube/shard-leases.ts';
import { takePart } from './loop/leader-election.ts';
import { type Claimant, ELECTION_TIMING } from './loop/lease-claim.ts';
import { type Holding, ShardSharing } from './loop/shard-sharing.ts';
import { systemClock } from './loop/system-clock.ts';
import { openAuditLog } from './observe/audit-log.ts';
import { type RunningServer, serve } from './observe/http-server.ts';
import { createLogger, type Logger } from './observe/logger.ts';
import { createMetrics } from './observe/metrics.ts';
import { buildOperator, type Operator, type OperatorOptions } from './operator.ts';
import { UsageError } from './option-values.ts';
import type { RunOptions } from './options.ts';

/** What is in flight at SIGTERM may take this long; then it is cut, so that the whole end stays under 10 s. */
const DRAIN_MS = 6_000;
const FLUSH_EVENTS_MS = 1_500;
/** How long the first list of the ConfigMaps that hold templates is waited for. */
const CONFIG_MAPS_MS = 5_000;

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

/** Works on shards until `stop`. */
type Share = (hold: Holding, stop: AbortSignal) => Promise<void>;

/** Of operators in one namespace those of another class are on their own; others need names of their own to be. */
function leaseNameOf(controllerClass: string): string {
  return controllerClass === 'default' ? 'keyturn' : `keyturn-${controllerClass}`;
}

/**
 * How this process comes to its shards. Several shards are for those who hold the Lease of all of them together: so a
 * replica with another number of shards, to which namespaces belong otherwise, stands by until all of them have ended.
 * @throws UsageError when nobody says in which namespace the Leases are.
 */
async function shareOf({ run, env, log }: OperatorOptions, { client }: Operator): Promise<Share> {
  const { shards } = run;
  if (!run.leaderElect) return async (hold, stop) => await hold(0, stop, new AbortController().signal);
  const namespace = run.leaderElectionNamespace ?? (await podNamespace(env));
  if (namespace === undefined) {
    throw new UsageError('--leader-elect outside a pod needs --leader-election-namespace');
  }
  const name = run.leaderElectionId ?? leaseNameOf(run.controllerClass);
  const us: Claimant = { identity: `${hostname()}_${randomUUID()}`, timing: ELECTION_TIMING, clock: systemClock, log };
  const lease = createLeaseStore({ client, lease: { namespace, name } });
  if (shards === 1) {
    return async (hold, stop) => await takePart({ ...us, leases: lease }, (lost) => hold(0, stop, lost), stop);
  }
  const group = { ...us, leases: lease, identity: `${shards} shards`, isShared: true };
  const leases = createShardLeases({ client, namespace, name, shards });
  return async (hold, stop) => {
    const sharing = new ShardSharing({ ...us, leases }, hold);
    await takePart(group, (lost) => sharing.run(stop, lost), stop);
  };
}

/** Aborted when what is in flight at the stop has had its time. */
function whenDrained(stop: AbortSignal): AbortSignal {
  const drained = new AbortController();
  const count = () => setTimeout(() => drained.abort(), DRAIN_MS).unref();
  if (stop.aborted) count();
  else stop.addEventListener('abort', count, { once: true });
  return drained.signal;
}

/** What is in flight when a shard is given back is finished; what is in flight when it is lost is cut. */
function holding({ holdShard }: Operator): Holding {
  return async (shard, give, lost) => {
    const halt = AbortSignal.any([give, lost]);
    await holdShard(shard, halt, AbortSignal.any([lost, whenDrained(halt)]));
  };
}

/** Without it objects are only read once more than they need to be: what never comes is not waited for. */
async function withinReason(whenSynced: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
  await whenSynced(AbortSignal.any([stop, AbortSignal.timeout(CONFIG_MAPS_MS)])).catch(() => undefined);
}

async function work(options: OperatorOptions, operator: Operator, stop: AbortSignal): Promise<void> {
  const share = await shareOf(options, operator);
  try {
    await Promise.all(Object.values(operator.views).map((watched) => watched.whenSynced(stop)));
  } catch {
    return;
  }
  await withinReason(operator.configMaps.whenSynced, stop);
  options.log.info({}, 'ready');
  const { stores, sweeper } = operator;
  await Promise.all([share(holding(operator), stop), stores.run(stop, whenDrained(stop)), sweeper.run(stop)]);
}

/** Runs the watches and the Events beside the work, and ends them after it. */
async function runParts(options: OperatorOptions, operator: Operator, stop: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const { views, clusterExternalSecretViews, configMaps, serviceAccounts, workloads, events } = operator;
  const onDemand = [configMaps, serviceAccounts, workloads, operator.pods, operator.consumptions];
  const watched = [...Object.values(views), ...Object.values(clusterExternalSecretViews), ...onDemand];
  const beside = [...watched.map((each) => each.run(ended.signal)), events.run(ended.signal)];
  try {
    await work(options, operator, stop);
  } finally {
    ended.abort();
    operator.kinds.close();
    await Promise.allSettled(beside);
    await events.flush(AbortSignal.timeout(FLUSH_EVENTS_MS));
  }
}

/**
 * Runs until `stop` is aborted; the result is the process's exit status.
 * @throws UsageError, NoClusterConfig, and Error when an address cannot be listened on, or the audit log cannot be opened
 */
export async function runOperator(run: RunOptions, env: Environment, stop: AbortSignal): Promise<number> {
  const log = createLogger(run.logLevel);
  const audit = run.auditLog && (await openAuditLog(run.auditLog, systemClock, log));
  const options: OperatorOptions = { run, env, log, audit, observed: createMetrics() };
  const operator = buildOperator(options);
  stop.addEventListener('abort', () => log.info({}, 'stopping: finishing what is in flight'), { once: true });
  const servers = await startServers(options, operator, log);
  try {
    await runParts(options, operator, stop);
  } finally {
    operator.stores.close();
    operator.sources.close();
    await operator.renderer.close();
    await Promise.all(servers.map((server) => server.close()));
    await operator.client.close();
    await audit?.close();
    log.info({}, 'stopped');
    log.flush();
  }
  return 0;
}
