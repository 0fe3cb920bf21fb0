import { describe, expect, test } from 'vitest';
import { parseManifestPath, pathText } from '../../../src/domain/manifest-path.ts';
import { InvalidSpec } from '../../../src/ports/errors.ts';

const FIELD = 'spec.target.template.templateFrom[0].target';

function problem(text: string): string {
  try {
    parseManifestPath(text, FIELD);
  } catch (error) {
    if (error instanceof InvalidSpec) return error.message;
    throw error;
  }
  return 'no problem';
}

describe('a path is names of fields and indexes of lists', () => {
  test.each(
    Object.entries<readonly [text: string, steps: readonly (string | number)[]]>({
      'one field': ['spec', ['spec']],
      'a field in a field': ['spec.database', ['spec', 'database']],
      'an item of a list': ['spec.rules[0]', ['spec', 'rules', 0]],
      'a field of an item': ['a.b[0].c', ['a', 'b', 0, 'c']],
      'an item of an item': ['a[1][2]', ['a', 1, 2]],
      'an index behind a dot': ['a.[1]', ['a', 1]],
      'the largest index': ['a[10000]', ['a', 10_000]],
      'an index with a zero before it': ['a[007]', ['a', 7]],
      'capitals stay': ['spec.headers.customRequestHeaders', ['spec', 'headers', 'customRequestHeaders']],
      'a name of many characters': ['spec.a-b_c/d e', ['spec', 'a-b_c/d e']],
      'a name that prototypes have is a name like any other': ['spec.__proto__.x', ['spec', '__proto__', 'x']],
      'a constructor is a field': ['constructor.prototype', ['constructor', 'prototype']],
      'a field within that is called as one that is refused at the root': [
        'spec.metadata.status',
        ['spec', 'metadata', 'status'],
      ],
    }),
  )('%s', (_sentence, [text, steps]) => {
    expect(parseManifestPath(text, FIELD)).toEqual(steps);
  });
});

describe('a path that is none says why', () => {
  const example = 'write it as in spec.rules[0].from';
  test.each(
    Object.entries<readonly [text: string, problem: string]>({
      nothing: ['', `a part between dots is empty; ${example}`],
      'a dot': ['.', `a part between dots is empty; ${example}`],
      'a dot at the beginning': ['.spec', `a part between dots is empty; ${example}`],
      'a dot at the end': ['spec.', `a part between dots is empty; ${example}`],
      'two dots': ['spec..a', `a part between dots is empty; ${example}`],
      'an index first': ['[0].spec', `it must begin with the name of a field; ${example}`],
      'a bracket that does not close': ['spec[0', `its brackets are not in order; ${example}`],
      'a bracket that does not open': ['spec0]', `its brackets are not in order; ${example}`],
      'a bracket in a bracket': ['spec[[0]]', `its brackets are not in order; ${example}`],
      'a name behind an index': ['spec[0]a', `its brackets are not in order; ${example}`],
      'a dot in brackets': ['spec[0.1]', `its brackets are not in order; ${example}`],
      'no index': ['spec[]', '[] is no index; write a whole number from 0 to 10000'],
      'a name as index': ['spec[a]', '[a] is no index; write a whole number from 0 to 10000'],
      'a star': ['spec[*]', '[*] is no index; write a whole number from 0 to 10000'],
      'a negative index': ['spec[-1]', '[-1] is no index; write a whole number from 0 to 10000'],
      'an index with a sign': ['spec[+1]', '[+1] is no index; write a whole number from 0 to 10000'],
      'an index with a space': ['spec[ 1]', '[ 1] is no index; write a whole number from 0 to 10000'],
      'an index in another notation': ['spec[1e3]', '[1e3] is no index; write a whole number from 0 to 10000'],
      'an index of other digits': ['spec[١]', '[١] is no index; write a whole number from 0 to 10000'],
      'an index that is too large': ['spec[10001]', 'the index 10001 is above 10000'],
      'an index that no number holds': [
        `spec[${'9'.repeat(30)}]`,
        `[${'9'.repeat(30)}] is no index; write a whole number from 0 to 10000`,
      ],
      'more steps than anybody needs': [`a${'.a'.repeat(50)}`, 'it has more than 50 steps'],
      'more indexes than anybody needs': [`a${'[0]'.repeat(50)}`, 'it has more than 50 steps'],
      'the metadata': ['metadata', 'metadata is not for templates to write'],
      'a part of the metadata': ['metadata.finalizers[0]', 'metadata is not for templates to write'],
      'the metadata in other letters': ['MetaData.ownerReferences', 'MetaData is not for templates to write'],
      'what the object is': ['kind', 'kind is not for templates to write'],
      'the version of what it is': ['apiVersion', 'apiVersion is not for templates to write'],
      'the status': ['status.conditions[0].status', 'status is not for templates to write'],
    }),
  )('%s', (_sentence, [text, expected]) => {
    expect(problem(text)).toContain(`${FIELD} "`);
    expect(problem(text).endsWith(` cannot be used: ${expected}`)).toBe(true);
  });

  test('a path of a thousand characters is quoted in part', () => {
    expect(problem(`${'a'.repeat(1000)}[`).length).toBeLessThan(300);
  });
});

test('a path is written as the manifest has it', () => {
  expect(pathText(['a', 'b', 0, 1, 'c'])).toBe('a.b[0][1].c');
});
