/** Calls a function of the table as the engine does, and counts what it spends. */

import { CRYPTO_FUNCTIONS } from '../../../../src/template/crypto/table.ts';
import {
  bytesToGo,
  type Execution,
  type GoFunction,
  type GoObject,
  type GoString,
  type GoValue,
  goString,
  int,
  isString,
  list,
  TemplateFault,
} from '../../../../src/template/value.ts';

type Argument = string | Uint8Array | number | readonly string[] | GoValue;

/** 2026-01-02T03:04:05Z */
export const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Stands for the engine's limits: refuses what goes beyond them. */
export class SpentError extends Error {}

export interface CountingExecution extends Execution {
  readonly spent: () => number;
}

export function executionWith(
  limits: { steps: number; bytes: number } = { steps: 1e6, bytes: 4e6 },
): CountingExecution {
  let spent = 0;
  return {
    spend: (steps) => {
      spent += steps;
      if (!(spent <= limits.steps)) throw new SpentError('steps');
    },
    allocate: (bytes) => {
      if (!(bytes <= limits.bytes)) throw new SpentError('bytes');
    },
    nowMs: () => NOW_MS,
    spent: () => spent,
  };
}

export function functionNamed(name: string): GoFunction {
  const found = CRYPTO_FUNCTIONS.get(name);
  if (found === undefined) throw new Error(`there is no function ${name}`);
  return found;
}

/** Text goes in as UTF-8, a number as `int`, an array of strings as a list. */
export function callWith(execution: Execution, name: string, ...args: readonly Argument[]): GoValue {
  return functionNamed(name).call(args.map(toGo), execution);
}

export function call(name: string, ...args: readonly Argument[]): GoValue {
  return callWith(executionWith(), name, ...args);
}

/** The bytes of a result that is a string. */
export function callForBytes(name: string, ...args: readonly Argument[]): Buffer {
  const result = call(name, ...args);
  if (!isString(result)) throw new Error(`${name} gave no string`);
  return Buffer.from(result, 'latin1');
}

export function callForText(name: string, ...args: readonly Argument[]): string {
  return callForBytes(name, ...args).toString('utf8');
}

export function callForStruct(name: string, ...args: readonly Argument[]): GoObject {
  const result = call(name, ...args);
  if (result === null || typeof result !== 'object' || result.kind !== 'struct')
    throw new Error(`${name} gave no struct`);
  return result;
}

export function fieldText(struct: GoObject, name: string): string {
  const value = struct.fields.get(name) ?? null;
  if (!isString(value)) throw new Error(`there is no field ${name}`);
  return Buffer.from(value, 'latin1').toString('utf8');
}

/** The message of the fault that the call must end in. */
export function faultOf(name: string, ...args: readonly Argument[]): string {
  try {
    call(name, ...args);
  } catch (error) {
    if (error instanceof TemplateFault) return error.message;
    throw error;
  }
  throw new Error(`${name} did not fail`);
}

function toGo(argument: Argument): GoValue {
  if (typeof argument === 'string') return goString(argument);
  if (typeof argument === 'number') return int(argument);
  if (argument instanceof Uint8Array) return bytesToGo(argument);
  if (Array.isArray(argument)) return list(argument.map((item: string): GoString => goString(item)));
  return argument as GoValue;
}
