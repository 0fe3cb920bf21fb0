/** What the chart makes of its values: taken by a real API server as it is, and with no right and no door more than needed. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { sharedCluster } from '../harness/shared.ts';
import { nameOf, objectsIn, only, podSpec, rendered, renderedText } from './chart-world.ts';
import { at, type Json } from './cluster-objects.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MONITORS = ['--api-versions', 'monitoring.coreos.com/v1/ServiceMonitor'];

let cluster: ClusterClient;
beforeAll(async () => {
  cluster = sharedCluster();
  for (const name of ['keyturn', 'shop', 'billing', 'leases']) {
    await cluster.apply(`{ apiVersion: v1, kind: Namespace, metadata: { name: ${name} } }`);
  }
});
afterAll(() => cluster.close());

/** In the order of their names. */
const WITHOUT_DEFINITIONS = readdirSync(join(ROOT, 'crds'))
  .map((file) => file.slice(0, -'.yaml'.length).split('_'))
  .map(([group, plural]) => `- CustomResourceDefinition ${plural}.${group}`)
  .toSorted();

/** Values, and what they change: names of objects that are more (+) or fewer (-) than with none. */
const VARIANTS: Readonly<Record<string, { readonly values: Json; readonly changes: readonly string[] }>> = {
  'nothing said': { values: {}, changes: [] },
  'without CustomResourceDefinitions': {
    values: { installCRDs: false, crds: { createKeyturnKinds: false } },
    changes: WITHOUT_DEFINITIONS,
  },
  'in two namespaces only': {
    values: { scopedNamespace: 'shop,billing', scopedRBAC: true },
    changes: [
      '+ Role billing/keyturn',
      '+ Role shop/keyturn',
      '+ RoleBinding billing/keyturn',
      '+ RoleBinding shop/keyturn',
      '- ClusterRole keyturn',
      '- ClusterRole keyturn-view',
      '- ClusterRoleBinding keyturn',
      '- PriorityClass keyturn',
    ],
  },
  'with named ServiceAccounts': {
    values: { rbac: { tokenServiceAccounts: ['shop/reader', 'billing/reader', 'shop/writer'] } },
    changes: [
      '+ Role billing/keyturn-tokens',
      '+ Role shop/keyturn-tokens',
      '+ RoleBinding billing/keyturn-tokens',
      '+ RoleBinding shop/keyturn-tokens',
    ],
  },
  'with rollouts': {
    values: { rollouts: { enabled: true } },
    changes: ['+ ClusterRole keyturn-rollouts', '+ ClusterRoleBinding keyturn-rollouts'],
  },
  'with proof of consumption': {
    values: { consumption: { enabled: true } },
    changes: ['+ ClusterRole keyturn-consumption', '+ ClusterRoleBinding keyturn-consumption'],
  },
  'with rollouts in two namespaces only': {
    values: { scopedNamespace: 'shop,billing', rollouts: { enabled: true } },
    changes: [
      '+ Role billing/keyturn',
      '+ Role billing/keyturn-rollouts',
      '+ Role shop/keyturn',
      '+ Role shop/keyturn-rollouts',
      '+ RoleBinding billing/keyturn',
      '+ RoleBinding billing/keyturn-rollouts',
      '+ RoleBinding shop/keyturn',
      '+ RoleBinding shop/keyturn-rollouts',
      '- ClusterRole keyturn',
      '- ClusterRole keyturn-view',
      '- ClusterRoleBinding keyturn',
      '- PriorityClass keyturn',
    ],
  },
  'one that does not elect': {
    values: { leaderElect: false, replicaCount: 1 },
    changes: ['- Role keyturn/keyturn-leader-election', '- RoleBinding keyturn/keyturn-leader-election'],
  },
  'Leases elsewhere': {
    values: { leaderElectionNamespace: 'leases' },
    changes: [
      '+ Role leases/keyturn-leader-election',
      '+ RoleBinding leases/keyturn-leader-election',
      '- Role keyturn/keyturn-leader-election',
      '- RoleBinding keyturn/keyturn-leader-election',
    ],
  },
  'with other names': {
    values: { fullnameOverride: 'secrets', namespaceOverride: 'shop', serviceAccount: { name: 'reader' } },
    changes: [
      '+ ClusterRole secrets',
      '+ ClusterRole secrets-view',
      '+ ClusterRoleBinding secrets',
      '+ Deployment shop/secrets',
      '+ NetworkPolicy shop/secrets',
      '+ PodDisruptionBudget shop/secrets',
      '+ PriorityClass secrets',
      '+ Role shop/secrets-leader-election',
      '+ RoleBinding shop/secrets-leader-election',
      '+ ServiceAccount shop/reader',
      '- ClusterRole keyturn',
      '- ClusterRole keyturn-view',
      '- ClusterRoleBinding keyturn',
      '- Deployment keyturn/keyturn',
      '- NetworkPolicy keyturn/keyturn',
      '- PodDisruptionBudget keyturn/keyturn',
      '- PriorityClass keyturn',
      '- Role keyturn/keyturn-leader-election',
      '- RoleBinding keyturn/keyturn-leader-election',
      '- ServiceAccount keyturn/keyturn',
    ],
  },
  'nothing but the Deployment': {
    values: {
      installCRDs: false,
      crds: { createKeyturnKinds: false },
      validatingAdmissionPolicy: { create: false },
      serviceAccount: { create: false },
      rbac: { create: false },
      podDisruptionBudget: { enabled: false },
      networkPolicy: { enabled: false },
      priorityClass: { create: false },
      livenessProbe: { enabled: false },
      readinessProbe: { enabled: false },
      topologySpreadConstraints: [],
      resources: {},
    },
    changes: [
      '- ClusterRole keyturn',
      '- ClusterRole keyturn-view',
      '- ClusterRoleBinding keyturn',
      ...WITHOUT_DEFINITIONS,
      '- NetworkPolicy keyturn/keyturn',
      '- PodDisruptionBudget keyturn/keyturn',
      '- PriorityClass keyturn',
      '- Role keyturn/keyturn-leader-election',
      '- RoleBinding keyturn/keyturn-leader-election',
      '- ServiceAccount keyturn/keyturn',
      '- ValidatingAdmissionPolicy cluster-external-secrets.keyturn.dev',
      '- ValidatingAdmissionPolicy external-secrets.keyturn.dev',
      '- ValidatingAdmissionPolicy namespace-regexes.keyturn.dev',
      '- ValidatingAdmissionPolicy secret-stores.keyturn.dev',
      '- ValidatingAdmissionPolicyBinding cluster-external-secrets.keyturn.dev',
      '- ValidatingAdmissionPolicyBinding external-secrets.keyturn.dev',
      '- ValidatingAdmissionPolicyBinding namespace-regexes.keyturn.dev',
      '- ValidatingAdmissionPolicyBinding secret-stores.keyturn.dev',
    ],
  },
  "labels of the chart's names, in the network of the nodes, with what the chart around it says": {
    values: {
      commonLabels: { 'app.kubernetes.io/name': 'other', 'app.kubernetes.io/managed-by': 'other' },
      podLabels: { 'app.kubernetes.io/instance': 'other' },
      hostNetwork: true,
      global: {
        imagePullSecrets: [{ name: 'registry' }],
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
        affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
        hostAliases: [{ ip: '10.0.0.1', hostnames: ['aws.internal'] }],
        podLabels: { note: 'three' },
        podAnnotations: { note: 'two' },
        imageRegistry: 'registry.test',
        compatibility: { openshift: { adaptSecurityContext: 'force' } },
      },
    },
    changes: [],
  },
  'everything there is': {
    values: {
      commonLabels: { team: 'platform' },
      imagePullSecrets: [{ name: 'registry' }],
      serviceAccount: {
        annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/keyturn' },
        extraLabels: { tier: 'infrastructure' },
      },
      rbac: { aggregateToEdit: true, plan: true },
      genericTargets: {
        enabled: true,
        resources: [
          { apiGroup: '', resources: ['configmaps'] },
          { apiGroup: 'config.example.com', resources: ['appconfigs'], verbs: ['get', 'create', 'patch'] },
        ],
      },
      crds: { annotations: { 'argocd.argoproj.io/sync-options': 'ServerSideApply=true' } },
      deploymentAnnotations: { note: 'one' },
      podAnnotations: { note: 'two' },
      podLabels: { note: 'three' },
      podDisruptionBudget: { minAvailable: '50%', nameOverride: 'budget' },
      priorityClassName: 'system-cluster-critical',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
      hostNetwork: true,
      hostAliases: [{ ip: '10.0.0.1', hostnames: ['aws.internal'] }],
      dnsPolicy: 'ClusterFirstWithHostNet',
      dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
      podSpecExtra: { runtimeClassName: 'gvisor', hostUsers: true },
      strategy: { type: 'Recreate' },
      auditLog: '/var/log/keyturn/audit.jsonl',
      extraEnv: [{ name: 'AWS_REGION', value: 'eu-central-1' }],
      extraVolumes: [{ name: 'audit', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'audit', mountPath: '/var/log/keyturn' }],
      extraInitContainers: [{ name: 'first', image: 'first' }],
      extraContainers: [{ name: 'beside', image: 'beside' }],
      extraObjects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-map', namespace: 'keyturn' } },
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: text, namespace: keyturn }\n',
      ],
      livenessProbe: { spec: { initialDelaySeconds: 3 } },
      metrics: { service: { enabled: true, port: 9000, annotations: { 'prometheus.io/scrape': 'true' } } },
      networkPolicy: {
        instanceMetadata: true,
        controller: {
          ingressFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
          egressTo: [{ ports: [{ protocol: 'TCP', port: 3128 }], to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
        },
      },
      template: { leftDelimiter: '[[', rightDelimiter: ']]' },
    },
    changes: [
      '+ ClusterRole keyturn-edit',
      '+ ClusterRole keyturn-plan',
      '+ ClusterRoleBinding keyturn-plan',
      '+ ConfigMap keyturn/keyturn-map',
      '+ ConfigMap keyturn/text',
      '+ PodDisruptionBudget keyturn/budget',
      '+ Service keyturn/keyturn-metrics',
      '+ ServiceAccount keyturn/keyturn-plan',
      '- PodDisruptionBudget keyturn/keyturn',
      '- PriorityClass keyturn',
    ],
  },
};

describe('with each set of values', () => {
  it.each(Object.entries(VARIANTS))('%s: the objects', async (_, { values, changes }) => {
    const [before, after] = (await Promise.all([rendered(), rendered(values)])).map((each) => each.map(nameOf));
    const added = after?.filter((name) => !before?.includes(name)).map((name) => `+ ${name}`) ?? [];
    const gone = before?.filter((name) => !after?.includes(name)).map((name) => `- ${name}`) ?? [];
    expect([...added.toSorted(), ...gone.toSorted()]).toEqual(changes);
    expect(new Set(after).size).toBe(after?.length);
  });

  it.each(Object.entries(VARIANTS))('%s: the API server takes each object, field by field', async (_, { values }) => {
    const manifests = await renderedText(values);
    expect(await dryRun(manifests)).toBe(objectsIn(manifests).length);
  });

  it('and a field that does not exist would be seen', async () => {
    const manifests = (await renderedText()).replace('terminationGracePeriodSeconds', 'terminationGraceSeconds');
    await expect(dryRun(manifests)).rejects.toThrow(/spec.template.spec.terminationGraceSeconds: field not declared/);
  });
});

/** @returns how many objects the API server took @throws Error with what it said of those that it did not take */
async function dryRun(manifests: string): Promise<number> {
  const strictly = ['--dry-run=server', '--validate=strict', '--force-conflicts', '--field-manager=chart'];
  const { exitCode, stdout, stderr } = await cluster.kubectl(['apply', '--server-side', ...strictly, '-f', '-'], {
    input: manifests,
  });
  if (exitCode !== 0 || stderr !== '') throw new Error(stderr);
  return stdout.match(/\(server dry run\)$/gm)?.length ?? 0;
}

describe('the CustomResourceDefinitions', () => {
  it('are those of crds/, to be kept', async () => {
    const objects = (await rendered()).filter(({ kind }) => kind === 'CustomResourceDefinition');
    const files = readdirSync(join(ROOT, 'crds')).map((file) => readFileSync(join(ROOT, 'crds', file), 'utf8'));
    expect(objects).toHaveLength(files.length);
    for (const definition of files.flatMap(objectsIn)) {
      const ours = only(objects, 'CustomResourceDefinition', String(at(definition, 'metadata', 'name')));
      expect(at(ours, 'spec')).toEqual(definition['spec']);
      expect(at(ours, 'metadata', 'annotations', 'helm.sh/resource-policy')).toBe('keep');
    }
  });

  it('are kept whatever crds.annotations says', async () => {
    const annotations = { 'helm.sh/resource-policy': 'delete', note: 'one' };
    const objects = await rendered({ crds: { annotations } });
    const definition = only(objects, 'CustomResourceDefinition', 'externalsecrets.external-secrets.io');
    expect(at(definition, 'metadata', 'annotations')).toMatchObject({ 'helm.sh/resource-policy': 'keep', note: 'one' });
  });
});

describe('the pods', () => {
  it('of two replicas that elect a leader are replaced one after the other; of one that does not, all at once', async () => {
    const strategy = async (values: Json) => at(only(await rendered(values), 'Deployment'), 'spec', 'strategy', 'type');
    expect(await strategy({})).toBe('RollingUpdate');
    expect(await strategy({ leaderElect: false, replicaCount: 1 })).toBe('Recreate');
  });

  it('have no user of ours on OpenShift, which has one for each namespace', async () => {
    const contextOf = async (args: readonly string[]) =>
      at(podSpec(only(await rendered({}, args), 'Deployment')), 'securityContext');
    expect(await contextOf([])).toMatchObject({ runAsUser: 65_532, fsGroup: 65_532, runAsNonRoot: true });
    const there = await contextOf(['--api-versions', 'security.openshift.io/v1']);
    expect(there).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  });

  it('are asked at the port where they answer', async () => {
    const values = { health: { listen: { port: 9000 } }, livenessProbe: { spec: { httpGet: { path: '/other' } } } };
    const container = at(podSpec(only(await rendered(values), 'Deployment')), 'containers', 0);
    expect(at(container, 'ports')).toContainEqual({ name: 'health', containerPort: 9000, protocol: 'TCP' });
    expect(at(container, 'livenessProbe', 'httpGet')).toEqual({ path: '/other', port: 'health' });
    expect(at(container, 'readinessProbe', 'httpGet')).toEqual({ path: '/readyz', port: 'health' });
  });

  it('have time to end: longer than the 10 s that the operator takes', async () => {
    const { terminationGracePeriodSeconds } = podSpec(only(await rendered(), 'Deployment'));
    expect(terminationGracePeriodSeconds).toBeGreaterThan(10);
  });
});

describe('a ServiceMonitor', () => {
  const kinds = async (args: readonly string[], serviceMonitor: Json = {}) =>
    (await rendered({ serviceMonitor: { enabled: true, ...serviceMonitor } }, args)).map(({ kind }) => kind);

  it('is made where the kind is served, or where that does not count, and has a Service', async () => {
    expect(await kinds(MONITORS)).toEqual(expect.arrayContaining(['ServiceMonitor', 'Service']));
    expect(await kinds([], { renderMode: 'alwaysRender' })).toContain('ServiceMonitor');
    expect(await kinds([])).not.toContain('ServiceMonitor');
  });
});

describe('deploy/install.yaml', () => {
  it('is what the chart makes of no values, but for its CustomResourceDefinitions and what only Helm may say', async () => {
    const helms = new Set(['app.kubernetes.io/managed-by', 'helm.sh/chart']);
    const bare = JSON.stringify(
      (await rendered()).filter(({ kind }) => kind !== 'CustomResourceDefinition'),
      (name, value) => (helms.has(name) ? undefined : value),
    );
    const [namespace, ...objects] = objectsIn(readFileSync(join(ROOT, 'deploy/install.yaml'), 'utf8'));
    expect(objects).toEqual(JSON.parse(bare));
    expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name: 'keyturn' } });
  });
});
