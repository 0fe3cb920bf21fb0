import { describe, expect, test } from 'vitest';
import type { ExternalSecret, ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import {
  type CreationPolicy,
  isIntact,
  newSecret,
  ownershipConflict,
  targetPatch,
  targetShape,
} from '../../../src/domain/target.ts';
import type { ControllerRef, SecretMetadata } from '../../../src/ports/cluster.ts';
import { type SecretData, SecretValue } from '../../../src/ports/secret-value.ts';
import { externalSecret, fieldOwner, WRITTEN_AT_MS, writtenTarget } from './manifests.ts';

const MANAGED = 'reconcile.external-secrets.io/managed';
const CREATED_BY = 'reconcile.external-secrets.io/created-by';
const DATA_HASH = 'reconcile.external-secrets.io/data-hash';
const SOURCE_HASH = 'keyturn.dev/source-hash';
const MANAGER = 'externalsecrets.external-secrets.io/app';
const SELF: ControllerRef = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  name: 'app',
  uid: 'uid-app',
};
const DEPLOYMENT: ControllerRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'uid-web' };

function withTarget(target: ExternalSecretTarget, metadata: Partial<ExternalSecret['metadata']> = {}): ExternalSecret {
  return externalSecret({ spec: { target }, metadata });
}

function withPolicy(creationPolicy: CreationPolicy): ExternalSecret {
  return withTarget({ creationPolicy });
}

function data(...keys: readonly string[]): SecretData {
  return new Map(keys.map((key) => [key, SecretValue.fromText('not-a-secret')]));
}

function intact(written: ExternalSecret, target: SecretMetadata, keys = ['password']): boolean {
  return isIntact(target, targetShape(written, keys, 'hash'));
}

describe('the shape of the target', () => {
  const labelled = externalSecret({
    metadata: {
      labels: { team: 'a' },
      annotations: {
        note: 'kept',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
        'argocd.argoproj.io/tracking-id': 'x',
        'kubernetes.io/service-account.name': 'admin',
        'kubernetes.io/service-account.uid': 'u-1',
        'keyturn.dev/anything': 'y',
      },
    },
  });

  test('labels and annotations are copied, but for what speaks of the ExternalSecret itself', () => {
    const { labels, annotations } = targetShape(labelled, [], 'hash');
    expect(labels).toEqual({ team: 'a', [MANAGED]: 'true', [CREATED_BY]: expect.stringMatching(/^[0-9a-f]{56}$/) });
    expect(annotations).toEqual({ note: 'kept', [SOURCE_HASH]: 'hash' });
  });

  test('a label of the ExternalSecret cannot pass for one of ours', () => {
    const forged = externalSecret({ metadata: { labels: { [MANAGED]: 'false', [CREATED_BY]: 'x' } } });
    expect(targetShape(forged, [], 'hash').labels[MANAGED]).toBe('true');
    expect(targetShape(forged, [], 'hash').labels[CREATED_BY]).not.toBe('x');
  });

  test.each<[CreationPolicy, ControllerRef | undefined, boolean]>([
    ['Owner', SELF, true],
    ['Orphan', undefined, true],
    ['Merge', undefined, false],
  ])('%s', (policy, controller, isWhole) => {
    const shape = targetShape(withPolicy(policy), [], 'hash');
    expect(shape).toMatchObject({ namespace: 'team', name: 'app', fieldManager: MANAGER, isWhole });
    expect(shape.controller).toEqual(controller);
    expect(CREATED_BY in shape.labels).toBe(policy === 'Owner');
  });

  test('a name of its own', () => {
    expect(targetShape(withTarget({ name: 'other' }), [], 'hash').name).toBe('other');
  });

  test('a new Secret is opaque and complete', () => {
    const shape = targetShape(externalSecret(), ['password'], 'hash');
    expect(newSecret(shape, data('password'))).toMatchObject({
      type: 'Opaque',
      controller: SELF,
      labels: shape.labels,
      annotations: shape.annotations,
    });
  });
});

describe('isIntact', () => {
  const own = (change: Partial<ReturnType<typeof fieldOwner>>) =>
    fieldOwner({ manager: MANAGER, dataKeys: ['password'], ...change });

  test.each<[string, Partial<SecretMetadata>]>([
    ['as it was written', {}],
    ['with a label of somebody else', { labels: { ...writtenTarget(externalSecret()).labels, other: 'x' } }],
    [
      'with an annotation of somebody else',
      { annotations: { ...writtenTarget(externalSecret()).annotations, other: 'x' } },
    ],
    [
      "adopted with equal values, which stay their first owner's",
      {
        fieldOwners: [
          fieldOwner({ dataKeys: ['password'], changedAtMs: WRITTEN_AT_MS - 1_000 }),
          own({ dataKeys: [] }),
        ],
      },
    ],
    [
      'with another manager of labels only, whenever that was',
      { fieldOwners: [own({}), fieldOwner({ labels: ['x'], changedAtMs: WRITTEN_AT_MS + 60_000 })] },
    ],
  ])('%s it is', (_, change) => {
    expect(intact(externalSecret(), writtenTarget(externalSecret(), ['password'], change))).toBe(true);
  });

  test.each<[string, Partial<SecretMetadata>]>([
    ['managedFields were stripped', { fieldOwners: [] }],
    ['it was written by another manager only', { fieldOwners: [fieldOwner({ dataKeys: ['password'] })] }],
    ['it is being deleted', { deleting: true }],
    ['a key is gone', { fieldOwners: [own({ dataKeys: [] })] }],
    [
      'a key was added by somebody else later',
      { fieldOwners: [own({}), fieldOwner({ dataKeys: ['extra'], changedAtMs: WRITTEN_AT_MS + 1_000 })] },
    ],
    [
      'a key was there before of somebody else',
      { fieldOwners: [own({}), fieldOwner({ dataKeys: ['extra'], changedAtMs: WRITTEN_AT_MS - 1_000 })] },
    ],
    [
      'a key was changed later',
      {
        fieldOwners: [
          own({ dataKeys: [] }),
          fieldOwner({ dataKeys: ['password'], changedAtMs: WRITTEN_AT_MS + 1_000 }),
        ],
      },
    ],
    [
      'a key was changed in the same second',
      { fieldOwners: [own({ dataKeys: [] }), fieldOwner({ dataKeys: ['password'] })] },
    ],
    [
      'a key was set by stringData later',
      { fieldOwners: [own({}), fieldOwner({ stringDataKeys: ['password'], changedAtMs: WRITTEN_AT_MS + 1_000 })] },
    ],
    ['the managed label is gone', { labels: {} }],
    ['the managed label is false', { labels: { ...writtenTarget(externalSecret()).labels, [MANAGED]: 'false' } }],
    ['it was made from something else', { annotations: { [SOURCE_HASH]: 'other' } }],
    ['the hash is gone', { annotations: {} }],
    ['the owner reference is gone', { controller: undefined }],
    ['its owner is an earlier object of the same name', { controller: { ...SELF, uid: 'uid-before' } }],
  ])('it is not when %s', (_, change) => {
    expect(intact(externalSecret(), writtenTarget(externalSecret(), ['password'], change))).toBe(false);
  });

  test('a copied label that was changed is put right', () => {
    const labelled = externalSecret({ metadata: { labels: { team: 'a' } } });
    const target = writtenTarget(labelled);
    expect(intact(labelled, target)).toBe(true);
    expect(intact(labelled, { ...target, labels: { ...target.labels, team: 'b' } })).toBe(false);
  });

  test('a key that is not wanted any more makes it differ', () => {
    expect(intact(externalSecret(), writtenTarget(externalSecret(), ['password', 'old']))).toBe(false);
  });

  describe('of a Secret that is merged into', () => {
    const merging = withPolicy('Merge');

    test.each<[string, Partial<SecretMetadata>, boolean]>([
      [
        'keys of others do not matter',
        { fieldOwners: [own({}), fieldOwner({ dataKeys: ['theirs'], changedAtMs: WRITTEN_AT_MS + 1_000 })] },
        true,
      ],
      [
        'a key of ours that others changed does',
        {
          fieldOwners: [
            own({ dataKeys: [] }),
            fieldOwner({ dataKeys: ['password'], changedAtMs: WRITTEN_AT_MS + 1_000 }),
          ],
        },
        false,
      ],
      [
        'a key of ours that is gone does',
        { fieldOwners: [own({ dataKeys: [] }), fieldOwner({ dataKeys: ['theirs'] })] },
        false,
      ],
      ['whoever controls it does not matter', { controller: DEPLOYMENT }, true],
    ])('%s', (_, change, isSo) => {
      expect(intact(merging, writtenTarget(merging, ['password'], change))).toBe(isSo);
    });

    test('two ExternalSecrets that merge into one Secret both find it as they wrote it', () => {
      const other = withTarget(
        { creationPolicy: 'Merge', name: 'app' },
        { name: 'second', uid: 'uid-2', labels: { team: 'b' } },
      );
      const first = withTarget({ creationPolicy: 'Merge', name: 'app' }, { labels: { team: 'a' } });
      const [a, b] = [writtenTarget(first, ['a']), writtenTarget(other, ['b'])];
      const both: SecretMetadata = {
        ...a,
        labels: { ...a.labels, ...b.labels },
        annotations: { ...a.annotations, ...b.annotations },
        fieldOwners: [
          ...a.fieldOwners,
          ...b.fieldOwners.map((owner) => ({ ...owner, changedAtMs: WRITTEN_AT_MS + 5_000 })),
        ],
      };
      expect(intact(first, both, ['a'])).toBe(true);
      expect(intact(other, both, ['b'])).toBe(true);
    });
  });
});

describe('targetPatch', () => {
  function patchOf(
    written: ExternalSecret,
    target: SecretMetadata,
    keys: readonly string[],
    presentKeys: readonly string[],
  ) {
    return targetPatch(target, targetShape(written, keys, 'new'), data(...keys), presentKeys);
  }

  test('every key that is not wanted goes, whoever made it', () => {
    const target = writtenTarget(externalSecret(), ['password', 'old']);
    expect(
      patchOf(externalSecret(), target, ['password', 'new'], ['password', 'old', 'theirs']).removedDataKeys,
    ).toEqual(['old', 'theirs']);
  });

  test('Merge takes away what it made itself, and keeps what others made', () => {
    const merging = withPolicy('Merge');
    const target = writtenTarget(merging, ['password', 'old']);
    expect(patchOf(merging, target, ['password'], ['password', 'old', 'theirs']).removedDataKeys).toEqual(['old']);
  });

  test('labels and annotations that we own and no longer want go, and those of others stay', () => {
    const before = externalSecret({ metadata: { labels: { old: '1', kept: '1' }, annotations: { gone: '1' } } });
    const target = writtenTarget(before);
    const foreign = {
      ...target,
      labels: { ...target.labels, theirs: 'x' },
      annotations: { ...target.annotations, theirs: 'x' },
    };
    const now = externalSecret({ metadata: { labels: { kept: '2' } } });
    const patch = patchOf(now, foreign, ['password'], ['password']);
    expect(patch.labels).toMatchObject({ old: null, kept: '2', [MANAGED]: 'true' });
    expect(patch.annotations).toEqual({ gone: null, [SOURCE_HASH]: 'new' });
    expect(patch.labels).not.toHaveProperty('theirs');
  });

  test('a label that is called like a method of every object goes like any other', () => {
    const target = writtenTarget(externalSecret({ metadata: { labels: { constructor: '1', toString: '1' } } }));
    const patch = patchOf(externalSecret(), target, ['password'], ['password']);
    expect(Object.entries(patch.labels)).toEqual(
      expect.arrayContaining([
        ['constructor', null],
        ['toString', null],
      ]),
    );
  });

  test('what is gone already is not removed again', () => {
    const target = { ...writtenTarget(externalSecret({ metadata: { labels: { old: '1' } } })), labels: {} };
    expect(patchOf(externalSecret(), target, ['password'], ['password']).labels).not.toHaveProperty('old');
  });

  test("upstream's hash of the values is removed when a Secret is taken over", () => {
    const target = writtenTarget(externalSecret(), ['password'], { annotations: { [DATA_HASH]: 'x' } });
    expect(patchOf(externalSecret(), target, ['password'], ['password']).annotations).toEqual({
      [DATA_HASH]: null,
      [SOURCE_HASH]: 'new',
    });
  });

  test.each<[string, CreationPolicy]>([
    ['Orphan', 'Orphan'],
    ['Merge', 'Merge'],
  ])('when Owner becomes %s, the owner reference and the created-by label go', (_, policy) => {
    const patch = patchOf(withPolicy(policy), writtenTarget(externalSecret()), ['password'], ['password']);
    expect(patch.controller).toBeNull();
    expect(patch.labels[CREATED_BY]).toBeNull();
  });

  test('when Owner becomes Merge, the common hash gives way to one of its own', () => {
    const { annotations } = patchOf(withPolicy('Merge'), writtenTarget(externalSecret()), ['password'], ['password']);
    expect(annotations[SOURCE_HASH]).toBeNull();
    const [name = '', hash] = Object.entries(annotations).find(([, value]) => value !== null) ?? [];
    expect(name).toMatch(/^keyturn\.dev\/source-hash\.[0-9a-f]{16}$/);
    expect(hash).toBe('new');
  });

  test('Owner sets its reference', () => {
    const target = writtenTarget(externalSecret(), ['password'], { controller: undefined });
    expect(patchOf(externalSecret(), target, ['password'], ['password']).controller).toEqual(SELF);
  });

  test('the controller of somebody else is left alone by Merge', () => {
    const target = writtenTarget(withPolicy('Merge'), ['password'], { controller: DEPLOYMENT });
    expect(patchOf(withPolicy('Merge'), target, ['password'], ['password']).controller).toBeUndefined();
  });

  test('nothing is known of a Secret without managedFields but its keys', () => {
    const target = writtenTarget(externalSecret(), ['password'], { fieldOwners: [] });
    const patch = patchOf(externalSecret(), target, ['password'], ['password', 'old']);
    expect(patch.removedDataKeys).toEqual(['old']);
    expect(patch.labels).toMatchObject({ [MANAGED]: 'true' });
  });
});

describe('ownershipConflict', () => {
  const other: ControllerRef = { ...SELF, name: 'other', uid: 'uid-other' };

  test.each<[string, CreationPolicy, ControllerRef | undefined, string | undefined]>([
    ['nobody controls it', 'Owner', undefined, undefined],
    ['it is ours', 'Owner', SELF, undefined],
    ['it belonged to an earlier object of our name', 'Owner', { ...SELF, uid: 'uid-before' }, undefined],
    [
      'it was ours in an earlier version of the API',
      'Owner',
      { ...SELF, apiVersion: 'external-secrets.io/v1beta1' },
      undefined,
    ],
    [
      'it belongs to another ExternalSecret',
      'Owner',
      other,
      'target is owned by another ExternalSecret: Secret "app" belongs to "other"',
    ],
    [
      'it belongs to another ExternalSecret, and we would orphan it',
      'Orphan',
      other,
      'target is owned by another ExternalSecret',
    ],
    [
      'it belongs to another ExternalSecret, and we would merge',
      'Merge',
      other,
      'target is owned by another ExternalSecret',
    ],
    ['it belongs to another ExternalSecret, and we write nothing', 'None', other, undefined],
    [
      'it belongs to another kind',
      'Owner',
      DEPLOYMENT,
      'failed to take ownership of target secret: Secret "app" is controlled by Deployment "web"',
    ],
    ['it belongs to another kind, and we would merge', 'Merge', DEPLOYMENT, undefined],
    [
      'it belongs to an ExternalSecret of another group',
      'Owner',
      { ...other, apiVersion: 'example.com/v1' },
      'failed to take ownership',
    ],
  ])('%s', (_, policy, controller, message) => {
    const conflict = ownershipConflict(withPolicy(policy), writtenTarget(externalSecret(), [], { controller }));
    if (message === undefined) expect(conflict).toBeUndefined();
    else expect(conflict?.message).toContain(message);
  });
});
