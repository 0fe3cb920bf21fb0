/**
 * The chart in a cluster: installed, upgraded and uninstalled by Helm, beside what is there already, and the operator run as
 * its Deployment says. No node is there: pods are made and admitted, and the operator runs as a process of the test.
 */

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import type { OperatorProcess } from '../harness/operator-process.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { type ChartCluster, chartCluster, freePorts } from './chart-cluster.ts';
import { argumentsOf, CHART, podSpec } from './chart-world.ts';
import { at, type ClusterObjects, clusterObjects, type Json } from './cluster-objects.ts';
import { keyturn } from './keyturn-command.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const SOON_MS = 30_000;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** How many kinds there are. */
const DEFINED = readdirSync(join(ROOT, 'crds')).length;
const EXTERNAL_SECRETS = `${DEFINITIONS}/externalsecrets.external-secrets.io`;

let cluster: ControlPlane;
let objects: ClusterObjects;
let scratch: TemporaryDirectory;
let chart: ChartCluster;

beforeAll(async () => {
  cluster = await startControlPlane({ controllers: ['deployment-controller', 'replicaset-controller'] });
  objects = clusterObjects(cluster);
  scratch = temporaryDirectory('chart');
  chart = chartCluster(cluster, scratch.path);
});
afterAll(async () => {
  await cluster.stop();
  scratch.remove();
});

async function mayGetSecrets(namespace: string, account: string): Promise<string> {
  const as = `system:serviceaccount:${account.replace('/', ':')}`;
  const { stdout } = await cluster.kubectl(['auth', 'can-i', 'get', 'secrets', '-n', namespace, '--as', as]);
  return stdout.trim();
}

/** The chart as an earlier version of it: of lower version, and with one column less in a CustomResourceDefinition. */
function earlierChart(): string {
  const path = join(scratch.path, 'earlier');
  cpSync(CHART, path, { recursive: true });
  const rewrite = (file: string, change: (text: string) => string) =>
    writeFileSync(join(path, file), change(readFileSync(join(path, file), 'utf8')));
  rewrite('Chart.yaml', (text) => text.replace(/^version: .*$/m, 'version: 0.0.1'));
  rewrite('files/crds/external-secrets.io_externalsecrets.yaml', (text) => {
    const definition = parse(text);
    for (const version of definition.spec.versions) version.additionalPrinterColumns.pop();
    return stringify(definition);
  });
  return path;
}

const columns = async () => {
  const versions = at(await chart.get(EXTERNAL_SECRETS), 'spec', 'versions') as readonly Json[];
  return versions.map(({ additionalPrinterColumns }) => Object(additionalPrinterColumns).length);
};

describe('a release in a restricted namespace', () => {
  const release = ['keyturn', '--namespace', 'keyturn'];
  const upgrade = (values: Json) =>
    chart.helm(['upgrade', 'keyturn', CHART, ...release.slice(1), '--reuse-values'], values);
  let operator: OperatorProcess;

  beforeAll(async () => {
    await chart.restrictedNamespace('keyturn');
    await cluster.apply('{ apiVersion: v1, kind: Namespace, metadata: { name: shop } }');
  });

  it('is installed, and says what to do next', async () => {
    const values = { extraEnv: [{ name: 'AWS_ENDPOINT_URL', value: sharedMinistack().url }], ...(await freePorts()) };
    const said = await chart.helm(['install', 'keyturn', earlierChart(), ...release.slice(1)], values);
    expect(said).toMatch(/STATUS: deployed/);
    expect(said).toMatch(/kubectl rollout status deployment keyturn -n keyturn/);
    expect(said).toMatch(/the ServiceAccount\s+keyturn\/keyturn/);
  });

  it('its pods are admitted there', async () => {
    const probe = async () => at(await chart.get('/api/v1/namespaces/keyturn/pods'), 'items') as readonly Json[];
    const pods = await until('two pods', probe, SOON_MS, (seen) => seen.length === 2);
    for (const pod of pods) {
      expect(pod['spec']).toMatchObject({ priority: 1_000_000, serviceAccountName: 'keyturn' });
    }
    const [warning] = (await objects.list('Event', 'keyturn')).filter(({ type }) => type === 'Warning');
    expect(warning).toBeUndefined();
  });

  it('the operator syncs, with the arguments, the environment and the ServiceAccount of the Deployment', async () => {
    operator = await chart.operatorOf('keyturn');
    await chart.syncs('shop', 'app');
    const lease = await chart.get('/apis/coordination.k8s.io/v1/namespaces/keyturn/leases/keyturn');
    expect(lease).toBeDefined();
    expect(operator.logs().filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('refuses what can never work when it is applied', async () => {
    const spec = { secretStoreRef: { name: 'aws' } };
    await expect(objects.apply('ExternalSecret', 'shop', 'bad', { spec })).rejects.toThrow(
      /spec.data and spec.dataFrom are both empty/,
    );
  });

  it('is upgraded by another chart and other values, its CustomResourceDefinitions too', async () => {
    const before = await columns();
    await operator.stop();
    await upgrade({
      replicaCount: 3,
      log: { level: 'debug' },
      rbac: { tokenServiceAccounts: ['shop/reader'] },
      metrics: { service: { enabled: true } },
    });
    const after = await columns();
    expect(after).toEqual(before.map((count) => count + 1));
    const found = await chart.deployment('keyturn');
    expect(at(found, 'spec', 'replicas')).toBe(3);
    expect(argumentsOf(found)).toContain('--log-level=debug');
    expect(at(podSpec(found), 'containers', 0, 'env')).toHaveLength(2);
    expect(await chart.get('/api/v1/namespaces/keyturn/services/keyturn-metrics')).toBeDefined();
    expect(await chart.get('/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/keyturn-tokens')).toBeDefined();
  });

  it('the operator goes on with the Deployment of the upgrade', async () => {
    operator = await chart.operatorOf('keyturn');
    await chart.syncs('shop', 'after-upgrade');
    await operator.stop();
  });

  it('keeps the definitions when it is told to leave them to somebody else', async () => {
    const values = { installCRDs: false, crds: { createKeyturnKinds: false } };
    await upgrade(values);
    expect(at(await chart.get(DEFINITIONS), 'items')).toHaveLength(DEFINED);
    await upgrade({
      installCRDs: true,
      crds: { createKeyturnKinds: true },
    });
    expect(await objects.get('Secret', 'shop', 'app')).toBeDefined();
  });

  it('is uninstalled: definitions, ExternalSecrets and Secrets stay, and all else goes', async () => {
    const said = await chart.helm(['uninstall', ...release]);
    expect(said).toMatch(/CustomResourceDefinition.*externalsecrets.external-secrets.io/);
    for (const name of ['app', 'after-upgrade']) {
      expect(await objects.get('ExternalSecret', 'shop', name)).toBeDefined();
      expect(await objects.get('Secret', 'shop', name)).toBeDefined();
    }
    expect(at(await chart.get(DEFINITIONS), 'items')).toHaveLength(DEFINED);
    const left = [
      'clusterrole',
      'clusterrolebinding',
      'validatingadmissionpolicy',
      'priorityclass',
      'role',
      'deployment',
    ];
    const { exitCode, stdout } = await cluster.kubectl([
      'get',
      [...left, 'networkpolicy', 'poddisruptionbudget', 'service', 'serviceaccount'].join(),
      ...['--all-namespaces', '--selector', 'app.kubernetes.io/name=keyturn', '--output', 'name'],
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });

  it('its namespaces go without getting stuck', async () => {
    for (const name of ['shop', 'keyturn']) {
      await cluster.request('DELETE', `/api/v1/namespaces/${name}`);
      const isGone = async () => (await chart.get(`/api/v1/namespaces/${name}`)) === undefined;
      await until(`namespace ${name} to go`, isGone, SOON_MS);
    }
  });
});

describe('the commands of the README', () => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8').split('## Install\n')[1] ?? '';

  /** Runs the block of commands that has this in it, from the root of a checkout, as it stands there. */
  async function runBlock(containing: string): Promise<string> {
    const blocks = Array.from(text.matchAll(/```sh\n([\s\S]*?)```/g), ([, block = '']) => block);
    const script = blocks.find((block) => block.includes(containing)) ?? `echo no block with ${containing}; exit 1`;
    return await chart.bash(script);
  }

  it('install it with Helm, over the definitions that an earlier release has left', async () => {
    const said = await runBlock('helm install');
    expect(said).toMatch(/STATUS: deployed/);
    expect(argumentsOf(await chart.deployment('keyturn'))).toContain('--leader-elect=true');
    // etcd takes 1.5 MiB, and Helm keeps the whole release in one Secret.
    const release = await chart.get('/api/v1/namespaces/keyturn/secrets/sh.helm.release.v1.keyturn.v1');
    expect(String(at(release, 'data', 'release')).length).toBeLessThan(700_000);
    await chart.helm(['uninstall', 'keyturn', '--namespace', 'keyturn']);
  });

  it('install it without Helm, and what they made can be deleted without the definitions', async () => {
    await runBlock('deploy/install.yaml');
    expect(argumentsOf(await chart.deployment('keyturn'))).toContain('--leader-elect=true');
    await chart.bash('kubectl delete -f deploy/install.yaml --wait=false');
    await expect(chart.deployment('keyturn')).rejects.toThrow('no Deployment');
    expect(at(await chart.get(DEFINITIONS), 'items')).toHaveLength(DEFINED);
  });
});

describe('where something is there already', () => {
  const install = (values: Json) => chart.helm(['install', 'second', CHART, '--namespace', 'second'], values);

  beforeAll(() => chart.restrictedNamespace('second'));

  it('CustomResourceDefinitions of another release are not taken over, and one line says what to do', async () => {
    const metadata = {
      annotations: { 'meta.helm.sh/release-name': 'external-secrets', 'meta.helm.sh/release-namespace': 'eso' },
    };
    await cluster.request('PATCH', EXTERNAL_SECRETS, { metadata }, { contentType: 'application/merge-patch+json' });
    await expect(install({})).rejects.toThrow(
      /CustomResourceDefinition \S+ is there already and belongs to the Helm release \S+\. Set installCRDs to false to leave it as it is, or give it to this release/,
    );
    await expect(install({ installCRDs: false })).rejects.toThrow(
      /secretaccesspolicies.keyturn.dev is there already .* Set crds.createKeyturnKinds to false/,
    );
    expect(at(await chart.get(EXTERNAL_SECRETS), 'metadata')).toMatchObject(metadata);
  });

  it('they are left as they are with installCRDs: false', async () => {
    const before = at(await chart.get(EXTERNAL_SECRETS), 'metadata', 'resourceVersion');
    const said = await install({ installCRDs: false, crds: { createKeyturnKinds: false }, ...(await freePorts()) });
    expect(said).toMatch(/CustomResourceDefinitions of external-secrets.io are not this release's/);
    expect(at(await chart.get(EXTERNAL_SECRETS), 'metadata', 'resourceVersion')).toBe(before);
  });

  it('a second release, for stores of its own, leaves the policies to the first', async () => {
    const values = { installCRDs: false, crds: { createKeyturnKinds: false }, controllerClass: 'third' };
    const third = (more: Json) =>
      chart.helm(['install', 'third', CHART, '--namespace', 'second'], { ...values, ...more });
    await expect(third({})).rejects.toThrow(
      /ValidatingAdmissionPolicy external-secrets.keyturn.dev is there already and belongs to the Helm release second\/second\. Set validatingAdmissionPolicy.create to false/,
    );
    await third({ validatingAdmissionPolicy: { create: false } });
    expect(argumentsOf(await chart.deployment('second', 'third-keyturn'))).toContain('--controller-class=third');
    await chart.helm(['uninstall', 'third', '--namespace', 'second']);
    await chart.helm(['uninstall', 'second', '--namespace', 'second']);
  });

  it('definitions that nobody keeps are given to the release by the lines of docs/migration.md', async () => {
    const text = readFileSync(join(ROOT, 'docs/migration.md'), 'utf8');
    const script = /```sh\n([^`]*meta\.helm\.sh\/release-name[^`]*)```/.exec(text)?.[1] ?? '';
    await chart.bash(script, { RELEASE: 'second', NAMESPACE: 'second' });
    await install({ crds: { createKeyturnKinds: false }, ...(await freePorts()) });
    await chart.helm(['uninstall', 'second', '--namespace', 'second']);
    expect(await chart.get(EXTERNAL_SECRETS)).toBeDefined();
  });
});

describe('a release that is kept to two namespaces', () => {
  let operator: OperatorProcess;
  const account = 'scoped/keyturn';

  beforeAll(async () => {
    await chart.restrictedNamespace('scoped');
    for (const name of ['one', 'two', 'other']) {
      await cluster.apply(`{ apiVersion: v1, kind: Namespace, metadata: { name: ${name} } }`);
    }
    const crds = { installCRDs: false, crds: { createKeyturnKinds: false } };
    const env = { extraEnv: [{ name: 'AWS_ENDPOINT_URL', value: sharedMinistack().url }] };
    const scope = { scopedNamespace: 'one,two', rbac: { plan: true } };
    const values = { ...scope, validatingAdmissionPolicy: { create: false }, ...crds, ...env };
    await chart.helm(['install', 'keyturn', CHART, '--namespace', 'scoped'], { ...values, ...(await freePorts()) });
    operator = await chart.operatorOf('scoped');
  });
  afterAll(() => operator.stop());

  it('may read Secrets of these and of no other, its own included', async () => {
    for (const namespace of ['one', 'two']) expect(await mayGetSecrets(namespace, account)).toBe('yes');
    for (const namespace of ['other', 'scoped', 'kube-system'])
      expect(await mayGetSecrets(namespace, account)).toBe('no');
    const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const user = 'system:serviceaccount:scoped:keyturn';
    for (const verb of ['get', 'list', 'watch', 'create', 'patch', 'delete']) {
      const resourceAttributes = { verb, resource: 'secrets' };
      const { body } = await cluster.request('POST', reviews, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, resourceAttributes },
      });
      expect(at(body, 'status', 'allowed')).toBe(false);
    }
  });

  it('may be planned by an account that has no right elsewhere either', async () => {
    expect(await mayGetSecrets('one', 'scoped/keyturn-plan')).toBe('yes');
    expect(await mayGetSecrets('other', 'scoped/keyturn-plan')).toBe('no');
    const kubeconfig = await cluster.kubeconfigFor({ namespace: 'scoped', serviceAccount: 'keyturn-plan' });
    const args = ['plan', '--kubeconfig', kubeconfig, '--namespace', 'one,two'];
    const { exitCode, stdout, stderr } = await keyturn(args, scratch.path);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Nothing was written.');
  });

  it('serves both', async () => {
    await chart.syncs('one', 'app');
    await chart.syncs('two', 'app');
    expect(operator.logs().filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});
