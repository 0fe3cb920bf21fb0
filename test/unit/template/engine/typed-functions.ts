/** Functions that give and take values of each of Go's types; the Go program that made the golden files has the same. */

import { formatValue } from '../../../../src/template/engine/format.ts';
import { typeName } from '../../../../src/template/engine/type-name.ts';
import {
  dict,
  type FunctionTable,
  float64,
  type GoFunction,
  type GoInt,
  type GoMap,
  type GoObject,
  type GoSlice,
  type GoString,
  type GoType,
  type GoValue,
  goString,
  goToBytes,
  int,
  isString,
  list,
  stringList,
  TemplateFault,
} from '../../../../src/template/value.ts';

const ANY = 'interface {}';

function fn(
  params: readonly GoType[],
  result: GoType,
  call: (...args: GoValue[]) => GoValue,
  variadic?: GoType,
): GoFunction {
  const base = { params, result, call: (args: readonly GoValue[]) => call(...args) };
  return variadic === undefined ? base : { ...base, variadic };
}

function integerOf(value: GoValue | undefined): bigint {
  return value !== null && typeof value === 'object' && 'value' in value ? BigInt(value.value) : 0n;
}

function floatOf(value: GoValue | undefined): number {
  return value !== null && typeof value === 'object' && value.kind === 'float64' ? value.value : 0;
}

function textOf(value: GoValue | undefined): GoString {
  return value !== undefined && isString(value) ? value : goString('');
}

/** Converts an `int`, as `int8(i)` does. */
function converter(kind: GoInt['kind'], bits: number): GoFunction {
  const wrap = kind.startsWith('u') ? BigInt.asUintN : BigInt.asIntN;
  return fn(['int'], kind, (value) => ({ kind, type: kind, value: wrap(bits, integerOf(value ?? null)) }));
}

/** Tells the type and the value that came. */
function teller(...params: readonly GoType[]): GoFunction {
  return fn(params, 'string', (value = null) => `${typeName(value)}:${formatValue(value)}` as GoString);
}

function duration(seconds: bigint): GoInt {
  return {
    kind: 'int64',
    type: 'time.Duration',
    value: seconds * 1_000_000_000n,
    text: () => goString(`${seconds}s`),
    methods: new Map([['Seconds', fn([], 'float64', () => float64(Number(seconds)))]]),
  };
}

function person(kind: 'struct' | 'ptr', name: string, age: number, inner: GoValue): GoObject {
  const greet = fn(['string'], 'string', (greeting) => `${textOf(greeting)} ${name}` as GoString);
  const ptr = fn([], 'string', () => goString('ptr'));
  return {
    kind,
    type: kind === 'ptr' ? '*main.Person' : 'main.Person',
    fields: new Map<string, GoValue>([
      ['Name', goString(name)],
      ['Age', int(age)],
      ['Inner', inner],
    ]),
    methods: new Map(kind === 'ptr' ? [['Greet', greet] as const, ['Ptr', ptr] as const] : [['Greet', greet]]),
    text: undefined,
  };
}

function pairs(...values: GoValue[]): GoMap {
  const entries: [GoString, GoValue][] = [];
  for (let at = 0; at + 1 < values.length; at += 2) {
    entries.push([formatValue(values[at] ?? null), values[at + 1] ?? null]);
  }
  return dict(entries);
}

function bytesOf(value: GoValue): GoSlice {
  const items = Array.from(
    goToBytes(textOf(value)),
    (byte): GoInt => ({ kind: 'uint8', type: 'uint8', value: BigInt(byte) }),
  );
  return { kind: 'slice', type: '[]uint8', items };
}

const intMap: GoMap = {
  kind: 'map',
  type: 'map[string]int',
  entries: new Map([
    [goString('b'), int(2)],
    [goString('a'), int(1)],
  ]),
};

export const TYPED_FUNCTIONS: FunctionTable = new Map<string, GoFunction>([
  ['list', fn([], '[]interface {}', (...values) => list(values), ANY)],
  ['dict', fn([], 'map[string]interface {}', pairs, ANY)],
  ['strs', fn([], '[]string', (...values) => stringList(values.map(textOf)), 'string')],
  ['i8', converter('int8', 8)],
  ['i64', converter('int64', 64)],
  ['u8', converter('uint8', 8)],
  ['u64', converter('uint64', 64)],
  [
    'f32',
    fn(['float64'], 'float32', (value) => ({ kind: 'float32', type: 'float32', value: Math.fround(floatOf(value)) })),
  ],
  ['f64', fn(['float64'], 'float64', (value = null) => value)],
  ['nilany', fn([], ANY, () => null)],
  ['nillist', fn([], '[]interface {}', () => null)],
  ['nilmap', fn([], 'map[string]interface {}', () => null)],
  ['bytes', fn(['string'], '[]uint8', (value = null) => bytesOf(value))],
  ['ints', fn([], 'map[string]int', () => intMap)],
  [
    'lists',
    fn([], '[][]interface {}', () => ({
      kind: 'slice',
      type: '[][]interface {}',
      items: [list([int(1), goString('x')]), list([null])],
    })),
  ],
  ['tInt64', teller('int64')],
  ['tInt', teller('int')],
  ['tI8', teller('int8')],
  ['tUint', teller('uint')],
  ['tU8', teller('uint8')],
  ['tFloat', teller('float64')],
  ['tF32', teller('float32')],
  ['tStr', teller('string')],
  ['tBool', teller('bool')],
  ['tList', teller('[]interface {}')],
  ['tStrs', teller('[]string')],
  ['tMap', teller('map[string]interface {}')],
  ['tAny', teller(ANY)],
  ['tTwo', fn(['string', 'int'], 'string', (text, number) => `${textOf(text)}${integerOf(number)}` as GoString)],
  [
    'tVar',
    fn(
      ['string'],
      'string',
      (text, ...numbers) => `${textOf(text)}[${numbers.map(integerOf).join(' ')}]` as GoString,
      'int',
    ),
  ],
  ['tDur', fn(['time.Duration'], 'string', (value) => `time.Duration:${integerOf(value)}` as GoString)],
  ['echo', fn([ANY], ANY, (value = null) => value)],
  ['person', fn([], 'main.Person', () => person('struct', 'Ann', 30, goString('in')))],
  ['personp', fn([], '*main.Person', () => person('ptr', 'Bob', 40, null))],
  ['dur', fn(['int'], 'time.Duration', (value) => duration(integerOf(value)))],
  [
    'failing',
    fn(['string'], 'string', () => {
      throw new TemplateFault('boom');
    }),
  ],
  [
    'breaking',
    fn(['string'], 'string', (value) => {
      throw new TypeError(`cannot read ${textOf(value)}`);
    }),
  ],
]);
