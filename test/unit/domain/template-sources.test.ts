import { describe, expect, test } from 'vitest';
import type { SecretTemplate } from '../../../src/api/secret-template.ts';
import {
  missingTemplates,
  type TemplateSources,
  templateSourcesOf,
  templateVersions,
} from '../../../src/domain/template-sources.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';

const TEMPLATE: SecretTemplate = {
  templateFrom: [
    { secret: { name: 'parts', items: [{ key: 'a' }] }, configMap: { name: 'parts', items: [{ key: 'b' }] } },
    { literal: 'k: v' },
    { configMap: { name: 'parts', items: [{ key: 'b' }, { key: 'c', templateAs: 'KeysAndValues' }] } },
  ],
};

function sources(found: Readonly<Record<string, readonly string[]>>): TemplateSources {
  return new Map(
    Object.entries(found).map(([id, keys]) => [
      id,
      { resourceVersion: '7', data: new Map(keys.map((key) => [key, SecretValue.fromText('x')])) },
    ]),
  );
}

test('each object is needed once, with all keys that are used', () => {
  expect(templateSourcesOf(TEMPLATE)).toEqual([
    { kind: 'ConfigMap', name: 'parts', keys: ['b', 'c'] },
    { kind: 'Secret', name: 'parts', keys: ['a'] },
  ]);
  expect(templateSourcesOf(undefined)).toEqual([]);
  expect(templateSourcesOf({})).toEqual([]);
});

describe('what is missing', () => {
  test.each(
    Object.entries<readonly [TemplateSources, readonly string[]]>({
      'nothing, when all is there': [sources({ 'ConfigMap/parts': ['b', 'c', 'd'], 'Secret/parts': ['a'] }), []],
      'an object': [sources({ 'ConfigMap/parts': ['b', 'c'] }), ['Secret "parts" does not exist']],
      'every object, of either kind': [
        sources({}),
        ['ConfigMap "parts" does not exist', 'Secret "parts" does not exist'],
      ],
      'every key': [
        sources({ 'ConfigMap/parts': [], 'Secret/parts': ['a'] }),
        ['ConfigMap "parts" has no key "b"', 'ConfigMap "parts" has no key "c"'],
      ],
    }),
  )('%s', (_sentence, [found, expected]) => {
    expect(missingTemplates(TEMPLATE, found)).toEqual(expected);
  });
});

test('the versions are those of all objects, in a fixed order', () => {
  const found = sources({ 'Secret/parts': ['a'], 'ConfigMap/parts': ['b', 'c'], 'ConfigMap/other': [] });
  expect(templateVersions(TEMPLATE, found)).toEqual(['ConfigMap/parts@7', 'Secret/parts@7']);
});
