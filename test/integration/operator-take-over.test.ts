/** Clusters that External Secrets Operator has served: what it wrote is adopted as it is, and nothing is read that need not be. */

import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { type RequestCount, requestsBetween } from '../harness/request-counts.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';
import {
  DATA_HASH,
  type Left,
  marksOf,
  type Texts,
  type Upstream,
  upstream,
  upstreamDataHash,
  whileNobodyRuns,
} from './upstream-left.ts';

const SOON_MS = 20_000;
/** All that the operator ever writes of these objects. */
const WRITTEN = ['secrets', 'externalsecrets', 'events'];
const READS = ['GET', 'LIST', 'WATCH', 'WATCHLIST'];
/** Longer than a doubtful answer waits. */
const SETTLED_MS = 6_500;

let cluster: ControlPlane;
let world: World;
let before: Upstream;

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  world = await startWorld({ cluster, throughAwsProxy: true });
  before = upstream(world);
});

afterAll(async () => {
  await endFaultless(world);
  await cluster.stop();
});

/** How often what was written since then. Of two that merge into one Secret at the same time, one is refused at first. */
async function writesSince(earlier: readonly RequestCount[]): Promise<Readonly<Record<string, number>>> {
  const writes = new Map<string, number>();
  for (const { verb, resource, subresource, code, count } of requestsBetween(earlier, await cluster.metrics())) {
    if (!WRITTEN.includes(resource) || READS.includes(verb) || code === '409') continue;
    const what = `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
    writes.set(what, (writes.get(what) ?? 0) + count);
  }
  return Object.fromEntries(writes);
}

/** A Secret without what may change when it is adopted. */
function kept(secret: Json): Json {
  const { uid, name, ownerReferences, creationTimestamp } = at(secret, 'metadata') as Json;
  return { metadata: { uid, name, ownerReferences, creationTimestamp }, data: secret['data'], type: secret['type'] };
}

async function secretsBy(namespace: string, names: readonly string[]): Promise<ReadonlyMap<string, Json>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await world.secret(namespace, name)] as const)));
}

interface Case extends Left {
  /** The Secret's name. @default that of the case */
  readonly target?: string;
}

const TEMPLATE = {
  type: 'kubernetes.io/basic-auth',
  metadata: { labels: { tier: '{{ .tier }}' }, annotations: { note: 'kept' } },
  data: { username: 'admin', password: '{{ .password }}' },
};

describe('Secrets of External Secrets Operator', () => {
  let namespace: string;
  let cases: Readonly<Record<string, Case>>;
  let names: readonly string[];
  let targets: readonly string[];
  let left: ReadonlyMap<string, Json>;
  let statuses: ReadonlyMap<string, unknown>;
  let atStart: readonly RequestCount[];

  async function statusesOf(): Promise<ReadonlyMap<string, unknown>> {
    const objects = await Promise.all(names.map((name) => world.objects.get('ExternalSecret', namespace, name)));
    return new Map(objects.map((each, index) => [names[index] ?? '', each?.['status']]));
  }

  beforeAll(async () => {
    namespace = await world.namespace('adopted');
    const value = world.canary();
    const other = world.canary();
    const { name: key } = await world.putSecret({ password: value, tier: 'gold' });
    const { name: second } = await world.putSecret(other);
    const data = [{ secretKey: 'password', remoteRef: { key, property: 'password' } }];
    const one = { data: { password: value } };
    cases = {
      owner: { spec: { data }, ...one },
      'a-name-that-is-longer-than-twenty-seven': { spec: { data }, ...one },
      labelled: { spec: { data }, ...one, metadata: { labels: { team: 'a' }, annotations: { owner: 'b' } } },
      renamed: { spec: { data, target: { name: 'other-name' } }, ...one, target: 'other-name' },
      everything: { spec: { dataFrom: [{ extract: { key } }] }, data: { password: value, tier: 'gold' } },
      orphan: { spec: { data, target: { creationPolicy: 'Orphan' } }, ...one },
      merge: { spec: { data, target: { creationPolicy: 'Merge' } }, ...one, foreignData: { theirs: 'x' } },
      'merge-too': {
        spec: {
          data: [{ secretKey: 'second', remoteRef: { key: second } }],
          target: { name: 'merge', creationPolicy: 'Merge' },
        },
        data: { second: other },
        target: 'merge',
      },
      'create-or-merge': {
        spec: { data, target: { creationPolicy: 'CreateOrMerge' } },
        ...one,
        foreignData: { theirs: 'x' },
      },
      'delete-policy': { spec: { data, target: { deletionPolicy: 'Delete' } }, ...one },
      'merge-policy': { spec: { data, target: { deletionPolicy: 'Merge' } }, ...one },
      templated: {
        spec: { dataFrom: [{ extract: { key } }], target: { template: TEMPLATE } },
        data: { username: 'admin', password: value },
        rendered: { labels: { tier: 'gold' }, annotations: { note: 'kept' }, type: 'kubernetes.io/basic-auth' },
      },
      immutable: { spec: { data, target: { immutable: true } }, ...one },
      'other-manager': { spec: { data }, ...one, fieldManager: 'external-secrets' },
    };
    names = Object.keys(cases);
    targets = [...new Set(Object.entries(cases).map(([name, { target = name }]) => target))];
    atStart = await whileNobodyRuns(world, async () => {
      await before.leavesStore(namespace);
      for (const [name, each] of Object.entries(cases)) await before.leaves(namespace, name, each);
      left = await secretsBy(namespace, targets);
      statuses = await statusesOf();
    });
  });

  it('are adopted with one patch each of their metadata, and nothing else is written', async () => {
    const adopted = async () => {
      const secrets = [...(await secretsBy(namespace, targets)).values()];
      return secrets.reduce((sum, secret) => sum + marksOf(secret).length, 0);
    };
    await until('all to be adopted', adopted, SOON_MS, (count) => count === names.length);
    await sleep(SETTLED_MS);
    const now = await secretsBy(namespace, targets);
    for (const [name, secret] of now) {
      expect(kept(secret), name).toEqual(kept(left.get(name) ?? {}));
      expect(marksOf(secret).every((mark) => /^adopted:[0-9a-f]{64}$/.test(mark))).toBe(true);
      expect(at(secret, 'metadata', 'annotations', DATA_HASH)).toBeUndefined();
    }
    expect(await statusesOf()).toEqual(statuses);
    // The Event is the store's: its condition says now whose credentials it has.
    expect(await writesSince(atStart)).toEqual({ 'PATCH secrets': names.length, 'POST events': 1 });
  });

  it('are left alone by the next start', async () => {
    const now = await secretsBy(namespace, targets);
    const atRestart = await whileNobodyRuns(world, async () => undefined);
    await sleep(SETTLED_MS);
    expect(await writesSince(atRestart)).toEqual({});
    expect(await secretsBy(namespace, targets)).toEqual(now);
  });
});

describe('what is not to be read again', () => {
  const unread = ['created-once', 'on-change', 'zero', 'zero-relabelled', 'once-merge', 'once-restored'];
  let namespace: string;
  let left: ReadonlyMap<string, Json>;
  let atStart: readonly RequestCount[];
  let edited: string;

  beforeAll(async () => {
    namespace = await world.namespace('unread');
    const values = [world.canary(), world.canary()] as const;
    edited = world.canary();
    const { name: key } = await world.putSecret(values[0]);
    const data = [{ secretKey: 'password', remoteRef: { key } }];
    const one = { data: { password: values[0] } };
    const createdOnce = { spec: { data, refreshPolicy: 'CreatedOnce' }, ...one };
    const zero = { spec: { data, refreshInterval: '0s' }, ...one };
    const cases: Readonly<Record<string, Left>> = {
      'created-once': createdOnce,
      'on-change': { spec: { data, refreshPolicy: 'OnChange' }, ...one },
      zero,
      'zero-relabelled': {
        ...zero,
        metadata: { labels: { chart: 'of-today' } },
        rendered: {},
        syncedResourceVersion: '1-x',
      },
      'once-merge': {
        spec: { ...createdOnce.spec, target: { creationPolicy: 'Merge' } },
        ...one,
        foreignData: { theirs: 'x' },
      },
      'once-restored': createdOnce,
      'once-edited': createdOnce,
      'once-gone': createdOnce,
      'on-change-changed': { spec: { data, refreshPolicy: 'OnChange' }, ...one, syncedResourceVersion: '1-x' },
    };
    atStart = await whileNobodyRuns(world, async () => {
      await before.leavesStore(namespace);
      for (const [name, each] of Object.entries(cases)) await before.leaves(namespace, name, each);
      // As a tool that restores a cluster writes it: every field is that tool's.
      await handOver('once-restored', 'velero-server');
      await world.objects.patch('Secret', namespace, 'once-edited', { stringData: { password: edited } });
      await world.objects.remove('Secret', namespace, 'once-gone');
      left = await secretsBy(namespace, unread);
      await world.putSecret(values[1], key);
    });

    async function handOver(name: string, manager: string): Promise<void> {
      const secret = await world.secret(namespace, name);
      const metadata = {
        ...(secret['metadata'] as Json),
        uid: undefined,
        resourceVersion: undefined,
        managedFields: undefined,
      };
      await world.objects.remove('Secret', namespace, name);
      const path = `/api/v1/namespaces/${namespace}/secrets?fieldManager=${manager}`;
      const reply = await cluster.request('POST', path, { ...secret, metadata });
      expect(reply.status).toBe(201);
    }
  });

  it('is not, though AWS has something else: it is marked and stays', async () => {
    const adopted = async () =>
      [...(await secretsBy(namespace, unread)).values()].filter((secret) => marksOf(secret).length > 0).length;
    await until('all to be marked', adopted, SOON_MS, (count) => count === unread.length);
    await sleep(SETTLED_MS);
    for (const [name, secret] of await secretsBy(namespace, unread)) {
      expect(kept(secret), name).toEqual(kept(left.get(name) ?? {}));
      expect(marksOf(secret), name).toEqual([expect.stringMatching(/^adopted:[0-9a-f]{64}$/)]);
      expect(at(secret, 'metadata', 'annotations', DATA_HASH)).toBe(upstreamDataHash(secret['data'] as Texts));
      await world.expectReady(namespace, name);
    }
    const synced = world.operator.logs().filter(({ msg, namespace: where }) => msg === 'synced' && where === namespace);
    expect(new Set(synced.map(({ name }) => name))).toEqual(new Set(['once-edited', 'once-gone', 'on-change-changed']));
  });

  it('is, where somebody has edited or deleted the target, or the object has changed', async () => {
    const now = await world.secretData(namespace, 'once-gone');
    expect(now?.['password']).toMatch(/^canary-/);
    for (const name of ['once-edited', 'on-change-changed']) await world.expectData(namespace, name, now ?? {});
    expect(now?.['password']).not.toBe(edited);
  });

  it('costs a patch each, and a status where it lags behind a change that was ignored', async () => {
    const writes = await writesSince(atStart);
    expect(writes).toMatchObject({ 'PATCH secrets': unread.length + 2, 'POST secrets': 1 });
    // One for the change that was ignored, and one each for what was synced.
    expect(writes['PATCH externalsecrets/status']).toBe(4);
    const refreshed = at(
      await world.objects.get('ExternalSecret', namespace, 'zero-relabelled'),
      'status',
      'refreshTime',
    );
    expect(Date.now() - Date.parse(String(refreshed))).toBeGreaterThan(9 * 60_000);
  });

  it('is left alone by the next start, and follows a change of the object after that', async () => {
    const now = await secretsBy(namespace, unread);
    const atRestart = await whileNobodyRuns(world, async () => undefined);
    await sleep(SETTLED_MS);
    expect(await writesSince(atRestart)).toEqual({});
    expect(await secretsBy(namespace, unread)).toEqual(now);
    const fresh = await world.secretData(namespace, 'once-gone');
    await world.objects.patch('ExternalSecret', namespace, 'zero', {
      metadata: { annotations: { 'force-sync': '1' } },
    });
    await world.expectData(namespace, 'zero', fresh ?? {});
  });
});

describe('what has changed while neither operator ran', () => {
  let namespace: string;
  const values = { old: '', now: '', edited: '' };

  beforeAll(async () => {
    namespace = await world.namespace('changed');
    values.old = world.canary();
    values.now = world.canary();
    values.edited = world.canary();
    const [moved, still, gone, kept] = await Promise.all(
      Array.from({ length: 4 }, async () => (await world.putSecret(values.old)).name),
    );
    const dataOf = (key: string | undefined, secretKey = 'password') => [{ secretKey, remoteRef: { key } }];
    const one = { data: { password: values.old } };
    await whileNobodyRuns(world, async () => {
      await before.leavesStore(namespace);
      await before.leaves(namespace, 'moved', { spec: { data: dataOf(moved) }, ...one });
      await before.leaves(namespace, 'frozen', { spec: { data: dataOf(moved), target: { immutable: true } }, ...one });
      await before.leaves(namespace, 'edited', { spec: { data: dataOf(still) }, ...one });
      await before.leaves(namespace, 'gone-retain', { spec: { data: dataOf(gone) }, ...one });
      await before.leaves(namespace, 'gone-delete', {
        spec: { data: dataOf(gone), target: { deletionPolicy: 'Delete' } },
        ...one,
      });
      await before.leaves(namespace, 'gone-merge', {
        spec: { data: [...dataOf(gone), ...dataOf(kept, 'kept')], target: { deletionPolicy: 'Merge' } },
        data: { password: values.old, kept: values.old },
      });
      await world.putSecret(values.now, moved);
      await world.objects.patch('Secret', namespace, 'edited', { stringData: { password: values.edited } });
      const last = { SecretId: gone ?? '', ForceDeleteWithoutRecovery: true };
      await world.secretsManager.send(new DeleteSecretCommand(last));
    });
  });

  it('a source that has moved is written', async () => {
    await world.expectData(namespace, 'moved', { password: values.now });
    await world.expectEvent(namespace, 'moved', 'Updated', /./);
    expect(marksOf(await world.secret(namespace, 'moved'))).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('a target that was edited is put right', () => world.expectData(namespace, 'edited', { password: values.old }));

  it('an immutable target stays, and the condition says why', async () => {
    await world.expectNotReady(namespace, 'frozen', /target is immutable/);
    await world.expectData(namespace, 'frozen', { password: values.old });
  });

  it('a source that is gone is met as deletionPolicy says', async () => {
    await world.expectNotReady(namespace, 'gone-retain', /AWS has no secret/);
    await world.expectData(namespace, 'gone-retain', { password: values.old });
    await world.expectData(namespace, 'gone-merge', { kept: values.old });
    await world.expectReady(namespace, 'gone-delete', 'SecretDeleted');
    expect(await world.secretData(namespace, 'gone-delete')).toBeUndefined();
  });
});
