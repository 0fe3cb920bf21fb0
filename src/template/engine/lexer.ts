/** Splits a template's source into text and the tokens of its actions. */

import { lexAction } from './lex-action.ts';
import { type Delimiters, isSpace, leadingSpaces, Scanner, trailingSpaces } from './scanner.ts';
import type { Token } from './token.ts';

export interface Lexer {
  /** The next token. After an error nothing that follows means anything. */
  next(): Token;
}

const COMMENT_START = '/*';
const COMMENT_END = '*/';
/** A minus and the space before or after it. */
const TRIM_MARKER_LENGTH = 2;

function hasLeftTrimMarker({ source }: Scanner, at: number): boolean {
  return source[at] === '-' && at + 1 < source.length && isSpace(source.charCodeAt(at + 1));
}

/** Text up to an action; undefined when it is empty after trimming. */
function textBefore(scanner: Scanner, delimiter: number): Token | undefined {
  if (delimiter === scanner.pos) return undefined;
  const isTrimmed = hasLeftTrimMarker(scanner, delimiter + scanner.delimiters.left.length);
  const trim = isTrimmed ? trailingSpaces(scanner.source.slice(scanner.start, delimiter)) : 0;
  scanner.skip(delimiter - trim - scanner.pos);
  scanner.countSkippedLines();
  const token = scanner.token('text');
  scanner.skip(trim);
  scanner.ignore();
  return token.text === '' ? undefined : token;
}

/** @returns an error, or undefined when the comment is read */
function skipComment(scanner: Scanner): Token | undefined {
  const { right } = scanner.delimiters;
  scanner.skip(COMMENT_START.length);
  const end = scanner.source.indexOf(COMMENT_END, scanner.pos);
  if (end < 0) return scanner.error('unclosed comment');
  scanner.skip(end + COMMENT_END.length - scanner.pos);
  const isTrimmed =
    isSpace(scanner.peek()) && scanner.hasPrefix('-', 1) && scanner.hasPrefix(right, TRIM_MARKER_LENGTH);
  if (!isTrimmed && !scanner.hasPrefix(right)) return scanner.error('comment ends before closing delimiter');
  scanner.skip(right.length + (isTrimmed ? TRIM_MARKER_LENGTH : 0));
  if (isTrimmed) scanner.skip(leadingSpaces(scanner.source, scanner.pos));
  scanner.ignore();
  return undefined;
}

/** The left delimiter as a token; a comment gives nothing, or the error in it. */
function lexLeftDelimiter(scanner: Scanner): Token | undefined {
  scanner.skip(scanner.delimiters.left.length);
  const marker = hasLeftTrimMarker(scanner, scanner.pos) ? TRIM_MARKER_LENGTH : 0;
  if (scanner.hasPrefix(COMMENT_START, marker)) {
    scanner.skip(marker);
    scanner.ignore();
    return skipComment(scanner);
  }
  const token = scanner.token('leftDelim');
  scanner.skip(marker);
  scanner.ignore();
  return token;
}

function lexRest(scanner: Scanner): Token {
  scanner.skip(scanner.source.length - scanner.pos);
  scanner.countSkippedLines();
  return scanner.token(scanner.pos > scanner.start ? 'text' : 'eof');
}

function lexOutsideAction(scanner: Scanner): Token {
  for (;;) {
    const delimiter = scanner.source.indexOf(scanner.delimiters.left, scanner.pos);
    if (delimiter < 0) return lexRest(scanner);
    const token = textBefore(scanner, delimiter) ?? lexLeftDelimiter(scanner);
    if (token !== undefined) return token;
  }
}

/** An empty delimiter stands for the usual one. */
export function createLexer(source: string, { left, right }: Delimiters): Lexer {
  const scanner = new Scanner(source, { left: left || '{{', right: right || '}}' });
  const parens = { depth: 0 };
  let isInsideAction = false;
  return {
    next() {
      const token = isInsideAction ? lexAction(scanner, parens) : lexOutsideAction(scanner);
      if (token.type === 'leftDelim') {
        isInsideAction = true;
        parens.depth = 0;
      } else if (token.type === 'rightDelim') {
        isInsideAction = false;
      }
      return token;
    },
  };
}
