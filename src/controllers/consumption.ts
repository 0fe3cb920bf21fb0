/** Tells of one ExternalSecret which pods hold which version of its Secret: gather, judge, write if different. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { SecretConsumption, SecretConsumptionStatus } from '../api/secret-consumption.ts';
import { consumptionOf } from '../domain/consumption.ts';
import { CONSUMPTION_OFF, consumptionUnknown, NO_SECRET, safeToRevoke } from '../domain/consumption-messages.ts';
import type { ExtraCondition } from '../domain/extra-conditions.ts';
import { triggerOf } from '../domain/rollout-trigger.ts';
import { sameValue } from '../domain/same-value.ts';
import { controllerOf, isExternalSecret, possibleKeys, targetKeyOf, targetNameOf } from '../domain/target.ts';
import {
  asksForConsumption,
  type VersionMark,
  versionHash,
  versionMarkOf,
  writesSecret,
} from '../domain/version-mark.ts';
import { DONE, type Next, type Reconcile } from '../loop/reconcile.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events, ObjectKey, SecretMetadata, View } from '../ports/cluster.ts';
import {
  ClusterConflict,
  ClusterForbidden,
  ClusterNotFound,
  ClusterUnavailable,
  KeyturnError,
} from '../ports/errors.ts';
import type { ConsumingPod, SecretConsumptions } from '../ports/pods.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { objectIdentity } from './external-secret-status.ts';
import type { ExtraConditions } from './extra-conditions.ts';
import { ListProbe } from './list-probe.ts';
import { type NamespaceKeys, namespaceOf } from './namespace-keys.ts';
import { ReturnedPods } from './returned-pods.ts';

type Asking = Narrowed<ExternalSecret>;

export interface ConsumptionOptions {
  /** Whether this operator looks at pods. */
  readonly isOn: boolean;
  readonly view: View<Asking>;
  readonly secrets: View<SecretMetadata>;
  readonly pods: View<ConsumingPod>;
  readonly podKeys: NamespaceKeys<ConsumingPod>;
  /** Called whenever pods are needed: from the first time on they are watched. */
  readonly needPods: () => void;
  readonly told: View<Narrowed<SecretConsumption>>;
  /** Called by an operator that looks at no pods, whenever it needs `told` all the same; others have it from the start. */
  readonly needTold: () => void;
  readonly consumptions: SecretConsumptions;
  /** What the target of an object was last written from; undefined while that is not known. */
  readonly writtenVersions: (key: ObjectKey) => readonly SecretVersion[] | undefined;
  readonly extras: ExtraConditions;
  readonly events: Events;
  readonly clock: Clock;
}

/** The object in which it is told, as we know it. */
interface Known {
  readonly uid: string;
  readonly status: SecretConsumptionStatus | undefined;
}

const LISTED_SOON_MS = 250;
/** A refusal may be one of an API server that has just started; it is not asked for without a reason to look. */
const REFUSED_FOR_MS = 5 * 60_000;
const UNKNOWN = 'Unknown';

/** Whether it says for the first time that an earlier version may be revoked, where there was one. */
function isNewlySafe(before: SecretConsumptionStatus | undefined, { versions = [], ...now }: SecretConsumptionStatus) {
  if (now.safeToRevokePrevious !== 'True' || (versions.length === 1 && versions[0]?.isFirst === true)) return false;
  const isSaid = before?.version === now.version && before?.since === now.since;
  return !isSaid || before?.safeToRevokePrevious !== 'True';
}

/** Undefined where nobody says which keys there are. */
export function keysOf(target: SecretMetadata | undefined): ReadonlySet<string> | undefined {
  if (target === undefined || target.fieldOwners.length === 0) return undefined;
  return new Set(possibleKeys(target));
}

export class ConsumptionReconciler {
  readonly #options: ConsumptionOptions;
  /** What we wrote, until the view has brought it. */
  readonly #written = new Map<ObjectKey, Known>();
  readonly #probe: ListProbe;
  readonly #returned: ReturnedPods;
  /** When an operator that looks at no pods was last refused to list what was told before. */
  #refusedAtMs = Number.NEGATIVE_INFINITY;
  #mayListTold = false;

  constructor(options: ConsumptionOptions) {
    this.#options = options;
    this.#probe = new ListProbe(
      (signal) => options.consumptions.probe(['pods', 'consumptions'], signal),
      options.clock,
    );
    this.#returned = new ReturnedPods(options.pods, options.clock);
    options.told.onChange(({ key }) => this.#written.delete(key));
  }

  readonly reconcile: Reconcile = async (key, signal) => {
    const entry = this.#options.view.get(key);
    if (entry?.kind !== 'valid' || !asksForConsumption(entry.object)) return await this.#remove(key, signal);
    const externalSecret = entry.object;
    if (!writesSecret(externalSecret)) return await this.#withdraw(key, externalSecret, NO_SECRET, signal);
    if (!this.#options.isOn) return await this.#withdraw(key, externalSecret, CONSUMPTION_OFF, signal);
    const mark = versionMarkOf(externalSecret, this.#options.secrets.get(targetKeyOf(externalSecret)));
    if (mark === undefined) return DONE;
    try {
      if (!(await this.#isListed(signal))) return { kind: 'after', delayMs: LISTED_SOON_MS };
      return await this.#look(key, externalSecret, mark, signal);
    } catch (error) {
      const isWorthTelling = error instanceof KeyturnError && !(error instanceof ClusterUnavailable);
      if (isWorthTelling && !(error instanceof ClusterConflict)) {
        await this.#withdraw(key, externalSecret, consumptionUnknown(error.message), signal);
      }
      throw error;
    }
  };

  forget(key: ObjectKey): Next {
    this.#written.delete(key);
    this.#options.extras.forget(key, 'SafeToRevokePrevious');
    return DONE;
  }

  /** Of an ExternalSecret that does not ask any more; what somebody else has made stays. */
  async #remove(key: ObjectKey, signal: AbortSignal): Promise<Next> {
    const told = this.#options.told.get(key);
    const metadata = told?.kind === 'valid' ? told.object.metadata : undefined;
    const isOurs = metadata?.controller !== undefined && isExternalSecret(metadata.controller);
    if (metadata !== undefined && isOurs) await this.#options.consumptions.delete(metadata, metadata.uid, signal);
    return this.forget(key);
  }

  #tell(externalSecret: ExternalSecret, key: ObjectKey, condition: ExtraCondition): Next {
    const isNews = this.#options.extras.tell(key, 'SafeToRevokePrevious', condition);
    const { status, reason, message } = condition;
    if (!isNews || status !== 'Unknown') return DONE;
    this.#options.events.record({ object: objectIdentity(externalSecret), type: 'Warning', reason, message });
    return DONE;
  }

  /** What nobody looks at any more must not be called safe for ever, as far as that can still be written. */
  async #withdraw(key: ObjectKey, subject: ExternalSecret, why: ExtraCondition, signal: AbortSignal): Promise<Next> {
    this.#tell(subject, key, why);
    const { isOn, told, needTold, writtenVersions } = this.#options;
    // Another operator may serve it, and look at its pods. What we serve ourselves is known soon.
    if (writtenVersions(key) === undefined) return DONE;
    if (!isOn && !(await this.#isToldThere(signal))) return DONE;
    needTold();
    // One that looks at pods waits for the list elsewhere, and tells why it does not come.
    if (!told.synced) return isOn ? DONE : { kind: 'after', delayMs: LISTED_SOON_MS };
    const known = this.#known(key);
    const { safeToRevokePrevious = UNKNOWN } = known?.status ?? {};
    if (safeToRevokePrevious === UNKNOWN) return DONE;
    await this.#write(key, subject, known, { ...known?.status, safeToRevokePrevious: UNKNOWN }, signal);
    return DONE;
  }

  /** As a rule the rights go with the flag: a watch would be refused for ever. */
  async #isToldThere(signal: AbortSignal): Promise<boolean> {
    const { consumptions, clock } = this.#options;
    if (this.#mayListTold || clock.nowMs() - this.#refusedAtMs < REFUSED_FOR_MS) return this.#mayListTold;
    try {
      await consumptions.probe(['consumptions'], signal);
      this.#mayListTold = true;
    } catch (error) {
      if (!(error instanceof ClusterForbidden || error instanceof ClusterNotFound)) throw error;
      this.#refusedAtMs = clock.nowMs();
    }
    return this.#mayListTold;
  }

  async #isListed(signal: AbortSignal): Promise<boolean> {
    const { pods, told, needPods } = this.#options;
    needPods();
    const isListed = pods.synced && told.synced;
    if (!isListed) await this.#probe.ask(signal);
    return isListed;
  }

  #known(key: ObjectKey): Known | undefined {
    const told = this.#options.told.get(key);
    const seen = told?.kind === 'valid' ? { uid: told.object.metadata.uid, status: told.object.status } : undefined;
    return this.#written.get(key) ?? seen;
  }

  async #look(key: ObjectKey, externalSecret: ExternalSecret, mark: VersionMark, signal: AbortSignal): Promise<Next> {
    const { pods, podKeys, clock } = this.#options;
    const { name } = externalSecret.metadata;
    const known = this.#known(key);
    const nowMs = clock.nowMs();
    const namespace = namespaceOf(key);
    const facts = {
      secret: targetNameOf(externalSecret),
      trigger: triggerOf(name),
      mark,
      versionIds: this.#versionIds(key, mark),
      keys: keysOf(this.#options.secrets.get(targetKeyOf(externalSecret))),
      isImmutable: externalSecret.spec.target?.immutable === true,
      before: known?.status,
      nowMs,
    };
    const judged = (all: readonly ConsumingPod[]) =>
      consumptionOf({ ...facts, pods: all.map((pod) => this.#returned.completed(pod)) });
    const seen = judged(podKeys.of(namespace).flatMap((podKey) => pods.get(podKey) ?? []));
    // A watch may be broken for a while, and is not asked for a promise.
    const isPromise = isNewlySafe(known?.status, seen.status);
    const found = isPromise ? judged(await this.#options.consumptions.pods(namespace, signal)) : seen;
    const { status, lookAgainAtMs } = found;
    if (!sameValue(known?.status, status)) await this.#write(key, externalSecret, known, status, signal);
    this.#tell(externalSecret, key, safeToRevoke(name, status));
    return lookAgainAtMs === undefined ? DONE : { kind: 'after', delayMs: lookAgainAtMs - nowMs };
  }

  /** While the record of the last sync is of another version than the Secret, nothing is known. */
  #versionIds(key: ObjectKey, mark: VersionMark): readonly string[] | undefined {
    const versions = this.#options.writtenVersions(key);
    if (versions === undefined || versionHash(versions) !== mark.version) return undefined;
    return [...new Set(versions.map(({ versionId }) => versionId))].sort();
  }

  async #write(
    key: ObjectKey,
    externalSecret: ExternalSecret,
    known: Known | undefined,
    status: SecretConsumptionStatus,
    signal: AbortSignal,
  ): Promise<void> {
    const { consumptions } = this.#options;
    const { namespace, name } = externalSecret.metadata;
    const uid = known?.uid ?? (await consumptions.create({ namespace, name }, controllerOf(externalSecret), signal));
    this.#written.set(key, { uid, status: known?.status });
    try {
      await consumptions.write({ namespace, name }, uid, status, known?.status !== undefined, signal);
      this.#written.set(key, { uid, status });
    } catch (error) {
      // The view is believed again.
      if (error instanceof ClusterNotFound || error instanceof ClusterConflict) this.#written.delete(key);
      throw error;
    }
  }
}
