/**
 * The hashes that External Secrets Operator puts into labels and status, so that objects read the same under either
 * operator: SHA3-224 of the text that Go's `%+v` gives (upstream section 2.1).
 */

import { hash } from 'node:crypto';
import { compareBytes } from '../ports/go-json.ts';
import { isJsonList, isJsonObject, type Json, JsonNumber, type JsonObject } from '../ports/secret-json.ts';
import type { SecretData } from '../ports/secret-value.ts';

function sha3(text: string): string {
  return hash('sha3-224', text);
}

/** Go prints a map as `map[k:v k2:v2]`, sorted by key (by bytes, as Go compares strings). */
function goMap(entries: Iterable<readonly [string, string]>): string {
  const pairs = [...entries].sort(([a], [b]) => compareBytes(a, b)).map(([key, value]) => `${key}:${value}`);
  return `map[${pairs.join(' ')}]`;
}

interface Meta {
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** `status.syncedResourceVersion`: changes with the spec, the labels and the annotations, and with nothing else. */
export function syncedResourceVersion(meta: Meta): string {
  const { annotations = {}, labels = {} } = meta;
  const struct = `{annotations:${goMap(Object.entries(annotations))} labels:${goMap(Object.entries(labels))}}`;
  return `${meta.generation ?? 0}-${sha3(struct)}`;
}

/** Value of the label `reconcile.external-secrets.io/created-by`. */
export function createdByHash(namespace: string, name: string): string {
  return sha3(`${namespace}/${name}`);
}

/**
 * What the annotation `reconcile.external-secrets.io/data-hash` of a Secret with this data says. It is made of the values
 * without a key, so that it is compared with what is there already, and goes nowhere.
 */
export function dataHash(data: SecretData): string {
  return sha3(goMap(Array.from(data, ([key, value]) => [key, `[${value.revealBytes().join(' ')}]`] as const)));
}

/** A number with a fraction is printed by its value; one that Go and JavaScript print differently is taken for another. */
function goText(value: Json): string {
  if (isJsonObject(value)) return goMap(Array.from(value, ([name, member]) => [name, goText(member)] as const));
  if (isJsonList(value)) return `[${value.map(goText).join(' ')}]`;
  if (value instanceof JsonNumber) return /^-?\d+$/.test(value.literal) ? value.literal : String(Number(value.literal));
  return value === null ? '<nil>' : String(value);
}

/** The same of an object of another kind, where it is over the `spec`, or else the `data`. */
export function contentHash(content: JsonObject): string {
  return sha3(goText(content.get('spec') ?? content.get('data') ?? null));
}

const MANAGER_PREFIX = 'externalsecrets.external-secrets.io/';
/** Longest name that still fits: the field manager was once a label value. */
const LONGEST_MANAGER = 63;

/** Field manager of a target Secret, equal to upstream's so that ownership of fields carries over both ways. */
export function fieldManagerOf(externalSecretName: string): string {
  const plain = `${MANAGER_PREFIX}${externalSecretName}`;
  return plain.length <= LONGEST_MANAGER ? plain : `${MANAGER_PREFIX}sha3/${sha3(externalSecretName)}`;
}
