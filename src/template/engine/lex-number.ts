/** Scans a number. What it lets through in error, such as `089`, the parser notices. */

import { quote } from './quote.ts';
import type { Scanner } from './scanner.ts';
import type { Token } from './token.ts';
import { isAlphaNumeric } from './unicode.ts';

const DECIMAL = '0123456789_';
const HEXADECIMAL = '0123456789abcdefABCDEF_';

/** The digits that may follow the prefix, which is consumed. */
function digitsAfterPrefix(scanner: Scanner): string {
  if (!scanner.accept('0')) return DECIMAL;
  if (scanner.accept('xX')) return HEXADECIMAL;
  if (scanner.accept('oO')) return '01234567_';
  return scanner.accept('bB') ? '01_' : DECIMAL;
}

function scanExponent(scanner: Scanner, marks: string): void {
  if (!scanner.accept(marks)) return;
  scanner.accept('+-');
  scanner.acceptRun(DECIMAL);
}

function scanNumber(scanner: Scanner): boolean {
  scanner.accept('+-');
  const digits = digitsAfterPrefix(scanner);
  scanner.acceptRun(digits);
  if (scanner.accept('.')) scanner.acceptRun(digits);
  if (digits === DECIMAL) scanExponent(scanner, 'eE');
  if (digits === HEXADECIMAL) scanExponent(scanner, 'pP');
  scanner.accept('i');
  if (!isAlphaNumeric(scanner.peek())) return true;
  scanner.next();
  return false;
}

export function lexNumber(scanner: Scanner): Token {
  const bad = (): Token => scanner.error(`bad number syntax: ${quote(scanner.read())}`);
  if (!scanNumber(scanner)) return bad();
  const sign = scanner.peek();
  if (sign !== 0x2b && sign !== 0x2d) return scanner.token('number');
  if (!scanNumber(scanner) || !scanner.read().endsWith('i')) return bad();
  return scanner.token('complex');
}
