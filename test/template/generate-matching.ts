/** Arguments that belong together: a layout with a date that has it, versions with constraints that tell them apart. */

import fc from 'fast-check';

type Field = readonly [layout: string, value: fc.Arbitrary<string>];

const number = (most: number, width: number) =>
  fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(width, '0'));
const spaced = (most: number) => fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, ' '));
const one = (...values: readonly string[]) => fc.constantFrom(...values);

/** Now and then a value is just out of range. */
const FIELDS: readonly Field[] = [
  ['2006', fc.integer({ min: 0, max: 9999 }).map((year) => String(year).padStart(4, '0'))],
  ['06', number(99, 2)],
  ['01', number(13, 2)],
  ['1', number(13, 1)],
  ['Jan', one('Jan', 'feb', 'MAR', 'Dec', 'Xyz')],
  ['January', one('January', 'february', 'Sept', 'May')],
  ['02', number(32, 2)],
  ['2', number(32, 1)],
  ['_2', spaced(32)],
  ['002', number(367, 3)],
  ['Mon', one('Mon', 'tue', 'Sun', 'Day')],
  ['Monday', one('Monday', 'friday', 'Fri')],
  ['15', number(24, 2)],
  ['03', number(13, 2)],
  ['3', number(13, 1)],
  ['04', number(60, 2)],
  ['4', number(60, 1)],
  ['05', fc.oneof(number(60, 2), one('59.5', '07.123456789', '08,25'))],
  ['5', number(60, 1)],
  ['05.000', one('05.123', '05.12', '05,999', '05')],
  ['05.999', one('05.123', '05.1', '05', '05.1234')],
  ['PM', one('AM', 'PM', 'pm', 'XM')],
  ['pm', one('am', 'pm', 'PM')],
  ['MST', one('UTC', 'CET', 'EST', 'GMT', 'GMT+3', 'GMT-12', 'WITA', 'ChST', '+03', 'x', 'ABCDE', 'ABCD')],
  ['Z07:00', one('Z', '+05:30', '-08:00', '+24:00', '+25:00', '+0530')],
  ['Z0700', one('Z', '+0530', '-0800', '+05:30')],
  ['-0700', one('+0000', '+0530', '-0800', '-0060', 'Z')],
  ['-07:00', one('+00:00', '+05:30', '-08:00')],
  ['-07', one('+00', '+05', '-08')],
  ['-07:00:00', one('+05:30:15', '-00:00:01')],
  ['Z07:00:00', one('Z', '+05:30:15')],
];

const SEPARATOR = fc.constantFrom(' ', '-', ':', 'T', '/', ', ', '', ' at ');

const FIELD = fc.constantFrom(...FIELDS).chain(([layout, value]) => fc.tuple(fc.constant(layout), value, SEPARATOR));

const FULL = fc
  .tuple(
    fc.integer({ min: -70_000_000_000_000, max: 250_000_000_000_000 }),
    fc.constantFrom('Z', '+05:30', '-08:00', '+00:00'),
  )
  .map(([timeMs, zone]) => ['2006-01-02T15:04:05Z07:00', new Date(timeMs).toISOString().replace('Z', zone)] as const);

const PUT_TOGETHER = fc.array(FIELD, { minLength: 1, maxLength: 6 }).map((fields) => {
  const texts = [0, 1].map((which) =>
    fields.map((field, at) => field[which] + (at < fields.length - 1 ? field[2] : '')).join(''),
  );
  return [texts[0] ?? '', texts[1] ?? ''] as const;
});

/** A layout and a date, as two arguments. */
export const LAYOUT_AND_DATE: fc.Arbitrary<string> = fc
  .oneof({ weight: 1, arbitrary: FULL }, { weight: 3, arbitrary: PUT_TOGETHER })
  .map(([layout, date]) => `${JSON.stringify(layout)} ${JSON.stringify(date)}`);

const PART = fc.oneof(
  { weight: 5, arbitrary: fc.nat(3).map(String) },
  { weight: 1, arbitrary: one('10', '01', 'x', '*') },
);
const PRERELEASE = one(
  '',
  '',
  '',
  '-alpha',
  '-alpha.1',
  '-alpha.beta',
  '-beta',
  '-1',
  '-0',
  '-rc.1',
  '-rc.10',
  '-rc.2',
  '-a-b',
  '-01',
);
const VERSION = fc
  .tuple(one('', '', 'v'), fc.array(PART, { minLength: 1, maxLength: 3 }), PRERELEASE, one('', '', '', '+b', '+1.x'))
  .map(([v, parts, prerelease, build]) => v + parts.join('.') + prerelease + build);

const RANGE = fc
  .tuple(one('', '=', '!=', '>', '<', '>=', '<=', '=>', '=<', '~', '^', '~>', '> ', '^ '), VERSION)
  .map((parts) => parts.join(''));
const CONSTRAINT = fc.oneof(
  { weight: 4, arbitrary: RANGE },
  { weight: 2, arbitrary: fc.tuple(RANGE, one(' ', ', ', ',', ' || ', '||'), RANGE).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.tuple(VERSION, VERSION).map(([from, to]) => `${from} - ${to}`) },
);

export const VERSION_TEXT: fc.Arbitrary<string> = VERSION.map((version) => JSON.stringify(version));
export const CONSTRAINT_TEXT: fc.Arbitrary<string> = CONSTRAINT.map((constraint) => JSON.stringify(constraint));

const BASE32 = fc
  .tuple(fc.uint8Array({ maxLength: 11 }), fc.nat(7), one('', '', '=', '==', '\n', 'A', '8', '====', '======'))
  .map(([bytes, cut, end]) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const digits = (bits.match(/.{1,5}/g) ?? []).map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)]);
    const text = digits.join('').padEnd(Math.ceil(digits.length / 8) * 8, '=');
    return (end === '' ? text : text.slice(0, text.length - cut)) + end;
  });
const BASE64 = fc
  .tuple(fc.uint8Array({ maxLength: 8 }), fc.nat(3), one('', '', '=', '==', '\r\n', 'A', '-', '==='))
  .map(([bytes, cut, end]) => {
    const text = Buffer.from(bytes).toString('base64');
    return (end === '' ? text : text.slice(0, text.length - cut)) + end;
  });

export const BASE32_TEXT: fc.Arbitrary<string> = BASE32.map((text) => JSON.stringify(text));
export const BASE64_TEXT: fc.Arbitrary<string> = BASE64.map((text) => JSON.stringify(text));
