/** The values of the chart: which flag each one sets, which are refused and in which words, and that none is forgotten. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type RunOptions, readOptions, SETTINGS } from '../../src/options.ts';
import { KUBERNETES_VERSION } from '../harness/binaries.ts';
import { runHelm } from '../harness/helm.ts';
import {
  argumentsOf,
  CHART,
  chartFile,
  foreignValues,
  only,
  podSpec,
  refusal,
  rendered,
  valueAt,
} from './chart-world.ts';
import { at, type Json } from './cluster-objects.ts';
import { UPSTREAM_VALUES } from './upstream-values.ts';

const MINIMAL = { installCRDs: false, crds: { createKeyturnKinds: false } };

async function optionsOf(values: Json): Promise<RunOptions> {
  const deployment = only(await rendered({ ...values, ...MINIMAL }), 'Deployment');
  const [command, ...flags] = argumentsOf(deployment);
  expect(command).toBe('run');
  return readOptions(flags, {});
}

/** The values that set an option to something that is neither the operator's default nor the chart's. */
const VALUES_OF: { readonly [Name in keyof RunOptions]: { readonly values: Json; readonly sets: RunOptions[Name] } } = {
  kubeconfig: { values: { extraArgs: { kubeconfig: '/etc/kube/config' } }, sets: '/etc/kube/config' },
  namespaces: { values: { scopedNamespace: 'shop,billing' }, sets: ['shop', 'billing'] },
  controllerClass: { values: { controllerClass: 'keyturn' }, sets: 'keyturn' },
  concurrency: { values: { concurrent: 7 }, sets: 7 },
  metricsAddr: { values: { metrics: { listen: { port: 9090 } } }, sets: ':9090' },
  healthAddr: { values: { health: { listen: { port: 9091 } } }, sets: ':9091' },
  logLevel: { values: { log: { level: 'debug' } }, sets: 'debug' },
  auditLog: { values: { auditLog: 'stdout' }, sets: { kind: 'stdout' } },
  statusIntervalMs: { values: { statusInterval: '90s' }, sets: 90_000 },
  rotationQueueUrl: {
    values: { rotationQueueUrl: 'https://sqs.test/q?a=1&b="2"' },
    sets: 'https://sqs.test/q?a=1&b="2"',
  },
  awsQuotaPercent: { values: { awsQuotaPercent: 10 }, sets: 10 },
  deletionBrakePercent: { values: { deletionBrakePercent: 0 }, sets: 0 },
  leaderElect: { values: { leaderElect: false, replicaCount: 1 }, sets: false },
  leaderElectionNamespace: { values: { leaderElectionNamespace: 'leases' }, sets: 'leases' },
  leaderElectionId: { values: { leaderElectionID: 'first' }, sets: 'first' },
  shards: { values: { shards: 3 }, sets: 3 },
  templateLeftDelimiter: { values: { template: { leftDelimiter: '[[' } }, sets: '[[' },
  templateRightDelimiter: { values: { template: { rightDelimiter: ']]' } }, sets: ']]' },
  allowControllerIdentity: { values: { allowControllerIdentity: 'none' }, sets: 'none' },
  requireAccessPolicy: { values: { requireAccessPolicy: true }, sets: true },
  unsafeAllowGenericTargets: { values: { genericTargets: { enabled: true } }, sets: true },
  rollouts: { values: { rollouts: { enabled: true } }, sets: true },
  rolloutWindowMs: { values: { rollouts: { window: '30s' } }, sets: 30_000 },
  rolloutConcurrency: { values: { rollouts: { concurrency: 2 } }, sets: 2 },
  rolloutDeadlineMs: { values: { rollouts: { deadline: '1h' } }, sets: 3_600_000 },
  consumption: { values: { consumption: { enabled: true } }, sets: true },
};

describe('each flag of keyturn run has a value that sets it', () => {
  it.each(Object.entries(VALUES_OF))('%s', async (name, { values, sets }) => {
    const [before, after] = await Promise.all([optionsOf({}), optionsOf(values)]);
    expect(before[name as keyof RunOptions]).not.toEqual(sets);
    expect(after[name as keyof RunOptions]).toEqual(sets);
  });

  it('and none is forgotten here', () => {
    expect(Object.keys(VALUES_OF)).toEqual(Object.keys(SETTINGS));
  });

  it("the chart's defaults are the operator's, but that it elects a leader, by a Lease of the release", async () => {
    const elects = { leaderElect: true, leaderElectionId: 'keyturn' };
    expect(await optionsOf({})).toEqual({ ...readOptions([], {}), ...elects });
  });
});

it('texts, lists and maps that are null are as if they were not given', async () => {
  const nothing = {
    ...{ scopedNamespace: null, controllerClass: null, auditLog: null, rotationQueueUrl: null, extraArgs: null },
    ...{ log: { level: null }, template: { leftDelimiter: null }, rollouts: { window: null } },
    ...{ serviceAccount: { annotations: null }, livenessProbe: { spec: null }, readinessProbe: { spec: null } },
    ...{ podSpecExtra: null, dnsPolicy: null, allowControllerIdentity: null, extraEnv: null, affinity: null },
    ...{ topologySpreadConstraints: null },
  };
  expect(await optionsOf(nothing)).toEqual(await optionsOf({}));
});

/** Values, and what is said of them. */
const REFUSED: Readonly<Record<string, readonly [Json, RegExp]>> = {
  'a name that no value has': [{ replicas: 2 }, /additional properties 'replicas' not allowed/],
  'a name that no value has, further down': [
    { podDisruptionBudget: { minavailable: 1 } },
    /podDisruptionBudget.*additional properties 'minavailable' not allowed/s,
  ],
  'a number that is a text': [{ replicaCount: '2' }, /replicaCount.*got string, want integer/s],
  'a switch that is a text': [{ installCRDs: 'false' }, /installCRDs.*got string, want boolean/s],
  'a list that is a map': [{ extraEnv: { AWS_REGION: 'eu-central-1' } }, /extraEnv.*got object, want array/s],
  'a text that is a number': [{ image: { tag: 1.2 } }, /image\/tag.*got number, want string/s],
  'a label that is a number': [{ podLabels: { team: 7 } }, /podLabels\/team.*got number, want string/s],
  'a port that is none': [{ metrics: { listen: { port: 70_000 } } }, /metrics\/listen\/port.*maximum.*65,?535/s],
  'a level that is none': [{ log: { level: 'trace' } }, /log\/level.*must be one of 'debug', 'info', 'warn', 'error'/s],
  // Helm drops a default that null is given for; the templates would read 0, and a rule without ports is one for all of them.
  'a limit that is null': [{ deletionBrakePercent: null }, /missing property 'deletionBrakePercent'/],
  'a switch that is null': [{ securityContext: { enabled: null } }, /securityContext.*missing property 'enabled'/s],
  'ports that are null': [{ networkPolicy: { httpsPorts: null } }, /networkPolicy.*missing property 'httpsPorts'/s],
  'a group of values that is null': [{ metrics: null }, /missing property 'metrics'/],
  'a quota above all of it': [{ awsQuotaPercent: 101 }, /awsQuotaPercent.*maximum.*100/s],
  'a duration in days': [{ statusInterval: '1d' }, /statusInterval.*does not match pattern/s],
  'an audit log that is neither a word nor a path': [{ auditLog: 'stderr' }, /auditLog.*does not match pattern/s],
  'a namespace that cannot be one': [{ scopedNamespace: 'Shop' }, /scopedNamespace.*does not match pattern/s],
  'namespaces with a space between': [{ scopedNamespace: 'a, b' }, /scopedNamespace.*does not match pattern/s],
  'a ServiceAccount without its namespace': [
    { rbac: { tokenServiceAccounts: ['shop-secrets'] } },
    /tokenServiceAccounts\/0.*does not match pattern/s,
  ],
  'a flag that has a value of its own': [
    { extraArgs: { concurrency: 5 } },
    /extraArgs.concurrency: .* has a value of its own, or .* does not know it/,
  ],
  "the other operator's image": [
    { image: { repository: 'registry.test/mirror/external-secrets' } },
    /image.repository: registry.test\/mirror\/external-secrets is the image of External Secrets Operator/,
  ],
  "the other operator's image, for all charts": [
    { global: { repository: 'registry.test/mirror/external-secrets' } },
    /global.repository: registry.test\/mirror\/external-secrets is the image of External Secrets Operator/,
  ],
  'a selector for all charts that is none': [
    { global: { nodeSelector: ['a'] } },
    /nodeSelector.*got array, want null or object/s,
  ],
  "the other operator's probe": [
    { livenessProbe: { spec: { address: '', port: 8082, httpGet: { path: '/healthz', port: 'live' } } } },
    /livenessProbe.spec.address: .*\n- livenessProbe.spec.port: .* health.listen.port.*\n- livenessProbe.spec.httpGet.port: .* name live/,
  ],
  'a field of the pods that has a value of its own': [
    { podSpecExtra: { securityContext: {}, hostNetwork: true } },
    /podSpecExtra.hostNetwork: it has a value of its own.*\n- podSpecExtra.securityContext: it has a value of its own/,
  ],
  'one port for two': [
    { metrics: { listen: { port: 8082 } } },
    /health.listen.port: 8082 is that of the metrics \(metrics.listen.port\); give another/,
  ],
  'a variable that a flag would win over': [
    { extraEnv: [{ name: 'KEYTURN_CONCURRENCY', value: '5' }] },
    /extraEnv KEYTURN_CONCURRENCY: the chart gives a flag, which wins over it; set the value/,
  ],
  'several replicas that all work': [
    { leaderElect: false },
    /replicaCount: 2 replicas would all work at once; set leaderElect to true, or replicaCount to 1/,
  ],
  'shards without Leases': [
    { leaderElect: false, replicaCount: 1, shards: 2 },
    /shards: 2 shards are shared out by Leases; set leaderElect to true/,
  ],
  'one rotation queue for several shards': [
    { shards: 2, rotationQueueUrl: 'https://sqs.test/queue' },
    /rotationQueueUrl: each of 2 shards needs a queue of its own; write \{shard\}/,
  ],
  "the other operator's Lease": [
    { leaderElectionID: 'external-secrets-controller' },
    /leaderElectionID: external-secrets-controller is the Lease of External Secrets Operator, .* Remove it/,
  ],
  'a name that no Lease can have': [{ leaderElectionID: 'Keyturn' }, /leaderElectionID.*does not match pattern/s],
  'policies of the cluster for some namespaces': [
    { requireAccessPolicy: true, scopedNamespace: 'shop' },
    /requireAccessPolicy: .* with scopedNamespace they are not read; use one of the two/,
  ],
  'Roles in no namespace': [{ scopedRBAC: true }, /scopedRBAC: it needs scopedNamespace/],
  'a token in a namespace that is not served': [
    { scopedNamespace: 'shop', rbac: { tokenServiceAccounts: ['billing/reader'] } },
    /rbac.tokenServiceAccounts billing\/reader: scopedNamespace does not have its namespace/,
  ],
  'a monitor where there is no such kind': [
    { serviceMonitor: { enabled: true, renderMode: 'failIfMissing' } },
    /serviceMonitor.enabled: the cluster does not serve .* Install Prometheus Operator first, or set/,
  ],
};

describe('values that cannot be used are refused', () => {
  it.each(Object.entries(REFUSED))('%s', async (_, [values, message]) => {
    expect(await refusal(values)).toMatch(message);
  });

  it('all at once', async () => {
    const message = await refusal({ leaderElect: false, scopedRBAC: true, webhook: { create: false } });
    expect(message).toMatch(/These values cannot be used:\n- webhook: .*\n- scopedRBAC: .*\n- replicaCount: /);
  });
});

describe("values of External Secrets Operator's chart", () => {
  it('that mean nothing here are told with what to do, whatever they are set to', async () => {
    for (const value of [false, { create: true }, 'text']) {
      const all = foreignValues().map(({ value: path }) => valueAt(path, value));
      const message = await refusal(all.reduce(merged, {}));
      for (const { value: path, instead } of foreignValues()) expect(message).toContain(`- ${path}: ${instead}`);
    }
  });

  it('that are null are not there', async () => {
    const all = foreignValues().map(({ value }) => valueAt(value, null));
    expect(await optionsOf(all.reduce(merged, {}))).toEqual(await optionsOf({}));
  });

  it('are each either known or told about', () => {
    const told = foreignValues().map(({ value }) => value);
    const isTold = (path: string) => told.some((each) => path === each || path.startsWith(`${each}.`));
    const unknown = UPSTREAM_VALUES.filter((path) => !isTold(path) && !isKnown(path));
    expect(unknown).toEqual([]);
  });

  it('that mean the same are those that the table of docs/migration.md leaves out', () => {
    const text = readFileSync(new URL('../../docs/migration.md', import.meta.url), 'utf8');
    for (const { value } of foreignValues()) expect(text).toContain(`\`${value}\``);
  });
});

function merged(first: Json, second: Json): Json {
  const both = Object.entries(second).map(([name, value]) => {
    const before = first[name];
    const isMap = (each: unknown): each is Json => typeof each === 'object' && each !== null;
    return [name, isMap(before) && isMap(value) ? merged(before, value) : value] as const;
  });
  return { ...first, ...Object.fromEntries(both) };
}

function isKnown(path: string): boolean {
  const known = path.split('.').reduce<unknown>(
    (schema, name) => {
      const named = at(schema, 'properties', name);
      return named ?? (at(schema, 'additionalProperties') === false ? undefined : {});
    },
    JSON.parse(chartFile('values.schema.json')),
  );
  return known !== undefined;
}

describe('values.yaml and values.schema.json', () => {
  /** Paths of what a schema names, or of what values hold; a map without names of its own is a leaf. */
  function pathsOf(inner: unknown, children: (inner: unknown) => object | undefined, path = ''): readonly string[] {
    const below = children(inner);
    if (below === undefined || Object.keys(below).length === 0) return [path];
    return Object.entries(below).flatMap(([name, each]) =>
      pathsOf(each, children, path === '' ? name : `${path}.${name}`),
    );
  }
  const inSchema = (inner: unknown) =>
    at(inner, 'additionalProperties') === false ? Object(at(inner, 'properties')) : undefined;
  const inValues = (inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : undefined;

  it('name the same, but for what is foreign, has no default, or is anything', () => {
    const foreign = new Set(foreignValues().map(({ value }) => value));
    const schema = pathsOf(JSON.parse(chartFile('values.schema.json')), inSchema).filter((path) => !foreign.has(path));
    const values = pathsOf(parse(chartFile('values.yaml')), inValues);
    const isBelow = (path: string) =>
      schema.some((each) => path === each || path.startsWith(`${each}.`) || each.startsWith(`${path}.`));
    expect(values.filter((path) => !isBelow(path))).toEqual([]);
    const isNamed = (path: string) => values.some((each) => each === path || each.startsWith(`${path}.`));
    expect(schema.filter((path) => !isNamed(path))).toEqual([
      'podDisruptionBudget.minAvailable',
      'topologySpreadConstraints',
      'global',
      'enabled',
    ]);
  });
});

describe('the chart', () => {
  it('passes helm lint, strictly', async () => {
    const { exitCode, stdout, stderr } = await runHelm([
      'lint',
      '--strict',
      '--kube-version',
      KUBERNETES_VERSION,
      CHART,
    ]);
    expect({ exitCode, said: stdout + stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).not.toMatch(/WARNING|ERROR/);
  });

  it('has the version of the operator', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(parse(chartFile('Chart.yaml'))).toMatchObject({ version, appVersion: version });
    const deployment = only(await rendered(MINIMAL), 'Deployment');
    expect(at(podSpec(deployment), 'containers', 0, 'image')).toBe(`keyturn:${version}`);
    // Whoever follows the README has the image that the chart looks for.
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const built = Array.from(readme.matchAll(/docker build [^`]*-t (\S+) \.`/g), ([, image]) => image);
    expect(built).toEqual([`keyturn:${version}`, `keyturn:${version}`]);
    expect(readme).toContain(`looks for \`keyturn:${version}\``);
  });
});
