/** Parses text and actions: control structures, blocks, calls of templates. */

import { MAX_NESTED_BLOCKS } from './limits.ts';
import type { BranchNode, EndNode, LeaveNode, ListNode, StatementNode, TemplateNode } from './node.ts';
import { nodeText } from './node-text.ts';
import { parsePipeline, unquoted } from './parse-pipeline.ts';
import type { Token } from './token.ts';
import { addDefinition, createTreeParser, expect, fail, isEnd, type TreeParser, unexpected } from './tree-parser.ts';

export interface ParsedList {
  readonly list: ListNode;
  /** What ended it. */
  readonly end: EndNode;
}

/** Statements up to and with `{{end}}` or `{{else}}`. */
export function parseList(parser: TreeParser): ParsedList {
  const { pos } = parser.tokens.peekNonSpace();
  const nodes: StatementNode[] = [];
  while (parser.tokens.peekNonSpace().type !== 'eof') {
    const node = parseTextOrAction(parser);
    if (isEnd(node)) return { list: { kind: 'list', pos, nodes }, end: node };
    nodes.push(node);
  }
  return fail(parser, 'unexpected EOF');
}

export function parseTextOrAction(parser: TreeParser): StatementNode | EndNode {
  const token = parser.tokens.nextNonSpace();
  if (token.type === 'text') return { kind: 'text', pos: token.pos, text: token.text };
  if (token.type !== 'leftDelim') return unexpected(parser, token, 'input');
  parser.actionLine = token.line;
  const node = parseAction(parser);
  parser.actionLine = 0;
  return node;
}

function parseAction(parser: TreeParser): StatementNode | EndNode {
  const token = parser.tokens.nextNonSpace();
  switch (token.type) {
    case 'block':
      return parseBlock(parser);
    case 'break':
    case 'continue':
      return parseLeave(parser, token, token.type);
    case 'else':
      return parseElse(parser);
    case 'end':
      return { kind: 'end', pos: expect(parser, 'end', 'rightDelim').pos };
    case 'if':
    case 'range':
    case 'with':
      return parseBranch(parser, token.type);
    case 'template':
      return parseTemplateCall(parser);
    default: {
      parser.tokens.backup();
      const { pos } = parser.tokens.peek();
      return { kind: 'action', pos, pipe: parsePipeline(parser, 'command', 'rightDelim') };
    }
  }
}

function parseLeave(parser: TreeParser, { pos }: Token, kind: 'break' | 'continue'): LeaveNode {
  const token = parser.tokens.nextNonSpace();
  if (token.type !== 'rightDelim') unexpected(parser, token, `{{${kind}}}`);
  if (parser.openRanges === 0) fail(parser, `{{${kind}}} outside {{range}}`);
  return { kind, pos };
}

/** `{{else if` leaves the `if` to be read: the branch reads it as a block of its own. */
function parseElse(parser: TreeParser): EndNode {
  const next = parser.tokens.peekNonSpace();
  if (next.type === 'if' || next.type === 'with') return { kind: 'else', pos: next.pos };
  return { kind: 'else', pos: expect(parser, 'else', 'rightDelim').pos };
}

function parseElseList(parser: TreeParser, kind: BranchNode['kind'], otherwise: EndNode): ListNode {
  if (kind !== 'range' && parser.tokens.peek().type === kind) {
    parser.tokens.next();
    return { kind: 'list', pos: otherwise.pos, nodes: [parseBranch(parser, kind)] };
  }
  const { list, end } = parseList(parser);
  if (end.kind !== 'end') fail(parser, `expected end; found ${nodeText(end)}`);
  return list;
}

function parseBranch(parser: TreeParser, kind: BranchNode['kind']): BranchNode {
  const { source, variables } = parser;
  if (source.openBlocks >= MAX_NESTED_BLOCKS) fail(parser, `exceeded the limit of ${MAX_NESTED_BLOCKS} nested blocks`);
  source.openBlocks++;
  const leaveScope = variables.mark();
  const pipe = parsePipeline(parser, kind, 'rightDelim');
  const rangesHere = kind === 'range' ? 1 : 0;
  parser.openRanges += rangesHere;
  const { list, end } = parseList(parser);
  parser.openRanges -= rangesHere;
  const elseList = end.kind === 'else' ? parseElseList(parser, kind, end) : undefined;
  leaveScope();
  source.openBlocks--;
  return { kind, pos: pipe.pos, pipe, list, elseList };
}

interface TemplateName {
  readonly pos: number;
  readonly name: string;
}

function parseTemplateName(parser: TreeParser, context: string): TemplateName {
  const token = expect(parser, context, 'string', 'rawString');
  return { pos: token.pos, name: unquoted(parser, token) };
}

/** A definition, and its call at the same place. */
function parseBlock(parser: TreeParser): TemplateNode {
  const context = 'block clause';
  const { source } = parser;
  const { pos, name } = parseTemplateName(parser, context);
  const pipe = parsePipeline(parser, context, 'rightDelim');
  if (source.openBlocks >= MAX_NESTED_BLOCKS) fail(parser, `exceeded the limit of ${MAX_NESTED_BLOCKS} nested blocks`);
  source.openBlocks++;
  const inner = createTreeParser(source);
  const { list, end } = parseList(inner);
  if (end.kind !== 'end') fail(parser, `unexpected ${nodeText(end)} in ${context}`);
  addDefinition(inner, name, list);
  source.openBlocks--;
  return { kind: 'template', pos, name, pipe };
}

function parseTemplateCall(parser: TreeParser): TemplateNode {
  const context = 'template clause';
  const { pos, name } = parseTemplateName(parser, context);
  if (parser.tokens.nextNonSpace().type === 'rightDelim') return { kind: 'template', pos, name, pipe: undefined };
  parser.tokens.backup();
  return { kind: 'template', pos, name, pipe: parsePipeline(parser, context, 'rightDelim') };
}
