/**
 * Many tenants on one ClusterSecretStore, each with a role of its own, while grants come and go at random and secrets are
 * rotated: what the policies say at the end of each round is the oracle, and no Secret ever holds what was not granted.
 */

import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createIamRole,
  type IamRole,
  type PolicyStatement,
  setRolePolicy,
  trustingServiceAccount,
} from '../harness/iam.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';
import { bugsLoggedBy } from './proxied-world.ts';

const TENANTS = 50;
const ROUNDS = 3;
const SETTLED_WITHIN_MS = 60_000;

interface Tenant {
  readonly namespace: string;
  readonly role: IamRole;
  secret: AwsSecret;
  value: string;
  /** Indexes of the tenants whose secrets its role may read. */
  readonly granted: Set<number>;
  /** Every value that its role could read at some time: no other may ever be in its Secrets. */
  readonly readable: Set<string>;
}

let world: World;
let tenants: Tenant[];
let store: string;

/** The same numbers in each run: xorshift. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const random = randomNumbers(20_261_128);

beforeAll(async () => {
  world = await startWorld();
  store = world.uniqueName('tenants');
  await world.objects.apply('ClusterSecretStore', '', store, {
    spec: {
      provider: {
        aws: {
          service: 'SecretsManager',
          region: world.aws.region,
          auth: { jwt: { serviceAccountRef: { name: 'reader' } } },
        },
      },
    },
  });
  tenants = await Promise.all(Array.from({ length: TENANTS }, makeTenant));
});

afterAll(async () => {
  expect(bugsLoggedBy(world.operator)).toEqual([]);
  await world.objects.remove('ClusterSecretStore', '', store);
  await world.stop();
});

async function makeTenant(): Promise<Tenant> {
  const namespace = await world.namespace('tenant');
  const trust = trustingServiceAccount(world.aws, `${namespace}:reader`);
  const role = await createIamRole(world.aws, [trust], []);
  const annotations = { 'eks.amazonaws.com/role-arn': role.arn };
  await world.objects.apply('ServiceAccount', namespace, 'reader', { metadata: { annotations } });
  const value = world.canary();
  const secret = await world.putSecret(value);
  return { namespace, role, secret, value, granted: new Set(), readable: new Set() };
}

const neighbourOf = (index: number) => (index + 1) % TENANTS;

/** Its own secret, and that of its neighbour, which it may or may not read. */
function wantedBy(index: number): readonly { readonly name: string; readonly source: number }[] {
  return [
    { name: 'own', source: index },
    { name: 'theirs', source: neighbourOf(index) },
  ];
}

async function applyAll(): Promise<void> {
  await Promise.all(
    tenants.flatMap(({ namespace }, index) =>
      wantedBy(index).map(({ name, source }) =>
        world.externalSecret(namespace, name, {
          refreshInterval: '3s',
          secretStoreRef: { name: store, kind: 'ClusterSecretStore' },
          data: [{ secretKey: 'value', remoteRef: { key: tenantAt(source).secret.name } }],
        }),
      ),
    ),
  );
}

function tenantAt(index: number): Tenant {
  const tenant = tenants[index];
  if (tenant === undefined) throw new Error(`there is no tenant ${index}`);
  return tenant;
}

function noteReadable(): void {
  for (const tenant of tenants) {
    for (const source of tenant.granted) tenant.readable.add(tenantAt(source).value);
  }
}

async function flipGrants(): Promise<void> {
  for (const [index, { granted }] of tenants.entries()) {
    for (const { source } of wantedBy(index)) {
      if (random() < 0.4 && !granted.delete(source)) granted.add(source);
    }
  }
  await Promise.all(
    tenants.map(async ({ role, granted }) => {
      const Resource = [...granted].map((source) => `${tenantAt(source).secret.arn.slice(0, -6)}*`);
      const reading: PolicyStatement = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource };
      await setRolePolicy(world.aws, role, Resource.length === 0 ? [] : [reading]);
    }),
  );
  noteReadable();
}

/** By then the grants stand: whoever has none must not see the new values. */
async function rotateSome(): Promise<void> {
  await Promise.all(
    tenants.map(async (tenant) => {
      if (random() < 0.5) return;
      tenant.value = world.canary();
      await world.putSecret(tenant.value, tenant.secret.name);
    }),
  );
  noteReadable();
}

function readyOf(object: Json | undefined): unknown {
  return at(object, 'status', 'conditions', '0', 'status');
}

/** What is not as the policies say; empty when all is. */
async function disagreements(): Promise<readonly string[]> {
  const all = await Promise.all(
    tenants.flatMap(({ namespace, granted }, index) =>
      wantedBy(index).map(async ({ name, source }) => {
        const mayRead = granted.has(source);
        const ready = readyOf(await world.objects.get('ExternalSecret', namespace, name));
        const value = (await world.secretData(namespace, name))?.['value'];
        if (mayRead && ready === 'True' && value === tenantAt(source).value) return [];
        if (!mayRead && ready === 'False') return [];
        return [`${namespace}/${name}: granted ${mayRead}, Ready ${String(ready)}`];
      }),
    ),
  );
  return all.flat();
}

/** Secrets that hold a value which was never granted to their tenant. */
async function leakedSecrets(): Promise<readonly string[]> {
  const held = await Promise.all(
    tenants.flatMap(({ namespace, readable }) =>
      ['own', 'theirs'].map(async (name) => {
        const value = (await world.secretData(namespace, name))?.['value'];
        return value === undefined || readable.has(value) ? [] : [`${namespace}/${name}`];
      }),
    ),
  );
  return held.flat();
}

it('each tenant has what its policy says, round after round, and never anything else', async () => {
  await applyAll();
  for (let round = 1; round <= ROUNDS; round += 1) {
    await flipGrants();
    await rotateSome();
    const left = await until(
      `what the policies of round ${round} say`,
      disagreements,
      SETTLED_WITHIN_MS,
      (seen) => seen.length === 0,
    );
    expect(left).toEqual([]);
    expect(await leakedSecrets()).toEqual([]);
  }
  expect(await world.leaks()).toEqual([]);
});
