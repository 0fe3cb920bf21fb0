import { expect, test } from 'vitest';
import { annotationKeyProblem, labelKeyProblem, labelValueProblem } from '../../../src/domain/metadata-names.ts';

const KEYS: Readonly<Record<string, readonly [key: string, label: boolean, annotation: boolean]>> = {
  'a name': ['app', true, true],
  'a name of one letter': ['a', true, true],
  'a name with a domain': ['example.com/app_x.y-z', true, true],
  'a name of 63 letters': ['a'.repeat(63), true, true],
  'a name of 64 letters': ['a'.repeat(64), false, false],
  'a domain with capitals': ['Example.com/app', false, true],
  'a domain of 254 letters': [`${'a'.repeat(254)}/app`, false, false],
  'an empty key': ['', false, false],
  'an empty domain': ['/app', false, false],
  'an empty name': ['example.com/', false, false],
  'two slashes': ['a/b/c', false, false],
  'a dash at the end': ['app-', false, false],
  'a dot at the beginning': ['.app', false, false],
  'a space': ['my app', false, false],
  'a line end': ['app\n', false, false],
};

test.each(Object.entries(KEYS))('as a key: %s', (_sentence, [key, label, annotation]) => {
  expect(labelKeyProblem(key) === undefined).toBe(label);
  expect(annotationKeyProblem(key) === undefined).toBe(annotation);
});

test.each(
  Object.entries<readonly [value: string, isValid: boolean]>({
    'an empty value': ['', true],
    'a version': ['v1.2.3', true],
    'a value of 63 letters': ['x'.repeat(63), true],
    'a value of 64 letters': ['x'.repeat(64), false],
    'a slash': ['a/b', false],
    'a line end': ['a\n', false],
    'an underscore at the end': ['a_', false],
    'letters outside ASCII': ['grün', false],
  }),
)("as a label's value: %s", (_sentence, [value, isValid]) => {
  expect(labelValueProblem(value) === undefined).toBe(isValid);
});
