import { describe, expect, test } from 'vitest';
import { callForText, faultOf } from './call-function.ts';
import { CHAIN, pemOf } from './fixtures.ts';

const A = '-----BEGIN A-----\nQUJD\n-----END A-----\n';

/** Seen with Go 1.26: what filterPEM "a" gives. */
describe('filterPEM finds blocks where Go does', () => {
  const cases: Record<string, [input: string, output: string]> = {
    'one block': [A, A],
    'two blocks': [A + A, A + A],
    'a block of another type is left out': ['-----BEGIN B-----\nQUJD\n-----END B-----\n', ''],
    'types are compared without regard to case': [A.replaceAll(' A', ' a'), A.replaceAll(' A', ' a')],
    'lines that end with CR LF': [A.replaceAll('\n', '\r\n'), A],
    'spaces and tabs at the ends of lines and inside': ['-----BEGIN A----- \nQU\tJD \n-----END A-----\t \n', A],
    'no newline at the end': [A.trimEnd(), A],
    'notes before, between and after': [`note\n${A}note\n${A}note`, A + A],
    'notes on the line of the first BEGIN': [`note: ${A}`, A],
    'long lines are broken again': [
      `-----BEGIN A-----\n${'QUJD'.repeat(20)}\n-----END A-----\n`,
      `-----BEGIN A-----\n${'QUJD'.repeat(16)}\n${'QUJD'.repeat(4)}\n-----END A-----\n`,
    ],
    'headers, in their order': [
      '-----BEGIN A-----\nZ: 1\nProc-Type: 4,ENCRYPTED\nB : 2\n\nQUJD\n-----END A-----\n',
      '-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nB: 2\nZ: 1\n\nQUJD\n-----END A-----\n',
    ],
    'an empty block': ['-----BEGIN A-----\n-----END A-----\n', '-----BEGIN A-----\n-----END A-----\n'],
    'a BEGIN that has no END is passed over': [`-----BEGIN A-----\nQU\n${A}`, A],
    'an END of another type ends nothing': [`-----BEGIN A-----\nQUJD\n-----END B-----\n${A}`, A],
    'what is not base64 is passed over': [`-----BEGIN A-----\nQU!D\n-----END A-----\n${A}`, A],
    'base64 without its padding is passed over': [`-----BEGIN A-----\nQUI\n-----END A-----\n${A}`, A],
    'nothing in nothing': ['', ''],
  };
  test.each(Object.entries(cases))('%s', (_, [input, output]) => {
    expect(callForText('filterPEM', 'a', input)).toBe(output);
  });

  test('keys and certificates out of one file', () => {
    const file = CHAIN.leaf.key + pemOf('leaf', 'root');
    expect(callForText('filterPEM', 'CERTIFICATE', file)).toBe(pemOf('leaf', 'root'));
    expect(callForText('filterPEM', 'PRIVATE KEY', file)).toBe(CHAIN.leaf.key);
  });

  test('what is no PEM is a fault, which does not show it', () => {
    expect(faultOf('filterPEM', 'A', 'fake-secret')).toBe(
      'there is no such block, and what is left of the input is not PEM',
    );
  });

  test('a file of broken headers is read in the time of its length', () => {
    const lines = '-----BEGIN X:-----\n-----END :\n'.repeat(20_000);
    const startedAt = performance.now();
    expect(callForText('filterPEM', 'A', lines + A)).toBe(A);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
