import { describe, expect, test } from 'vitest';
import type { SecretTemplate } from '../../../src/api/secret-template.ts';
import {
  absentTemplates,
  knownTemplateVersions,
  missingTemplates,
  type TemplateSources,
  type TemplateStanding,
  templateSourceId,
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

describe('what is known without a look', () => {
  const standing =
    (found: Readonly<Record<string, TemplateStanding>>) => (ref: { kind: 'ConfigMap' | 'Secret'; name: string }) =>
      found[templateSourceId(ref)] ?? { kind: 'missing' as const };
  const CONFIG = { kind: 'present', resourceVersion: '7' } as const;

  test.each(
    Object.entries<
      readonly [Readonly<Record<string, TemplateStanding>>, readonly string[] | undefined, readonly string[]]
    >({
      'all of it': [{ 'Secret/parts': CONFIG, 'ConfigMap/parts': CONFIG }, ['ConfigMap/parts@7', 'Secret/parts@7'], []],
      'not enough, while one is not told of': [
        { 'Secret/parts': CONFIG, 'ConfigMap/parts': { kind: 'unknown' } },
        undefined,
        [],
      ],
      'that one does not exist': [{ 'Secret/parts': CONFIG }, undefined, ['ConfigMap "parts" does not exist']],
    }),
  )('%s', (_, [found, versions, absent]) => {
    expect(knownTemplateVersions(TEMPLATE, standing(found))).toEqual(versions);
    expect(absentTemplates(TEMPLATE, standing(found))).toEqual(absent);
  });

  test('nothing is needed by a template that takes nothing from elsewhere', () => {
    expect(knownTemplateVersions({ data: { a: 'b' } }, standing({}))).toEqual([]);
    expect(knownTemplateVersions(undefined, standing({}))).toEqual([]);
  });
});

test('versions of what was not looked for are a bug', () => {
  expect(() => templateVersions(TEMPLATE, sources({}))).toThrow('was not looked for');
});

test('the versions are those of all objects, in a fixed order', () => {
  const found = sources({ 'Secret/parts': ['a'], 'ConfigMap/parts': ['b', 'c'], 'ConfigMap/other': [] });
  expect(templateVersions(TEMPLATE, found)).toEqual(['ConfigMap/parts@7', 'Secret/parts@7']);
});
