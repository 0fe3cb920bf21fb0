import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SecretValue } from '../../../src/ports/secret-value.ts';

const CANARY = 'canary-hunter2';
const value = SecretValue.fromText(CANARY);

describe('whoever prints a value sees [redacted]', () => {
  test.each<[string, string]>([
    ['String()', String(value)],
    ['a template', `${value}`],
    ['concatenation', `is ${value}`],
    ['JSON', JSON.stringify({ value, list: [value] })],
    ['inspect', inspect({ value }, { depth: 10, showHidden: true })],
    ['inspect of a map', inspect(new Map([['key', value]]))],
    ['format', format('%s %o %O %j', value, value, value, value)],
    ['an error', String(new Error(`bad ${value}`))],
    ['its own properties', JSON.stringify([Object.entries(value), Reflect.ownKeys(value)])],
  ])('by %s', (_, printed) => {
    expect(printed).not.toContain(CANARY);
    expect(printed).not.toContain(Buffer.from(CANARY).toString('base64'));
  });

  test('and no copy of it by a clone', () => {
    expect(inspect({ ...value })).toBe('{}');
    expect(inspect(structuredClone({ ...value }))).toBe('{}');
  });
});

describe('the ways out give what came in', () => {
  test.each<[string, Uint8Array, string]>([
    ['text', Buffer.from('häß'), 'häß'],
    ['nothing', new Uint8Array(), ''],
    ['bytes that are no text', Uint8Array.of(0xff, 0x41), '\ufffdA'],
  ])('%s', (_, bytes, text) => {
    const given = SecretValue.fromBytes(bytes);
    expect(given.byteLength).toBe(bytes.byteLength);
    expect(given.revealBytes()).toEqual(bytes);
    expect(given.revealText()).toBe(text);
    expect(given.revealBase64()).toBe(Buffer.from(bytes).toString('base64'));
  });

  test('a part of a larger buffer is that part only', () => {
    const part = SecretValue.fromBytes(Buffer.from('neighbour-secret').subarray(10));
    expect(part.revealText()).toBe('secret');
    expect(part.revealBase64()).toBe(Buffer.from('secret').toString('base64'));
  });
});
