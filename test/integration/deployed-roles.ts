/** The roles in deploy/, read as data: given to other accounts, in part, or counted right by right. */

import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { ClusterClient, ServiceAccountName } from '../harness/cluster-client.ts';
import { at } from './cluster-objects.ts';

const RBAC = 'rbac.authorization.k8s.io';
/** Kinds of the cluster, which an operator with `--namespace` has nothing to do with. */
const CLUSTER_WIDE = ['clustersecretstores', 'clusterexternalsecrets', 'secretaccesspolicies', 'namespaces'];

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface DeployedRole {
  /** Of a Role; empty for a ClusterRole. */
  readonly namespace: string;
  readonly rules: readonly Rule[];
}

/** @param file name of a file in deploy/ */
export async function deployedRoles(file: string): Promise<readonly DeployedRole[]> {
  const text = await readFile(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
  return rolesIn(parseAllDocuments(text).map((document): unknown => document.toJS()));
}

export function rolesIn(objects: readonly unknown[]): readonly DeployedRole[] {
  return objects.flatMap((object) => {
    const rules = at(object, 'rules');
    const namespace = at(object, 'kind') === 'Role' ? String(at(object, 'metadata', 'namespace')) : '';
    return Array.isArray(rules) ? [{ namespace, rules }] : [];
  });
}

/** Those of the operator for the whole cluster. */
export async function operatorRules(): Promise<readonly Rule[]> {
  const roles = await deployedRoles('rbac.yaml');
  return roles.filter(({ namespace }) => namespace === '').flatMap(({ rules }) => rules);
}

/** Those for the namespace of its Leases. */
export async function leaseRules(): Promise<readonly Rule[]> {
  const roles = await deployedRoles('rbac.yaml');
  return roles.filter(({ namespace }) => namespace !== '').flatMap(({ rules }) => rules);
}

/** What of the operator's rules it needs in namespaces that it is kept to: nothing of the cluster, and makes no ExternalSecrets. */
export function inNamespaces(rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap((rule) => {
    const resources = rule.resources.filter((each) => !CLUSTER_WIDE.includes(each.split('/')[0] ?? ''));
    const makesExternalSecrets = resources.includes('externalsecrets') && rule.verbs.includes('create');
    return resources.length === 0 || makesExternalSecrets ? [] : [{ ...rule, resources }];
  });
}

/** With tokens of these ServiceAccounts only. */
export function ofTokens(rules: readonly Rule[], resourceNames: readonly string[]): readonly Rule[] {
  return rules.map((rule) => (rule.resources.includes('serviceaccounts/token') ? { ...rule, resourceNames } : rule));
}

/** Gives an account just these rules, in a namespace or everywhere, by a role that has the name of the account's namespace. */
export async function giveRules(
  cluster: ClusterClient,
  { namespace: home, serviceAccount }: ServiceAccountName,
  rules: readonly Rule[],
  namespace?: string,
): Promise<void> {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const metadata = { name: home, ...(namespace !== undefined && { namespace }) };
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace: home }];
  const roleRef = { apiGroup: RBAC, kind, name: home };
  for (const object of [
    { apiVersion: `${RBAC}/v1`, kind, metadata, rules },
    { apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata, roleRef, subjects },
  ]) {
    await cluster.apply(JSON.stringify(object));
  }
}
