/** What functions cost against the limits: work is paid for before it is done. */

import { type Execution, type GoString, type GoValue, TemplateFault } from '../value.ts';

/** Bytes that one step pays for. */
const BYTES_A_STEP = 64;

/** Items of a list or a map that one step pays for. */
const ITEMS_A_STEP = 16;

/** Go's JSON decoder stops at 10000, its encoder looks for cycles from 1000 on; our stack does not carry more. */
export const MAX_DEPTH = 1000;

/** What it costs to read a value once, without what its items hold. */
export function readingSteps(value: GoValue): number {
  if (typeof value === 'string') return Math.floor(value.length / BYTES_A_STEP);
  if (value === null || typeof value !== 'object') return 0;
  if (value.kind === 'slice') return Math.floor(value.items.length / ITEMS_A_STEP);
  if (value.kind === 'map') return Math.floor(value.entries.size / ITEMS_A_STEP);
  return 0;
}

/** @throws TemplateFault for what is nested deeper than any honest value, such as a map that holds itself */
export function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new TemplateFault('value is nested too deeply');
}

/** Bytes that the strings of a list take when they are joined. */
export function joinedLength(parts: readonly GoString[], separatorLength: number): number {
  let total = Math.max(0, parts.length - 1) * separatorLength;
  for (const part of parts) total += part.length;
  return total;
}

/** What is made without asking the limits. */
const UNCHECKED_BYTES = 4096;

/**
 * For what grows piece by piece: asks the limits each time that it has doubled, so that asking costs no more than what
 * is made.
 */
export function growthCheck(execution: Execution): (bytes: number) => void {
  let allowed = UNCHECKED_BYTES;
  return (bytes) => {
    if (bytes <= allowed) return;
    execution.allocate(bytes);
    allowed = bytes * 2;
  };
}
