/**
 * Which versions a target has, as one short hash over their ids, and since when: it stands on the target, written
 * together with the data, and tells rollouts what pods should run with. No value is in it. Pure.
 */

import { hash } from 'node:crypto';
import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { CONSUMPTION_ANNOTATION, ROLLOUT_ANNOTATION, VERSION_ANNOTATION } from '../api/groups.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import type { SecretVersion } from '../ports/secret-source.ts';
import { genericTargetOf } from './manifest-kind.ts';
import { hashIn, type Sources, sourceHash } from './source-hash.ts';
import { timestampOf } from './status.ts';
import { markOf, ownFields, type TargetShape, versionAnnotationOf } from './target.ts';
import { fieldManagerOf } from './upstream-hash.ts';

/** A version that the target has or had, and since when. */
export interface MarkedVersion {
  readonly version: string;
  readonly sinceMs: number;
  /** The target was made with it: nothing can have read an earlier one. */
  readonly isFirst: boolean;
}

export interface VersionMark extends MarkedVersion {
  /** What it had before, newest first, as far as that is kept: a version may come back. Absent where nothing is known. */
  readonly before?: readonly MarkedVersion[];
}

const HASH_CHARS = 16;
const MARK = /^([0-9a-f]{16}) (\S+?)( new)?$/;
/** So many are enough for a version that is taken back, and for one more. */
const MOST_BEFORE = 3;
const BETWEEN = ', ';

/** A write takes so long at most, or its mark is set anew: who started meanwhile has the version before. */
const PROMPT_MS = 1_000;

/** Says the same of the same versions, in whatever order they are read. */
export function versionHash(versions: readonly Pick<SecretVersion, 'arn' | 'versionId'>[]): string {
  const ids = new Set(versions.map(({ arn, versionId }) => `${arn} ${versionId}`));
  return hash('sha256', JSON.stringify([...ids].sort())).slice(0, HASH_CHARS);
}

/** `HASH TIME`, `HASH TIME new`, and after commas the same of what was before. */
export function markText({ before = [], ...present }: VersionMark): string {
  return [present, ...before]
    .map(({ version, sinceMs, isFirst }) => `${version} ${timestampOf(sinceMs)}${isFirst ? ' new' : ''}`)
    .join(BETWEEN);
}

function parseVersion(text: string): MarkedVersion | undefined {
  const [, version = '', time = '', first] = MARK.exec(text) ?? [];
  const sinceMs = Date.parse(time);
  return version === '' || Number.isNaN(sinceMs) ? undefined : { version, sinceMs, isFirst: first !== undefined };
}

/** Undefined for what is none of ours. */
function parseMark(text: string): VersionMark | undefined {
  const [present, ...before] = text.split(BETWEEN).map(parseVersion);
  return present && withBefore(present, before.slice(0, MOST_BEFORE));
}

/** Of what cannot be read nothing older is believed. */
function withBefore(present: MarkedVersion, before: readonly (MarkedVersion | undefined)[]): VersionMark {
  const end = before.indexOf(undefined);
  const known = (end < 0 ? before : before.slice(0, end)).flatMap((each) => each ?? []);
  return known.length === 0 ? present : { ...present, before: known };
}

/** The present one becomes one of those before. */
function earlierOf(mark: VersionMark | undefined): readonly MarkedVersion[] {
  if (mark === undefined) return [];
  const { before = [], ...present } = mark;
  return [present, ...before].slice(0, MOST_BEFORE);
}

/** Whether an ExternalSecret asks for more than that its target is up to date. */
function isFollowedToPods({ metadata }: Pick<ExternalSecret, 'metadata'>): boolean {
  return asksForRollouts({ metadata }) || asksForConsumption({ metadata });
}

export function asksForRollouts({ metadata }: Pick<ExternalSecret, 'metadata'>): boolean {
  return metadata.annotations?.[ROLLOUT_ANNOTATION] !== undefined;
}

export function asksForConsumption({ metadata }: Pick<ExternalSecret, 'metadata'>): boolean {
  return metadata.annotations?.[CONSUMPTION_ANNOTATION] === 'true';
}

/** Whether its target is a Secret that is written here, which alone pods can have from it. */
export function writesSecret({ spec }: Pick<ExternalSecret, 'spec'>): boolean {
  return genericTargetOf(spec) === undefined && spec.target?.creationPolicy !== 'None';
}

/** Whether the target of this ExternalSecret is to say which versions it has. */
function wantsVersionMark(externalSecret: ExternalSecret): boolean {
  return writesSecret(externalSecret) && isFollowedToPods(externalSecret);
}

/** What the target says. */
export function versionMarkOf(
  externalSecret: ExternalSecret,
  target: Pick<SecretMetadata, 'annotations'> | undefined,
): VersionMark | undefined {
  const text = target?.annotations[versionAnnotationOf(externalSecret)];
  return text === undefined ? undefined : parseMark(text);
}

/** All that a Secret says of its versions, to be compared. */
export function versionMarks(target: Pick<SecretMetadata, 'annotations'> | undefined): unknown {
  return Object.entries(target?.annotations ?? {}).filter(([name]) => name.startsWith(VERSION_ANNOTATION));
}

/** False for a target that should say of which versions it is, and says another thing or nothing. */
export function isMarkedWith(
  externalSecret: ExternalSecret,
  target: SecretMetadata,
  versions: Iterable<Pick<SecretVersion, 'arn' | 'versionId'>>,
): boolean {
  if (!wantsVersionMark(externalSecret)) return true;
  return versionMarkOf(externalSecret, target)?.version === versionHash([...versions]);
}

/** When our field manager last changed the target, by the clock of the API server: no earlier than its data was written. */
export function changedAtMs({ metadata }: ExternalSecret, target: SecretMetadata): number | undefined {
  return ownFields(target, fieldManagerOf(metadata.name))?.changedAtMs;
}

/** Whether the target, which has no mark yet, was made from these very sources by what the status says of its last sync. */
function isMadeFrom(
  externalSecret: ExternalSecret,
  target: SecretMetadata,
  status: ExternalSecretStatus | undefined,
  sources: Sources,
): boolean {
  const mark = markOf(externalSecret, target);
  if (mark === undefined || !status?.syncedResourceVersion) return false;
  return hashIn(mark) === sourceHash({ ...sources, syncedResourceVersion: status.syncedResourceVersion });
}

/** What is known of a target before it is written. */
export interface MarkedBefore {
  readonly target: SecretMetadata | undefined;
  /** What this process has written or seen there: somebody may have deleted it since. */
  readonly mark: VersionMark | undefined;
  readonly status: ExternalSecretStatus | undefined;
}

/** A Secret that somebody else has made, with whatever is in it, in the place of ours or before it. */
function isForeign({ metadata }: ExternalSecret, target: SecretMetadata | undefined): boolean {
  return target !== undefined && ownFields(target, fieldManagerOf(metadata.name)) === undefined;
}

/** Since when for sure: how long before it came, nobody knows, and so not what was there then. */
function settled({ version, isFirst }: VersionMark, sinceMs: number): VersionMark {
  return { version, sinceMs, isFirst };
}

/** Of the same version. */
function keptMark(
  externalSecret: ExternalSecret,
  { target, mark }: Pick<MarkedBefore, 'target' | 'mark'>,
  before: VersionMark,
  nowMs: number,
): VersionMark {
  const isAnother = target !== undefined && mark !== undefined && mark.version !== before.version;
  if (!isAnother) return before;
  // Somebody has put back what was there before our last write.
  if (before.sinceMs < mark.sinceMs - PROMPT_MS) return settled(before, nowMs);
  // That write was given up, and arrived all the same: when, only the API server knows.
  return settled(before, Math.max(before.sinceMs, changedAtMs(externalSecret, target) ?? nowMs));
}

/**
 * Whether what the target says is all that it had: not where a write of ours that was given up came late, nor where
 * somebody put back an earlier one, or another operator, which marks nothing, has written there.
 */
function isComplete(
  externalSecret: ExternalSecret,
  { target, mark }: Pick<MarkedBefore, 'target' | 'mark'>,
  shown: VersionMark | undefined,
): boolean {
  if (target === undefined || shown === undefined) return true;
  if (mark !== undefined) return mark.version === shown.version;
  const changedMs = changedAtMs(externalSecret, target);
  return changedMs !== undefined && changedMs <= shown.sinceMs + PROMPT_MS;
}

/** The mark for a target that is about to be written from these sources; undefined where none is wanted. */
export function nextVersionMark(
  externalSecret: ExternalSecret,
  { target, mark, status }: MarkedBefore,
  sources: Sources,
  nowMs: number,
): VersionMark | undefined {
  if (!wantsVersionMark(externalSecret)) return undefined;
  const version = versionHash(sources.versions);
  const shown = versionMarkOf(externalSecret, target);
  const before = shown ?? mark;
  const isOurs = !isForeign(externalSecret, target);
  if (before?.version === version && isOurs) return keptMark(externalSecret, { target, mark }, before, nowMs);
  const isFirst = target === undefined && before === undefined;
  const isProven = target !== undefined && before === undefined && isMadeFrom(externalSecret, target, status, sources);
  const sinceMs = (isProven ? changedAtMs(externalSecret, target) : undefined) ?? nowMs;
  const isKnown = isOurs && isComplete(externalSecret, { target, mark }, shown);
  return withBefore({ version, sinceMs, isFirst }, isKnown ? earlierOf(before) : []);
}

/**
 * The mark of a write that began with `mark` and has ended; undefined where it tells the truth.
 * @param endedAtMs by the later of two clocks, ours and that of the API server
 */
export function lateMark(mark: VersionMark | undefined, beganAtMs: number, endedAtMs: number): VersionMark | undefined {
  if (mark === undefined || mark.sinceMs !== beganAtMs || endedAtMs - beganAtMs <= PROMPT_MS) return undefined;
  return settled(mark, endedAtMs);
}

/** As a record has it. */
export function recordedMark(mark: VersionMark | undefined): { readonly versionMark?: VersionMark } {
  return mark === undefined ? {} : { versionMark: mark };
}

export function withVersionMark(
  externalSecret: ExternalSecret,
  shape: TargetShape,
  mark: VersionMark | undefined,
): TargetShape {
  if (mark === undefined) return shape;
  const name = versionAnnotationOf(externalSecret);
  return { ...shape, annotations: { ...shape.annotations, [name]: markText(mark) } };
}

/** Of data that another operator wrote, and that is left as it is: it has been there since its field manager wrote it. */
export function withAgeOfData(shape: TargetShape, target: SecretMetadata): TargetShape {
  const sinceMs = ownFields(target, shape.fieldManager)?.changedAtMs;
  const aged = Object.entries(shape.annotations).map(([name, text]) => {
    const mark = name.startsWith(VERSION_ANNOTATION) ? parseMark(text) : undefined;
    return [name, mark === undefined || sinceMs === undefined ? text : markText(settled(mark, sinceMs))] as const;
  });
  return { ...shape, annotations: Object.fromEntries(aged) };
}
