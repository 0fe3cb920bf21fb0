/** Clusters that External Secrets Operator has served: what it wrote is adopted as it is, and nothing is read that need not be. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { type RequestCount, requestsBetween } from '../harness/request-counts.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';
import { DATA_HASH, type Left, type Texts, type Upstream, upstream } from './upstream-left.ts';

const SOURCE_HASH = 'keyturn.dev/source-hash';
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
  expect(bugsLoggedBy(world.operator)).toEqual([]);
  expect(await world.leaks()).toEqual([]);
  await world.stop();
  await cluster.stop();
});

/** Neither operator runs while this is done; then Keyturn starts. @returns what the API server was asked before */
async function whileNobodyRuns(act: () => Promise<void>): Promise<readonly RequestCount[]> {
  await world.operator.stop();
  await act();
  const metrics = await cluster.metrics();
  await world.restartOperator('stop');
  return metrics;
}

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

function marksOf(secret: Json): readonly string[] {
  const annotations = Object.entries({ ...(at(secret, 'metadata', 'annotations') as Texts | undefined) });
  return annotations.filter(([name]) => name.startsWith(SOURCE_HASH)).map(([, value]) => value);
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
    atStart = await whileNobodyRuns(async () => {
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
    const atRestart = await whileNobodyRuns(async () => undefined);
    await sleep(SETTLED_MS);
    expect(await writesSince(atRestart)).toEqual({});
    expect(await secretsBy(namespace, targets)).toEqual(now);
  });
});
