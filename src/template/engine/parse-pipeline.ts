/** Parses pipelines: declarations, commands, their operands. */

import { type GoString, goString, TemplateFault } from '../value.ts';
import type { ChainNode, CommandNode, NumberNode, OperandNode, PipeNode, VariableNode } from './node.ts';
import { nodeText } from './node-text.ts';
import { parseCharacter, parseNumber } from './number-literal.ts';
import { quote } from './quote.ts';
import type { Token, TokenType } from './token.ts';
import { fail, type TreeParser, unexpected } from './tree-parser.ts';
import { unquote } from './unquote.ts';

const STARTS_OPERAND: ReadonlySet<TokenType> = new Set<TokenType>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);

/** What cannot take a value from the command before it. */
const NOT_EXECUTABLE: ReadonlySet<OperandNode['kind']> = new Set<OperandNode['kind']>([
  'bool',
  'dot',
  'nil',
  'number',
  'string',
]);

function variable(pos: number, text: string): VariableNode {
  const [name = '', ...fields] = text.split('.');
  return { kind: 'variable', pos, name, fields: fields as GoString[] };
}

/** @throws LocatedFault for an escape that does not exist */
export function unquoted(parser: TreeParser, token: Token): GoString {
  return (unquote(token.text) ?? fail(parser, 'invalid syntax')) as GoString;
}

interface Declarations {
  readonly variables: VariableNode[];
  isAssign: boolean;
}

function declare(parser: TreeParser, declarations: Declarations, token: Token): void {
  parser.tokens.nextNonSpace();
  declarations.variables.push(variable(token.pos, token.text));
  parser.variables.declare(token.text);
}

/** After the comma of `$i, $x := ...`. @returns whether another variable follows */
function continuesDeclaration(parser: TreeParser, declarations: Declarations, context: string): boolean {
  if (context !== 'range' || declarations.variables.length >= 2) fail(parser, `too many declarations in ${context}`);
  const following = parser.tokens.peekNonSpace().type;
  if (following === 'variable' || following === 'rightDelim' || following === 'rightParen') return true;
  return fail(parser, 'range can only initialize variables');
}

/** After a variable: whether it was declared and another declaration may follow. */
function readDeclaration(parser: TreeParser, declarations: Declarations, context: string): boolean {
  const { tokens } = parser;
  const token = tokens.next();
  // A space after the variable must be put back too: it separates operands.
  const adjacent = tokens.peek();
  const next = tokens.peekNonSpace();
  if (next.type === 'assign' || next.type === 'declare') {
    declarations.isAssign = next.type === 'assign';
    declare(parser, declarations, token);
    return false;
  }
  if (next.type === 'char' && next.text === ',') {
    declare(parser, declarations, token);
    return continuesDeclaration(parser, declarations, context);
  }
  if (adjacent.type === 'space') tokens.putBack(adjacent, token);
  else tokens.putBack(token);
  return false;
}

function readDeclarations(parser: TreeParser, context: string): Declarations {
  const declarations: Declarations = { variables: [], isAssign: false };
  while (parser.tokens.peekNonSpace().type === 'variable' && readDeclaration(parser, declarations, context));
  return declarations;
}

function checkPipeline(parser: TreeParser, commands: readonly CommandNode[], context: string): void {
  if (commands.length === 0) fail(parser, `missing value for ${context}`);
  const misplaced = commands.findIndex(({ args }, at) => at > 0 && NOT_EXECUTABLE.has(args[0].kind));
  if (misplaced > 0) fail(parser, `non executable command in pipeline stage ${misplaced + 1}`);
}

/** Reads up to and with the token that ends the pipeline. */
export function parsePipeline(parser: TreeParser, context: string, end: 'rightDelim' | 'rightParen'): PipeNode {
  const { pos } = parser.tokens.peekNonSpace();
  const { variables, isAssign } = readDeclarations(parser, context);
  const commands: CommandNode[] = [];
  for (;;) {
    const token = parser.tokens.nextNonSpace();
    if (token.type === end) break;
    if (!STARTS_OPERAND.has(token.type)) unexpected(parser, token, context);
    parser.tokens.backup();
    commands.push(parseCommand(parser));
  }
  checkPipeline(parser, commands, context);
  return { kind: 'pipe', pos, isAssign, declared: variables, commands };
}

/** Operands up to a pipe, which is consumed, or to what ends the pipeline, which is left. */
function parseCommand(parser: TreeParser): CommandNode {
  const { tokens } = parser;
  const { pos } = tokens.peekNonSpace();
  const args: OperandNode[] = [];
  for (;;) {
    tokens.peekNonSpace();
    const operand = parseOperand(parser);
    if (operand !== undefined) args.push(operand);
    const token = tokens.next();
    if (token.type === 'space') continue;
    if (token.type === 'pipe') break;
    if (token.type !== 'rightDelim' && token.type !== 'rightParen') unexpected(parser, token, 'operand');
    tokens.backup();
    break;
  }
  const [first, ...rest] = args;
  if (first === undefined) return fail(parser, 'empty command');
  return { kind: 'command', pos, args: [first, ...rest] };
}

/** A term and the fields that follow it; undefined when the next token starts none. */
function parseOperand(parser: TreeParser): OperandNode | undefined {
  const { tokens } = parser;
  const node = parseTerm(parser);
  if (node === undefined || tokens.peek().type !== 'field') return node;
  const { pos } = tokens.peek();
  const fields: GoString[] = [];
  while (tokens.peek().type === 'field') fields.push(tokens.next().text.slice(1) as GoString);
  return withFields(parser, node, { pos, fields });
}

function withFields(
  parser: TreeParser,
  node: OperandNode,
  { pos, fields }: Pick<ChainNode, 'pos' | 'fields'>,
): OperandNode {
  switch (node.kind) {
    case 'field':
      return { kind: 'field', pos, names: [...node.names, ...fields] };
    case 'variable':
      return { kind: 'variable', pos, name: node.name, fields: [...node.fields, ...fields] };
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      return fail(parser, `unexpected . after term ${quote(nodeText(node))}`);
    default:
      return { kind: 'chain', pos, node, fields };
  }
}

function parseParens(parser: TreeParser): PipeNode {
  const { depth } = parser.source.limits;
  if (parser.openParens >= depth) fail(parser, `max expression depth exceeded: the limit is ${depth}`);
  parser.openParens++;
  const pipe = parsePipeline(parser, 'parenthesized pipeline', 'rightParen');
  parser.openParens--;
  return pipe;
}

function parseNumberTerm(parser: TreeParser, { pos, text, type }: Token): NumberNode {
  try {
    const forms = type === 'charConstant' ? parseCharacter(text as GoString) : parseNumber(text);
    return { kind: 'number', pos, text, forms };
  } catch (error) {
    if (error instanceof TemplateFault) return fail(parser, goString(error.message));
    throw error;
  }
}

function useVariable(parser: TreeParser, { pos, text }: Token): VariableNode {
  const node = variable(pos, text);
  if (!parser.variables.has(node.name)) fail(parser, `undefined variable ${quote(node.name)}`);
  return node;
}

function parseTerm(parser: TreeParser): OperandNode | undefined {
  const token = parser.tokens.nextNonSpace();
  const { pos, text, type } = token;
  switch (type) {
    case 'identifier':
      if (!parser.source.hasFunction(text)) fail(parser, `function ${quote(text)} not defined`);
      return { kind: 'identifier', pos, name: text };
    case 'dot':
      return { kind: 'dot', pos };
    case 'nil':
      return { kind: 'nil', pos };
    case 'variable':
      return useVariable(parser, token);
    case 'field':
      return { kind: 'field', pos, names: [text.slice(1) as GoString] };
    case 'bool':
      return { kind: 'bool', pos, value: text === 'true' };
    case 'charConstant':
    case 'complex':
    case 'number':
      return parseNumberTerm(parser, token);
    case 'leftParen':
      return parseParens(parser);
    case 'string':
    case 'rawString':
      return { kind: 'string', pos, quoted: text, text: unquoted(parser, token) };
    default:
      parser.tokens.backup();
      return undefined;
  }
}
