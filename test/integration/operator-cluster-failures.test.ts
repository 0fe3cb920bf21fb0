/** The API server is killed, is away for a while, and cuts its watches: the operator goes on by itself and misses nothing. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import type { ProxiedRequest } from '../harness/fault-proxy.ts';
import { until } from '../harness/until.ts';
import { at } from './cluster-objects.ts';
import type { World } from './operator-world.ts';
import { bugsLoggedBy, type ProxiedWorld, startProxiedWorld } from './proxied-world.ts';

/** A watch that broke is tried again after 0.25 to 30 s, depending on how often it failed. */
const AFTER_RESTART_MS = 10_000;

let cluster: ControlPlane;
let proxied: ProxiedWorld;
let world: World;
let namespace: string;

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  proxied = await startProxiedWorld({ cluster });
  ({ world } = proxied);
  namespace = await world.namespace('failures');
  await world.store(namespace);
});
afterEach(() => {
  proxied.apiProxy.clear();
  expect(bugsLoggedBy(world.operator)).toEqual([]);
  expect(world.operator.hasExited).toBe(false);
});
afterAll(async () => {
  // An API server that has just started refuses some lists for a moment.
  expect(await until('a look at everything', world.leaks, AFTER_RESTART_MS, () => true)).toEqual([]);
  await proxied.stop();
  await cluster.stop();
});

/** An ExternalSecret of one key that is polled every second. @returns the name of its secret at AWS */
async function apply(name: string, value: string): Promise<string> {
  const { name: key } = await world.putSecret(value);
  const data = [{ secretKey: 'password', remoteRef: { key } }];
  await world.externalSecret(namespace, name, { refreshInterval: '1s', data });
  return key;
}

/** The versions of the Secrets of that name, by which a write would show. */
async function secretOf(name: string): Promise<unknown> {
  return at(await world.secret(namespace, name), 'metadata', 'resourceVersion');
}

const isWatch = ({ path }: ProxiedRequest) => path.includes('watch=true');

describe('the API server is killed and started again', () => {
  it('a change that is made right afterwards is seen, and what is right is not written again', async () => {
    await apply('before', world.canary());
    await world.expectReady(namespace, 'before');
    const version = await secretOf('before');
    await cluster.restartApiServer();
    const value = world.canary();
    await apply('after', value);
    await world.expectData(namespace, 'after', { password: value }, AFTER_RESTART_MS);
    await world.expectReady(namespace, 'after');
    expect(await secretOf('before')).toBe(version);
  });

  it('drift and deletion are seen as before', async () => {
    const value = world.canary();
    await apply('drift', value);
    await world.expectReady(namespace, 'drift');
    await world.objects.patch('Secret', namespace, 'drift', { stringData: { password: 'edited' } });
    await world.expectData(namespace, 'drift', { password: value });
  });
});

describe('the API server is away', () => {
  it('during a rotation: the Secret gets it afterwards', async () => {
    const key = await apply('rotated', world.canary());
    const { lastTransitionTime } = await world.expectReady(namespace, 'rotated');
    await cluster.stopApiServer();
    const atMs = Date.now();
    const value = world.canary();
    await world.putSecret(value, key);
    const failed = ({ msg, key: of, time }: Readonly<Record<string, unknown>>) =>
      msg === 'will retry' && of === `${namespace}/rotated` && Date.parse(String(time)) >= atMs;
    await world.operator.waitForLog(failed, 15_000);
    await cluster.startApiServer();
    await world.expectData(namespace, 'rotated', { password: value });
    expect(await world.expectReady(namespace, 'rotated')).toMatchObject({ lastTransitionTime });
    expect((await world.events(namespace, 'rotated')).map(({ type }) => type)).not.toContain('Warning');
  });

  it('when the operator starts: it waits for it', async () => {
    await proxied.world.operator.stop();
    const away = proxied.apiProxy.fail(() => true, { kind: 'drop' });
    const restarted = world.restartOperator('stop');
    await until('it to try', () => away.hits >= 4, 15_000);
    away.remove();
    await restarted;
    const value = world.canary();
    await apply('late', value);
    await world.expectData(namespace, 'late', { password: value });
  });
});

describe('watches are cut', () => {
  it('again and again under changes: nothing is missed', async () => {
    const wanted = new Map<string, string>();
    const { name: key } = await world.putSecret(world.canary());
    const change = async (name: string, round: number) => {
      const secretKey = `round${round}`;
      wanted.set(name, secretKey);
      await world.externalSecret(namespace, name, { data: [{ secretKey, remoteRef: { key } }] });
    };
    for (let round = 0; round < 12; round += 1) {
      await Promise.all([0, 1, 2, 3].map((step) => change(`cut${(round + step) % 6}`, round)));
      const gone = `cut${round % 6}`;
      wanted.delete(gone);
      await world.objects.remove('ExternalSecret', namespace, gone);
      await until('a watch to be open again', () => proxied.apiProxy.dropOpen(isWatch), 15_000);
    }
    const present = async () => {
      const secrets = await world.objects.list('Secret', namespace);
      const ours = secrets.filter((secret) => String(at(secret, 'metadata', 'name')).startsWith('cut'));
      return ours.map((secret) => [at(secret, 'metadata', 'name'), Object.keys(at(secret, 'data') ?? {})]);
    };
    const expected = [...wanted].sort().map(([name, secretKey]) => [name, [secretKey]]);
    await until('the Secrets to follow', present, 30_000, (seen) => JSON.stringify(seen) === JSON.stringify(expected));
    await Promise.all([...wanted.keys()].map((name) => world.expectReady(namespace, name)));
  });

  it('in the middle of a line: the event comes whole with the next watch', async () => {
    const value = world.canary();
    const rule = proxied.apiProxy.fail(isWatch, { kind: 'cut', afterBytes: 900 });
    proxied.apiProxy.dropOpen(isWatch);
    const key = await apply('halves', value);
    await until('watches to be cut', () => rule.hits >= 4, 15_000);
    rule.remove();
    proxied.apiProxy.dropOpen(isWatch);
    await world.expectData(namespace, 'halves', { password: value });
    const rotated = world.canary();
    await world.putSecret(rotated, key);
    await world.expectData(namespace, 'halves', { password: rotated });
  });
});
