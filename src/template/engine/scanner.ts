/** Reads a source character by character and counts its lines. */

import type { Token, TokenType } from './token.ts';
import { decodeRune } from './utf8.ts';

export const END = -1;

export interface Delimiters {
  readonly left: string;
  readonly right: string;
}

export function isSpace(rune: number): boolean {
  return rune === 0x20 || rune === 0x09 || rune === 0x0d || rune === 0x0a;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Spaces of the ASCII kind at the start of the text. */
export function leadingSpaces(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at - from;
}

/** Spaces of the ASCII kind at the end of the text. */
export function trailingSpaces(text: string): number {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return text.length - end;
}

/** Has the identity of one pass over one source. */
export class Scanner {
  readonly source: string;
  readonly delimiters: Delimiters;
  /** Where the token that is being read starts. */
  start = 0;
  pos = 0;
  #line = 1;
  #startLine = 1;

  constructor(source: string, delimiters: Delimiters) {
    this.source = source;
    this.delimiters = delimiters;
  }

  /** The next character, or END; it is not consumed. */
  peek(): number {
    return this.pos >= this.source.length ? END : decodeRune(this.source, this.pos).rune;
  }

  /** Consumes the next character. */
  next(): number {
    if (this.pos >= this.source.length) return END;
    const { rune, size } = decodeRune(this.source, this.pos);
    this.pos += size;
    if (rune === 0x0a) this.#line++;
    return rune;
  }

  /** Moves on over text whose lines are not yet counted. */
  skip(length: number): void {
    this.pos += length;
  }

  countSkippedLines(): void {
    this.#line += countLines(this.source.slice(this.start, this.pos));
  }

  /** Drops what was skipped since the token's start. */
  ignore(): void {
    this.countSkippedLines();
    this.start = this.pos;
    this.#startLine = this.#line;
  }

  accept(valid: string): boolean {
    const rune = this.peek();
    if (rune === END || rune > 0x7f || !valid.includes(String.fromCharCode(rune))) return false;
    this.next();
    return true;
  }

  acceptRun(valid: string): void {
    while (this.accept(valid));
  }

  hasPrefix(prefix: string, offset = 0): boolean {
    return this.source.startsWith(prefix, this.pos + offset);
  }

  /** What was read since the token's start. */
  read(): string {
    return this.source.slice(this.start, this.pos);
  }

  /** Ends the token here. */
  token(type: TokenType): Token {
    const token: Token = { type, pos: this.start, text: this.read(), line: this.#startLine };
    this.start = this.pos;
    this.#startLine = this.#line;
    return token;
  }

  error(text: string): Token {
    return { type: 'error', pos: this.start, text, line: this.#startLine };
  }
}
