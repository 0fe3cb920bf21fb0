/**
 * Regular expressions as Go's `regexp` has them, on the engine re2js, whose time grows with the text's length only. Pure,
 * and without a clock: who calls measures and bounds the work.
 */

import { RE2JS, RE2JSException } from 're2js';

/** From and to in the text for the whole match, then for each group; -1 for a group that took no part. */
export type Match = readonly number[];

/** How the caller bounds what is done in its name. */
export interface Meter {
  /** Runs one search. How much it looks at is known only afterwards. */
  search<T>(work: () => T): T;
  /** Told after each match how many there are. */
  found(count: number): void;
}

export interface GoRegexp {
  /** By name the number of the group. */
  readonly groups: ReadonlyMap<string, number>;
  /** A search of such a text would take seconds. */
  readonly isTooCostlyFor: (text: string) => boolean;
  /** Whether it matches somewhere. In one go, for texts that are short. */
  readonly matches: (text: string) => boolean;
  /** All matches that do not overlap, at most `limit` of them if that is not negative. */
  readonly findAll: (text: string, limit: number, meter: Meter) => Match[];
  /** As Go's `ReplaceAll` finds them: an empty match may follow another one. */
  readonly findForReplacement: (text: string, meter: Meter) => Match[];
}

export type Compiled =
  | { readonly kind: 'regexp'; readonly regexp: GoRegexp }
  | { readonly kind: 'tooLarge' }
  /** `reason` quotes a part of the pattern. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** The product of the text's length and the program's size that one search may reach: a few seconds at worst. */
const MAX_SEARCH = 100_000_000;

/** By {@link patternSize}. */
const MAX_PATTERN = 1_000_000;

function greatestRepeat(pattern: string): number {
  let greatest = 1;
  for (const [, min, max] of pattern.matchAll(/\{([0-9]{1,4})(?:,([0-9]{0,4}))?\}/g)) {
    greatest = Math.max(greatest, Number(min), Number(max ?? 0));
  }
  return greatest;
}

/** The product of the pattern's length and its greatest repeat count, which bounds what it is compiled to. */
export function patternSize(pattern: string): number {
  return pattern.length * greatestRepeat(pattern);
}

/** What compiling costs at most, in units of one character; nothing for what is too large and therefore not compiled. */
export function patternCost(pattern: string): number {
  const size = patternSize(pattern);
  return size > MAX_PATTERN ? 0 : size;
}

function runeWidth(text: string, at: number): number {
  const code = text.codePointAt(at);
  if (code === undefined) return 1;
  return code > 0xffff ? 2 : 1;
}

type Search = (from: number) => Match | undefined;

function searchIn(pattern: RE2JS, text: string, meter: Meter): Search {
  const matcher = pattern.matcher(text);
  const groups = pattern.groupCount();
  return (from) => {
    if (!meter.search(() => matcher.find(from))) return undefined;
    const match: number[] = [];
    for (let group = 0; group <= groups; group++) match.push(matcher.start(group), matcher.end(group));
    return match;
  };
}

/** An empty match right after another one does not count. */
function findAll(pattern: RE2JS, text: string, limit: number, meter: Meter): Match[] {
  const next = searchIn(pattern, text, meter);
  const found: Match[] = [];
  const atMost = limit < 0 ? text.length + 1 : limit;
  let previousEnd = -1;
  for (let at = 0; found.length < atMost && at <= text.length; ) {
    const match = next(at);
    if (match === undefined) break;
    const [start = 0, end = 0] = match;
    if (end !== at || start !== previousEnd) found.push(match);
    meter.found(found.length);
    at = end === at ? at + runeWidth(text, at) : end;
    previousEnd = end;
  }
  return found;
}

function findForReplacement(pattern: RE2JS, text: string, meter: Meter): Match[] {
  const next = searchIn(pattern, text, meter);
  const found: Match[] = [];
  for (let at = 0; at <= text.length; ) {
    const match = next(at);
    if (match === undefined) break;
    found.push(match);
    meter.found(found.length);
    at = Math.max(match[1] ?? 0, at + runeWidth(text, at));
  }
  return found;
}

function parse(pattern: string): RE2JS | RE2JSException {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) return error;
    throw error;
  }
}

export function compileGoRegexp(pattern: string): Compiled {
  if (patternSize(pattern) > MAX_PATTERN) return { kind: 'tooLarge' };
  const parsed = parse(pattern);
  if (parsed instanceof RE2JSException) {
    return { kind: 'invalid', reason: parsed.message.replace(/^error parsing regexp: /, '') };
  }
  const regexp: GoRegexp = {
    groups: new Map(Object.entries(parsed.namedGroups())),
    isTooCostlyFor: (text) => text.length * parsed.programSize() > MAX_SEARCH,
    matches: (text) => parsed.test(text),
    findAll: (text, limit, meter) => findAll(parsed, text, limit, meter),
    findForReplacement: (text, meter) => findForReplacement(parsed, text, meter),
  };
  return { kind: 'regexp', regexp };
}
