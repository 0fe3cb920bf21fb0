/** What `find` asks for: which secrets match a query, judged on our side, and which queries are the same. */

import { compileGoRegexp, patternSize } from '../regexp/go-regexp.ts';
import { InvalidSpec } from './errors.ts';

/** Whatever is not there, or empty, keeps nothing out. */
export interface FindQuery {
  /** Names begin with it. */
  readonly path?: string | undefined;
  /** RE2, and has to match somewhere in the whole name, path included. */
  readonly nameRegexp?: string | undefined;
  /** All have to be there, each with exactly this value. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Equal for all who may read the same of what is found; absent where all of it is read. */
  readonly scope?: string | undefined;
}

export interface FindMatcher {
  matchesName(name: string): boolean;
  matchesTags(tags: ReadonlyMap<string, string>): boolean;
}

/** Names of secrets have 512 characters at most: more than that, and much more work, no expression over them needs. */
const LONGEST_REGEXP = 1_000;
/** By `patternSize`. */
const LARGEST_REGEXP = 100_000;
const LONGEST_QUOTE = 100;

/**
 * The test of a name by `name.regexp`.
 * @throws InvalidSpec for what is no RE2 expression, or too large a one. The message does not name the field.
 */
export function compileNameRegexp(regexp: string): (name: string) => boolean {
  const quoted = `"${regexp.slice(0, LONGEST_QUOTE)}${regexp.length > LONGEST_QUOTE ? '...' : ''}"`;
  const tooLarge = () =>
    new InvalidSpec(`the regular expression ${quoted} is too large; shorten it, or its repetitions`);
  if (regexp.length > LONGEST_REGEXP || patternSize(regexp) > LARGEST_REGEXP) throw tooLarge();
  const compiled = compileGoRegexp(regexp);
  switch (compiled.kind) {
    case 'regexp':
      return compiled.regexp.matches;
    case 'tooLarge':
      throw tooLarge();
    case 'invalid':
      throw new InvalidSpec(`${quoted} is not a regular expression of the RE2 syntax (${compiled.reason}); correct it`);
  }
}

/** @throws InvalidSpec as {@link compileNameRegexp} does */
export function findMatcher({ path = '', nameRegexp = '', tags = {} }: FindQuery): FindMatcher {
  const matchesRegexp = nameRegexp === '' ? () => true : compileNameRegexp(nameRegexp);
  const wanted = Object.entries(tags);
  return {
    matchesName: (name) => name.startsWith(path) && matchesRegexp(name),
    matchesTags: (present) => wanted.every(([key, value]) => present.get(key) === value),
  };
}

/** Equal exactly for queries that one listing of AWS's serves: those that differ in their expression only. */
export function listingId({ path = '', tags = {} }: FindQuery): string {
  return JSON.stringify([path, Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Equal exactly for queries that the same secrets match, and of which the same may be read. */
export function findId(query: FindQuery): string {
  const { nameRegexp = '', scope } = query;
  return JSON.stringify([['find', nameRegexp, listingId(query), ...(scope === undefined ? [] : [scope])]]);
}
