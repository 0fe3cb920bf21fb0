/** The metrics in Prometheus' form: upstream's series under their names, and ours under `keyturn_`. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ConditionGauge, Metrics } from '../ports/metrics.ts';
import { ObjectSeries } from './object-series.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Calls to SQS, which upstream's series of calls to Secrets Manager does not have. */
const QUEUE_OPERATIONS: ReadonlySet<string> = new Set([
  'ReceiveMessage',
  'DeleteMessageBatch',
  'ChangeMessageVisibilityBatch',
]);

export interface ReconcileMetrics {
  /** @param key `namespace/name`, or a store's key */
  reconciled(controller: string, key: string, outcome: 'done' | 'retry' | 'wait', durationMs: number): void;
  /** Ends the series of an ExternalSecret that is gone. */
  dropObject(key: string): void;
}

export interface Observed {
  readonly metrics: Metrics;
  readonly conditions: ConditionGauge;
  readonly reconciles: ReconcileMetrics;
  /** Adds a gauge that is read when it is scraped. */
  gauge(name: string, help: string, read: () => number): void;
  exposition(): Promise<{ readonly contentType: string; readonly body: Iterable<string> }>;
}

function ownSeries(registers: Registry[]) {
  return {
    ...rotationSeries(registers),
    // Upstream's series: its dashboards read it.
    providerCalls: new Counter({
      name: 'externalsecret_provider_api_calls_count',
      help: 'Calls to AWS Secrets Manager.',
      labelNames: ['provider', 'call', 'status'] as const,
      registers,
    }),
    aws: new Histogram({
      name: 'keyturn_aws_call_duration_seconds',
      help: 'Duration of calls to AWS by operation and result.',
      labelNames: ['operation', 'result'] as const,
      buckets: SECONDS,
      registers,
    }),
    cluster: new Histogram({
      name: 'keyturn_kubernetes_call_duration_seconds',
      help: 'Duration of calls to the Kubernetes API by verb, resource and status code.',
      labelNames: ['verb', 'resource', 'code'] as const,
      buckets: SECONDS,
      registers,
    }),
    rollouts: new Counter({
      name: 'keyturn_rollouts_total',
      help: 'Rollouts of workloads for another version of their Secrets, by what became of them.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    watchRestarts: new Counter({
      name: 'keyturn_watch_restarts_total',
      help: 'List/watches that had to resume or start over.',
      labelNames: ['resource', 'reason'] as const,
      registers,
    }),
    secretWrites: new Counter({
      name: 'keyturn_secret_writes_total',
      help: 'Writes of target Secrets that changed them.',
      labelNames: ['operation'] as const,
      registers,
    }),
    reconciles: new Histogram({
      name: 'keyturn_reconcile_duration_seconds',
      help: 'Duration of reconciles by controller and outcome.',
      labelNames: ['controller', 'outcome'] as const,
      buckets: SECONDS,
      registers,
    }),
  };
}

function rotationSeries(registers: Registry[]) {
  return {
    rotations: new Counter({
      name: 'keyturn_rotations_seen_total',
      help: 'Secrets that were found to have another version than before.',
      registers,
    }),
    rotationEvents: new Counter({
      name: 'keyturn_rotation_events_total',
      help: 'Messages of the rotation queue by what became of them; one that comes again counts again.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    rotationEventLatency: new Histogram({
      name: 'keyturn_rotation_event_latency_seconds',
      help: 'Time from a rotation event at AWS to the last Secret that it concerns being up to date.',
      buckets: [...SECONDS, 30, 60, 300],
      registers,
    }),
  };
}

function counting(own: ReturnType<typeof ownSeries>): Metrics {
  return {
    awsCall(operation, result, durationMs) {
      own.aws.observe({ operation, result }, durationMs / 1000);
      if (QUEUE_OPERATIONS.has(operation)) return;
      own.providerCalls.inc({ provider: 'AWS/SecretsManager', call: operation, status: result });
    },
    clusterCall: (verb, resource, code, durationMs) => own.cluster.observe({ verb, resource, code }, durationMs / 1000),
    watchRestarted: (resource, reason) => own.watchRestarts.inc({ resource, reason }),
    secretWritten: (operation) => own.secretWrites.inc({ operation }),
    rotationsSeen: (count) => own.rotations.inc(count),
    rotationEvent: (outcome) => own.rotationEvents.inc({ outcome }),
    rotationEventHandled: (latencyMs) => own.rotationEventLatency.observe(latencyMs / 1000),
    rollout: (outcome) => own.rollouts.inc({ outcome }),
  };
}

function reconcileMetrics(objects: ObjectSeries, own: ReturnType<typeof ownSeries>): ReconcileMetrics {
  return {
    reconciled(controller, key, outcome, durationMs) {
      own.reconciles.observe({ controller, outcome }, durationMs / 1000);
      if (controller === 'externalsecret') objects.reconciled(key, outcome === 'done', durationMs);
    },
    dropObject: (key) => objects.drop(key),
  };
}

function* pieces(first: string, rest: Iterable<string>): Generator<string> {
  yield first;
  yield* rest;
}

export function createMetrics(): Observed {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const own = ownSeries(registers);
  const objects = new ObjectSeries();
  return {
    metrics: counting(own),
    conditions: {
      ready: (key, isReady) => objects.ready(key, isReady),
      drop: (key) => objects.drop(key),
    },
    reconciles: reconcileMetrics(objects, own),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    exposition: async () => ({
      contentType: registry.contentType,
      body: pieces(`${await registry.metrics()}\n`, objects.exposition()),
    }),
  };
}
