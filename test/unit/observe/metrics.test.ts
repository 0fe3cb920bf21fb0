import { describe, expect, test } from 'vitest';
import { createMetrics } from '../../../src/observe/metrics.ts';

/** The samples of one series, as `{labels} value`. */
async function samples(observed: ReturnType<typeof createMetrics>, name: string): Promise<readonly string[]> {
  const { body } = await observed.exposition();
  return [...body]
    .join('')
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => line.slice(name.length).trim());
}

describe('series that dashboards made for External Secrets Operator read', () => {
  test('the condition has one series for each status, and they exclude each other', async () => {
    const observed = createMetrics();
    observed.conditions.ready('team/app', true);
    const name = 'externalsecret_status_condition';
    const of = (status: string) => `{name="app",namespace="team",condition="Ready",status="${status}"}`;
    const sorted = async () =>
      (await samples(observed, name)).map((line) =>
        line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted().join(',')}}`),
      );
    const order = (line: string) =>
      line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted().join(',')}}`);
    expect(await sorted()).toEqual([order(`${of('True')} 1`), order(`${of('False')} 0`)]);
    observed.conditions.ready('team/app', false);
    expect(await sorted()).toEqual([order(`${of('True')} 0`), order(`${of('False')} 1`)]);
    observed.conditions.drop('team/app');
    expect(await samples(observed, name)).toEqual([]);
  });

  test('reconciles are counted, failed ones twice, and the duration is in nanoseconds', async () => {
    const observed = createMetrics();
    observed.reconciles.reconciled('externalsecret', 'team/app', 'done', 2);
    observed.reconciles.reconciled('externalsecret', 'team/app', 'retry', 3);
    observed.reconciles.reconciled('externalsecret', 'team/app', 'wait', 4);
    expect(await samples(observed, 'externalsecret_sync_calls_total')).toEqual(['{name="app",namespace="team"} 3']);
    expect(await samples(observed, 'externalsecret_sync_calls_error')).toEqual(['{name="app",namespace="team"} 2']);
    expect(await samples(observed, 'externalsecret_reconcile_duration')).toEqual([
      '{name="app",namespace="team"} 4000000',
    ]);
    observed.reconciles.dropObject('team/app');
    for (const name of [
      'externalsecret_sync_calls_total',
      'externalsecret_sync_calls_error',
      'externalsecret_reconcile_duration',
    ]) {
      expect(await samples(observed, name)).toEqual([]);
    }
  });

  test('reconciles of stores have no series of their own objects', async () => {
    const observed = createMetrics();
    observed.reconciles.reconciled('store', 'SecretStore/team/aws', 'done', 2);
    expect(await samples(observed, 'externalsecret_sync_calls_total')).toEqual([]);
    expect(await samples(observed, 'keyturn_reconcile_duration_seconds_count')).toEqual([
      '{controller="store",outcome="done"} 1',
    ]);
  });

  test('calls to AWS are counted under its name', async () => {
    const observed = createMetrics();
    observed.metrics.awsCall('GetSecretValue', 'success', 12);
    observed.metrics.awsCall('GetSecretValue', 'error', 12);
    expect(await samples(observed, 'externalsecret_provider_api_calls_count')).toEqual([
      '{provider="AWS/SecretsManager",call="GetSecretValue",status="success"} 1',
      '{provider="AWS/SecretsManager",call="GetSecretValue",status="error"} 1',
    ]);
    expect(await samples(observed, 'keyturn_aws_call_duration_seconds_sum')).toEqual([
      '{operation="GetSecretValue",result="success"} 0.012',
      '{operation="GetSecretValue",result="error"} 0.012',
    ]);
  });
});

describe('series of our own', () => {
  test('writes, rotations, restarts of watches and calls to the API server', async () => {
    const { metrics, ...observed } = createMetrics();
    metrics.secretWritten('create');
    metrics.secretWritten('patch');
    metrics.rotationsSeen(3);
    metrics.watchRestarted('secrets', 'gone');
    metrics.clusterCall('patch', 'secrets', '409', 5);
    const all = { metrics, ...observed };
    expect(await samples(all, 'keyturn_secret_writes_total')).toEqual([
      '{operation="create"} 1',
      '{operation="patch"} 1',
    ]);
    expect(await samples(all, 'keyturn_rotations_seen_total')).toEqual(['3']);
    expect(await samples(all, 'keyturn_watch_restarts_total')).toEqual(['{resource="secrets",reason="gone"} 1']);
    expect(await samples(all, 'keyturn_kubernetes_call_duration_seconds_count')).toEqual([
      '{verb="patch",resource="secrets",code="409"} 1',
    ]);
  });

  test('a gauge is read when it is scraped', async () => {
    const observed = createMetrics();
    let depth = 1;
    observed.gauge('keyturn_queue_depth', 'Depth.', () => depth);
    depth = 7;
    expect(await samples(observed, 'keyturn_queue_depth')).toEqual(['7']);
  });

  test('of many objects comes in pieces that make up every series once', async () => {
    const observed = createMetrics();
    for (let at = 0; at < 2_000; at += 1) observed.reconciles.reconciled('externalsecret', `team/app-${at}`, 'done', 1);
    const pieces = [...(await observed.exposition()).body];
    expect(Math.max(...pieces.slice(1).map((piece) => piece.length))).toBeLessThan(20_000);
    const lines = pieces.join('').split('\n');
    expect(lines.filter((line) => line.startsWith('externalsecret_sync_calls_total{'))).toHaveLength(2_000);
    expect(lines.filter((line) => line.startsWith('# TYPE externalsecret_sync_calls_total'))).toHaveLength(1);
  });

  test('two operators in one process do not share their series', async () => {
    const [a, b] = [createMetrics(), createMetrics()];
    a.metrics.rotationsSeen(1);
    expect(await samples(b, 'keyturn_rotations_seen_total')).toEqual(['0']);
  });

  test('the form is that of Prometheus, with the metrics of the process', async () => {
    const { contentType, body } = await createMetrics().exposition();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect([...body].join('')).toContain('# TYPE process_resident_memory_bytes gauge');
  });
});
