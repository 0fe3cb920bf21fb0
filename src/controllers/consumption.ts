/** Tells of one ExternalSecret which pods hold which version of its Secret: gather, judge, write if different. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { SecretConsumption, SecretConsumptionStatus } from '../api/secret-consumption.ts';
import { consumptionOf } from '../domain/consumption.ts';
import { CONSUMPTION_OFF, consumptionUnknown, NO_SECRET, safeToRevoke } from '../domain/consumption-messages.ts';
import type { ExtraCondition } from '../domain/extra-conditions.ts';
import { triggerOf } from '../domain/rollout-trigger.ts';
import { sameValue } from '../domain/same-value.ts';
import { controllerOf, isExternalSecret, targetKeyOf, targetNameOf } from '../domain/target.ts';
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
import { ClusterConflict, ClusterNotFound, ClusterUnavailable, KeyturnError } from '../ports/errors.ts';
import type { ConsumingPod, SecretConsumptions } from '../ports/pods.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { objectIdentity } from './external-secret-status.ts';
import type { ExtraConditions } from './extra-conditions.ts';
import { ListProbe } from './list-probe.ts';
import { type NamespaceKeys, namespaceOf } from './namespace-keys.ts';

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

/** Whether it says for the first time that an earlier version may be revoked, where there was one. */
function isNewlySafe(before: SecretConsumptionStatus | undefined, { versions = [], ...now }: SecretConsumptionStatus) {
  if (now.safeToRevokePrevious !== 'True' || (versions.length === 1 && versions[0]?.isFirst === true)) return false;
  const isSaid = before?.version === now.version && before?.since === now.since;
  return !isSaid || before?.safeToRevokePrevious !== 'True';
}

/** Undefined where nobody says which keys there are. */
export function keysOf(target: SecretMetadata | undefined): ReadonlySet<string> | undefined {
  if (target === undefined || target.fieldOwners.length === 0) return undefined;
  return new Set(target.fieldOwners.flatMap(({ dataKeys, stringDataKeys = [] }) => [...dataKeys, ...stringDataKeys]));
}

export class ConsumptionReconciler {
  readonly #options: ConsumptionOptions;
  /** What we wrote, until the view has brought it. */
  readonly #written = new Map<ObjectKey, Known>();
  readonly #probe: ListProbe;

  constructor(options: ConsumptionOptions) {
    this.#options = options;
    this.#probe = new ListProbe((signal) => options.consumptions.probe(signal), options.clock);
    options.told.onChange(({ key }) => this.#written.delete(key));
  }

  readonly reconcile: Reconcile = async (key, signal) => {
    const entry = this.#options.view.get(key);
    if (entry?.kind !== 'valid' || !asksForConsumption(entry.object)) return await this.#remove(key, signal);
    const externalSecret = entry.object;
    if (!writesSecret(externalSecret)) return this.#tell(externalSecret, key, NO_SECRET);
    const mark = versionMarkOf(externalSecret, this.#options.secrets.get(targetKeyOf(externalSecret)));
    if (mark === undefined) return DONE;
    if (!this.#options.isOn) return this.#tell(externalSecret, key, CONSUMPTION_OFF);
    try {
      if (!(await this.#isListed(signal))) return { kind: 'after', delayMs: LISTED_SOON_MS };
      return await this.#look(key, externalSecret, mark, signal);
    } catch (error) {
      const isWorthTelling = error instanceof KeyturnError && !(error instanceof ClusterUnavailable);
      if (isWorthTelling && !(error instanceof ClusterConflict)) {
        this.#tell(externalSecret, key, consumptionUnknown(error.message));
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
    const seen = consumptionOf({ ...facts, pods: podKeys.of(namespace).flatMap((podKey) => pods.get(podKey) ?? []) });
    // A watch may be broken for a while, and is not asked for a promise.
    const isPromise = isNewlySafe(known?.status, seen.status);
    const found = isPromise
      ? consumptionOf({ ...facts, pods: await this.#options.consumptions.pods(namespace, signal) })
      : seen;
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
