/** Each file of `examples/` is applied as it is, with the admission policies in force, and gives what its comment says. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { until } from '../harness/until.ts';
import { CERTIFICATE_EXAMPLES } from './examples/certificates.ts';
import { exampleIndex, exampleNames } from './examples/example-file.ts';
import { FORM_EXAMPLES } from './examples/forms.ts';
import { LIFECYCLE_EXAMPLES } from './examples/lifecycle.ts';
import { SOURCE_EXAMPLES } from './examples/sources.ts';
import { type Example, play } from './examples/stage.ts';
import { STORE_EXAMPLES } from './examples/stores.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const POLICIES = 'deploy/validating-admission-policy.yaml';
const MORE_RIGHTS = ['deploy/rollouts-rbac.yaml', 'deploy/consumption-rbac.yaml'];

/** The store comes first: the others read from it. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  ...STORE_EXAMPLES,
  ...SOURCE_EXAMPLES,
  ...FORM_EXAMPLES,
  ...CERTIFICATE_EXAMPLES,
  ...LIFECYCLE_EXAMPLES,
};

let cluster: ControlPlane;
let world: World;
let namespace: string;

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  for (const path of [POLICIES, ...MORE_RIGHTS]) await cluster.applyPath(path);
  await until('the policies to be in force', refusesNonsense, 30_000);
  // The ClusterSecretStores read with the operator's own.
  const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  world = await startWorld({ cluster, env, args: ['--unsafe-allow-generic-targets', '--rollouts', '--consumption'] });
  namespace = await world.namespace('examples');
});

afterAll(async () => {
  await endFaultless(world);
  await cluster.stop();
});

async function refusesNonsense(): Promise<boolean> {
  const path = '/apis/external-secrets.io/v1/namespaces/default/externalsecrets?dryRun=All';
  const nonsense = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name: 'x' }, spec: {} };
  return (await cluster.request('POST', path, nonsense)).status === 422;
}

it('each file has an expectation, and each expectation a file', () => {
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(exampleNames().toSorted());
});

it('the index names each file', () => {
  const named = exampleIndex().matchAll(/\]\(([^/)]+\.yaml)\)/g);
  expect(Array.from(named, ([, name]) => name).toSorted()).toEqual(exampleNames().toSorted());
});

it.each(Object.entries(EXAMPLES))('%s', async (name, example) => {
  await play(name, example, world, namespace);
});
