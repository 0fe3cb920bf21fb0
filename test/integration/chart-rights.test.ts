/** The rights that the chart gives: those that are used, where they are used, and more only where somebody asks for it. */

import { expect, it } from 'vitest';
import { nameOf, only, rendered } from './chart-world.ts';
import { at, type Json } from './cluster-objects.ts';

const MONITORED = { serviceMonitor: { enabled: true, renderMode: 'alwaysRender' } };

/** `group/resource verb` of each rule of an object's, with names where it is kept to some. */
const rightsOf = (object: Json) =>
  (at(object, 'rules') as readonly Json[]).flatMap((rule) => {
    const list = (name: string) => (rule[name] ?? []) as readonly string[];
    const names = list('resourceNames').length === 0 ? '' : ` of ${list('resourceNames').join()}`;
    return list('apiGroups').flatMap((group) =>
      list('resources').flatMap((resource) => list('verbs').map((verb) => `${group}/${resource} ${verb}${names}`)),
    );
  });
const clusterWide = (objects: readonly Json[]) =>
  objects.filter(({ kind }) => kind === 'ClusterRole').flatMap(rightsOf);

it('rights in some namespaces only: none anywhere else, and there none of what belongs to no namespace', async () => {
  const objects = await rendered({ scopedNamespace: 'shop,billing', rbac: { plan: true }, ...MONITORED });
  expect(objects.map(({ kind }) => kind)).not.toContain('ClusterRole');
  expect(objects.map(({ kind }) => kind)).not.toContain('ClusterRoleBinding');
  const roles = objects.filter(({ kind }) => kind === 'Role');
  expect(roles.map(nameOf).toSorted()).toEqual([
    'Role billing/keyturn',
    'Role billing/keyturn-plan',
    'Role keyturn/keyturn-leader-election',
    'Role shop/keyturn',
    'Role shop/keyturn-plan',
  ]);
  const everywhere = await rendered({ rbac: { plan: true } });
  const clusters = /cluster|namespaces|secretaccesspolicies|external-secrets.io\/externalsecrets (create|delete)/;
  for (const name of ['keyturn', 'keyturn-plan']) {
    const [first = [], second] = roles.filter((role) => at(role, 'metadata', 'name') === name).map(rightsOf);
    expect(first).toEqual(second);
    expect(rightsOf(only(everywhere, 'ClusterRole', name))).toEqual(expect.arrayContaining(first));
    expect(first.filter((right) => clusters.test(right))).toEqual([]);
  }
});

it('rights to tokens: of any ServiceAccount, of those that are named, of none', async () => {
  const tokens = async (rbac: Json) => {
    const roles = (await rendered({ rbac })).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    return roles.flatMap((role) => {
      const place = at(role, 'metadata', 'namespace') ?? 'everywhere';
      return rightsOf(role)
        .filter((right) => right.includes('serviceaccounts/token'))
        .map((right) => `${right} in ${place}`);
    });
  };
  expect(await tokens({})).toEqual(['/serviceaccounts/token create in everywhere']);
  expect(await tokens({ tokenServiceAccounts: ['shop/reader', 'billing/reader', 'shop/writer'] })).toEqual([
    '/serviceaccounts/token create of reader in billing',
    '/serviceaccounts/token create of reader,writer in shop',
  ]);
  expect(await tokens({ serviceAccountTokenCreate: false, tokenServiceAccounts: ['shop/reader'] })).toEqual([]);
});

it('rights to tokens of those that are named: for whoever plans, too', async () => {
  const objects = await rendered({ rbac: { plan: true, tokenServiceAccounts: ['shop/reader'] } });
  expect(clusterWide(objects).filter((right) => right.includes('serviceaccounts/token'))).toEqual([]);
  const { subjects } = only(objects, 'RoleBinding', 'keyturn-tokens');
  expect(subjects).toMatchObject([{ name: 'keyturn' }, { name: 'keyturn-plan' }]);
});

it('the right to change namespaces: only to let go of those that hang, and not where nobody wants it', async () => {
  const ofNamespaces = async (values: Json) =>
    clusterWide(await rendered(values)).filter((right) => right.startsWith('/namespaces '));
  const all = ['/namespaces list', '/namespaces watch', '/namespaces patch'];
  expect(await ofNamespaces({})).toEqual(all);
  expect(await ofNamespaces({ rbac: { releaseNamespaces: null } })).toEqual(all);
  expect(await ofNamespaces({ rbac: { releaseNamespaces: false } })).toEqual(['/namespaces list', '/namespaces watch']);
});

it('rights to targets that are no Secrets: those that are named, once they are switched on', async () => {
  const resources = [{ apiGroup: 'config.example.com', resources: ['appconfigs'] }];
  const verbs = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
  const before = clusterWide(await rendered());
  expect(clusterWide(await rendered({ genericTargets: { resources } }))).toEqual(before);
  const after = clusterWide(await rendered({ genericTargets: { enabled: true, resources } }));
  expect(after.filter((right) => !before.includes(right))).toEqual(
    verbs.map((verb) => `config.example.com/appconfigs ${verb}`),
  );
});

it('rights for rollouts and consumption: once they are switched on, and in the namespaces that are served', async () => {
  const names = ['keyturn-consumption', 'keyturn-rollouts'];
  const before = await rendered();
  expect(before.filter((object) => names.includes(String(at(object, 'metadata', 'name'))))).toEqual([]);
  const values = { rollouts: { enabled: true }, consumption: { enabled: true } };
  const everywhere = await rendered(values);
  const rights = names.flatMap((name) => rightsOf(only(everywhere, 'ClusterRole', name)));
  const some = ['apps/deployments patch', '/pods list', 'keyturn.dev/secretconsumptions create'];
  expect(rights).toEqual(expect.arrayContaining(some));
  const scoped = await rendered({ ...values, scopedNamespace: 'shop' });
  expect(clusterWide(scoped)).toEqual([]);
  expect(names.flatMap((name) => rightsOf(only(scoped, 'Role', name)))).toEqual(rights);
});

it('rights of others: view sees ExternalSecrets and stores, edit changes them only where that is asked for', async () => {
  const aggregated = async (values: Json) =>
    (await rendered(values)).flatMap((object) =>
      Object.keys(Object(at(object, 'metadata', 'labels'))).filter((label) => label.includes('/aggregate-to-')),
    );
  expect(await aggregated({})).toEqual(['rbac.authorization.k8s.io/aggregate-to-view']);
  expect(await aggregated({ rbac: { aggregateToEdit: true } })).toHaveLength(2);
  expect(await aggregated({ rbac: { aggregateToView: false } })).toEqual([]);
});
