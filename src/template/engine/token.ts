/** What the lexer makes of a template's source. */

import { quote } from './quote.ts';
import { firstRunes } from './utf8.ts';

export type TokenType =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | Keyword
  | 'dot';

export type Keyword =
  | 'block'
  | 'break'
  | 'continue'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with';

export interface Token {
  readonly type: TokenType;
  /** Where it starts, in bytes. */
  readonly pos: number;
  /** The source text, or the text of the error. */
  readonly text: string;
  /** Counted from 1, where the token starts. */
  readonly line: number;
}

const KEYWORDS: ReadonlySet<string> = new Set<Keyword>([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
]);

export function isKeyword(word: string): word is Keyword {
  return KEYWORDS.has(word);
}

/** A token as error messages show it. */
export function tokenText({ type, text }: Token): string {
  if (type === 'eof') return 'EOF';
  if (type === 'error') return text;
  if (type === 'dot' || isKeyword(type)) return `<${text}>`;
  return text.length > 10 ? `${quote(firstRunes(text, 10))}...` : quote(text);
}
