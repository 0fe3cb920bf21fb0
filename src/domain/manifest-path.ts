/**
 * Where in an object of any kind a rendered template goes: `spec.rules[0].from`, names of fields and indexes of lists
 * (upstream section 2.8). Pure.
 */

import { InvalidSpec } from '../ports/errors.ts';
import { quotedKey } from './quoted-keys.ts';

/** The first step is the name of a field. */
export type ManifestPath = readonly [string, ...(string | number)[]];

/** Lists are filled up to the index, so an index costs memory (as upstream). */
const LARGEST_INDEX = 10_000;
const MOST_STEPS = 50;

/**
 * Fields that say what an object is, who owns it and what became of it. By them a target could become another object,
 * get finalizers or owners, or pretend to have been worked on.
 */
const NEVER_WRITTEN: readonly string[] = ['apiversion', 'kind', 'metadata', 'status'];

const EXAMPLE = 'write it as in spec.rules[0].from';

/** `a`, `a[0]`, `a[0][1]` or, behind a dot, `[0]`. */
const PART = /^([^[\]]*)((?:\[[^[\]]*\])*)$/;

function indexesIn(brackets: string): readonly string[] {
  return Array.from(brackets.matchAll(/\[([^\]]*)\]/g), ([, index = '']) => index);
}

/** Why something cannot be an index, or undefined. */
function indexProblem(text: string): string | undefined {
  if (!/^\d{1,9}$/.test(text)) return `[${text}] is no index; write a whole number from 0 to ${LARGEST_INDEX}`;
  return Number(text) > LARGEST_INDEX ? `the index ${text} is above ${LARGEST_INDEX}` : undefined;
}

function stepsIn(part: string): readonly (string | number)[] | string {
  if (part === '') return `a part between dots is empty; ${EXAMPLE}`;
  const [, name = '', brackets = ''] = PART.exec(part) ?? [];
  if (name === '' && brackets === '') return `its brackets are not in order; ${EXAMPLE}`;
  const indexes = indexesIn(brackets);
  const problem = indexes.map(indexProblem).find((found) => found !== undefined);
  return problem ?? [...(name === '' ? [] : [name]), ...indexes.map(Number)];
}

function pathOf(text: string): ManifestPath | string {
  const steps: (string | number)[] = [];
  for (const part of text.split('.')) {
    const found = stepsIn(part);
    if (typeof found === 'string') return found;
    steps.push(...found);
  }
  const [first, ...rest] = steps;
  if (typeof first !== 'string') return `it must begin with the name of a field; ${EXAMPLE}`;
  if (steps.length > MOST_STEPS) return `it has more than ${MOST_STEPS} steps`;
  if (NEVER_WRITTEN.includes(first.toLowerCase())) return `${first} is not for templates to write`;
  return [first, ...rest];
}

/**
 * @param field where the manifest has it, for messages
 * @throws InvalidSpec
 */
export function parseManifestPath(text: string, field: string): ManifestPath {
  const path = pathOf(text);
  if (typeof path !== 'string') return path;
  throw new InvalidSpec(`${field} ${quotedKey(text)} cannot be used: ${path}`);
}

/** As the manifest would write it. */
export function pathText(steps: readonly (string | number)[]): string {
  return steps
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${step}`))
    .join('');
}
