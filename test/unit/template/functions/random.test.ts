/** Functions that answer differently each time: what can be said of every answer. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test.each([
  ['randAlphaNum is made of letters and digits', '{{ randAlphaNum 200 }}', /^[0-9A-Za-z]{200}$/],
  ['randAlpha is made of letters', '{{ randAlpha 200 }}', /^[A-Za-z]{200}$/],
  ['randNumeric is made of digits', '{{ randNumeric 200 }}', /^[0-9]{200}$/],
  ['randAscii is made of what can be printed', '{{ randAscii 200 }}', /^[ -~]{200}$/],
  ['a negative length is none', '{{ randAlpha -1 }}|{{ randAscii 0 }}', /^\|$/],
  ['uuidv4 is a random UUID', '{{ uuidv4 }}', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ['randInt stays below its end', '{{ range until 50 }}{{ randInt -2 1 }},{{ end }}', /^(?:(?:-2|-1|0),){50}$/],
  ['shuffle keeps the characters whole', '{{ shuffle "ééé" }}', /^ééé$/],
])('%s', (_, template, pattern) => {
  expect(rendered(template)).toMatch(pattern);
});

test('shuffle keeps every character', () => {
  const shuffled = rendered('{{ shuffle "abcdefghijklmnopqrstuvwxyz" }}');
  expect([...shuffled].toSorted().join('')).toBe('abcdefghijklmnopqrstuvwxyz');
});

test('every character of an alphabet comes up', () => {
  expect(new Set(rendered('{{ randAlphaNum 5000 }}')).size).toBe(62);
  expect(new Set(rendered('{{ randAscii 9000 }}')).size).toBe(95);
});

test('two answers differ', () => {
  expect(rendered('{{ eq (randAlphaNum 32) (randAlphaNum 32) }} {{ eq uuidv4 uuidv4 }}')).toBe('false false');
});

test('an empty range fails', () => {
  expect(failure('{{ randInt 1 1 }}')).toBe('invalid argument to Intn');
});
