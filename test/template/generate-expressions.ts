/** Expressions of every sort: constants, data, variables, field chains, calls and pipelines. */

import fc from 'fast-check';
import { DATA_SORTS } from './generate-data.ts';
import { FORMATTED } from './generate-formats.ts';
import { LITERALS } from './generate-literals.ts';
import { LAYOUT_AND_DATE } from './generate-matching.ts';
import { dataField, type Piece, variableOf } from './scope.ts';
import { fits, SIGNATURES, type Signature, SORTS, type Sort } from './signatures.ts';

const known = new Map<string, fc.Arbitrary<Piece>>();

/** Arbitraries refer to each other: each is made once, when it is first asked for. */
function once(key: string, make: () => fc.Arbitrary<Piece>): fc.Arbitrary<Piece> {
  const made = known.get(key) ?? make();
  known.set(key, made);
  return made;
}

/**
 * An expression that may stand as an argument. Sometimes it is of another sort than asked for.
 * @param depth how many calls may stand inside each other
 */
export function operand(sort: Sort, depth: number): fc.Arbitrary<Piece> {
  return once(`operand ${sort} ${depth}`, () => {
    const plain = [
      { weight: 6, arbitrary: literal(sort) },
      { weight: 3, arbitrary: variable(sort) },
      { weight: 4, arbitrary: field(sort) },
    ];
    if (depth === 0) return fc.oneof(...plain);
    const inParentheses = pipeline(sort, depth).map(
      (piece): Piece =>
        (scope) =>
          `(${piece(scope)})`,
    );
    return fc.oneof({ withCrossShrink: true }, ...plain, { weight: 7, arbitrary: inParentheses });
  });
}

function literal(sort: Sort): fc.Arbitrary<Piece> {
  return once(`literal ${sort}`, () =>
    LITERALS[sort].map(
      (text): Piece =>
        () =>
          text,
    ),
  );
}

function variable(sort: Sort): fc.Arbitrary<Piece> {
  return fc.tuple(fc.nat(5), LITERALS[sort]).map(
    ([pick, instead]): Piece =>
      (scope) =>
        variableOf(scope, sort, pick) ?? instead,
  );
}

/** A key of the data, now and then one that is not there; or dot where it is of the sort. */
function field(sort: Sort): fc.Arbitrary<Piece> {
  const keys = [...DATA_SORTS].filter(([, given]) => fits(given, sort)).map(([key]) => key);
  if (keys.length === 0) return dotOr(sort);
  return fc.tuple(fc.constantFrom(...keys), dotOr(sort), fc.nat(59)).map(
    ([key, dot, slip]): Piece =>
      (scope) =>
        dataField(scope, slip === 0 ? 'gone' : key) ?? dot(scope),
  );
}

function dotOr(sort: Sort): fc.Arbitrary<Piece> {
  return LITERALS[sort].map(
    (instead): Piece =>
      (scope) =>
        fits(scope.dot === 'root' ? 'parts' : scope.dot, sort) ? '.' : instead,
  );
}

/** An expression that may stand alone, between the delimiters or in parentheses. */
export function pipeline(sort: Sort, depth: number): fc.Arbitrary<Piece> {
  return once(`pipeline ${sort} ${depth}`, () => {
    if (depth === 0) return operand(sort, 0);
    const calls = SIGNATURES.filter(({ result }) => fits(result, sort)).map((signature) => call(signature, depth));
    const some: fc.WeightedArbitrary<Piece>[] = [{ weight: 2, arbitrary: operand(sort, 0) }];
    if (calls.length > 0) some.push({ weight: 12, arbitrary: fc.oneof({ withCrossShrink: true }, ...calls) });
    if (fits('str', sort)) some.push({ weight: 1, arbitrary: printf(depth) });
    if (sort === 'any') some.push({ weight: 1, arbitrary: chain(depth) }, { weight: 1, arbitrary: method(depth) });
    if (sort === 'any' || sort === 'bool') some.push({ weight: 1, arbitrary: determined(depth) });
    return fc.oneof({ withCrossShrink: true }, ...some);
  });
}

/** @throws Error when no function has that name */
export function callOf(name: string, depth: number): fc.Arbitrary<Piece> {
  const signatures = SIGNATURES.filter((signature) => signature.name === name);
  if (signatures.length === 0) throw new Error(`no function is called ${name}`);
  return fc.oneof(...signatures.map((signature) => call(signature, depth)));
}

const SPACES: Readonly<Record<number, string>> = { 1: '  ', 2: '\n', 3: '\t' };

interface Call {
  readonly args: readonly Piece[];
  readonly style: number;
  readonly slip: number;
}

function call(signature: Signature, depth: number): fc.Arbitrary<Piece> {
  const key = `call ${signature.name} ${signature.params.join()} ${signature.rest} ${depth}`;
  return once(key, () => {
    const params = signature.params.map((sort) => argument(sort, depth - 1, signature.isStrict));
    const rest = signature.rest === undefined ? fc.constant([]) : restOf(signature.rest, depth - 1);
    return fc
      .record({ params: fc.tuple(...params), rest, style: fc.nat(19), slip: fc.nat(79) })
      .map(({ params: first, rest: further, style, slip }): Piece => {
        const written: Call = { args: [...first, ...further], style, slip };
        return (scope) => writeCall(signature, written, (piece) => piece(scope));
      });
  });
}

function restOf(sort: Sort, depth: number): fc.Arbitrary<Piece[]> {
  return fc.array(argument(sort, depth, false), { maxLength: 3 });
}

function argument(sort: Sort, depth: number, isStrict: boolean): fc.Arbitrary<Piece> {
  const right = operand(sort, depth);
  if (isStrict) return right;
  return once(`argument ${sort} ${depth}`, () => {
    const others = fc.constantFrom(...SORTS).chain((other) => operand(other, 0));
    return fc.oneof({ withCrossShrink: true }, { weight: 30, arbitrary: right }, { weight: 1, arbitrary: others });
  });
}

/** Plainly, or with the last argument before a pipe; now and then with an argument too few or too many. */
function writeCall(
  { name, isStrict }: Signature,
  { args, style, slip }: Call,
  write: (piece: Piece) => string,
): string {
  const texts = args.map(write);
  if (slip === 0 && !isStrict) texts.pop();
  if (slip === 1 && !isStrict) texts.push('1');
  const last = texts.at(-1);
  if (style % 4 === 0 && last !== undefined) return `${last} | ${[name, ...texts.slice(0, -1)].join(' ')}`;
  return [name, ...texts].join(SPACES[style] ?? ' ');
}

function printf(depth: number): fc.Arbitrary<Piece> {
  const args = fc.array(operand('any', depth - 1), { maxLength: 4 });
  return fc.tuple(FORMATTED, args, fc.boolean()).map(
    ([{ format, args: fitting }, others, isFitting]): Piece =>
      (scope) =>
        ['printf', format, ...(isFitting ? fitting : others.map((piece) => piece(scope)))].join(' '),
  );
}

/** Fields of maps, of maps in maps, and of what is no map. */
function chain(depth: number): fc.Arbitrary<Piece> {
  const base = fc.oneof(
    { weight: 6, arbitrary: operand('dict', depth - 1) },
    operand('parts', 0),
    operand('any', depth - 1),
  );
  const names = fc.array(fc.constantFrom('a', 'a', 'a', 'b', 'c', 'key', '_0', 'é'), { minLength: 1, maxLength: 2 });
  return fc.tuple(base, names).map(
    ([piece, path]): Piece =>
      (scope) => {
        const text = piece(scope);
        const start = /^[($]/.test(text) || (text.startsWith('.') && text !== '.') ? text : `(${text})`;
        return `${start}.${path.join('.')}`;
      },
  );
}

// biome-ignore format: a table
const TIME_METHODS = [
  'Year', 'Month', 'Day', 'Weekday', 'YearDay', 'Hour', 'Unix', 'UnixNano', 'IsZero', 'Format "Jan 2 15:04"', 'AddDate 0 1 -1', 'Nanosecond',
  'Month.String', 'UTC', 'Nope', 'AddDate 1', 'Format 1', 'Year.x',
];
const VERSION_METHODS = [
  'Major',
  'Minor',
  'Patch',
  'Prerelease',
  'Metadata',
  'Original',
  'String',
  'IncPatch',
  'IncMinor.Minor',
  'Nope',
  'Major 1',
];

const TIMES_METHODS = ['Sub', 'After', 'Before', 'Equal', 'Compare'];
// biome-ignore format: a table
const DURATION_METHODS = ['', '', '.Hours', '.Minutes', '.Seconds', '.Milliseconds', '.Nanoseconds', '.String', '.Abs', '.Microseconds', '.Nope'];
const VERSIONS_METHODS = ['Compare', 'LessThan', 'GreaterThan', 'Equal', 'LessThanEqual', 'GreaterThanEqual'];

/** Methods of the values that have any: times, what lies between two of them, and versions. */
function method(depth: number): fc.Arbitrary<Piece> {
  const time = operand('time', depth - 1);
  const version = operand('version', depth - 1).map(
    (text): Piece =>
      (scope) =>
        `(semver ${text(scope)})`,
  );
  const difference = fc.tuple(time, time, fc.constantFrom('Sub', 'Sub', ...TIMES_METHODS)).map(
    ([one, other, name]): Piece =>
      (scope) =>
        `(${ofText(one(scope), name)} ${other(scope)})`,
  );
  return fc.oneof(
    fc.tuple(time, fc.constantFrom(...TIME_METHODS)).map(
      ([piece, name]): Piece =>
        (scope) =>
          ofText(piece(scope), name),
    ),
    fc.tuple(version, fc.constantFrom(...VERSION_METHODS)).map(
      ([piece, name]): Piece =>
        (scope) =>
          ofText(piece(scope), name),
    ),
    fc.tuple(difference, fc.constantFrom(...DURATION_METHODS)).map(
      ([piece, name]): Piece =>
        (scope) =>
          piece(scope) + name,
    ),
    fc.tuple(time, difference, fc.constantFrom('Add', 'Round', 'Truncate')).map(
      ([one, by, name]): Piece =>
        (scope) =>
          `${ofText(one(scope), name)} ${by(scope)}`,
    ),
    fc.tuple(version, version, fc.constantFrom(...VERSIONS_METHODS)).map(
      ([one, other, name]): Piece =>
        (scope) =>
          `${ofText(one(scope), name)} ${other(scope)}`,
    ),
    LAYOUT_AND_DATE.map(
      (pair): Piece =>
        () =>
          `mustToDate ${pair}`,
    ),
  );
}

/** A method of what a text stands for; a constant needs parentheses. */
function ofText(text: string, name: string): string {
  return `${/^[($]/.test(text) ? text : `(${text})`}.${name}`;
}

/** What is left to chance, used so that the result is not. */
function determined(depth: number): fc.Arbitrary<Piece> {
  const forms = fc.constantFrom(
    ...['randAlphaNum', 'randAlpha', 'randAscii', 'randNumeric'].map((name) => `len (${name} 5)`),
    'len uuidv4',
    'len (b64dec (randBytes 7))',
    'randInt 3 4',
    'kindOf now',
    'len (date "2006-01-02" now)',
    'typeOf (ago now)',
  );
  const unordered = fc.constantFrom(
    (dict: string) => `keys ${dict} | sortAlpha`,
    (dict: string) => `values ${dict} | len`,
    (dict: string) => `values (pick ${dict} "a")`,
    () => `shuffle "abc" | len`,
  );
  return fc.oneof(
    forms.map(
      (text): Piece =>
        () =>
          text,
    ),
    fc.tuple(unordered, operand('dict', depth - 1)).map(
      ([form, dict]): Piece =>
        (scope) =>
          form(dict(scope)),
    ),
  );
}
