/** Go's layouts for dates: a text in which the parts of one agreed moment stand for the parts of any. */

export type LayoutPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: string }
  /** Digits of a second; with nines, zeros at the end are left out. */
  | { readonly kind: 'fraction'; readonly separator: string; readonly digits: number; readonly trims: boolean };

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** `Jan` and `Mon` are none when a word goes on after them; `_2006` is a year after an underscore. */
const FIELD = new RegExp(
  [
    'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST',
    '002|0[1-6]|15|1|2006|2|_(?=2006)|_2|__2|3|4|5|PM|pm',
    '[-Z]07:00:00|[-Z]070000|[-Z]07:00|[-Z]0700|[-Z]07',
    '[.,](?:0+|9+)(?![0-9])',
  ].join('|'),
  'g',
);

function partOf(field: string): LayoutPart {
  const separator = field.charAt(0);
  if (separator === '_' && field.length === 1) return { kind: 'text', text: field };
  if (separator !== '.' && separator !== ',') return { kind: 'field', field };
  return { kind: 'fraction', separator, digits: field.length - 1, trims: field.endsWith('9') };
}

export function readLayout(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = [];
  let at = 0;
  for (const match of layout.matchAll(FIELD)) {
    if (match.index > at) parts.push({ kind: 'text', text: layout.slice(at, match.index) });
    parts.push(partOf(match[0]));
    at = match.index + match[0].length;
  }
  if (at < layout.length) parts.push({ kind: 'text', text: layout.slice(at) });
  return parts;
}
