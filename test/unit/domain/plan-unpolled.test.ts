import { describe, expect, test } from 'vitest';
import { plan } from '../../../src/domain/plan.ts';
import type { Situation } from '../../../src/domain/situation.ts';
import { externalSecret, fieldOwner, WRITTEN_AT_MS, writtenTarget } from './manifests.ts';
import {
  createdOnce,
  DENIED,
  editedLater,
  MANAGER,
  merge,
  none,
  onChange,
  READY,
  restarted,
  retargeted,
  SYNC,
  saw,
  synced,
  told,
  V2,
} from './situations.ts';

describe('an object that is not polled', () => {
  test.each<[string, Situation, string]>([
    ['OnChange does not follow a version', { ...synced(onChange), seen: saw({ version: V2 }) }, 'settled: onChange'],
    [
      'OnChange does not tell a failure of the source',
      { ...synced(onChange), seen: saw({ failure: DENIED }) },
      'settled: onChange',
    ],
    [
      'OnChange does not follow the credentials of its store',
      { ...synced(onChange), storeOf: () => ({ ...READY, identityKey: 'identity-b' }) },
      'settled: onChange',
    ],
    [
      'OnChange follows a change of the object',
      { ...synced(onChange), externalSecret: externalSecret({ ...onChange, metadata: { generation: 2 } }) },
      SYNC,
    ],
    ['OnChange repairs the target', { ...synced(onChange), target: undefined }, SYNC],
    [
      'an interval of zero follows a change of the object, unlike upstream',
      {
        ...synced({ spec: { refreshInterval: '0' } }),
        externalSecret: externalSecret({ spec: { refreshInterval: '0' }, metadata: { generation: 2 } }),
      },
      SYNC,
    ],
    [
      'an interval of zero does not follow a version',
      { ...synced({ spec: { refreshInterval: '0' } }), seen: saw({ version: V2 }) },
      'settled: onChange',
    ],
    [
      'CreatedOnce does not follow a version',
      { ...synced(createdOnce), seen: saw({ version: V2 }) },
      'settled: createdOnce',
    ],
    [
      'CreatedOnce does not follow the credentials of its store',
      { ...synced(createdOnce), storeOf: () => ({ ...READY, identityKey: 'identity-b' }) },
      'settled: createdOnce',
    ],
    [
      'CreatedOnce does not follow a change of the object',
      {
        ...synced(createdOnce),
        externalSecret: externalSecret({ ...createdOnce, metadata: { generation: 2, labels: { a: 'b' } } }),
      },
      'settled: createdOnce',
    ],
    [
      'CreatedOnce does not follow a new label though the target was touched',
      retargeted(
        {
          ...synced(createdOnce),
          externalSecret: externalSecret({ ...createdOnce, metadata: { labels: { a: 'b' } } }),
        },
        { labels: writtenTarget(externalSecret()).labels },
      ),
      'settled: createdOnce',
    ],
    ['CreatedOnce repairs a target that is gone', { ...synced(createdOnce), target: undefined }, SYNC],
    [
      'CreatedOnce repairs a target that was edited',
      retargeted(synced(createdOnce), { fieldOwners: editedLater }),
      SYNC,
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });
});

describe('after a restart', () => {
  const newLabel = { metadata: { labels: { a: 'b' } } };

  test.each<[string, Situation, string]>([
    ['CreatedOnce is taken at its status', restarted(createdOnce), 'settled: createdOnce'],
    ['OnChange is taken at its status', restarted(onChange), 'settled: onChange'],
    ['an interval of zero is taken at its status', restarted({ spec: { refreshInterval: '0' } }), 'settled: onChange'],
    [
      'None is taken at its status without a target',
      { ...restarted({ spec: { ...none.spec, refreshPolicy: 'OnChange' } }), target: undefined },
      'settled: onChange',
    ],
    [
      'Merge is taken at its status',
      restarted({ spec: { ...merge.spec, refreshPolicy: 'OnChange' } }),
      'settled: onChange',
    ],
    ['what never was synced is synced', restarted({ ...createdOnce, status: {} }), SYNC],
    [
      'what never was refreshed is synced',
      restarted({ ...createdOnce, status: { syncedResourceVersion: '1-x', refreshTime: null } }),
      SYNC,
    ],
    [
      'OnChange that changed meanwhile is synced',
      { ...restarted({ ...onChange, status: { syncedResourceVersion: '0-x', refreshTime: '2026-01-01T00:00:00Z' } }) },
      SYNC,
    ],
    [
      'CreatedOnce that changed meanwhile is not',
      restarted({ ...createdOnce, status: { syncedResourceVersion: '0-x', refreshTime: '2026-01-01T00:00:00Z' } }),
      'settled: createdOnce',
    ],
    [
      'CreatedOnce that got a label meanwhile is not',
      { ...restarted({ ...createdOnce, ...newLabel }), target: writtenTarget(externalSecret(createdOnce)) },
      'settled: createdOnce',
    ],
    ['a target that is gone is made again', { ...restarted(createdOnce), target: undefined }, SYNC],
    ['a target without our hash is synced', { ...retargeted(restarted(createdOnce), { annotations: {} }) }, SYNC],
    ['a target that was edited is put right', retargeted(restarted(createdOnce), { fieldOwners: editedLater }), SYNC],
    ['a target without managedFields is synced', retargeted(restarted(createdOnce), { fieldOwners: [] }), SYNC],
    [
      'CreatedOnce that took over equal values is not read again',
      retargeted(restarted(createdOnce), {
        fieldOwners: [
          fieldOwner({ dataKeys: ['password'], changedAtMs: WRITTEN_AT_MS - 60_000 }),
          fieldOwner({ manager: MANAGER }),
        ],
      }),
      'settled: createdOnce',
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });
});
