import { describe, expect, test } from 'vitest';
import type { Situation } from '../../../src/domain/situation.ts';
import type { SecretMetadata } from '../../../src/ports/cluster.ts';
import { type ExternalSecretParts, externalSecret, fieldOwner, WRITTEN_AT_MS, writtenTarget } from './manifests.ts';
import {
  createdOnce,
  DENIED,
  editedLater,
  MANAGER,
  merge,
  none,
  onChange,
  plan,
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
    [
      'a target without our hash that nobody has touched is marked anew',
      { ...retargeted(restarted(createdOnce), { annotations: {} }) },
      'adopt: password',
    ],
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

const DATA_HASH = 'reconcile.external-secrets.io/data-hash';
const zero: ExternalSecretParts = { spec: { refreshInterval: '0' } };
const ONCE_SYNCED = { refreshTime: '2026-01-01T00:00:00Z', syncedResourceVersion: '0-x' };
const changedSince = (parts: ExternalSecretParts): ExternalSecretParts => ({
  ...parts,
  metadata: { generation: 2, labels: { team: 'a' } },
  status: ONCE_SYNCED,
});

/** The target as External Secrets Operator has written it. */
function leftBy(parts: ExternalSecretParts, change: Partial<SecretMetadata> = {}): Situation {
  const situation = restarted(parts);
  return retargeted(situation, { annotations: { [DATA_HASH]: 'hash-of-data' }, ...change });
}

describe('taken over from another operator', () => {
  const edited = { fieldOwners: editedLater };

  test.each<[string, Situation, string]>([
    ['CreatedOnce is not read', leftBy(createdOnce), 'adopt: password'],
    ['OnChange is not read', leftBy(onChange), 'adopt: password'],
    ['an interval of zero is not read', leftBy(zero), 'adopt: password'],
    ['Merge is not read', leftBy({ spec: { ...merge.spec, refreshPolicy: 'CreatedOnce' } }), 'adopt: password'],
    [
      'Merge is not read though somebody else was taken over first, and the hash over all is gone',
      leftBy({ spec: { ...merge.spec, refreshPolicy: 'CreatedOnce' } }, { annotations: {} }),
      'adopt: password',
    ],
    ['CreatedOnce that changed since is not read', leftBy(changedSince(createdOnce)), 'adopt: password'],
    ['an interval of zero is not read for a change that was ignored', leftBy(changedSince(zero)), 'adopt: password'],
    ['OnChange that changed since is', leftBy(changedSince(onChange)), SYNC],
    ['what never was synced is', leftBy({ ...createdOnce, status: {} }), SYNC],
    ['a target that somebody edited is inspected', leftBy(createdOnce, edited), 'inspect'],
    ['a target without managedFields is inspected', leftBy(createdOnce, { fieldOwners: [] }), 'inspect'],
    ['a target that lost its label is inspected', leftBy(createdOnce, { labels: {} }), 'inspect'],
    [
      'an edited target that is as its hash says is not read',
      { ...leftBy(createdOnce, edited), inspected: 'asHashed' },
      'adopt: password',
    ],
    [
      'an edited target that is not as its hash says is put right',
      { ...leftBy(createdOnce, edited), inspected: 'edited' },
      SYNC,
    ],
    ['an edited target without a hash is put right', leftBy(createdOnce, { ...edited, annotations: {} }), SYNC],
    ['a target that is gone is made again', { ...leftBy(createdOnce), target: undefined }, SYNC],
    ['a polled one is read', leftBy({}), SYNC],
    [
      'a polled one waits for its window, since only its source may have moved',
      { ...leftBy({}), gate: { kind: 'closed', askAgainMs: 7 } },
      'closed until 7',
    ],
    [
      'a polled one that was edited waits for nothing',
      { ...leftBy({}, edited), gate: { kind: 'closed', askAgainMs: 7 } },
      SYNC,
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });

  /** The same once it was taken over. */
  function marked(situation: Situation): Situation {
    const decided = plan(situation);
    if (decided.kind !== 'adopt') throw new Error('it is not taken over');
    const { annotations, labels } = decided.shape;
    return retargeted(situation, { labels, annotations: { [DATA_HASH]: 'hash-of-data', ...annotations } });
  }

  test.each([
    ['CreatedOnce', createdOnce],
    ['OnChange', onChange],
    ['an interval of zero', zero],
    ['an interval of zero with a change that was ignored', changedSince(zero)],
  ])('%s is settled afterwards, with the refresh time that it had', (_, parts) => {
    const checkedAtMs = Date.parse('2026-01-01T00:00:00Z');
    expect(plan(marked(leftBy(parts)))).toMatchObject({ kind: 'settled', checkedAtMs });
  });

  test.each([
    ['OnChange', onChange],
    ['an interval of zero', zero],
    ['an interval of zero with a change that was ignored', changedSince(zero)],
  ])('%s follows a change afterwards', (_, parts) => {
    const taken = marked(leftBy(parts));
    const { externalSecret: object } = taken;
    const now = { ...object, metadata: { ...object.metadata, generation: 3 } };
    expect(told(plan({ ...taken, externalSecret: now }))).toBe(SYNC);
    const relabelled = { ...object, metadata: { ...object.metadata, labels: { other: 'label' } } };
    expect(told(plan({ ...taken, externalSecret: relabelled }))).toBe(SYNC);
  });

  test('one that somebody touches afterwards is inspected before it is read', () => {
    const touched = { ...marked(leftBy(createdOnce)) };
    const suspect = { ...touched, target: touched.target && { ...touched.target, fieldOwners: editedLater } };
    expect(told(plan(suspect))).toBe('inspect');
    expect(told(plan({ ...suspect, inspected: 'asHashed' }))).toBe('adopt: password');
    expect(told(plan({ ...suspect, inspected: 'edited' }))).toBe(SYNC);
  });
});
