/**
 * Finds out what would become of an ExternalSecret: the same plan and the same sync as when Keyturn runs, over Secrets and
 * other objects that tell of a write instead of making it.
 */

import type { ExternalSecret } from '../api/external-secret.ts';
import { ESO_EXTERNAL_SECRET_FINALIZER } from '../api/groups.ts';
import type { Digest } from '../domain/digest.ts';
import { failureMessage } from '../domain/failure.ts';
import { type Forecast, type Outcome, outcomeOf } from '../domain/forecast.ts';
import { asTargetWrite } from '../domain/manifest-difference.ts';
import { mayPass } from '../domain/passing-failure.ts';
import { type Hindrance, judge, type Plan, plan } from '../domain/plan.ts';
import { identitiesOf } from '../domain/references.ts';
import type { SyncRecord } from '../domain/situation.ts';
import { timestampOf } from '../domain/status.ts';
import { targetNameOf } from '../domain/target.ts';
import { targetWordsOf } from '../domain/target-words.ts';
import { storesReadBy } from '../domain/used-stores.ts';
import type { SecretMetadata, Secrets, View } from '../ports/cluster.ts';
import { InvalidSpec, KeyturnError } from '../ports/errors.ts';
import type { GenericObjects, WatchedKinds } from '../ports/generic-objects.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { WouldBeObjectWrite, WouldBeWrite } from '../ports/would-be-write.ts';
import { BackwardsGuard } from './backwards-guard.ts';
import { DeletionBrake } from './deletion-brake.ts';
import { type GatherOptions, gather } from './gather.ts';
import { Inspections } from './inspections.ts';
import type { RenderOptions } from './render-target.ts';
import { type SyncOptions, type SyncPlan, type SyncResult, sync, track } from './sync.ts';
import type { Target, Targets } from './target.ts';
import { createTargets } from './targets.ts';
import type { TemplateObjects } from './template-objects.ts';

export interface ForecasterOptions extends Omit<SyncOptions, 'guard' | 'deletions'>, GatherOptions, RenderOptions {
  readonly templates: TemplateObjects;
  readonly secretView: View<SecretMetadata>;
  /** Secrets that tell of each write. */
  readonly secretsTelling: (tell: (write: WouldBeWrite) => void) => Secrets;
  /** Objects of other kinds that do. */
  readonly objectsTelling: (tell: (write: WouldBeObjectWrite) => void) => GenericObjects;
  /** As of `keyturn run`. */
  readonly deletionBrakePercent: number;
  readonly digest: Digest;
  readonly metrics: Metrics;
}

type Unknown =
  /** AWS's answer is to be believed only when it is still the same after this. */
  | { readonly kind: 'again'; readonly delayMs: number }
  /** Its versions are being looked at; `onMoved` tells of it when they are known. */
  | { readonly kind: 'look' };

/** What is known after one look. */
export type Step = { readonly kind: 'known'; readonly forecast: Forecast } | Unknown;

/** One ExternalSecret under way. */
interface Subject {
  readonly key: string;
  readonly externalSecret: ExternalSecret;
  readonly targets: Targets;
  readonly inspections: Inspections;
  /** What has been told of its writes. */
  readonly writes: readonly WouldBeWrite[];
}

/** Its target, for one look. */
interface Looked extends Subject {
  readonly target: Target;
}

/** Nothing is watched: each object is asked for. */
const NO_WATCH: WatchedKinds = { use: () => undefined, release: () => {}, onChange: () => {} };

const AGAIN: Unknown = { kind: 'again', delayMs: 0 };

export class Forecaster {
  readonly #options: ForecasterOptions;
  readonly #records = new Map<string, SyncRecord>();
  readonly #subjects = new Map<string, Subject>();
  readonly #guard = new BackwardsGuard();
  readonly #deletions: DeletionBrake;

  constructor(options: ForecasterOptions) {
    this.#options = options;
    const { deletionBrakePercent: percent, clock } = options;
    this.#deletions = new DeletionBrake({ percent, clock, followed: (identityKey) => this.#followed(identityKey) });
  }

  /** One look at an ExternalSecret of the view. What cannot be found out is a result; only an abort is thrown. */
  async look(key: string, signal: AbortSignal): Promise<Step> {
    const [namespace = '', name = ''] = key.split('/');
    const entry = this.#options.view.get(key);
    if (entry?.kind === 'invalid') {
      return { kind: 'known', forecast: { namespace, name, ...ofInvalid(entry.meta, entry.problem) } };
    }
    if (entry?.kind !== 'valid') {
      const message = entry === undefined ? 'there is no such ExternalSecret' : entry.problem;
      return { kind: 'known', forecast: { namespace, name, kind: 'unknown', message } };
    }
    const subject = this.#subject(key, entry.object);
    const found = await this.#attempt(subject, signal);
    if ('delayMs' in found || found.kind === 'look') return found;
    this.#options.index.untrack(key);
    // With it go the values that it would have written.
    this.#subjects.delete(key);
    return { kind: 'known', forecast: { namespace, name, ...targetIn(entry.object), ...found } };
  }

  #subject(key: string, externalSecret: ExternalSecret): Subject {
    const known = this.#subjects.get(key);
    if (known !== undefined) return known;
    const writes: WouldBeWrite[] = [];
    const tell = (write: WouldBeWrite) => void writes.push(write);
    const secrets = this.#options.secretsTelling(tell);
    const objects = this.#options.objectsTelling((write) => tell(asTargetWrite(write)));
    const targets = createTargets({ ...this.#options, secrets, objects, kinds: NO_WATCH });
    const subject = { key, externalSecret, targets, inspections: new Inspections(), writes };
    this.#subjects.set(key, subject);
    return subject;
  }

  /** The refs that targets are made from, as far as they have been looked at. */
  #followed(identityKey: string): ReadonlySet<string> {
    const sources = [...this.#records.values()].flatMap(({ versions, gone }) => [
      ...versions.values(),
      ...gone.values(),
    ]);
    return new Set(sources.filter((source) => source.identityKey === identityKey).map(({ refId }) => refId));
  }

  async #attempt(subject: Subject, signal: AbortSignal): Promise<Outcome | Unknown> {
    try {
      return await this.#decide(subject, signal);
    } catch (error) {
      if (!(error instanceof KeyturnError) || signal.aborted) throw error;
      return ofFailure(subject.externalSecret, error);
    }
  }

  async #decide(subject: Subject, signal: AbortSignal): Promise<Outcome | Unknown> {
    const { key, externalSecret, targets, inspections } = subject;
    const remembered = { record: undefined, hold: this.#deletions.holdOf(key, externalSecret.status) };
    const facts = gather(externalSecret, remembered, this.#options);
    const judged = judge(facts);
    if (judged.kind !== 'servable') return this.#hindered(externalSecret, judged);
    const target = await targets.open(key, externalSecret, () => true, signal);
    // It is served, and so has a target.
    if (target === undefined) return CHANGED;
    const seen = target.current();
    const decided = plan({ ...facts, target: seen, inspected: inspections.of(key, seen) }, judged);
    return await this.#act({ ...subject, target }, decided, signal);
  }

  #hindered(externalSecret: ExternalSecret, hindrance: Hindrance): Outcome {
    return hindrance.kind === 'ignore'
      ? this.#ignored(externalSecret, hindrance)
      : ofFailure(externalSecret, hindrance.error, hindrance.field);
  }

  async #act(
    subject: Looked,
    decided: Exclude<Plan, { kind: 'ignore' }>,
    signal: AbortSignal,
  ): Promise<Outcome | Unknown> {
    const { key, externalSecret, target, inspections } = subject;
    switch (decided.kind) {
      case 'fail':
      case 'sourceFailed':
      case 'frozen':
        return ofFailure(externalSecret, decided.error, 'field' in decided ? decided.field : undefined);
      case 'held':
        return this.#held(subject, decided);
      case 'awaitTarget':
        return {
          kind: 'left',
          message: `there is no ${targetWordsOf(externalSecret).kind} to merge into (creationPolicy Merge)`,
        };
      case 'closed':
        return { kind: 'left', message: `no sync window is open before ${timestampOf(decided.askAgainMs)}` };
      case 'settled':
        return ofSettled(decided);
      case 'takeUp':
        this.#records.set(key, decided.record);
        return { kind: 'nothing' };
      case 'look':
        track(key, decided, this.#options);
        this.#options.index.hurry(key, this.#options.clock.nowMs());
        return { kind: 'look' };
      case 'inspect':
        return (await inspections.look(key, target, decided.target, signal)) ? AGAIN : CHANGED;
      case 'adopt':
        await target.mark(decided.shape, signal);
        return { ...this.#outcome(subject), message: unreadReason(decided) };
      case 'sync':
        return await this.#sync(subject, decided, signal);
    }
  }

  #ignored({ metadata, spec, kind }: ExternalSecret, ignored: Extract<Hindrance, { kind: 'ignore' }>): Outcome {
    const { why } = ignored;
    if (why === 'deleting') return ofDeleted(metadata);
    if (why === 'otherClass') {
      return { kind: 'left', message: 'its store names another controller class in spec.controller' };
    }
    if (why === 'pendingLabels') {
      return { kind: 'unknown', message: `${ignored.question} is not known: its labels decide that` };
    }
    const pending = storesReadBy({ metadata, spec, kind }).filter(
      ({ storeKey }) => this.#options.registry.standing(storeKey).kind === 'pending',
    );
    return { kind: 'unknown', message: `${pending.map(({ storeKey }) => storeKey).join(', ')} could not be checked` };
  }

  #held({ key, externalSecret }: Subject, { hold, references, refresh }: Extract<Plan, { kind: 'held' }>): Outcome {
    const intervalMs = refresh.kind === 'periodic' ? refresh.intervalMs : undefined;
    const loss = { externalSecret, status: externalSecret.status, identityKeys: identitiesOf(references), intervalMs };
    return { kind: 'refused', message: this.#deletions.stillHeld(key, loss, hold).message };
  }

  #outcome({ externalSecret, writes }: Subject): Outcome {
    return outcomeOf(writes, targetNameOf(externalSecret), this.#options.digest);
  }

  async #sync(subject: Looked, planned: SyncPlan, signal: AbortSignal): Promise<Outcome | Unknown> {
    const { key, externalSecret, target } = subject;
    const result = await sync(
      { key, externalSecret, target, record: undefined, status: externalSecret.status },
      planned,
      { ...this.#options, guard: this.#guard, deletions: this.#deletions },
      signal,
    );
    return this.#synced(subject, result);
  }

  #synced(subject: Subject, result: SyncResult): Outcome | Unknown {
    switch (result.kind) {
      case 'failed':
        return ofFailure(subject.externalSecret, result.error, result.field);
      case 'held':
        return { kind: 'refused', message: result.hold.message };
      case 'again':
        return result;
      case 'overtaken':
        return CHANGED;
      case 'synced':
        this.#records.set(subject.key, result.record);
        return this.#outcome(subject);
    }
  }
}

function targetIn(externalSecret: ExternalSecret): Pick<Forecast, 'secret' | 'target'> {
  const name = targetNameOf(externalSecret);
  const { kind } = targetWordsOf(externalSecret);
  return kind === 'Secret' ? { secret: name } : { target: `${kind} ${name}` };
}

const CHANGED: Outcome = { kind: 'unknown', message: 'it has changed while it was looked at; run the plan again' };

function ofFailure(of: Partial<Pick<ExternalSecret, 'spec'>>, error: KeyturnError, field?: string): Outcome {
  const message = failureMessage(error, field, targetWordsOf(of).failures);
  // What may pass, another attempt may tell; or the fault is not the operator's, but that of who runs the plan.
  return { kind: mayPass(error) ? 'unknown' : 'refused', message };
}

function ofDeleted({ finalizers = [] }: ExternalSecret['metadata']): Outcome {
  return finalizers.includes(ESO_EXTERNAL_SECRET_FINALIZER)
    ? {
        kind: 'release',
        message: 'it is being deleted, and the finalizer of External Secrets Operator would be removed',
      }
    : { kind: 'left', message: 'it is being deleted' };
}

function ofInvalid(meta: ExternalSecret['metadata'], problem: string): Outcome {
  return meta.deletionTimestamp === undefined ? ofFailure({}, new InvalidSpec(problem)) : ofDeleted(meta);
}

function unreadReason({ refresh }: Extract<Plan, { kind: 'settled' | 'adopt' }>): string {
  return refresh.kind === 'createdOnce'
    ? 'it was synced, and its refreshPolicy is CreatedOnce: AWS is not asked'
    : 'it was synced, and is read again only when it changes: AWS is not asked';
}

function ofSettled(settled: Extract<Plan, { kind: 'settled' }>): Outcome {
  return settled.refresh.kind === 'periodic' ? { kind: 'nothing' } : { kind: 'left', message: unreadReason(settled) };
}
