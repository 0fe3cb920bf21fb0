/**
 * The roles in deploy/ against what the API server asks for on behalf of the operator, while it does everything that it can
 * do with just these roles: a right that is missing and one too many both show.
 */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { NODE_FLAGS } from '../../scripts/node-flags.ts';
import { type AskedRight, type AuthorizationLog, startAuthorizationLog } from '../harness/authorization-log.ts';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { OPERATOR_BUNDLE } from '../harness/operator-bundle.ts';
import { runCommand } from '../harness/run-command.ts';
import { rendered } from './chart-world.ts';
import { type DeployedRole, deployedRoles, rolesIn } from './deployed-roles.ts';
import {
  doClusterWide,
  readByServiceAccount,
  releaseNamespaced,
  renderEverything,
  type Stage,
  syncEverything,
} from './every-feature.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';

const HOME = 'keyturn';
const OPERATOR = `system:serviceaccount:${HOME}:keyturn`;
const PLANNER = `system:serviceaccount:${HOME}:keyturn-plan`;

let log: AuthorizationLog;
let cluster: ControlPlane;
let world: World;
let stage: Stage;

beforeAll(async () => {
  log = await startAuthorizationLog();
  // Where watches bring the first list, the right to list is not asked for: it is for API servers that have none such.
  const { apiServerArgs = [], ...authorization } = log.controlPlaneOptions;
  const withoutWatchLists = [...apiServerArgs, '--feature-gates=WatchList=false'];
  cluster = await startControlPlane({ crdPaths: ['crds'], ...authorization, apiServerArgs: withoutWatchLists });
  // The Leases of several shards take another right than that of one.
  const args = ['--leader-elect', '--leader-election-namespace', HOME, '--shards', '2'];
  world = await startWorld({ cluster, args });
  const { name: key } = await world.putSecret(world.canary());
  stage = { namespace: await world.namespace('rights'), key };
});
afterAll(async () => {
  await world.stop();
  await cluster.stop();
  await log.stop();
});

/** `verb resource.group`, and the namespace where it is given in that alone. */
function rightText(verb: string, resource: string, group: string, namespace: string): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${namespace === '' ? '' : ` in ${namespace}`}`;
}

/** What roles give, each right once. */
function rightsOf(roles: readonly DeployedRole[]): readonly string[] {
  const rights = roles.flatMap(({ namespace, rules }) =>
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => rightText(verb, resource, group, namespace))),
      ),
    ),
  );
  return [...new Set(rights)].sort();
}

/** What was asked for a user, in the terms of the roles: a right that a Role gives is asked for in its namespace only. */
function asked(user: string, grants: readonly string[]): readonly string[] {
  const inTerms = ({ verb, resource, group, namespace }: AskedRight) => {
    const there = rightText(verb, resource, group, namespace);
    return grants.includes(there) ? there : rightText(verb, resource, group, '');
  };
  // Whoever has the right to all finalizers is not asked for that to some.
  const ofUser = log.asked().filter((right) => right.user === user && right.group !== '*');
  return [...new Set(ofUser.map(inTerms))].sort();
}

it('the operator uses each right of deploy/rbac.yaml, and asks for no other', async () => {
  await Promise.all([
    syncEverything(world, stage),
    renderEverything(world, stage),
    readByServiceAccount(world, stage),
    releaseNamespaced(world, stage),
  ]);
  await doClusterWide(world, stage);
  // Events that were repeated are counted up at the end.
  const { operator } = world;
  await operator.stop();
  expect(bugsLoggedBy(operator)).toEqual([]);
  expect(operator.logs().filter(({ status }) => status === 403)).toEqual([]);
  const grants = rightsOf(await deployedRoles('rbac.yaml'));
  expect(asked(OPERATOR, grants)).toEqual(grants);
});

it('keyturn plan uses each right of deploy/plan-rbac.yaml, and asks for no other', async () => {
  const { namespace } = stage;
  await world.objects.apply('ServiceAccount', namespace, 'reader', {
    metadata: { annotations: { 'eks.amazonaws.com/role-arn': `arn:aws:iam::${world.aws.account}:role/none` } },
  });
  const template = { templateFrom: [{ configMap: { name: 'templates', items: [{ key: 'a' }] } }] };
  const data = [{ secretKey: 'password', remoteRef: { key: stage.key } }];
  await world.externalSecret(namespace, 'new', { data, target: { template } });
  await cluster.applyPath(new URL('../../deploy/plan-rbac.yaml', import.meta.url).pathname);
  const kubeconfig = await cluster.kubeconfigFor({ namespace: HOME, serviceAccount: 'keyturn-plan' });
  const { stderr } = await runCommand({
    name: 'keyturn plan',
    command: process.execPath,
    args: [...NODE_FLAGS, OPERATOR_BUNDLE, 'plan', '--kubeconfig', kubeconfig],
    env: {
      PATH: process.env['PATH'],
      HOME: cluster.access.directory,
      AWS_ENDPOINT_URL: world.aws.url,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    cwd: cluster.access.directory,
    timeoutMs: 60_000,
  });
  expect(stderr).not.toMatch(/may not/);
  const grants = rightsOf(await deployedRoles('plan-rbac.yaml'));
  expect(asked(PLANNER, grants)).toEqual(grants);
});

it('an operator that is kept to namespaces uses each right there, but for none of the cluster, and asks for none elsewhere', async () => {
  const names = [await world.namespace('kept'), await world.namespace('kept')];
  const [first = ''] = names;
  const account = { namespace: first, serviceAccount: 'keyturn' };
  const made = await rendered({ scopedNamespace: names.join(), namespaceOverride: first });
  const rights = made.filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding');
  for (const object of rights) await cluster.apply(JSON.stringify(object));
  const roles = rolesIn(rights);
  const args = ['--namespace', names.join(), '--leader-elect', '--leader-election-namespace', first, '--shards', '2'];
  const kept = await startWorld({ cluster, account, args });
  try {
    for (const namespace of names) {
      const { name: key } = await kept.putSecret(kept.canary());
      await Promise.all(
        [syncEverything, renderEverything, readByServiceAccount, releaseNamespaced].map((each) =>
          each(kept, { namespace, key }),
        ),
      );
    }
  } finally {
    await kept.stop();
  }
  expect(bugsLoggedBy(kept.operator)).toEqual([]);
  expect(kept.operator.logs().filter(({ status }) => status === 403)).toEqual([]);
  const grants = rightsOf(roles);
  expect(asked(`system:serviceaccount:${first}:keyturn`, grants)).toEqual(grants);
});
