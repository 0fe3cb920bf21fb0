/** Functions with regular expressions. Where the expression is none, all fail but `regexMatch`, which says no. */

import type { Match } from '../../regexp/go-regexp.ts';
import { expand, replaceMatches } from '../../regexp/replacement.ts';
import {
  type Execution,
  type FunctionTable,
  type GoFunction,
  type GoSlice,
  type GoString,
  stringList,
  TemplateFault,
} from '../value.ts';
import { growthCheck } from './cost.ts';
import { define, toNumber } from './declare.ts';
import { nilSlice } from './nil.ts';
import { compile, type Regexp } from './regexp.ts';

const EMPTY = '' as GoString;

/** Does not quote the expression, which may come from the data. */
function required(pattern: GoString, execution: Execution): Regexp {
  const regexp = compile(pattern, execution);
  if (regexp === undefined) throw new TemplateFault('invalid regular expression');
  return regexp;
}

function textOf(text: GoString, [start, end]: Match): GoString {
  return text.slice(start, end) as GoString;
}

function findAll(pattern: GoString, text: GoString, limit: number, execution: Execution): GoSlice {
  const matches = required(pattern, execution).findAll(text, limit, execution);
  return matches.length === 0 ? nilSlice('[]string') : stringList(matches.map((match) => textOf(text, match)));
}

function split(pattern: GoString, text: GoString, limit: number, execution: Execution): GoSlice {
  const regexp = required(pattern, execution);
  if (limit === 0) return nilSlice('[]string');
  if (regexp.source !== '' && text === '') return stringList([EMPTY]);
  const parts: GoString[] = [];
  let begin = 0;
  let end = 0;
  for (const [matchStart = 0, matchEnd = 0] of regexp.findAll(text, limit, execution)) {
    if (limit > 0 && parts.length === limit - 1) break;
    end = matchStart;
    if (matchEnd !== 0) parts.push(text.slice(begin, end) as GoString);
    begin = matchEnd;
  }
  if (end !== text.length) parts.push(text.slice(begin) as GoString);
  return stringList(parts);
}

function replaceAll(pattern: GoString, text: GoString, replacement: GoString, execution: Execution): GoString {
  const regexp = required(pattern, execution);
  const pieces = regexp.readReplacement(replacement);
  const matches = regexp.findForReplacement(text, execution);
  const expanded = (match: Match): string => expand(pieces, replacement, text, match);
  return replaceMatches(text, matches, expanded, growthCheck(execution)) as GoString;
}

function replaceLiterally(pattern: GoString, text: GoString, replacement: GoString, execution: Execution): GoString {
  const matches = required(pattern, execution).findForReplacement(text, execution);
  return replaceMatches(text, matches, () => replacement, growthCheck(execution)) as GoString;
}

function isMatch(regexp: Regexp, text: GoString, execution: Execution): boolean {
  return regexp.findAll(text, 1, execution).length > 0;
}

const allFound: GoFunction = define(['string', 'string', 'int'], '[]string', ([pattern, text, limit], execution) =>
  findAll(pattern, text, toNumber(limit), execution),
);

const found: GoFunction = define(['string', 'string'], 'string', ([pattern, text], execution) => {
  const [match] = required(pattern, execution).findAll(text, 1, execution);
  return match === undefined ? EMPTY : textOf(text, match);
});

const replaced: GoFunction = define(['string', 'string', 'string'], 'string', ([pattern, text, by], execution) =>
  replaceAll(pattern, text, by, execution),
);

const replacedLiterally: GoFunction = define(['string', 'string', 'string'], 'string', ([pattern, text, by], run) =>
  replaceLiterally(pattern, text, by, run),
);

const parts: GoFunction = define(['string', 'string', 'int'], '[]string', ([pattern, text, limit], execution) =>
  split(pattern, text, toNumber(limit), execution),
);

export const REGEXPS: FunctionTable = new Map([
  ['mustRegexFind', found],
  ['mustRegexFindAll', allFound],
  [
    'mustRegexMatch',
    define(['string', 'string'], 'bool', ([pattern, text], run) => isMatch(required(pattern, run), text, run)),
  ],
  ['mustRegexReplaceAll', replaced],
  ['mustRegexReplaceAllLiteral', replacedLiterally],
  ['mustRegexSplit', parts],
  ['regexFind', found],
  ['regexFindAll', allFound],
  [
    'regexMatch',
    define(['string', 'string'], 'bool', ([pattern, text], run) => {
      const regexp = compile(pattern, run);
      return regexp !== undefined && isMatch(regexp, text, run);
    }),
  ],
  [
    'regexQuoteMeta',
    define(['string'], 'string', ([text]) => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&') as GoString),
  ],
  ['regexReplaceAll', replaced],
  ['regexReplaceAllLiteral', replacedLiterally],
  ['regexSplit', parts],
]);
