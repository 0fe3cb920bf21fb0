/**
 * A world whose operator may make other targets than Secrets: with the flag, and the rights for ConfigMaps and the kinds
 * of one group.
 */

import { type CustomKind, type CustomKindOptions, customKind, freshGroup } from '../harness/custom-kind.ts';
import { sharedCluster } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';

const ACCOUNT = { namespace: 'keyturn', serviceAccount: 'keyturn-generic' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };
const SOON_MS = 15_000;

export type Kind = Pick<CustomKind, 'apiVersion' | 'kind' | 'plural'>;

export interface GenericWorld {
  readonly world: World;
  readonly configMap: Kind;
  /** A group of which the operator may write all kinds. */
  readonly group: string;
  /** Makes a kind, which goes with the world. */
  define(kind: string, options?: CustomKindOptions): Promise<CustomKind>;
  /** Undefined where there is none. */
  object(kind: Kind, namespace: string, name: string): Promise<Json | undefined>;
  /** Somebody else makes or changes an object. */
  edit(kind: Kind, namespace: string, name: string, change: Json): Promise<void>;
  remove(kind: Kind, namespace: string, name: string): Promise<void>;
  /** Waits until a field of an object is what is expected; of one that is gone everything is undefined. */
  expectField(kind: Kind, namespace: string, name: string, field: string, expected: unknown): Promise<void>;
  stop(): Promise<void>;
}

function rights(role: string, group: string): string {
  const verbs = '[get, list, watch, create, patch, delete]';
  const binding = (name: string, bound: string) => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: ${name} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${bound} }
subjects: [{ kind: ServiceAccount, name: ${ACCOUNT.serviceAccount}, namespace: ${ACCOUNT.namespace} }]`;
  return `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: ${role} }
rules:
  - { apiGroups: [''], resources: [configmaps], verbs: ${verbs} }
  - { apiGroups: [${group}], resources: ['*'], verbs: ${verbs} }
${binding(role, role)}
${binding(`${role}-base`, 'keyturn')}
`;
}

function pathOf({ apiVersion, plural }: Kind, namespace: string, name: string): string {
  return `${apiVersion === 'v1' ? '/api' : '/apis'}/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;
}

export async function startGenericWorld(): Promise<GenericWorld> {
  const cluster = sharedCluster();
  const group = freshGroup();
  const role = `keyturn-${group.split('.')[0]}`;
  await cluster.applyPath('deploy/rbac.yaml');
  await cluster.apply(rights(role, group));
  const args = ['--unsafe-allow-generic-targets'];
  const world = await startWorld({ cluster, account: ACCOUNT, args, throughAwsProxy: true });
  const defined: CustomKind[] = [];
  const object: GenericWorld['object'] = async (kind, namespace, name) => {
    const { status, body } = await cluster.request('GET', pathOf(kind, namespace, name));
    return status === 404 || typeof body !== 'object' || body === null ? undefined : { ...body };
  };
  return {
    world,
    configMap: CONFIG_MAP,
    group,
    async define(kind, options = {}) {
      const definition = await customKind(cluster, kind, { group, ...options });
      defined.push(definition);
      return definition;
    },
    object,
    async edit(kind, namespace, name, change) {
      const path = pathOf(kind, namespace, name);
      const merge = { contentType: 'application/merge-patch+json' };
      const patched = await cluster.request('PATCH', `${path}?fieldManager=user`, change, merge);
      if (patched.status !== 404) return;
      const { apiVersion, kind: called } = kind;
      const made = { apiVersion, kind: called, metadata: { name }, ...change };
      await cluster.request('POST', path.slice(0, -name.length - 1), made);
    },
    remove: async (kind, namespace, name) => void (await cluster.request('DELETE', pathOf(kind, namespace, name))),
    async expectField(kind, namespace, name, field, expected) {
      const wanted = JSON.stringify(expected);
      const probe = async () =>
        JSON.stringify(at(await object(kind, namespace, name), ...field.split('.'))) ?? 'nothing';
      const accept = (seen: string) => seen === (wanted ?? 'nothing');
      await until(`${field} of ${kind.kind} ${name} to be ${wanted}`, probe, SOON_MS, accept);
    },
    async stop() {
      await world.stop();
      for (const definition of defined) await definition.remove();
      await cluster.kubectl(['delete', 'clusterrole', role]);
      await cluster.kubectl(['delete', 'clusterrolebinding', role, `${role}-base`]);
      await cluster.close();
    },
  };
}
