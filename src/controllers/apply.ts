/** From answers of all sources to a target that has them, and nothing of what is gone. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { type Answer, assemble } from '../domain/assemble.ts';
import { mayBeBackwards } from '../domain/backwards.ts';
import { type Act, actOn, lostSources } from '../domain/deletion.ts';
import { frozenProblem } from '../domain/immutable-target.ts';
import { recreatedSecrets } from '../domain/recreated.ts';
import { identitiesOf, type Reference } from '../domain/references.ts';
import { goneSources, type SyncRecord, writtenVersion } from '../domain/situation.ts';
import { type Sources, sourceHash } from '../domain/source-hash.ts';
import { creationPolicyOf, markOf, ownershipConflict } from '../domain/target.ts';
import { syncedResourceVersion } from '../domain/upstream-hash.ts';
import { changedAtMs, lateMark, nextVersionMark, recordedMark, type VersionMark } from '../domain/version-mark.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import { InvalidSecretContent, KeyturnError, TargetImmutable } from '../ports/errors.ts';
import type { LogFields } from '../ports/log.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { type TargetWrites, writesTo } from './audited-target.ts';
import type { Hold } from './deletion-brake.ts';
import type { Answers, Reading } from './read-references.ts';
import { rewriteTools } from './rewrite-tools.ts';
import type { SyncOptions, SyncPlan, SyncResult, SyncSubject } from './sync.ts';
import type { Rendering, Written } from './target.ts';

type Readings = Answers['readings'];

/** What was read, and whether it may still be used: its stores and the policies may change while it is rendered. */
export interface Permitted {
  readonly answers: Answers;
  /** False where labels of one secret may have moved between the reads of them. */
  readonly isCoherent: boolean;
  readonly isStillPermitted: () => boolean;
  /** The type for which it is permitted to write into the target; undefined where that does not matter. */
  readonly type: string | undefined;
}

/** What is to become of the target, before it is looked at. */
interface Assembled {
  readonly kind: 'assembled';
  readonly act: Exclude<Act, { kind: 'fail' }>;
  /** Undefined where nothing is written. */
  readonly rendering: Rendering | undefined;
  readonly versions: readonly SecretVersion[];
  /** The policies by which what a search found was let through. */
  readonly access: string;
  readonly sourceHash: string;
  readonly sources: Sources;
  readonly dataHash: () => string | undefined;
}

type Failed = Extract<SyncResult, { kind: 'failed' }>;

interface Carried {
  readonly wrote: Extract<SyncResult, { kind: 'synced' }>['wrote'];
  /** Undefined where nothing was to be written. */
  readonly written: Written | undefined;
  readonly orphans: readonly string[];
}

const NOTHING: Pick<Rendering, 'keys' | 'templates'> = { keys: [], templates: [] };

/** Labels move within milliseconds of each other. */
const INCOHERENT_RETRY_MS = 500;

/** Where the manifest says what is written. */
const TARGET = 'spec.target';

/** A value that was not read is a bug, and never an empty value. */
function answerIn(readings: Readings, { id }: Reference): Answer {
  const reading = readings.get(id);
  if (reading === undefined) throw new Error('a secret is missing among those that were read');
  return reading.answer;
}

/** What becomes of the target is decided by what was fetched: templates may make much of nothing. */
async function assembled(
  { externalSecret, target }: SyncSubject,
  references: readonly Reference[],
  { readings, access }: Answers,
  signal: AbortSignal,
): Promise<Assembled | Failed> {
  const { metadata } = externalSecret;
  const tools = await rewriteTools(references);
  const result = assemble(references, (reference) => answerIn(readings, reference), tools);
  if (result.kind === 'failed') return result;
  const sources = { areGone: references.length === 0, keys: result.data.size };
  const act = actOn(externalSecret, target.current(), sources);
  if (act.kind === 'fail') return { kind: 'failed', error: act.error };
  const rendering = act.kind === 'write' ? await target.render(result.data, signal) : undefined;
  if (rendering?.kind === 'failed') return rendering;
  const { keys, templates } = rendering ?? NOTHING;
  const versions = references.flatMap(({ id }) => readings.get(id)?.version ?? []);
  const version = syncedResourceVersion(metadata);
  const from = { uid: metadata.uid, syncedResourceVersion: version, versions, keys, templates, access };
  const ofData = () => rendering?.dataHash();
  const hash = sourceHash(from);
  return { kind: 'assembled', act, rendering, versions, access, sourceHash: hash, sources: from, dataHash: ofData };
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
 * When to read again instead of believing an answer; 0 to believe it. It is believed when it has been the same for long
 * enough. Only an answer of which nothing is known can go backwards here: of all others the version index judges. One
 * that takes something away may come from a replica that does not know a new secret yet, and labels that a rotation
 * moved in between are soon read together.
 */
function doubtMs(
  { key, externalSecret, target }: SyncSubject,
  { because }: SyncPlan,
  answer: Assembled,
  { losesSources, isCoherent }: { readonly losesSources: boolean; readonly isCoherent: boolean },
  { guard, clock }: SyncOptions,
): number {
  const isNews = because === 'first' || because === 'change';
  const mayBeOld = losesSources || (isNews && mayBeBackwards(externalSecret, target.current(), answer));
  if (!mayBeOld && isCoherent) {
    guard.forget(key);
    return 0;
  }
  const waitMs = guard.waitMs(key, answer.sourceHash, clock.nowMs());
  return isCoherent ? waitMs : Math.min(waitMs, INCOHERENT_RETRY_MS);
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
  { externalSecret, target, status }: SyncSubject,
  { act, rendering }: Assembled,
  writes: TargetWrites,
  signal: AbortSignal,
): Promise<Carried> {
  if (act.kind === 'delete') {
    await writes.delete(act.target, signal);
    return { wrote: 'deleted', written: undefined, orphans: [] };
  }
  if (rendering === undefined || creationPolicyOf(externalSecret) === 'None') {
    return { wrote: 'unchanged', written: undefined, orphans: [] };
  }
  const written = await writes.write(rendering, signal);
  // Whoever wrote this data under this name has removed what had another name.
  const orphans = written.what === 'adopted' ? [] : target.orphans(status);
  for (const orphan of orphans) await writes.delete(orphan, signal);
  return { wrote: written.what, written, orphans: orphans.map(({ name }) => name) };
}

/** What hinders the write is a result; all else is thrown. */
async function carriedOut(
  subject: SyncSubject,
  answer: Assembled,
  writes: TargetWrites,
  signal: AbortSignal,
): Promise<({ readonly kind: 'done' } & Carried) | Failed> {
  try {
    return { kind: 'done', ...(await carryOut(subject, answer, writes, signal)) };
  } catch (error) {
    if (!(error instanceof KeyturnError) || signal.aborted) throw error;
    if (error instanceof TargetImmutable) return { kind: 'failed', error: frozenProblem(subject.externalSecret) };
    // Content that has no place in what is there is no fault of its source.
    return { kind: 'failed', error, ...(error instanceof InvalidSecretContent ? { field: TARGET } : {}) };
  }
}

/**
 * A second write only where the first took so long, or our clock is so late, that it would tell of versions from before
 * they were there.
 */
async function carriedOutMarked(
  subject: SyncSubject,
  answer: Assembled,
  marked: (version: VersionMark | undefined) => TargetWrites,
  { clock }: Pick<SyncOptions, 'clock'>,
  signal: AbortSignal,
): Promise<({ readonly kind: 'done'; readonly version: VersionMark | undefined } & Carried) | Failed> {
  const { externalSecret, record, status } = subject;
  const beganAtMs = clock.nowMs();
  const before = { target: subject.target.current(), mark: record?.versionMark, status };
  const version = nextVersionMark(externalSecret, before, answer.sources, beganAtMs);
  const carried = await carriedOut(subject, answer, marked(version), signal);
  if (carried.kind === 'failed') return carried;
  const { wrote, written } = carried;
  if (written === undefined || (wrote !== 'created' && wrote !== 'updated')) return { ...carried, version };
  const endedAtMs = Math.max(clock.nowMs(), changedAtMs(externalSecret, written.target) ?? 0);
  const late = lateMark(version, beganAtMs, endedAtMs);
  if (late === undefined) return { ...carried, version };
  const again = await carriedOut(subject, answer, marked(late), signal);
  return again.kind === 'failed' ? again : { ...carried, written: again.written, version: late };
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
  { answers, isCoherent, isStillPermitted, type }: Permitted,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<SyncResult> {
  const { key, externalSecret, record } = subject;
  const { references } = planned;
  const { readings, gone } = answers;
  const goneNow = goneSources(gone, record);
  const present = references.filter(({ id }) => !goneNow.has(id));
  const answer = await assembled(subject, present, answers, signal);
  if (answer.kind === 'failed') return answer;
  const target = subject.target.current();
  const isWanted = isStillWanted(subject, options) && mayStillWrite(externalSecret, target);
  if (!isWanted || !isStillPermitted()) return { kind: 'overtaken' };
  const { act } = answer;
  const lost = act.kind === 'nothing' ? [] : lostSources(externalSecret, target, record, { gone: goneNow, ...answer });
  options.deletions.note(key, [...goneNow.values()], lost);
  const doubts = { losesSources: lost.length > 0, isCoherent };
  const waitMs = doubtMs(subject, planned, answer, doubts, options);
  if (waitMs > 0) return { kind: 'again', delayMs: waitMs };
  const hold = lost.length === 0 ? undefined : holdOn(subject, planned, options);
  if (hold !== undefined) return { kind: 'held', hold };
  const marked = (version: VersionMark | undefined) => {
    const marks = { sourceHash: answer.sourceHash, type, version };
    return writesTo(options.audit, subject, { references: present, readings, marks });
  };
  const carried = await carriedOutMarked(subject, answer, marked, options, signal);
  if (carried.kind === 'failed') return carried;
  const { version } = carried;
  options.deletions.carriedOut(key);
  const versions = writtenVersions(present, readings);
  const { keys, templates } = answer.rendering ?? NOTHING;
  return {
    kind: 'synced',
    record: {
      uid: externalSecret.metadata.uid,
      syncedResourceVersion: syncedResourceVersion(externalSecret.metadata),
      versions,
      gone: goneNow,
      keys: carried.written?.keys ?? keys,
      templates,
      access: answer.access,
      sourceHash: markOf(externalSecret, carried.written?.target) ?? answer.sourceHash,
      ...recordedMark(version),
      end: endOf(act),
      targetResourceVersion: carried.written?.target.resourceVersion,
      syncedAtMs: options.clock.nowMs(),
    },
    wrote: carried.wrote,
    missing: gone.map(({ field }) => field),
    orphans: carried.orphans,
    recreated: recreatedSecrets(present, record, { versions }),
    logFields: logFieldsOf(externalSecret, planned, [...readings.values()]),
  };
}
