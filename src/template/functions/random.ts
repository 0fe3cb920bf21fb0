/** Functions that answer differently each time, from the system's secure source. */

import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import {
  type Execution,
  type FunctionTable,
  type GoFunction,
  type GoInt,
  type GoString,
  goString,
  int,
  TemplateFault,
} from '../value.ts';
import { define, toNumber } from './declare.ts';
import { fromRunes, runesOf } from './runes.ts';

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');

/** Characters that one step pays for. */
const CHARACTERS_A_STEP = 16;

/** Each is as likely as the others; none for a negative count, as sprig has it. */
function randomText(alphabet: string, count: number, execution: Execution): GoString {
  const length = Math.max(0, count);
  execution.allocate(length);
  execution.spend(Math.ceil(length / CHARACTERS_A_STEP));
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet[randomInt(alphabet.length)] ?? '';
  return text as GoString;
}

function randomOf(alphabet: string): GoFunction {
  return define(['int'], 'string', ([count], execution) => randomText(alphabet, toNumber(count), execution));
}

function shuffle(text: GoString, execution: Execution): GoString {
  const runes = runesOf(text);
  execution.spend(Math.ceil(runes.length / CHARACTERS_A_STEP));
  for (let last = runes.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    const moved = runes[last] ?? 0;
    runes[last] = runes[other] ?? 0;
    runes[other] = moved;
  }
  return fromRunes(runes);
}

/** From min up to but not with max. @throws TemplateFault when there is none between */
function randomBetween(min: bigint, max: bigint): GoInt {
  const range = BigInt.asIntN(64, max - min);
  if (range <= 0n) throw new TemplateFault('invalid argument to Intn');
  // 128 random bits leave no measurable bias in a range of at most 63.
  const random = BigInt(`0x${randomBytes(16).toString('hex')}`);
  return int(min + (random % range));
}

export const RANDOM: FunctionTable = new Map([
  ['randAlpha', randomOf(LETTERS)],
  ['randAlphaNum', randomOf(DIGITS + LETTERS)],
  ['randAscii', randomOf(PRINTABLE)],
  ['randInt', define(['int', 'int'], 'int', ([min, max]) => randomBetween(min, max))],
  ['randNumeric', randomOf(DIGITS)],
  ['shuffle', define(['string'], 'string', ([text], execution) => shuffle(text, execution))],
  ['uuidv4', define([], 'string', () => goString(randomUUID()))],
]);
