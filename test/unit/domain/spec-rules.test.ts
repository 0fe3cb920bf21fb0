import { describe, expect, test } from 'vitest';
import type { DataFrom } from '../../../src/api/data-from.ts';
import type { ExternalSecretSpec, ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import { specProblems } from '../../../src/domain/spec-rules.ts';
import { ONE_KEY } from './manifests.ts';

const EXTRACT = { key: 'prod/db' };
const GENERATOR = { generatorRef: { kind: 'Password', name: 'pw' } } as const;
const STORE = { storeRef: { name: 'other' } };
const TOKEN = 'kubernetes.io/service-account-token';
const ACCOUNT = { 'kubernetes.io/service-account.name': 'admin' };

function ofTarget(target: ExternalSecretTarget): readonly string[] {
  return specProblems({ ...ONE_KEY, target });
}

describe('policies', () => {
  const creation = ['Owner', 'Orphan', 'Merge', 'None', 'CreateOrMerge'] as const;
  const deletion = ['Retain', 'Delete', 'Merge'] as const;

  test('which of them go together', () => {
    const refused = creation.flatMap((creationPolicy) =>
      deletion
        .filter((deletionPolicy) => ofTarget({ creationPolicy, deletionPolicy }).length > 0)
        .map((deletionPolicy) => `${creationPolicy}+${deletionPolicy}`),
    );
    expect(refused).toEqual(['Merge+Delete', 'None+Delete', 'None+Merge', 'CreateOrMerge+Delete']);
  });

  test('absent ones are Owner and Retain', () => {
    expect([
      specProblems(ONE_KEY),
      ofTarget({ deletionPolicy: 'Delete' }),
      ofTarget({ creationPolicy: 'None' }),
    ]).toEqual([[], [], []]);
  });

  test.each<[string, ExternalSecretTarget, string]>([
    [
      'Delete of what is not owned',
      { creationPolicy: 'Merge', deletionPolicy: 'Delete' },
      "spec.target.deletionPolicy Delete does not go with creationPolicy Merge: what is not this ExternalSecret's own is not deleted; use creationPolicy Owner, or deletionPolicy Merge or Retain",
    ],
    [
      'Merge of nothing',
      { creationPolicy: 'None', deletionPolicy: 'Merge' },
      'spec.target.deletionPolicy Merge does not go with creationPolicy None: nothing is written; use deletionPolicy Retain',
    ],
  ])('%s', (_, target, problem) => {
    expect(ofTarget(target)).toEqual([problem]);
  });
});

describe('privileged templates', () => {
  test.each<[string, NonNullable<ExternalSecretTarget['template']>, string]>([
    [
      'tokens by which nodes join',
      { type: 'bootstrap.kubernetes.io/token' },
      'spec.target.template.type bootstrap.kubernetes.io/token would let nodes join the cluster; choose another type',
    ],
    [
      'tokens of a ServiceAccount that is named',
      { type: TOKEN, metadata: { annotations: ACCOUNT } },
      `spec.target.template.type ${TOKEN} would be filled with a token of a ServiceAccount together with the annotation kubernetes.io/service-account.name; remove one of the two`,
    ],
    [
      'and be it empty, for it is rendered',
      { type: TOKEN, metadata: { annotations: { 'kubernetes.io/service-account.name': '' } } },
      `spec.target.template.type ${TOKEN} would be filled with a token of a ServiceAccount together with the annotation kubernetes.io/service-account.name; remove one of the two`,
    ],
    [
      'tokens of a ServiceAccount that may be named, in any case',
      { type: TOKEN, templateFrom: [{ literal: 'a: b' }, { target: 'aNNotations', literal: 'a: b' }] },
      `spec.target.template.type ${TOKEN} would be filled with a token of a ServiceAccount if spec.target.template.templateFrom[1] renders the annotation that names it; use a target other than Annotations, or another type`,
    ],
  ])('%s', (_, template, problem) => {
    expect(ofTarget({ template })).toEqual([problem]);
    expect(ofTarget({ template, manifest: { apiVersion: 'v1', kind: 'Secret' } })).toEqual([problem]);
  });

  test.each<[string, NonNullable<ExternalSecretTarget['template']>]>([
    ['such a type alone', { type: TOKEN, metadata: { annotations: { a: 'b' }, labels: ACCOUNT } }],
    ['such an annotation alone', { type: 'Opaque', metadata: { annotations: ACCOUNT } }],
    ['annotations of another type', { type: 'kubernetes.io/tls', templateFrom: [{ target: 'Annotations' }] }],
    ['an empty template', {}],
  ])('%s is not refused', (_, template) => {
    expect(ofTarget({ template })).toEqual([]);
  });
});

describe('what a template is for', () => {
  test.each([undefined, '', 'Data', 'data', 'ANNOTATIONS', 'labels'])('%s is a part of a Secret', (target) => {
    expect(ofTarget({ template: { templateFrom: [target === undefined ? {} : { target }] } })).toEqual([]);
  });

  test.each(['spec', 'Metadata', 'data.key', ' Data'])('"%s" is none', (target) => {
    const template = { templateFrom: [{ literal: '' }, { target }] };
    const problem = `spec.target.template.templateFrom[1].target "${target}" is no part of a Secret; use Data, Annotations or Labels`;
    expect(ofTarget({ template })).toEqual([problem]);
    expect(ofTarget({ template, manifest: { apiVersion: 'v1', kind: 'Secret' } })).toEqual([problem]);
  });

  test('other kinds take any path', () => {
    const template = { templateFrom: [{ target: 'spec.rules[0]' }] };
    expect(ofTarget({ template, manifest: { apiVersion: 'v1', kind: 'ConfigMap' } })).toEqual([]);
    expect(ofTarget({ template, manifest: { apiVersion: 'example.com/v1', kind: 'Secret' } })).toEqual([]);
  });
});

describe('what is read', () => {
  test.each<[string, ExternalSecretSpec]>([
    ['nothing', {}],
    ['empty lists', { data: [], dataFrom: [] }],
  ])('%s is too little', (_, spec) => {
    expect(specProblems(spec)).toEqual([
      'spec.data and spec.dataFrom are both empty; name at least one secret to sync',
    ]);
  });

  test.each<[string, DataFrom, readonly string[]]>([
    ['extract', { extract: EXTRACT }, []],
    ['find', { find: { name: { regexp: 'a' } } }, []],
    ['a generator', { sourceRef: GENERATOR }, []],
    ['extract from another store', { extract: EXTRACT, sourceRef: STORE }, []],
    ['another store alone, which upstream lets pass', { sourceRef: STORE }, []],
    [
      'extract and find',
      { extract: EXTRACT, find: {} },
      ['spec.dataFrom[0] has more than one of find, extract and sourceRef.generatorRef; keep one of them'],
    ],
    [
      'extract and a generator',
      { extract: EXTRACT, sourceRef: GENERATOR },
      ['spec.dataFrom[0] has more than one of find, extract and sourceRef.generatorRef; keep one of them'],
    ],
    [
      'nothing but a rewrite',
      { rewrite: [] },
      ['spec.dataFrom[0] has neither extract nor find nor sourceRef; name what to read'],
    ],
    [
      'a source that is none',
      { sourceRef: {} },
      ['spec.dataFrom[0].sourceRef has neither storeRef nor generatorRef; name one, or remove sourceRef'],
    ],
  ])('%s', (_, entry, problems) => {
    expect(specProblems({ dataFrom: [entry] })).toEqual(problems);
  });

  test('a key that is named twice or more is told once, under Retain only', () => {
    const data = ['a', 'b', 'a', 'a'].map((secretKey) => ({ secretKey, remoteRef: EXTRACT }));
    const problem = 'spec.data names the secretKey "a" twice; remove one of the two entries';
    expect(specProblems({ data })).toEqual([problem]);
    expect(specProblems({ data, target: { deletionPolicy: 'Retain' } })).toEqual([problem]);
    expect(specProblems({ data, target: { deletionPolicy: 'Merge' } })).toEqual([]);
    expect(specProblems({ data, target: { deletionPolicy: 'Delete' } })).toEqual([]);
  });
});

test('all problems are told, in the order of the rules', () => {
  const problems = specProblems({
    target: {
      creationPolicy: 'None',
      deletionPolicy: 'Merge',
      template: { type: 'bootstrap.kubernetes.io/token', templateFrom: [{ target: 'spec' }] },
    },
    dataFrom: [{ extract: EXTRACT }, {}],
  });
  expect(problems.map((problem) => problem.split(' ', 2).join(' '))).toEqual([
    'spec.target.deletionPolicy Merge',
    'spec.target.template.type bootstrap.kubernetes.io/token',
    'spec.target.template.templateFrom[0].target "spec"',
    'spec.dataFrom[1] has',
  ]);
});
