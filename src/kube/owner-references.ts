/** `metadata.ownerReferences`, which a merge patch replaces whole. */

import type { ControllerRef, OwnerRef } from '../ports/cluster.ts';

export function controllerReference(controller: ControllerRef): unknown {
  const { apiVersion, kind, name, uid } = controller;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/**
 * What of `metadata` a patch has of it.
 * @param controller `undefined` leaves the references alone, `null` removes the controller
 */
export function patchedOwners(
  { otherOwners = [] }: { readonly otherOwners?: readonly OwnerRef[] },
  controller: ControllerRef | null | undefined,
): { readonly ownerReferences?: readonly unknown[] } {
  if (controller === undefined) return {};
  return { ownerReferences: controller === null ? otherOwners : [...otherOwners, controllerReference(controller)] };
}
