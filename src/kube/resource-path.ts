/** The URL paths of the Kubernetes API, with the words that metrics and error messages need beside them. */

import type { ObjectName } from '../ports/cluster.ts';
import { ClusterRejected } from '../ports/errors.ts';

interface ApiResource {
  /** `v1`, or `group/version`. */
  readonly apiVersion: string;
  readonly plural: string;
}

export interface NamespacedResource extends ApiResource {
  readonly scope: 'namespaced';
}

export interface ClusterResource extends ApiResource {
  readonly scope: 'cluster';
}

export interface ResourcePath {
  readonly url: string;
  readonly group: string;
  /** As RBAC spells it: the plural, with `/status` and the like where there is a subresource. */
  readonly resource: string;
  /** Empty for cluster-scoped objects and for lists over all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
}

export const SECRETS: NamespacedResource = { apiVersion: 'v1', plural: 'secrets', scope: 'namespaced' };
export const CONFIG_MAPS: NamespacedResource = { apiVersion: 'v1', plural: 'configmaps', scope: 'namespaced' };
export const SERVICE_ACCOUNTS: NamespacedResource = {
  apiVersion: 'v1',
  plural: 'serviceaccounts',
  scope: 'namespaced',
};
export const PODS: NamespacedResource = { apiVersion: 'v1', plural: 'pods', scope: 'namespaced' };
export const EVENTS: NamespacedResource = { apiVersion: 'v1', plural: 'events', scope: 'namespaced' };
export const LEASES: NamespacedResource = {
  apiVersion: 'coordination.k8s.io/v1',
  plural: 'leases',
  scope: 'namespaced',
};

/** All objects of a kind, over all namespaces where it has any: for list and watch. */
export function everywhere(resource: NamespacedResource | ClusterResource): ResourcePath {
  return resourcePath(resource, '', '', '');
}

/** The objects of one namespace: for list, watch and create. */
export function inNamespace(resource: NamespacedResource, namespace: string): ResourcePath {
  return resourcePath(resource, segment(namespace, 'namespace'), '', '');
}

/** One namespaced object, or a subresource of it (`status`). */
export function namespacedObject(resource: NamespacedResource, object: ObjectName, subresource = ''): ResourcePath {
  return resourcePath(resource, segment(object.namespace, 'namespace'), segment(object.name, 'name'), subresource);
}

/** One cluster-scoped object, or a subresource of it. */
export function clusterObject(resource: ClusterResource, name: string, subresource = ''): ResourcePath {
  return resourcePath(resource, '', segment(name, 'name'), subresource);
}

/** What the API server serves under a version: for discovery. */
export function apiVersionPath(apiVersion: string): ResourcePath {
  // It comes from a manifest, and must not lead anywhere else.
  const parts = /^(?:([a-z0-9][-a-z0-9.]*)\/)?[a-z0-9][-a-z0-9]*$/.exec(apiVersion);
  if (parts === null) throw new ClusterRejected(`"${apiVersion}" cannot be the apiVersion of a Kubernetes object.`);
  const [, group = ''] = parts;
  const url = `${group === '' ? '/api' : '/apis'}/${apiVersion}`;
  return { url, group, resource: 'apiresources', namespace: '', name: '' };
}

/** How an object is called in messages: `"namespace/name"`, `"name"`, or nothing for a collection. */
export function quotedName(path: ResourcePath): string {
  if (path.name === '') {
    return '';
  }
  return path.namespace === '' ? `"${path.name}"` : `"${path.namespace}/${path.name}"`;
}

function resourcePath(resource: ApiResource, namespace: string, name: string, subresource: string): ResourcePath {
  const slash = resource.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : resource.apiVersion.slice(0, slash);
  const parts = [
    group === '' ? '/api' : '/apis',
    resource.apiVersion,
    namespace === '' ? '' : `namespaces/${encodeURIComponent(namespace)}`,
    resource.plural,
    encodeURIComponent(name),
    subresource,
  ];
  const suffix = subresource === '' ? '' : `/${subresource}`;
  return {
    url: parts.filter((part) => part !== '').join('/'),
    group,
    resource: `${resource.plural}${suffix}`,
    namespace,
    name,
  };
}

/**
 * Refuses what cannot be one segment of a path, as the API server does
 * (k8s.io/apimachinery/pkg/api/validation/path): a name from a manifest never reaches another object.
 */
function segment(text: string, what: 'namespace' | 'name'): string {
  if (text === '' || text === '.' || text === '..' || /[/%]/.test(text)) {
    throw new ClusterRejected(`"${text}" cannot be the ${what} of a Kubernetes object.`);
  }
  return text;
}
