/** Generates cases, asks both engines, and makes small what they disagree on. */

import fc from 'fast-check';
import { agree, type Outcome, type TemplateCase } from './case.ts';
import { knownDifference } from './differences.ts';
import { callCase, TEMPLATE_CASE } from './generate-templates.ts';
import type { Oracle } from './oracle-process.ts';
import { renderOurs } from './our-engine.ts';
import { shorten } from './shorten.ts';

export interface Fuzzing {
  readonly cases: number;
  readonly seed: number;
  /** Disagreements after which it ends. */
  readonly most: number;
  /** Functions of which only calls are made. @default whole templates */
  readonly only: readonly string[] | undefined;
}

export interface Disagreement {
  readonly asked: TemplateCase;
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

export interface Compared extends Disagreement {
  readonly isAgreed: boolean;
  /** The intended difference that it is. */
  readonly known: string | undefined;
}

export interface Counts {
  cases: number;
  /** Both gave the same output. */
  outputs: number;
  /** Both failed. */
  failures: number;
  gaveUp: number;
  /** By what the difference is. */
  readonly known: Map<string, number>;
}

export async function compare(oracle: Oracle, asked: TemplateCase): Promise<Compared> {
  const theirs = await oracle.ask(asked);
  const ours = renderOurs(asked);
  const known = agree(ours, theirs) ? undefined : knownDifference(asked, ours, theirs)?.what;
  const isAgreed = (agree(ours, theirs) || known !== undefined) && !leaks(asked, ours);
  return { asked, ours, theirs, isAgreed, known };
}

/** Shorter ones stand in messages by chance. */
const LEAK_BYTES = 10;

/** Whether the message holds a value of the data. What the template itself says does not count, nor what it tells by `fail`. */
function leaks({ template, data }: TemplateCase, ours: Outcome): boolean {
  if (ours.kind !== 'failure' || ours.message.includes('error calling fail: ')) return false;
  const values = [...data.values()].map((value) => Buffer.from(value).toString('utf8'));
  return values.some(
    (value) => value.length >= LEAK_BYTES && ours.message.includes(value) && !template.includes(value),
  );
}

export async function fuzz(
  oracle: Oracle,
  { cases, seed, most, only }: Fuzzing,
  tell: (found: Disagreement) => void,
): Promise<{ disagreements: Disagreement[]; counts: Counts }> {
  const counts: Counts = { cases: 0, outputs: 0, failures: 0, gaveUp: 0, known: new Map() };
  const disagreements: Disagreement[] = [];
  const disagrees = async (asked: TemplateCase) => !(await compare(oracle, asked)).isAgreed;
  const arbitrary = only === undefined ? TEMPLATE_CASE : callCase(only);
  for (let turn = 0; counts.cases < cases && disagreements.length < most; turn += 1) {
    const found = await firstDisagreement(
      oracle,
      arbitrary,
      { numRuns: cases - counts.cases, seed: seed + turn },
      counts,
    );
    if (found === undefined) break;
    const small = await compare(oracle, await shorten(found, disagrees));
    disagreements.push(small);
    tell(small);
  }
  return { disagreements, counts };
}

/** As small as fast-check makes it; what it tries on the way is not counted. */
async function firstDisagreement(
  oracle: Oracle,
  arbitrary: fc.Arbitrary<TemplateCase>,
  parameters: { readonly numRuns: number; readonly seed: number },
  counts: Counts,
): Promise<TemplateCase | undefined> {
  let isShrinking = false;
  const property = fc.asyncProperty(arbitrary, async (asked) => {
    const compared = await compare(oracle, asked);
    if (!isShrinking) count(counts, compared);
    if (compared.isAgreed) return;
    isShrinking = true;
    throw new Error('they disagree');
  });
  const result = await fc.check(property, parameters);
  return result.counterexample?.[0];
}

function count(counts: Counts, { theirs, isAgreed, known }: Compared): void {
  counts.cases += 1;
  if (theirs.kind === 'gave up') counts.gaveUp += 1;
  else if (known !== undefined) counts.known.set(known, (counts.known.get(known) ?? 0) + 1);
  else if (isAgreed && theirs.kind === 'output') counts.outputs += 1;
  else if (isAgreed) counts.failures += 1;
}

export function describe({ asked, ours, theirs }: Disagreement): string {
  const data = [...asked.data].map(([key, value]) => `${key}=${JSON.stringify(Buffer.from(value).toString('latin1'))}`);
  return [
    `template  ${JSON.stringify(asked.template)}${asked.delimiters === undefined ? '' : ` between ${asked.delimiters.join(' ')}`}`,
    ...(data.length === 0 ? [] : [`data      ${data.join(' ')}`]),
    `ours      ${describeOutcome(ours)}`,
    `Go's      ${describeOutcome(theirs)}`,
  ].join('\n');
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'output':
      return JSON.stringify(Buffer.from(outcome.bytes).toString('utf8'));
    case 'failure':
      return `fails: ${outcome.message}`;
    case 'crash':
      return `crashes: ${outcome.stack.slice(0, 400)}`;
    case 'gave up':
      return 'gave up';
  }
}
