/** Where the path language is meant to differ from gjson's: few, each with its reason. */

import type { Difference } from '../oracle/difference.ts';
import type { Outcome } from '../oracle/outcome.ts';
import type { PathCase } from './case.ts';

const failed = (outcome: Outcome, message: RegExp): boolean =>
  outcome.kind === 'failure' && message.test(outcome.message);

export const DIFFERENCES: readonly Difference<PathCase>[] = [
  {
    what: 'Limits of steps, bytes and depth',
    why: 'A path must not be able to stop the operator. gjson has none but for wildcards, which match nothing beyond theirs.',
    covers: (_, ours) => failed(ours, /^the limit of /),
  },
  {
    what: 'A string with a wrong escape, or with an escape and a control character',
    why: 'gjson gives what stands before it, as if that were the whole: a value would be cut off without a word.',
    covers: (_, ours, theirs) => failed(ours, /^(?:cut|notJson)$/) && theirs.kind === 'output',
  },
  {
    what: 'A number beyond all float64, such as 1e999',
    why: "Go's is `+Inf`, which is not what the secret says; here it is given as it stands.",
    covers: (_, ours, theirs) =>
      ours.kind === 'output' &&
      theirs.kind === 'output' &&
      /[+-]Inf/.test(Buffer.from(theirs.bytes).toString('latin1')),
  },
];
