/** Evaluates pipelines: commands, field chains, calls and their arguments. */

import type { GoFunction, GoString } from '../value.ts';
import { assign, canBeNil, constantAs, idealConstant, nilOf, REFLECT_VALUE } from './assign.ts';
import type { Builtin } from './builtins.ts';
import { fieldOf, methodOf } from './field.ts';
import { invoke } from './invoke.ts';
import type {
  ChainNode,
  CommandNode,
  FieldNode,
  IdentifierNode,
  Node,
  OperandNode,
  PipeNode,
  VariableNode,
} from './node.ts';
import { nodeText } from './node-text.ts';
import { quote } from './quote.ts';
import { isTrue, type Reflected, reflectedTypeName, unboxed } from './reflected.ts';
import { explained, type Frame, fail, nested, type Variable } from './run.ts';

/** No value comes from the command before. */
const ABSENT = Symbol('absent');

/** What the command before in the pipeline gave. */
type Final = Reflected | typeof ABSENT;

/** What an expression is evaluated in. */
interface Scope {
  readonly frame: Frame;
  readonly dot: Reflected;
}

/** What a field or a function is called with: its operands, the first of which is itself, and what the pipe brings. */
interface Given {
  readonly args: readonly OperandNode[];
  readonly final: Final;
}

const NOTHING: Given = { args: [], final: ABSENT };

/**
 * The value of a pipeline; the variables that it declares stay in scope.
 * @throws LocatedFault
 */
export function evaluatePipeline(frame: Frame, dot: Reflected, pipe: PipeNode): Reflected {
  const scope = { frame, dot };
  frame.node = pipe;
  let value: Final = ABSENT;
  for (const command of pipe.commands) value = unboxed(evaluateCommand(scope, command, value));
  const result = value === ABSENT ? undefined : value;
  for (const { name } of pipe.declared) {
    if (pipe.isAssign) setVariable(frame, name, result);
    else frame.variables.push({ name, value: result });
  }
  return result;
}

/** Variables that are looked through at the price of one step. */
const VARIABLES_A_STEP = 64;

function findVariable({ variables, run }: Frame, name: string): Variable | undefined {
  run.execution.spend(Math.floor(variables.length / VARIABLES_A_STEP));
  return variables.findLast((candidate) => candidate.name === name);
}

/** @throws LocatedFault for a variable that was never declared */
export function setVariable(frame: Frame, name: string, value: Reflected): void {
  const variable = findVariable(frame, name);
  if (variable === undefined) fail(frame, `undefined variable: ${name}`);
  else variable.value = value;
}

function variableValue(frame: Frame, name: string): Reflected {
  const variable = findVariable(frame, name);
  return variable === undefined ? fail(frame, `undefined variable: ${name}`) : variable.value;
}

function hasArguments({ args, final }: Given): boolean {
  return args.length > 1 || final !== ABSENT;
}

function refuseArguments(frame: Frame, given: Given): void {
  const [first] = given.args;
  if (first !== undefined && hasArguments(given)) {
    fail(frame, `can't give argument to non-function ${nodeText(first)}`);
  }
}

function evaluateCommand(scope: Scope, command: CommandNode, final: Final): Reflected {
  const { frame } = scope;
  frame.run.execution.spend(1);
  const given: Given = { args: command.args, final };
  const [first] = command.args;
  switch (first.kind) {
    case 'field':
      return evaluateField(scope, first, given);
    case 'chain':
      return evaluateChain(scope, first, given);
    case 'identifier':
      return evaluateFunction(scope, first, command, given);
    case 'pipe':
      refuseArguments(frame, given);
      return nested(frame, () => evaluatePipeline(frame, scope.dot, first));
    case 'variable':
      return evaluateVariable(scope, first, given);
    default:
      frame.node = first;
      refuseArguments(frame, given);
      return evaluateWord(scope, first);
  }
}

function evaluateWord(scope: Scope, word: OperandNode): Reflected {
  switch (word.kind) {
    case 'dot':
      return scope.dot;
    case 'nil':
      return fail(scope.frame, 'nil is not a command');
    case 'number':
      return explained(scope.frame, () => idealConstant(word));
    default:
      return explained(scope.frame, () => constantAs(word, REFLECT_VALUE));
  }
}

function evaluateField(scope: Scope, node: FieldNode, given: Given): Reflected {
  scope.frame.node = node;
  return followFields(scope, scope.dot, node, node.names, given);
}

function evaluateVariable(scope: Scope, node: VariableNode, given: Given): Reflected {
  scope.frame.node = node;
  const value = variableValue(scope.frame, node.name);
  if (node.fields.length > 0) return followFields(scope, value, node, node.fields, given);
  refuseArguments(scope.frame, given);
  return value;
}

function evaluateChain(scope: Scope, chain: ChainNode, given: Given): Reflected {
  scope.frame.node = chain;
  const value = evaluateArgument(scope, REFLECT_VALUE, chain.node);
  return followFields(scope, value, chain, chain.fields, given);
}

/** `.X.Y.Z`: only the last may be a method with arguments. */
function followFields(
  scope: Scope,
  receiver: Reflected,
  node: Node,
  names: readonly GoString[],
  given: Given,
): Reflected {
  return names.reduce((value, name, at) => {
    return readField(scope, value, node, name, at === names.length - 1 ? given : NOTHING);
  }, receiver);
}

function readField(scope: Scope, receiver: Reflected, node: Node, name: GoString, given: Given): Reflected {
  const method = methodOf(receiver, name);
  if (method !== undefined) return call(scope, { callee: method, node, name }, given);
  const { missingKey } = scope.frame.run.program;
  return explained(scope.frame, () => fieldOf(receiver, name, { missingKey, hasArguments: hasArguments(given) }));
}

/** A function, or a method with its receiver, and the node that errors of the call point at. */
interface Called {
  readonly callee: GoFunction | Builtin;
  readonly node: Node;
  readonly name: string;
}

function evaluateFunction(scope: Scope, identifier: IdentifierNode, node: Node, given: Given): Reflected {
  const { frame } = scope;
  const { name } = identifier;
  frame.node = identifier;
  const { functions, builtins } = frame.run.program;
  const declared = functions.get(name);
  if (declared !== undefined) return call(scope, { callee: declared, node, name }, given);
  const builtin = builtins.get(name);
  if (builtin === undefined) return fail(frame, `${quote(name)} is not a defined function`);
  if (name === 'and' || name === 'or') return evaluateLogic(scope, { callee: builtin, node, name }, given);
  if (name === 'call') return refuseCall(scope, { callee: builtin, node, name }, given);
  return call(scope, { callee: builtin, node, name }, given);
}

function checkCount({ frame }: Scope, { callee, name }: Called, { args, final }: Given): void {
  const operands = Math.max(args.length - 1, 0);
  const count = operands + (final === ABSENT ? 0 : 1);
  const wanted = callee.params.length;
  if (callee.variadic !== undefined) {
    if (count < wanted) fail(frame, `wrong number of args for ${name}: want at least ${wanted} got ${operands}`);
  } else if (count !== wanted) {
    fail(frame, `wrong number of args for ${name}: want ${wanted} got ${count}`);
  }
}

/** The arguments in order, each as its parameter takes it. */
function evaluateArguments(scope: Scope, { callee }: Called, { args, final }: Given): Reflected[] {
  const typeAt = (at: number) => callee.params[at] ?? callee.variadic ?? REFLECT_VALUE;
  const values = args.slice(1).map((arg, at) => evaluateArgument(scope, typeAt(at), arg));
  if (final !== ABSENT) values.push(explained(scope.frame, () => assign(final, typeAt(values.length))));
  return values;
}

function call(scope: Scope, called: Called, given: Given): Reflected {
  checkCount(scope, called, given);
  const { frame } = scope;
  const values = evaluateArguments(scope, called, given);
  const { node } = frame;
  frame.node = called.node;
  const result = invoke(called.callee, values, frame.run.execution);
  if ('fault' in result) return fail(frame, `error calling ${called.name}: ${result.fault}`);
  // Errors that follow point at the last operand, as Go's do.
  frame.node = node;
  return result.value;
}

/** `and` and `or` evaluate no further than the argument that decides. */
function evaluateLogic(scope: Scope, called: Called, given: Given): Reflected {
  checkCount(scope, called, given);
  const decides = called.name === 'or';
  let value: Reflected;
  for (const arg of given.args.slice(1)) {
    value = evaluateArgument(scope, REFLECT_VALUE, arg);
    if (isTrue(value) === decides) return value;
  }
  return given.final === ABSENT ? value : given.final;
}

/** No value is a function here: all that `call` can do is to say so. */
function refuseCall(scope: Scope, called: Called, given: Given): never {
  checkCount(scope, called, given);
  const { frame } = scope;
  const callee = unboxed(evaluateArguments(scope, called, given)[0]);
  const [, first] = given.args;
  frame.node = called.node;
  if (callee === undefined) return fail(frame, 'error calling call: call of nil');
  // What comes by the pipe has no text in the source, and its value is nobody's business.
  const shown = first === undefined ? '' : `${nodeText(first)} `;
  return fail(frame, `error calling call: non-function ${shown}of type ${reflectedTypeName(callee)}`);
}

/** An operand as the argument of a parameter. */
function evaluateArgument(scope: Scope, type: string, node: OperandNode): Reflected {
  const { frame } = scope;
  frame.node = node;
  switch (node.kind) {
    case 'nil':
      return canBeNil(type) ? nilOf(type) : fail(frame, `cannot assign nil to ${type}`);
    case 'bool':
    case 'number':
    case 'string':
      return explained(scope.frame, () => constantAs(node, type));
    default: {
      const value = evaluateOperand(scope, node);
      return explained(scope.frame, () => assign(value, type));
    }
  }
}

function evaluateOperand(scope: Scope, node: Exclude<OperandNode, { kind: 'nil' | 'bool' | 'number' | 'string' }>) {
  switch (node.kind) {
    case 'dot':
      return scope.dot;
    case 'field':
      return evaluateField(scope, node, NOTHING);
    case 'variable':
      return evaluateVariable(scope, node, NOTHING);
    case 'pipe':
      return nested(scope.frame, () => evaluatePipeline(scope.frame, scope.dot, node));
    case 'identifier':
      return evaluateFunction(scope, node, node, NOTHING);
    case 'chain':
      return evaluateChain(scope, node, NOTHING);
  }
}
