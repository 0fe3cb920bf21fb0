/** Reads what an ExternalSecret refers to, each secret once, and takes the versions into the index. */

import type { Answer } from '../domain/assemble.ts';
import type { Reference } from '../domain/references.ts';
import { BEHIND_RETRY_MS, ROLLBACK_CONFIRM_MS } from '../domain/version-order.ts';
import { KeyturnError, SecretNotFound } from '../ports/errors.ts';
import type { Permits, SecretVersion } from '../ports/secret-source.ts';
import type { Observed, VersionIndex } from '../rotation/version-index.ts';
import type { Reads } from './audited-reads.ts';

/** What AWS gave for one reference: a secret, or those that were found. */
export interface Reading {
  readonly answer: Answer;
  /** What may be kept of it. */
  readonly version: SecretVersion;
  /** Of each secret that was read for it. */
  readonly versionIds: readonly string[];
  readonly requestIds: readonly string[];
}

/** Every source has answered: with its value, or with that there is none. */
export interface Answers {
  /** By the ids of the references. */
  readonly readings: ReadonlyMap<string, Reading>;
  /** What is gone, of the references that were asked for. */
  readonly gone: readonly Reference[];
  /** The policies by which what a search found was let through; empty where there is nothing of that kind. */
  readonly access: string;
}

export type ReadResult =
  | { readonly kind: 'read'; readonly answers: Answers }
  | { readonly kind: 'failed'; readonly field: string; readonly error: KeyturnError }
  /** AWS gave an older version than it gave before, or than an event named: nothing may be written from it yet. */
  | { readonly kind: 'notYet'; readonly retryMs: number };

export interface ReadRequest {
  readonly user: string;
  readonly references: readonly Reference[];
  /** Whether a source that AWS says is not there is an answer, and no failure. */
  readonly mayBeGone: boolean;
  readonly sourceOf: (reference: Reference) => Reads;
  /** What of a search may be read; undefined for all of it. */
  readonly permitsOf: (reference: Reference) => Permits | undefined;
  readonly index: VersionIndex;
  readonly nowMs: () => number;
  /** Told of the other users of a secret that turns out to have moved. */
  readonly onMoved: (users: readonly string[]) => void;
}

type Outcome = { readonly reading: Reading } | { readonly error: KeyturnError };

function present(ids: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(ids.filter((id) => id !== undefined))];
}

async function readingOf(request: ReadRequest, reference: Reference, signal: AbortSignal): Promise<Reading> {
  const { ref } = reference;
  const source = request.sourceOf(reference);
  if ('query' in ref) {
    const { version, secrets } = await source.find(ref.query, signal, request.permitsOf(reference));
    return {
      answer: new Map(secrets.map(({ name, value }) => [name, value])),
      version,
      versionIds: secrets.map(({ versionId }) => versionId),
      requestIds: present(secrets.map(({ requestId }) => requestId)),
    };
  }
  const { value, requestId, arn, versionId, createdAtMs } = await source.read(ref, signal);
  const version = { arn, versionId, createdAtMs };
  return { answer: value, version, versionIds: [versionId], requestIds: present([requestId]) };
}

async function readOne(request: ReadRequest, reference: Reference, signal: AbortSignal): Promise<Outcome> {
  try {
    return { reading: await readingOf(request, reference, signal) };
  } catch (error) {
    if (error instanceof KeyturnError && !signal.aborted) return { error };
    throw error;
  }
}

/** When to ask again instead of believing what was read. */
const RETRY_MS: Readonly<Partial<Record<Observed['verdict'], number>>> = {
  doubtful: ROLLBACK_CONFIRM_MS,
  behind: BEHIND_RETRY_MS,
};

/** Tells the index what was seen; the result is when to ask again, where it must not be believed yet. */
function takeIn(
  { index, user, nowMs, onMoved }: ReadRequest,
  { ref, identityKey }: Reference,
  outcome: Outcome,
): number | undefined {
  const seen =
    'reading' in outcome
      ? ({ kind: 'version', version: outcome.reading.version } as const)
      : ({ kind: 'failed', error: outcome.error } as const);
  const { verdict, told } = index.observe(identityKey, ref, seen, nowMs());
  const others = told.filter((other) => other !== user);
  if (others.length > 0) onMoved(others);
  return RETRY_MS[verdict];
}

type Judged = { readonly kind: 'answered'; readonly answers: Answers } | Extract<ReadResult, { kind: 'failed' }>;

/** The first failure in the order of the manifest is the one that is told. */
function judge({ references, mayBeGone }: ReadRequest, outcomes: ReadonlyMap<string, Outcome>): Judged {
  const readings = new Map<string, Reading>();
  const gone: Reference[] = [];
  for (const reference of references) {
    const { id, field } = reference;
    const outcome = outcomes.get(id);
    if (outcome === undefined) continue;
    if ('reading' in outcome) readings.set(id, outcome.reading);
    else if (mayBeGone && outcome.error instanceof SecretNotFound) gone.push(reference);
    else return { kind: 'failed', field, error: outcome.error };
  }
  return { kind: 'answered', answers: { readings, gone, access: '' } };
}

/** All secrets are asked for at once. */
export async function readReferences(request: ReadRequest, signal: AbortSignal): Promise<ReadResult> {
  const distinct = new Map(request.references.map((reference) => [reference.id, reference]));
  const outcomes = new Map(
    await Promise.all(
      [...distinct].map(async ([id, reference]) => [id, await readOne(request, reference, signal)] as const),
    ),
  );
  const retries = [...outcomes].flatMap(([id, outcome]) => {
    const reference = distinct.get(id);
    return reference === undefined ? [] : (takeIn(request, reference, outcome) ?? []);
  });
  const judged = judge(request, outcomes);
  if (judged.kind === 'failed') return judged;
  if (retries.length > 0) return { kind: 'notYet', retryMs: Math.max(...retries) };
  return { kind: 'read', answers: judged.answers };
}
