/** Encoding: what is wrong with a text is the value. What is expected is what Go's own engine gave. */

import { expect, test } from 'vitest';
import { rendered } from './rendering.ts';

const R = String.raw;

test.each([
  ['b64enc takes bytes', R`{{ b64enc "\xff\xfe\xfd" }}`, '//79'],
  ['b64dec gives bytes', '{{ b64dec "//79" | quote }}', '"\\xff\\xfe\\xfd"'],
  ['b64dec ignores line ends', R`{{ b64dec "aGVs\r\nbG8=\n" }}`, 'hello'],
  ['b64dec names the byte that is wrong', '{{ b64dec "aGV*bG8=" }}', 'illegal base64 data at input byte 3'],
  ['b64dec wants its padding', '{{ b64dec "aGVsbG8" }}', 'illegal base64 data at input byte 4'],
  ['b64dec of padding too early', '{{ b64dec "a=GV" }}', 'illegal base64 data at input byte 1'],
  ['b64dec of half a padding', '{{ b64dec "aG=x" }}', 'illegal base64 data at input byte 2'],
  ['b64dec of text after the padding', '{{ b64dec "aGVsbG8=x" }}', 'illegal base64 data at input byte 8'],
  ['b64dec of the alphabet for URLs', '{{ b64dec "__79" }}', 'illegal base64 data at input byte 0'],
  ['b64dec does not mind bits that are left over', '{{ b64dec "aGW=" | quote }}', '"he"'],
  [
    'b32enc pads',
    R`{{ b32enc "hello" }} {{ b32enc "a" }} {{ b32enc "\xff\xff" }} {{ b32enc "" }}`,
    'NBSWY3DP ME====== 777Q==== ',
  ],
  ['b32dec gives text', '{{ b32dec "NBSWY3DP" }}', 'hello'],
  ['b32dec wants capitals', '{{ b32dec "nbswy3dp" }}', 'illegal base32 data at input byte 0'],
  ['b32dec wants its padding', '{{ b32dec "ME" }}', 'illegal base32 data at input byte 0'],
  ['b32dec of a padding that cannot be', '{{ b32dec "MEA=====" }}', 'illegal base32 data at input byte 3'],
  ['b32dec of a padding with text in it', '{{ b32dec "ME==A===" }}', 'illegal base32 data at input byte 3'],
  ['hexdec gives bytes', '{{ hexdec "68656c6CfF" | quote }}', '"hell\\xff"'],
  ['hexdec of an odd length', '{{ hexdec "abc" }}', 'encoding/hex: odd length hex string'],
  [
    'hexdec names the character that is wrong',
    R`{{ hexdec "6z" }} {{ hexdec "6\x01" }} {{ hexdec "6é" }}`,
    "encoding/hex: invalid byte: U+007A 'z' encoding/hex: invalid byte: U+0001 encoding/hex: invalid byte: U+00C3 'Ã'",
  ],
])('%s', (_, template, output) => {
  expect(rendered(template)).toBe(output);
});
