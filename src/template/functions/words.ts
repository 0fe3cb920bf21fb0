/** Functions that write the words of a name in another way: `snake_case`, `kebab-case`, `PascalCase`. */

import { isLetter } from '../engine/unicode.ts';
import { decodeRune, RUNE_ERROR } from '../engine/utf8.ts';
import type { FunctionTable, GoString } from '../value.ts';
import { define } from './declare.ts';
import { isNumber, isPunctuation, isSpace, isUpper, toLower, toUpper } from './letters.ts';
import { fromRunes, mapRunes, runesOf } from './runes.ts';

type WordKind = 'none' | 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other';

interface Word {
  readonly kind: WordKind;
  readonly text: GoString;
}

/** A character with the bytes before it that are not UTF-8; such bytes at the end count as the character before. */
interface Unit {
  readonly rune: number;
  readonly text: string;
}

const NO_WORD: Word = { kind: 'none', text: '' as GoString };

const IDEOGRAPHS: readonly (readonly [number, number])[] = [
  [0x3400, 0x4d85],
  [0x4e00, 0x9fcc],
  [0x20000, 0x2b81d],
];

function isConnector(rune: number): boolean {
  return rune === 0x2d || rune === 0x5f || isSpace(rune);
}

function isAlphabetic(rune: number): boolean {
  return isLetter(rune) && !IDEOGRAPHS.some(([first, last]) => rune >= first && rune <= last);
}

function isLowerAlphabetic(rune: number): boolean {
  return isAlphabetic(rune) && !isUpper(rune);
}

function isOther(rune: number): boolean {
  return !isConnector(rune) && !isAlphabetic(rune) && !isNumber(rune) && !isPunctuation(rune);
}

function unitsOf(text: GoString): Unit[] {
  const units: Unit[] = [];
  let start = 0;
  let previous = RUNE_ERROR;
  for (let at = 0; at < text.length; ) {
    const { rune, size } = decodeRune(text, at);
    at += size;
    if (rune === RUNE_ERROR) continue;
    units.push({ rune, text: text.slice(start, at) });
    start = at;
    previous = rune;
  }
  if (start < text.length) units.push({ rune: previous, text: text.slice(start) });
  return units;
}

function kindOf(rune: number): WordKind {
  if (rune === RUNE_ERROR) return 'none';
  if (isConnector(rune)) return 'connector';
  if (isPunctuation(rune)) return 'punctuation';
  if (isUpper(rune)) return 'upper';
  if (isAlphabetic(rune)) return 'letters';
  return isNumber(rune) ? 'number' : 'other';
}

const CONTINUES: { readonly [K in WordKind]: (rune: number) => boolean } = {
  none: () => false,
  number: isNumber,
  upper: isLowerAlphabetic,
  letters: isLowerAlphabetic,
  connector: isConnector,
  punctuation: isPunctuation,
  other: isOther,
};

function runEnd(units: readonly Unit[], start: number, continues: (rune: number) => boolean): number {
  let end = start;
  for (let unit = units[end]; unit !== undefined && continues(unit.rune); unit = units[end]) end++;
  return end;
}

/** Of `HTTPServer`, the last capital belongs to the word that follows. */
function capitalsEnd(units: readonly Unit[], start: number): number {
  const end = runEnd(units, start, isUpper);
  const next = units[end];
  return next !== undefined && isAlphabetic(next.rune) ? end - 1 : end;
}

function wordEnd(units: readonly Unit[], start: number, kind: WordKind): number {
  const second = units[start + 1];
  if (kind === 'upper' && second !== undefined && isUpper(second.rune)) return capitalsEnd(units, start);
  return runEnd(units, start + 1, CONTINUES[kind]);
}

function wordsOf(text: GoString): Word[] {
  const units = unitsOf(text);
  const words: Word[] = [];
  for (let at = 0; at < units.length; ) {
    const kind = kindOf(units[at]?.rune ?? RUNE_ERROR);
    const end = wordEnd(units, at, kind);
    const word = units.slice(at, end).map((unit) => unit.text);
    words.push({ kind, text: word.join('') as GoString });
    at = end;
  }
  return words;
}

function startsAnother(kind: WordKind): boolean {
  return kind !== 'connector' && kind !== 'punctuation';
}

/** Writes words one after the other in lower case, and decides where a connector goes between two. */
function joinWords(words: readonly Word[], connector: string): GoString {
  const mark = connector.charCodeAt(0);
  let result = '';
  let at = 0;
  const current = (): Word => words[at] ?? NO_WORD;

  const write = (word: Word): void => {
    const isWritten = word.kind !== 'upper' && word.kind !== 'connector';
    result += isWritten ? word.text : mapRunes(word.text, (rune) => (isConnector(rune) ? mark : toLower(rune)));
  };
  const writeRunOfNumbersAndLetters = (): void => {
    while (current().kind === 'letters' || current().kind === 'number') write(words[at++] ?? NO_WORD);
    if (current().kind !== 'none' && startsAnother(current().kind)) result += connector;
  };
  /** A number belongs to the word before it, unless letters follow. */
  const writeNumberAfterWord = (): void => {
    if (at === words.length - 1) return;
    const number = words[at++] ?? NO_WORD;
    if (current().kind === 'letters') {
      result += connector;
      write(number);
      writeRunOfNumbersAndLetters();
      return;
    }
    write(number);
    if (startsAnother(current().kind)) result += connector;
  };

  while (at < words.length - 1) {
    const word = words[at++] ?? NO_WORD;
    write(word);
    if (word.kind === 'number') writeRunOfNumbersAndLetters();
    else if (word.kind === 'connector' || word.kind === 'punctuation') continue;
    else if (current().kind === 'number') writeNumberAfterWord();
    else if (startsAnother(current().kind)) result += connector;
  }
  write(current());
  return result as GoString;
}

/** What follows the first word: connectors between words go, capitals inside a word of capitals become small. */
function pascalRest(first: number, rest: readonly number[]): number[] {
  const written: number[] = [];
  let previous = toUpper(first);
  let inCapitals = isUpper(first);
  for (const rune of rest) {
    if (isConnector(previous) && !isConnector(rune)) {
      inCapitals = isUpper(rune);
      previous = toUpper(rune);
      continue;
    }
    written.push(previous);
    inCapitals &&= isUpper(rune);
    previous = inCapitals ? toLower(rune) : rune;
  }
  return [...written, previous];
}

/** As xstrings 1.5, with its quirk: a text of connectors alone gets one more. */
function toPascalCase(text: GoString): GoString {
  const runes = runesOf(text);
  const first = runes.findIndex((rune) => !isConnector(rune));
  if (first < 0) return fromRunes([...runes, ...runes.slice(-1)]);
  return fromRunes([...runes.slice(0, first), ...pascalRest(runes[first] ?? RUNE_ERROR, runes.slice(first + 1))]);
}

export const WORDS: FunctionTable = new Map([
  ['camelcase', define(['string'], 'string', ([text]) => toPascalCase(text))],
  ['kebabcase', define(['string'], 'string', ([text]) => joinWords(wordsOf(text), '-'))],
  ['snakecase', define(['string'], 'string', ([text]) => joinWords(wordsOf(text), '_'))],
]);
