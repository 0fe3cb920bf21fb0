/** `rewrite[].merge`: the JSON objects in all values, made into one (upstream section 5). */

import type { Rewrite } from '../api/data-from.ts';
import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';
import { compareBytes, encodeGoJson, type GoJson, type GoJsonObject } from '../ports/go-json.ts';
import { SecretValue } from '../ports/secret-value.ts';
import { plainDecimal } from '../strconv/plain-decimal.ts';
import { decodeGoJson } from './go-json.ts';
import { firstFew, quotedKey } from './quoted-keys.ts';

export type Merge = NonNullable<Rewrite['merge']>;

/** A value on its way through the operations. */
export interface Entry {
  readonly key: string;
  readonly value: SecretValue;
  /** The key that it came with, for messages. */
  readonly origin: string;
}

const NOTHING: GoJsonObject = new Map();

/** JSON `null` holds no keys, as in Go. */
function objectOf({ key, value }: Entry): GoJsonObject {
  const decoded = decodeGoJson(value.revealText());
  if (decoded === null) return NOTHING;
  if (decoded instanceof Map) return decoded;
  throw new InvalidSecretContent(
    `merge needs a JSON object in every value, and that of ${quotedKey(key)} (${value.byteLength} bytes) is none; ` +
      'take such keys elsewhere, or correct the secret',
  );
}

/** The keys of `priority` come last, in their order; the others before them, sorted. */
function inOrder({ priority = [], priorityPolicy }: Merge, entries: readonly Entry[]): readonly Entry[] {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const preferred = priority.flatMap((key) => {
    const entry = byKey.get(key);
    if (entry !== undefined) return [entry];
    if (priorityPolicy === 'IgnoreNotFound') return [];
    throw new InvalidSecretContent(
      `merge.priority names ${quotedKey(key)}, which is not among the keys; correct it, or set priorityPolicy: IgnoreNotFound`,
    );
  });
  const others = entries.filter(({ key }) => !priority.includes(key));
  return [...others.toSorted((a, b) => compareBytes(a.key, b.key)), ...preferred];
}

/** The later input wins. A key of two inputs is a conflict, even where both say the same. */
function combined(merge: Merge, entries: readonly Entry[]): GoJsonObject {
  const whole = new Map<string, GoJson>();
  const from = new Map<string, string>();
  const conflicts = new Map<string, string>();
  for (const entry of inOrder(merge, entries)) {
    for (const [key, value] of objectOf(entry)) {
      const earlier = from.get(key);
      if (earlier !== undefined) conflicts.set(key, `${quotedKey(key)} (in ${earlier} and ${quotedKey(entry.key)})`);
      from.set(key, quotedKey(entry.key));
      whole.set(key, value);
    }
  }
  if (conflicts.size > 0 && merge.conflictPolicy !== 'Ignore') {
    throw new InvalidSecretContent(
      `merge finds keys in more than one input: ${firstFew([...conflicts.values()])}; ` +
        'rename them, or set conflictPolicy: Ignore, by which the later input wins',
    );
  }
  return whole;
}

/** Strings as they are, numbers as plain decimals, null as the empty text, lists and objects as compact JSON. */
function textOf(value: GoJson): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return plainDecimal(value);
  return value === null ? '' : encodeGoJson(value, true);
}

/**
 * Extract: the inner keys and nothing else. JSON: the inputs, and the whole as JSON under `into`.
 * @throws InvalidSpec without an `into` that is needed
 * @throws InvalidSecretContent for a value that is no JSON object, for a conflict, and for a missing priority key
 */
export function merged(merge: Merge, entries: readonly Entry[]): readonly Entry[] {
  const { into = '', strategy = 'Extract' } = merge;
  if (strategy === 'JSON' && into === '') {
    throw new InvalidSpec('merge with strategy JSON needs into, the key that gets the merged object');
  }
  const whole = combined(merge, entries);
  if (strategy === 'JSON') {
    const value = SecretValue.fromText(encodeGoJson(whole, false));
    return [...entries.filter(({ key }) => key !== into), { key: into, value, origin: into }];
  }
  return [...whole].map(([key, value]) => ({ key, value: SecretValue.fromText(textOf(value)), origin: key }));
}
