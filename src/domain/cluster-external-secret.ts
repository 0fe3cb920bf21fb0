/** Which ExternalSecrets a ClusterExternalSecret wants, what is to be done for that, and what its status says. Pure. */

import type {
  ClusterExternalSecret,
  ClusterExternalSecretSpec,
  ClusterExternalSecretStatus,
} from '../api/cluster-external-secret.ts';
import type { ExternalSecret } from '../api/external-secret.ts';
import { CLUSTER_EXTERNAL_SECRET, FORCE_SYNC_ANNOTATION } from '../api/groups.ts';
import type { NamespacedObjectMeta, ObjectMeta } from '../api/object-meta.ts';
import type { ControllerRef } from '../ports/cluster.ts';
import { InvalidSpec } from '../ports/errors.ts';
import type { NamespaceMetadata, WantedExternalSecret } from '../ports/external-secrets.ts';
import { parseDurationMs } from './duration.ts';
import { type Labels, selectorMatches, selectorProblem } from './label-selector.ts';
import { sameSpec } from './same-spec.ts';
import { sameValue } from './same-value.ts';

/** An ExternalSecret that there is; `spec` is undefined where it is not of the expected form. */
export interface PresentExternalSecret {
  readonly meta: NamespacedObjectMeta;
  readonly spec: ExternalSecret['spec'] | undefined;
}

/** One write, or the reason why there is none. */
export type Step =
  | { readonly kind: 'create'; readonly wanted: WantedExternalSecret }
  | { readonly kind: 'update'; readonly uid: string; readonly wanted: WantedExternalSecret }
  | { readonly kind: 'keep'; readonly namespace: string }
  | { readonly kind: 'taken'; readonly namespace: string }
  | { readonly kind: 'delete'; readonly present: NamespacedObjectMeta };

export interface ClusterExternalSecretPlan {
  readonly externalSecretName: string;
  /** Undefined when nothing is looked at again by itself. */
  readonly refreshMs: number | undefined;
  readonly steps: readonly Step[];
}

export interface ClusterExternalSecretSituation {
  readonly object: ClusterExternalSecret;
  readonly namespaces: Iterable<NamespaceMetadata>;
  readonly find: (namespace: string, name: string) => PresentExternalSecret | undefined;
  /** Those whose controller has the name of this object, whatever their own name is. */
  readonly owned: readonly NamespacedObjectMeta[];
}

/** Upstream's default (section 7.1). */
const REFRESH_MS = 60 * 60_000;
/** Upstream's words. */
const TAKEN = 'external secret already exists in namespace';
const SOME_FAILED = 'one or more namespaces failed';
const MOST_REASON_CHARS = 400;

export function externalSecretNameOf({ metadata, spec }: ClusterExternalSecret): string {
  return spec.externalSecretName ?? metadata.name;
}

/** What cannot work whatever the cluster looks like; undefined for a good spec. */
export function specProblem(spec: ClusterExternalSecretSpec): InvalidSpec | undefined {
  const selectors = [
    ...(spec.namespaceSelectors ?? []).map((each, index) => [`spec.namespaceSelectors[${index}]`, each] as const),
    ...(spec.namespaceSelector === undefined ? [] : [['spec.namespaceSelector', spec.namespaceSelector] as const]),
  ];
  for (const [path, selector] of selectors) {
    const problem = selectorProblem(selector);
    if (problem !== undefined) return new InvalidSpec(`${path} ${problem}`);
  }
  if (spec.refreshTime !== undefined && parseDurationMs(spec.refreshTime) === undefined) {
    return new InvalidSpec('spec.refreshTime is not a duration; write one such as "1h30m" (a day is "24h")');
  }
  return undefined;
}

/** @param spec one without a {@link specProblem} */
export function selectsNamespace(spec: ClusterExternalSecretSpec, name: string, labels: Labels): boolean {
  const { namespaceSelector, namespaceSelectors = [], namespaces = [] } = spec;
  return (
    namespaces.includes(name) ||
    namespaceSelectors.some((selector) => selectorMatches(selector, labels)) ||
    (namespaceSelector !== undefined && selectorMatches(namespaceSelector, labels))
  );
}

/** @throws InvalidSpec */
export function planClusterExternalSecret(situation: ClusterExternalSecretSituation): ClusterExternalSecretPlan {
  const { object, owned } = situation;
  const problem = specProblem(object.spec);
  if (problem !== undefined) throw problem;
  const externalSecretName = externalSecretNameOf(object);
  const refreshMs = parseDurationMs(object.spec.refreshTime ?? '') ?? REFRESH_MS;
  const { selected, leaving } = sortedOut(situation);
  const outdated = owned.filter(
    (present) =>
      isControlledBy(present, object.metadata) &&
      present.deletionTimestamp === undefined &&
      !leaving.has(present.namespace) &&
      !(present.name === externalSecretName && selected.has(present.namespace)),
  );
  return {
    externalSecretName,
    refreshMs: refreshMs > 0 ? refreshMs : undefined,
    steps: [
      ...outdated.map((present): Step => ({ kind: 'delete', present })),
      ...[...selected].sort().map((namespace) => stepFor(situation, wantedIn(namespace, object))),
    ],
  };
}

/** In a namespace that is being deleted nothing can be made, and what is there goes by itself. */
function sortedOut({ object, namespaces }: ClusterExternalSecretSituation) {
  const selected = new Set<string>();
  const leaving = new Set<string>();
  for (const { name, labels, deleting } of namespaces) {
    if (deleting) leaving.add(name);
    else if (selectsNamespace(object.spec, name, labels)) selected.add(name);
  }
  return { selected, leaving };
}

function wantedIn(namespace: string, object: ClusterExternalSecret): WantedExternalSecret {
  const { metadata, spec } = object;
  const { labels = {}, annotations = {} } = spec.externalSecretMetadata ?? {};
  const forceSync = metadata.annotations?.[FORCE_SYNC_ANNOTATION];
  return {
    namespace,
    name: externalSecretNameOf(object),
    labels,
    annotations: { ...annotations, ...(forceSync === undefined ? {} : { [FORCE_SYNC_ANNOTATION]: forceSync }) },
    controller: controllerRefOf(metadata),
    spec: spec.externalSecretSpec,
  };
}

function controllerRefOf({ name, uid }: ObjectMeta): ControllerRef {
  const { apiVersion, kind } = CLUSTER_EXTERNAL_SECRET;
  return { apiVersion, kind, name, uid };
}

function stepFor({ object, find }: ClusterExternalSecretSituation, wanted: WantedExternalSecret): Step {
  const { namespace, name } = wanted;
  const present = find(namespace, name);
  if (present === undefined) return { kind: 'create', wanted };
  if (!isControlledBy(present.meta, object.metadata)) return { kind: 'taken', namespace };
  const isUpToDate = sameSpec(present.spec, wanted.spec) && hasMetadata(present.meta, wanted);
  return isUpToDate ? { kind: 'keep', namespace } : { kind: 'update', uid: present.meta.uid, wanted };
}

/** By uid: what an earlier object of that name made is about to be collected. */
function isControlledBy({ controller }: ObjectMeta, { uid }: ObjectMeta): boolean {
  return controller?.kind === CLUSTER_EXTERNAL_SECRET.kind && controller.uid === uid;
}

/** What others put there is theirs; what was put there for this object and is wanted no more has to go. */
function hasMetadata(present: NamespacedObjectMeta, wanted: WantedExternalSecret): boolean {
  const { applied = { labels: [], annotations: [] } } = present;
  return (
    holds(present.labels, wanted.labels, applied.labels) &&
    holds(present.annotations, wanted.annotations, applied.annotations)
  );
}

function holds(present: Labels = {}, wanted: Labels, applied: readonly string[]): boolean {
  return (
    Object.entries(wanted).every(([key, value]) => present[key] === value) &&
    applied.every((key) => Object.hasOwn(wanted, key))
  );
}

/** Namespaces in which it did not work, with the reason. */
export type NamespaceFailures = ReadonlyMap<string, string>;

/** What a plan says of namespaces before anything is done: where an ExternalSecret of that name is somebody else's. */
export function takenNamespaces({ steps }: ClusterExternalSecretPlan): NamespaceFailures {
  return new Map(steps.flatMap((step) => (step.kind === 'taken' ? [[step.namespace, TAKEN] as const] : [])));
}

/** The status as upstream writes it: the condition has neither a reason nor a time. `null` removes a field. */
export interface ClusterExternalSecretStatusChange {
  readonly externalSecretName: string;
  readonly provisionedNamespaces: readonly string[] | null;
  readonly failedNamespaces: readonly { readonly namespace: string; readonly reason: string }[] | null;
  readonly conditions: NonNullable<ClusterExternalSecretStatus['conditions']>;
}

export function statusOf(
  externalSecretName: string,
  provisioned: Iterable<string>,
  failures: NamespaceFailures,
): ClusterExternalSecretStatusChange {
  const failed = [...failures].map(([namespace, reason]) => ({
    namespace,
    reason: reason.slice(0, MOST_REASON_CHARS),
  }));
  const isReady = failed.length === 0;
  return {
    externalSecretName,
    provisionedNamespaces: orNull([...provisioned].sort()),
    failedNamespaces: orNull(failed.sort((a, b) => (a.namespace < b.namespace ? -1 : 1))),
    conditions: [
      isReady ? { type: 'Ready', status: 'True' } : { type: 'Ready', status: 'False', message: SOME_FAILED },
    ],
  };
}

/** Of an object that cannot work: what was made before stays as it is. */
export function refusedStatus(message: string): Pick<ClusterExternalSecretStatusChange, 'conditions'> {
  return { conditions: [{ type: 'Ready', status: 'False', message }] };
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

/** Whether writing `next` over `previous` would change nothing. */
export function sameClusterStatus(previous: ClusterExternalSecretStatus | undefined, next: object): boolean {
  const before = new Map(Object.entries(previous ?? {}));
  return Object.entries(next).every(([field, value]) => sameValue(before.get(field), value ?? undefined));
}
