/** Paths that lead somewhere: each is made along the values of the text that it is for. */

import fc from 'fast-check';
import type { PathCase } from './case.ts';
import { JSON_TEXT } from './generate-json.ts';
import { escapedKey, OPTIONS } from './generate-paths.ts';

interface Choice {
  readonly way: number;
  readonly pick: number;
  readonly separator: string;
  readonly options: string;
}

const CHOICE: fc.Arbitrary<Choice> = fc.record({
  way: fc.nat({ max: 11 }),
  pick: fc.nat({ max: 50 }),
  separator: fc.constantFrom('.', '.', '.', '|'),
  options: fc.oneof(
    fc.constant(''),
    OPTIONS.map((options) => `:${options}`),
  ),
});

/** A part of a path, and what it leads to, as far as that can be told. */
interface Step {
  readonly part: string;
  readonly value: unknown;
}

function picked<T>(items: readonly T[], pick: number): T | undefined {
  return items.length === 0 ? undefined : items[pick % items.length];
}

function wildKey(key: string, pick: number): string {
  const at = pick % Math.max(1, key.length);
  return `${escapedKey(key.slice(0, at))}${pick % 2 === 0 ? '*' : '?'}${pick % 3 === 0 ? '' : escapedKey(key.slice(at + 1))}`;
}

function intoObject(value: Readonly<Record<string, unknown>>, { way, pick, options }: Choice): Step {
  const key = picked(Object.keys(value), pick);
  if (key === undefined) return { part: '@this', value };
  const inside = value[key];
  if (way === 0) return { part: wildKey(key, pick), value: inside };
  if (way === 1)
    return {
      part: `@${picked(['keys', 'values'], pick)}`,
      value: pick % 2 === 0 ? Object.keys(value) : Object.values(value),
    };
  if (way === 2)
    return {
      part: `@${picked(['pretty', 'ugly', 'reverse', 'valid', 'this', 'join', 'flatten'], pick)}${options}`,
      value,
    };
  if (way === 3) return { part: '@group', value: [] };
  if (way === 4) return { part: `@dig:${escapedKey(key)}`, value: [inside] };
  if (way === 5) return { part: `{${escapedKey(key)},"x":${escapedKey(key)}}`, value: { [key]: inside, x: inside } };
  return { part: escapedKey(key), value: inside };
}

const OPERATORS = ['==', '!=', '<', '<=', '>', '>=', '%', '!%', '=='];

function comparison(value: unknown, { pick, separator }: Choice): string {
  if (value === null || typeof value === 'object')
    return pick % 2 === 0 ? '' : `${picked(['==', '!='], pick)}~${picked(['true', 'false', 'null', '*'], pick)}`;
  const operand = pick % 5 === 0 ? '~true' : JSON.stringify(value);
  return separator === '|' ? '' : `${picked(OPERATORS, pick)}${operand}`;
}

/** Elements that are like the one that is picked: by one of its members, or as a whole. */
function queryFor(element: unknown, choice: Choice): string {
  if (typeof element !== 'object' || element === null) return `#(${comparison(element, choice)})`;
  const [key, value] = picked(Object.entries(element), choice.pick) ?? ['', undefined];
  return `#(${escapedKey(key)}${comparison(value, choice)})`;
}

function intoArray(value: readonly unknown[], choice: Choice): Step {
  const { way, pick, options } = choice;
  const element = picked(value, pick);
  if (way <= 1) return { part: '#', value: element };
  if (way <= 3) return { part: queryFor(element, choice), value: element };
  if (way <= 5) return { part: `${queryFor(element, choice)}#`, value: element };
  if (way <= 7)
    return {
      part: `@${picked(['flatten', 'join', 'reverse', 'pretty', 'ugly', 'tostr', 'keys', 'values'], pick)}${options}`,
      value,
    };
  if (way === 8) return { part: `[${pick % 3},#,@this]`, value: [element, value] };
  return { part: String(pick % Math.max(1, value.length)), value: element };
}

function into(value: unknown, choice: Choice): Step {
  if (Array.isArray(value)) return intoArray(value, choice);
  if (typeof value === 'object' && value !== null) return intoObject({ ...value }, choice);
  return { part: `@${picked(['this', 'tostr', 'fromstr', 'valid', 'tostr|@fromstr'], choice.pick)}`, value };
}

function fittingPath(json: Uint8Array, choices: readonly Choice[]): string {
  let path = '';
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(json).toString('utf8'));
  } catch {
    return '..#.a';
  }
  for (const choice of choices) {
    const step = into(value, choice);
    path += `${path === '' ? '' : choice.separator}${step.part}`;
    value = step.value;
  }
  return path.toWellFormed();
}

export const FITTING: fc.Arbitrary<PathCase> = fc
  .tuple(JSON_TEXT, fc.array(CHOICE, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([json, choices, isProperty]) => ({ json, path: fittingPath(json, choices), isProperty }));
