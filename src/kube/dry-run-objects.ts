/** Objects of any kind for a dry run: reads are made, and a write is told instead of sent. */

import type { ObjectName } from '../ports/cluster.ts';
import { ClusterConflict } from '../ports/errors.ts';
import type { GenericObject, GenericObjects, GenericPatch, ServedKind } from '../ports/generic-objects.ts';
import type { WouldBeObjectWrite } from '../ports/would-be-write.ts';
import { wouldBeMade, wouldBePatched } from './dry-run-metadata.ts';
import { refused } from './errors.ts';
import { namespacedObject } from './resource-path.ts';

/** Of a ConfigMap that is immutable; what other kinds refuse, only the API server knows. */
function refusesContent({ apiVersion, kind }: ServedKind, { content }: GenericObject, patch: GenericPatch): boolean {
  const isFrozen = apiVersion === 'v1' && kind === 'ConfigMap' && content.reveal().get('immutable') === true;
  return isFrozen && patch.content.reveal().size > 0;
}

/** As the API server answers. */
function frozen({ apiVersion, plural }: ServedKind, { namespace, name }: ObjectName): Error {
  const path = namespacedObject({ apiVersion, plural, scope: 'namespaced' }, { namespace, name });
  const causes = [{ field: 'data', reason: 'FieldValueForbidden' }];
  return refused({ verb: 'patch', path }, 422, { reason: 'Invalid', details: { causes } }).error;
}

/** @param tell is told of each write, in place of the API server */
export function createDryRunObjects(
  objects: GenericObjects,
  tell: (write: WouldBeObjectWrite) => void,
): GenericObjects {
  return {
    servedKind: (apiVersion, kind, signal) => objects.servedKind(apiVersion, kind, signal),
    look: (kind, name, signal) => objects.look(kind, name, signal),
    read: (kind, name, signal) => objects.read(kind, name, signal),
    async create(_kind, object) {
      tell({ kind: 'create', object });
      return wouldBeMade(object);
    },
    async patch(kind, target, patch, _fieldManager, signal) {
      const existing = await objects.read(kind, target, signal);
      if (existing?.metadata.resourceVersion !== target.resourceVersion) {
        throw new ClusterConflict(
          `${kind.kind} "${target.namespace}/${target.name}" has changed while it was looked at.`,
        );
      }
      if (refusesContent(kind, existing, patch)) throw frozen(kind, target);
      tell({ kind: 'patch', present: existing, patch });
      return wouldBePatched(target, patch);
    },
    async delete(_kind, target) {
      tell({ kind: 'delete', target });
    },
  };
}
