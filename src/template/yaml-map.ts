/** What was rendered, read as a YAML map of keys and values (upstream section 6.2). */

import { isExhaustion } from './engine/exhaustion.ts';
import { decodeYamlStrings } from './functions/yaml-decode.ts';
import { YamlFault } from './functions/yaml-fault.ts';
import { DEFAULT_LIMITS, type TemplateLimits } from './template.ts';
import { bytesToGo, type Execution, goToBytes, goToText, TemplateFault } from './value.ts';

/** The text is no YAML, or no map of keys and values. The message quotes nothing of it; it may name a line. */
export class YamlMapError extends Error {
  override readonly name = 'YamlMapError';
}

/** Problems that quote what they are about, or are told in Go's words. */
const TOLD_ANEW: readonly (readonly [RegExp, string])[] = [
  [/^[^:]*: yaml: anchor '/, 'an anchor contains itself'],
  [/unknown anchor '/, 'an alias has no anchor; put values that begin with "*" in quotes'],
  [/cannot decode !!/, 'a value does not fit its tag'],
  [/(?:invalid|unsupported) map key/, 'a key is no text; put keys in quotes'],
];

function withoutQuotes(problem: string): string {
  const known = TOLD_ANEW.find(([pattern]) => pattern.test(problem));
  return known?.[1] ?? problem.replace(/^error converting YAML to JSON: (?:yaml: )?/, '');
}

/** Reading costs what it costs inside a template. */
function budget({ steps, bytes }: TemplateLimits): Execution {
  let spent = 0;
  const spend = (count: number): void => {
    spent += count;
    if (spent > steps) throw new YamlMapError(`reading it as YAML exceeded the limit of ${steps} steps`);
  };
  return {
    spend,
    allocate(count) {
      if (count > bytes) throw new YamlMapError(`reading it as YAML exceeded the limit of ${bytes} bytes`);
    },
    nowMs: () => 0,
  };
}

/** Aliases make much of little. */
function checkSize(strings: ReadonlyMap<string, string>, { bytes }: TemplateLimits): void {
  let size = 0;
  for (const [key, value] of strings) size += key.length + value.length;
  if (size > bytes) throw new YamlMapError(`its values exceeded the limit of ${bytes} bytes`);
}

/**
 * Reads within the limits, and says what is wrong without quoting.
 * @throws YamlMapError
 */
export function readingYaml<T>(limits: TemplateLimits, read: (execution: Execution) => T): T {
  try {
    return read(budget(limits));
  } catch (error) {
    if (error instanceof YamlFault) throw new YamlMapError(withoutQuotes(error.message));
    // Nested deeper than any honest value.
    if (error instanceof TemplateFault) throw new YamlMapError(error.message);
    if (isExhaustion(error)) throw new YamlMapError('it exceeded what can be held in memory');
    throw error;
  }
}

/**
 * Keys and values of the first document. Scalars without quotes are retyped by YAML 1.1 before they become text again, as
 * upstream does: `0123` gives `83`, `yes` gives `true`, and nothing gives the empty text.
 * @throws YamlMapError
 */
export function readYamlMap(
  text: Uint8Array,
  limits: TemplateLimits = DEFAULT_LIMITS,
): ReadonlyMap<string, Uint8Array> {
  return readingYaml(limits, (execution) => {
    const strings = decodeYamlStrings(bytesToGo(text), execution);
    checkSize(strings, limits);
    return new Map(Array.from(strings, ([key, value]) => [goToText(key), goToBytes(value)]));
  });
}
