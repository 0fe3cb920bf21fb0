/**
 * CustomResourceDefinitions of External Secrets Operator, with its versions, what it ever stored, and a webhook that converts:
 * beside the chart, and taken over by it with the commands of docs/migration.md.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import type { LogLine } from '../harness/operator-process.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { type ChartCluster, chartCluster, freePorts } from './chart-cluster.ts';
import { CHART } from './chart-world.ts';
import { at, type Json } from './cluster-objects.ts';

const SOON_MS = 30_000;
const ROOT = new URL('../..', import.meta.url).pathname;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MIGRATION = readFileSync(join(ROOT, 'docs/migration.md'), 'utf8');
const WEBHOOK = {
  conversionReviewVersions: ['v1'],
  clientConfig: { service: { name: 'external-secrets-webhook', namespace: 'external-secrets', path: '/convert' } },
};
const KINDS = ['ExternalSecret', 'ClusterExternalSecret', 'SecretStore', 'ClusterSecretStore'] as const;

let cluster: ControlPlane;
let chart: ChartCluster;
let scratch: TemporaryDirectory;

beforeAll(async () => {
  cluster = await startControlPlane();
  scratch = temporaryDirectory('take-over');
  chart = chartCluster(cluster, scratch.path);
  for (const name of ['shop', 'keyturn']) {
    await cluster.apply(`{ apiVersion: v1, kind: Namespace, metadata: { name: ${name} } }`);
  }
});
afterAll(async () => {
  await cluster.stop();
  scratch.remove();
});

const pluralOf = (kind: string) => `${kind.toLowerCase()}s`;
const definition = (kind: string) => chart.get(`${DEFINITIONS}/${pluralOf(kind)}.external-secrets.io`);

/** As its chart has them in their form: all versions have one schema here. */
function upstreamDefinition(kind: (typeof KINDS)[number], storage: 'v1beta1' | 'v1'): Json {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const openAPIV3Schema = { type: 'object', properties: { spec: open, status: open } };
  const versions = ['v1alpha1', 'v1beta1', 'v1'].map((name) => ({
    ...{ name, served: true, storage: name === storage },
    ...{ schema: { openAPIV3Schema }, subresources: { status: {} } },
  }));
  const scope = kind.startsWith('Cluster') ? 'Cluster' : 'Namespaced';
  const names = { kind, listKind: `${kind}List`, plural: pluralOf(kind), singular: kind.toLowerCase() };
  const conversion = { strategy: 'Webhook', webhook: WEBHOOK };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.external-secrets.io` },
    spec: { group: 'external-secrets.io', names, scope, versions, conversion },
  };
}

/** One that stores another version than before leaves what is stored as it is. */
async function applyUpstream(storage: 'v1beta1' | 'v1'): Promise<void> {
  for (const kind of KINDS) await cluster.apply(JSON.stringify(upstreamDefinition(kind, storage)));
  const names = KINDS.map((kind) => `crd/${pluralOf(kind)}.external-secrets.io`);
  await cluster.kubectl(['wait', '--for=condition=Established', ...names, '--timeout=30s']);
}

/** The block of docs/migration.md that has this in it. */
function commands(containing: string): string {
  const blocks = Array.from(MIGRATION.matchAll(/```sh\n([^`]*)```/g), ([, block = '']) => block);
  const found = blocks.filter((block) => block.includes(containing));
  if (found.length !== 1) throw new Error(`${found.length} blocks with ${containing}`);
  return String(found[0]).replace(/^ {3}/gm, '');
}

const RELEASE = { RELEASE: 'keyturn', NAMESPACE: 'keyturn' };
const release = (command: string, values: Json, more: readonly string[] = []) =>
  chart.helm([command, 'keyturn', CHART, '--namespace', 'keyturn', ...more], values);

const BESIDE = { installCRDs: false };

it('installed over them: refused, whatever Helm is told about ownership', async () => {
  await applyUpstream('v1beta1');
  const refusal =
    /CustomResourceDefinition \S+ is there already and belongs to no Helm release\. Set installCRDs to false/;
  await expect(release('install', {})).rejects.toThrow(refusal);
  await expect(release('install', {}, ['--take-ownership'])).rejects.toThrow(refusal);
  expect(await chart.helm(['list', '--all-namespaces', '--short'])).toBe('');
});

it('installed beside them: they stay, and it is said that a webhook converts them', async () => {
  const env = { extraEnv: [{ name: 'AWS_ENDPOINT_URL', value: sharedMinistack().url }] };
  const said = await release('install', { ...BESIDE, ...env, ...(await freePorts()) });
  expect(said).toMatch(
    /A webhook converts between versions of externalsecrets\.external-secrets\.io, [^\n]*\nWhile it does not answer they cannot be read: keep it, or take it out \(docs\/migration\.md says how\)/,
  );
  for (const kind of KINDS) expect(at(await definition(kind), 'spec', 'conversion', 'strategy')).toBe('Webhook');
});

it('while that webhook does not answer, the operator says what to do; once it is taken out, it works', async () => {
  const data = [{ secretKey: 'value', remoteRef: { key: 'nowhere' } }];
  const old = {
    apiVersion: 'external-secrets.io/v1beta1',
    kind: 'ExternalSecret',
    metadata: { name: 'old', namespace: 'shop' },
    spec: { secretStoreRef: { name: 'none' }, data },
  };
  // Stored as v1beta1, before its chart came to store v1.
  const isApplied = async () =>
    (await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(old) })).exitCode === 0;
  await until('v1beta1 to be served', isApplied, SOON_MS);
  await applyUpstream('v1');
  const operator = await chart.startOperatorOf('keyturn');
  try {
    const isTold = ({ resource, msg }: LogLine) => resource === 'externalsecrets' && /webhook/.test(String(msg));
    expect((await operator.waitForLog(isTold, SOON_MS))['msg']).toMatch(
      /it has them converted by the webhook of CustomResourceDefinition "externalsecrets.external-secrets.io", which fails \(service "external-secrets-webhook" not found\); let it run, or take spec.conversion out as docs\/migration.md says/,
    );
    await chart.bash(commands('delete validatingwebhookconfiguration'));
    // It waits longer from try to try, 30 s at most.
    await operator.waitForLog(({ msg }) => msg === 'ready', 40_000);
    await chart.syncs('shop', 'beside');
  } finally {
    await operator.stop();
  }
});

it("taken over: what the API server would refuse is said before, and after the commands of the migration they are the chart's", async () => {
  const over = () => release('upgrade', { installCRDs: true }, ['--reuse-values']);
  await applyUpstream('v1');
  await setStored(['v1alpha1', 'v1beta1', 'v1']);
  await chart.bash(commands('meta.helm.sh/release-name'), RELEASE);
  await expect(over()).rejects.toThrow(
    /CustomResourceDefinition \S+ has a webhook that converts between versions, and the chart's has none\. Take it out first: docs\/migration.md/,
  );
  await chart.bash(commands('delete validatingwebhookconfiguration'));
  await expect(over()).rejects.toThrow(
    /CustomResourceDefinition \S+ may have objects that are stored as v1alpha1, a version that the chart's does not have\. Store them anew first: docs\/migration.md/,
  );
  await chart.bash(commands('"storedVersions"'));
  for (const kind of KINDS) expect(at(await definition(kind), 'status', 'storedVersions')).toEqual(['v1']);
  const isHelm3 = (await chart.helm(['version', '--short'])).startsWith('v3');
  if (!isHelm3) await expect(over()).rejects.toThrow(/conflict occurred while applying object/);
  const upgrade = commands('--force-conflicts');
  await chart.bash(isHelm3 ? upgrade.replace(' --force-conflicts', '') : upgrade, RELEASE);
  for (const kind of KINDS) {
    const { spec } = (await definition(kind)) ?? {};
    expect((at(spec, 'versions') as readonly Json[]).map(({ name }) => name)).toEqual(['v1', 'v1beta1']);
    expect(at(spec, 'conversion')).toEqual({ strategy: 'None' });
  }
  await release('upgrade', { replicaCount: 3 }, ['--reuse-values']);
});

it('and then: what was there is there, and the operator goes on', async () => {
  const operator = await chart.operatorOf('keyturn');
  try {
    await chart.syncs('shop', 'after');
    const list = await chart.get('/apis/external-secrets.io/v1/namespaces/shop/externalsecrets');
    const names = (at(list, 'items') as readonly Json[]).map((item) => at(item, 'metadata', 'name'));
    expect(names).toEqual(['after', 'beside', 'old']);
  } finally {
    await operator.stop();
  }
});

async function setStored(storedVersions: readonly string[]): Promise<void> {
  for (const kind of KINDS) {
    const path = `${DEFINITIONS}/${pluralOf(kind)}.external-secrets.io/status`;
    const contentType = 'application/merge-patch+json';
    expect(await cluster.request('PATCH', path, { status: { storedVersions } }, { contentType })).toMatchObject({
      status: 200,
    });
  }
}
