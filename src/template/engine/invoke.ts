/** Calls a function of the table or a builtin, and tells its faults from what it gives. */

import { type Execution, type GoFunction, goString, TemplateFault } from '../value.ts';
import type { Builtin } from './builtins.ts';
import { isExhaustion } from './exhaustion.ts';
import { LocatedFault } from './located-fault.ts';
import { type Reflected, reflectedAs, toGoValue } from './reflected.ts';

export type CallResult =
  | { readonly value: Reflected }
  /** Bytes. */
  | { readonly fault: string };

function isGoFunction(callee: GoFunction | Builtin): callee is GoFunction {
  return 'result' in callee;
}

/**
 * What an unforeseen error says may hold a value: only its class is told. That the machine gave out is not the
 * function's own fault: whoever runs the template knows what to say of it.
 */
function faultText(error: unknown): string {
  if (error instanceof TemplateFault) return goString(error.message);
  if (error instanceof LocatedFault || isExhaustion(error)) throw error;
  return `internal error (${error instanceof Error ? error.name : typeof error})`;
}

export function invoke(callee: GoFunction | Builtin, args: readonly Reflected[], execution: Execution): CallResult {
  try {
    if (!isGoFunction(callee)) return { value: callee.call(args, execution) };
    return { value: reflectedAs(callee.result, callee.call(args.map(toGoValue), execution)) };
  } catch (error) {
    return { fault: faultText(error) };
  }
}
