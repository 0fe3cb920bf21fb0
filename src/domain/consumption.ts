/** Which pods hold which version of a Secret, from how they use it and since when. Who may hold an earlier one, does. Pure. */

import type { SecretConsumptionStatus } from '../api/secret-consumption.ts';
import type { ConsumingPod } from '../ports/pods.ts';
import { beganWith, MARGIN_MS, readingTimesMs } from './rollout-standing.ts';
import { isOfVersion, triggerValue } from './rollout-trigger.ts';
import { neededKeys, type SecretUse, secretUses } from './secret-use.ts';
import { timestampOf } from './status.ts';
import type { VersionMark } from './version-mark.ts';

type KnownVersion = NonNullable<SecretConsumptionStatus['versions']>[number];
type ListedPod = NonNullable<SecretConsumptionStatus['pods']>[number];

const MOST_VERSIONS = 10;
const MOST_PODS = 100;
/** The kubelet syncs the files of a pod within a minute, and half as long again later, from a cache. */
const FILES_LAG_MS = 120_000;
/** After so long without a word from a node its pods are called not ready (kube-controller-manager: node-monitor-grace-period). */
const SILENCE_MS = 60_000;
/** A kubelet tells within ten seconds and a look at its containers that one has started. */
const UNTOLD_MS = 15_000;

export interface ConsumptionFacts {
  readonly secret: string;
  /** Its pods get that annotation by rollouts. */
  readonly trigger: string;
  readonly mark: VersionMark;
  /** AWS's ids of what it is made of; undefined where they are not known now. */
  readonly versionIds: readonly string[] | undefined;
  /** Of the Secret, as it is now; undefined where that is not known. */
  readonly keys: ReadonlySet<string> | undefined;
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

/** With those that came and went while nobody told of them, as far as the Secret says so. */
function withUntold(told: readonly KnownVersion[], { before = [], sinceMs }: VersionMark): readonly KnownVersion[] {
  const oldestMs = Date.parse(told.at(-1)?.since ?? '');
  const isTold = (version: string, since: string) =>
    told.some((each) => each.version === version && each.since === since);
  const untold = before.flatMap(({ version, sinceMs: fromMs, isFirst }) => {
    const since = timestampOf(fromMs);
    const isBetween = fromMs > oldestMs && fromMs < sinceMs;
    return isBetween && !isTold(version, since) ? [{ version, since, pods: 0, ...(isFirst && { isFirst }) }] : [];
  });
  return [...told, ...untold].toSorted((a, b) => Date.parse(b.since) - Date.parse(a.since));
}

/** Newest first, with the present one at the head. */
function history({ secret, mark, versionIds, before: last }: ConsumptionFacts): readonly Omit<KnownVersion, 'pods'>[] {
  const { version, sinceMs, isFirst } = mark;
  // Of a Secret of another name nothing is known of this one.
  const known = (last?.secret === undefined || last.secret === secret ? last?.versions : undefined) ?? [];
  const same = known.find((each) => each.version === version && each.since === timestampOf(sinceMs));
  const ids = versionIds ?? same?.versionIds;
  const present = {
    version,
    since: timestampOf(sinceMs),
    ...(isFirst && { isFirst }),
    ...(ids !== undefined && { versionIds: ids }),
  };
  const told = known.filter(({ since }) => Date.parse(since) < Date.parse(present.since));
  const earlier = withUntold(told, mark);
  // The same version with another time right before it: that one was set right, or what was there meanwhile is not known.
  const others = isFirst ? 0 : earlier.findIndex((each) => each.version !== version);
  const before = others < 0 ? [] : earlier.slice(others);
  return [present, ...before.map(({ pods: _, ...each }) => each)].slice(0, MOST_VERSIONS);
}

/** One reading of the Secret by a pod: no earlier than `asOfMs`, and about `atMs`, or at any time from then on. */
interface Reading {
  readonly asOfMs: number;
  readonly atMs: number;
  readonly isOnce: boolean;
}

function readingSince(atMs: number): Reading {
  return { asOfMs: atMs, atMs, isOnce: false };
}

/** What containers that have the Secret in their environment started with. */
function environmentReadings(pod: ConsumingPod, { secret, mark, nowMs }: ConsumptionFacts): readonly Reading[] {
  const mayBeUntold = nowMs < mark.sinceMs + UNTOLD_MS && !beganWith({ mark }, pod.createdAtMs);
  return pod.secrets.containers.flatMap(({ env, envFrom }, at): readonly Reading[] => {
    if (!env.includes(secret) && !envFrom.includes(secret)) return [];
    const startMs = pod.containerStartsMs[at];
    if (typeof startMs !== 'number') return mayBeUntold ? [readingSince(pod.createdAtMs)] : [];
    const { fromMs, toMs } = readingTimesMs({ startedAtMs: startMs, podCreatedAtMs: pod.createdAtMs });
    return [{ asOfMs: fromMs, atMs: toMs, isOnce: true }];
  });
}

/** Whether the kubelet leaves its files as they are. */
function isStuck({ secrets }: ConsumingPod, { secret, keys, isImmutable }: ConsumptionFacts): boolean {
  return isImmutable || (keys !== undefined && !neededKeys(secrets, secret).every((key) => keys.has(key)));
}

/** What its files are of at least; no time where that is not known. */
function filesAsOfMs(pod: ConsumingPod, facts: ConsumptionFacts): number {
  const { node } = pod;
  if (isStuck(pod, facts)) return Number.NEGATIVE_INFINITY;
  if (node?.is === 'silent') return Math.min(facts.nowMs, node.sinceMs - SILENCE_MS) - FILES_LAG_MS;
  // How long it was away, nothing says.
  if (node?.is === 'back' && facts.nowMs < node.sinceMs + FILES_LAG_MS) return Number.NEGATIVE_INFINITY;
  return facts.nowMs - FILES_LAG_MS;
}

/** None where the pod has not read it. */
function readingsOf(pod: ConsumingPod, use: SecretUse, facts: ConsumptionFacts): readonly Reading[] {
  if (use === 'env') return environmentReadings(pod, facts);
  if (pod.startedAtMs === undefined) return [];
  const startMs = Math.max(pod.startedAtMs, pod.createdAtMs);
  // A container that is restarted reads its subPath once more.
  return [readingSince(use === 'start' ? startMs : Math.max(startMs, filesAsOfMs(pod, facts)))];
}

interface Holder {
  readonly pod: ConsumingPod;
  readonly uses: readonly SecretUse[];
  /** Oldest first; none for one that starts. */
  readonly readings: readonly Reading[];
}

function holdersOf(facts: ConsumptionFacts): readonly Holder[] {
  return facts.pods.flatMap((pod) => {
    const all = pod.isRunning ? [...(secretUses(pod.secrets).get(facts.secret) ?? [])] : [];
    // Images are pulled with what the Secret has then: nothing of it stays.
    const uses = all.filter((use) => use !== 'image').sort();
    if (uses.length === 0) return [];
    const readings = uses.flatMap((use) => readingsOf(pod, use, facts));
    return [{ pod, uses, readings: readings.toSorted((a, b) => a.asOfMs - b.asOfMs) }];
  });
}

type Versions = readonly Omit<KnownVersion, 'pods'>[];

/** The oldest that a reading may have got and that is not the present one: a Secret may have gone back to that. */
function readVersion({ asOfMs, atMs, isOnce }: Reading, versions: Versions, present: string): string {
  const isHeld = ({ version, since, isFirst = false }: Versions[number]) =>
    beganWith({ mark: { version, sinceMs: Date.parse(since), isFirst } }, isFirst ? atMs : asOfMs);
  const at = versions.findIndex(isHeld);
  if (at < 0) return '';
  const latestMs = isOnce ? atMs + MARGIN_MS : Number.POSITIVE_INFINITY;
  const possible = versions.slice(0, at + 1).filter(({ since }, each) => each === at || Date.parse(since) <= latestMs);
  return possible.findLast(({ version }) => version !== present)?.version ?? present;
}

/** It was made from a template that the Secret was ahead of, and not when the Secret had this version once before. */
function isMadeFor({ triggers, createdAtMs }: ConsumingPod, { trigger, mark }: ConsumptionFacts): boolean {
  const value = triggers[trigger];
  return value === triggerValue(mark) || (isOfVersion(value, mark) && beganWith({ mark }, createdAtMs));
}

function versionHeld({ pod, readings }: Holder, versions: Versions, facts: ConsumptionFacts): string | undefined {
  if (readings.length === 0) return undefined;
  const present = facts.mark.version;
  if (isMadeFor(pod, facts)) return present;
  const read = readings.map((reading) => readVersion(reading, versions, present));
  return read.find((version) => version !== present) ?? present;
}

/** When more may be known by time alone: containers that were starting are told, or files are up to date. */
function soonerAtMs(earlier: readonly Holder[], facts: ConsumptionFacts): number | undefined {
  const { mark, nowMs } = facts;
  const ofFiles = earlier.filter(({ pod, uses }) => !isStuck(pod, facts) && uses.includes('files'));
  const isUntold = earlier.some(({ uses, readings }) => uses.includes('env') && readings.some(({ isOnce }) => !isOnce));
  const backMs = ofFiles.flatMap(({ pod: { node } }) => (node?.is === 'back' ? [node.sinceMs] : []));
  const timesMs = [
    ...(isUntold ? [mark.sinceMs + UNTOLD_MS] : []),
    ...[...(ofFiles.length > 0 ? [mark.sinceMs] : []), ...backMs].map((ms) => ms + FILES_LAG_MS + 3_000),
  ].filter((timeMs) => timeMs > nowMs);
  return timesMs.length === 0 ? undefined : Math.min(...timesMs);
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
    lookAgainAtMs: soonerAtMs(
      earlier.map(({ holder }) => holder),
      facts,
    ),
  };
}
