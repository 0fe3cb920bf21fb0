/** Functions that look for items in a list, and keep or drop them. */

import { type Execution, type FunctionTable, type GoValue, list } from '../value.ts';
import { define, variadic } from './declare.ts';
import { deepEqual } from './deep-equal.ts';
import { isEmpty } from './emptiness.ts';
import { listOf } from './list-items.ts';

const ITEM_TYPE = '[]interface {}';

/** Quadratic as in Go, and paid for at each comparison. */
function includes(items: readonly GoValue[], wanted: GoValue, execution: Execution): boolean {
  return items.some((item) => deepEqual(wanted, item, execution));
}

const compact = define(['interface {}'], ITEM_TYPE, ([value]) =>
  list(listOf(value, 'Cannot compact on type').items.filter((item) => !isEmpty(item))),
);

const has = define(['interface {}', 'interface {}'], 'bool', ([wanted, value], execution) =>
  value === null ? false : includes(listOf(value, 'Cannot find has on type').items, wanted, execution),
);

const uniq = define(['interface {}'], ITEM_TYPE, ([value], execution) => {
  const kept: GoValue[] = [];
  for (const item of listOf(value, 'Cannot find uniq on type').items) {
    if (!includes(kept, item, execution)) kept.push(item);
  }
  return list(kept);
});

const without = variadic(['interface {}'], 'interface {}', ITEM_TYPE, ([value], omitted, execution) =>
  list(listOf(value, 'Cannot find without on type').items.filter((item) => !includes(omitted, item, execution))),
);

export const LIST_MEMBERSHIP: FunctionTable = new Map([
  ['compact', compact],
  ['has', has],
  ['mustCompact', compact],
  ['mustHas', has],
  ['mustUniq', uniq],
  ['mustWithout', without],
  ['uniq', uniq],
  ['without', without],
]);
