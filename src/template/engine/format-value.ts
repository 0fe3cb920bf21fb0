/** Prints any value under one verb of a format, as `fmt` does. */

import type { Execution, GoFloat, GoInt, GoMap, GoObject, GoSlice, GoString, GoValue } from '../value.ts';
import { isInt, TemplateFault } from '../value.ts';
import { type Flags, pad } from './format-flags.ts';
import { formatFloatVerb } from './format-float-verb.ts';
import { formatHexadecimal, formatInteger, formatIntegerVerb } from './format-integer.ts';
import { formatStringVerb, formatText } from './format-string.ts';
import { elementType, isInterfaceType, typeName } from './type-name.ts';

/** What a value that is printed may cost. */
export type Meter = Pick<Execution, 'spend' | 'allocate'>;

const MAX_DEPTH = 200;
const MAX_UNMETERED_BYTES = 16 * 1024 * 1024;

/** For callers that have no execution at hand. */
export const UNMETERED: Meter = {
  spend() {},
  allocate(bytes) {
    if (bytes > MAX_UNMETERED_BYTES) throw new TemplateFault(`exceeded the limit of ${MAX_UNMETERED_BYTES} bytes`);
  },
};

export interface Printer {
  /** One operand under one verb. */
  printArg(value: GoValue, verb: string, flags: Flags): string;
}

/** Addresses mean nothing here: the same one stands for all. */
const ADDRESS = 0xc000010000n;

const STRING_VERBS: ReadonlySet<string> = new Set(['v', 's', 'x', 'X', 'q']);

interface Printing {
  readonly flags: Flags;
  /** Counts the bytes made so far. */
  readonly count: (text: string) => string;
  readonly enter: (depth: number) => void;
  /** Inside `%!verb(...)`: methods are not called. */
  readonly erroring: boolean;
}

function signedKind(value: GoInt): boolean {
  return !value.kind.startsWith('u');
}

function badVerb(printing: Printing, verb: string, value: GoValue): string {
  if (value === null) return `%!${verb}(<nil>)`;
  return `%!${verb}(${typeName(value)}=${print({ ...printing, erroring: true }, value, 'v', 0)})`;
}

function ownText(printing: Printing, value: GoInt | GoObject, verb: string): string | undefined {
  if (printing.erroring || value.text === undefined) return undefined;
  if (printing.flags.sharpV || !STRING_VERBS.has(verb)) return undefined;
  if (value.kind === 'ptr' && value.isNil) return '<nil>';
  return formatStringVerb(value.text(), verb, printing.flags);
}

function printScalar(printing: Printing, value: boolean | string | GoFloat, verb: string): string | undefined {
  const { flags } = printing;
  if (typeof value === 'string') return formatStringVerb(value, verb, flags);
  if (typeof value !== 'boolean') return formatFloatVerb(value.value, value.kind === 'float32' ? 32 : 64, verb, flags);
  return verb === 't' || verb === 'v' ? pad(value ? 'true' : 'false', flags) : undefined;
}

function printInt(printing: Printing, value: GoInt, verb: string): string | undefined {
  return ownText(printing, value, verb) ?? formatIntegerVerb(value.value, signedKind(value), verb, printing.flags);
}

function printPointer(printing: Printing, value: GoValue, verb: string): string | undefined {
  const { flags } = printing;
  const isPointer = value !== null && typeof value === 'object' && ['map', 'slice', 'ptr'].includes(value.kind);
  if (!isPointer) return undefined;
  const address = 'isNil' in value && value.isNil ? 0n : ADDRESS;
  if (verb === 'p') return formatHexadecimal(address, !flags.sharp, flags);
  if (verb !== 'v') return 'bodxX'.includes(verb) ? formatIntegerVerb(address, false, verb, flags) : undefined;
  if (flags.sharpV) {
    return `(${typeName(value)})(${address === 0n ? 'nil' : formatHexadecimal(address, true, flags)})`;
  }
  return address === 0n ? pad('<nil>', flags) : formatHexadecimal(address, !flags.sharp, flags);
}

/** An item of a slice, a map or a struct; in a box it may be nil. */
function printItem(printing: Printing, value: GoValue, type: string, verb: string, depth: number): string {
  if (value !== null) return print(printing, value, verb, depth + (isInterfaceType(type) ? 2 : 1));
  return printing.count(printing.flags.sharpV ? `${type}(nil)` : '<nil>');
}

function bytesOf(value: GoSlice): string {
  return String.fromCharCode(...value.items.map((item) => (isInt(item) ? Number(item.value) : 0)));
}

function printBytes(printing: Printing, value: GoSlice, verb: string, depth: number): string | undefined {
  if ('sqxX'.includes(verb)) return formatStringVerb(bytesOf(value), verb, printing.flags);
  if (depth > 0 || (verb !== 'v' && verb !== 'd')) return undefined;
  const { flags } = printing;
  const numbers = value.items.map((item) => (isInt(item) ? item.value : 0n));
  if (!flags.sharpV) return `[${numbers.map((number) => formatInteger(number, 10, flags, verb)).join(' ')}]`;
  if (value.isNil) return '[]byte(nil)';
  return `[]byte{${numbers.map((number) => formatHexadecimal(number, true, flags)).join(', ')}}`;
}

function joined(printing: Printing, type: string, parts: Iterable<string>, open: string, close: string): string {
  if (printing.flags.sharpV) return `${type}{${[...parts].join(', ')}}`;
  return `${open}${[...parts].join(' ')}${close}`;
}

function printSlice(printing: Printing, value: GoSlice, verb: string, depth: number): string {
  if (value.type === '[]uint8') {
    const bytes = printBytes(printing, value, verb, depth);
    if (bytes !== undefined) return printing.count(bytes);
  }
  if (printing.flags.sharpV && value.isNil) return `${value.type}(nil)`;
  const type = elementType(value.type);
  const parts = value.items.map((item) => printItem(printing, item, type, verb, depth));
  return joined(printing, value.type, parts, '[', ']');
}

/** Keys in the order of their bytes, as `fmt` sorts them. */
export function sortedKeys(map: GoMap): GoString[] {
  return [...map.entries.keys()].sort();
}

function printMap(printing: Printing, value: GoMap, verb: string, depth: number): string {
  if (printing.flags.sharpV && value.isNil) return `${value.type}(nil)`;
  const type = elementType(value.type);
  const parts = sortedKeys(value).map((key) => {
    const item = printItem(printing, value.entries.get(key) ?? null, type, verb, depth);
    return `${print(printing, key, verb, depth + 1)}:${item}`;
  });
  return joined(printing, value.type, parts, 'map[', ']');
}

function printFields(printing: Printing, value: GoObject, verb: string, depth: number): string {
  const { flags } = printing;
  const parts = Array.from(value.fields, ([name, field]) => {
    const text = printItem(printing, field, 'interface {}', verb, depth);
    return flags.plusV || flags.sharpV ? `${name}:${text}` : text;
  });
  return joined(printing, value.type.replace(/^\*/, ''), parts, '{', '}');
}

function printObject(printing: Printing, value: GoObject, verb: string, depth: number): string | undefined {
  const own = ownText(printing, value, verb);
  if (own !== undefined) return own;
  if (value.kind === 'struct') return printFields(printing, value, verb, depth);
  if (depth === 0 && !value.isNil) return `&${printFields(printing, value, verb, depth + 1)}`;
  return printPointer(printing, value, verb);
}

function printAny(printing: Printing, value: Exclude<GoValue, null>, verb: string, depth: number): string | undefined {
  if (typeof value !== 'object') return printScalar(printing, value, verb);
  switch (value.kind) {
    case 'float32':
    case 'float64':
      return printScalar(printing, value, verb);
    case 'slice':
      return printSlice(printing, value, verb, depth);
    case 'map':
      return printMap(printing, value, verb, depth);
    case 'struct':
    case 'ptr':
      return printObject(printing, value, verb, depth);
    default:
      return printInt(printing, value, verb);
  }
}

function isComposite(value: GoValue): boolean {
  return value !== null && typeof value === 'object' && ['slice', 'map', 'struct', 'ptr'].includes(value.kind);
}

function print(printing: Printing, value: Exclude<GoValue, null>, verb: string, depth: number): string {
  printing.enter(depth);
  const isRefused = verb === 'w' && !printing.erroring && !(depth === 0 && typeName(value) === '[]uint8');
  const text = (isRefused ? undefined : printAny(printing, value, verb, depth)) ?? badVerb(printing, verb, value);
  // What a composite holds was counted as it was made.
  return isComposite(value) ? text : printing.count(text);
}

function printOperand(printing: Printing, value: GoValue, verb: string): string {
  if (value === null)
    return verb === 'T' || verb === 'v' ? pad('<nil>', printing.flags) : badVerb(printing, verb, null);
  if (verb === 'T') return formatText(typeName(value), printing.flags);
  if (verb === 'p') return printPointer(printing, value, verb) ?? badVerb(printing, verb, value);
  return print(printing, value, verb, 0);
}

/** @throws TemplateFault for a value that nests without end; what the meter throws */
export function createPrinter(meter: Meter): Printer {
  let made = 0;
  let checked = 0;
  const count = (text: string): string => {
    made += text.length;
    // Doubling steps, so that the checks together cost no more than the printing.
    if (made > checked * 2 + 4096) {
      checked = made;
      meter.allocate(made);
    }
    return text;
  };
  const enter = (depth: number): void => {
    meter.spend(1);
    if (depth > MAX_DEPTH * 2) throw new TemplateFault(`a value nests deeper than the limit of ${MAX_DEPTH} levels`);
  };
  return {
    printArg: (value, verb, flags) => printOperand({ flags, count, enter, erroring: false }, value, verb),
  };
}
