/** ClusterExternalSecrets on a real API server: where their ExternalSecrets come, change and go. */

import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { countWrites, type RequestCount, requestsBetween } from '../harness/request-counts.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';

const SOON_MS = 15_000;
const MERGE_PATCH = { contentType: 'application/merge-patch+json' };

let cluster: ControlPlane;
let world: World;

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  world = await startWorld({ cluster });
});
afterEach(async () => {
  expect(bugsLoggedBy(world.operator)).toEqual([]);
  await world.objects.removeAll('ClusterExternalSecret', '');
  const areGone = async () => {
    const left = await Promise.all([
      world.objects.list('ClusterExternalSecret', '*'),
      world.objects
        .list('ExternalSecret', '*')
        .then((all) => all.filter((each) => at(each, 'metadata', 'ownerReferences'))),
    ]);
    return left.flat().length === 0;
  };
  await until('all that there was to be gone', areGone, SOON_MS);
});
afterAll(async () => {
  expect(await world.leaks()).toEqual([]);
  await world.stop();
  await cluster.stop();
});

interface Stage {
  readonly team: string;
  readonly blue: string;
  readonly red: string;
  readonly data: readonly Json[];
  readonly value: string;
  /** A ClusterSecretStore. */
  readonly store: string;
}

const matchLabels = (team: string): Json => ({ matchLabels: { team } });

/** Two namespaces with a label of their own, and a ClusterSecretStore. */
async function prepare(): Promise<Stage> {
  const team = `t${randomBytes(4).toString('hex')}`;
  const [blue, red] = [await world.namespace('blue'), await world.namespace('red')];
  const store = world.uniqueName('shared');
  await world.clusterStore(blue, store);
  const value = world.canary();
  const { name } = await world.putSecret(value);
  await Promise.all([label(blue, team), label(red, team)]);
  return { team, blue, red, store, value, data: [{ secretKey: 'password', remoteRef: { key: name } }] };
}

async function label(namespace: string, team: string | null): Promise<void> {
  const change = { metadata: { labels: { team } } };
  expect(await cluster.request('PATCH', `/api/v1/namespaces/${namespace}`, change, MERGE_PATCH)).toMatchObject({
    status: 200,
  });
}

function specOf({ data, store, team }: Stage, more: Json = {}): Json {
  const externalSecretSpec = { secretStoreRef: { name: store, kind: 'ClusterSecretStore' }, data };
  return { externalSecretSpec, namespaceSelectors: [matchLabels(team)], ...more };
}

function apply(name: string, spec: Json, metadata: Json = {}): Promise<Json> {
  return world.objects.apply('ClusterExternalSecret', '', name, { metadata, spec });
}

async function expectStatus(name: string, status: Json): Promise<void> {
  const wanted = JSON.stringify(sorted(status));
  await until(
    `${name} to have the status ${wanted}`,
    async () => JSON.stringify(sorted(at(await world.objects.get('ClusterExternalSecret', '', name), 'status'))),
    SOON_MS,
    (seen) => seen === wanted,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

const WATCHED = ['externalsecrets', 'clusterexternalsecrets', 'namespaces', 'secrets'];

function isWrite(request: RequestCount): boolean {
  return countWrites([request]) > 0 && WATCHED.includes(request.resource);
}

/** A request is counted when its reply has been sent: what was written before is counted in it. */
async function settledMetrics(): ReturnType<ControlPlane['metrics']> {
  let settled = await cluster.metrics();
  const written = async () => {
    const earlier = settled;
    settled = await cluster.metrics();
    return requestsBetween(earlier, settled).filter(isWrite);
  };
  await until('nothing to be written', written, SOON_MS, (requests) => requests.length === 0);
  return settled;
}

const READY = [{ type: 'Ready', status: 'True' }];
const inOrder = (...names: string[]) => names.sort();

async function untilGone(namespace: string, name: string): Promise<void> {
  const probe = async () => (await world.objects.get('ExternalSecret', namespace, name)) === undefined;
  await until(`ExternalSecret ${namespace}/${name} to be gone`, probe, SOON_MS);
}

describe('a ClusterExternalSecret', () => {
  it('makes its ExternalSecret in every selected namespace, with a Secret of it, and takes both along', async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    const externalSecretMetadata = { labels: { app: 'shop' }, annotations: { note: 'x' } };
    await apply(name, specOf(stage, { externalSecretName: 'db', externalSecretMetadata }));
    for (const namespace of [stage.blue, stage.red]) {
      await world.expectReady(namespace, 'db');
      await world.expectData(namespace, 'db', { password: stage.value });
      expect(await world.objects.get('ExternalSecret', namespace, 'db')).toMatchObject({
        metadata: {
          labels: { app: 'shop' },
          annotations: { note: 'x' },
          ownerReferences: [{ kind: 'ClusterExternalSecret', name, controller: true }],
        },
      });
    }
    const provisionedNamespaces = inOrder(stage.blue, stage.red);
    await expectStatus(name, { externalSecretName: 'db', provisionedNamespaces, conditions: READY });
    expect(at(await world.objects.get('ClusterExternalSecret', '', name), 'metadata', 'finalizers')).toBeUndefined();

    await world.objects.remove('ClusterExternalSecret', '', name);
    for (const namespace of [stage.blue, stage.red]) {
      await untilGone(namespace, 'db');
      const secret = async () => (await world.objects.get('Secret', namespace, 'db')) === undefined;
      await until('the Secret to be gone', secret, SOON_MS);
    }
  });

  it('follows its namespaces as their labels come and go', async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    await label(stage.red, 'nobody');
    await apply(name, specOf(stage));
    await world.expectReady(stage.blue, name);
    await label(stage.red, stage.team);
    await world.expectReady(stage.red, name);
    await label(stage.blue, null);
    await untilGone(stage.blue, name);
    await expectStatus(name, { externalSecretName: name, provisionedNamespaces: [stage.red], conditions: READY });
    const later = await world.namespace('later');
    await apply(name, specOf(stage, { namespaces: [later, 'not-there-yet'] }));
    await world.expectReady(later, name);
    const path = `/api/v1/namespaces/${later}`;
    await cluster.request('DELETE', path);
    await until('the namespace to be gone', async () => (await cluster.request('GET', path)).status === 404, 30_000);
    await expectStatus(name, { externalSecretName: name, provisionedNamespaces: [stage.red], conditions: READY });
  });

  it('passes changes on, removes what it gave, and leaves alone what others put there', async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    const labels = { keep: 'x', drop: 'x' };
    await apply(name, specOf(stage, { externalSecretMetadata: { labels } }));
    await world.expectReady(stage.blue, name);
    await world.objects.patch('ExternalSecret', stage.blue, name, { metadata: { labels: { theirs: 'y' } } });
    await apply(
      name,
      specOf(stage, {
        externalSecretMetadata: { labels: { keep: 'z' } },
        externalSecretSpec: { ...Object(specOf(stage)['externalSecretSpec']), refreshInterval: '30m' },
      }),
      { annotations: { 'external-secrets.io/force-sync': '1' } },
    );
    const seen = async () => {
      const object = await world.objects.get('ExternalSecret', stage.blue, name);
      return JSON.stringify([
        sorted(at(object, 'metadata', 'labels')),
        at(object, 'metadata', 'annotations', 'external-secrets.io/force-sync'),
        at(object, 'spec', 'refreshInterval'),
      ]);
    };
    const wanted = JSON.stringify([{ keep: 'z', theirs: 'y' }, '1', '30m']);
    await until(`labels, annotation and interval to be ${wanted}`, seen, SOON_MS, (each) => each === wanted);
  });

  it('puts right what somebody changed in the spec, additions too, and makes again what was deleted', async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    await apply(name, specOf(stage));
    await world.expectReady(stage.blue, name);
    const before = at(await world.objects.get('ExternalSecret', stage.blue, name), 'spec');
    await world.objects.patch('ExternalSecret', stage.blue, name, {
      spec: { refreshInterval: '7m', refreshPolicy: 'OnChange', data: [] },
    });
    const spec = async () =>
      JSON.stringify(sorted(at(await world.objects.get('ExternalSecret', stage.blue, name), 'spec')));
    await until('the spec to be as it was', spec, SOON_MS, (seen) => seen === JSON.stringify(sorted(before)));
    await world.objects.remove('ExternalSecret', stage.blue, name);
    await world.expectReady(stage.blue, name);
  });

  it('changes the name of its ExternalSecrets, and removes those of the old one', async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    await apply(name, specOf(stage, { externalSecretName: 'old' }));
    await world.expectReady(stage.blue, 'old');
    await apply(name, specOf(stage, { externalSecretName: 'new' }));
    await world.expectReady(stage.blue, 'new');
    await untilGone(stage.blue, 'old');
    await untilGone(stage.red, 'old');
    const provisionedNamespaces = inOrder(stage.blue, stage.red);
    await expectStatus(name, { externalSecretName: 'new', provisionedNamespaces, conditions: READY });
  });

  it("fails where an ExternalSecret of that name is somebody else's, until it is gone", async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    const theirs = { secretStoreRef: { name: stage.store, kind: 'ClusterSecretStore' }, data: stage.data };
    await world.externalSecret(stage.red, name, { ...theirs, refreshInterval: '5m' });
    await apply(name, specOf(stage));
    await expectStatus(name, {
      externalSecretName: name,
      provisionedNamespaces: [stage.blue],
      failedNamespaces: [{ namespace: stage.red, reason: 'external secret already exists in namespace' }],
      conditions: [{ type: 'Ready', status: 'False', message: 'one or more namespaces failed' }],
    });
    expect(await world.objects.get('ExternalSecret', stage.red, name)).toMatchObject({
      spec: { refreshInterval: '5m' },
    });
    await world.objects.remove('ExternalSecret', stage.red, name);
    const provisionedNamespaces = inOrder(stage.blue, stage.red);
    await expectStatus(name, { externalSecretName: name, provisionedNamespaces, conditions: READY });
  });

  it('that can never work says why, and what it made stays', async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    await apply(name, specOf(stage));
    await world.expectReady(stage.blue, name);
    await apply(name, specOf(stage, { refreshTime: '1d' }));
    const message = 'spec.refreshTime is not a duration; write one such as "1h30m" (a day is "24h")';
    const provisionedNamespaces = inOrder(stage.blue, stage.red);
    const conditions = [{ type: 'Ready', status: 'False', message }];
    await expectStatus(name, { externalSecretName: name, provisionedNamespaces, conditions });
    expect(await world.condition(stage.blue, name)).toMatchObject({ status: 'True' });
  });

  it('writes nothing while nothing changes, not even after a restart', async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    await apply(name, specOf(stage, { refreshTime: '1s', externalSecretMetadata: { labels: { app: 'shop' } } }));
    await Promise.all([stage.blue, stage.red].map((namespace) => world.expectReady(namespace, name)));
    const provisionedNamespaces = inOrder(stage.blue, stage.red);
    await expectStatus(name, { externalSecretName: name, provisionedNamespaces, conditions: READY });
    const before = await settledMetrics();
    await world.restartOperator('stop');
    const looks = async () => {
      const reply = await fetch(`${await world.operator.metricsUrl()}/metrics`, { signal: AbortSignal.timeout(5_000) });
      return Number(/_count\{controller="clusterexternalsecret",outcome="done"\} (\d+)/.exec(await reply.text())?.[1]);
    };
    const afterStart = await until('it to be looked at', looks, SOON_MS, (count) => count > 0);
    await until('it to be looked at twice more', looks, SOON_MS, (count) => count >= afterStart + 2);
    const requests = requestsBetween(before, await cluster.metrics());
    expect(requests.filter(isWrite)).toEqual([]);
  });
});

describe('what External Secrets Operator left', () => {
  it('is removed from a ClusterExternalSecret that is deleted', async () => {
    const stage = await prepare();
    const name = world.uniqueName('ces');
    const finalizers = ['externalsecrets.external-secrets.io/clusterexternalsecret-cleanup'];
    await apply(name, specOf(stage), { finalizers });
    await world.expectReady(stage.blue, name);
    expect(await world.objects.get('ClusterExternalSecret', '', name)).toMatchObject({ metadata: { finalizers } });
    await world.objects.remove('ClusterExternalSecret', '', name);
    await untilGone(stage.blue, name);
  });

  it('is removed from a Namespace that is deleted, and from no other; finalizers of others stay', async () => {
    const [going, staying] = [await world.namespace('going'), await world.namespace('staying')];
    const other = 'example.com/keep';
    const finalizers = [
      'externalsecrets.external-secrets.io/ces-one',
      other,
      'externalsecrets.external-secrets.io/ces-two',
    ];
    for (const namespace of [going, staying]) {
      await cluster.request('PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { finalizers } }, MERGE_PATCH);
    }
    const left = async (namespace: string) =>
      JSON.stringify(
        at((await cluster.request('GET', `/api/v1/namespaces/${namespace}`)).body, 'metadata', 'finalizers'),
      );
    await cluster.request('DELETE', `/api/v1/namespaces/${going}`);
    await until(
      'one finalizer to be left',
      () => left(going),
      SOON_MS,
      (seen) => seen === JSON.stringify([other]),
    );
    expect(await left(staying)).toBe(JSON.stringify(finalizers));
    for (const namespace of [going, staying]) {
      await cluster.request(
        'PATCH',
        `/api/v1/namespaces/${namespace}`,
        { metadata: { finalizers: null } },
        MERGE_PATCH,
      );
    }
  });
});

describe('manifests of v1beta1', () => {
  it('are applied without a webhook, and served', async () => {
    const stage = await prepare();
    const name = world.uniqueName('beta');
    const apiVersion = 'external-secrets.io/v1beta1';
    await world.credentials(stage.blue, `${name}-credentials`);
    const from = { name: `${name}-credentials`, namespace: stage.blue };
    const secretRef = {
      accessKeyIDSecretRef: { ...from, key: 'id' },
      secretAccessKeySecretRef: { ...from, key: 'key' },
    };
    const provider = { aws: { service: 'SecretsManager', region: world.aws.region, auth: { secretRef } } };
    const manifests = [
      { kind: 'SecretStore', metadata: { name, namespace: stage.blue }, spec: { provider, refreshInterval: 300 } },
      { kind: 'ClusterSecretStore', metadata: { name }, spec: { provider } },
      {
        kind: 'ExternalSecret',
        metadata: { name: 'own', namespace: stage.blue },
        spec: { refreshInterval: '1h', secretStoreRef: { name, kind: 'SecretStore' }, data: stage.data },
      },
      {
        kind: 'ClusterExternalSecret',
        metadata: { name },
        spec: specOf(
          { ...stage, store: name },
          { namespaceSelectors: undefined, namespaceSelector: matchLabels(stage.team) },
        ),
      },
    ].map((manifest) => JSON.stringify({ apiVersion, ...manifest }));
    const { exitCode, stderr } = await cluster.kubectl(['apply', '-f', '-'], { input: manifests.join('\n---\n') });
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`Warning: ${apiVersion} ExternalSecret is deprecated: write external-secrets.io/v1`);
    await world.expectData(stage.blue, 'own', { password: stage.value });
    await world.expectData(stage.red, name, { password: stage.value });
    expect(await world.objects.get('ExternalSecret', stage.blue, 'own')).toMatchObject({
      apiVersion: 'external-secrets.io/v1',
    });
    const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/externalsecrets.external-secrets.io';
    expect(at((await cluster.request('GET', crd)).body, 'status', 'storedVersions')).toEqual(['v1']);
    await world.objects.remove('ClusterSecretStore', '', name);
  });
});
