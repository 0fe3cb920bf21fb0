/** What `find` asks for: which secrets match a query, judged on our side, and which queries are the same. */

import { RE2JS, RE2JSException } from 're2js';
import { InvalidSpec } from './errors.ts';

/** Whatever is not there, or empty, keeps nothing out. */
export interface FindQuery {
  /** Names begin with it. */
  readonly path?: string | undefined;
  /** RE2, and has to match somewhere in the whole name, path included. */
  readonly nameRegexp?: string | undefined;
  /** All have to be there, each with exactly this value. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface FindMatcher {
  matchesName(name: string): boolean;
  matchesTags(tags: ReadonlyMap<string, string>): boolean;
}

/** Names of secrets have 512 characters at most: more than that, and much more work, no expression over them needs. */
const LONGEST_REGEXP = 1_000;
/** The product of an expression's length and its greatest repeat count, which bounds what it is compiled to. */
const MOST_REPEATED = 100_000;
const LONGEST_QUOTE = 100;

/**
 * The test of a name by `name.regexp`.
 * @throws InvalidSpec for what is no RE2 expression, or too large a one. The message does not name the field.
 */
export function compileNameRegexp(regexp: string): (name: string) => boolean {
  const quoted = `"${regexp.slice(0, LONGEST_QUOTE)}${regexp.length > LONGEST_QUOTE ? '...' : ''}"`;
  if (regexp.length > LONGEST_REGEXP || regexp.length * greatestRepeat(regexp) > MOST_REPEATED) {
    throw new InvalidSpec(`the regular expression ${quoted} is too large; shorten it, or its repetitions`);
  }
  try {
    const compiled = RE2JS.compile(regexp);
    return (name) => compiled.test(name);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const why = error.message.replace(/^error parsing regexp: /, '');
    throw new InvalidSpec(`${quoted} is not a regular expression of the RE2 syntax (${why}); correct it`);
  }
}

function greatestRepeat(regexp: string): number {
  let greatest = 1;
  for (const [, min, max] of regexp.matchAll(/\{([0-9]{1,4})(?:,([0-9]{0,4}))?\}/g)) {
    greatest = Math.max(greatest, Number(min), Number(max ?? 0));
  }
  return greatest;
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

/** Equal exactly for queries that the same secrets match. */
export function findId(query: FindQuery): string {
  return JSON.stringify([['find', query.nameRegexp ?? '', listingId(query)]]);
}
