/** Paths from a grammar of the whole language. */

import fc from 'fast-check';
import { MODIFIER_NAMES } from '../../src/gjson/modifier-names.ts';
import { damage } from '../oracle/damage.ts';
import { KEYS } from './generate-json.ts';

/** Of a list with spaces between. */
function oneOf(list: string): fc.Arbitrary<string> {
  return fc.constantFrom(...list.split(' '));
}

/** The empty text more often than anything else. */
function seldom(texts: readonly string[], often = 2 * texts.length): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from({ length: often }, () => ''), ...texts);
}

export function escapedKey(key: string): string {
  return key.replace(/[\\.|*?#@!{}[\]():"]/g, '\\$&');
}

const NAME = fc.oneof(
  { weight: 8, arbitrary: oneOf('a b c ab abc first last age') },
  { weight: 3, arbitrary: fc.constantFrom(...KEYS).map(escapedKey) },
  { weight: 1, arbitrary: fc.constantFrom(...KEYS) },
);

const INDEX = oneOf('0 1 2 3 10 00 -1 18446744073709551616 18446744073709551617 99999999999999999999');

const WILD = fc.oneof(
  { weight: 3, arbitrary: oneOf('* ? a* *b *a* a? ?? *? ** f*t ?* *i*s* a\\* \\* a*\\ \\\\* *\\\\ é? ?é*') },
  { weight: 1, arbitrary: fc.string({ unit: oneOf('* ? \\ a b é . \\.'), maxLength: 6 }) },
);

const OPERAND = fc.oneof(
  oneOf(
    '1 0 37 -1 1.5 1e3 "Tom" "a" "b" "" "a*" "*" "?b" a Tom true false null "true" ~true ~false ~null ~* ~x "~true"',
  ),
  oneOf('"a\\"b" "\\u0061" "é*" 日本* 0x10 1_0 inf nan "\\\\*" "a\\*b"'),
  fc.constantFrom('', ' ', '2 ', '"x y"'),
);

const OPERATOR = fc.oneof(oneOf('== = != < <= > >= % !% ! === => %%'), fc.constant(' == '));

export const OPTIONS = fc.oneof(
  fc.tuple(fc.nat({ max: 40 }), fc.boolean()).map(([width, sortKeys]) => JSON.stringify({ width, sortKeys })),
  oneOf(
    '{"deep":true} {"preserve":true} {"deep":1} {"preserve":"T"} {"sortKeys":true} {"width":20} {"width":0} {"width":-1}',
  ),
  oneOf(
    '{"width":5} {"sortKeys":true,"indent":"","width":10} {"width":1e3} {"indent":null} {"sortKeys":true,"width":8}',
  ),
  oneOf('{} [] "" "a" [{"deep":true}] {"indent":"\\t"} {"width":1e300} {"width":99999999999999999999}'),
  fc.constantFrom('{"indent":"\\t","prefix":" "}', '{"width":"40","prefix":"x "}', '{"indent":"  a  "}'),
);

const LITERAL = oneOf(
  '!true !"x" !1 !{"a":[1,2]} ![1,{"a":2}] !null !NaN !inf !-1.50 !foo !"a !+1 !Null !FALSE !"a.b" !1.a !"x"}.a',
);

/** Names of multipaths, with their colon. */
const LABEL = seldom(['x:', '"x":', '"x\\ny":', 'x y:', '":', ' "a" :', '\u2028:', 'é:', '<:']);

/** Not an interface, of which fast-check would not know the keys. */
type Parts = {
  path: string;
  part: string;
  query: string;
  modifier: string;
  multipath: string;
};

const {
  path: PATH,
  modifier: MODIFIER,
  multipath: MULTIPATH,
  query: QUERY,
} = fc.letrec<Parts>((tie) => ({
  query: fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: NAME },
        { weight: 2, arbitrary: fc.constant('') },
        { weight: 2, arbitrary: tie('path') },
      ),
      fc.oneof(
        fc.constant(''),
        fc.tuple(OPERATOR, OPERAND).map((both) => both.join('')),
      ),
      oneOf('() () () []'),
      seldom(['#']),
    )
    .map(([left, comparison, brackets, all]) => `#${brackets[0]}${left}${comparison}${brackets[1]}${all}`),
  modifier: fc
    .tuple(
      fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom<string>(...MODIFIER_NAMES) },
        { weight: 1, arbitrary: oneOf('nope  This keysx') },
      ),
      fc.oneof(
        { weight: 5, arbitrary: fc.constant('') },
        { weight: 2, arbitrary: OPTIONS.map((options) => `:${options}`) },
        { weight: 2, arbitrary: tie('path').map((argument) => `:${argument}`) },
        { weight: 1, arbitrary: oneOf(': :x :(a|b) :{"a":1}x :"a|b"') },
      ),
    )
    .map(([name, argument]) => `@${name}${argument}`),
  multipath: fc
    .tuple(oneOf('{} {} []'), fc.array(fc.tuple(LABEL, tie('path')), { maxLength: 3 }))
    .map(([brackets, paths]) => `${brackets[0]}${paths.map((one) => one.join('')).join(',')}${brackets[1]}`),
  part: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 8, arbitrary: NAME },
    { weight: 3, arbitrary: INDEX },
    { weight: 3, arbitrary: WILD },
    { weight: 3, arbitrary: oneOf('#') },
    { weight: 4, arbitrary: tie('query') },
    { weight: 4, arbitrary: tie('modifier') },
    { weight: 2, arbitrary: tie('multipath') },
    { weight: 1, arbitrary: LITERAL },
  ),
  path: fc
    .tuple(
      seldom(['..'], 8),
      fc.array(fc.tuple(oneOf('. . . |'), tie('part')), { minLength: 1, maxLength: 4 }),
      seldom(['.', '|'], 12),
    )
    .map(
      ([lines, parts, end]) =>
        `${lines}${parts
          .map((one) => one.join(''))
          .join('')
          .slice(1)}${end}`,
    ),
}));

/** Whole paths, with more of what is rare in them. */
export const GJSON_PATH: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: PATH },
  { weight: 1, arbitrary: QUERY },
  { weight: 1, arbitrary: MULTIPATH },
  { weight: 2, arbitrary: fc.array(MODIFIER, { minLength: 1, maxLength: 3 }).map((modifiers) => modifiers.join('|')) },
  { weight: 1, arbitrary: fc.tuple(PATH, MODIFIER).map((parts) => parts.join('.')) },
);

const TOKENS =
  '. | .. # #( ) )# ( [ ] { } @ @this @dig: : ! " \\ * ? , ~ = == % < a 0 \n é \\. #. .# .#. |# {} [] !"'.split(' ');

export const DAMAGED_PATH: fc.Arbitrary<string> = fc
  .tuple(GJSON_PATH, damage(TOKENS))
  .map(([path, harm]) => harm(path).toWellFormed());
