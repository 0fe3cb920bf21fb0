/** SecretAccessPolicies on a real API server: what they keep from being read, at once, and what they tell. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

const AT_ONCE_MS = 3_000;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => endFaultless(world));

let namespace: string;
let password: string;
let secret: AwsSecret;
let made: string[];
beforeEach(async () => {
  namespace = await world.namespace('access');
  password = world.canary();
  secret = await world.putSecret(password);
  made = [];
  await world.store(namespace);
});
afterEach(async () => {
  for (const name of made) await world.objects.remove('SecretAccessPolicy', '', name);
});

async function policy(spec: Json, name = `policy-${namespace}`): Promise<void> {
  made.push(name);
  await world.objects.apply('SecretAccessPolicy', '', name, { spec });
}

const app = (spec: Json = {}) =>
  world.externalSecret(namespace, 'app', {
    refreshInterval: '1s',
    data: [{ secretKey: 'password', remoteRef: { key: secret.name } }],
    ...spec,
  });

describe('a SecretAccessPolicy', () => {
  it('lets be read what it allows, and nothing else, and counts both', async () => {
    await policy({ namespaces: [namespace], allow: [{ secrets: { names: [secret.name] } }] });
    await app();
    await world.expectData(namespace, 'app', { password });
    const other = await world.putSecret(world.canary());
    await world.externalSecret(namespace, 'other', {
      data: [{ secretKey: 'password', remoteRef: { key: other.name } }],
    });
    await world.expectTold(namespace, 'other', [
      `namespace "${namespace}" may not read secret "${other.name}"`,
      `SecretAccessPolicy "policy-${namespace}"`,
    ]);
    expect(await world.secretData(namespace, 'other')).toBeUndefined();
    const shown = await until(
      'the policy to count both',
      () => world.objects.get('SecretAccessPolicy', '', `policy-${namespace}`),
      20_000,
      (seen) => at(seen, 'status', 'allowed') === 1 && at(seen, 'status', 'denied') === 1,
    );
    expect(at(shown, 'status', 'conditions', '0', 'status')).toBe('True');
  });

  it('stops a secret that was synced from the moment on that it is made', async () => {
    await app();
    await world.expectData(namespace, 'app', { password });
    await policy({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } }, allow: [] });
    await world.expectNotReady(namespace, 'app', /may not read/, AT_ONCE_MS);
    const next = world.canary();
    await world.putSecret(next, secret.name);
    await world.objects.remove('SecretAccessPolicy', '', `policy-${namespace}`);
    await world.expectData(namespace, 'app', { password: next });
  });

  it('holds by any spelling of the secret', async () => {
    const other = await world.putSecret(world.canary());
    await policy({ namespaces: [namespace], allow: [{ secrets: { names: [secret.name] } }] });
    for (const key of [other.name, other.arn, other.arn.slice(0, -7)]) {
      await app({ data: [{ secretKey: 'password', remoteRef: { key } }] });
      await world.expectNotReady(namespace, 'app', /may not read/);
    }
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
    await app({ data: [{ secretKey: 'password', remoteRef: { key: secret.arn } }] });
    await world.expectData(namespace, 'app', { password });
  });

  it('leaves out of what is found what it does not allow', async () => {
    const stem = world.uniqueName('find');
    const [mine, theirs] = [world.canary(), world.canary()];
    const { CreateSecretCommand } = await import('@aws-sdk/client-secrets-manager');
    for (const [name, value] of [
      [`${stem}/mine`, mine],
      [`${stem}/theirs`, theirs],
    ] as const) {
      await world.secretsManager.send(new CreateSecretCommand({ Name: name, SecretString: value }));
    }
    await policy({ namespaces: [namespace], allow: [{ secrets: { names: [`${stem}/mine`] } }] });
    const find = { dataFrom: [{ find: { name: { regexp: `^${stem}/` } } }], data: [] };
    await app(find);
    await world.expectData(namespace, 'app', { [`${stem}_mine`]: mine });
  });

  it('names the stores and targets that it allows', async () => {
    const rule = {
      secrets: { names: ['*'] },
      stores: [{ kind: 'SecretStore', name: 'aws' }],
      targets: { names: ['app-*'] },
    };
    await policy({ namespaces: [namespace], allow: [rule] });
    await app();
    await world.expectNotReady(namespace, 'app', /into Secret "app"/);
    await app({ target: { name: 'app-credentials' } });
    await world.expectReady(namespace, 'app');
    expect(await world.secretData(namespace, 'app-credentials')).toEqual({ password });
  });

  it('that allows a type of target keeps a Secret of another type that is there already as it is', async () => {
    const tls = { 'tls.crt': 'not a certificate', 'tls.key': 'not a key' };
    await world.objects.apply('Secret', namespace, 'app', { type: 'kubernetes.io/tls', stringData: tls });
    await policy({ namespaces: [namespace], allow: [{ targets: { types: ['Opaque'] } }] });
    await app({ target: { creationPolicy: 'Merge' } });
    await world.expectNotReady(namespace, 'app', /type .*the type of a Secret cannot be changed/);
    expect(await world.secretData(namespace, 'app')).toEqual(tls);
    await policy({ namespaces: [namespace], allow: [{ targets: { types: ['Opaque'] } }, {}] });
    await world.expectData(namespace, 'app', { ...tls, password });
  });

  it('that says nothing of whom it is for is refused by the API server', async () => {
    await expect(policy({ allow: [] }, `nobody-${namespace}`)).rejects.toThrow(/namespaceSelector or namespaces/);
  });
});
