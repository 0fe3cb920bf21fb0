import { describe, expect, test } from 'vitest';
import type { SecretTemplate } from '../../../src/api/secret-template.ts';
import { type RenderedTarget, renderedTarget } from '../../../src/domain/render.ts';
import { type RenderJob, renderJobs } from '../../../src/domain/render-plan.ts';
import type { TemplateSources } from '../../../src/domain/template-sources.ts';
import { InvalidSecretContent, InvalidSpec } from '../../../src/ports/errors.ts';
import type { Rendered } from '../../../src/ports/renderer.ts';
import { type SecretData, SecretValue } from '../../../src/ports/secret-value.ts';

/** Stands in what was fetched and in what was rendered: it must be in no message. */
const CANARY = 'canary-hunter2';

function values(texts: Readonly<Record<string, string>>): SecretData {
  return new Map(Object.entries(texts).map(([key, text]) => [key, SecretValue.fromText(text)]));
}

function texts(data: SecretData): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from(data, ([key, value]) => [key, value.revealText()]));
}

const SOURCES: TemplateSources = new Map([
  ['ConfigMap/parts', { resourceVersion: '1', data: values({ one: 'from map', many: 'm: map', '..bad': 'x' }) }],
  ['Secret/parts', { resourceVersion: '2', data: values({ one: 'from secret' }) }],
]);

const FETCHED = values({ password: CANARY, user: 'app' });

/** Stands in for the engine: a template gives its own text, and as a map what `key: value` lines say. */
function render({ as, source }: RenderJob): Rendered {
  const text = source.revealText();
  if (as === 'value') return { kind: 'value', value: source };
  const pairs = text.split('\n').map((line): [string, string] => {
    const [key = '', value = ''] = line.split(': ');
    return [key, value];
  });
  return { kind: 'map', values: values(Object.fromEntries(pairs)) };
}

function target(template: SecretTemplate, fetched = FETCHED): RenderedTarget {
  const jobs = renderJobs(template, SOURCES);
  return renderedTarget(template, fetched, jobs, jobs.map(render));
}

function failure(template: SecretTemplate): InvalidSpec | InvalidSecretContent {
  try {
    target(template);
  } catch (error) {
    if (error instanceof InvalidSpec || error instanceof InvalidSecretContent) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the jobs', () => {
  test('come in the order in which later ones win', () => {
    const template: SecretTemplate = {
      data: { own: 'x' },
      metadata: { labels: { label: 'l' }, annotations: { note: 'n' } },
      templateFrom: [
        {
          literal: 'k: v',
          secret: { name: 'parts', items: [{ key: 'one' }] },
          configMap: { name: 'parts', items: [{ key: 'one' }, { key: 'many', templateAs: 'KeysAndValues' }] },
        },
        { literal: 'k: v', target: 'LABELS' },
      ],
    };
    const jobs = renderJobs(template, SOURCES);
    expect(jobs.map(({ name, field, part, as, isSecret }) => [name, field, part, as, isSecret])).toEqual([
      ['one', 'spec.target.template.templateFrom[0].configMap "parts"', 'data', 'value', false],
      ['many', 'spec.target.template.templateFrom[0].configMap "parts"', 'data', 'map', false],
      ['one', 'spec.target.template.templateFrom[0].secret "parts"', 'data', 'value', true],
      ['literal', 'spec.target.template.templateFrom[0]', 'data', 'map', false],
      ['literal', 'spec.target.template.templateFrom[1]', 'labels', 'map', false],
      ['own', 'spec.target.template.data', 'data', 'value', false],
      ['label', 'spec.target.template.metadata.labels', 'labels', 'value', false],
      ['note', 'spec.target.template.metadata.annotations', 'annotations', 'value', false],
    ]);
  });

  test('a target that no Secret has is refused', () => {
    expect(() => renderJobs({ templateFrom: [{ literal: '', target: 'spec.x' }] }, SOURCES)).toThrow(
      'spec.target.template.templateFrom[0].target "spec.x" is no part of a Secret; use Data, Annotations or Labels',
    );
  });
});

describe('the data', () => {
  const literal = (text: string, more = {}) => ({ literal: text, ...more });
  const fetched = { password: CANARY, user: 'app' };

  test.each(
    Object.entries<readonly [template: SecretTemplate, expected: Readonly<Record<string, string>>]>({
      'is what was fetched, for an empty template': [{}, fetched],
      'is what was fetched, when only metadata is templated': [{ metadata: { labels: { a: 'b' } } }, fetched],
      'is what was fetched, when lists and maps are empty': [{ data: {}, templateFrom: [] }, fetched],
      'is only what the templates give': [{ data: { url: 'x' } }, { url: 'x' }],
      'is only what templates from elsewhere give': [{ templateFrom: [literal('k: v')] }, { k: 'v' }],
      'has nothing, when templates from elsewhere give labels only': [
        { templateFrom: [literal('k: v', { target: 'Labels' })] },
        {},
      ],
      'has both with Merge': [
        { data: { url: 'x' }, mergePolicy: 'Merge' },
        { ...fetched, url: 'x' },
      ],
      'a template wins over what was fetched': [
        { data: { user: 'x' }, mergePolicy: 'Merge' },
        { ...fetched, user: 'x' },
      ],
      'what was fetched loses to templates from elsewhere': [
        { templateFrom: [literal('user: x')], mergePolicy: 'Merge' },
        { ...fetched, user: 'x' },
      ],
      'the later template from elsewhere wins': [{ templateFrom: [literal('k: 1'), literal('k: 2')] }, { k: '2' }],
      'inside one entry the Secret wins over the ConfigMap': [
        {
          templateFrom: [
            {
              secret: { name: 'parts', items: [{ key: 'one' }] },
              configMap: { name: 'parts', items: [{ key: 'one' }] },
            },
          ],
        },
        { one: 'from secret' },
      ],
      'data wins over templates from elsewhere': [{ templateFrom: [literal('k: 1')], data: { k: '2' } }, { k: '2' }],
      'keys and values come from one template': [
        { templateFrom: [{ configMap: { name: 'parts', items: [{ key: 'many', templateAs: 'KeysAndValues' }] } }] },
        { m: 'map' },
      ],
      'values are decoded, keys are not': [
        { templateFrom: [literal('eHh4: eHh4', { valuesDecodingStrategy: 'Base64' })] },
        { eHh4: 'xxx' },
      ],
      'an empty literal gives nothing': [{ templateFrom: [literal('')] }, {}],
    }),
  )('%s', (_sentence, [template, expected]) => {
    expect(texts(target(template).data)).toEqual(expected);
  });

  test('binary values pass byte by byte', () => {
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    const template: SecretTemplate = { data: { key: '' } };
    const jobs = renderJobs(template, SOURCES);
    const results: readonly Rendered[] = [{ kind: 'value', value: SecretValue.fromBytes(bytes) }];
    expect(renderedTarget(template, FETCHED, jobs, results).data.get('key')?.revealBytes()).toEqual(bytes);
  });
});

describe('the metadata', () => {
  test('is what the templates give, whatever the case of the target', () => {
    const result = target({
      metadata: { labels: { a: '1' }, annotations: { n: 'any text: é' }, finalizers: ['x/y', 'x/y'] },
      templateFrom: [
        { literal: 'a: 0\nb: 2', target: 'labels' },
        { literal: 'n: 0\nm: 2', target: 'ANNOTATIONS' },
      ],
      type: 'kubernetes.io/tls',
    });
    expect(result).toMatchObject({
      labels: { a: '1', b: '2' },
      annotations: { n: 'any text: é', m: '2' },
      type: 'kubernetes.io/tls',
      finalizers: ['x/y'],
    });
  });

  test('is nothing for an empty template', () => {
    expect(target({ type: '' })).toMatchObject({ labels: {}, annotations: {}, type: undefined, finalizers: [] });
  });
});

describe('a failure names the key and quotes no value', () => {
  const LABEL_VALUE =
    "a label's value has at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit";
  const LITERAL = 'the template for "literal" (spec.target.template.templateFrom[0])';
  const KEY = "a Secret's key has at most 253 letters, digits, '-', '.' and '_', and does not begin with '..'";
  const METADATA_KEY = /such a key has at most 63 letters/;

  test.each(
    Object.entries<
      readonly [
        template: SecretTemplate,
        kind: typeof InvalidSpec | typeof InvalidSecretContent,
        message: string | RegExp,
      ]
    >({
      'a key of data that no Secret can have': [
        { data: { 'a b': 'x' } },
        InvalidSpec,
        /^spec.target.template.data: the key "a b" cannot be used: the key "a b" has the invalid character " "/,
      ],
      'an empty key of data': [
        { data: { '': 'x' } },
        InvalidSpec,
        'spec.target.template.data: the key "" cannot be used: a key is empty',
      ],
      'a rendered key that no Secret can have': [
        { templateFrom: [{ literal: `${CANARY} : x` }] },
        InvalidSecretContent,
        `${LITERAL} gives a key that cannot be used: ${KEY}`,
      ],
      'a rendered empty key': [
        { templateFrom: [{ literal: ': x' }] },
        InvalidSecretContent,
        `${LITERAL} gives a key that cannot be used: ${KEY}`,
      ],
      'a key of a ConfigMap that no Secret can have': [
        { templateFrom: [{ configMap: { name: 'parts', items: [{ key: '..bad' }] } }] },
        InvalidSpec,
        /^spec.target.template.templateFrom\[0\].configMap "parts": the key "..bad" cannot be used/,
      ],
      'a key that no label can have': [{ metadata: { labels: { 'a b': 'x' } } }, InvalidSpec, METADATA_KEY],
      'a rendered key that no annotation can have': [
        { templateFrom: [{ literal: `/${CANARY}: x`, target: 'Annotations' }] },
        InvalidSecretContent,
        METADATA_KEY,
      ],
      'an annotation of our own': [
        { metadata: { annotations: { 'keyturn.dev/source-hash': 'x' } } },
        InvalidSpec,
        /annotations that begin with keyturn.dev\/ are Keyturn's own$/,
      ],
      'what no label can hold': [
        { metadata: { labels: { app: `${CANARY}!` } } },
        InvalidSecretContent,
        `the template for "app" (spec.target.template.metadata.labels): the key "app" is given what no label can hold: ${LABEL_VALUE}`,
      ],
      'what no label can hold, from a map': [
        { templateFrom: [{ literal: `app: ${CANARY}!`, target: 'Labels' }] },
        InvalidSecretContent,
        `${LITERAL}: the key "app" is given what no label can hold: ${LABEL_VALUE}`,
      ],
      'what no label can hold, under a key that is a value': [
        { templateFrom: [{ literal: `x${CANARY}: a b`, target: 'Labels' }] },
        InvalidSecretContent,
        `${LITERAL}: a key that it gives is given what no label can hold: ${LABEL_VALUE}`,
      ],
      'a value that is not in the encoding': [
        { templateFrom: [{ literal: `k: ${CANARY}`, valuesDecodingStrategy: 'Base64' }] },
        InvalidSecretContent,
        `${LITERAL}: the value of the key "k" is not Base64`,
      ],
      'a token that lets nodes join': [
        { type: 'bootstrap.kubernetes.io/token' },
        InvalidSpec,
        'a Secret of type bootstrap.kubernetes.io/token would let nodes join the cluster',
      ],
      'a token of a ServiceAccount': [
        {
          type: 'kubernetes.io/service-account-token',
          metadata: { annotations: { 'kubernetes.io/service-account.name': 'admin' } },
        },
        InvalidSpec,
        /would be filled with a token of that ServiceAccount; leave one of the two out$/,
      ],
      'a token of a ServiceAccount, in a Secret that may be of such a type already': [
        { metadata: { annotations: { 'kubernetes.io/service-account.name': 'admin' } } },
        InvalidSpec,
        'the annotation kubernetes.io/service-account.name could make Kubernetes fill a Secret that is there already with a token of another ServiceAccount; leave it out, or give the template a type',
      ],
      'the uid of a ServiceAccount, likewise': [
        { templateFrom: [{ literal: 'kubernetes.io/service-account.uid: u-1', target: 'annotations' }] },
        InvalidSpec,
        /^the annotation kubernetes\.io\/service-account\.uid could make Kubernetes fill/,
      ],
      'a token of a ServiceAccount that a template names': [
        {
          type: 'kubernetes.io/service-account-token',
          templateFrom: [{ literal: 'kubernetes.io/service-account.name: admin', target: 'annotations' }],
        },
        InvalidSpec,
        /would be filled with a token of that ServiceAccount; leave one of the two out$/,
      ],
    }),
  )('%s', (_sentence, [template, kind, message]) => {
    const error = failure(template);
    expect(error).toBeInstanceOf(kind);
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(error.message).not.toContain(CANARY);
  });

  test('the name of a ServiceAccount harms nothing on a Secret of another type', () => {
    const annotations = { 'kubernetes.io/service-account.name': 'app' };
    expect(target({ type: 'Opaque', metadata: { annotations } }).annotations).toEqual(annotations);
  });
});
