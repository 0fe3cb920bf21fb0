/** `@pretty`: each member on a line of its own, but for arrays without objects that fit into the width. */

import type { Effort } from './effort.ts';
import { compareMembers, type MemberText } from './member-order.ts';
import { integerOf } from './options.ts';
import { NOTHING, type Result, textOf } from './result.ts';
import { stringEnd, valueStart } from './scan.ts';
import { isTruthy } from './truth.ts';

interface Style {
  /** Zero or less never puts an array on one line. */
  readonly width: number;
  readonly prefix: string;
  readonly indent: string;
  readonly sortsKeys: boolean;
}

function whiteSpaceOf(option: Result | undefined, otherwise: string): string {
  return option === undefined ? otherwise : textOf(option).replace(/[^ \t\n\r]/g, '');
}

function styleOf(options: ReadonlyMap<string, Result>): Style {
  const width = options.get('width');
  return {
    width: width === undefined ? 80 : integerOf(width),
    prefix: whiteSpaceOf(options.get('prefix'), ''),
    indent: whiteSpaceOf(options.get('indent'), '  '),
    sortsKeys: isTruthy(options.get('sortKeys') ?? NOTHING),
  };
}

/** Less is not worth a try. */
const NARROWEST = 3;

// biome-ignore lint/suspicious/noControlCharactersInRegex: for gjson all of them are white space
const NUMBER_END = /[\x00-\x20,:\]}]/g;

const WORDS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

interface Printed {
  readonly text: string;
  /** Where what it was made of ends. */
  readonly end: number;
}

interface Member extends MemberText {
  readonly end: number;
}

/** A string, number or word. What begins like a word is taken for it. */
function scalarAt(json: string, start: number): Printed {
  const first = json.charAt(start);
  const word = first === 'n' && start + 1 < json.length && json[start + 1] !== 'u' ? undefined : WORDS[first];
  if (word !== undefined) return { text: word, end: start + word.length };
  const end = first === '"' ? stringEnd(json, start + 1) : numberEnd(json, start + 1);
  return end === -1 ? { text: json.slice(start), end: json.length } : { text: json.slice(start, end), end };
}

function numberEnd(json: string, from: number): number {
  NUMBER_END.lastIndex = from;
  return NUMBER_END.exec(json)?.index ?? json.length;
}

function prefixed(prefix: string, { text, end }: Printed): Printed {
  return { text: prefix + text, end };
}

class Printer {
  readonly #json: string;
  readonly #style: Style;
  readonly #effort: Effort;
  #pieces: string[] = [];
  #length = 0;
  /** Against which the width is measured. */
  #lineStart = 0;

  constructor(json: string, style: Style, effort: Effort) {
    this.#json = json;
    this.#style = style;
    this.#effort = effort;
  }

  print(): string {
    this.#add(this.#style.prefix);
    this.#value(0, 0);
    return this.#length === 0 ? '' : `${this.#pieces.join('')}\n`;
  }

  #add(text: string): void {
    this.#length += text.length;
    this.#effort.make(this.#length, text.length);
    this.#pieces.push(text);
  }

  /** The value that begins next. @returns where it ends */
  #value(from: number, tabs: number): number {
    const start = valueStart(this.#json, from);
    if (start === this.#json.length) return start;
    const first = this.#json[start];
    if (first === '{') return this.#effort.within(() => this.#object(start, tabs));
    if (first === '[') return this.#effort.within(() => this.#array(start, tabs));
    const { text, end } = scalarAt(this.#json, start);
    this.#add(text);
    return end;
  }

  #array(start: number, tabs: number): number {
    const lineEnd = this.#tryOneLine(start);
    if (lineEnd !== undefined) return lineEnd;
    this.#add('[');
    let count = 0;
    let at = start + 1;
    while (at < this.#json.length) {
      if (this.#json[at] === ']') return this.#close(']', count, at, tabs);
      if (this.#json.charAt(at) > ' ') {
        if (count > 0) this.#add(',');
        this.#startLine(tabs + 1, count > 0 && this.#style.width !== -1);
        at = this.#value(at, tabs + 1);
        count += 1;
      } else at += 1;
    }
    return at;
  }

  #object(start: number, tabs: number): number {
    this.#add('{');
    const before = this.#pieces.length;
    const members: Member[] = [];
    let at = start + 1;
    while (at < this.#json.length) {
      if (this.#json[at] === '}') {
        if (this.#style.sortsKeys) this.#sort(members, before);
        return this.#close('}', members.length, at, tabs);
      }
      if (this.#json[at] === '"') {
        const member = this.#member(at, members.length, tabs + 1);
        members.push(member);
        at = member.end;
      } else at += 1;
    }
    return at;
  }

  #member(start: number, count: number, tabs: number): Member {
    if (count > 0) this.#add(',');
    this.#startLine(tabs, false);
    const { text: key, end: keyEnd } = scalarAt(this.#json, start);
    this.#add(`${key}: `);
    const from = this.#pieces.length;
    const end = this.#value(keyEnd, tabs);
    return { key, value: this.#style.sortsKeys ? this.#pieces.slice(from).join('') : '', end };
  }

  /** Of members that stand on lines of their own: their length stays, and so does everything around them. */
  #sort(members: readonly Member[], before: number): void {
    const printed = this.#pieces.splice(before);
    this.#effort.spend(printed.reduce((length, { length: more }) => length + more, 0));
    const tabs = printed[1] ?? '';
    const sorted = members.toSorted(compareMembers).map(({ key, value }) => `${tabs}${key}: ${value}`);
    if (sorted.length > 0) this.#pieces.push(`\n${sorted.join(',\n')}`);
  }

  #close(bracket: string, count: number, at: number, tabs: number): number {
    if (count > 0) this.#startLine(tabs, false);
    this.#add(bracket);
    return at + 1;
  }

  /** @param takesSpace whether the line's end takes the place of the space behind a comma, which then does not count */
  #startLine(tabs: number, takesSpace: boolean): void {
    const { prefix, indent } = this.#style;
    const width = prefix.length + indent.length * tabs;
    this.#effort.make(this.#length + width, 0);
    this.#lineStart = this.#length + (takesSpace ? 1 : 0);
    this.#add('\n');
    this.#add(prefix + indent.repeat(tabs));
  }

  /** @returns where the array ends, when it was printed */
  #tryOneLine(start: number): number | undefined {
    const room = this.#style.width - (this.#length - this.#lineStart);
    if (this.#style.width <= 0 || room <= NARROWEST) return undefined;
    const line = this.#oneLine(start, room);
    if (line === undefined) return undefined;
    this.#add(line.text);
    return line.end;
  }

  /** Undefined for what does not fit, or has an object inside. */
  #oneLine(start: number, room: number): Printed | undefined {
    let text = '[';
    let at = start + 1;
    while (at < this.#json.length && text.length <= room) {
      const item = this.#oneLineItem(at, text === '[' ? '' : ', ', room - text.length);
      if (item === undefined) return undefined;
      text += item.text;
      at = item.end;
      if (item.text === ']') break;
    }
    return text.length <= room ? { text, end: at } : undefined;
  }

  /** White space, the closing bracket, or the separator and the value that begins next. */
  #oneLineItem(at: number, separator: string, room: number): Printed | undefined {
    this.#effort.spend(0, 1);
    const character = this.#json.charAt(at);
    if (character <= ' ') return { text: '', end: at + 1 };
    if (character === ']') return { text: ']', end: at + 1 };
    const start = valueStart(this.#json, at);
    if (start === this.#json.length) return { text: separator, end: start };
    if (this.#json[start] === '{') return undefined;
    if (this.#json[start] !== '[') return prefixed(separator, scalarAt(this.#json, start));
    const inner = this.#effort.within(() => this.#oneLine(start, room - separator.length));
    return inner && prefixed(separator, inner);
  }
}

export function pretty(json: string, options: ReadonlyMap<string, Result>, effort: Effort): string {
  return new Printer(json, styleOf(options), effort).print();
}
