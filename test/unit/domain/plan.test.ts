import { describe, expect, test } from 'vitest';
import type { Situation } from '../../../src/domain/situation.ts';
import type { StoreStanding } from '../../../src/domain/store-standing.ts';
import { type ExternalSecretParts, externalSecret, ONE_KEY, WRITTEN_AT_MS, writtenTarget } from './manifests.ts';
import {
  DENIED,
  deleting,
  editedLater,
  merge,
  none,
  other,
  plan,
  READY,
  retargeted,
  SYNC,
  saw,
  synced,
  told,
  V1,
  V2,
  withStore,
} from './situations.ts';

const DB_KEY = { secretKey: 'password', remoteRef: { key: 'prod/db' } };

const CONFIG_MAP = { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } };
const TEMPLATE_IN_APP = { name: 'app', items: [{ key: 'tpl' }] };

describe('what cannot go on says why', () => {
  test.each<[string, Situation, string]>([
    ['an object that is being deleted', synced(deleting), 'ignore: deleting'],
    ['a deleted object with a bad spec', synced({ ...deleting, spec: { refreshInterval: '1d' } }), 'ignore: deleting'],
    ['a deleted object whose store is gone', withStore({ kind: 'missing' }, deleting), 'ignore: deleting'],
    [
      'a deleted object of another operator',
      withStore({ kind: 'otherClass', controllerClass: 'theirs' }, deleting),
      'ignore: otherClass',
    ],
    [
      'a deleted object whose operator is not known yet',
      withStore({ kind: 'pending' }, deleting),
      'ignore: pendingStore',
    ],
    ['a store of another class', withStore({ kind: 'otherClass', controllerClass: 'theirs' }), 'ignore: otherClass'],
    [
      'a store of another class, whatever the spec',
      withStore({ kind: 'otherClass', controllerClass: 'x' }, { spec: { refreshInterval: '1d' } }),
      'ignore: otherClass',
    ],
    ['a store that is not judged yet', withStore({ kind: 'pending' }), 'ignore: pendingStore'],
    [
      'a store whose use depends on labels that are not known',
      withStore({ kind: 'undecided' }),
      'ignore: pendingLabels',
    ],
    [
      'a bad spec is told before its store is judged',
      withStore({ kind: 'pending' }, { spec: { data: [] } }),
      'fail: spec.data and spec.dataFrom are both empty; name at least one secret to sync',
    ],
    [
      'a bad interval',
      synced({ spec: { refreshInterval: '1d' } }),
      'fail: spec.refreshInterval "1d" is not a duration; use a number with h, m or s, such as "24h" or "1h30m"',
    ],
    [
      'a field that is not implemented',
      synced({ spec: { dataFrom: [{ sourceRef: { generatorRef: { kind: 'Password', name: 'p' } } }] } }),
      'fail: spec.dataFrom[0].sourceRef.generatorRef is not implemented by Keyturn yet; remove it, or see the README for what is',
    ],
    [
      'another kind of target where they are not allowed',
      { ...synced({ spec: { target: CONFIG_MAP } }), allowsGeneric: false },
      'fail: invalid generic target: only Secrets are written; for other kinds start the operator with --unsafe-allow-generic-targets',
    ],
    [
      'a kind that is never written',
      synced({ spec: { target: { manifest: { apiVersion: 'v1', kind: 'Pod' } } } }),
      'fail: invalid generic target: spec.target.manifest: Pod of v1 is never written: it would run code with the rights of any ServiceAccount of the namespace',
    ],
    [
      'a ConfigMap that is made from a template in itself',
      synced({ spec: { target: { ...CONFIG_MAP, template: { templateFrom: [{ configMap: TEMPLATE_IN_APP }] } } } }),
      'fail: spec.target.template.templateFrom takes a template from ConfigMap "app", which is the target itself; keep it in another object',
    ],
    [
      'a key that two entries would write',
      synced({ spec: { data: [...(ONE_KEY.data ?? []), ...(ONE_KEY.data ?? [])] } }),
      'fail: spec.data names the secretKey "password" twice; remove one of the two entries',
    ],
    [
      'a key that is longer than AWS takes is cut in what is said',
      synced({ spec: { data: [{ secretKey: 'a', remoteRef: { key: 'k'.repeat(3_000) } }] } }),
      `fail: spec.data[0] (key: ${'k'.repeat(200)}...): the key has 3000 characters; AWS takes 1 to 2048`,
    ],
    [
      'an empty key',
      synced({ spec: { dataFrom: [{ extract: { key: '' } }] } }),
      'fail: spec.dataFrom[0] (key: ): the key has 0 characters; AWS takes 1 to 2048',
    ],
    [
      'a version without its id',
      synced({ spec: { data: [{ secretKey: 'a', remoteRef: { key: 'prod/db', version: 'uuid/' } }] } }),
      'fail: spec.data[0] (key: prod/db): version "uuid/" names no version; write its id after the slash',
    ],
    [
      'an entry without anything',
      synced({ spec: { dataFrom: [{}] } }),
      'fail: spec.dataFrom[0] has neither extract nor find nor sourceRef; name what to read',
    ],
    [
      'an entry with another store and nothing to read from it',
      synced({ spec: { dataFrom: [{ sourceRef: { storeRef: { name: 'other' } } }] } }),
      'fail: spec.dataFrom[0] has neither extract nor find',
    ],
    [
      'an entry whose own store has no name',
      synced({ spec: { data: [{ ...DB_KEY, sourceRef: { storeRef: { kind: 'ClusterSecretStore' } } }] } }),
      'fail: spec.data[0].sourceRef.storeRef.name is missing; name the store to read from',
    ],
    [
      'no store',
      {
        ...synced(),
        externalSecret: { ...externalSecret(), spec: { data: ONE_KEY.data ?? [] } },
        storeOf: () => ({ kind: 'missing' }),
      },
      'fail: spec.secretStoreRef.name is missing; name the store to read from',
    ],
    [
      'a store without a name',
      withStore({ kind: 'missing' }, { spec: { secretStoreRef: {} } }),
      'fail: spec.secretStoreRef.name is missing; name the store to read from',
    ],
    [
      'a store that does not exist',
      withStore({ kind: 'missing' }),
      'fail: SecretStore "aws" does not exist in namespace "team"; create it or correct spec.secretStoreRef',
    ],
    [
      'a cluster store that does not exist',
      withStore({ kind: 'missing' }, { spec: { secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' } } }),
      'fail: ClusterSecretStore "aws" does not exist; create it or correct spec.secretStoreRef',
    ],
    [
      'a store that is not ready',
      withStore({ kind: 'notReady', message: 'no such key' }),
      'fail: SecretStore "aws" is not ready: no such key',
    ],
    [
      'a target of another ExternalSecret',
      retargeted(synced(), { controller: other }),
      'fail: target is owned by another ExternalSecret: Secret "app" belongs to "other"; give one of the two another spec.target.name',
    ],
    [
      'a target of another kind',
      retargeted(synced(), { controller: { ...other, kind: 'Certificate', apiVersion: 'cert-manager.io/v1' } }),
      'fail: failed to take ownership of target secret: Secret "app" is controlled by Certificate "other"; choose another spec.target.name, or creationPolicy Merge to add to it',
    ],
    ['nothing to merge into', { ...synced(merge), target: undefined }, 'awaitTarget'],
    [
      'nothing to merge into any more, after a sync',
      { ...synced(merge), target: undefined, seen: saw({ version: V2 }) },
      'awaitTarget',
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });

  test('only what somebody has to change waits for that', () => {
    const refused = plan(synced({ spec: { refreshInterval: '1d' } }));
    expect(refused.kind === 'fail' && refused.error.retry).toBe('onChange');
  });
});

describe('an object that reads from several stores', () => {
  const DEFAULT = 'SecretStore/team/aws';
  const OTHER = 'ClusterSecretStore/shared@team';
  const sourceRef = { storeRef: { name: 'shared', kind: 'ClusterSecretStore' } } as const;
  const both = { spec: { data: [DB_KEY, { secretKey: 'b', remoteRef: { key: 'prod/b' }, sourceRef }] } };
  const onlyOther = { spec: { data: [{ ...DB_KEY, sourceRef }] } };

  function standing(parts: ExternalSecretParts, stores: Readonly<Record<string, StoreStanding>>): Situation {
    const storeOf: Situation['storeOf'] = (key) => stores[key] ?? { kind: 'missing' };
    return { ...synced(parts), record: undefined, storeOf };
  }

  test.each<[string, Situation, string]>([
    [
      'reads each with the credentials and the prefix of its store',
      standing(both, { [DEFAULT]: READY, [OTHER]: { kind: 'ready', identityKey: 'identity-b', keyPrefix: 'p/' } }),
      'sync: prod/db, p/prod/b as identity-a, identity-b',
    ],
    [
      'is told where the store is named that does not exist',
      standing(both, { [DEFAULT]: READY }),
      'fail: spec.data[1].sourceRef.storeRef: ClusterSecretStore "shared" does not exist; create it or correct spec.data[1].sourceRef.storeRef',
    ],
    [
      'is told which store is not ready',
      standing(both, { [DEFAULT]: READY, [OTHER]: { kind: 'notReady', message: 'no such key' } }),
      'fail: spec.data[1].sourceRef.storeRef: ClusterSecretStore "shared" is not ready: no such key',
    ],
    [
      'waits for each to be judged',
      standing(both, { [DEFAULT]: READY, [OTHER]: { kind: 'pending' } }),
      'ignore: pendingStore',
    ],
    [
      'waits for one although another is missing',
      standing(both, { [OTHER]: { kind: 'pending' } }),
      'ignore: pendingStore',
    ],
    [
      "is another operator's when one of them is",
      standing(both, { [DEFAULT]: READY, [OTHER]: { kind: 'otherClass', controllerClass: 'x' } }),
      'ignore: otherClass',
    ],
    [
      "is another operator's when the store for all is, from which nothing is read",
      standing(onlyOther, { [DEFAULT]: { kind: 'otherClass', controllerClass: 'x' }, [OTHER]: READY }),
      'ignore: otherClass',
    ],
    [
      'does not need the store for all when no entry reads from it',
      standing(onlyOther, { [OTHER]: READY }),
      'sync: prod/db as identity-a',
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });

  test('is synced when one of them has other credentials', () => {
    const { record } = synced(onlyOther);
    const [id] = [...record.versions.keys()];
    const versions = new Map([[`${id} of ${OTHER}`, { ...V1, identityKey: 'identity-a', refId: `${id}` }]]);
    const situation = { ...synced(onlyOther), record: { ...record, versions } };
    expect(told(plan(situation))).toBe('settled: periodic');
    const storeOf: Situation['storeOf'] = () => ({ ...READY, identityKey: 'identity-b' });
    expect(told(plan({ ...situation, storeOf }))).toBe('sync: prod/db as identity-b');
  });
});

describe('an object that this process has synced', () => {
  test.each<[string, Situation, string]>([
    ['settles when nothing happened', synced(), 'settled: periodic'],
    ['settles while the version was not looked at', { ...synced(), seen: saw({}) }, 'settled: periodic'],
    ['settles when its secret is not in the index', { ...synced(), seen: () => undefined }, 'settled: periodic'],
    ['is synced the first time', { ...synced(), record: undefined }, SYNC],
    ['is synced when the version moved', { ...synced(), seen: saw({ version: V2 }) }, SYNC],
    ['is synced when the version moved back', { ...synced({}, V2), seen: saw({ version: V1 }) }, SYNC],
    [
      'is synced when the secret was made anew',
      { ...synced(), seen: saw({ version: { ...V1, arn: 'arn:other' } }) },
      SYNC,
    ],
    [
      'is synced when the spec changed',
      { ...synced(), externalSecret: externalSecret({ metadata: { generation: 2 } }) },
      SYNC,
    ],
    [
      'is synced when a label changed',
      { ...synced(), externalSecret: externalSecret({ metadata: { labels: { a: 'b' } } }) },
      SYNC,
    ],
    [
      'is synced when an annotation changed, such as force-sync',
      { ...synced(), externalSecret: externalSecret({ metadata: { annotations: { 'force-sync': '1' } } }) },
      SYNC,
    ],
    [
      'is not synced when only the status changed',
      {
        ...synced(),
        externalSecret: externalSecret({ metadata: { resourceVersion: '2' }, status: { refreshTime: null } }),
      },
      'settled: periodic',
    ],
    [
      'is synced when it was made anew',
      { ...synced(), externalSecret: externalSecret({ metadata: { uid: 'uid-new' } }) },
      SYNC,
    ],
    [
      'is synced with other credentials',
      { ...synced(), storeOf: () => ({ ...READY, identityKey: 'identity-b' }) },
      'sync: prod/db as identity-b',
    ],
    ['is synced when the target is gone', { ...synced(), target: undefined }, SYNC],
    ['is synced when somebody edited the target', retargeted(synced(), { fieldOwners: editedLater }), SYNC],
    ['is synced when somebody took the owner reference away', retargeted(synced(), { controller: undefined }), SYNC],
    [
      'settles when somebody changed what is not ours',
      retargeted(synced(), { annotations: { ...writtenTarget(externalSecret()).annotations, a: 'b' } }),
      'settled: periodic',
    ],
    [
      'tells that its source failed',
      { ...synced(), seen: saw({ version: V1, failure: DENIED }) },
      'sourceFailed: spec.data[0] (key: prod/db): no',
    ],
    [
      'tells a failure though the version moved before',
      { ...synced(), seen: saw({ version: V2, failure: DENIED }) },
      'sourceFailed: spec.data[0] (key: prod/db): no',
    ],
    [
      'is synced though its source failed, when the target drifted',
      { ...synced(), target: undefined, seen: saw({ failure: DENIED }) },
      SYNC,
    ],
    [
      'is synced though its source failed, when the spec changed',
      { ...synced(), externalSecret: externalSecret({ metadata: { generation: 2 } }), seen: saw({ failure: DENIED }) },
      SYNC,
    ],
    [
      'writes nothing under None and settles without a target',
      { ...synced(none), target: undefined, record: { ...synced(none).record, targetResourceVersion: undefined } },
      'settled: periodic',
    ],
    [
      'under None does not mind whose the Secret of that name is',
      {
        ...retargeted(synced(none), { controller: other }),
        record: { ...synced(none).record, targetResourceVersion: undefined },
      },
      'settled: periodic',
    ],
    [
      'merges into what somebody else controls',
      retargeted(synced(merge), { controller: { ...other, kind: 'Certificate', apiVersion: 'x/v1' } }),
      'settled: periodic',
    ],
    [
      'reads with the prefix of the store',
      withStore({ ...READY, keyPrefix: 'team/' }),
      'sync: team/prod/db as identity-a',
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(plan(situation))).toBe(expected);
  });

  test('settled says since when all of its secrets are known to be current', () => {
    const checked = plan(synced());
    expect(checked.kind === 'settled' && checked.checkedAtMs).toBe(WRITTEN_AT_MS + 500);
    const unchecked = plan({ ...synced(), seen: () => undefined });
    expect(unchecked.kind === 'settled' && unchecked.checkedAtMs).toBe(WRITTEN_AT_MS);
  });

  test('what was seen with other credentials says nothing of this object', () => {
    const asked: string[] = [];
    plan({
      ...synced(),
      seen: (identityKey) => {
        asked.push(identityKey);
        return undefined;
      },
    });
    expect(new Set(asked)).toEqual(new Set(['identity-a']));
  });
});
