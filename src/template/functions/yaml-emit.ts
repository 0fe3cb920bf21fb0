/** Writes YAML in block style, as libyaml's emitter does: two spaces, lines folded after 80 columns. */

import { needsQuotes } from './yaml-scalar.ts';
import { analyzeText, isBreak, isPrintable } from './yaml-text.ts';

export type YamlNode =
  /** Written as it is: numbers, `true`, `null`. */
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'sequence'; readonly items: readonly YamlNode[] }
  /** In the order in which they are written. */
  | { readonly kind: 'mapping'; readonly entries: readonly (readonly [string, YamlNode])[] };

type Style = 'plain' | 'single' | 'double' | 'literal';

const INDENT = 2;
const WIDTH = 80;
/** Longer keys are written with a question mark. */
const LONGEST_SIMPLE_KEY = 128;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\x85', 'N'],
  ['\xa0', '_'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
]);

function escaped(char: string): string {
  const short = ESCAPES.get(char);
  if (short !== undefined) return `\\${short}`;
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase();
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
}

function styleOf(text: string, isKey: boolean): Style {
  const analysis = analyzeText(text);
  let style: Style = needsQuotes(text) ? 'double' : 'plain';
  if (text.includes('\n')) style = 'literal';
  if (isKey && analysis.isMultiline) style = 'double';
  if (style === 'plain' && !analysis.allowsPlain) style = 'single';
  if (style === 'single' && !analysis.allowsSingleQuotes) style = 'double';
  return style === 'literal' && (isKey || !analysis.allowsBlock) ? 'double' : style;
}

/** Line breaks at the end: one is what a literal has, none or more must be said. */
function chomping(text: string): string {
  if (!isBreak(text.at(-1) ?? '')) return '-';
  return text.length === 1 || isBreak(text.at(-2) ?? '') ? '+' : '';
}

class Emitter {
  #text = '';
  #column = 0;
  #indent = -INDENT;
  /** What was written last: nothing but indentation; then a blank before what comes next is not needed. */
  #isAfterSpace = true;
  #isAtIndent = true;
  readonly #check: (bytes: number) => void;

  constructor(check: (bytes: number) => void) {
    this.#check = check;
  }

  emit(root: YamlNode): string {
    this.#node(root, false);
    this.#writeIndent();
    return this.#text.replace(/\n$/, '');
  }

  #put(text: string): void {
    this.#text += text;
    this.#column += text.length > 1 ? Array.from(text).length : 1;
  }

  #break(text = '\n'): void {
    this.#text += text;
    this.#column = 0;
    this.#check(this.#text.length);
  }

  #writeIndent(): void {
    const indent = Math.max(0, this.#indent);
    const isThere = this.#isAtIndent && (this.#column < indent || (this.#column === indent && this.#isAfterSpace));
    if (!isThere) this.#break();
    while (this.#column < indent) this.#put(' ');
    this.#isAfterSpace = true;
    this.#isAtIndent = true;
  }

  #indicator(mark: string, needsSpace: boolean, isSpace: boolean, keepsIndent: boolean): void {
    if (needsSpace && !this.#isAfterSpace) this.#put(' ');
    this.#put(mark);
    this.#isAfterSpace = isSpace;
    this.#isAtIndent &&= keepsIndent;
  }

  #node(node: YamlNode, isMappingContext: boolean): void {
    if (node.kind === 'plain' || node.kind === 'text') this.#scalar(node, false);
    else if (node.kind === 'sequence') this.#sequence(node.items, isMappingContext);
    else this.#mapping(node.entries);
  }

  /** In a mapping, a sequence stands at the column of its key. */
  #sequence(items: readonly YamlNode[], isMappingContext: boolean): void {
    if (items.length === 0) this.#indicator('[]', true, false, false);
    const outer = this.#indent;
    const isFlush = isMappingContext && !this.#isAtIndent && outer >= 0;
    if (!isFlush) this.#indent = Math.max(0, outer + INDENT);
    for (const item of items) {
      this.#writeIndent();
      this.#indicator('-', true, false, true);
      this.#node(item, false);
    }
    this.#indent = outer;
  }

  #mapping(entries: readonly (readonly [string, YamlNode])[]): void {
    if (entries.length === 0) this.#indicator('{}', true, false, false);
    const outer = this.#indent;
    this.#indent = Math.max(0, outer + INDENT);
    for (const [key, value] of entries) {
      this.#writeIndent();
      this.#key(key);
      this.#node(value, true);
    }
    this.#indent = outer;
  }

  #key(key: string): void {
    const isSimple = !analyzeText(key).isMultiline && Buffer.byteLength(key) <= LONGEST_SIMPLE_KEY;
    if (!isSimple) this.#indicator('?', true, false, true);
    this.#scalar({ kind: 'text', text: key }, isSimple);
    if (!isSimple) this.#writeIndent();
    this.#indicator(':', !isSimple, false, !isSimple);
  }

  #scalar({ kind, text }: { readonly kind: 'plain' | 'text'; readonly text: string }, isKey: boolean): void {
    const outer = this.#indent;
    this.#indent = outer < 0 ? INDENT : outer + INDENT;
    const style = kind === 'plain' ? 'plain' : styleOf(text, isKey);
    if (style === 'literal') this.#literal(text);
    else this.#inline(text, style, !isKey);
    this.#indent = outer;
  }

  #inline(text: string, style: Style, folds: boolean): void {
    if (style === 'double') this.#doubleQuoted(text, folds);
    else if (style === 'single') this.#singleQuoted(text, folds);
    else this.#plain(text, folds);
    this.#isAfterSpace = false;
    this.#isAtIndent = false;
  }

  #plain(text: string, folds: boolean): void {
    if (!this.#isAfterSpace) this.#put(' ');
    let wasSpace = false;
    const chars = Array.from(text);
    for (const [i, char] of chars.entries()) {
      const isSpace = char === ' ';
      const isFold = isSpace && folds && !wasSpace && this.#column > WIDTH && chars[i + 1] !== ' ';
      if (isFold) this.#writeIndent();
      else this.#put(char);
      if (!isSpace) this.#isAtIndent = false;
      wasSpace = isSpace;
    }
  }

  #singleQuoted(text: string, folds: boolean): void {
    this.#indicator("'", true, false, false);
    const chars = Array.from(text);
    for (const [i, char] of chars.entries()) {
      const isInside = i > 0 && i < chars.length - 1 && chars[i + 1] !== ' ';
      const isFold = char === ' ' && folds && this.#column > WIDTH && isInside && chars[i - 1] !== ' ';
      if (isBreak(char)) this.#quotedBreak(char, isBreak(chars[i - 1] ?? ''));
      else if (isFold) this.#writeIndent();
      else this.#quotedChar(char, isBreak(chars[i - 1] ?? ''));
    }
    this.#indicator("'", false, false, false);
  }

  #quotedBreak(char: string, followsBreak: boolean): void {
    if (!followsBreak && char === '\n') this.#break();
    this.#break(char);
    this.#isAtIndent = true;
  }

  #quotedChar(char: string, followsBreak: boolean): void {
    if (followsBreak && char !== ' ') this.#writeIndent();
    this.#put(char === "'" ? "''" : char);
    if (char !== ' ') this.#isAtIndent = false;
  }

  #doubleQuoted(text: string, folds: boolean): void {
    this.#indicator('"', true, false, false);
    const chars = Array.from(text);
    let wasSpace = false;
    for (const [i, char] of chars.entries()) {
      const isSpace = char === ' ';
      const isInside = i > 0 && i < chars.length - 1;
      if (isSpace && folds && !wasSpace && this.#column > WIDTH && isInside) {
        this.#writeIndent();
        if (chars[i + 1] === ' ') this.#put('\\');
      } else if (!isPrintable(char) || isBreak(char) || char === '"' || char === '\\') this.#put(escaped(char));
      else this.#put(char);
      wasSpace = isSpace;
    }
    this.#indicator('"', false, false, false);
  }

  #literal(text: string): void {
    const startsBlank = text.startsWith(' ') || isBreak(text.charAt(0));
    this.#indicator(`|${startsBlank ? INDENT : ''}${chomping(text)}`, true, false, false);
    this.#break();
    this.#isAtIndent = true;
    this.#isAfterSpace = true;
    let wasBreak = true;
    for (const char of text) {
      if (isBreak(char)) {
        this.#break(char);
        this.#isAtIndent = true;
        wasBreak = true;
        continue;
      }
      if (wasBreak) this.#writeIndent();
      this.#put(char);
      this.#isAtIndent = false;
      wasBreak = false;
    }
  }
}

/**
 * @param check is told how much is written so far, and throws when that is too much
 * @returns text without its last line end
 */
export function emitYaml(root: YamlNode, check: (bytes: number) => void): string {
  return new Emitter(check).emit(root);
}
