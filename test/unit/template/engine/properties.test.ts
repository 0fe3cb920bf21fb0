/** Laws of printing: what is written reads back, and lengths count what they say. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sprintf } from '../../../../src/template/engine/format.ts';
import { formatFloat } from '../../../../src/template/engine/format-float.ts';
import { quote, quoteToAscii } from '../../../../src/template/engine/quote.ts';
import { unquote } from '../../../../src/template/engine/unquote.ts';
import { runeCount } from '../../../../src/template/engine/utf8.ts';
import { bytesToGo, type GoString, goString, int } from '../../../../src/template/value.ts';
import { renderTyped } from './render-typed.ts';

const bytes = fc.uint8Array({ maxLength: 40 }).map(bytesToGo);
const text = fc.string({ unit: 'binary', maxLength: 40 }).map(goString);

describe('quoting', () => {
  test('what is quoted reads back, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, text), (value) => {
        expect(unquote(quote(value))).toBe(value);
        expect(unquote(quoteToAscii(value))).toBe(value);
      }),
    );
  });

  test('a quoted text in a template is that text', () => {
    fc.assert(
      fc.property(text, (value) => {
        const source = Buffer.from(quote(value), 'latin1').toString('utf8');
        expect(renderTyped({ template: `{{${source}}}` })).toEqual({ output: value });
      }),
    );
  });
});

describe('numbers', () => {
  test('the shortest form of a float reads back as it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const verb of ['e', 'f', 'g'] as const) expect(Number(formatFloat(value, verb, -1, 64))).toBe(value);
      }),
    );
  });

  test('the shortest form of a float32 reads back as it', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(Number(formatFloat(value, 'g', -1, 32)))).toBe(value);
      }),
    );
  });

  test('a constant is the int that it spells', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(renderTyped({ template: `{{${value}}}` })).toEqual({ output: String(value) });
      }),
    );
  });
});

describe('widths', () => {
  test('count characters, not bytes', () => {
    fc.assert(
      fc.property(text, fc.nat(60), (value, width) => {
        const padded = sprintf('%*s' as GoString, [int(width), value]);
        expect(runeCount(padded)).toBe(Math.max(width, runeCount(value)));
      }),
    );
  });
});
