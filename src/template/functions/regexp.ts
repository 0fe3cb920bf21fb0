/**
 * Go's regular expressions on byte strings. The text is decoded first, each byte that is not UTF-8 as one U+FFFD, which is
 * what Go matches on; what is found is told in bytes again.
 */

import { compileGoRegexp, type GoRegexp, type Match, type Meter, patternCost } from '../../regexp/go-regexp.ts';
import { type Piece, readReplacement } from '../../regexp/replacement.ts';
import { decodeRune } from '../engine/utf8.ts';
import { type Execution, type GoString, goToText, TemplateFault } from '../value.ts';
import { growthCheck } from './cost.ts';
import { isAscii } from './runes.ts';

export interface Regexp {
  readonly source: string;
  /** All matches that do not overlap, at most `limit` of them if that is not negative. */
  readonly findAll: (text: GoString, limit: number, execution: Execution) => Match[];
  /** As Go's `ReplaceAll` finds them: an empty match may follow another one. */
  readonly findForReplacement: (text: GoString, execution: Execution) => Match[];
  readonly readReplacement: (replacement: GoString) => Piece[];
}

/** Units of a pattern's cost that one step pays for. */
const PATTERN_UNITS_A_STEP = 4;

/** How much a search looks at is not known beforehand: it pays for the time it took. */
const STEPS_A_MILLISECOND = 500;

/** What one match takes in memory, roughly. */
const BYTES_A_MATCH = 16;

/** Decoded text, and where each of its code units starts in the bytes. */
interface DecodedText {
  readonly text: string;
  readonly byteAt: (index: number) => number;
}

function decode(bytes: GoString): DecodedText {
  if (isAscii(bytes)) return { text: bytes, byteAt: (index) => index };
  let text = '';
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { rune, size } = decodeRune(bytes, at);
    const char = String.fromCodePoint(rune);
    for (let i = 0; i < char.length; i++) starts.push(at);
    text += char;
    at += size;
  }
  return { text, byteAt: (index) => (index < 0 ? -1 : (starts[index] ?? bytes.length)) };
}

function meterOf(execution: Execution): Meter {
  const check = growthCheck(execution);
  return {
    search: (work) => {
      const start = performance.now();
      const result = work();
      execution.spend(Math.ceil((performance.now() - start) * STEPS_A_MILLISECOND));
      return result;
    },
    found: (count) => check(count * BYTES_A_MATCH),
  };
}

function inBytes(
  regexp: GoRegexp,
  bytes: GoString,
  find: (text: string, meter: Meter) => Match[],
  execution: Execution,
): Match[] {
  const { text, byteAt } = decode(bytes);
  if (regexp.isTooCostlyFor(text)) {
    throw new TemplateFault('regular expression is too costly for a text of this length');
  }
  return find(text, meterOf(execution)).map((match) => match.map(byteAt));
}

function piecesInBytes(regexp: GoRegexp, replacement: GoString): Piece[] {
  const { text, byteAt } = decode(replacement);
  return readReplacement(text, regexp.groups).map((piece) =>
    piece.kind === 'group' ? piece : { kind: 'text', start: byteAt(piece.start), end: byteAt(piece.end) },
  );
}

/** Undefined for what is no regular expression. @throws TemplateFault for one that is too large */
export function compile(pattern: GoString, execution: Execution): Regexp | undefined {
  const text = goToText(pattern);
  if (Buffer.from(text, 'utf8').toString('latin1') !== pattern) return undefined;
  execution.spend(1 + Math.ceil(patternCost(text) / PATTERN_UNITS_A_STEP));
  const compiled = compileGoRegexp(text);
  if (compiled.kind === 'tooLarge') throw new TemplateFault('regular expression is too large');
  if (compiled.kind === 'invalid') return undefined;
  const { regexp } = compiled;
  return {
    source: pattern,
    findAll: (bytes, limit, run) => inBytes(regexp, bytes, (whole, meter) => regexp.findAll(whole, limit, meter), run),
    findForReplacement: (bytes, run) => inBytes(regexp, bytes, regexp.findForReplacement, run),
    readReplacement: (replacement) => piecesInBytes(regexp, replacement),
  };
}
