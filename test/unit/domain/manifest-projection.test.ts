import { describe, expect, test } from 'vitest';
import { asTarget, keysSeen, pathKey } from '../../../src/domain/manifest-projection.ts';
import { type CreationPolicy, isIntact, targetShape } from '../../../src/domain/target.ts';
import type { ContentOwner, FieldPath } from '../../../src/ports/generic-objects.ts';
import { existing, MANAGER, made, owner } from './manifest-cases.ts';
import { WRITTEN_AT_MS } from './manifests.ts';

test('ours are the fields of the root that the kind has for values, and those that templates write to', () => {
  const { roots } = made({
    kind: 'AppConfig',
    template: { data: { a: 'x' }, templateFrom: [{ literal: 'a: 1', target: 'config.x' }, { target: 'Labels' }] },
  });
  expect([...roots].toSorted()).toEqual(['config', 'data', 'spec']);
});

describe('in the terms of a Secret a target', () => {
  const template = { templateFrom: [{ literal: 'a: 1\nl: [{x: 1}]', target: 'spec.x' }] };
  const later = WRITTEN_AT_MS + 1_000;
  const A: FieldPath = ['spec', 'x', 'a'];
  const L: FieldPath = ['spec', 'x', 'l'];
  const others = (...fields: readonly FieldPath[]) => owner('kubectl', fields, { changedAtMs: later });
  const earlier = (...fields: readonly FieldPath[]) => owner('kubectl', fields, { changedAtMs: WRITTEN_AT_MS - 1_000 });

  /** As it was written, and is owned now. */
  function owned(policy: CreationPolicy, fieldOwners: readonly ContentOwner[]) {
    const { object, roots, shape } = made({ policy, kind: 'AppConfig', template });
    const { labels, annotations, controller } = targetShape(object, [], 'hash');
    const metadata = { ...existing('{}').metadata, labels, annotations, controller, fieldOwners };
    return { object, shape, target: asTarget(metadata, MANAGER, roots) };
  }

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
    'that had the same values before is': ['Owner', [earlier(A, L), owner(MANAGER, [])], true],
    'that had the same values before, and was changed, is not': ['Owner', [others(A, L), owner(MANAGER, [])], false],
    'that is merged into and got another field is': [
      'Merge',
      [owner(MANAGER, [A, L]), others(['spec', 'x', 'z'])],
      true,
    ],
    'that is merged into and had ours changed is not': ['Merge', [owner(MANAGER, [A]), others(L)], false],
    'that is merged into and had the same values before is': ['Merge', [earlier(A, L), owner(MANAGER, [])], true],
    'that is merged into, had the same values before, and was changed, is not': [
      'Merge',
      [others(A), owner(MANAGER, [L])],
      false,
    ],
  };
  test.each(Object.entries(cases))('%s', (_sentence, [policy, fieldOwners, expected]) => {
    const { object, shape, target } = owned(policy, fieldOwners);
    expect(isIntact(target, targetShape(object, shape.keys, 'hash'))).toBe(expected);
  });

  const seen: Readonly<
    Record<string, readonly [policy: CreationPolicy, owners: readonly ContentOwner[], keys: readonly string[]]>
  > = {
    'are those that were written': ['Owner', [owner(MANAGER, [A, L])], [pathKey(A), pathKey(L)]],
    'are those that others had with the same values, too': [
      'Owner',
      [earlier(A), owner(MANAGER, [L])],
      [pathKey(A), pathKey(L)],
    ],
    'have the items of lists by their number': [
      'Owner',
      [owner(MANAGER, [A, L], { size: 4 })],
      [pathKey(A), pathKey(L), '#4'],
    ],
    'are not those that the kind does not know': ['Owner', [owner(MANAGER, [A])], [pathKey(A)]],
    'of an object that is merged into are ours, and those wanted that it has': [
      'Merge',
      [earlier(A, ['spec', 'x', 'z']), owner(MANAGER, [L])],
      [pathKey(L), pathKey(A)],
    ],
  };
  test.each(Object.entries(seen))('the keys after a write %s', (_sentence, [policy, fieldOwners, keys]) => {
    const { object, shape, target } = owned(policy, fieldOwners);
    expect(keysSeen(target, shape)).toEqual(keys);
    expect(isIntact(target, targetShape(object, keys, 'hash'))).toBe(true);
  });
});
