/** Functions that make lists out of lists. The `must` ones are the same: Go's engine reports panics as errors too. */

import {
  type Execution,
  type FunctionTable,
  type GoFunction,
  type GoSlice,
  type GoValue,
  list,
  TemplateFault,
} from '../value.ts';
import { toInt64 } from './cast.ts';
import { define, toNumber, variadic } from './declare.ts';
import { listOf } from './list-items.ts';
import { nilSlice } from './nil.ts';

/** What one item takes in memory, roughly. */
const BYTES_AN_ITEM = 16;

const ITEM_TYPE = '[]interface {}';

/** Pays for a copy. */
function copied(slice: GoSlice, execution: Execution): readonly GoValue[] {
  execution.allocate(slice.items.length * BYTES_AN_ITEM);
  return slice.items;
}

function onList(result: string, name: string, call: (slice: GoSlice, execution: Execution) => GoValue): GoFunction {
  return define(['interface {}'], result, ([value], execution) =>
    call(listOf(value, `Cannot find ${name} on type`), execution),
  );
}

/** @throws TemplateFault for sizes that make no sense, as Go panics: not for all that are negative */
function chunk(size: number, { items }: GoSlice): GoSlice {
  const outOfRange = () => new TemplateFault('runtime error: makeslice: len out of range');
  const count = Math.floor((items.length - 1) / size) + 1;
  if (!(count >= 0 && Number.isFinite(count))) throw outOfRange();
  const chunks = Array.from({ length: count }, (_, i) => {
    const rest = i === count - 1 ? items.length % size : 0;
    const length = rest === 0 ? size : rest;
    if (length < 0) throw outOfRange();
    return list(items.slice(i * size, i * size + length));
  });
  return { kind: 'slice', type: `[]${ITEM_TYPE}`, items: chunks };
}

/** @throws TemplateFault as Go's reflection panics */
function slice(source: GoSlice, bounds: readonly GoValue[]): GoValue {
  const length = source.items.length;
  if (length === 0) return null;
  const [first, second] = bounds;
  const start = first === undefined ? 0n : toInt64(first);
  const end = second === undefined ? BigInt(length) : toInt64(second);
  if (start < 0n || end < start || end > BigInt(length)) {
    throw new TemplateFault('reflect.Value.Slice: slice index out of bounds');
  }
  return { kind: 'slice', type: source.type, items: source.items.slice(Number(start), Number(end)) };
}

function concat(values: readonly GoValue[], execution: Execution): GoSlice {
  const items = values.flatMap((value) => copied(listOf(value, 'Cannot concat type', ' as list'), execution));
  return items.length === 0 ? nilSlice(ITEM_TYPE) : list(items);
}

const append = define(['interface {}', 'interface {}'], ITEM_TYPE, ([value, item], execution) =>
  list([...copied(listOf(value, 'Cannot push on type'), execution), item]),
);

const prepend = define(['interface {}', 'interface {}'], ITEM_TYPE, ([value, item], execution) =>
  list([item, ...copied(listOf(value, 'Cannot prepend on type'), execution)]),
);

const first = onList('interface {}', 'first', ({ items }) => items[0] ?? null);
const last = onList('interface {}', 'last', ({ items }) => items.at(-1) ?? null);
const rest = onList(ITEM_TYPE, 'rest', (source, execution) =>
  source.items.length === 0 ? nilSlice(ITEM_TYPE) : list(copied(source, execution).slice(1)),
);
const initial = onList(ITEM_TYPE, 'initial', (source, execution) =>
  source.items.length === 0 ? nilSlice(ITEM_TYPE) : list(copied(source, execution).slice(0, -1)),
);
const reverse = onList(ITEM_TYPE, 'reverse', (source, execution) => list(copied(source, execution).toReversed()));

const chunked = define(['int', 'interface {}'], `[]${ITEM_TYPE}`, ([size, value], execution) => {
  const source = listOf(value, 'Cannot chunk type');
  copied(source, execution);
  return chunk(toNumber(size), source);
});

const sliced = variadic(['interface {}'], 'interface {}', 'interface {}', ([value], bounds) =>
  slice(listOf(value, 'list should be type of slice or array but'), bounds),
);

const made = variadic([], 'interface {}', ITEM_TYPE, (_, items) => list(items));

export const LISTS: FunctionTable = new Map([
  ['append', append],
  ['chunk', chunked],
  ['concat', variadic([], 'interface {}', 'interface {}', (_, values, execution) => concat(values, execution))],
  ['first', first],
  ['initial', initial],
  ['last', last],
  ['list', made],
  ['mustAppend', append],
  ['mustChunk', chunked],
  ['mustFirst', first],
  ['mustInitial', initial],
  ['mustLast', last],
  ['mustPrepend', prepend],
  ['mustPush', append],
  ['mustRest', rest],
  ['mustReverse', reverse],
  ['mustSlice', sliced],
  ['prepend', prepend],
  ['push', append],
  ['rest', rest],
  ['reverse', reverse],
  ['slice', sliced],
  ['tuple', made],
]);
