/** Which pods hold which version of a Secret, from how they use it and since when. Who may hold an earlier one, does. Pure. */

import type { SecretConsumptionStatus } from '../api/secret-consumption.ts';
import type { ConsumingPod } from '../ports/pods.ts';
import { beganWith } from './rollout-standing.ts';
import { type SecretUse, secretUses } from './secret-use.ts';
import { timestampOf } from './status.ts';
import type { VersionMark } from './version-mark.ts';

type KnownVersion = NonNullable<SecretConsumptionStatus['versions']>[number];
type ListedPod = NonNullable<SecretConsumptionStatus['pods']>[number];

const MOST_VERSIONS = 10;
const MOST_PODS = 100;
/** The kubelet syncs the files of a pod within a minute, and half as long again later, from a cache. */
const FILES_LAG_MS = 120_000;

export interface ConsumptionFacts {
  readonly secret: string;
  /** Its pods get that annotation by rollouts. */
  readonly trigger: string;
  readonly mark: VersionMark;
  /** AWS's ids of what it is made of; undefined where they are not known now. */
  readonly versionIds: readonly string[] | undefined;
  /** The kubelet does not look after files of an immutable Secret. */
  readonly isImmutable: boolean;
  /** What was told before. */
  readonly before: SecretConsumptionStatus | undefined;
  readonly pods: readonly ConsumingPod[];
  readonly nowMs: number;
}

export interface Consumption {
  readonly status: SecretConsumptionStatus;
  /** When time alone changes it: files are up to date then. */
  readonly lookAgainAtMs: number | undefined;
}

/** Newest first, with the present one at the head. */
function history({ mark, versionIds, before }: ConsumptionFacts): readonly Omit<KnownVersion, 'pods'>[] {
  const { version, sinceMs, isFirst } = mark;
  const known = before?.versions ?? [];
  const same = known.find((each) => each.version === version && each.since === timestampOf(sinceMs));
  const ids = versionIds ?? same?.versionIds;
  const present = {
    version,
    since: timestampOf(sinceMs),
    ...(isFirst && { isFirst }),
    ...(ids !== undefined && { versionIds: ids }),
  };
  const earlier = known.filter(({ since }) => Date.parse(since) < Date.parse(present.since));
  return [present, ...earlier.map(({ pods: _, ...each }) => each)].slice(0, MOST_VERSIONS);
}

/** The earliest start of those containers that have the Secret in their environment. */
function environmentSinceMs({ secrets, containerStartsMs }: ConsumingPod, secret: string): number | undefined {
  const starts = secrets.containers.flatMap(({ env, envFrom }, at) => {
    const isUsing = env.includes(secret) || envFrom.includes(secret);
    return isUsing ? (containerStartsMs[at] ?? []) : [];
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** As of when a pod knows the Secret by one use of it; undefined where it has not read it. */
function knowsAsOfMs(pod: ConsumingPod, use: SecretUse, facts: ConsumptionFacts): number | undefined {
  const { secret, isImmutable, nowMs } = facts;
  if (use === 'env') return environmentSinceMs(pod, secret);
  if (pod.startedAtMs === undefined || use === 'start' || isImmutable) return pod.startedAtMs;
  return Math.max(pod.startedAtMs, nowMs - FILES_LAG_MS);
}

interface Holder {
  readonly pod: ConsumingPod;
  readonly uses: readonly SecretUse[];
  /** Undefined for one that starts. */
  readonly asOfMs: number | undefined;
}

function holdersOf(facts: ConsumptionFacts): readonly Holder[] {
  return facts.pods.flatMap((pod) => {
    const all = pod.isRunning ? [...(secretUses(pod.secrets).get(facts.secret) ?? [])] : [];
    // Images are pulled with what the Secret has then: nothing of it stays.
    const uses = all.filter((use) => use !== 'image').sort();
    if (uses.length === 0) return [];
    const times = uses.flatMap((use) => knowsAsOfMs(pod, use, facts) ?? []);
    return [{ pod, uses, asOfMs: times.length === 0 ? undefined : Math.min(...times) }];
  });
}

function versionHeld(
  holder: Holder,
  versions: readonly Omit<KnownVersion, 'pods'>[],
  facts: ConsumptionFacts,
): string | undefined {
  if (holder.asOfMs === undefined) return undefined;
  // It was made from a template that the Secret was ahead of, whatever clocks say.
  if (holder.pod.triggers[facts.trigger] === facts.mark.version) return facts.mark.version;
  const isHeld = ({ version, since, isFirst = false }: Omit<KnownVersion, 'pods'>) =>
    beganWith({ mark: { version, sinceMs: Date.parse(since), isFirst } }, holder.asOfMs);
  return versions.find(isHeld)?.version ?? '';
}

/** When the last of those that hold an earlier version only by their files holds the present one. */
function filesAtMs(earlier: readonly Holder[], { mark, isImmutable, nowMs }: ConsumptionFacts): number | undefined {
  const atMs = mark.sinceMs + FILES_LAG_MS + 3_000;
  const mayCome = !isImmutable && earlier.some(({ uses }) => uses.every((use) => use === 'files'));
  return mayCome && atMs > nowMs ? atMs : undefined;
}

function listed({ pod, uses }: Holder, version: string): ListedPod {
  const workload = pod.owner && `${pod.owner.kind}/${pod.owner.name}`;
  return { name: pod.name, ...(workload !== undefined && { workload }), version, uses: [...uses] };
}

export function consumptionOf(facts: ConsumptionFacts): Consumption {
  const versions = history(facts);
  const holders = holdersOf(facts).map((holder) => ({ holder, version: versionHeld(holder, versions, facts) }));
  const running = holders.flatMap(({ holder, version }) => (version === undefined ? [] : [{ holder, version }]));
  const isCurrent = ({ version }: { readonly version: string }) => version === facts.mark.version;
  const earlier = running.filter((each) => !isCurrent(each));
  const current = running.filter(isCurrent);
  const byName = (a: ListedPod, b: ListedPod) => (a.name < b.name ? -1 : 1);
  const list = (some: typeof running) => some.map(({ holder, version }) => listed(holder, version)).toSorted(byName);
  return {
    status: {
      secret: facts.secret,
      version: facts.mark.version,
      since: timestampOf(facts.mark.sinceMs),
      safeToRevokePrevious: earlier.length === 0 ? 'True' : 'False',
      current: current.length,
      earlier: earlier.length,
      starting: holders.length - running.length,
      versions: versions.map((each) => ({
        ...each,
        pods: running.filter(({ version }) => version === each.version).length,
      })),
      pods: [...list(earlier), ...list(current)].slice(0, MOST_PODS),
    },
    lookAgainAtMs: filesAtMs(
      earlier.map(({ holder }) => holder),
      facts,
    ),
  };
}
