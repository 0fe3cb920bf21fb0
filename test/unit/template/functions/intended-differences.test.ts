/** Where a function is meant to differ from Go's. */

import { expect, test } from 'vitest';
import { failure, rendered } from './rendering.ts';

test('keys and values come sorted, so that a Secret does not change by itself', () => {
  const template = '{{ $d := dict "b" 2 "c" 3 "a" 1 }}{{ keys $d }} {{ values $d }} {{ keys $d (dict "z" 1 "y" 2) }}';
  expect(rendered(template)).toBe('[a b c] [1 2 3] [a b c y z]');
});

test('two groups of one name are refused', () => {
  expect(failure('{{ regexFind "(?P<n>a)(?P<n>b)" "ab" }}')).toBe('invalid regular expression');
});
