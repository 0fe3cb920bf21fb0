/** Nodes as source text again, as errors show them. */

import type { BranchNode, ChainNode, Node, OperandNode, PipeNode, TemplateNode } from './node.ts';
import { quote } from './quote.ts';

function joinNames(names: readonly string[]): string {
  return names.map((name) => `.${name}`).join('');
}

function operandText(node: OperandNode): string {
  return node.kind === 'pipe' ? `(${nodeText(node)})` : nodeText(node);
}

function pipeText({ declared, isAssign, commands }: PipeNode): string {
  const names = declared.map(nodeText).join(', ');
  const declaration = declared.length > 0 ? `${names} ${isAssign ? '=' : ':='} ` : '';
  return declaration + commands.map(nodeText).join(' | ');
}

function chainText({ node, fields }: ChainNode): string {
  return operandText(node) + joinNames(fields);
}

function branchText({ kind, pipe, list, elseList }: BranchNode): string {
  const otherwise = elseList === undefined ? '' : `{{else}}${nodeText(elseList)}`;
  return `{{${kind} ${pipeText(pipe)}}}${nodeText(list)}${otherwise}{{end}}`;
}

function templateText({ name, pipe }: TemplateNode): string {
  return `{{template ${quote(name)}${pipe === undefined ? '' : ` ${pipeText(pipe)}`}}}`;
}

/** Bytes, as all source text is. */
export function nodeText(node: Node): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'action':
      return `{{${pipeText(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range':
      return branchText(node);
    case 'template':
      return templateText(node);
    case 'break':
    case 'continue':
    case 'end':
    case 'else':
      return `{{${node.kind}}}`;
    case 'list':
      return node.nodes.map(nodeText).join('');
    case 'command':
      return node.args.map(operandText).join(' ');
    default:
      return wordText(node);
  }
}

function wordText(node: OperandNode): string {
  switch (node.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
    case 'field':
      return joinNames(node.names);
    case 'variable':
      return node.name + joinNames(node.fields);
    case 'identifier':
      return node.name;
    case 'chain':
      return chainText(node);
    case 'pipe':
      return pipeText(node);
  }
}
