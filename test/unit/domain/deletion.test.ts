import { describe, expect, test } from 'vitest';
import type { ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import { type Act, actOn, lostSources, policyProblem, type Sources, wordsFor } from '../../../src/domain/deletion.ts';
import type { SecretMetadata } from '../../../src/ports/cluster.ts';
import { externalSecret, fieldOwner, writtenTarget } from './manifests.ts';
import { other } from './situations.ts';

const withTarget = (target: ExternalSecretTarget) => externalSecret({ spec: { target } });
const GONE: Sources = { areGone: true, keys: 0 };
const EMPTY: Sources = { areGone: false, keys: 0 };
const SOME: Sources = { areGone: false, keys: 1 };

describe('policies that contradict each other', () => {
  test.each<[string, ExternalSecretTarget, string | undefined]>([
    ['the defaults do not', {}, undefined],
    ['Delete with Owner does not', { deletionPolicy: 'Delete', creationPolicy: 'Owner' }, undefined],
    [
      'Delete with Orphan does so only when there is something to delete',
      { deletionPolicy: 'Delete', creationPolicy: 'Orphan' },
      undefined,
    ],
    ['Merge with Merge does not', { deletionPolicy: 'Merge', creationPolicy: 'Merge' }, undefined],
    ['Merge with CreateOrMerge does not', { deletionPolicy: 'Merge', creationPolicy: 'CreateOrMerge' }, undefined],
    ['Retain with None does not', { deletionPolicy: 'Retain', creationPolicy: 'None' }, undefined],
    [
      'Delete with Merge does',
      { deletionPolicy: 'Delete', creationPolicy: 'Merge' },
      "spec.target.deletionPolicy Delete does not go with creationPolicy Merge: a Secret that is not this ExternalSecret's own is not deleted; use creationPolicy Owner, or deletionPolicy Merge or Retain",
    ],
    [
      'Delete with CreateOrMerge does',
      { deletionPolicy: 'Delete', creationPolicy: 'CreateOrMerge' },
      'does not go with creationPolicy CreateOrMerge',
    ],
    [
      'Delete with None does',
      { deletionPolicy: 'Delete', creationPolicy: 'None' },
      'does not go with creationPolicy None: no Secret is written; use deletionPolicy Retain',
    ],
    [
      'Merge with None does',
      { deletionPolicy: 'Merge', creationPolicy: 'None' },
      'spec.target.deletionPolicy Merge does not go with creationPolicy None: no Secret is written; use deletionPolicy Retain',
    ],
  ])('%s', (_, target, message) => {
    const problem = policyProblem(withTarget(target));
    if (message === undefined) expect(problem).toBeUndefined();
    else expect(problem?.message).toContain(message);
  });
});

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
  const record = (...gone: string[]) => ({ uid: 'uid-app', gone: new Set(gone) });
  const outcome = (sourceHash: string, ...gone: string[]) => ({ sourceHash, gone: new Set(gone) });

  test.each<[string, readonly string[], readonly string[]]>([
    ['what is newly gone', lostSources(object, target, record(), outcome('new', 'a')), ['a']],
    ['nothing when nothing is gone', lostSources(object, target, record(), outcome('new')), []],
    ['nothing of what it lost before', lostSources(object, target, record('a'), outcome('new', 'a', 'b')), ['b']],
    ['nothing when there is none', lostSources(object, undefined, record(), outcome('new', 'a')), []],
    ['all, when nothing is known', lostSources(object, target, undefined, outcome('new', 'a', 'b')), ['a', 'b']],
    [
      'all, when what is known is of an earlier object',
      lostSources(object, target, { ...record('a'), uid: 'uid-before' }, outcome('new', 'a')),
      ['a'],
    ],
    ['nothing when it says that it lost that before', lostSources(object, target, undefined, outcome('hash', 'a')), []],
    [
      'nothing that we have not put there',
      lostSources(
        object,
        { ...target, controller: undefined, annotations: {}, fieldOwners: [fieldOwner({ dataKeys: ['x'] })] },
        undefined,
        outcome('new', 'a'),
      ),
      [],
    ],
    [
      'all of what we own, although its marks were taken away',
      lostSources(object, { ...target, annotations: {}, fieldOwners: [] }, undefined, outcome('new', 'a')),
      ['a'],
    ],
  ])('is %s', (_, lost, expected) => {
    expect(lost).toEqual(expected);
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
