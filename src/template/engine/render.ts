/** Runs a parsed template on data. */

import { bytesToGo, type GoMap, type GoString, goString } from '../value.ts';
import { LocatedFault } from './located-fault.ts';
import { createRun, type Frame, type Program } from './run.ts';
import { walkList } from './walk.ts';

/** As upstream gives it: the data itself is the root. */
function rootOf(data: ReadonlyMap<string, Uint8Array>): GoMap {
  const entries = Array.from(data, ([key, value]): [GoString, GoString] => [goString(key), bytesToGo(value)]);
  return { kind: 'map', type: 'map[string]string', entries: new Map(entries) };
}

/**
 * @returns bytes
 * @throws LocatedFault
 */
export function render(program: Program, data: ReadonlyMap<string, Uint8Array>, nowMs: () => number): string {
  const root = program.definitions.get(program.name);
  if (root === undefined) throw new LocatedFault(`template: ${program.name}: incomplete or empty template`);
  const run = createRun(program, nowMs);
  const dot = rootOf(data);
  const frame: Frame = { run, template: program.name, variables: [{ name: '$', value: dot }], depth: 0, node: root };
  run.frame = frame;
  walkList(frame, dot, root);
  return run.output();
}
