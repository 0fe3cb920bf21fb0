import { describe, expect, test } from 'vitest';
import type { SecretTemplate, TemplateFrom } from '../../../src/api/secret-template.ts';
import { draftOf } from '../../../src/domain/json-edit.ts';
import { leafPaths } from '../../../src/domain/json-merge-patch.ts';
import { applyWrites, emptyContent, ownContent } from '../../../src/domain/manifest-content.ts';
import { checkManifestTargets, manifestJobs } from '../../../src/domain/manifest-jobs.ts';
import { type RenderedManifest, renderedManifest } from '../../../src/domain/manifest-rendering.ts';
import type { TemplateSources } from '../../../src/domain/template-sources.ts';
import { InvalidSecretContent, InvalidSpec } from '../../../src/ports/errors.ts';
import { encodeJson, isJsonObject, parseJson } from '../../../src/ports/secret-json.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { renderedJobs, secretData } from './manifest-renderer.ts';

/** Stands in what was fetched and in what was rendered: it must be in no message. */
const CANARY = 'canary-hunter2';

const SOURCES: TemplateSources = new Map([
  [
    'ConfigMap/parts',
    { resourceVersion: '1', data: secretData({ one: '[1, two]', text: 'a: b: c', number: '0123', word: 'yes' }) },
  ],
]);
const FETCHED = secretData({ password: CANARY, user: 'app' });

function rendered(template: SecretTemplate | undefined, kind = 'ConfigMap', fetched = FETCHED): RenderedManifest {
  if (template !== undefined) checkManifestTargets(template);
  const jobs = template === undefined ? [] : manifestJobs(template, SOURCES);
  const target = { manifest: { kind }, ...(template === undefined ? {} : { template }) };
  return renderedManifest(target, fetched, jobs, renderedJobs(jobs, fetched));
}

function content(template: SecretTemplate | undefined, kind = 'ConfigMap'): string {
  return encodeJson(ownContent(emptyContent(kind), rendered(template, kind).writes));
}

function from(...templateFrom: readonly TemplateFrom[]): SecretTemplate {
  return { templateFrom };
}

function item(key: string, target: string): TemplateFrom {
  return { configMap: { name: 'parts', items: [{ key }] }, target };
}

function failure(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidSpec || error instanceof InvalidSecretContent) return `${error.name}: ${error.message}`;
    throw error;
  }
  return 'no failure';
}

describe('without a template', () => {
  test('a ConfigMap has the values as its data', () => {
    expect(content(undefined)).toBe(`{"data":{"password":"${CANARY}","user":"app"}}`);
  });

  test('any other kind has them in spec.data', () => {
    expect(content(undefined, 'AppConfig')).toBe(`{"spec":{"data":{"password":"${CANARY}","user":"app"}}}`);
  });

  test('labels and annotations are left to the ExternalSecret', () => {
    expect(rendered(undefined).metadata).toBeUndefined();
  });

  test('a key that prototypes have is a key', () => {
    const fetched = new Map([['__proto__', SecretValue.fromText('x')]]);
    const { writes } = rendered(undefined, 'ConfigMap', fetched);
    expect(encodeJson(ownContent(emptyContent('ConfigMap'), writes))).toBe('{"data":{"__proto__":"x"}}');
  });
});

describe('by a template', () => {
  const both = `"password":"${CANARY}","user":"app"`;
  test.each(
    Object.entries<readonly [template: SecretTemplate, kind: string, content: string]>({
      'an empty one has the values': [{}, 'ConfigMap', `{"data":{${both}}}`],
      'one of metadata alone has the values': [
        { metadata: { labels: { a: 'b' } } },
        'AppConfig',
        `{"spec":{"data":{${both}}}}`,
      ],
      'one of data has no values beside it': [{ data: { url: 'x' } }, 'ConfigMap', '{"data":{"url":"x"}}'],
      'with Merge both are there': [
        { data: { url: 'x' }, mergePolicy: 'Merge' },
        'ConfigMap',
        `{"data":{${both},"url":"x"}}`,
      ],
      'the template wins over a value': [
        { data: { user: 'x' }, mergePolicy: 'Merge' },
        'ConfigMap',
        `{"data":{"password":"${CANARY}","user":"x"}}`,
      ],
      'data of another kind is its field data': [{ data: { url: 'x' } }, 'AppConfig', '{"spec":{},"data":{"url":"x"}}'],
      'data stays text, whatever it looks like': [
        { data: { a: '0123', b: '{"c": 1}' } },
        'ConfigMap',
        '{"data":{"a":"0123","b":"{\\"c\\": 1}"}}',
      ],
      'a literal gives many keys': [from({ literal: 'a: 1\nb: x' }), 'ConfigMap', '{"data":{"a":"1","b":"x"}}'],
      'the later of two literals wins': [
        from({ literal: 'a: 1' }, { literal: 'a: 2' }),
        'ConfigMap',
        '{"data":{"a":"2"}}',
      ],
      'template.data wins over all': [
        { ...from({ literal: 'a: 1\nb: 2' }), data: { a: 'x' } },
        'ConfigMap',
        '{"data":{"a":"x","b":"2"}}',
      ],
      'a literal becomes the spec': [
        from({ literal: 'replicas: 3\nlist: [a, {b: c}]', target: 'spec' }),
        'AppConfig',
        '{"spec":{"list":["a",{"b":"c"}],"replicas":3}}',
      ],
      'the spec is replaced by the next one': [
        from({ literal: 'a: 1', target: 'spec' }, { literal: 'b: 2', target: 'Spec' }),
        'AppConfig',
        '{"spec":{"b":2}}',
      ],
      'what is at a path is added to': [
        from({ literal: 'a: 1\nb: {c: 1}', target: 'spec.x' }, { literal: 'b: {d: 2}', target: 'spec.x' }),
        'AppConfig',
        '{"spec":{"x":{"a":1,"b":{"d":2}}}}',
      ],
      'what is at a path and no map is replaced': [
        from({ literal: '[1, 2]', target: 'spec.x' }, { literal: 'b: 2', target: 'spec.x' }),
        'AppConfig',
        '{"spec":{"x":{"b":2}}}',
      ],
      'a list replaces a map': [
        from({ literal: 'b: 2', target: 'spec.x' }, { literal: '[1, 2]', target: 'spec.x' }),
        'AppConfig',
        '{"spec":{"x":[1,2]}}',
      ],
      'items are filled up to the index': [
        from({ literal: 'a: 1', target: 'spec.x[2].y' }),
        'AppConfig',
        '{"spec":{"x":[null,null,{"y":{"a":1}}]}}',
      ],
      'an item is added to': [
        from({ literal: 'x: [{a: 1}]', target: 'spec' }, { literal: 'b: 2', target: 'spec.x[0]' }),
        'AppConfig',
        '{"spec":{"x":[{"a":1,"b":2}]}}',
      ],
      'a single value becomes what it is in YAML': [
        from(item('one', 'spec.list')),
        'AppConfig',
        '{"spec":{"list":[1,"two"]}}',
      ],
      'a number in YAML is a number, of base 8 after a zero': [
        from(item('number', 'spec.n')),
        'AppConfig',
        '{"spec":{"n":83}}',
      ],
      'a word in YAML is a truth value': [from(item('word', 'spec.w')), 'AppConfig', '{"spec":{"w":true}}'],
      'a single value that is no YAML is text': [from(item('text', 'spec.t')), 'AppConfig', '{"spec":{"t":"a: b: c"}}'],
      'a single value in the spec is text': [from(item('number', 'spec')), 'AppConfig', '{"spec":{"number":"0123"}}'],
      'a null at a path is nothing there': [
        from({ literal: 'a: ~', target: 'spec.x' }),
        'AppConfig',
        '{"spec":{"x":{}}}',
      ],
      'a field of the root beside the spec': [
        from({ literal: 'a: 1', target: 'config' }),
        'AppConfig',
        '{"spec":{},"config":{"a":1}}',
      ],
      'whole numbers keep their digits': [
        from({ literal: 'a: 9007199254740993', target: 'spec' }),
        'AppConfig',
        '{"spec":{"a":9007199254740993}}',
      ],
      'keys that prototypes have are keys': [
        from(
          { literal: '__proto__: {polluted: 1}', target: 'spec.constructor' },
          { literal: 'polluted: 1', target: 'spec.__proto__' },
        ),
        'AppConfig',
        '{"spec":{"constructor":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}}',
      ],
      'decoded values': [
        from({ literal: 'a: aGk=', valuesDecodingStrategy: 'Base64' }),
        'ConfigMap',
        '{"data":{"a":"hi"}}',
      ],
    }),
  )('%s', (_sentence, [template, kind, expected]) => {
    expect(content(template, kind)).toBe(expected);
    expect('polluted' in {}).toBe(false);
  });
});

describe('labels and annotations', () => {
  test('are those of the template, as they stand there', () => {
    const template = { metadata: { labels: { team: 'a' }, annotations: { note: '{{ .user }}' } } };
    expect(rendered(template).metadata).toEqual({ labels: { team: 'a' }, annotations: { note: '{{ .user }}' } });
  });

  test('are rendered where templateFrom says so', () => {
    const template = {
      metadata: { labels: { team: 'a', tier: 'x' } },
      ...from({ literal: 'team: b', target: 'Labels' }, { literal: 'note: text', target: 'ANNOTATIONS' }),
    };
    expect(rendered(template).metadata).toEqual({ labels: { team: 'b', tier: 'x' }, annotations: { note: 'text' } });
  });
});

describe('what cannot be done is told without a value', () => {
  const binary = new Map([['key', SecretValue.fromBytes(Uint8Array.of(0xff, 0xfe))]]);
  const literal = 'the template for "literal" (spec.target.template.templateFrom[0])';
  const meaning = "a ConfigMap's key has at most 253 letters, digits, '-', '.' and '_', and does not begin with '..'";
  test.each(
    Object.entries<readonly [work: () => unknown, failure: string]>({
      'bytes that are no text': [
        () => rendered(undefined, 'ConfigMap', binary),
        'InvalidSecretContent: the key "key": the value is no text (UTF-8), and only a Secret can hold other bytes; encode it in the template (b64enc)',
      ],
      'a key of the manifest that no ConfigMap has': [
        () => rendered({ data: { 'a b': 'x' } }),
        `InvalidSpec: spec.target.template.data: the key "a b" cannot be used: the key "a b" has the invalid character " "; only letters, digits, '-', '.' and '_' are allowed`,
      ],
      'a key that was rendered and no ConfigMap has': [
        () => rendered(from({ literal: `${CANARY} x: y` })),
        `InvalidSecretContent: ${literal} gives a key that cannot be used: ${meaning}`,
      ],
      'an empty key that was rendered': [
        () => rendered(from({ literal: '"": y' })),
        `InvalidSecretContent: ${literal} gives a key that cannot be used: ${meaning}`,
      ],
      'such keys are for the other kinds to judge': [
        () => rendered({ data: { 'a b': 'x' } }, 'AppConfig'),
        'no failure',
      ],
      'a label that no label can be': [
        () => rendered(from({ literal: `a: "${CANARY} x"`, target: 'labels' })),
        `InvalidSecretContent: ${literal} gives what no label can hold: a label's value has at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit`,
      ],
      'a label of the manifest that no label can be': [
        () => rendered({ metadata: { labels: { a: 'x y' } } }),
        `InvalidSpec: spec.target.template.metadata.labels: "a" cannot be used: a label's value has at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit`,
      ],
      "an annotation of Keyturn's own": [
        () => rendered({ metadata: { annotations: { 'keyturn.dev/source-hash': 'x' } } }),
        `InvalidSpec: spec.target.template.metadata.annotations: "keyturn.dev/source-hash" cannot be used: annotations that begin with keyturn.dev/ are Keyturn's own`,
      ],
      'such an annotation that was rendered': [
        () => rendered(from({ literal: 'keyturn.dev/x: y', target: 'annotations' })),
        `InvalidSecretContent: ${literal} gives a key that cannot be used: annotations that begin with keyturn.dev/ are Keyturn's own`,
      ],
      'a value that is not in the alphabet': [
        () => rendered(from({ literal: `a: "${CANARY}!"`, valuesDecodingStrategy: 'Base64' })),
        `InvalidSecretContent: ${literal}: a value is not Base64`,
      ],
      'a path through a text': [
        () =>
          content(
            from({ literal: `x: ${CANARY}`, target: 'spec' }, { literal: 'a: b', target: 'spec.x.y' }),
            'AppConfig',
          ),
        'InvalidSecretContent: the template for "literal" (spec.target.template.templateFrom[1]) has no place: spec.x is there already, and is no map',
      ],
      'an index into a map': [
        () =>
          content(from({ literal: 'x: {}', target: 'spec' }, { literal: 'a: b', target: 'spec.x[0]' }), 'AppConfig'),
        'InvalidSecretContent: the template for "literal" (spec.target.template.templateFrom[1]) has no place: spec.x is there already, and is no list',
      ],
      'members of a spec that is a list': [
        () => content(from({ literal: '[1]', target: 'spec' }, item('one', 'spec')), 'AppConfig'),
        'InvalidSecretContent: the template for "one" (spec.target.template.templateFrom[1].configMap "parts") has no place: spec is there already, and is no map',
      ],
      'more than an object holds': [
        () => content({ data: { a: 'x'.repeat(1_100_000) } }),
        'InvalidSecretContent: the content has 1100017 bytes; an object holds at most 1048576',
      ],
      'nesting without end': [
        () => content(from({ literal: `${'['.repeat(600)}${']'.repeat(600)}`, target: 'spec.x' }), 'AppConfig'),
        `InvalidSecretContent: ${literal} gives something that is nested too deep`,
      ],
    }),
  )('%s', (_sentence, [work, expected]) => {
    expect(failure(work)).toBe(expected);
    expect(failure(work)).not.toContain(CANARY);
  });
});

test('what is there already keeps what the writes do not touch, its nulls too', () => {
  const before = parseJson('{"spec":{"x":[{"a":1},{"keep":null}],"y":1},"other":{"z":1}}');
  const base = draftOf(isJsonObject(before) ? before : new Map());
  const { writes } = rendered(from({ literal: 'b: 2', target: 'spec.x[0]' }), 'AppConfig');
  expect(encodeJson(applyWrites(base, writes))).toBe(
    '{"spec":{"x":[{"a":1,"b":2},{"keep":null}],"y":1},"other":{"z":1}}',
  );
  expect(leafPaths(ownContent(new Map(), writes))).toEqual([['spec', 'x']]);
});

test('what is rendered is not printed by accident', () => {
  expect(JSON.stringify(rendered({ data: { a: CANARY } }))).not.toContain(CANARY);
});

describe('names of fields', () => {
  const inSecret: TemplateFrom = { secret: { name: 'kept', items: [{ key: 'tpl', templateAs: 'KeysAndValues' }] } };
  const sources = new Map([['Secret/kept', { resourceVersion: '1', data: secretData({ tpl: 'hidden: x' }) }]]);
  const cases: Readonly<Record<string, readonly [template: SecretTemplate | undefined, hidesNames: boolean]>> = {
    'that were fetched may be told': [undefined, false],
    'that the manifest gives may be told': [{ data: { a: '{{ .password }}' } }, false],
    'that stand in a template may be told': [
      from({ literal: 'deep: {list: [{item: "{{ .password }}"}]}', target: 'spec' }),
      false,
    ],
    'that are keys which were fetched may be told': [
      from({ literal: '{{ range $k, $v := . }}{{ $k }}: x\n{{ end }}', target: 'spec' }),
      false,
    ],
    'that come out of a value are hidden': [from({ literal: '{{ .password }}: x', target: 'spec' }), true],
    'deep in what comes out of a value too': [
      from({ literal: 'a: [{b: {"{{ .password }}": 1}}]', target: 'spec' }),
      true,
    ],
    'of members of a map too': [from({ literal: '{{ .password }}: x', target: 'Data' }), true],
    'that come from a template in a Secret are hidden': [from({ ...inSecret, target: 'spec' }), true],
    'among which one is hidden are all hidden': [
      { data: { a: 'x' }, ...from({ literal: '{{ .user }}{{ .user }}: x', target: 'spec' }) },
      true,
    ],
  };
  test.each(Object.entries(cases))('%s', (_sentence, [template, hidesNames]) => {
    const jobs = template === undefined ? [] : manifestJobs(template, sources);
    const target = { manifest: { kind: 'AppConfig' }, ...(template === undefined ? {} : { template }) };
    expect(renderedManifest(target, FETCHED, jobs, renderedJobs(jobs, FETCHED)).hidesNames).toBe(hidesNames);
  });
});
