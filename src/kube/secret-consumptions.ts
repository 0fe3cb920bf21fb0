/** The objects that tell which pods hold which version: watched, written and deleted. */

import { SECRET_CONSUMPTION } from '../api/groups.ts';
import { type Narrowed, narrowSecretConsumption } from '../api/narrow.ts';
import type { SecretConsumption } from '../api/secret-consumption.ts';
import type { Statuses } from '../ports/cluster.ts';
import type { ListedKind, SecretConsumptions } from '../ports/pods.ts';
import type { KubeClient } from './client.ts';
import { readConsumingPod } from './consuming-pods.ts';
import { deleteByUid } from './deletion.ts';
import { createDemandedView, type DemandedView } from './demanded-view.ts';
import { unanswered } from './errors.ts';
import { listAll } from './list-all.ts';
import { askWhetherListed } from './list-permission.ts';
import { METADATA_ONLY } from './metadata-only.ts';
import { asText, at } from './narrow.ts';
import type { OperatorViewsOptions } from './operator-views.ts';
import { inNamespace, type NamespacedResource, namespacedObject, PODS } from './resource-path.ts';
import { createWatchedView } from './watched-view.ts';

const RESOURCE: NamespacedResource = { ...SECRET_CONSUMPTION, scope: 'namespaced' };

const LISTED: Readonly<Record<ListedKind, NamespacedResource>> = { pods: PODS, consumptions: RESOURCE };

export function createSecretConsumptionView(options: OperatorViewsOptions): DemandedView<Narrowed<SecretConsumption>> {
  const { namespaces, createView = createWatchedView, ...rest } = options;
  const source = { resource: RESOURCE, namespaces: namespaces.length === 0 ? undefined : namespaces };
  return createDemandedView(createView({ ...rest, source, project: narrowSecretConsumption }));
}

export interface SecretConsumptionsOptions {
  readonly client: KubeClient;
  readonly statuses: Pick<Statuses, 'merge'>;
  /** Empty for all of them. */
  readonly namespaces: readonly string[];
}

export function createSecretConsumptions({
  client,
  statuses,
  namespaces,
}: SecretConsumptionsOptions): SecretConsumptions {
  return {
    async create({ namespace, name }, { apiVersion, kind, name: ownerName, uid }, signal) {
      const ownerReferences = [{ apiVersion, kind, name: ownerName, uid, controller: true, blockOwnerDeletion: false }];
      const metadata = { namespace, name, ownerReferences };
      const request = {
        verb: 'create',
        path: inNamespace(RESOURCE, namespace),
        query: { fieldManager: 'keyturn' },
        body: JSON.stringify({
          apiVersion: SECRET_CONSUMPTION.apiVersion,
          kind: SECRET_CONSUMPTION.kind,
          metadata,
          spec: {},
        }),
        accept: METADATA_ONLY,
        signal,
      } as const;
      const made = asText(at(await client.request(request), 'metadata', 'uid'));
      if (made === '') throw unanswered(request, 'no uid').error;
      return made;
    },
    write: (name, uid, status, hasStatus, signal) =>
      statuses.merge({ resource: SECRET_CONSUMPTION, ...name, uid }, status, hasStatus, signal),
    delete: (name, uid, signal) => deleteByUid(client, namespacedObject(RESOURCE, name), uid, signal),
    async pods(namespace, signal) {
      const all = await listAll(client, inNamespace(PODS, namespace), signal);
      return all.flatMap((raw) => readConsumingPod(raw) ?? []);
    },
    async probe(kinds, signal) {
      const resources = kinds.map((kind) => LISTED[kind]);
      await askWhetherListed(client, resources, namespaces, signal);
    },
  };
}
