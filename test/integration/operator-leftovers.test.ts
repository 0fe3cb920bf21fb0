/** What other operators and other CRDs leave behind: objects that no schema of ours would admit, and finalizers. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ESO_EXTERNAL_SECRET_FINALIZER } from '../../src/api/groups.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { until } from '../harness/until.ts';
import type { Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';

const SOON_MS = 15_000;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

let cluster: ControlPlane;
let world: World;

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  world = await startWorld({ cluster });
});
afterEach(() => {
  expect(bugsLoggedBy(world.operator)).toEqual([]);
});
afterAll(async () => {
  expect(await world.leaks()).toEqual([]);
  await world.stop();
  await cluster.stop();
});

async function prepare(prefix: string): Promise<{ namespace: string; data: readonly Json[]; value: string }> {
  const namespace = await world.namespace(prefix);
  await world.store(namespace);
  const value = world.canary();
  const { name } = await world.putSecret(value);
  return { namespace, value, data: [{ secretKey: 'password', remoteRef: { key: name } }] };
}

function isGone(namespace: string, name: string): Promise<true> {
  const probe = async () => (await world.objects.get('ExternalSecret', namespace, name)) === undefined;
  return until(`ExternalSecret ${name} to be gone`, probe, SOON_MS);
}

const withFinalizers = (...finalizers: string[]) => ({ finalizers });

describe('a finalizer of External Secrets Operator', () => {
  it('stays while the object lives, and is removed when it is deleted', async () => {
    const { namespace, data } = await prepare('finalizer');
    await world.externalSecret(namespace, 'app', { data }, withFinalizers(ESO_EXTERNAL_SECRET_FINALIZER));
    await world.expectReady(namespace, 'app');
    expect(await world.objects.get('ExternalSecret', namespace, 'app')).toMatchObject({
      metadata: withFinalizers(ESO_EXTERNAL_SECRET_FINALIZER),
    });
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await isGone(namespace, 'app');
  });

  it('is removed also when the store is missing', async () => {
    const { namespace, data } = await prepare('finalizer-storeless');
    const spec = { data, secretStoreRef: { name: 'nowhere' } };
    await world.externalSecret(namespace, 'app', spec, withFinalizers(ESO_EXTERNAL_SECRET_FINALIZER));
    await world.expectNotReady(namespace, 'app', /nowhere/);
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await isGone(namespace, 'app');
  });

  it('is left to the other operator when the store is of another class', async () => {
    const { namespace, data } = await prepare('finalizer-class');
    await world.store(namespace, { name: 'theirs', spec: { controller: 'theirs' }, wait: false });
    const spec = { data, secretStoreRef: { name: 'theirs' } };
    await world.externalSecret(namespace, 'app', spec, withFinalizers(ESO_EXTERNAL_SECRET_FINALIZER));
    await world.externalSecret(namespace, 'ours', { data }, withFinalizers(ESO_EXTERNAL_SECRET_FINALIZER));
    await world.expectReady(namespace, 'ours');
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await world.objects.remove('ExternalSecret', namespace, 'ours');
    await isGone(namespace, 'ours');
    expect(await world.objects.get('ExternalSecret', namespace, 'app')).toMatchObject({
      metadata: withFinalizers(ESO_EXTERNAL_SECRET_FINALIZER),
    });
    await world.objects.patch('ExternalSecret', namespace, 'app', { metadata: { finalizers: null } });
  });

  it("goes alone: somebody else's stays", async () => {
    const { namespace, data } = await prepare('finalizers');
    const other = 'example.com/other';
    await world.externalSecret(namespace, 'app', { data }, withFinalizers(other, ESO_EXTERNAL_SECRET_FINALIZER));
    await world.expectReady(namespace, 'app');
    await world.objects.remove('ExternalSecret', namespace, 'app');
    const finalizers = async () => {
      const object = await world.objects.get('ExternalSecret', namespace, 'app');
      return JSON.stringify(object?.['metadata']);
    };
    await until('one finalizer to go', finalizers, SOON_MS, (seen) => seen.includes(`"finalizers":["${other}"]`));
    await world.objects.patch('ExternalSecret', namespace, 'app', { metadata: { finalizers: null } });
    await isGone(namespace, 'app');
  });
});

describe('a namespace full of ExternalSecrets', () => {
  it('is deleted without getting stuck', async () => {
    const { namespace, data } = await prepare('doomed');
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) {
      const metadata = name === 'a' ? withFinalizers(ESO_EXTERNAL_SECRET_FINALIZER) : {};
      const creationPolicy = name === 'b' ? 'Orphan' : 'Owner';
      await world.externalSecret(
        namespace,
        name,
        { data, refreshInterval: '1s', target: { creationPolicy } },
        metadata,
      );
    }
    await Promise.all(names.map((name) => world.expectReady(namespace, name)));
    const path = `/api/v1/namespaces/${namespace}`;
    await cluster.request('DELETE', path);
    await until('the namespace to be gone', async () => (await cluster.request('GET', path)).status === 404, 30_000);
  });
});

describe('with a CRD that admits everything', () => {
  beforeAll(async () => {
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } };
    const version = { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema };
    for (const name of ['externalsecrets.external-secrets.io', 'secretstores.external-secrets.io']) {
      const change = { spec: { versions: [version] } };
      const options = { contentType: 'application/merge-patch+json' };
      expect(await cluster.request('PATCH', `${CRDS}/${name}`, change, options)).toMatchObject({ status: 200 });
    }
    const namespace = await world.namespace('laxer');
    const probe = () => world.objects.apply('ExternalSecret', namespace, 'probe', { spec: { data: 'none' } });
    await until('the CRD to be in force', probe, SOON_MS);
  });

  const malformed: Readonly<Record<string, { readonly spec: unknown; readonly says: RegExp }>> = {
    'a list that is a text': { spec: { data: 'all' }, says: /spec\.data\b/ },
    'an interval that is a number': { spec: { refreshInterval: 60 }, says: /spec\.refreshInterval\b/ },
    'a reference that is a list': { spec: { secretStoreRef: ['aws'] }, says: /spec\.secretStoreRef\b/ },
    'an entry that is null': { spec: { data: [null] }, says: /spec\.data\[0\]/ },
    'a policy that nobody knows': {
      spec: { target: { creationPolicy: 'Steal' } },
      says: /spec\.target\.creationPolicy/,
    },
    'no spec': { spec: undefined, says: /\bspec\b/ },
  };
  it.each(Object.entries(malformed))('%s: it is told, and others go on', async (_name, { spec, says }) => {
    const { namespace, data, value } = await prepare('malformed');
    await world.objects.apply('ExternalSecret', namespace, 'bad', spec === undefined ? {} : { spec });
    await world.expectNotReady(namespace, 'bad', says);
    await world.expectEvent(namespace, 'bad', 'UpdateFailed', says);
    await world.externalSecret(namespace, 'good', { data });
    await world.expectData(namespace, 'good', { password: value });

    await world.externalSecret(namespace, 'bad', { data });
    await world.objects.patch('ExternalSecret', namespace, 'bad', {
      spec: { refreshInterval: '1h', secretStoreRef: { name: 'aws' }, data, target: null },
    });
    await world.expectReady(namespace, 'bad');
  });

  it('a good one that becomes malformed keeps its Secret', async () => {
    const { namespace, data, value } = await prepare('spoiled');
    await world.externalSecret(namespace, 'app', { data });
    await world.expectReady(namespace, 'app');
    const before = await world.secret(namespace, 'app');
    await world.objects.patch('ExternalSecret', namespace, 'app', { spec: { data: 'all' } });
    await world.expectNotReady(namespace, 'app', /spec\.data\b/);
    await world.expectData(namespace, 'app', { password: value });
    expect(await world.secret(namespace, 'app')).toEqual(before);
  });

  it('a malformed one with a finalizer of External Secrets Operator can be deleted', async () => {
    const { namespace } = await prepare('malformed-finalizer');
    const metadata = withFinalizers(ESO_EXTERNAL_SECRET_FINALIZER);
    await world.objects.apply('ExternalSecret', namespace, 'bad', { metadata, spec: { data: 'all' } });
    await world.expectNotReady(namespace, 'bad', /spec\.data\b/);
    await world.objects.remove('ExternalSecret', namespace, 'bad');
    await isGone(namespace, 'bad');
  });

  it('a malformed store is told, and so are those that use it', async () => {
    const { namespace, data } = await prepare('malformed-store');
    await world.objects.apply('SecretStore', namespace, 'bad', { spec: { provider: 'aws' } });
    await world.externalSecret(namespace, 'app', { data, secretStoreRef: { name: 'bad' } });
    await world.expectStore(namespace, 'bad', 'False', /spec\.provider\b/);
    await world.expectNotReady(namespace, 'app', /SecretStore "bad" is not ready: .*spec\.provider\b/);
  });
});
