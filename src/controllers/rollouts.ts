/** Brings new versions of Secrets to the workloads of a namespace: gather, plan, restart, tell. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { CONFIRM_ROLLOUT_ANNOTATION } from '../api/groups.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { ExtraCondition } from '../domain/extra-conditions.ts';
import {
  failingHold,
  holdCondition,
  invalidHold,
  missingMessage,
  ROLLOUTS_OFF,
  refusedMessage,
  revertedMessage,
  startedMessage,
  unhealthyMessage,
} from '../domain/rollout-messages.ts';
import { planRollouts, type Rollout, type RolloutPlan } from '../domain/rollout-plan.ts';
import { rolloutRequestOf } from '../domain/rollout-request.ts';
import { type Feed, isConcerned, standingOf } from '../domain/rollout-standing.ts';
import { triggerOf, triggerValue } from '../domain/rollout-trigger.ts';
import { targetKeyOf, targetNameOf } from '../domain/target.ts';
import { versionMarkOf } from '../domain/version-mark.ts';
import { DONE, type Next, type Reconcile } from '../loop/reconcile.ts';
import type { BackoffLimits } from '../ports/backoff.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events, ObjectKey, SecretMetadata, View } from '../ports/cluster.ts';
import { ClusterNotFound, ClusterUnavailable, KeyturnError } from '../ports/errors.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type Workload, type WorkloadKind, type Workloads, workloadKey } from '../ports/workloads.ts';
import { objectIdentity } from './external-secret-status.ts';
import type { ExtraConditions } from './extra-conditions.ts';
import type { NamespaceKeys } from './namespace-keys.ts';
import { type Ended, NamespaceRollouts } from './rollout-memory.ts';
import type { RolloutsInProgress } from './rollouts-in-progress.ts';

/** The workloads that there are, our last writes included. */
export interface KnownWorkloads {
  of(namespace: string): readonly Workload[];
  /** What the API server answered to a write. */
  remember(workload: Workload): void;
  /** Resolves whether all have been listed, and sees to it that they will be. @throws ClusterForbidden, ClusterUnavailable */
  areListed(signal: AbortSignal): Promise<boolean>;
}

export interface RolloutsOptions {
  /** Whether this operator restarts anything. */
  readonly isOn: boolean;
  readonly windowMs: number;
  readonly deadlineMs: number;
  readonly view: View<Narrowed<ExternalSecret>>;
  /** ExternalSecrets that ask for rollouts. */
  readonly asking: NamespaceKeys<Narrowed<ExternalSecret>>;
  readonly secrets: View<SecretMetadata>;
  readonly known: KnownWorkloads;
  readonly workloads: Workloads;
  readonly inProgress: RolloutsInProgress;
  readonly extras: ExtraConditions;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly backoff: BackoffLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly resourceOf: (kind: WorkloadKind) => { readonly apiVersion: string; readonly plural: string };
}

/** One that asks, with what there is to bring; undefined while its Secret says nothing of its versions. */
interface Asking {
  readonly key: ObjectKey;
  readonly externalSecret: ExternalSecret;
  readonly feed: Feed | undefined;
  readonly problem: string | undefined;
}

const LISTED_SOON_MS = 250;
/** So long later a change is taken in together with those that come with it. */
export const GATHER_MS = 100;

export class RolloutReconciler {
  readonly #options: RolloutsOptions;
  readonly #memories = new Map<string, NamespaceRollouts>();
  /** Namespaces in which a workload waits until others have ended. */
  readonly #waiting = new Set<string>();
  readonly #held = new Map<string, number>();

  constructor(options: RolloutsOptions) {
    this.#options = options;
  }

  /** How many ExternalSecrets are told that their rollout is held. */
  get held(): number {
    return this.#held.values().reduce((sum, count) => sum + count, 0);
  }

  /** Those that wait for a place, until they are asked again. */
  get waiting(): ReadonlySet<string> {
    return this.#waiting;
  }

  readonly reconcile: Reconcile = async (namespace, signal) => {
    const asking = this.#askingIn(namespace);
    if (asking.length === 0) return this.forget(namespace);
    if (!this.#options.isOn) return this.#tellOff(asking);
    const feeds = asking.flatMap(({ feed }) => feed ?? []);
    if (feeds.length === 0) return this.#tell(namespace, asking, undefined);
    try {
      if (!(await this.#options.known.areListed(signal))) return { kind: 'after', delayMs: LISTED_SOON_MS };
      return await this.#roll(namespace, asking, feeds, signal);
    } catch (error) {
      if (error instanceof KeyturnError && !(error instanceof ClusterUnavailable) && !signal.aborted)
        this.#tellFailing(asking, error);
      throw error;
    }
  };

  forget(namespace: string): Next {
    this.#memories.delete(namespace);
    this.#waiting.delete(namespace);
    this.#held.delete(namespace);
    // Another holder may tell otherwise meanwhile.
    for (const key of this.#options.asking.of(namespace)) this.#options.extras.forget(key, 'RolloutHeld');
    return DONE;
  }

  #memoryOf(namespace: string): NamespaceRollouts {
    const { backoff, clock } = this.#options;
    const memory = this.#memories.get(namespace) ?? new NamespaceRollouts(backoff, () => clock.nowMs());
    this.#memories.set(namespace, memory);
    return memory;
  }

  #askingIn(namespace: string): readonly Asking[] {
    return this.#options.asking.of(namespace).flatMap((key) => {
      const entry = this.#options.view.get(key);
      return entry?.kind === 'valid' ? (this.#askingOf(key, entry.object) ?? []) : [];
    });
  }

  #askingOf(key: ObjectKey, externalSecret: ExternalSecret): Asking | undefined {
    const request = rolloutRequestOf(externalSecret);
    if (request === undefined) return undefined;
    if (request.kind === 'invalid') return { key, externalSecret, feed: undefined, problem: request.problem };
    const { name, annotations } = externalSecret.metadata;
    const mark = versionMarkOf(externalSecret, this.#options.secrets.get(targetKeyOf(externalSecret)));
    const feed = mark && {
      name,
      trigger: triggerOf(name),
      secret: targetNameOf(externalSecret),
      mark,
      request,
      isConfirmed: annotations?.[CONFIRM_ROLLOUT_ANNOTATION] === mark.version,
    };
    return { key, externalSecret, feed, problem: undefined };
  }

  async #roll(
    namespace: string,
    asking: readonly Asking[],
    feeds: readonly Feed[],
    signal: AbortSignal,
  ): Promise<Next> {
    const memory = this.#memoryOf(namespace);
    for (const ended of memory.observe(this.#options.known.of(namespace), this.#options.deadlineMs)) {
      this.#tellEnd(ended, asking, memory);
    }
    const first = this.#plan(namespace, feeds, memory);
    const plan = first.toAsk.length === 0 ? first : await this.#askAndPlan(namespace, feeds, first, signal);
    if (plan.waitsForSlot) this.#waiting.add(namespace);
    else this.#waiting.delete(namespace);
    await this.#beginAll(plan.rollouts, asking, memory, signal);
    this.#tellNews(plan, asking, memory);
    return this.#tell(namespace, asking, plan);
  }

  #plan(namespace: string, feeds: readonly Feed[], memory: NamespaceRollouts): RolloutPlan {
    const { known, inProgress, clock, windowMs, deadlineMs } = this.#options;
    const workloads = known.of(namespace);
    const nowMs = clock.nowMs();
    return planRollouts({
      feeds,
      workloads,
      memory,
      nowMs,
      windowMs,
      deadlineMs,
      freeSlots: inProgress.freeFor(namespace, this.#waiting),
      hasSlot: (workload) => inProgress.has(workload),
    });
  }

  async #askAndPlan(
    namespace: string,
    feeds: readonly Feed[],
    { toAsk }: RolloutPlan,
    signal: AbortSignal,
  ): Promise<RolloutPlan> {
    const pods = await this.#options.workloads.pods(namespace, signal);
    const memory = this.#memoryOf(namespace);
    for (const { workload, feed } of toAsk) memory.learn(workload, feed, pods);
    return this.#plan(namespace, feeds, memory);
  }

  async #beginAll(
    rollouts: readonly Rollout[],
    asking: readonly Asking[],
    memory: NamespaceRollouts,
    signal: AbortSignal,
  ): Promise<void> {
    const { inProgress } = this.#options;
    const reserved = new Set(rollouts.map(({ workload }) => workload));
    // In one step with the plan: another namespace may be planned while the API server answers.
    for (const workload of reserved) inProgress.reserve(workload);
    try {
      for (const rollout of rollouts) {
        reserved.delete(rollout.workload);
        await this.#begin(rollout, asking, memory, signal);
      }
    } finally {
      for (const workload of reserved) this.#observeNow(workload);
    }
  }

  /** The place of one that was not begun, or of which that is not known: what is seen of it may be newer than the plan. */
  #observeNow(workload: Workload): void {
    const { known, inProgress } = this.#options;
    const now = known.of(workload.namespace).find(({ uid }) => uid === workload.uid);
    if (now === undefined) inProgress.drop(workloadKey(workload));
    else inProgress.observe(now);
  }

  async #begin(
    { workload, feeds }: Rollout,
    asking: readonly Asking[],
    memory: NamespaceRollouts,
    signal: AbortSignal,
  ): Promise<void> {
    const { workloads, known, inProgress, metrics, log } = this.#options;
    const annotations = Object.fromEntries(feeds.map(({ trigger, mark }) => [trigger, triggerValue(mark)]));
    try {
      const begun = await workloads.trigger(workload, annotations, signal);
      known.remember(begun);
      memory.began(begun);
      inProgress.observe(begun);
      metrics.rollout('started');
      log.info({ workload: workloadKey(workload), versions: Object.values(annotations) }, 'rollout started');
      const message = startedMessage(workload, feeds);
      this.#note(asking, feeds, 'Normal', 'RolloutStarted', message);
      this.#options.events.record({
        object: this.#identityOf(workload),
        type: 'Normal',
        reason: 'RolloutStarted',
        message,
      });
    } catch (error) {
      this.#observeNow(workload);
      if (!(error instanceof KeyturnError) || signal.aborted) throw error;
      // What is gone needs nothing.
      if (error instanceof ClusterNotFound) return;
      metrics.rollout('refused');
      const message = refusedMessage(workload, error.message);
      memory.failed(workload, message);
      this.#note(asking, feeds, 'Warning', 'RolloutFailed', message);
    }
  }

  #identityOf({ kind, namespace, name, uid }: Workload) {
    return { resource: { kind, ...this.#options.resourceOf(kind) }, namespace, name, uid };
  }

  #note(
    asking: readonly Asking[],
    feeds: readonly Feed[],
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    for (const { feed, externalSecret } of asking) {
      if (!feeds.some(({ name }) => name === feed?.name)) continue;
      this.#options.events.record({ object: objectIdentity(externalSecret), type, reason, message });
    }
  }

  #tellEnd({ workload, outcome }: Ended, asking: readonly Asking[], memory: NamespaceRollouts): void {
    this.#options.metrics.rollout(outcome);
    this.#options.log.info({ workload: workloadKey(workload), outcome }, 'rollout ended');
    if (outcome === 'healthy') return;
    for (const { feed } of asking) {
      const isItsDoing = feed !== undefined && workload.triggers[feed.trigger] === triggerValue(feed.mark);
      if (!isItsDoing || !memory.isNews(`unhealthy ${workload.uid} ${feed.trigger} ${triggerValue(feed.mark)}`))
        continue;
      this.#note(asking, [feed], 'Warning', 'RolloutUnhealthy', unhealthyMessage(workload, feed));
    }
  }

  #tellNews(plan: RolloutPlan, asking: readonly Asking[], memory: NamespaceRollouts): void {
    for (const { workload, feed } of plan.takenAway) {
      if (!memory.isNews(`reverted ${workload.uid} ${feed.trigger} ${triggerValue(feed.mark)}`)) continue;
      this.#note(asking, [feed], 'Warning', 'RolloutReverted', revertedMessage(workload, feed));
    }
    for (const { feed, named } of plan.missing) {
      if (!memory.isNews(`missing ${feed.name} ${named.kind}/${named.name} ${feed.mark.version}`)) continue;
      this.#note(asking, [feed], 'Warning', 'RolloutTargetMissing', missingMessage(named));
    }
  }

  #tellOff(asking: readonly Asking[]): Next {
    // What another operator serves is not spoken of.
    for (const each of asking) if (each.feed !== undefined) this.#tellHold(each, ROLLOUTS_OFF);
    return DONE;
  }

  #tellFailing(asking: readonly Asking[], { message }: KeyturnError): void {
    for (const each of asking) if (each.feed !== undefined) this.#tellHold(each, failingHold(message));
  }

  #tellHold({ key, externalSecret }: Asking, hold: ExtraCondition | undefined): void {
    if (!this.#options.extras.tell(key, 'RolloutHeld', hold) || hold === undefined) return;
    const object = objectIdentity(externalSecret);
    this.#options.events.record({ object, type: 'Warning', reason: 'RolloutHeld', message: hold.message });
  }

  /** Why the workloads of an ExternalSecret do not get what there is, where they should. */
  #holdOf(
    { externalSecret, feed, problem }: Asking,
    namespace: string,
    plan: RolloutPlan | undefined,
  ): ExtraCondition | undefined {
    if (problem !== undefined) return invalidHold(problem);
    const hold = plan?.held.find((each) => each.feed.name === feed?.name);
    if (hold !== undefined) return holdCondition(externalSecret, hold);
    if (feed === undefined) return undefined;
    const memory = this.#memoryOf(namespace);
    const due = this.#options.known
      .of(namespace)
      .filter((workload) => isConcerned(feed, workload) && standingOf(feed, workload, memory) === 'pending');
    const failing = due.map((workload) => memory.problemOf(workload)).find((each) => each !== undefined);
    return failing === undefined ? undefined : failingHold(failing);
  }

  #tell(namespace: string, asking: readonly Asking[], plan: RolloutPlan | undefined): Next {
    for (const each of asking) this.#tellHold(each, this.#holdOf(each, namespace, plan));
    this.#held.set(namespace, plan?.held.length ?? 0);
    const isRefused = plan?.rollouts.some(
      ({ workload }) => this.#memoryOf(namespace).retryAtMs(workload) !== undefined,
    );
    // Whoever is next takes the turn of one that was refused.
    if (isRefused === true) return { kind: 'after', delayMs: GATHER_MS };
    const atMs = [plan?.lookAgainAtMs, plan?.waitsForSlot ? this.#options.inProgress.nextFreeAtMs : undefined];
    const timesMs = atMs.filter((timeMs) => timeMs !== undefined);
    if (timesMs.length === 0) return DONE;
    return { kind: 'after', delayMs: Math.max(GATHER_MS, Math.min(...timesMs) - this.#options.clock.nowMs()) };
  }
}
