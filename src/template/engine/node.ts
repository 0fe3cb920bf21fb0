/** The syntax tree of a template. Positions are bytes in the source. */

import type { GoString } from '../value.ts';
import type { NumberForms } from './number-literal.ts';

interface Positioned {
  readonly pos: number;
}

export interface DotNode extends Positioned {
  readonly kind: 'dot';
}

export interface NilNode extends Positioned {
  readonly kind: 'nil';
}

export interface BoolNode extends Positioned {
  readonly kind: 'bool';
  readonly value: boolean;
}

export interface NumberNode extends Positioned {
  readonly kind: 'number';
  readonly text: string;
  readonly forms: NumberForms;
}

export interface StringNode extends Positioned {
  readonly kind: 'string';
  /** As in the source. */
  readonly quoted: string;
  readonly text: GoString;
}

/** `.A.B` */
export interface FieldNode extends Positioned {
  readonly kind: 'field';
  readonly names: readonly GoString[];
}

/** `$x.A.B`; the first name has its dollar. */
export interface VariableNode extends Positioned {
  readonly kind: 'variable';
  readonly name: string;
  readonly fields: readonly GoString[];
}

/** The name of a function. */
export interface IdentifierNode extends Positioned {
  readonly kind: 'identifier';
  readonly name: string;
}

/** `(pipeline).A.B` or `function.A` */
export interface ChainNode extends Positioned {
  readonly kind: 'chain';
  readonly node: OperandNode;
  readonly fields: readonly GoString[];
}

export interface CommandNode extends Positioned {
  readonly kind: 'command';
  readonly args: readonly [OperandNode, ...OperandNode[]];
}

export interface PipeNode extends Positioned {
  readonly kind: 'pipe';
  /** `=` rather than `:=` */
  readonly isAssign: boolean;
  readonly declared: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}

export type OperandNode =
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode
  | FieldNode
  | VariableNode
  | IdentifierNode
  | ChainNode
  | PipeNode;

export interface TextNode extends Positioned {
  readonly kind: 'text';
  readonly text: string;
}

export interface ActionNode extends Positioned {
  readonly kind: 'action';
  readonly pipe: PipeNode;
}

export interface BranchNode extends Positioned {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}

export interface LeaveNode extends Positioned {
  readonly kind: 'break' | 'continue';
}

export interface TemplateNode extends Positioned {
  readonly kind: 'template';
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

/** Ends a list while parsing; it is in no tree. */
export interface EndNode extends Positioned {
  readonly kind: 'end' | 'else';
}

export type StatementNode = TextNode | ActionNode | BranchNode | LeaveNode | TemplateNode;

export interface ListNode extends Positioned {
  readonly kind: 'list';
  readonly nodes: readonly StatementNode[];
}

export type Node = OperandNode | CommandNode | StatementNode | EndNode | ListNode;
