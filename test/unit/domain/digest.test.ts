import { expect, test } from 'vitest';
import { createDigest } from '../../../src/domain/digest.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';

const of = (text: string) => SecretValue.fromText(text);

test('equal values have the same digest within a run, and others have others', () => {
  const digest = createDigest();
  expect(digest(of('a'))).toBe(digest(SecretValue.fromBytes(Buffer.from('a'))));
  expect(new Set(['a', 'b', '', 'a '].map((text) => digest(of(text)))).size).toBe(4);
  expect(digest(of('a'))).toMatch(/^[0-9a-f]{12}$/);
});

test('no run has the digests of another', () => {
  expect(createDigest()(of('a'))).not.toBe(createDigest()(of('a')));
});
