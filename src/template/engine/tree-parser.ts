/** What the parser knows while it reads one template: the tokens, the variables in scope, and how errors are told. */

import type { Lexer } from './lexer.ts';
import type { Limits } from './limits.ts';
import { LocatedFault } from './located-fault.ts';
import type { EndNode, ListNode, StatementNode } from './node.ts';
import { quote } from './quote.ts';
import { type Token, type TokenType, tokenText } from './token.ts';
import { createTokenStream, type TokenStream } from './token-stream.ts';
import { createVariableScope, type VariableScope } from './variable-scope.ts';

/** Shared by the templates that one source defines. */
export interface Source {
  /** Bytes, as all that errors show. */
  readonly name: string;
  readonly text: string;
  readonly lexer: Lexer;
  readonly limits: Limits;
  readonly hasFunction: (name: string) => boolean;
  /** By name; the roots of what is defined so far. */
  readonly defined: Map<string, ListNode>;
  /** Blocks that are open, over all templates. */
  openBlocks: number;
}

export interface TreeParser {
  readonly source: Source;
  readonly tokens: TokenStream;
  readonly variables: VariableScope;
  /** Where the action that is being read started; 0 outside. */
  actionLine: number;
  openRanges: number;
  openParens: number;
}

export function createTreeParser(source: Source): TreeParser {
  const variables = createVariableScope();
  variables.declare('$');
  return {
    source,
    tokens: createTokenStream(source.lexer),
    variables,
    actionLine: 0,
    openRanges: 0,
    openParens: 0,
  };
}

/** @throws LocatedFault always */
export function fail(parser: TreeParser, text: string): never {
  throw new LocatedFault(`template: ${parser.source.name}:${parser.tokens.line()}: ${text}`);
}

/** @throws LocatedFault always: the lexer's error, or that the token may not stand here */
export function unexpected(parser: TreeParser, token: Token, context: string): never {
  if (token.type !== 'error') fail(parser, `unexpected ${tokenText(token)} in ${context}`);
  const isElsewhere = parser.actionLine !== 0 && parser.actionLine !== token.line;
  const started = isElsewhere ? ` started at ${parser.source.name}:${parser.actionLine}` : '';
  const noun = isElsewhere && !token.text.endsWith(' action') ? ' in action' : '';
  return fail(parser, token.text + noun + started);
}

/** @throws LocatedFault for a token of another type */
export function expect(parser: TreeParser, context: string, ...types: readonly TokenType[]): Token {
  const token = parser.tokens.nextNonSpace();
  return types.includes(token.type) ? token : unexpected(parser, token, context);
}

function isBlank(text: string): boolean {
  return /^[\s\u0085]*$/.test(Buffer.from(text, 'latin1').toString('utf8').replaceAll('\uFEFF', '.'));
}

function isEmpty(root: ListNode): boolean {
  return root.nodes.every((node) => node.kind === 'text' && isBlank(node.text));
}

/** A template of nothing but space neither replaces another nor stands in its way. */
export function addDefinition(parser: TreeParser, name: string, root: ListNode): void {
  const { defined } = parser.source;
  const existing = defined.get(name);
  if (existing === undefined || isEmpty(existing)) defined.set(name, root);
  else if (!isEmpty(root)) fail(parser, `template: multiple definition of template ${quote(name)}`);
}

export function isEnd(node: StatementNode | EndNode): node is EndNode {
  return node.kind === 'end' || node.kind === 'else';
}
