/** Kinds that cannot be targets, or not now: what is told of them, and that nothing of a value is. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customKind } from '../harness/custom-kind.ts';
import { sharedCluster } from '../harness/shared.ts';
import { at, type Json } from './cluster-objects.ts';
import { type GenericWorld, type Kind, startGenericWorld } from './generic-world.ts';
import type { World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';

let generic: GenericWorld;
let world: World;
let namespace: string;

beforeAll(async () => {
  generic = await startGenericWorld();
  ({ world } = generic);
  namespace = await world.namespace('kinds');
  await world.store(namespace);
});

afterAll(async () => {
  expect(bugsLoggedBy(world.operator)).toEqual([]);
  expect(await world.leaks()).toEqual([]);
  await generic.stop();
});

const manifestOf = ({ apiVersion, kind }: Pick<Kind, 'apiVersion' | 'kind'>) => ({ manifest: { apiVersion, kind } });

/** @returns the value that it reads */
async function apply(name: string, target: Json): Promise<string> {
  const value = world.canary();
  const { name: key } = await world.putSecret(value);
  await world.externalSecret(namespace, name, { data: [{ secretKey: 'password', remoteRef: { key } }], target });
  return value;
}

async function expectTold(name: string, ...words: readonly string[]): Promise<void> {
  await world.expectTold(namespace, name, words);
  expect(await world.condition(namespace, name)).toMatchObject({ status: 'False', reason: 'ResourceSyncedError' });
}

describe('what is never written', () => {
  it.each([
    ['v1', 'Pod', 'it would run code'],
    ['v1', 'ServiceAccount', 'it is the identity of pods'],
    ['apps/v1', 'Deployment', 'it would run code'],
    ['rbac.authorization.k8s.io/v1', 'RoleBinding', 'it would give rights'],
    ['external-secrets.io/v1', 'SecretStore', 'it would steer the operator'],
    ['coordination.k8s.io/v1', 'Lease', 'it decides which process leads'],
  ])('%s %s', async (apiVersion, kind, why) => {
    const name = `never-${kind.toLowerCase()}`;
    await apply(name, manifestOf({ apiVersion, kind }));
    await expectTold(
      name,
      `invalid generic target: spec.target.manifest: ${kind} of ${apiVersion} is never written`,
      why,
    );
  });

  it('a kind of no namespace', async () => {
    const kind = await generic.define('Global', { scope: 'Cluster' });
    await apply('global', manifestOf(kind));
    await expectTold(
      'global',
      `invalid generic target: spec.target.manifest: Global of ${kind.apiVersion}`,
      'no namespace',
    );
    await apply('namespace', manifestOf({ apiVersion: 'v1', kind: 'Namespace' }));
    await expectTold('namespace', 'Namespace of v1 belongs to no namespace');
  });

  it('a path to what an object is', async () => {
    const template = { templateFrom: [{ target: 'metadata.finalizers', literal: 'x' }] };
    await apply('metadata', { ...manifestOf({ apiVersion: 'v1', kind: 'ConfigMap' }), template });
    await expectTold('metadata', 'metadata is not for templates to write');
  });
});

describe('what may come to be written', () => {
  it('a kind that is not served yet, once it is installed', async () => {
    const apiVersion = `${generic.group}/v1`;
    const value = await apply('late', manifestOf({ apiVersion, kind: 'Late' }));
    await expectTold(
      'late',
      `The API server serves no kind "Late" in "${apiVersion}"; install its CustomResourceDefinition`,
    );
    const kind = await generic.define('Late');
    await expect
      .poll(async () => at(await generic.object(kind, namespace, 'late'), 'spec', 'data', 'password'), {
        timeout: 40_000,
      })
      .toBe(value);
    await world.expectReady(namespace, 'late', 'ResourceSynced');
  });

  it('a kind that the operator has no rights for, once it has', async () => {
    const cluster = sharedCluster();
    const kind = await customKind(cluster, 'Denied');
    const [group = ''] = kind.apiVersion.split('/');
    const value = await apply('denied', manifestOf(kind));
    await expectTold(
      'denied',
      'could not get target resource: spec.target.manifest: The operator may not get denieds',
      'lacks the RBAC rule',
      `{apiGroups: ["${group}"], resources: ["denieds"], verbs: ["get"]}`,
    );
    const subject = '--serviceaccount=keyturn:keyturn-generic';
    const verbs = '--verb=get,list,watch,create,patch';
    await cluster.kubectl(['create', 'clusterrole', group, verbs, `--resource=denieds.${group}`]);
    await cluster.kubectl(['create', 'clusterrolebinding', group, `--clusterrole=${group}`, subject]);
    await expect
      .poll(async () => at(await generic.object(kind, namespace, 'denied'), 'spec', 'data', 'password'), {
        timeout: 40_000,
      })
      .toBe(value);
    await world.expectReady(namespace, 'denied', 'ResourceSynced');
    await world.objects.remove('ExternalSecret', namespace, 'denied');
    await cluster.kubectl(['delete', 'clusterrolebinding', group]);
    await cluster.kubectl(['delete', 'clusterrole', group]);
    await kind.remove();
    await cluster.close();
  });
});

describe('content that the API server refuses', () => {
  const spec = {
    type: 'object',
    properties: { replicas: { type: 'integer' }, map: { type: 'object', additionalProperties: { type: 'integer' } } },
  };

  it('is told by the field, and not by its value', async () => {
    const kind = await generic.define('Typed', { spec });
    const template = { templateFrom: [{ target: 'spec', literal: 'replicas: {{ .password }}' }] };
    await apply('typed', { ...manifestOf(kind), template });
    await expectTold('typed', 'could not update resource', '422', 'spec.replicas FieldValueTypeInvalid');
  });

  it('is told without the names of its fields where these come out of values', async () => {
    const kind = await generic.define('Named', { spec });
    const template = { templateFrom: [{ target: 'spec', literal: 'map: {"{{ .password }}": text}' }] };
    await apply('named', { ...manifestOf(kind), template });
    await expectTold('named', 'could not update resource', '422', 'in spec: FieldValueTypeInvalid');
  });

  it('is told where a ConfigMap cannot have the key', async () => {
    const target = manifestOf({ apiVersion: 'v1', kind: 'ConfigMap' });
    await apply('keyed', { ...target, template: { templateFrom: [{ literal: '"{{ .password }} x": text' }] } });
    await expectTold('keyed', 'could not apply template to manifest', 'gives a key that cannot be used');
  });
});

it('an object of another owner is left alone', async () => {
  const kind = await generic.define('Owned');
  const owner = await world.objects.apply('ConfigMap', namespace, 'owner', {});
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: String(at(owner, 'metadata', 'uid')) };
  const ownerReferences = [{ ...reference, controller: true }];
  await generic.edit(kind, namespace, 'owned', { metadata: { name: 'owned', ownerReferences }, spec: { a: 1 } });
  await apply('owned', manifestOf(kind));
  await expectTold(
    'owned',
    'failed to take ownership of target secret: Owned "owned" is controlled by ConfigMap "owner"',
  );
  expect(at(await generic.object(kind, namespace, 'owned'), 'spec')).toEqual({ a: 1 });
});
