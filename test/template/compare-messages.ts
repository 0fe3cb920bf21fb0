/** How far the messages of failures are Go's: information, since nothing depends on their wording. */

import fc from 'fast-check';
import { compare } from '../oracle/fuzz.ts';
import type { Oracle } from '../oracle/go-oracle.ts';
import { TEMPLATE_CASE } from './generate-templates.ts';
import { TEMPLATES } from './template-engine.ts';

const MOST_KINDS = 60;

/** @returns the share of equal messages, and the kinds of pairs that differ, the most frequent first. */
export async function compareMessages(oracle: Oracle, cases: number, seed: number): Promise<string> {
  const pairs = new Map<string, number>();
  let equal = 0;
  let alike = 0;
  let failures = 0;
  for (const asked of fc.sample(TEMPLATE_CASE, { numRuns: cases, seed })) {
    const { ours, theirs } = await compare(TEMPLATES, oracle, asked);
    if (ours.kind !== 'failure' || theirs.kind !== 'failure') continue;
    failures += 1;
    const [one, other] = [normalised(ours.message), normalised(theirs.message)];
    if (ours.message === theirs.message) equal += 1;
    if (one === other) alike += 1;
    else pairs.set(`ours  ${one}\nGo's  ${other}`, (pairs.get(`ours  ${one}\nGo's  ${other}`) ?? 0) + 1);
  }
  const worst = [...pairs].sort(([, one], [, other]) => other - one).slice(0, MOST_KINDS);
  const listed = worst.map(([pair, times]) => `${times} times\n${pair}`);
  return [
    ...listed,
    `${failures} failures in both: ${equal} messages equal, ${alike} alike but for position and values`,
  ].join('\n\n');
}

/** Without position, quoted parts and numbers. */
function normalised(message: string): string {
  return message
    .replace(/^template: (?:[^ :]*:)*(?:\d+:)* /, '')
    .replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""')
    .replace(/<.*>/gs, '<>')
    .replace(/\d+/g, 'N');
}
