/** The labels of namespaces, by which stores and policies decide whom they are for. */

import type { Labels } from '../domain/label-selector.ts';
import type { View } from '../ports/cluster.ts';

/**
 * Undefined while they are not known. Watches have no order between them: an object may be told of before its namespace
 * is, and whoever took a namespace without labels for it would let it read what its labels forbid.
 */
export function namespaceLabels(
  namespaces: View<{ readonly labels: Labels }>,
): (namespace: string) => Labels | undefined {
  return (namespace) => namespaces.get(namespace)?.labels;
}
