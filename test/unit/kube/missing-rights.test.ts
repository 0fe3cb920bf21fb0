/** Rights that the operator lacks in the cluster, each told with the rule that gives it. */

import { expect, it } from 'vitest';
import { type CallTarget, refused } from '../../../src/kube/errors.ts';
import {
  everywhere,
  inNamespace,
  namespacedObject,
  SECRETS,
  SERVICE_ACCOUNTS,
} from '../../../src/kube/resource-path.ts';

const THINGS = { apiVersion: 'external-secrets.io/v1', plural: 'externalsecrets', scope: 'namespaced' } as const;

it.each<[sentence: string, target: CallTarget, body: object, name: string, message: string]>([
  [
    'a denial by RBAC names the user and the rule that is missing',
    { verb: 'create', path: inNamespace(SECRETS, 'team') },
    {
      reason: 'Forbidden',
      message:
        'secrets is forbidden: User "system:serviceaccount:keyturn:keyturn" cannot create resource "secrets" in API group "" in the namespace "team"',
    },
    'ClusterForbidden',
    'The operator may not create secrets in namespace "team": "system:serviceaccount:keyturn:keyturn" lacks the RBAC rule {apiGroups: [""], resources: ["secrets"], verbs: ["create"]} for namespace "team".',
  ],
  [
    'a denial of a subresource names it as RBAC spells it',
    { verb: 'patch', path: namespacedObject(THINGS, { namespace: 'team', name: 'db' }, 'status') },
    {
      message:
        'externalsecrets.external-secrets.io "db" is forbidden: User "x" cannot patch resource "externalsecrets/status" in API group "external-secrets.io" in the namespace "team"',
    },
    'ClusterForbidden',
    'The operator may not patch externalsecrets/status "team/db": "x" lacks the RBAC rule {apiGroups: ["external-secrets.io"], resources: ["externalsecrets/status"], verbs: ["patch"]} for namespace "team".',
  ],
  [
    'a denial of a list over all namespaces asks for a ClusterRole',
    { verb: 'list', path: everywhere(THINGS) },
    {
      message:
        'externalsecrets.external-secrets.io is forbidden: User "x" cannot list resource "externalsecrets" in API group "external-secrets.io" at the cluster scope',
    },
    'ClusterForbidden',
    'The operator may not list externalsecrets: "x" lacks the RBAC rule {apiGroups: ["external-secrets.io"], resources: ["externalsecrets"], verbs: ["list"]} in a ClusterRole.',
  ],
  [
    'a denial of the token of a ServiceAccount names the ServiceAccount, which the rule may do, too',
    { verb: 'create', path: namespacedObject(SERVICE_ACCOUNTS, { namespace: 'team', name: 'reader' }, 'token') },
    {
      message:
        'serviceaccounts "reader" is forbidden: User "x" cannot create resource "serviceaccounts/token" in API group "" in the namespace "team"',
    },
    'ClusterForbidden',
    'The operator may not create serviceaccounts/token "team/reader": "x" lacks the RBAC rule {apiGroups: [""], resources: ["serviceaccounts/token"], resourceNames: ["reader"], verbs: ["create"]} for namespace "team". If that rule names ServiceAccounts (resourceNames), add this one.',
  ],
  [
    'a cluster that asks for a right to the owner of what is made',
    { verb: 'create', path: inNamespace(SECRETS, 'team') },
    {
      message:
        'secrets "db" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can\'t set finalizers on: , <nil>',
    },
    'ClusterRejected',
    'The API server does not let the operator create secrets in namespace "team" (403): the cluster asks who makes owner references (OwnerReferencesPermissionEnforcement) for the RBAC rule {apiGroups: ["external-secrets.io"], resources: ["externalsecrets/finalizers"], verbs: ["update"]}.',
  ],
])('%s', (_sentence, target, body, name, message) => {
  const { error } = refused(target, 403, body);
  expect([error.name, error.message]).toEqual([name, message]);
});
