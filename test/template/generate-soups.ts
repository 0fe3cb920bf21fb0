/** Strings of sorts that have a syntax of their own, put together from its tokens: some of them are right. */

import fc from 'fast-check';
import type { Sort } from './signatures.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: what a replacement in Go looks like
// biome-ignore format: a table
const TOKENS = {
  constraint: ['1', '.2', '.3', '.x', '.*', '-beta', '-0', '+b', ' ', ',', '||', ' - ', '>', '<', '=', '!=', '~', '^', '~>', '=>', '>=', '<=', 'v', '*', '0', '.0', '1.2.3', '2.0.0', '1.2'],
  version: ['1', '0', '.2', '.3', '.0', '-', '-beta', '-alpha.1', '+b', 'v', '1.2.3', '.', 'x', '01', '-0', '.10', ' '],
  date: ['2024', '-', '02', '29', '13', ' ', 'T', '15', ':', '04', '59', '.5', '.123456789', ',5', 'Z', '+05:30', '-0700', 'PM', 'am', 'Jan', 'february', 'Mon', 'Tuesday', 'UTC', 'CET', '0', '60', '9', '/', '07'],
  duration: ['1', '2', '.5', '1.5', 'h', 'm', 's', 'ms', 'us', 'µs', 'ns', '-', '+', '0', '24h', '90m', ' ', 'd', '9223372036', '.'],
  json: ['{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', '-2.5', '1e3', 'true', 'null', ' ', '\n', '"\\u00e9\\n"', '"', '\\', '0', 'x', '{"a":1}', '[1,2]', '"<&>"'],
  layout: ['2006', '06', '01', '1', 'Jan', 'January', '02', '2', '_2', '002', '__2', 'Mon', 'Monday', '15', '03', '3', '04', '4', '05', '5', '.000', '.999', ',00', '.0', 'PM', 'pm', 'MST', 'Z07:00', 'Z0700', '-0700', '-07:00', '-07', 'Z07', ' ', '-', ':', 'T', '/', 'x', '0', '_', '_2006'],
  num: ['0x', '1', '2', '_', 'p', '-', '+', '.', 'e', '8', 'inf', 'NaN', 'F', '0', '0b', '0o', ' ', '25', 'p-3', 'Infinity', '9223372036854775807', 'e400', '.5', '1e3'],
  path: ['/', 'a', 'b', '.', '..', '//', '.x', 'é', ' ', '\\', '...'],
  regex: ['a', 'b', 'o', '.', '*', '+', '?', '(', ')', '|', '[', ']', '^', '$', '{2}', '{1,2}', '-', '\\d', '\\w', '\\b', '\\', '(?i)', '(?:', '(?P<n>', '[^', 'a-z', '\\pL', '\\s', 'é', '??', '\\B', '[[:digit:]]', '(?s:', '\\Q', '\\E', '\\z', '(?m)', '(?U)', '\\D', '\\PL'],
  replacement: ['$', '1', '${1}', '${n}', '$n', '$$', 'x', '{', '}', '$0', '_', '\\', '$10', '${', '-'],
  url: ['http', 'https', ':', '//', '/', 'h', 'host', '.com', ':80', '?', 'q=1', '&', '#', 'f', 'u:p@', '@', '%20', '%zz', '%', ' ', 'é', '[::1]', '[fe80::1%25en0]', '[::ffff:1.2.3.4]', '[', ']', 'mailto:', '..', '+', ';', '*', '"', '<', '\u0001'],
} satisfies Partial<Record<Sort, readonly string[]>>;
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

export type SoupSort = keyof typeof TOKENS;

/** As a constant of the language. */
export function soup(sort: SoupSort): fc.Arbitrary<string> {
  const length = sort === 'json' ? 12 : 7;
  return fc
    .array(fc.constantFrom(...TOKENS[sort]), { maxLength: length, size: 'max' })
    .map((tokens) => JSON.stringify(tokens.join('')));
}
