/** What the expectations of examples talk in: one example at a time, in a namespace that all of them share. */

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect } from 'vitest';
import { secretsManagerAt } from '../../harness/aws-endpoint.ts';
import { until } from '../../harness/until.ts';
import { at, type Json } from '../cluster-objects.ts';
import type { Value, World } from '../operator-world.ts';
import { type ExampleFile, type PromisedSecret, readExample } from './example-file.ts';

const SOON_MS = 15_000;
const MERGE_PATCH = { contentType: 'application/merge-patch+json' };

export interface SecretOptions {
  readonly tags?: Readonly<Record<string, string>>;
  /** @default that of the endpoint */
  readonly region?: string;
  /** Becomes the id of the version. */
  readonly versionId?: string;
}

export interface Stage {
  readonly world: World;
  readonly namespace: string;
  /** Makes a secret in AWS, as the comment of the example has it. */
  inAws(name: string, value: Value, options?: SecretOptions): Promise<void>;
  /** Another value for a secret that is there. */
  rotate(name: string, value: Value): Promise<void>;
  removeFromAws(name: string): Promise<void>;
  /** `kubectl apply` of the file; waits until all of it is ready, and until the Secrets are there that its comment names. */
  apply(): Promise<void>;
  labelNamespace(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** Changes an annotation of it. */
  forceSync(externalSecret: string): Promise<void>;
  /** A value of a Secret as text. */
  text(secret: string, key: string): Promise<string>;
  bytes(secret: string, key: string): Promise<Buffer>;
}

/** Prepares what the comment of a file says, applies the file, and looks at what came out. */
export type Example = (stage: Stage) => Promise<void>;

/** Runs the expectation of one file. */
export async function play(name: string, example: Example, world: World, namespace: string): Promise<void> {
  const file = readExample(name);
  const prepared = new Map<string, readonly string[] | undefined>();
  let isApplied = false;
  const { create, close } = creating(world);
  const bytes: Stage['bytes'] = async (secret, key) =>
    Buffer.from(String(at(await world.secret(namespace, secret), 'data', key)), 'base64');
  const stage: Stage = {
    world,
    namespace,
    async inAws(secret, value, options) {
      prepared.set(secret, membersOf(value));
      await create(secret, value, options);
    },
    rotate: async (secret, value) => void (await world.putSecret(value, secret)),
    async removeFromAws(secret) {
      await world.secretsManager.send(new DeleteSecretCommand({ SecretId: secret, ForceDeleteWithoutRecovery: true }));
    },
    async apply() {
      isApplied = true;
      expect(prepared, 'what is in AWS is what the comment says').toEqual(
        new Map(Array.from(file.needed, ([secret, { members }]) => [secret, members])),
      );
      await applyFile(file, world, namespace);
    },
    async forceSync(externalSecret) {
      const annotations = { 'force-sync': new Date().toISOString() };
      await world.objects.patch('ExternalSecret', namespace, externalSecret, { metadata: { annotations } });
    },
    async labelNamespace(labelled, labels) {
      const path = `/api/v1/namespaces/${labelled}`;
      const { status } = await world.cluster.request('PATCH', path, { metadata: { labels } }, MERGE_PATCH);
      expect(status).toBe(200);
    },
    text: async (secret, key) => (await bytes(secret, key)).toString('utf8'),
    bytes,
  };
  await example(stage).finally(close);
  expect(isApplied, 'the file was applied').toBe(true);
}

function membersOf(value: Value): readonly string[] | undefined {
  return typeof value === 'string' || value instanceof Uint8Array ? undefined : Object.keys(value).toSorted();
}

function creating({ aws }: World) {
  const clients: SecretsManagerClient[] = [];
  return {
    async create(name: string, value: Value, { tags = {}, region = aws.region, versionId }: SecretOptions = {}) {
      const client = secretsManagerAt({ ...aws, region });
      clients.push(client);
      const content =
        value instanceof Uint8Array
          ? { SecretBinary: value }
          : { SecretString: typeof value === 'string' ? value : JSON.stringify(value) };
      // The stand-in takes the id of a version with a value that is put, and not with one that is created.
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await client.send(new CreateSecretCommand({ Name: name, Tags, ...(versionId === undefined && content) }));
      if (versionId === undefined) return;
      await client.send(new PutSecretValueCommand({ SecretId: name, ClientRequestToken: versionId, ...content }));
    },
    close() {
      for (const client of clients) client.destroy();
    },
  };
}

async function applyFile(file: ExampleFile, world: World, namespace: string): Promise<void> {
  const { exitCode, stderr } = await world.cluster.kubectl(['apply', '-n', namespace, '-f', file.path]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  await Promise.all([
    ...file.objects.map(({ kind, name }) => expectServed(kind, name, world, namespace)),
    ...file.gives.map((promised) => expectPromised(promised, world, namespace)),
  ]);
}

async function expectServed(kind: string, name: string, world: World, namespace: string): Promise<void> {
  if (kind === 'ExternalSecret') await world.expectReady(namespace, name);
  if (kind === 'SecretStore') await world.expectStore(namespace, name, 'True', /store validated/);
  if (kind === 'ClusterSecretStore') await world.expectStore('', name, 'True', /./);
}

/** Secrets that a ClusterExternalSecret brings come when their ExternalSecrets have. */
async function expectPromised({ name, type, keys }: PromisedSecret, world: World, namespace: string): Promise<void> {
  const wanted = JSON.stringify({ type, keys });
  await until(
    `Secret ${name} to be ${wanted}`,
    async () => JSON.stringify(shapeOf(await world.secret(namespace, name))),
    SOON_MS,
    (seen) => seen === wanted,
  );
}

function shapeOf(secret: Json) {
  return { type: secret['type'], keys: Object.keys(Object(secret['data'])).toSorted() };
}
