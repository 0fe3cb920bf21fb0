/** Go's `fmt`: formats with verbs, and printing without a format. */

import type { GoString, GoValue } from '../value.ts';
import { isInt, isString } from '../value.ts';
import { type Flags, noFlags } from './format-flags.ts';
import { createPrinter, type Meter, type Printer, UNMETERED } from './format-value.ts';
import { typeName } from './type-name.ts';
import { decodeRune, encodeRune } from './utf8.ts';

/** Wider than this, a width or a precision is taken for a mistake. */
const MAX_NUMBER = 1_000_000;

const FLAG_NAMES: ReadonlyMap<string, 'sharp' | 'zero' | 'plus' | 'minus' | 'space'> = new Map([
  ['#', 'sharp'],
  ['0', 'zero'],
  ['+', 'plus'],
  ['-', 'minus'],
  [' ', 'space'],
]);

/** How far the format is read, and which argument is next. */
interface Cursor {
  readonly format: string;
  readonly args: readonly GoValue[];
  readonly printer: Printer;
  at: number;
  next: number;
  /** An index such as `[3]` came just before. */
  afterIndex: boolean;
  goodIndex: boolean;
  reordered: boolean;
}

function isTooLarge(value: number): boolean {
  return value > MAX_NUMBER || value < -MAX_NUMBER;
}

interface ReadNumber {
  readonly value: number | undefined;
  readonly end: number;
}

function readNumber(format: string, start: number, limit: number): ReadNumber {
  let value: number | undefined;
  let at = start;
  for (; at < limit; at++) {
    const digit = format.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) break;
    if (isTooLarge(value ?? 0)) return { value: undefined, end: limit };
    value = (value ?? 0) * 10 + digit;
  }
  return { value, end: at };
}

/** Reads `[n]`, if it is there. */
function readIndex(cursor: Cursor): void {
  const { format, at } = cursor;
  cursor.afterIndex = false;
  if (format[at] !== '[') return;
  cursor.reordered = true;
  const close = format.indexOf(']', at + 1);
  if (close < 0 || format.length - at < 3) {
    cursor.goodIndex = false;
    cursor.at = at + 1;
    return;
  }
  const { value, end } = readNumber(format, at + 1, close);
  cursor.at = close + 1;
  const isNumber = value !== undefined && end === close;
  cursor.afterIndex = isNumber;
  if (isNumber && value >= 1 && value <= cursor.args.length) cursor.next = value - 1;
  else cursor.goodIndex = false;
}

/** The argument that stands for a `*`. */
function starArgument(cursor: Cursor): number | undefined {
  cursor.at++;
  cursor.afterIndex = false;
  if (cursor.next >= cursor.args.length) return undefined;
  const argument = cursor.args[cursor.next++];
  if (argument === undefined || !isInt(argument)) return undefined;
  const value = Number(argument.value);
  return isTooLarge(value) ? undefined : value;
}

function readFlags(cursor: Cursor): Flags {
  const flags = noFlags();
  for (;;) {
    const name = FLAG_NAMES.get(cursor.format[cursor.at] ?? '');
    if (name === undefined) return flags;
    flags[name] = true;
    cursor.at++;
  }
}

/** @returns what is printed at once, for a width that is none */
function readWidth(cursor: Cursor, flags: Flags): string {
  if (cursor.format[cursor.at] === '*') {
    const width = starArgument(cursor);
    flags.width = width;
    if (width === undefined) return '%!(BADWIDTH)';
    if (width < 0) {
      flags.width = -width;
      flags.minus = true;
      flags.zero = false;
    }
    return '';
  }
  const { value, end } = readNumber(cursor.format, cursor.at, cursor.format.length);
  flags.width = value;
  cursor.at = end;
  if (cursor.afterIndex && value !== undefined) cursor.goodIndex = false;
  return '';
}

/** @returns what is printed at once, for a precision that is none */
function readPrecision(cursor: Cursor, flags: Flags): string {
  if (cursor.format[cursor.at] !== '.' || cursor.at + 1 >= cursor.format.length) return '';
  cursor.at++;
  if (cursor.afterIndex) cursor.goodIndex = false;
  readIndex(cursor);
  if (cursor.format[cursor.at] === '*') {
    const precision = starArgument(cursor);
    if (precision !== undefined && precision >= 0) flags.precision = precision;
    return flags.precision === undefined ? '%!(BADPREC)' : '';
  }
  const { value, end } = readNumber(cursor.format, cursor.at, cursor.format.length);
  flags.precision = value ?? 0;
  cursor.at = end;
  return '';
}

/** `%#v` and `%+v` are formats of their own: the flags mean something else in them. */
function asValueFormat(flags: Flags): void {
  flags.sharpV = flags.sharp;
  flags.sharp = false;
  flags.plusV = flags.plus;
  flags.plus = false;
}

function printVerb(cursor: Cursor, flags: Flags): string {
  const { rune, size } = decodeRune(cursor.format, cursor.at);
  const verb = encodeRune(rune);
  cursor.at += size;
  if (verb === '%') return '%';
  if (!cursor.goodIndex) return `%!${verb}(BADINDEX)`;
  if (cursor.next >= cursor.args.length) return `%!${verb}(MISSING)`;
  if (verb === 'v' || verb === 'w') asValueFormat(flags);
  return cursor.printer.printArg(cursor.args[cursor.next++] ?? null, verb, flags);
}

/** The `%` is read; reads on up to and with the verb. */
function printDirective(cursor: Cursor): string {
  cursor.goodIndex = true;
  const flags = readFlags(cursor);
  readIndex(cursor);
  let text = readWidth(cursor, flags);
  text += readPrecision(cursor, flags);
  if (!cursor.afterIndex) readIndex(cursor);
  if (cursor.at >= cursor.format.length) return `${text}%!(NOVERB)`;
  return text + printVerb(cursor, flags);
}

/** Arguments that no verb took; not looked for when the format picked its arguments by index. */
function extraArguments(cursor: Cursor): string {
  if (cursor.reordered || cursor.next >= cursor.args.length) return '';
  const extra = cursor.args.slice(cursor.next).map((argument) => {
    if (argument === null) return '<nil>';
    return `${typeName(argument)}=${cursor.printer.printArg(argument, 'v', noFlags())}`;
  });
  return `%!(EXTRA ${extra.join(', ')})`;
}

/**
 * As `fmt.Sprintf`: mistakes in the format are printed as Go prints them.
 * @throws what the meter throws
 */
export function sprintf(format: GoString, args: readonly GoValue[], meter: Meter = UNMETERED): GoString {
  const printer = createPrinter(meter);
  const cursor: Cursor = {
    format,
    args,
    printer,
    at: 0,
    next: 0,
    afterIndex: false,
    goodIndex: true,
    reordered: false,
  };
  let text = '';
  for (;;) {
    const percent = format.indexOf('%', cursor.at);
    if (percent < 0) break;
    text += format.slice(cursor.at, percent);
    cursor.at = percent + 1;
    text += printDirective(cursor);
    meter.spend(1);
  }
  text += format.slice(cursor.at) + extraArguments(cursor);
  meter.allocate(text.length);
  return text as GoString;
}

/** As `fmt.Sprint`: a space between operands when neither is a string. */
export function sprint(values: readonly GoValue[], meter: Meter = UNMETERED): GoString {
  const printer = createPrinter(meter);
  const text = values.reduce<string>((before, value, at) => {
    const previous = values[at - 1];
    const isApart = at > 0 && !isString(value) && !(previous !== undefined && isString(previous));
    return `${before}${isApart ? ' ' : ''}${printer.printArg(value, 'v', noFlags())}`;
  }, '');
  return text as GoString;
}

/** As `fmt.Sprintln`. */
export function sprintln(values: readonly GoValue[], meter: Meter = UNMETERED): GoString {
  const printer = createPrinter(meter);
  return `${values.map((value) => printer.printArg(value, 'v', noFlags())).join(' ')}\n` as GoString;
}

/** As `%v`. */
export function formatValue(value: GoValue, meter: Meter = UNMETERED): GoString {
  return isString(value) ? value : sprint([value], meter);
}
