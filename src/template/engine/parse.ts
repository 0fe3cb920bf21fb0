/** Parses a source into the templates that it defines, its own body among them. */

import { createLexer } from './lexer.ts';
import type { Limits } from './limits.ts';
import type { ListNode, StatementNode } from './node.ts';
import { nodeText } from './node-text.ts';
import { unquoted } from './parse-pipeline.ts';
import { parseList, parseTextOrAction } from './parse-statement.ts';
import type { Delimiters } from './scanner.ts';
import { addDefinition, createTreeParser, expect, fail, isEnd, type Source, type TreeParser } from './tree-parser.ts';

/** Roots by name. */
export type Definitions = ReadonlyMap<string, ListNode>;

export interface ParseOptions {
  /** Bytes, as the source. */
  readonly name: string;
  readonly delimiters: Delimiters;
  readonly limits: Limits;
  readonly hasFunction: (name: string) => boolean;
}

/** The word `define` is read. */
function parseDefinition(parser: TreeParser): void {
  const context = 'define clause';
  const name = unquoted(parser, expect(parser, context, 'string', 'rawString'));
  expect(parser, context, 'rightDelim');
  const { list, end } = parseList(parser);
  if (end.kind !== 'end') fail(parser, `unexpected ${nodeText(end)} in ${context}`);
  addDefinition(parser, name, list);
}

/** Whether the next action defines a template; else all its tokens are put back. */
function takesDefine({ tokens }: TreeParser): boolean {
  if (tokens.peek().type !== 'leftDelim') return false;
  const delimiter = tokens.next();
  if (tokens.nextNonSpace().type === 'define') return true;
  tokens.putBack(delimiter);
  return false;
}

function parseBody(parser: TreeParser): ListNode {
  const { pos } = parser.tokens.peek();
  const nodes: StatementNode[] = [];
  while (parser.tokens.peek().type !== 'eof') {
    if (takesDefine(parser)) {
      parseDefinition(createTreeParser(parser.source));
      continue;
    }
    const node = parseTextOrAction(parser);
    if (isEnd(node)) fail(parser, `unexpected ${nodeText(node)}`);
    else nodes.push(node);
  }
  return { kind: 'list', pos, nodes };
}

/**
 * @param text bytes
 * @throws LocatedFault with Go's message
 */
export function parse(text: string, { name, delimiters, limits, hasFunction }: ParseOptions): Definitions {
  const source: Source = {
    name,
    text,
    lexer: createLexer(text, delimiters),
    limits,
    hasFunction,
    defined: new Map(),
    openBlocks: 0,
  };
  const parser = createTreeParser(source);
  addDefinition(parser, name, parseBody(parser));
  return source.defined;
}
