/** Executes the statements of a template. */

import { evaluatePipeline, setVariable } from './evaluate.ts';
import { sprint } from './format.ts';
import { iterate, type Turn } from './iterate.ts';
import type { ActionNode, BranchNode, ListNode, StatementNode, TemplateNode } from './node.ts';
import { quote } from './quote.ts';
import { dereferenced, isObject, isTrue, type Reflected, toGoValue } from './reflected.ts';
import { explained, type Frame, fail, nested } from './run.ts';

/** Whether statements go on, or leave the innermost `range`, or its present turn. */
type Flow = 'on' | 'break' | 'continue';

/** @throws LocatedFault */
export function walkList(frame: Frame, dot: Reflected, list: ListNode): Flow {
  for (const node of list.nodes) {
    const flow = walk(frame, dot, node);
    if (flow !== 'on') return flow;
  }
  return 'on';
}

function walk(frame: Frame, dot: Reflected, node: StatementNode): Flow {
  frame.node = node;
  frame.run.execution.spend(1);
  switch (node.kind) {
    case 'text':
      frame.run.write(node.text);
      return 'on';
    case 'action':
      walkAction(frame, dot, node);
      return 'on';
    case 'if':
    case 'with':
      return nested(frame, () => walkIfOrWith(frame, dot, node));
    case 'range':
      return nested(frame, () => walkRange(frame, dot, node));
    case 'template':
      nested(frame, () => walkTemplate(frame, dot, node));
      return 'on';
    default:
      return node.kind;
  }
}

function printed(frame: Frame, value: Reflected): string {
  if (value === undefined) return '<no value>';
  if (typeof value === 'string') return value;
  const shown = isObject(value) && value.text === undefined ? dereferenced(value) : value;
  return explained(frame, () => sprint([toGoValue(shown)], frame.run.execution));
}

/** What declares variables prints nothing. */
function walkAction(frame: Frame, dot: Reflected, node: ActionNode): void {
  const value = evaluatePipeline(frame, dot, node.pipe);
  if (node.pipe.declared.length > 0) return;
  frame.node = node;
  frame.run.write(printed(frame, value));
}

function walkIfOrWith(frame: Frame, dot: Reflected, { kind, pipe, list, elseList }: BranchNode): Flow {
  const inScope = frame.variables.length;
  const value = evaluatePipeline(frame, dot, pipe);
  let flow: Flow = 'on';
  if (isTrue(value)) flow = walkList(frame, kind === 'with' ? value : dot, list);
  else if (elseList !== undefined) flow = walkList(frame, dot, elseList);
  frame.variables.length = inScope;
  return flow;
}

/** The variables of `range $i, $x := ...` were pushed by the pipeline: with one, it takes the element. */
function setRangeVariables(frame: Frame, { declared, isAssign }: BranchNode['pipe'], { index, element }: Turn): void {
  const values = declared.length > 1 ? [index, element] : [element];
  for (const [at, { name }] of declared.entries()) {
    const variable = isAssign ? undefined : frame.variables.at(at - declared.length);
    if (variable === undefined) setVariable(frame, name, values[at]);
    else variable.value = values[at];
  }
}

function walkTurn(frame: Frame, node: BranchNode, turn: Turn): Flow {
  frame.run.execution.spend(1);
  const inScope = frame.variables.length;
  setRangeVariables(frame, node.pipe, turn);
  const flow = walkList(frame, turn.element, node.list);
  frame.variables.length = inScope;
  return flow;
}

function walkRange(frame: Frame, dot: Reflected, node: BranchNode): Flow {
  const inScope = frame.variables.length;
  const value = evaluatePipeline(frame, dot, node.pipe);
  const turns = iterate(value, node.pipe.declared.length);
  if (typeof turns === 'string') return fail(frame, turns);
  let isEmpty = true;
  for (const turn of turns) {
    isEmpty = false;
    if (walkTurn(frame, node, turn) === 'break') break;
  }
  const flow = isEmpty && node.elseList !== undefined ? walkList(frame, dot, node.elseList) : 'on';
  frame.variables.length = inScope;
  // In the list for no turns `continue` is that of the loop around, but `break` is this loop's: Go has it so.
  return flow === 'break' ? 'on' : flow;
}

function walkTemplate(frame: Frame, dot: Reflected, node: TemplateNode): void {
  const root = frame.run.program.definitions.get(node.name);
  if (root === undefined) fail(frame, `template ${quote(node.name)} not defined`);
  else callTemplate(frame, dot, node, root);
}

function callTemplate(frame: Frame, dot: Reflected, node: TemplateNode, root: ListNode): void {
  const { run } = frame;
  const { limits } = run.program;
  if (frame.depth >= limits.depth) fail(frame, `exceeded maximum template depth (${limits.depth})`);
  const argument = node.pipe === undefined ? undefined : evaluatePipeline(frame, dot, node.pipe);
  run.frame = {
    run,
    template: node.name,
    variables: [{ name: '$', value: argument }],
    depth: frame.depth + 1,
    node: root,
  };
  walkList(run.frame, argument, root);
  run.frame = frame;
}
