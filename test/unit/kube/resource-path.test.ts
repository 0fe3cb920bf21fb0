import { describe, expect, it } from 'vitest';
import {
  clusterObject,
  everywhere,
  inNamespace,
  LEASES,
  namespacedObject,
  SECRETS,
} from '../../../src/kube/resource-path.ts';

const STORES = { apiVersion: 'external-secrets.io/v1', plural: 'clustersecretstores', scope: 'cluster' } as const;

describe('paths of the Kubernetes API', () => {
  it.each([
    ['all of a core kind', everywhere(SECRETS).url, '/api/v1/secrets'],
    ['one namespace', inNamespace(LEASES, 'team').url, '/apis/coordination.k8s.io/v1/namespaces/team/leases'],
    [
      'one object',
      namespacedObject(SECRETS, { namespace: 'team', name: 'db' }).url,
      '/api/v1/namespaces/team/secrets/db',
    ],
    [
      'a cluster-scoped object',
      clusterObject(STORES, 'aws').url,
      '/apis/external-secrets.io/v1/clustersecretstores/aws',
    ],
    [
      'a status',
      clusterObject(STORES, 'aws', 'status').url,
      '/apis/external-secrets.io/v1/clustersecretstores/aws/status',
    ],
    [
      'a name with a colon',
      clusterObject(STORES, 'a:b?c').url,
      '/apis/external-secrets.io/v1/clustersecretstores/a%3Ab%3Fc',
    ],
  ])('%s', (_sentence, url, expected) => {
    expect(url).toBe(expected);
  });

  it.each(['', '.', '..', 'a/b', '..%2f..'])('refuses %j as a name, so that no other object is reached', (name) => {
    expect(() => namespacedObject(SECRETS, { namespace: 'team', name })).toThrow('cannot be the name');
    expect(() => inNamespace(SECRETS, name)).toThrow('cannot be the namespace');
  });
});
