import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../../src/kube/line-splitter.ts';

function split(chunks: readonly Uint8Array[], maxLineBytes = 1_000_000): string[] {
  const splitter = createLineSplitter(maxLineBytes);
  return chunks.flatMap((chunk) => {
    const lines = splitter.push(chunk);
    return lines === 'overflow' ? ['<overflow>'] : lines.map((line) => Buffer.from(line).toString('utf8'));
  });
}

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map((place) => place % (bytes.byteLength + 1)).sort((a, b) => a - b), bytes.byteLength];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

describe('line splitter', () => {
  it('gives the same lines however the bytes are cut into chunks, multi-byte characters included', () => {
    const text = fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', ' '));
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.nat()), (lines, places) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        expect(split(cut(bytes, places))).toEqual(lines.filter((line) => line !== ''));
      }),
    );
  });

  it('keeps half a line back and says so', () => {
    const splitter = createLineSplitter(100);
    expect(splitter.push(Buffer.from('{"a":1}\n{"b"'))).toHaveLength(1);
    expect(splitter.inLine).toBe(true);
    expect(splitter.push(Buffer.from(':2}\n'))).toHaveLength(1);
    expect(splitter.inLine).toBe(false);
  });

  it('takes a line of exactly the allowed length and refuses a longer one before its end has come', () => {
    expect(split([Buffer.from('1234'), Buffer.from('\n')], 4)).toEqual(['1234']);
    expect(split([Buffer.from('1234'), Buffer.from('5')], 4)).toEqual(['<overflow>']);
    expect(split([Buffer.from('12345\n')], 4)).toEqual(['<overflow>']);
  });

  it('joins a huge line from many chunks', () => {
    const chunks = Array.from({ length: 4_000 }, () => Buffer.alloc(1_000, 'x'));
    const [line = ''] = split([...chunks, Buffer.from('\n')], 4_000_000);
    expect(line).toHaveLength(4_000_000);
  });
});
