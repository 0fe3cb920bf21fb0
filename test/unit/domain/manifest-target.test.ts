import { describe, expect, test } from 'vitest';
import type { SecretTemplate } from '../../../src/api/secret-template.ts';
import { type ManifestShape, manifestPatch, newManifest } from '../../../src/domain/manifest-target.ts';
import { type CreationPolicy, ownershipConflict } from '../../../src/domain/target.ts';
import type { ControllerRef } from '../../../src/ports/cluster.ts';
import { InvalidSecretContent } from '../../../src/ports/errors.ts';
import type { ContentOwner, FieldPath, GenericMetadata, GenericObject } from '../../../src/ports/generic-objects.ts';
import { encodeJson } from '../../../src/ports/secret-json.ts';
import { type Case, existing, MANAGER, made, owner } from './manifest-cases.ts';

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
      hidesNames: false,
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
  if (patch === undefined) return undefined;
  const { labels, annotations, controller, content } = patch;
  return { labels, annotations, controller, content: encodeJson(content.reveal()) };
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
  expect(ownershipConflict(object, { controller })?.message).toBe(problem);
});
