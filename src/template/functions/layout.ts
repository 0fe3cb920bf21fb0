/** Functions that lay text out: quotes, joins, indentation, wrapping. */

import { formatValue } from '../engine/format.ts';
import { quote } from '../engine/quote.ts';
import type { Execution, FunctionTable, GoString, GoValue } from '../value.ts';
import { define, toNumber, variadic } from './declare.ts';
import { toText } from './printing.ts';
import { repeat, replaceAll } from './strings.ts';

const LINE_END = '\n' as GoString;
const SPACE = ' ' as GoString;

function indent(spaces: bigint, text: GoString, execution: Execution): GoString {
  const pad = repeat(SPACE, spaces, execution);
  return (pad + replaceAll(text, LINE_END, `\n${pad}` as GoString, execution)) as GoString;
}

function notNil(values: readonly GoValue[]): readonly GoValue[] {
  return values.filter((value) => value !== null);
}

/** The end of a long word: where the width is over, or at the next space when words stay whole. */
function longWordEnd(text: string, limit: number, breaksWords: boolean): number {
  if (breaksWords) return limit;
  const space = text.indexOf(' ', limit);
  return space < 0 ? text.length : space;
}

/** Lines of at most `width` bytes, broken at spaces; trailing spaces stay, leading ones go. */
function wrap(text: GoString, width: number, lineEnd: string, breaksWords: boolean, execution: Execution): GoString {
  const step = Math.max(1, width);
  execution.allocate(text.length + Math.ceil(text.length / step) * lineEnd.length);
  let result = '';
  let at = 0;
  while (text.length - at > step) {
    if (text[at] === ' ') {
      at++;
      continue;
    }
    const space = text.lastIndexOf(' ', at + step);
    const isInLine = space >= at;
    const end = isInLine ? space : longWordEnd(text, at + step, breaksWords);
    result += text.slice(at, end);
    // A long word that ends the text ends it without a line end.
    if (isInLine || breaksWords || end < text.length) result += lineEnd;
    at = isInLine || !breaksWords ? end + 1 : end;
  }
  return (result + text.slice(at)) as GoString;
}

export const LAYOUT: FunctionTable = new Map([
  [
    'cat',
    variadic(
      [],
      'interface {}',
      'string',
      (_, values, execution) =>
        notNil(values)
          .map((value) => formatValue(value, execution))
          .join(' ') as GoString,
    ),
  ],
  ['indent', define(['int', 'string'], 'string', ([spaces, text], execution) => indent(spaces, text, execution))],
  [
    'nindent',
    define(
      ['int', 'string'],
      'string',
      ([spaces, text], execution) => `\n${indent(spaces, text, execution)}` as GoString,
    ),
  ],
  [
    'quote',
    variadic(
      [],
      'interface {}',
      'string',
      (_, values, execution) =>
        notNil(values)
          .map((value) => quote(toText(value, execution)))
          .join(' ') as GoString,
    ),
  ],
  [
    'squote',
    variadic(
      [],
      'interface {}',
      'string',
      (_, values, execution) =>
        notNil(values)
          .map((value) => `'${formatValue(value, execution)}'`)
          .join(' ') as GoString,
    ),
  ],
  ['toString', define(['interface {}'], 'string', ([value], execution) => toText(value, execution))],
  [
    'wrap',
    define(['int', 'string'], 'string', ([width, text], execution) =>
      wrap(text, toNumber(width), '\n', false, execution),
    ),
  ],
  [
    'wrapWith',
    define(['int', 'string', 'string'], 'string', ([width, lineEnd, text], execution) =>
      wrap(text, toNumber(width), lineEnd === '' ? '\n' : lineEnd, true, execution),
    ),
  ],
]);
