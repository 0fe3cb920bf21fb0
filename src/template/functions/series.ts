/** Functions that count out a series of numbers. */

import { type Execution, type FunctionTable, type GoSlice, type GoString, goString, int } from '../value.ts';
import { define, variadic } from './declare.ts';

/** What one number takes in memory, roughly. */
const BYTES_A_NUMBER = 16;

function count(start: bigint, stop: bigint, step: bigint): bigint {
  const distance = stop - start;
  if (distance === 0n || step === 0n || distance > 0n !== step > 0n) return 0n;
  const [far, near] = distance > 0n ? [distance, step] : [-distance, -step];
  return (far + near - 1n) / near;
}

/** From start on, by steps, up to but not with stop; nothing for a step that leads away. */
function series(start: bigint, stop: bigint, step: bigint, execution: Execution): bigint[] {
  const length = Number(count(start, stop, step));
  execution.spend(length);
  execution.allocate(length * BYTES_A_NUMBER);
  return Array.from({ length }, (_, i) => start + BigInt(i) * step);
}

function ints(values: readonly bigint[]): GoSlice {
  return { kind: 'slice', type: '[]int', items: values.map(int) };
}

/** As the command `seq`: up to and with the end, counting down where that is smaller. */
function sequence(params: readonly bigint[], execution: Execution): GoString {
  const [first = 0n, second = 0n, third = 0n] = params;
  let values: bigint[] = [];
  if (params.length === 1) values = through(1n, first, undefined, execution);
  else if (params.length === 2) values = through(first, second, undefined, execution);
  else if (params.length === 3) values = through(first, third, second, execution);
  return goString(values.join(' '));
}

function through(start: bigint, end: bigint, step: bigint | undefined, execution: Execution): bigint[] {
  const direction = end < start ? -1n : 1n;
  if (step !== undefined && end < start && step > 0n) return [];
  return series(start, end + direction, step ?? direction, execution);
}

export const SERIES: FunctionTable = new Map([
  ['seq', variadic([], 'int', 'string', (_, params, execution) => sequence(params, execution))],
  ['until', define(['int'], '[]int', ([stop], execution) => ints(series(0n, stop, stop < 0n ? -1n : 1n, execution)))],
  [
    'untilStep',
    define(['int', 'int', 'int'], '[]int', ([start, stop, step], execution) =>
      ints(series(start, stop, step, execution)),
    ),
  ],
]);
