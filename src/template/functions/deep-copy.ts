/** Copies of values that share nothing with what they were made from. */

import type { Execution, FunctionTable, GoValue } from '../value.ts';
import { TemplateFault } from '../value.ts';
import { checkDepth, readingSteps } from './cost.ts';
import { define } from './declare.ts';
import { isVersion, zeroVersion } from './semver.ts';

const BYTES_A_NODE = 32;

function copy(value: GoValue, execution: Execution, depth: number): GoValue {
  checkDepth(depth);
  execution.spend(1 + readingSteps(value));
  if (value === null || typeof value !== 'object') return value;
  if (value.kind === 'slice') {
    execution.allocate(value.items.length * BYTES_A_NODE);
    return { ...value, items: value.items.map((item) => copy(item, execution, depth + 1)) };
  }
  if (value.kind === 'struct' || value.kind === 'ptr') return isVersion(value) ? zeroVersion(value.kind) : value;
  if (value.kind !== 'map') return value;
  execution.allocate(value.entries.size * BYTES_A_NODE);
  const entries = new Map([...value.entries].map(([key, item]) => [key, copy(item, execution, depth + 1)] as const));
  return { ...value, entries };
}

const deepCopy = define(['interface {}'], 'interface {}', ([value], execution) => {
  if (value === null) throw new TemplateFault('reflect: call of reflect.Value.Type on zero Value');
  return copy(value, execution, 0);
});

export const DEEP_COPY: FunctionTable = new Map([
  ['deepCopy', deepCopy],
  ['mustDeepCopy', deepCopy],
]);
