/** From answers of all sources to a target that has them, and nothing of what is gone. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { type Answer, assemble } from '../domain/assemble.ts';
import { mayBeBackwards } from '../domain/backwards.ts';
import { type Act, actOn, lostSources } from '../domain/deletion.ts';
import { frozenProblem } from '../domain/immutable-target.ts';
import { recreatedSecrets } from '../domain/recreated.ts';
import { identitiesOf, type Reference } from '../domain/references.ts';
import type { RenderedTarget } from '../domain/render.ts';
import { goneSources, type SyncRecord, writtenVersion } from '../domain/situation.ts';
import { sourceHash } from '../domain/source-hash.ts';
import { creationPolicyOf, ownershipConflict, targetKeyOf, targetShape } from '../domain/target.ts';
import { syncedResourceVersion } from '../domain/upstream-hash.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { KeyturnError, TargetImmutable } from '../ports/errors.ts';
import type { LogFields } from '../ports/log.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import type { SecretData } from '../ports/secret-value.ts';
import type { Hold } from './deletion-brake.ts';
import { deleteOrphans } from './orphans.ts';
import type { Answers, Reading } from './read-references.ts';
import { renderTarget } from './render-target.ts';
import { rewriteTools } from './rewrite-tools.ts';
import type { SyncOptions, SyncPlan, SyncResult, SyncSubject } from './sync.ts';

type Readings = Answers['readings'];

/** What is to become of the target, before it is looked at. */
interface Assembled {
  readonly kind: 'assembled';
  readonly act: Exclude<Act, { kind: 'fail' }>;
  readonly data: SecretData;
  /** By the template; undefined where there is none. */
  readonly rendered: RenderedTarget | undefined;
  readonly versions: readonly SecretVersion[];
  /** Versions of the objects that templates were taken from. */
  readonly templates: readonly string[];
  readonly sourceHash: string;
}

type Failed = Extract<SyncResult, { kind: 'failed' }>;

interface Carried {
  readonly wrote: Extract<SyncResult, { kind: 'synced' }>['wrote'];
  readonly target: SecretMetadata | undefined;
  readonly orphans: readonly string[];
}

/** A value that was not read is a bug, and never an empty value. */
function answerIn(readings: Readings, { id }: Reference): Answer {
  const reading = readings.get(id);
  if (reading === undefined) throw new Error('a secret is missing among those that were read');
  return reading.answer;
}

/** What becomes of the target is decided by what was fetched: templates may make much of nothing. */
async function assembled(
  { externalSecret }: SyncSubject,
  references: readonly Reference[],
  readings: Readings,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<Assembled | Failed> {
  const { metadata, spec } = externalSecret;
  const tools = await rewriteTools(references);
  const result = assemble(references, (reference) => answerIn(readings, reference), tools);
  if (result.kind === 'failed') return result;
  const target = options.targets.current(targetKeyOf(externalSecret));
  const act = actOn(externalSecret, target, { areGone: references.length === 0, keys: result.data.size });
  if (act.kind === 'fail') return { kind: 'failed', error: act.error };
  const template = act.kind === 'write' ? spec.target?.template : undefined;
  const outcome = template && (await renderTarget(externalSecret, template, result.data, options, signal));
  if (outcome?.kind === 'failed') return outcome;
  const data = outcome?.target.data ?? result.data;
  const templates = outcome?.versions ?? [];
  const versions = references.flatMap(({ id }) => readings.get(id)?.version ?? []);
  const hash = sourceHash({
    uid: metadata.uid,
    syncedResourceVersion: syncedResourceVersion(metadata),
    versions,
    keys: [...data.keys()],
    templates,
  });
  return { kind: 'assembled', act, data, rendered: outcome?.target, versions, templates, sourceHash: hash };
}

/** Whether the object is still the one that was planned for. */
function isStillWanted({ key, externalSecret }: SyncSubject, { view }: SyncOptions): boolean {
  const now = view.get(key);
  if (now?.kind !== 'valid' || now.object.metadata.deletionTimestamp !== undefined) return false;
  const { metadata } = now.object;
  const planned = externalSecret.metadata;
  return metadata.uid === planned.uid && syncedResourceVersion(metadata) === syncedResourceVersion(planned);
}

/** Whether the target is still there to be merged into, and has not got another owner. */
function mayStillWrite(externalSecret: ExternalSecret, target: SecretMetadata | undefined): boolean {
  if (target === undefined) return creationPolicyOf(externalSecret) !== 'Merge';
  return ownershipConflict(externalSecret, target) === undefined;
}

/**
 * How long the same answer must still be given before it is believed. Only an answer of which nothing is known can go
 * backwards here: of all others the version index judges. One that takes something away may come from a replica that
 * does not know a new secret yet.
 */
function doubtMs(
  { key, externalSecret }: SyncSubject,
  { because }: SyncPlan,
  answer: Assembled,
  losesSources: boolean,
  { targets, guard, clock }: SyncOptions,
): number {
  const isNews = because === 'first' || because === 'change';
  const target = targets.current(targetKeyOf(externalSecret));
  if (losesSources || (isNews && mayBeBackwards(externalSecret, target, answer))) {
    return guard.waitMs(key, answer.sourceHash, clock.nowMs());
  }
  guard.forget(key);
  return 0;
}

/** Why what vanished stays in the target for now. */
function holdOn(
  { key, externalSecret, status }: SyncSubject,
  { references, refresh }: SyncPlan,
  { deletions }: SyncOptions,
): Hold | undefined {
  const intervalMs = refresh.kind === 'periodic' ? refresh.intervalMs : undefined;
  return deletions.check(key, { externalSecret, status, identityKeys: identitiesOf(references), intervalMs });
}

async function carryOut(
  { externalSecret, status }: SyncSubject,
  { act, data, rendered, sourceHash: hash }: Assembled,
  { targets }: SyncOptions,
  signal: AbortSignal,
): Promise<Carried> {
  if (act.kind === 'delete') {
    await targets.delete(act.target, signal);
    return { wrote: 'deleted', target: undefined, orphans: [] };
  }
  if (act.kind === 'nothing' || creationPolicyOf(externalSecret) === 'None') {
    return { wrote: 'unchanged', target: undefined, orphans: [] };
  }
  const shape = targetShape(externalSecret, [...data.keys()], hash, rendered);
  const { what, target } = await targets.write(shape, data, signal);
  return { wrote: what, target, orphans: await deleteOrphans(externalSecret, status, targets, signal) };
}

/** What the cluster refuses is a result; all else is thrown. */
async function carriedOut(
  subject: SyncSubject,
  answer: Assembled,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<Carried | KeyturnError> {
  try {
    return await carryOut(subject, answer, options, signal);
  } catch (error) {
    if (!(error instanceof KeyturnError) || signal.aborted) throw error;
    return error instanceof TargetImmutable ? frozenProblem(subject.externalSecret) : error;
  }
}

function endOf(act: Act): SyncRecord['end'] {
  if (act.kind === 'nothing') return act.end;
  return act.kind === 'delete' ? 'deleted' : 'written';
}

function logFieldsOf(
  { metadata: { namespace, name } }: ExternalSecret,
  { references }: SyncPlan,
  readings: readonly Reading[],
): LogFields {
  return {
    namespace,
    name,
    stores: [...new Set(references.map(({ storeKey }) => storeKey))],
    versions: [...new Set(readings.flatMap(({ versionIds }) => versionIds))],
    awsRequestIds: [...new Set(readings.flatMap(({ requestIds }) => requestIds))],
  };
}

/** What was written, by the ids of the references. */
function writtenVersions(references: readonly Reference[], readings: Readings): SyncRecord['versions'] {
  return new Map(
    references.flatMap((reference) => {
      const version = readings.get(reference.id)?.version;
      return version === undefined ? [] : [[reference.id, writtenVersion(reference, version)] as const];
    }),
  );
}

export async function apply(
  subject: SyncSubject,
  planned: SyncPlan,
  { readings, gone }: Answers,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<SyncResult> {
  const { key, externalSecret, record } = subject;
  const { references } = planned;
  const goneNow = goneSources(gone, record);
  const present = references.filter(({ id }) => !goneNow.has(id));
  const answer = await assembled(subject, present, readings, options, signal);
  if (answer.kind === 'failed') return answer;
  const target = options.targets.current(targetKeyOf(externalSecret));
  if (!isStillWanted(subject, options) || !mayStillWrite(externalSecret, target)) return { kind: 'overtaken' };
  const { act } = answer;
  const lost = act.kind === 'nothing' ? [] : lostSources(externalSecret, target, record, { gone: goneNow, ...answer });
  options.deletions.note(key, [...goneNow.values()], lost);
  const waitMs = doubtMs(subject, planned, answer, lost.length > 0, options);
  if (waitMs > 0) return { kind: 'again', delayMs: waitMs };
  const hold = lost.length === 0 ? undefined : holdOn(subject, planned, options);
  if (hold !== undefined) return { kind: 'held', hold };
  const carried = await carriedOut(subject, answer, options, signal);
  if (carried instanceof KeyturnError) return { kind: 'failed', error: carried };
  options.deletions.carriedOut(key);
  const versions = writtenVersions(present, readings);
  return {
    kind: 'synced',
    record: {
      uid: externalSecret.metadata.uid,
      syncedResourceVersion: syncedResourceVersion(externalSecret.metadata),
      versions,
      gone: goneNow,
      keys: [...answer.data.keys()],
      templates: answer.templates,
      sourceHash: answer.sourceHash,
      end: endOf(act),
      targetResourceVersion: carried.target?.resourceVersion,
      syncedAtMs: options.clock.nowMs(),
    },
    wrote: carried.wrote,
    missing: gone.map(({ field }) => field),
    orphans: carried.orphans,
    recreated: recreatedSecrets(present, record, { versions }),
    logFields: logFieldsOf(externalSecret, planned, [...readings.values()]),
  };
}
