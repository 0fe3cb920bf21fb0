/**
 * Regular expressions as Go's `regexp` has them, on the engine re2js, whose time grows with the text's length only.
 * The text is decoded first, each byte that is not UTF-8 as one U+FFFD, which is what Go matches on.
 */

import { RE2JS, RE2JSException } from 're2js';
import { decodeRune } from '../engine/utf8.ts';
import { type Execution, type GoString, goToText, TemplateFault } from '../value.ts';
import { growthCheck } from './cost.ts';
import { isAscii } from './runes.ts';

/** From and to in bytes for the whole match, then for each group; -1 for a group that took no part. */
export type Match = readonly number[];

export interface Regexp {
  readonly source: string;
  /** By name the number of the group. */
  readonly groups: ReadonlyMap<string, number>;
  /** All matches that do not overlap, at most `limit` of them if that is not negative. */
  readonly findAll: (text: GoString, limit: number, execution: Execution) => Match[];
  /** As Go's `ReplaceAll` finds them: an empty match may follow another one. */
  readonly findForReplacement: (text: GoString, execution: Execution) => Match[];
}

/** The product of the text's length and the program's size that one search may reach: a few seconds at worst. */
const MAX_SEARCH = 100_000_000;

/** The product of the pattern's length and its greatest repeat count. */
const MAX_PATTERN = 1_000_000;

/** Units of the product above that one step pays for. */
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

function runeWidth(text: string, at: number): number {
  const code = text.codePointAt(at);
  if (code === undefined) return 1;
  return code > 0xffff ? 2 : 1;
}

function greatestRepeat(pattern: string): number {
  let greatest = 1;
  for (const [, min, max] of pattern.matchAll(/\{([0-9]{1,4})(?:,([0-9]{0,4}))?\}/g)) {
    greatest = Math.max(greatest, Number(min), Number(max ?? 0));
  }
  return greatest;
}

function paidFor<T>(execution: Execution, work: () => T): T {
  const start = performance.now();
  const result = work();
  execution.spend(Math.ceil((performance.now() - start) * STEPS_A_MILLISECOND));
  return result;
}

class Search {
  readonly #decoded: DecodedText;
  readonly #matcher: ReturnType<RE2JS['matcher']>;
  readonly #groups: number;
  readonly #execution: Execution;

  constructor(pattern: RE2JS, bytes: GoString, execution: Execution) {
    this.#decoded = decode(bytes);
    if (this.#decoded.text.length * pattern.programSize() > MAX_SEARCH) {
      throw new TemplateFault('regular expression is too costly for a text of this length');
    }
    this.#matcher = pattern.matcher(this.#decoded.text);
    this.#groups = pattern.groupCount();
    this.#execution = execution;
  }

  get text(): string {
    return this.#decoded.text;
  }

  /** In code units, not bytes. */
  next(from: number): Match | undefined {
    const matcher = this.#matcher;
    if (!paidFor(this.#execution, () => matcher.find(from))) return undefined;
    const match: number[] = [];
    for (let group = 0; group <= this.#groups; group++) match.push(matcher.start(group), matcher.end(group));
    return match;
  }

  inBytes(match: Match): Match {
    return match.map((index) => this.#decoded.byteAt(index));
  }
}

/** An empty match right after another one does not count. */
function findAll(search: Search, limit: number, execution: Execution): Match[] {
  const found: Match[] = [];
  const check = growthCheck(execution);
  const atMost = limit < 0 ? search.text.length + 1 : limit;
  let previousEnd = -1;
  for (let at = 0; found.length < atMost && at <= search.text.length; ) {
    const match = search.next(at);
    if (match === undefined) break;
    const [start = 0, end = 0] = match;
    if (end !== at || start !== previousEnd) found.push(search.inBytes(match));
    check(found.length * BYTES_A_MATCH);
    at = end === at ? at + runeWidth(search.text, at) : end;
    previousEnd = end;
  }
  return found;
}

function findForReplacement(search: Search, execution: Execution): Match[] {
  const found: Match[] = [];
  const check = growthCheck(execution);
  for (let at = 0; at <= search.text.length; ) {
    const match = search.next(at);
    if (match === undefined) break;
    found.push(search.inBytes(match));
    check(found.length * BYTES_A_MATCH);
    at = Math.max(match[1] ?? 0, at + runeWidth(search.text, at));
  }
  return found;
}

function compilePattern(pattern: GoString): RE2JS | undefined {
  const text = goToText(pattern);
  if (Buffer.from(text, 'utf8').toString('latin1') !== pattern) return undefined;
  try {
    return RE2JS.compile(text);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

/** Undefined for what is no regular expression. @throws TemplateFault for one that is too large */
export function compile(pattern: GoString, execution: Execution): Regexp | undefined {
  const cost = pattern.length * greatestRepeat(pattern);
  if (cost > MAX_PATTERN) throw new TemplateFault('regular expression is too large');
  execution.spend(1 + Math.ceil(cost / PATTERN_UNITS_A_STEP));
  const compiled = compilePattern(pattern);
  if (compiled === undefined) return undefined;
  return {
    source: pattern,
    groups: new Map(Object.entries(compiled.namedGroups())),
    findAll: (text, limit, run) => findAll(new Search(compiled, text, run), limit, run),
    findForReplacement: (text, run) => findForReplacement(new Search(compiled, text, run), run),
  };
}
