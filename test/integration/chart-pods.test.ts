/** What values say of the pods, those of the chart and those of the chart around it: labels, places, image, name resolution. */

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { KUBERNETES_VERSION } from '../harness/binaries.ts';
import { runHelm } from '../harness/helm.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { CHART, objectsIn, only, podSpec, rendered } from './chart-world.ts';
import { at, type Json } from './cluster-objects.ts';

const MINIMAL = { installCRDs: false, crds: { createKeyturnKinds: false } };

async function deploymentOf(values: Json, args: readonly string[] = []): Promise<Json> {
  return only(await rendered({ ...values, ...MINIMAL }, args), 'Deployment');
}

const podsOf = async (values: Json, args?: readonly string[]) => podSpec(await deploymentOf(values, args));

describe('labels', () => {
  const SELECTED = { 'app.kubernetes.io/name': 'keyturn', 'app.kubernetes.io/instance': 'keyturn' };
  const labelsOf = (object: Json) => at(object, 'metadata', 'labels');
  const podLabelsOf = (deployment: Json) => at(deployment, 'spec', 'template', 'metadata', 'labels');

  it.each<[string, Json]>([
    ['commonLabels', { commonLabels: { 'app.kubernetes.io/name': 'other', team: 'a' } }],
    ['podLabels', { podLabels: { 'app.kubernetes.io/instance': 'other', team: 'a' } }],
    ['podLabels of all charts', { global: { podLabels: { 'app.kubernetes.io/instance': 'other', team: 'a' } } }],
  ])("by which pods are found are the chart's, whatever %s say", async (_, values) => {
    const deployment = await deploymentOf(values);
    expect(at(deployment, 'spec', 'selector', 'matchLabels')).toEqual(SELECTED);
    expect(podLabelsOf(deployment)).toMatchObject({ ...SELECTED, team: 'a' });
  });

  it('of one object win over those of all objects', async () => {
    const values = {
      commonLabels: { team: 'a' },
      podLabels: { team: 'b' },
      serviceAccount: { extraLabels: { team: 'c' } },
    };
    const monitored = {
      serviceMonitor: { enabled: true, renderMode: 'alwaysRender', additionalLabels: { team: 'd' } },
    };
    const objects = await rendered({ ...values, ...monitored });
    const deployment = only(objects, 'Deployment');
    expect(labelsOf(deployment)).toMatchObject({ team: 'a' });
    expect(podLabelsOf(deployment)).toMatchObject({ team: 'b' });
    expect(labelsOf(only(objects, 'ServiceAccount'))).toMatchObject({ team: 'c' });
    expect(labelsOf(only(objects, 'ServiceMonitor'))).toMatchObject({ team: 'd' });
  });
});

describe('pods in the network of their nodes', () => {
  it('resolve names of the cluster, unless somebody says how they resolve names', async () => {
    const policyOf = async (values: Json) => (await podsOf(values))['dnsPolicy'];
    expect(await policyOf({})).toBe('ClusterFirst');
    expect(await policyOf({ hostNetwork: true })).toBe('ClusterFirstWithHostNet');
    expect(await policyOf({ hostNetwork: true, dnsPolicy: 'Default' })).toBe('Default');
    expect(await policyOf({ hostNetwork: true, podSpecExtra: { dnsPolicy: 'None' } })).toBe('None');
  });

  it('are replaced one after the other: two have no place beside each other', async () => {
    const rolling = async (values: Json) => at(await deploymentOf(values), 'spec', 'strategy', 'rollingUpdate');
    expect(await rolling({})).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(await rolling({ hostNetwork: true })).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });
});

/** Values of the chart around it, and of this one, that go by the same name. */
const SHARED: Readonly<Record<string, readonly [theirs: unknown, ours: unknown]>> = {
  imagePullSecrets: [[{ name: 'theirs' }], [{ name: 'ours' }]],
  nodeSelector: [{ pool: 'theirs' }, { pool: 'ours' }],
  tolerations: [[{ key: 'theirs', operator: 'Exists' }], [{ key: 'ours', operator: 'Exists' }]],
  affinity: [{ nodeAffinity: {} }, { podAntiAffinity: {} }],
  hostAliases: [[{ ip: '10.0.0.1', hostnames: ['theirs'] }], [{ ip: '10.0.0.1', hostnames: ['ours'] }]],
};

describe('global, of the chart around it', () => {
  it.each(Object.entries(SHARED))("%s counts where this chart's is empty", async (name, [theirs, ours]) => {
    expect((await podsOf({ global: { [name]: theirs } }))[name]).toEqual(theirs);
    expect((await podsOf({ global: { [name]: theirs }, [name]: ours }))[name]).toEqual(ours);
  });

  it("podLabels and podAnnotations count where this chart's are empty", async () => {
    const metadataOf = async (values: Json) => at(await deploymentOf(values), 'spec', 'template', 'metadata');
    const theirs = { podLabels: { from: 'theirs' }, podAnnotations: { from: 'theirs' } };
    const found = await metadataOf({ global: theirs });
    expect(at(found, 'labels', 'from')).toBe('theirs');
    expect(at(found, 'annotations', 'from')).toBe('theirs');
    const ours = await metadataOf({ global: theirs, podLabels: { a: 'b' }, podAnnotations: { a: 'b' } });
    expect(at(ours, 'labels')).not.toHaveProperty('from');
    expect(at(ours, 'annotations')).toEqual({ a: 'b' });
  });

  it('topologySpreadConstraints come before what the chart does by itself, and after its values', async () => {
    const keysOf = async (values: Json) => {
      const constraints = (await podsOf(values))['topologySpreadConstraints'] as readonly Json[] | undefined;
      return constraints?.map(({ topologyKey }) => topologyKey);
    };
    const one = (topologyKey: string) => ({
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'DoNotSchedule' }],
    });
    expect(await keysOf({})).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
    expect(await keysOf({ global: one('theirs') })).toEqual(['theirs']);
    expect(await keysOf({ global: one('theirs'), ...one('ours') })).toEqual(['ours']);
    expect(await keysOf({ topologySpreadConstraints: [] })).toBeUndefined();
  });

  it("repository is the image, and imageRegistry goes before the name of this chart's", async () => {
    const imageOf = async (values: Json) => at(await podsOf(values), 'containers', 0, 'image');
    const image = { repository: 'team/keyturn', tag: '1' };
    expect(await imageOf({ image, global: { imageRegistry: 'registry.test' } })).toBe('registry.test/team/keyturn:1');
    const both = { imageRegistry: 'registry.test', repository: 'other.test/keyturn' };
    expect(await imageOf({ image, global: both })).toBe('other.test/keyturn:1');
    expect(await imageOf({ image, global: {} })).toBe('team/keyturn:1');
  });

  it('what is null there is as if it was not given', async () => {
    const nothing = Object.fromEntries(
      [
        ...Object.keys(SHARED),
        'podLabels',
        'podAnnotations',
        'topologySpreadConstraints',
        'repository',
        'imageRegistry',
      ].map((name) => [name, null]),
    );
    const asEver = await deploymentOf({});
    for (const compatibility of [null, { openshift: null }, { openshift: { adaptSecurityContext: null } }]) {
      expect(await deploymentOf({ global: { ...nothing, compatibility } })).toEqual(asEver);
    }
  });

  it('adaptSecurityContext says whether users are left to OpenShift', async () => {
    const hasUser = async (adaptSecurityContext: string, args: readonly string[] = []) =>
      'runAsUser' in
      Object(
        (await podsOf({ global: { compatibility: { openshift: { adaptSecurityContext } } } }, args))['securityContext'],
      );
    const there = ['--api-versions', 'security.openshift.io/v1'];
    expect([await hasUser('auto'), await hasUser('force'), await hasUser('disabled')]).toEqual([true, false, true]);
    expect([await hasUser('auto', there), await hasUser('disabled', there)]).toEqual([false, true]);
  });
});

describe('as a part of another chart', () => {
  let umbrella: TemporaryDirectory;
  beforeAll(() => {
    umbrella = temporaryDirectory('umbrella');
    cpSync(CHART, join(umbrella.path, 'charts/keyturn'), { recursive: true });
    const dependencies = [{ name: 'keyturn', version: '0.x.x', condition: 'keyturn.enabled' }];
    const chart = { apiVersion: 'v2', name: 'platform', version: '1.0.0', dependencies };
    writeFileSync(join(umbrella.path, 'Chart.yaml'), stringify(chart));
  });
  afterAll(() => umbrella.remove());

  it('it is rendered with what Helm and that chart give it', async () => {
    const global = {
      imageRegistry: 'registry.test',
      nodeSelector: { pool: 'theirs' },
      storageClass: 'of-another-part',
    };
    const values = { global, keyturn: { enabled: true, replicaCount: 3 } };
    const args = ['template', 'all', umbrella.path, '--kube-version', KUBERNETES_VERSION, '--values', '-'];
    const { stdout, stderr } = await runHelm(args, { input: JSON.stringify(values) });
    expect(stderr).toBe('');
    const deployment = only(objectsIn(stdout), 'Deployment', 'all-keyturn');
    expect(at(deployment, 'spec', 'replicas')).toBe(3);
    expect(podSpec(deployment)['nodeSelector']).toEqual({ pool: 'theirs' });
    expect(at(podSpec(deployment), 'containers', 0, 'image')).toMatch(/^registry\.test\/keyturn:/);
    expect(podSpec(deployment)['topologySpreadConstraints']).toHaveLength(2);
  });
});
