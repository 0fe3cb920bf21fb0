/** Whole templates, well-formed for the most part, with their data. */

import fc from 'fast-check';
import type { TemplateCase } from './case.ts';
import { DATA } from './generate-data.ts';
import { callOf, operand, pipeline } from './generate-expressions.ts';
import { damaged } from './generate-malformed.ts';
import { declare, type Piece, type Scope, TOP } from './scope.ts';
import type { Sort } from './signatures.ts';

/** Pieces of a list know what was declared before them, and hand on what they declare. */
interface Written {
  readonly text: string;
  readonly scope: Scope;
}
type Part = (scope: Scope) => Written;

const DEPTH = 3;

/** The delimiters are put in at the end: no text contains these characters. */
const LEFT = '\u0001';
const RIGHT = '\u0002';

const MARKS = fc.record({
  left: fc.constantFrom(LEFT, LEFT, LEFT, `${LEFT} `, `${LEFT}- `, `${LEFT}-\n`),
  right: fc.constantFrom(RIGHT, RIGHT, RIGHT, ` ${RIGHT}`, ` -${RIGHT}`, `\t-${RIGHT}`),
});

type Marks = { readonly left: string; readonly right: string };

const action = (marks: Marks, inside: string) => `${marks.left}${inside}${marks.right}`;

const still =
  (piece: Piece): Part =>
  (scope) => ({ text: piece(scope), scope });

const TEXT_PIECES = [
  'a',
  'b: ',
  '\n',
  '\n\n',
  '  ',
  ' ',
  '\t',
  '\r\n',
  '"',
  '<x>',
  '{ ',
  ' }',
  'é',
  '世',
  '-',
  '. ',
  '|',
  '\\',
  '😀',
  '#',
  '/*',
];

const text = fc
  .array(fc.constantFrom(...TEXT_PIECES), { minLength: 1, maxLength: 4 })
  .map((pieces): Part => still(() => pieces.join('')));

const output = fc
  .tuple(MARKS, pipeline('any', DEPTH))
  .map(([marks, piece]) => still((scope) => action(marks, piece(scope))));

/** The result as Go would write it in source, with all its types. */
function revealed(expression: fc.Arbitrary<Piece>): fc.Arbitrary<Part> {
  return fc
    .tuple(MARKS, expression, fc.constantFrom('%#v', '%[1]T %[1]v', '%q'))
    .map(([marks, piece, format]) => still((scope) => action(marks, `printf "${format}" (${piece(scope)})`)));
}

const comment = fc
  .tuple(MARKS, fc.constantFrom(' c ', '', 'a\nb', ' * / ', ' }} '))
  .map(([{ left, right }, inside]) => {
    const close = right.trim().startsWith('-') ? ` -${RIGHT}` : RIGHT;
    const open = left.includes('-') ? `${LEFT}- ` : LEFT;
    return still(() => `${open}/*${inside}*/${close}`);
  });

const NAME = fc.constantFrom('$x', '$y', '$name', '$é');

const SORTS_TO_DECLARE: readonly Sort[] = ['str', 'int', 'dict', 'list', 'any', 'num', 'strs', 'f64', 'bool', 'i64'];

const declaration = fc.constantFrom(...SORTS_TO_DECLARE).chain((sort) =>
  fc.tuple(MARKS, NAME, pipeline(sort, 2)).map(
    ([marks, name, piece]): Part =>
      (scope) => ({
        text: action(marks, `${name} := ${piece(scope)}`),
        scope: declare(scope, name, sort),
      }),
  ),
);

/** Go finds out only as it runs that the variable was never declared: mostly it is. */
const assignment = fc
  .record({ marks: MARKS, pick: fc.nat(3), piece: pipeline('any', 2), other: NAME, slip: fc.nat(9) })
  .map(
    ({ marks, pick, piece, other, slip }): Part =>
      (scope) => {
        const declared = scope.variables.at(pick % Math.max(1, scope.variables.length))?.name;
        if (declared !== undefined) return { text: action(marks, `${declared} = ${piece(scope)}`), scope };
        if (slip === 0) return { text: action(marks, `${other} = ${piece(scope)}`), scope };
        return { text: action(marks, `${other} := ${piece(scope)}`), scope: declare(scope, other, 'any') };
      },
  );

function list(depth: number): fc.Arbitrary<Part> {
  const leaves = [
    { weight: 4, arbitrary: text },
    { weight: 6, arbitrary: output },
    { weight: 2, arbitrary: revealed(pipeline('any', DEPTH)) },
    { weight: 1, arbitrary: comment },
    { weight: 2, arbitrary: declaration },
    { weight: 1, arbitrary: assignment },
  ];
  const branches =
    depth === 0
      ? []
      : [
          { weight: 2, arbitrary: condition('if', depth - 1) },
          { weight: 2, arbitrary: condition('with', depth - 1) },
          { weight: 3, arbitrary: range(depth - 1) },
          { weight: 1, arbitrary: invocation },
          { weight: 1, arbitrary: block(depth - 1) },
        ];
  return fc
    .array(fc.oneof({ withCrossShrink: true }, ...leaves, ...branches), {
      minLength: 1,
      maxLength: depth === 0 ? 2 : 4,
    })
    .map((parts) => sequence(parts));
}

function sequence(parts: readonly Part[]): Part {
  return (scope) => {
    let current = scope;
    let written = '';
    for (const part of parts) {
      const next = part(current);
      written += next.text;
      current = next.scope;
    }
    return { text: written, scope: current };
  };
}

const inside = (part: Part, scope: Scope): string => part(scope).text;

const CONDITIONS: readonly Sort[] = ['bool', 'any', 'str', 'dict', 'list', 'num'];

type Keyword = 'if' | 'with';

function condition(keyword: Keyword, depth: number): fc.Arbitrary<Part> {
  return fc.constantFrom(...CONDITIONS).chain((sort) => {
    const parts = {
      marks: MARKS,
      endMarks: MARKS,
      subject: pipeline(sort, 2),
      name: sometimes(NAME),
      body: list(depth),
      chained: sometimes(fc.tuple(pipeline('any', 1), list(0))),
      otherwise: sometimes(list(depth)),
    };
    return fc.record(parts).map((chosen) => still((scope) => writeCondition(keyword, sort, chosen, scope)));
  });
}

interface Condition {
  readonly marks: Marks;
  readonly endMarks: Marks;
  readonly subject: Piece;
  readonly name: string | undefined;
  readonly body: Part;
  readonly chained: readonly [Piece, Part] | undefined;
  readonly otherwise: Part | undefined;
}

function writeCondition(keyword: Keyword, sort: Sort, chosen: Condition, scope: Scope): string {
  const { marks, endMarks, subject, name, body, chained, otherwise } = chosen;
  const bound = name === undefined ? scope : declare(scope, name, sort);
  const head = name === undefined ? '' : `${name} := `;
  const written = [action(marks, `${keyword} ${head}${subject(scope)}`), inside(body, within(keyword, bound, sort))];
  if (chained !== undefined) {
    const [again, then] = chained;
    written.push(action(marks, `else ${keyword} ${again(bound)}`), inside(then, within(keyword, bound, 'any')));
  }
  if (otherwise !== undefined) written.push(action(endMarks, 'else'), inside(otherwise, bound));
  return [...written, action(endMarks, 'end')].join('');
}

function within(keyword: Keyword, scope: Scope, dot: Sort): Scope {
  return keyword === 'with' ? { ...scope, dot } : scope;
}

/** One time in three. */
function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** What can be ranged over, and what dot is then. */
const RANGED: readonly (readonly [over: Sort, element: Sort])[] = [
  ['list', 'any'],
  ['dict', 'any'],
  ['parts', 'str'],
  ['strs', 'str'],
  ['ints', 'int'],
  ['size', 'int'],
  ['lists', 'list'],
  ['str', 'any'],
  ['any', 'any'],
];

const LEAVING = fc.constantFrom('', '', '', 'break', 'continue');

function range(depth: number): fc.Arbitrary<Part> {
  return fc.constantFrom(...RANGED).chain(([over, element]) => {
    const parts = {
      marks: MARKS,
      endMarks: MARKS,
      subject: pipeline(over, 2),
      names: fc.constantFrom(
        [],
        ['$e'],
        ['$x'],
        ...(over === 'size'
          ? []
          : [
              ['$i', '$e'],
              ['$i', '$x'],
            ]),
      ),
      slip: fc.nat(39),
      body: list(depth),
      leaving: LEAVING,
      when: operand('bool', 1),
      tail: list(0),
      otherwise: sometimes(list(0)),
    };
    return fc.record(parts).map((chosen) => still((scope) => writeRange(over, element, chosen, scope)));
  });
}

interface Range {
  readonly marks: Marks;
  readonly endMarks: Marks;
  readonly subject: Piece;
  readonly names: readonly string[];
  readonly slip: number;
  readonly body: Part;
  readonly leaving: string;
  readonly when: Piece;
  readonly tail: Part;
  readonly otherwise: Part | undefined;
}

function writeRange(over: Sort, element: Sort, chosen: Range, scope: Scope): string {
  const { marks, endMarks, subject, names, slip, body, leaving, when, tail, otherwise } = chosen;
  const own: Scope = { ...bind(scope, names, over, element), dot: element };
  const head = names.length === 0 ? '' : `${names.join(', ')} ${slip === 0 ? '=' : ':='} `;
  const written = [action(marks, `range ${head}${subject(scope)}`), inside(body, own)];
  if (leaving !== '') written.push(action(marks, `if ${when(own)}`), action(marks, leaving), action(marks, 'end'));
  written.push(inside(tail, own));
  if (otherwise !== undefined) written.push(action(endMarks, 'else'), inside(otherwise, scope));
  return [...written, action(endMarks, 'end')].join('');
}

function bind(scope: Scope, names: readonly string[], over: Sort, element: Sort): Scope {
  const [first, second] = names;
  if (first === undefined) return scope;
  if (second === undefined) return declare(scope, first, element);
  return declare(declare(scope, first, over === 'dict' || over === 'parts' ? 'str' : 'int'), second, element);
}

const invocation = fc
  .tuple(
    MARKS,
    fc.nat(3),
    fc.oneof(
      fc.constant<Piece>(() => '.'),
      fc.constant<Piece>(() => ''),
      operand('any', 1),
    ),
  )
  .map(([marks, pick, argument]) =>
    still((scope) => {
      const name = scope.templates.at(pick % Math.max(1, scope.templates.length));
      return name === undefined ? '' : action(marks, `template "${name}" ${argument(scope)}`.trimEnd());
    }),
  );

function block(depth: number): fc.Arbitrary<Part> {
  return fc
    .tuple(
      MARKS,
      fc.integer({ min: 1, max: 99 }).map((number) => `b${number}`),
      operand('any', 1),
      list(depth),
    )
    .map(([marks, name, argument, body]) =>
      still((scope) => {
        const own: Scope = { ...scope, variables: [], dot: 'any', dollar: 'any' };
        return action(marks, `block "${name}" ${argument(scope)}`) + inside(body, own) + action(marks, 'end');
      }),
    );
}

/** Dot is the data in a template that is called with it, and anything in one that is not: its pieces must do with both. */
const definition = fc.tuple(MARKS, fc.constantFrom('t1', 't2', 't 3', 't4', 't1'), list(1)).map(
  ([marks, name, body]): Part =>
    (scope) => {
      const own: Scope = { ...scope, variables: [], dot: 'any', dollar: 'any' };
      return {
        text: action(marks, `define "${name}"`) + inside(body, own) + action(marks, 'end'),
        scope: { ...scope, templates: [...scope.templates, name] },
      };
    },
);

const whole = fc.oneof(
  { weight: 3, arbitrary: list(2) },
  { weight: 2, arbitrary: output },
  // One call, for the functions' own sake.
  { weight: 3, arbitrary: revealed(pipeline('any', 1)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(definition, { maxLength: 2 }), list(2))
      .map(([first, rest]) => sequence([...first, rest])),
  },
);

const DELIMITERS = fc.constantFrom<readonly [string, string] | undefined>(
  ...Array.from({ length: 12 }, () => undefined),
  ['[[', ']]'],
  ['<%', '%>'],
  ['{', '}'],
  ['$(', ')$'],
);

/** One in eight. */
const DAMAGE = fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: damaged });

export const TEMPLATE_CASE: fc.Arbitrary<TemplateCase> = fc
  .record({ part: whole, damage: DAMAGE, data: DATA, delimiters: DELIMITERS })
  .map(({ part, damage, data, delimiters }) => {
    const [left, right] = delimiters ?? ['{{', '}}'];
    const sound = part(TOP).text;
    const template = (damage?.(sound) ?? sound).replaceAll(LEFT, left).replaceAll(RIGHT, right);
    return delimiters === undefined ? { template, data } : { template, data, delimiters };
  });

/** A call of one of the functions, and nothing else. @throws Error for a name that none has */
export function callCase(names: readonly string[]): fc.Arbitrary<TemplateCase> {
  const calls = fc.oneof(...names.map((name) => callOf(name, 2)));
  return fc.record({ part: revealed(calls), data: DATA }).map(({ part, data }) => {
    const template = part(TOP).text.replaceAll(LEFT, '{{').replaceAll(RIGHT, '}}');
    return { template, data };
  });
}
