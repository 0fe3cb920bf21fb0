import { describe, expect, test } from 'vitest';
import type { SecretTemplate, TemplateFrom } from '../../../src/api/secret-template.ts';
import { checkManifestTargets, manifestJobs } from '../../../src/domain/manifest-jobs.ts';
import type { TemplateSources } from '../../../src/domain/template-sources.ts';
import { InvalidSpec } from '../../../src/ports/errors.ts';
import { secretData } from './manifest-renderer.ts';

const SOURCES: TemplateSources = new Map([
  ['ConfigMap/parts', { resourceVersion: '1', data: secretData({ one: 'from map', many: 'm: map' }) }],
  ['Secret/parts', { resourceVersion: '2', data: secretData({ one: 'from secret' }) }],
]);
const ONE = { name: 'parts', items: [{ key: 'one' }] };
const MANY = { name: 'parts', items: [{ key: 'many', templateAs: 'KeysAndValues' as const }] };

function problem(template: SecretTemplate): string {
  try {
    checkManifestTargets(template);
  } catch (error) {
    if (error instanceof InvalidSpec) return error.message;
    throw error;
  }
  return 'no problem';
}

test('the jobs come in the order in which later ones win', () => {
  const template: SecretTemplate = {
    data: { own: 'x', other: 'y' },
    metadata: { labels: { label: '{{ .not }} rendered' } },
    templateFrom: [
      { literal: 'k: v', secret: ONE, configMap: { name: 'parts', items: [...ONE.items, ...MANY.items] } },
      { literal: 'k: v', target: 'spec.a[0]' },
      { literal: '' },
    ],
  };
  checkManifestTargets(template);
  const jobs = manifestJobs(template, SOURCES);
  expect(jobs.map(({ name, field, as, isSecret }) => [name, field, as, isSecret])).toEqual([
    ['literal', 'spec.target.template.templateFrom[0]', 'map', false],
    ['one', 'spec.target.template.templateFrom[0].configMap "parts"', 'value', false],
    ['many', 'spec.target.template.templateFrom[0].configMap "parts"', 'map', false],
    ['one', 'spec.target.template.templateFrom[0].secret "parts"', 'value', true],
    ['literal', 'spec.target.template.templateFrom[1]', 'json', false],
    ['own', 'spec.target.template.data', 'value', false],
    ['other', 'spec.target.template.data', 'value', false],
  ]);
});

describe('where a result goes', () => {
  test.each(
    Object.entries<readonly [entry: TemplateFrom, as: string, place: unknown]>({
      'single values go to the data': [{ configMap: ONE }, 'value', { part: 'members', path: ['data'] }],
      'the data is found in any letters': [
        { configMap: ONE, target: 'DATA' },
        'value',
        { part: 'members', path: ['data'] },
      ],
      'a map goes to the data': [{ configMap: MANY }, 'map', { part: 'members', path: ['data'] }],
      'a literal is a map': [{ literal: 'a: b' }, 'map', { part: 'members', path: ['data'] }],
      'labels are labels': [{ configMap: ONE, target: 'Labels' }, 'value', { part: 'labels' }],
      'annotations are annotations': [{ literal: 'a: b', target: 'annotations' }, 'map', { part: 'annotations' }],
      'single values become members of the spec': [
        { configMap: ONE, target: 'Spec' },
        'value',
        { part: 'members', path: ['spec'] },
      ],
      'a map becomes the spec': [{ literal: 'a: b', target: 'spec' }, 'json', { part: 'replace', path: ['spec'] }],
      'a map becomes another field of the root': [
        { literal: 'a: b', target: 'config' },
        'json',
        { part: 'replace', path: ['config'] },
      ],
      'a map is put together with what is at a path': [
        { literal: 'a: b', target: 'spec.a' },
        'json',
        { part: 'merge', path: ['spec', 'a'] },
      ],
      'a map is put together with an item': [
        { configMap: MANY, target: 'a[0]' },
        'json',
        { part: 'merge', path: ['a', 0] },
      ],
      'a single value becomes what is at a path': [
        { secret: ONE, target: 'spec.a' },
        'jsonOrText',
        { part: 'replace', path: ['spec', 'a'] },
      ],
      'a single value becomes a field of the root': [
        { secret: ONE, target: 'config' },
        'jsonOrText',
        { part: 'replace', path: ['config'] },
      ],
    }),
  )('%s', (_sentence, [entry, as, place]) => {
    expect(problem({ templateFrom: [entry] })).toBe('no problem');
    expect(manifestJobs({ templateFrom: [entry] }, SOURCES)).toMatchObject([{ as, place }]);
  });
});

describe('what can be told before anything is rendered', () => {
  const field = 'spec.target.template.templateFrom';
  test.each(
    Object.entries<readonly [entries: readonly TemplateFrom[], problem: string]>({
      'a path that is none': [
        [{ literal: 'a: b' }, { literal: 'a: b', target: 'spec..a' }],
        `${field}[1].target "spec..a" cannot be used: a part between dots is empty; write it as in spec.rules[0].from`,
      ],
      'a path that is none, of an entry that has no template': [
        [{ target: 'metadata' }],
        `${field}[0].target "metadata" cannot be used: metadata is not for templates to write`,
      ],
      'a strategy for what is read as YAML': [
        [{ literal: 'a: b', target: 'spec.a', valuesDecodingStrategy: 'Base64' }],
        `${field}[0].valuesDecodingStrategy decodes single values, and what target "spec.a" gets is read as YAML; remove it, and decode in the template (b64dec)`,
      ],
      'a strategy for a whole spec': [
        [{ configMap: MANY, target: 'spec', valuesDecodingStrategy: 'Auto' }],
        `${field}[0].valuesDecodingStrategy decodes single values, and what target "spec" gets is read as YAML; remove it, and decode in the template (b64dec)`,
      ],
      'a strategy that does nothing': [
        [{ literal: 'a: b', target: 'spec.a', valuesDecodingStrategy: 'None' }],
        'no problem',
      ],
      'a strategy for members of the spec': [
        [{ configMap: ONE, target: 'spec', valuesDecodingStrategy: 'Auto' }],
        'no problem',
      ],
      'a strategy for the data': [[{ literal: 'a: b', valuesDecodingStrategy: 'Base64URL' }], 'no problem'],
      'lists that would take all memory': [
        Array.from({ length: 11 }, (_, index) => ({ literal: 'a: b', target: `spec.l${index}[10000]` })),
        `${field}: the indexes in all targets add up to more than 100000`,
      ],
      'lists in lists that would': [
        [{ literal: 'a: b', target: `spec.l${'[10000]'.repeat(11)}` }],
        `${field}: the indexes in all targets add up to more than 100000`,
      ],
    }),
  )('%s', (_sentence, [templateFrom, expected]) => {
    expect(problem({ templateFrom })).toBe(expected);
  });
});
