import { describe, expect, test } from 'vitest';
import type { ExternalSecret, ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import type { SecretTemplate } from '../../../src/api/secret-template.ts';
import { checkManifestTargets, manifestJobs } from '../../../src/domain/manifest-jobs.ts';
import { asTarget, pathKey } from '../../../src/domain/manifest-projection.ts';
import { renderedManifest } from '../../../src/domain/manifest-rendering.ts';
import {
  type ManifestShape,
  manifestConflict,
  manifestPatch,
  manifestShape,
  newManifest,
  wantedPaths,
} from '../../../src/domain/manifest-target.ts';
import { type CreationPolicy, isIntact, targetShape } from '../../../src/domain/target.ts';
import type { ControllerRef } from '../../../src/ports/cluster.ts';
import { InvalidSecretContent } from '../../../src/ports/errors.ts';
import type { ContentOwner, FieldPath, GenericMetadata, GenericObject } from '../../../src/ports/generic-objects.ts';
import { encodeJson, isJsonObject, parseJson, SecretJson } from '../../../src/ports/secret-json.ts';
import { renderedJobs, secretData } from './manifest-renderer.ts';
import { externalSecret, WRITTEN_AT_MS } from './manifests.ts';

const MANAGER = 'externalsecrets.external-secrets.io/app';
const MANAGED = 'reconcile.external-secrets.io/managed';
const CREATED_BY = 'reconcile.external-secrets.io/created-by';
const SELF: ControllerRef = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  name: 'app',
  uid: 'uid-app',
};
const OTHER: ControllerRef = { ...SELF, name: 'other', uid: 'uid-other' };
const DEPLOYMENT: ControllerRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'uid-web' };

interface Case {
  readonly policy?: CreationPolicy;
  readonly kind?: string;
  readonly template?: SecretTemplate;
  readonly labels?: Readonly<Record<string, string>>;
}

function made({ policy = 'Owner', kind = 'ConfigMap', template, labels = {} }: Case) {
  const fetched = secretData({ password: 'new' });
  const target: ExternalSecretTarget = { creationPolicy: policy, ...(template === undefined ? {} : { template }) };
  const object = externalSecret({ spec: { target }, metadata: { labels } });
  if (template !== undefined) checkManifestTargets(template);
  const jobs = template === undefined ? [] : manifestJobs(template, new Map());
  const rendered = renderedManifest({ ...target, manifest: { kind } }, fetched, jobs, renderedJobs(jobs, fetched));
  const paths = wantedPaths(object, kind, rendered);
  return { object, rendered, shape: manifestShape(object, kind, rendered.metadata, paths, 'hash') };
}

function owner(manager: string, fields: readonly FieldPath[], more: Partial<ContentOwner> = {}): ContentOwner {
  return { manager, changedAtMs: WRITTEN_AT_MS, labels: [], annotations: [], fields, size: fields.length, ...more };
}

function existing(content: string, metadata: Partial<GenericMetadata> = {}): GenericObject {
  const json = parseJson(content);
  return {
    metadata: {
      namespace: 'team',
      name: 'app',
      uid: 'uid-target',
      resourceVersion: '5',
      deleting: false,
      labels: {},
      annotations: {},
      controller: undefined,
      fieldOwners: [],
      ...metadata,
    },
    content: new SecretJson(isJsonObject(json) ? json : new Map()),
  };
}

/** As it is after our write. */
function written(
  shape: ManifestShape,
  fields: readonly FieldPath[] = shape.paths,
  more: Partial<ContentOwner> = {},
): GenericMetadata {
  const { labels, annotations, controller, fieldManager } = shape;
  return {
    ...existing('{}').metadata,
    labels,
    annotations,
    controller,
    fieldOwners: [owner(fieldManager, fields, more)],
  };
}

describe('a new target', () => {
  test('has the labels of the ExternalSecret, its marks, its owner and its content', () => {
    const { shape, rendered } = made({ labels: { team: 'a' } });
    const { content, ...rest } = newManifest(shape, rendered);
    expect(rest).toEqual({
      namespace: 'team',
      name: 'app',
      labels: { team: 'a', [MANAGED]: 'true', [CREATED_BY]: expect.stringMatching(/^[0-9a-f]{56}$/) },
      annotations: { 'keyturn.dev/source-hash': 'hash' },
      controller: SELF,
    });
    expect(encodeJson(content.reveal())).toBe('{"data":{"password":"new"}}');
    expect(shape.paths).toEqual([['data', 'password']]);
  });

  test('by a template has its labels instead, and the marks all the same', () => {
    const template = { metadata: { labels: { team: 'b', [MANAGED]: 'false', [CREATED_BY]: 'x' } }, data: { a: 'x' } };
    const { labels } = made({ labels: { team: 'a', mine: 'x' }, template }).shape;
    expect(labels).toEqual({ team: 'b', [MANAGED]: 'true', [CREATED_BY]: expect.stringMatching(/^[0-9a-f]{56}$/) });
  });

  test('of a kind that has a spec has one, be it empty', () => {
    const { shape, rendered } = made({ kind: 'AppConfig', template: { data: { a: 'x' } } });
    expect(encodeJson(newManifest(shape, rendered).content.reveal())).toBe('{"spec":{},"data":{"a":"x"}}');
  });

  test('is controlled by nobody where it is not owned', () => {
    const { shape } = made({ policy: 'Orphan' });
    expect(shape.controller).toBeUndefined();
    expect(shape.labels).toEqual({ [MANAGED]: 'true' });
  });
});

function patchOf(given: Case, object: (shape: ManifestShape) => GenericObject) {
  const { shape, rendered } = made(given);
  const patch = manifestPatch(shape, rendered, object(shape));
  return patch && { ...patch, content: encodeJson(patch.content.reveal()) };
}

function contentPatch(given: Case, content: string, own: readonly FieldPath[]): string | undefined {
  return patchOf(given, (shape) => existing(content, written(shape, own)))?.content;
}

describe('the patch of the content', () => {
  const spec = (literal: string, target = 'spec'): SecretTemplate => ({ templateFrom: [{ literal, target }] });
  const whole = { kind: 'AppConfig', template: spec('a: 1\nb: {c: 2}') } as const;
  const merged = { ...whole, policy: 'Merge', template: spec('a: 1\nb: {c: 2}', 'spec.x') } as const;
  test.each(
    Object.entries<readonly [given: Case, content: string, own: readonly FieldPath[], patch: string | undefined]>({
      'is none where all is as it should be': [{}, '{"data":{"password":"new"}}', [['data', 'password']], undefined],
      'has the value that differs': [
        {},
        '{"data":{"password":"old"}}',
        [['data', 'password']],
        '{"data":{"password":"new"}}',
      ],
      'of a whole object removes what is not ours': [
        {},
        '{"data":{"password":"new","more":"x"}}',
        [['data', 'password']],
        '{"data":{"more":null}}',
      ],
      'of a whole object removes what is deep in ours': [
        whole,
        '{"spec":{"a":1,"b":{"c":2,"d":3}}}',
        [],
        '{"spec":{"b":{"d":null}}}',
      ],
      'of a whole object leaves alone the fields of the root that are not ours': [
        {},
        '{"data":{"password":"new"},"binaryData":{"b":"AA=="},"immutable":false}',
        [],
        undefined,
      ],
      'of a whole object removes a field of the root that was ours': [
        {},
        '{"data":{"password":"new"},"config":{"a":1}}',
        [['config', 'a']],
        '{"config":null}',
      ],
      'replaces a list that differs': [
        { kind: 'AppConfig', template: spec('l: [1, 2]') },
        '{"spec":{"l":[1,3]}}',
        [],
        '{"spec":{"l":[1,2]}}',
      ],
      'of an object that is merged into leaves alone what others have': [
        merged,
        '{"spec":{"x":{"a":1,"b":{"c":2},"z":3},"y":1}}',
        [],
        undefined,
      ],
      'of an object that is merged into replaces a map in the map that is added to, as upstream': [
        merged,
        '{"spec":{"x":{"a":1,"b":{"c":2,"d":3}}}}',
        [],
        '{"spec":{"x":{"b":{"d":null}}}}',
      ],
      'of an object that is merged into has what is missing': [
        merged,
        '{"spec":{"x":{"a":2},"y":1}}',
        [],
        '{"spec":{"x":{"a":1,"b":{"c":2}}}}',
      ],
      'of an object that is merged into removes what was ours and is not wanted': [
        merged,
        '{"spec":{"x":{"a":1,"b":{"c":2},"old":3}}}',
        [
          ['spec', 'x', 'old'],
          ['spec', 'x', 'a'],
        ],
        '{"spec":{"x":{"old":null}}}',
      ],
      'of an object that is merged into removes no list, which others may have a part in': [
        merged,
        '{"spec":{"x":{"a":1,"b":{"c":2},"old":[3]}}}',
        [['spec', 'x', 'old']],
        undefined,
      ],
      'adds to an item, and keeps the others': [
        { ...merged, template: spec('b: 2', 'spec.l[0]') },
        '{"spec":{"l":[{"a":1,"n":null},{"z":1}]}}',
        [],
        '{"spec":{"l":[{"a":1,"n":null,"b":2},{"z":1}]}}',
      ],
      'makes a map where we had a text': [
        merged,
        '{"spec":{"x":{"a":1,"b":"text"}}}',
        [['spec', 'x', 'b']],
        '{"spec":{"x":{"b":{"c":2}}}}',
      ],
      'of a ConfigMap that is merged into adds keys': [
        { policy: 'Merge' },
        '{"data":{"theirs":"x"}}',
        [],
        '{"data":{"password":"new"}}',
      ],
      'keeps every digit that others have in a list': [
        { ...merged, template: spec('b: 2', 'spec.l[0]') },
        '{"spec":{"l":[{"id":9007199254740993}]}}',
        [],
        '{"spec":{"l":[{"id":9007199254740993,"b":2}]}}',
      ],
    }),
  )('%s', (_sentence, [given, content, own, patch]) => {
    expect(contentPatch(given, content, own)).toBe(patch);
  });

  test('is refused where a path leads through what is there', () => {
    expect(() => contentPatch(merged, '{"spec":{"x":"text"}}', [])).not.toThrow();
    const through = { ...merged, template: spec('a: 1', 'spec.x.y') };
    expect(() => contentPatch(through, '{"spec":{"x":"canary"}}', [])).toThrow(InvalidSecretContent);
    expect(() => contentPatch(through, '{"spec":{"x":"canary"}}', [])).not.toThrow(/canary/);
  });
});

describe('the patch of the metadata', () => {
  const content = '{"data":{"password":"new"}}';

  test('takes the object over, and keeps what others have put there', () => {
    const before = { labels: { app: 'web' }, annotations: { note: 'x' } };
    expect(patchOf({}, () => existing(content, before))).toEqual({
      labels: { [MANAGED]: 'true', [CREATED_BY]: expect.any(String) },
      annotations: { 'keyturn.dev/source-hash': 'hash' },
      controller: SELF,
      content: '{}',
    });
  });

  test("removes what we have put there and is not wanted, and upstream's hash", () => {
    const owned = owner(MANAGER, [['data', 'password']], { labels: ['old', 'gone'], annotations: ['note'] });
    const patch = patchOf({}, (shape) => {
      const { labels, annotations, controller } = shape;
      return existing(content, {
        controller,
        labels: { ...labels, old: 'x', theirs: 'y' },
        annotations: { ...annotations, note: 'x', 'reconcile.external-secrets.io/data-hash': 'y' },
        fieldOwners: [owned],
      });
    });
    expect(patch).toEqual({
      labels: { old: null },
      annotations: { note: null, 'reconcile.external-secrets.io/data-hash': null },
      controller: undefined,
      content: '{}',
    });
  });

  test('gives up the object where it is not to be owned any more', () => {
    const patch = patchOf({ policy: 'Orphan' }, (shape) =>
      existing(content, { ...written(shape), controller: SELF, labels: { [MANAGED]: 'true', [CREATED_BY]: 'x' } }),
    );
    expect(patch).toEqual({ labels: { [CREATED_BY]: null }, annotations: {}, controller: null, content: '{}' });
  });
});

test.each(
  Object.entries<readonly [policy: CreationPolicy, controller: ControllerRef | undefined, problem: string | undefined]>(
    {
      'an object of nobody is taken': ['Owner', undefined, undefined],
      'our own is taken': ['Owner', SELF, undefined],
      "another ExternalSecret's is not": [
        'Owner',
        OTHER,
        'target is owned by another ExternalSecret: ConfigMap "app" belongs to "other"; give one of the two another spec.target.name',
      ],
      "nor is another ExternalSecret's merged into": [
        'Merge',
        OTHER,
        'target is owned by another ExternalSecret: ConfigMap "app" belongs to "other"; give one of the two another spec.target.name',
      ],
      "a controller's is not owned": [
        'Owner',
        DEPLOYMENT,
        'failed to take ownership of target secret: ConfigMap "app" is controlled by Deployment "web"; choose another spec.target.name, or creationPolicy Merge to add to it',
      ],
      "a controller's is merged into": ['Merge', DEPLOYMENT, undefined],
      'nothing is taken where nothing is written': ['None', OTHER, undefined],
    },
  ),
)('%s', (_sentence, [policy, controller, problem]) => {
  const { object } = made({ policy });
  expect(manifestConflict(object, 'ConfigMap', { ...existing('{}').metadata, controller })?.message).toBe(problem);
});

/** As the plan asks of any target: whether somebody has touched it since it was written with those paths. */
function intact(object: ExternalSecret, metadata: GenericMetadata, keys: readonly string[]): boolean {
  return isIntact(asTarget(metadata, MANAGER), targetShape(object, keys, 'hash'));
}

describe('in the terms of a Secret a target', () => {
  const template = { templateFrom: [{ literal: 'a: 1\nl: [{x: 1}]', target: 'spec.x' }] };
  const later = WRITTEN_AT_MS + 1_000;
  const A: FieldPath = ['spec', 'x', 'a'];
  const L: FieldPath = ['spec', 'x', 'l'];
  const others = (...fields: readonly FieldPath[]) => owner('kubectl', fields, { changedAtMs: later });

  const cases: Readonly<
    Record<string, readonly [policy: CreationPolicy, owners: readonly ContentOwner[], isIntact: boolean]>
  > = {
    'that was written is intact': ['Owner', [owner(MANAGER, [A, L])], true],
    'of which a field was removed is not': ['Owner', [owner(MANAGER, [A])], false],
    'of which a field was changed by another is not': ['Owner', [owner(MANAGER, [A]), others(L)], false],
    'that got another field is not': ['Owner', [owner(MANAGER, [A, L]), others(['spec', 'y'])], false],
    'that got another field elsewhere is': ['Owner', [owner(MANAGER, [A, L]), others(['operation', 'sync'])], true],
    'whose status was written is': ['Owner', [owner(MANAGER, [A, L]), others()], true],
    'whose list has fewer items is not': ['Owner', [owner(MANAGER, [A, L], { size: 3 })], false],
    'that nobody has written is not': ['Owner', [others(A, L)], false],
    'that is merged into and got another field is': [
      'Merge',
      [owner(MANAGER, [A, L]), others(['spec', 'x', 'z'])],
      true,
    ],
    'that is merged into and had ours changed is not': ['Merge', [owner(MANAGER, [A]), others(L)], false],
  };
  test.each(Object.entries(cases))('%s', (_sentence, [policy, fieldOwners, expected]) => {
    const { object, shape } = made({ policy, kind: 'AppConfig', template });
    const keys = shape.paths.map(pathKey);
    const { labels, annotations, controller } = targetShape(object, keys, 'hash');
    const metadata = { ...existing('{}').metadata, labels, annotations, controller, fieldOwners };
    expect(intact(object, metadata, keys)).toBe(expected);
  });

  test('is intact by the keys that were seen after the write, lists included', () => {
    const { object, shape } = made({ kind: 'AppConfig', template });
    const metadata = written(shape, [A, L], { size: 4 });
    const seen = asTarget(metadata, MANAGER).fieldOwners.flatMap(({ dataKeys }) => dataKeys);
    expect(intact(object, metadata, seen)).toBe(true);
    expect(intact(object, written(shape, [A, L], { size: 3 }), seen)).toBe(false);
  });
});
