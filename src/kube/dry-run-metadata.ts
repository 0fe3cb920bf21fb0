/** What the API server would answer to a write: metadata, as it would be. */

import type { ControllerRef, NewSecret, SecretMetadata } from '../ports/cluster.ts';

type Edits = Readonly<Record<string, string | null>>;
type Written = Pick<SecretMetadata, 'resourceVersion' | 'labels' | 'annotations' | 'controller'>;

interface MetadataPatch {
  readonly labels: Edits;
  readonly annotations: Edits;
  readonly controller: ControllerRef | null | undefined;
}

/** Of nothing that exists: no later version can be mistaken for it. */
const NO_VERSION = 'would-be';

function edited(before: Readonly<Record<string, string>>, edits: Edits): Record<string, string> {
  const entries = Object.entries({ ...before, ...edits });
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

export function wouldBeMade(made: Pick<NewSecret, 'namespace' | 'name' | 'labels' | 'annotations' | 'controller'>) {
  const { namespace, name, labels, annotations, controller } = made;
  const identity = { namespace, name, uid: NO_VERSION, resourceVersion: NO_VERSION };
  return { ...identity, deleting: false, labels, annotations, controller, fieldOwners: [] };
}

export function wouldBePatched<T extends Written>(target: T, { labels, annotations, controller }: MetadataPatch): T {
  return {
    ...target,
    resourceVersion: NO_VERSION,
    labels: edited(target.labels, labels),
    annotations: edited(target.annotations, annotations),
    controller: controller === undefined ? target.controller : (controller ?? undefined),
  };
}
