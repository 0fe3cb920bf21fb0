/**
 * RC2 in CBC mode (RFC 2268), decryption only: OpenSSL before 3 and old Windows wrap the certificates of a PFX in it,
 * and node:crypto no longer has it. It is weak: nothing is ever encrypted with it here.
 */

import { TemplateFault } from '../value.ts';

const BLOCK = 8;

const PI = Buffer.from(
  [
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2',
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82',
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626',
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7',
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec',
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731',
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9',
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  ].join(''),
  'hex',
);

/** How far each word is turned. */
const ROTATIONS = [1, 2, 3, 5] as const;

/**
 * @param key its length times 8 is the effective number of bits too
 * @returns with the padding
 * @throws TemplateFault when the data are no whole blocks
 */
export function decryptRc2Cbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.length % BLOCK !== 0) throw new TemplateFault('the encrypted data are no whole number of blocks');
  const subkeys = expandKey(key);
  const plain = new Uint8Array(data.length);
  let previous = iv;
  for (let at = 0; at < data.length; at += BLOCK) {
    const block = data.subarray(at, at + BLOCK);
    const decrypted = decryptBlock(subkeys, block);
    for (let index = 0; index < BLOCK; index += 1) {
      plain[at + index] = (decrypted[index] ?? 0) ^ (previous[index] ?? 0);
    }
    previous = block;
  }
  return plain;
}

function expandKey(key: Uint8Array): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  const pi = (index: number): number => PI[index & 0xff] ?? 0;
  const at = (index: number): number => bytes[index] ?? 0;
  for (let index = key.length; index < 128; index += 1) {
    bytes[index] = pi(at(index - 1) + at(index - key.length));
  }
  const first = 128 - key.length;
  bytes[first] = pi(at(first));
  for (let index = first - 1; index >= 0; index -= 1) bytes[index] = pi(at(index + 1) ^ at(index + key.length));
  return Uint16Array.from({ length: 64 }, (_, word) => at(word * 2) | (at(word * 2 + 1) << 8));
}

function decryptBlock(subkeys: Uint16Array, block: Uint8Array): Uint8Array {
  const words = Uint16Array.from(
    { length: 4 },
    (_, word) => (block[word * 2] ?? 0) | ((block[word * 2 + 1] ?? 0) << 8),
  );
  for (let round = 15; round >= 0; round -= 1) {
    unmix(words, subkeys, round);
    if (round === 11 || round === 5) unmash(words, subkeys);
  }
  return Uint8Array.from({ length: BLOCK }, (_, at) => (words[at >> 1] ?? 0) >> (at % 2 === 0 ? 0 : 8));
}

function unmix(words: Uint16Array, subkeys: Uint16Array, round: number): void {
  for (let index = 3; index >= 0; index -= 1) {
    const [a, b, c] = [word(words, index + 3), word(words, index + 2), word(words, index + 1)];
    const turn = ROTATIONS[index] ?? 0;
    const value = word(words, index);
    const turned = (value >> turn) | (value << (16 - turn));
    words[index] = turned - (subkeys[round * 4 + index] ?? 0) - (a & b) - (~a & c);
  }
}

function unmash(words: Uint16Array, subkeys: Uint16Array): void {
  for (let index = 3; index >= 0; index -= 1) {
    words[index] = word(words, index) - (subkeys[word(words, index + 3) & 63] ?? 0);
  }
}

/** The words of a block form a ring. */
function word(words: Uint16Array, index: number): number {
  return words[index % 4] ?? 0;
}
