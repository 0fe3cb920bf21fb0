/** What the demo shows, as it happens: objects becoming Ready, the Secret's keys, a rotation that arrives. */

import { performance } from 'node:perf_hooks';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { until } from '../../test/harness/until.ts';
import type { Screen } from '../screen.ts';
import type { Stage } from './stage.ts';

const NAMESPACE = 'default';
const ROTATED = 'demo/database';
const ROTATED_SECRET = 'database';
const ROTATED_KEY = 'DB_PASSWORD';
const READY_TIMEOUT_MS = 30_000;
const ROTATION_TIMEOUT_MS = 30_000;

export interface StoryOptions {
  readonly showValues: boolean;
}

async function kubectl({ cluster }: Stage, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl([...args, '-n', NAMESPACE]);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.trimEnd();
}

function quote(screen: Screen, command: string, output: string): void {
  screen.line(`\n  $ ${command}`);
  for (const line of output.split('\n')) screen.line(`    ${line}`);
}

/** Prints the table each time it says something new, until every row is Ready. */
async function watchUntilReady(stage: Stage, screen: Screen): Promise<void> {
  const command = 'kubectl get externalsecret';
  let shown = '';
  await until(
    'every ExternalSecret to be Ready',
    async () => {
      const table = await kubectl(stage, 'get', 'externalsecret');
      const rows = table.split('\n').slice(1);
      // The age of the last sync changes every second, and says nothing new.
      const news = rows.map((row) => row.replace(/\S+$/, '')).join('\n');
      if (rows.length > 0 && news !== shown) quote(screen, command, table);
      shown = news;
      return rows.length > 0 && rows.every((row) => /SecretSynced\s+True/.test(row));
    },
    READY_TIMEOUT_MS,
  );
}

async function secretData({ cluster }: Stage, name: string): Promise<ReadonlyMap<string, string>> {
  const { status, body } = await cluster.request('GET', `/api/v1/namespaces/${NAMESPACE}/secrets/${name}`);
  const data = typeof body === 'object' && body !== null && 'data' in body ? body.data : undefined;
  if (status !== 200 || typeof data !== 'object' || data === null) throw new Error(`Secret ${name}: HTTP ${status}`);
  const decode = (value: unknown) => Buffer.from(String(value), 'base64').toString('utf8');
  return new Map(Object.entries(data).map(([key, value]) => [key, decode(value)]));
}

async function showSecret(stage: Stage, screen: Screen, name: string, { showValues }: StoryOptions): Promise<void> {
  const data = await secretData(stage, name);
  const lines = [...data].map(([key, value]) => `${key}: ${showValues ? value : `${Buffer.byteLength(value)} bytes`}`);
  quote(screen, `kubectl describe secret ${name}`, lines.join('\n'));
}

/** Another password in the same JSON, as a rotation function would leave it. */
async function rotate({ secretsManager }: Stage, password: string): Promise<string | undefined> {
  const { SecretString: current = '{}' } = await secretsManager.send(new GetSecretValueCommand({ SecretId: ROTATED }));
  const fields: unknown = JSON.parse(current);
  const next = JSON.stringify({ ...(typeof fields === 'object' ? fields : {}), password });
  const put = await secretsManager.send(new PutSecretValueCommand({ SecretId: ROTATED, SecretString: next }));
  return put.VersionId;
}

async function showRotation(stage: Stage, screen: Screen): Promise<void> {
  const password = `not-a-real-password-${Date.now()}`;
  const versionId = await rotate(stage, password);
  const rotatedAtMs = performance.now();
  screen.line(`\n  PutSecretValue ${ROTATED} -> version ${versionId ?? '?'}`);
  await until(
    `the rotation to reach Secret ${ROTATED_SECRET}`,
    async () => (await secretData(stage, ROTATED_SECRET)).get(ROTATED_KEY) === password,
    ROTATION_TIMEOUT_MS,
  );
  const tookMs = Math.round(performance.now() - rotatedAtMs);
  screen.line(`  Secret ${ROTATED_SECRET} has it ${tookMs} ms later (refreshInterval is 2s)`);
}

/** @throws Error when something of it did not happen */
export async function tell(stage: Stage, screen: Screen, options: StoryOptions): Promise<void> {
  screen.line('\n  $ kubectl apply -f examples/demo/');
  await Promise.all([stage.applyExamples(), watchUntilReady(stage, screen)]);
  await showSecret(stage, screen, ROTATED_SECRET, options);
  await showSecret(stage, screen, 'everything', options);
  await showRotation(stage, screen);
  if (options.showValues) await showSecret(stage, screen, ROTATED_SECRET, options);
  await until(
    'the Event of the update',
    async () => (await kubectl(stage, 'get', 'events')).includes('secret updated'),
    READY_TIMEOUT_MS,
  );
  quote(screen, 'kubectl get events', await kubectl(stage, 'get', 'events'));
}
