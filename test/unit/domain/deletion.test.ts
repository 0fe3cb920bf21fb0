import { describe, expect, test } from 'vitest';
import type { ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import { type Act, actOn, lostSources, type Sources, wordsFor } from '../../../src/domain/deletion.ts';
import type { SecretMetadata } from '../../../src/ports/cluster.ts';
import { externalSecret, fieldOwner, writtenTarget } from './manifests.ts';
import { other } from './situations.ts';

const withTarget = (target: ExternalSecretTarget) => externalSecret({ spec: { target } });
const GONE: Sources = { areGone: true, keys: 0 };
const EMPTY: Sources = { areGone: false, keys: 0 };
const SOME: Sources = { areGone: false, keys: 1 };

describe('what is done about the target', () => {
  const owned = (change: Partial<SecretMetadata> = {}) => writtenTarget(externalSecret(), ['password'], change);
  const foreign = owned({
    controller: undefined,
    annotations: {},
    fieldOwners: [fieldOwner({ dataKeys: ['theirs'] })],
  });

  function told(act: Act): string {
    if (act.kind === 'nothing') return `nothing: ${act.end}`;
    return act.kind === 'fail' ? `fail: ${act.error.message}` : act.kind;
  }

  test.each<[string, ExternalSecretTarget, SecretMetadata | undefined, Sources, string]>([
    ['Delete: it is written while something is left', { deletionPolicy: 'Delete' }, owned(), SOME, 'write'],
    ['Delete: it is deleted when all is gone', { deletionPolicy: 'Delete' }, owned(), GONE, 'delete'],
    [
      'Delete: it stays when AWS answers with nothing in it',
      { deletionPolicy: 'Delete' },
      owned(),
      EMPTY,
      'nothing: retained',
    ],
    [
      'Delete: it need not be deleted when there is none',
      { deletionPolicy: 'Delete' },
      undefined,
      GONE,
      'nothing: deleted',
    ],
    ['Delete: nor when it is going', { deletionPolicy: 'Delete' }, owned({ deleting: true }), GONE, 'nothing: deleted'],
    [
      "Delete: somebody else's stays",
      { deletionPolicy: 'Delete' },
      owned({ controller: other }),
      GONE,
      'nothing: left',
    ],
    ["Delete: nobody's stays", { deletionPolicy: 'Delete' }, foreign, GONE, 'nothing: left'],
    [
      'Delete: one that we wrote and that was taken from us stays',
      { deletionPolicy: 'Delete' },
      owned({ controller: undefined }),
      GONE,
      'nothing: left',
    ],
    [
      'Delete: that of an earlier object of our name stays',
      { deletionPolicy: 'Delete' },
      owned({ controller: { ...other, name: 'app', uid: 'uid-before' } }),
      GONE,
      'nothing: left',
    ],
    [
      'Delete: Orphan cannot, and says so',
      { deletionPolicy: 'Delete', creationPolicy: 'Orphan' },
      owned({ controller: undefined }),
      GONE,
      'fail: could not delete secret: every source of Secret "app" is gone, and deletionPolicy Delete deletes only with creationPolicy Owner; change one of the two, or delete it yourself',
    ],
    ['Merge: it is emptied when all is gone', { deletionPolicy: 'Merge' }, owned(), GONE, 'write'],
    ['Merge: it is made empty when there is none', { deletionPolicy: 'Merge' }, undefined, GONE, 'write'],
    [
      'Merge: it stays when AWS answers with nothing in it',
      { deletionPolicy: 'Merge' },
      owned(),
      EMPTY,
      'nothing: retained',
    ],
    ['Merge: what others have made is not emptied', { deletionPolicy: 'Merge' }, foreign, GONE, 'nothing: left'],
    [
      'Merge: what is merged into loses our keys only, whoever made it',
      { deletionPolicy: 'Merge', creationPolicy: 'Merge' },
      foreign,
      GONE,
      'write',
    ],
    ['Retain: it stays when AWS answers with nothing in it', {}, owned(), EMPTY, 'nothing: retained'],
  ])('%s', (_, target, secret, sources, expected) => {
    expect(told(actOn(withTarget(target), secret, sources))).toBe(expected);
  });
});

describe('what the target loses', () => {
  const object = withTarget({ deletionPolicy: 'Merge' });
  const target = writtenTarget(object);
  const sources = (ids: readonly string[]) =>
    new Map(ids.map((refId) => [`${refId} of a store`, { identityKey: 'identity-a', refId }]));
  const record = (...gone: string[]) => ({ uid: 'uid-app', gone: sources(gone) });
  const outcome = (sourceHash: string, ...gone: string[]) => ({ sourceHash, gone: sources(gone) });
  const lost = (...args: Parameters<typeof lostSources>) => lostSources(...args).map(({ refId }) => refId);

  test.each<[string, readonly string[], readonly string[]]>([
    ['what is newly gone', lost(object, target, record(), outcome('new', 'a')), ['a']],
    ['nothing when nothing is gone', lost(object, target, record(), outcome('new')), []],
    ['nothing of what it lost before', lost(object, target, record('a'), outcome('new', 'a', 'b')), ['b']],
    ['nothing when there is none', lost(object, undefined, record(), outcome('new', 'a')), []],
    ['all, when nothing is known', lost(object, target, undefined, outcome('new', 'a', 'b')), ['a', 'b']],
    [
      'all, when what is known is of an earlier object',
      lost(object, target, { ...record('a'), uid: 'uid-before' }, outcome('new', 'a')),
      ['a'],
    ],
    ['nothing when it says that it lost that before', lost(object, target, undefined, outcome('hash', 'a')), []],
    [
      'nothing that we have not put there',
      lost(
        object,
        { ...target, controller: undefined, annotations: {}, fieldOwners: [fieldOwner({ dataKeys: ['x'] })] },
        undefined,
        outcome('new', 'a'),
      ),
      [],
    ],
    [
      'all of what we own, although its marks were taken away',
      lost(object, { ...target, annotations: {}, fieldOwners: [] }, undefined, outcome('new', 'a')),
      ['a'],
    ],
  ])('is %s', (_, ids, expected) => {
    expect(ids).toEqual(expected);
  });
});

test('the words are those of External Secrets Operator, where it has some', () => {
  const deleting = withTarget({ deletionPolicy: 'Delete' });
  expect(wordsFor('written', deleting)).toEqual({ reason: 'SecretSynced', message: 'secret synced' });
  expect(wordsFor('deleted', deleting)).toEqual({
    reason: 'SecretDeleted',
    message: 'secret deleted due to DeletionPolicy=Delete',
  });
  expect(wordsFor('retained', externalSecret()).message).toBe('secret retained due to DeletionPolicy=Retain');
  expect(wordsFor('retained', deleting).message).not.toContain('Retain');
});

test('a target of another kind is told of as a resource', () => {
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap' };
  const deleting = withTarget({ deletionPolicy: 'Delete', manifest });
  expect(wordsFor('written', deleting)).toEqual({ reason: 'ResourceSynced', message: 'resource synced' });
  expect(wordsFor('deleted', deleting)).toEqual({
    reason: 'ResourceDeleted',
    message: 'resource deleted due to DeletionPolicy=Delete',
  });
  expect(wordsFor('retained', withTarget({ manifest })).message).toBe('resource retained due to DeletionPolicy=Retain');
  const orphan = withTarget({ deletionPolicy: 'Delete', creationPolicy: 'Orphan', manifest });
  expect(actOn(orphan, undefined, GONE)).toMatchObject({
    error: {
      message:
        'could not delete resource: every source of ConfigMap "app" is gone, and deletionPolicy Delete deletes only with ' +
        'creationPolicy Owner; change one of the two, or delete it yourself',
    },
  });
});
