/** Holds what was read against the policies: what AWS says of a secret, its name, ARN and tags, decides. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Reference } from '../domain/references.ts';
import {
  type Access,
  type AccessAsked,
  type AccessGate,
  accessTarget,
  accessTo,
  nameInArn,
  searchedBy,
} from '../domain/secret-access.ts';
import { parseStoreKey } from '../domain/store-standing.ts';
import { topLevelMap } from '../domain/top-level-map.ts';
import { KeyturnError, PolicyDenied } from '../ports/errors.ts';
import { SecretValue } from '../ports/secret-value.ts';
import type { Reads } from './audited-reads.ts';
import type { Answers, Reading } from './read-references.ts';

export interface AccessCheck {
  readonly externalSecret: ExternalSecret;
  /** Of the namespace, as it is after the read; not `unknown`. */
  readonly gate: AccessGate;
  readonly references: readonly Reference[];
  readonly sourceOf: (reference: Reference) => Reads;
}

export type Checked =
  | { readonly kind: 'permitted'; readonly answers: Answers }
  | { readonly kind: 'failed'; readonly field: string; readonly error: KeyturnError };

interface Read {
  readonly name: string;
  readonly arn: string;
}

async function tagsOf(arn: string, source: Reads, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const { value } = await source.read({ key: arn, version: { kind: 'tags' } }, signal);
  const tags = topLevelMap(value.revealText());
  return tags.kind === 'notObject' ? new Map() : tags.entries;
}

/** A rule that asks for tags, or for more than the identity may tell, is no rule that allows. */
async function accessOf(
  { externalSecret, gate, sourceOf }: AccessCheck,
  reference: Reference,
  { name, arn }: Read,
  signal: AbortSignal,
): Promise<Exclude<Access, { kind: 'undecided' }>> {
  const { kind, viewKey } = parseStoreKey(reference.storeKey);
  const { namespace } = externalSecret.metadata;
  const asked: AccessAsked = {
    store: { kind, name: viewKey.slice(viewKey.indexOf('/') + 1) },
    target: accessTarget(externalSecret),
    secret: { key: name, names: [name], arn, tags: undefined },
  };
  const access = accessTo(namespace, gate, asked);
  if (access.kind !== 'undecided') return access;
  const tags = await tagsOf(arn, sourceOf(reference), signal);
  const final = accessTo(namespace, gate, { ...asked, secret: { ...asked.secret, tags } });
  if (final.kind === 'undecided') throw new Error('all is known of a secret, and access to it is undecided');
  return final;
}

/** Of what a search has found only what is allowed is left. */
async function permittedMembers(
  check: AccessCheck,
  reference: Reference,
  reading: Reading,
  signal: AbortSignal,
): Promise<Reading> {
  const { answer, version } = reading;
  if (answer instanceof SecretValue) return reading;
  const members = (version.members ?? []).filter(({ name }) => answer.has(name));
  const accesses = await Promise.all(members.map((member) => accessOf(check, reference, member, signal)));
  const permitted = members.filter((_, at) => accesses[at]?.kind === 'allowed');
  const names = new Set(permitted.map(({ name }) => name));
  return {
    ...reading,
    answer: new Map([...answer].filter(([name]) => names.has(name))),
    version: { ...version, members: permitted },
  };
}

/** @throws PolicyDenied, and whatever hinders the reading of tags */
async function permitted(
  check: AccessCheck,
  reference: Reference,
  reading: Reading,
  signal: AbortSignal,
): Promise<Reading> {
  if ('query' in reference.ref) return await permittedMembers(check, reference, reading, signal);
  const { arn } = reading.version;
  const access = await accessOf(check, reference, { name: nameInArn(arn), arn }, signal);
  if (access.kind === 'denied') throw access.error;
  return reading;
}

type Refused = Extract<Checked, { kind: 'failed' }>;

/** What hinders it is a result; all else is thrown. */
async function attempt(
  check: AccessCheck,
  reference: Reference,
  reading: Reading,
  signal: AbortSignal,
): Promise<Reading | Refused> {
  try {
    return await permitted(check, reference, reading, signal);
  } catch (error) {
    if (!(error instanceof KeyturnError) || signal.aborted) throw error;
    const field = error instanceof PolicyDenied ? reference.field : `${reference.field}: tags`;
    return { kind: 'failed', field, error };
  }
}

/** The first refusal in the order of the manifest is the one that is told. */
export async function checkAccess(check: AccessCheck, answers: Answers, signal: AbortSignal): Promise<Checked> {
  const { gate, references } = check;
  if (gate.kind !== 'ruled') return { kind: 'permitted', answers };
  const readings = new Map<string, Reading>();
  for (const reference of references) {
    const reading = answers.readings.get(reference.id);
    if (reading === undefined || readings.has(reference.id)) continue;
    const result = await attempt(check, reference, reading, signal);
    if ('kind' in result) return result;
    readings.set(reference.id, result);
  }
  return { kind: 'permitted', answers: { ...answers, readings, access: searchedBy(gate, references) } };
}
