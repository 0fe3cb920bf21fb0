/** What happens to a sync when the world changes in the middle of it: killed operator, deleted object, edited target. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultProxy, Match } from '../harness/fault-proxy.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import type { World } from './operator-world.ts';
import {
  bugsLoggedBy,
  countOf,
  createsSecretIn,
  namespaceOfItsOwn,
  type ProxiedWorld,
  patchesSecret,
  patchesStatus,
  startProxiedWorld,
} from './proxied-world.ts';

const SOON_MS = 15_000;
const HEARD_WITHIN_MS = 1_000;

let proxied: ProxiedWorld;
let world: World;
let apiProxy: FaultProxy;
let awsProxy: FaultProxy;

beforeAll(async () => {
  proxied = await startProxiedWorld();
  ({ world, apiProxy, awsProxy } = proxied);
});
afterEach(() => {
  apiProxy.clear();
  awsProxy.clear();
  expect(bugsLoggedBy(world.operator)).toEqual([]);
});
afterAll(async () => {
  expect(await world.leaks()).toEqual([]);
  await proxied.stop();
});

interface Prepared {
  readonly namespace: string;
  readonly secret: string;
  readonly value: string;
  readonly readsSecrets: Match;
}

async function prepare(prefix: string): Promise<Prepared> {
  const own = await namespaceOfItsOwn(world, prefix);
  const value = world.canary();
  const { name: secret } = await world.putSecret(value);
  return { ...own, secret, value };
}

/** An ExternalSecret `app` with one key. */
function apply({ namespace, secret }: Prepared, spec: object = {}): Promise<void> {
  const data = [{ secretKey: 'password', remoteRef: { key: secret } }];
  return world.externalSecret(namespace, 'app', { data, ...spec });
}

async function versionOf(namespace: string, name: string): Promise<unknown> {
  return at(await world.secret(namespace, name), 'metadata', 'resourceVersion');
}

/** What the operator was told and answered before, it knows by then: this goes the same ways, later. */
async function syncAnother({ namespace, secret }: Prepared, name = 'later'): Promise<void> {
  await world.externalSecret(namespace, name, { data: [{ secretKey: 'password', remoteRef: { key: secret } }] });
  await world.expectReady(namespace, name);
}

function isGone(kind: 'ExternalSecret' | 'Secret', namespace: string, name: string): Promise<true> {
  const probe = async () => (await world.objects.get(kind, namespace, name)) === undefined;
  return until(`${kind} ${name} to be gone`, probe, SOON_MS);
}

describe('the operator is killed between the write of the Secret and that of the status', () => {
  it('the next one puts the status right and does not write the Secret again', async () => {
    const prepared = await prepare('killed');
    const { namespace, value } = prepared;
    const held = apiProxy.hold(patchesStatus(namespace, 'app'));
    await apply(prepared);
    await held.reached;
    const written = await world.secret(namespace, 'app');
    expect(await world.condition(namespace, 'app')).toBeUndefined();

    await world.restartOperator('kill');
    await world.expectReady(namespace, 'app');
    expect(await world.secret(namespace, 'app')).toEqual(written);
    await world.expectData(namespace, 'app', { password: value });
  });

  it('the same in the middle of a rotation', async () => {
    const prepared = await prepare('killed-rotation');
    const { namespace, secret } = prepared;
    await apply(prepared, { refreshInterval: '1s' });
    await world.expectReady(namespace, 'app');
    const refreshTime = async () =>
      String(at(await world.objects.get('ExternalSecret', namespace, 'app'), 'status', 'refreshTime'));
    const before = await refreshTime();
    // It tells whole seconds: two syncs within one need no second write.
    await until('the second to be over', () => Date.now() >= Date.parse(before) + 1_000, SOON_MS);

    const held = apiProxy.hold(patchesStatus(namespace, 'app'));
    const value = world.canary();
    await world.putSecret(value, secret);
    await held.reached;
    await world.expectData(namespace, 'app', { password: value });
    const written = await world.secret(namespace, 'app');

    await world.restartOperator('kill');
    await until('the status to tell of the rotation', async () => (await refreshTime()) > before, SOON_MS);
    expect(await world.secret(namespace, 'app')).toEqual(written);
  });
});

describe('the ExternalSecret is deleted while AWS is asked', () => {
  it.each(['Owner', 'Orphan'])('%s: no Secret is made', async (creationPolicy) => {
    const prepared = await prepare('deleted');
    const { namespace } = prepared;
    const held = awsProxy.hold(prepared.readsSecrets);
    await apply(prepared, { target: { creationPolicy } });
    await held.reached;
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await syncAnother(prepared);
    held.release();
    await syncAnother(prepared, 'last');
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
    expect(await world.events(namespace, 'app')).toEqual([]);
  });

  it('Owner, in the middle of a rotation: its Secret goes and does not come back', async () => {
    const prepared = await prepare('deleted-rotation');
    const { namespace, secret } = prepared;
    await apply(prepared, { refreshInterval: '1s' });
    await world.expectReady(namespace, 'app');
    const sweep = awsProxy.hold(prepared.readsSecrets);
    await sweep.reached;
    await world.putSecret(world.canary(), secret);
    const held = awsProxy.hold(prepared.readsSecrets);
    sweep.release();
    await held.reached;
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await isGone('Secret', namespace, 'app');
    await syncAnother(prepared);
    held.release();
    await syncAnother(prepared, 'last');
    // The garbage collector would soon remove a new one.
    expect(countOf(apiProxy, createsSecretIn(namespace))).toBe(3);
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
  });

  it('one of the same name that is made meanwhile gets what it asks for', async () => {
    const prepared = await prepare('replaced');
    const { namespace, secret, value } = prepared;
    const held = awsProxy.hold(prepared.readsSecrets);
    await apply(prepared);
    await held.reached;
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'other', remoteRef: { key: secret } }] });
    held.release();
    await world.expectReady(namespace, 'app');
    await world.expectData(namespace, 'app', { other: value });
  });
});

describe('the ExternalSecret is deleted while its Secret is being made', () => {
  it('Owner: the Secret is collected as garbage', async () => {
    const prepared = await prepare('late-owner');
    const { namespace } = prepared;
    const held = apiProxy.hold(createsSecretIn(namespace));
    await apply(prepared);
    await held.reached;
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await isGone('ExternalSecret', namespace, 'app');
    held.release();
    await syncAnother(prepared);
    await isGone('Secret', namespace, 'app');
  });
});

describe('the ExternalSecret is deleted, and the end of its Secret is heard of first', () => {
  const watchesExternalSecrets: Match = ({ path }) => path.includes('/externalsecrets?') && path.includes('watch=true');

  it('Owner: nothing is read for it, and no Secret is made', async () => {
    const prepared = await prepare('heard-late');
    const { namespace, readsSecrets } = prepared;
    await apply(prepared);
    await world.expectReady(namespace, 'app');
    const reads = awsProxy.fail(readsSecrets, { kind: 'delay', delayMs: 0 });
    expect(apiProxy.freezeOpen(watchesExternalSecrets)).toBe(1);
    await world.objects.remove('ExternalSecret', namespace, 'app');
    await isGone('Secret', namespace, 'app');
    await sleep(HEARD_WITHIN_MS);
    expect(reads.hits).toBe(0);
    const made = countOf(apiProxy, createsSecretIn(namespace));
    apiProxy.clear();
    await syncAnother(prepared);
    expect([reads.hits, made]).toEqual([1, 1]);
    await isGone('Secret', namespace, 'app');
  });
});

describe('somebody edits the target between the look at it and the write', () => {
  it('it is put right, and no failure is told', async () => {
    const prepared = await prepare('conflict');
    const { namespace, secret } = prepared;
    await apply(prepared, { refreshInterval: '1s' });
    const { lastTransitionTime } = await world.expectReady(namespace, 'app');
    const held = apiProxy.hold(patchesSecret(namespace, 'app'));
    const value = world.canary();
    await world.putSecret(value, secret);
    await held.reached;
    await world.objects.patch('Secret', namespace, 'app', { stringData: { password: 'edited', more: 'edited' } });
    held.release();
    await world.expectData(namespace, 'app', { password: value });
    expect(await world.expectReady(namespace, 'app')).toMatchObject({ lastTransitionTime });
    expect((await world.events(namespace, 'app')).map(({ type }) => type)).not.toContain('Warning');
  });

  it('a Secret of that name appears before ours is made: it is taken over', async () => {
    const prepared = await prepare('conflict-create');
    const { namespace, value } = prepared;
    const held = apiProxy.hold(createsSecretIn(namespace));
    await apply(prepared);
    await held.reached;
    await world.objects.apply('Secret', namespace, 'app', { stringData: { password: 'mine', more: 'mine' } });
    held.release();
    await world.expectReady(namespace, 'app');
    await world.expectData(namespace, 'app', { password: value });
    expect((await world.events(namespace, 'app')).map(({ type }) => type)).not.toContain('Warning');
  });
});

describe('a rotation comes between the reads of two labels of one secret', () => {
  it.each([1, 2])('read %i of two is late: both are written as they stood together', async (late) => {
    const prepared = await prepare('labels');
    const { namespace, secret, readsSecrets } = prepared;
    const [second, third] = [world.canary(), world.canary()];
    await world.putSecret(second, secret);
    let reads = 0;
    const isLate: Match = (request) => {
      if (readsSecrets(request)) reads += 1;
      return readsSecrets(request) && reads === late;
    };
    const held = awsProxy.hold(isLate);
    const labels = { current: 'AWSCURRENT', previous: 'AWSPREVIOUS' };
    const data = Object.entries(labels).map(([secretKey, version]) => ({
      secretKey,
      remoteRef: { key: secret, version },
    }));
    await apply(prepared, { data });
    await held.reached;
    // Both are asked for at once; the other one is answered meanwhile.
    await sleep(500);
    await world.putSecret(third, secret);
    held.release();
    await world.expectData(namespace, 'app', { current: third, previous: second });
    await world.expectReady(namespace, 'app');
    expect(countOf(apiProxy, createsSecretIn(namespace))).toBe(1);
    expect(countOf(apiProxy, patchesSecret(namespace, 'app'))).toBe(0);
  });
});

describe('the reply to a write is lost', () => {
  it.each(['create', 'patch'])('%s of the Secret: it holds the value, and no failure stays', async (verb) => {
    const prepared = await prepare(`lost-${verb}`);
    const { namespace, secret } = prepared;
    if (verb === 'patch') {
      await apply(prepared, { refreshInterval: '1s' });
      await world.expectReady(namespace, 'app');
    }
    const match = verb === 'create' ? createsSecretIn(namespace) : patchesSecret(namespace, 'app');
    const rule = apiProxy.fail(match, { kind: 'loseReply' }, 1);
    const value = world.canary();
    await world.putSecret(value, secret);
    await (verb === 'create' && apply(prepared));
    await until('the reply to be lost', () => rule.hits === 1, SOON_MS);
    await world.expectData(namespace, 'app', { password: value });
    await world.expectReady(namespace, 'app');
  });

  it('status: it is right in the end', async () => {
    const prepared = await prepare('lost-status');
    const { namespace, value } = prepared;
    const rule = apiProxy.fail(patchesStatus(namespace, 'app'), { kind: 'loseReply' }, 1);
    await apply(prepared);
    await until('the reply to be lost', () => rule.hits === 1, SOON_MS);
    await world.expectReady(namespace, 'app');
    await world.expectData(namespace, 'app', { password: value });
    const version = await versionOf(namespace, 'app');
    await syncAnother(prepared);
    expect(await versionOf(namespace, 'app')).toBe(version);
  });
});
