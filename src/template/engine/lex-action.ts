/** The tokens inside an action's delimiters. */

import { noFlags } from './format-flags.ts';
import { formatIntegerVerb } from './format-integer.ts';
import { lexNumber } from './lex-number.ts';
import { END, isSpace, leadingSpaces, type Scanner } from './scanner.ts';
import { isKeyword, type Token, type TokenType } from './token.ts';
import { isAlphaNumeric, isPrint } from './unicode.ts';

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;

/** A character as Go's `%#U` shows it. */
function named(rune: number): string {
  return formatIntegerVerb(BigInt(rune), true, 'U', { ...noFlags(), sharp: true }) ?? '';
}

interface RightDelimiter {
  readonly isHere: boolean;
  readonly trims: boolean;
}

function rightDelimiter(scanner: Scanner): RightDelimiter {
  const { right } = scanner.delimiters;
  const trims = isSpace(scanner.peek()) && scanner.hasPrefix('-', 1) && scanner.hasPrefix(right, 2);
  return { isHere: trims || scanner.hasPrefix(right), trims };
}

function lexRightDelimiter(scanner: Scanner, trims: boolean): Token {
  if (trims) {
    scanner.skip(2);
    scanner.ignore();
  }
  scanner.skip(scanner.delimiters.right.length);
  const token = scanner.token('rightDelim');
  if (trims) {
    scanner.skip(leadingSpaces(scanner.source, scanner.pos));
    scanner.ignore();
  }
  return token;
}

/** A run of spaces, but not the one that belongs to a trimming delimiter. */
function lexSpace(scanner: Scanner): Token {
  while (isSpace(scanner.peek()) && !(scanner.pos > scanner.start && rightDelimiter(scanner).trims)) scanner.next();
  return scanner.token('space');
}

/** Whether a name may end here. */
function isAtTerminator(scanner: Scanner): boolean {
  const rune = scanner.peek();
  if (rune === END || isSpace(rune)) return true;
  return '.,|:)('.includes(String.fromCharCode(rune)) || scanner.hasPrefix(scanner.delimiters.right);
}

/** @returns the error, when something follows that does not end a name */
function readName(scanner: Scanner): Token | undefined {
  while (isAlphaNumeric(scanner.peek())) scanner.next();
  return isAtTerminator(scanner) ? undefined : scanner.error(`bad character ${named(scanner.peek())}`);
}

function lexIdentifier(scanner: Scanner): Token {
  const error = readName(scanner);
  if (error !== undefined) return error;
  const word = scanner.read();
  if (isKeyword(word)) return scanner.token(word);
  return scanner.token(word === 'true' || word === 'false' ? 'bool' : 'identifier');
}

/** The dot or the dollar is read. */
function lexFieldOrVariable(scanner: Scanner, type: 'field' | 'variable'): Token {
  if (isAtTerminator(scanner)) return scanner.token(type === 'variable' ? 'variable' : 'dot');
  return readName(scanner) ?? scanner.token(type);
}

/** The opening mark is read. A newline ends what it may not be in. */
function lexQuoted(scanner: Scanner, mark: number, type: TokenType, what: string): Token {
  for (;;) {
    let rune = scanner.next();
    if (rune === mark) return scanner.token(type);
    if (rune === BACKSLASH) {
      rune = scanner.next();
      if (rune !== END && rune !== NEWLINE) continue;
    }
    if (rune === END || rune === NEWLINE) return scanner.error(`unterminated ${what}`);
  }
}

function lexRawString(scanner: Scanner): Token {
  const end = scanner.source.indexOf('`', scanner.pos);
  if (end < 0) return scanner.error('unterminated raw quoted string');
  while (scanner.pos <= end) scanner.next();
  return scanner.token('rawString');
}

function lexColon(scanner: Scanner): Token {
  if (scanner.peek() !== 0x3d) return scanner.error('expected :=');
  scanner.next();
  return scanner.token('declare');
}

interface Parens {
  depth: number;
}

function lexParen(scanner: Scanner, parens: Parens, isLeft: boolean): Token {
  parens.depth += isLeft ? 1 : -1;
  if (parens.depth < 0) return scanner.error('unexpected right paren');
  return scanner.token(isLeft ? 'leftParen' : 'rightParen');
}

type Rule = (scanner: Scanner, parens: Parens) => Token;

/** By the first character, which is read. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['=', (scanner) => scanner.token('assign')],
  [':', lexColon],
  ['|', (scanner) => scanner.token('pipe')],
  ['"', (scanner) => lexQuoted(scanner, 0x22, 'string', 'quoted string')],
  ['`', lexRawString],
  ['$', (scanner) => lexFieldOrVariable(scanner, 'variable')],
  ["'", (scanner) => lexQuoted(scanner, 0x27, 'charConstant', 'character constant')],
  ['.', (scanner) => lexFieldOrVariable(scanner, 'field')],
  ['(', (scanner, parens) => lexParen(scanner, parens, true)],
  [')', (scanner, parens) => lexParen(scanner, parens, false)],
]);

function startsNumber(scanner: Scanner): boolean {
  const character = scanner.source[scanner.pos] ?? '';
  // A dot at the very end of the source is one too: to the lexer of Go, and so in the text of errors.
  const following = scanner.source[scanner.pos + 1] ?? '0';
  if (character === '.') return following >= '0' && following <= '9';
  return character === '+' || character === '-' || (character >= '0' && character <= '9');
}

/** The next token of an action; the parens that are open are counted in `parens`. */
export function lexAction(scanner: Scanner, parens: Parens): Token {
  const right = rightDelimiter(scanner);
  if (right.isHere) {
    return parens.depth === 0 ? lexRightDelimiter(scanner, right.trims) : scanner.error('unclosed left paren');
  }
  const rune = scanner.peek();
  if (rune === END) return scanner.error('unclosed action');
  if (isSpace(rune)) return lexSpace(scanner);
  if (startsNumber(scanner)) return lexNumber(scanner);
  if (isAlphaNumeric(rune)) return lexIdentifier(scanner);
  scanner.next();
  const rule = RULES.get(String.fromCharCode(rune));
  if (rule !== undefined) return rule(scanner, parens);
  if (rune <= 0x7f && isPrint(rune)) return scanner.token('char');
  return scanner.error(`unrecognized character in action: ${named(rune)}`);
}
