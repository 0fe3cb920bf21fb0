/** One run of a template: what it has cost, what it has written, and where it is. */

import { type Execution, type FunctionTable, TemplateFault } from '../value.ts';
import type { Builtin } from './builtins.ts';
import { type Limits, MAX_NESTED_BLOCKS } from './limits.ts';
import { LocatedFault } from './located-fault.ts';
import type { Node } from './node.ts';
import { nodeText } from './node-text.ts';
import type { Definitions } from './parse.ts';
import { quote } from './quote.ts';
import type { Reflected } from './reflected.ts';

export interface Program {
  /** Bytes, as all that errors show. */
  readonly name: string;
  readonly source: string;
  readonly definitions: Definitions;
  readonly functions: FunctionTable;
  readonly builtins: ReadonlyMap<string, Builtin>;
  readonly missingKey: 'error' | 'default';
  readonly limits: Limits;
}

export interface Variable {
  /** With its dollar. */
  readonly name: string;
  value: Reflected;
}

/** One template that is being executed; templates share no variables. */
export interface Frame {
  readonly run: Run;
  readonly template: string;
  readonly variables: Variable[];
  /** Templates that called this one. */
  readonly depth: number;
  /** What errors point at. */
  node: Node;
}

export interface Run {
  readonly program: Program;
  readonly execution: Execution;
  /** The innermost frame. */
  frame: Frame | undefined;
  /** Blocks, parentheses and templates that are open: the stack that they take. */
  nesting: number;
  write(text: string): void;
  output(): string;
}

function locate({ name, source }: Program, pos: number): string {
  const before = source.slice(0, pos);
  const lines = before.split('\n');
  return `${name}:${lines.length}:${lines.at(-1)?.length ?? 0}`;
}

/**
 * @param text bytes
 * @throws LocatedFault always
 */
export function fail(frame: Frame, text: string): never {
  const { program } = frame.run;
  const location = locate(program, frame.node.pos);
  const context = `executing ${quote(frame.template)} at <${nodeText(frame.node)}>`;
  throw new LocatedFault(`template: ${location}: ${context}: ${text}`);
}

/** Tells the faults of the engine's own rules at the node that is being evaluated. */
export function explained<T>(frame: Frame, rule: () => T): T {
  try {
    return rule();
  } catch (error) {
    if (error instanceof TemplateFault) return fail(frame, error.message);
    throw error;
  }
}

/** Runs what goes one level deeper. @throws LocatedFault when that is too deep */
export function nested<T>(frame: Frame, body: () => T): T {
  const { run } = frame;
  if (run.nesting >= MAX_NESTED_BLOCKS) fail(frame, `exceeded the limit of ${MAX_NESTED_BLOCKS} nested blocks`);
  run.nesting++;
  const result = body();
  run.nesting--;
  return result;
}

/** Making a value costs a step for so many bytes, so that the steps bound all the memory that is asked for. */
const BYTES_A_STEP = 64;

export function createRun(program: Program, nowMs: () => number): Run {
  const { limits } = program;
  const parts: string[] = [];
  let steps = 0;
  let bytes = 0;

  const exceeded = (limit: string): never => {
    if (run.frame === undefined) throw new LocatedFault(`template: ${program.name}: exceeded the limit of ${limit}`);
    return fail(run.frame, `exceeded the limit of ${limit}`);
  };
  const spend = (count: number): void => {
    steps += count;
    if (steps > limits.steps) exceeded(`${limits.steps} steps`);
  };
  const run: Run = {
    program,
    frame: undefined,
    nesting: 0,
    execution: {
      spend,
      allocate(count) {
        if (count > limits.bytes) exceeded(`${limits.bytes} bytes`);
        spend(Math.floor(count / BYTES_A_STEP));
      },
      nowMs,
    },
    write(text) {
      bytes += text.length;
      if (bytes > limits.bytes) exceeded(`${limits.bytes} bytes`);
      parts.push(text);
    },
    output: () => parts.join(''),
  };
  return run;
}
