/** What `keyturn plan` finds out: what would become of each ExternalSecret, if Keyturn ran on the cluster as it is. Pure. */

import type { WouldBeWrite } from '../ports/would-be-write.ts';
import type { Digest } from './digest.ts';
import { changesData, changesMetadata, differenceOf, type TargetDifference } from './target-difference.ts';

/**
 * `create`, `change` (of data), `metadata` (of nothing else), `delete`: of the target. `release`: the object is being
 * deleted, and another operator's finalizer would be removed. `nothing`: it is as it should be. `left`: it is not Keyturn's,
 * or not to be touched. `refused`: its condition would say why it is not synced. `unknown`: it could not be found out.
 */
export type OutcomeKind =
  | 'create'
  | 'change'
  | 'metadata'
  | 'delete'
  | 'release'
  | 'nothing'
  | 'left'
  | 'refused'
  | 'unknown';

export interface Outcome {
  readonly kind: OutcomeKind;
  /** Why; of `refused` what the Ready condition would say. */
  readonly message?: string;
  readonly difference?: TargetDifference;
  /** Secrets of an earlier `spec.target.name` that would be deleted as well. */
  readonly orphans?: readonly string[];
}

/** Of one ExternalSecret. */
export interface Forecast extends Outcome {
  readonly namespace: string;
  readonly name: string;
  /** The name of its Secret; absent where it makes none, or its spec cannot be read. */
  readonly secret?: string;
  /** Kind and name of a target that is no Secret. */
  readonly target?: string;
}

export interface StoreForecast {
  readonly store: string;
  readonly kind: 'ready' | 'notReady' | 'otherClass' | 'unknown';
  /** As whom it reads, or why it cannot. */
  readonly message: string;
}

/** Of one ClusterExternalSecret: namespaces in which it would make, change or delete its ExternalSecret. */
export interface ClusterForecast {
  readonly name: string;
  readonly create: readonly string[];
  readonly update: readonly string[];
  readonly delete: readonly string[];
  /** Where one of that name is somebody else's. */
  readonly taken: readonly string[];
  /** Why it cannot work; nothing would be done then. */
  readonly refused?: string;
}

/** Another object than an ExternalSecret that hangs in deletion by a finalizer that would be removed: `Kind namespace/name`. */
export type Release = string;

export interface PlanReport {
  readonly externalSecrets: readonly Forecast[];
  readonly stores: readonly StoreForecast[];
  readonly clusterExternalSecrets: readonly ClusterForecast[];
  readonly releases: readonly Release[];
  /** What `keyturn run` with the same options would not serve, or what was not asked for. */
  readonly notFollowed: readonly string[];
}

const GONE = 'AWS has none of its secrets any more, and its deletionPolicy is Delete';

/** @param writes those to the target first, and then those of Secrets that had its name before */
export function outcomeOf(writes: readonly WouldBeWrite[], targetName: string, digest: Digest): Outcome {
  const orphans = writes.flatMap((write) =>
    write.kind === 'delete' && write.target.name !== targetName ? [write.target.name] : [],
  );
  const rest = orphans.length === 0 ? {} : { orphans };
  const [first] = writes.filter((write) => write.kind !== 'delete' || write.target.name === targetName);
  const difference = first && differenceOf(first, digest);
  if (first === undefined) return { kind: orphans.length === 0 ? 'nothing' : 'delete', ...rest };
  if (difference === undefined) return { kind: 'delete', message: GONE, ...rest };
  if (first.kind === 'create') return { kind: 'create', difference, ...rest };
  if (changesData(difference)) return { kind: 'change', difference, ...rest };
  return changesMetadata(difference) ? { kind: 'metadata', difference, ...rest } : { kind: 'nothing', ...rest };
}

export function countsOf({ externalSecrets }: PlanReport): Readonly<Record<OutcomeKind, number>> {
  const counts = {
    ...{ create: 0, change: 0, metadata: 0, delete: 0, release: 0 },
    ...{ nothing: 0, left: 0, refused: 0, unknown: 0 },
  };
  for (const { kind } of externalSecrets) counts[kind] += 1;
  return counts;
}

const QUIET: readonly OutcomeKind[] = ['nothing', 'left'];

/** `unknown` outweighs `changes`: who relies on the answer must not take a part of it for the whole. */
export function verdictOf(report: PlanReport): 'unchanged' | 'changes' | 'unknown' {
  const { externalSecrets, clusterExternalSecrets, releases } = report;
  if (externalSecrets.some(({ kind }) => kind === 'unknown')) return 'unknown';
  const isClusterQuiet = clusterExternalSecrets.every(
    (each) => each.refused === undefined && [...each.create, ...each.update, ...each.delete].length === 0,
  );
  const isQuiet = externalSecrets.every(({ kind }) => QUIET.includes(kind)) && isClusterQuiet && releases.length === 0;
  return isQuiet ? 'unchanged' : 'changes';
}
