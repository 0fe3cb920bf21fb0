/** `*` for any runes and `?` for one; a backslash takes the next one as it is. */

import type { Effort } from './effort.ts';
import { isRune, RUNE_ERROR, RUNES } from './runes.ts';

/** A rune that has to stand there. */
interface Literal {
  readonly rune: string;
}

const ANY = '*';
const ONE = '?';

type Step = typeof ANY | typeof ONE | Literal;

function runesOf(text: string): readonly string[] {
  return (text.match(RUNES) ?? []).map((rune) => (isRune(rune) ? rune : RUNE_ERROR));
}

function stepOf(rune: string): Step {
  return rune === ANY || rune === ONE ? rune : { rune };
}

/** Undefined for a pattern that matches nothing: a backslash at the end stands for itself behind a star, and else for nothing. */
function stepsOf(pattern: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let isEscaped = false;
  for (const rune of runesOf(pattern)) {
    if (isEscaped) steps.push({ rune });
    else if (rune !== '\\') steps.push(stepOf(rune));
    isEscaped = !isEscaped && rune === '\\';
  }
  if (!isEscaped) return steps;
  return steps.includes(ANY) ? [...steps, { rune: '\\' }] : undefined;
}

function takes(step: Step | undefined, rune: string | undefined): boolean {
  return step === ONE || (typeof step === 'object' && step.rune === rune);
}

/** Goes back to the last star only: where an earlier one might have taken more, the last one can take it instead. */
export function matchesWildcards(text: string, pattern: string, effort: Effort): boolean {
  if (pattern === '*') return true;
  effort.spend(0, text.length + pattern.length);
  const steps = stepsOf(pattern);
  if (steps === undefined) return false;
  const runes = runesOf(text);
  let at = 0;
  let step = 0;
  let star = -1;
  let starAt = 0;
  while (at < runes.length) {
    if (steps[step] === ANY) {
      star = step;
      starAt = at;
      step += 1;
    } else if (takes(steps[step], runes[at])) {
      step += 1;
      at += 1;
    } else if (star === -1) return false;
    else {
      effort.spend(1 + step - star);
      starAt += 1;
      at = starAt;
      step = star + 1;
    }
  }
  return steps.slice(step).every((rest) => rest === ANY);
}
