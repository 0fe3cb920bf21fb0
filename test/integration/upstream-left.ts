/**
 * Puts into a cluster what External Secrets Operator 2.9 leaves in it: ExternalSecrets with its finalizer and status, and
 * Secrets with its labels, hashes, owner and field managers. Its rules are written here once more, apart from ours.
 */

import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestCount } from '../harness/request-counts.ts';
import { at, type Json } from './cluster-objects.ts';
import type { World } from './operator-world.ts';

const FINALIZER = 'externalsecrets.external-secrets.io/externalsecret-cleanup';
export const SOURCE_HASH = 'keyturn.dev/source-hash';
export const DATA_HASH = 'reconcile.external-secrets.io/data-hash';
const MINUTE_MS = 60_000;
/** When it last refreshed: long enough ago to be told from anything that is written now. */
const REFRESHED_AGO_MS = 10 * MINUTE_MS;

export type Texts = Readonly<Record<string, string>>;

export interface Left {
  /** Of the ExternalSecret, beside what {@link World.externalSecret} gives it. */
  readonly spec: Json;
  /** What the ExternalSecret's own entries gave. */
  readonly data: Texts;
  /** Labels and annotations of the ExternalSecret. */
  readonly metadata?: { readonly labels?: Texts; readonly annotations?: Texts };
  /** What its template gave besides data. @default the ExternalSecret's own labels and annotations */
  readonly rendered?: { readonly labels?: Texts; readonly annotations?: Texts; readonly type?: string };
  /** Others wrote these keys into the Secret before, as kubectl. */
  readonly foreignData?: Texts;
  /** @default `externalsecrets.external-secrets.io/NAME`, hashed where that is too long */
  readonly fieldManager?: string;
  /** What it last synced, where that is another state of the object than the present one. */
  readonly syncedResourceVersion?: string;
}

function sha3(text: string): string {
  return hash('sha3-224', text);
}

function goMap(map: Iterable<readonly [string, string]>): string {
  return `map[${Array.from(map, ([key, value]) => `${key}:${value}`)
    .sort()
    .join(' ')}]`;
}

/** Of a Secret's `data` as the API server has it, in base64. */
export function upstreamDataHash(data: Texts): string {
  const bytes = (base64: string) => `[${[...Buffer.from(base64, 'base64')].join(' ')}]`;
  return sha3(goMap(Object.entries(data).map(([key, base64]) => [key, bytes(base64)] as const)));
}

function managerOf(name: string): string {
  const plain = `externalsecrets.external-secrets.io/${name}`;
  return plain.length <= 63 ? plain : `externalsecrets.external-secrets.io/sha3/${sha3(name)}`;
}

function syncedVersionOf(externalSecret: Json | undefined): string {
  const mapOf = (field: string) => goMap(Object.entries(textsIn(externalSecret, 'metadata', field)));
  const maps = `{annotations:${mapOf('annotations')} labels:${mapOf('labels')}}`;
  return `${at(externalSecret, 'metadata', 'generation')}-${sha3(maps)}`;
}

function base64(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}

/** RFC 3339 in whole seconds. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export interface Upstream {
  /** A SecretStore `aws` that it found valid, with its finalizer; `spec` adds to it. */
  leavesStore(namespace: string, spec?: Json): Promise<void>;
  /** An ExternalSecret that it has synced, and the Secret. */
  leaves(namespace: string, name: string, left: Left): Promise<void>;
}

/** @param world where it was: with no operator that runs */
export function upstream(world: Pick<World, 'objects' | 'cluster' | 'store' | 'externalSecret'>): Upstream {
  const { objects, cluster } = world;

  async function send(method: string, path: string, body: Json, manager: string): Promise<void> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const query = `fieldManager=${encodeURIComponent(manager)}`;
    const reply = await cluster.request(method, `${path}?${query}`, body, { contentType });
    if (reply.status >= 300)
      throw new Error(`${method} ${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  }

  async function writeSecret(namespace: string, name: string, left: Left, externalSecret: Json): Promise<void> {
    const secretName = targetNameOf(name, left);
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    const { foreignData } = left;
    if (foreignData !== undefined) await send('POST', secrets, newSecret(secretName, foreignData), 'kubectl-create');
    const before = await objects.get('Secret', namespace, secretName);
    const secret = secretOf(before, secretName, left, externalSecret);
    const manager = left.fieldManager ?? managerOf(name);
    if (before === undefined) await send('POST', secrets, secret, manager);
    else await send('PUT', `${secrets}/${secretName}`, secret, manager);
  }

  return {
    async leavesStore(namespace, spec = {}) {
      await world.store(namespace, { spec, wait: false });
      const ready = {
        type: 'Ready',
        status: 'True',
        reason: 'Valid',
        message: 'store validated',
        lastTransitionTime: timestamp(Date.now() - REFRESHED_AGO_MS),
      };
      const path = `/apis/external-secrets.io/v1/namespaces/${namespace}/secretstores/aws`;
      const finalizers = ['secretstore.externalsecrets.io/finalizer'];
      await send('PATCH', path, { metadata: { finalizers } }, 'external-secrets');
      const status = { capabilities: 'ReadWrite', conditions: [ready] };
      await send('PATCH', `${path}/status`, { status }, 'external-secrets');
    },
    async leaves(namespace, name, left) {
      await world.externalSecret(namespace, name, left.spec, { ...left.metadata, finalizers: [FINALIZER] });
      const externalSecret = (await objects.get('ExternalSecret', namespace, name)) ?? {};
      const policy = at(left.spec, 'target', 'creationPolicy');
      if (policy !== 'None') await writeSecret(namespace, name, left, externalSecret);
      const refreshTime = timestamp(Date.now() - REFRESHED_AGO_MS);
      const ready = {
        type: 'Ready',
        status: 'True',
        reason: 'SecretSynced',
        message: 'secret synced',
        lastTransitionTime: refreshTime,
      };
      const status = {
        refreshTime,
        syncedResourceVersion: left.syncedResourceVersion ?? syncedVersionOf(externalSecret),
        conditions: [ready],
        ...(policy === 'None' ? {} : { binding: { name: String(at(left.spec, 'target', 'name') ?? name) } }),
      };
      const path = `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets/${name}/status`;
      await send('PATCH', path, { status }, 'external-secrets');
    },
  };
}

function targetNameOf(name: string, { spec }: Left): string {
  return String(at(spec, 'target', 'name') ?? name);
}

/** What it makes of a Secret, or of none. */
function secretOf(before: Json | undefined, name: string, left: Left, externalSecret: Json): Json {
  const target = at(left.spec, 'target');
  const isOwner = (at(target, 'creationPolicy') ?? 'Owner') === 'Owner';
  const { labels, annotations, type = 'Opaque' } = left.rendered ?? { ...left.metadata };
  const data = { ...textsIn(before, 'data'), ...base64(left.data) };
  return {
    ...newSecret(name, {}),
    metadata: {
      name,
      resourceVersion: at(before, 'metadata', 'resourceVersion'),
      labels: {
        ...textsIn(before, 'metadata', 'labels'),
        ...labels,
        'reconcile.external-secrets.io/managed': 'true',
        ...(isOwner ? createdBy(externalSecret) : {}),
      },
      annotations: { ...annotations, [DATA_HASH]: upstreamDataHash(data) },
      ...(isOwner ? { ownerReferences: [ownerOf(externalSecret)] } : {}),
    },
    type,
    data,
    ...(at(target, 'immutable') === true ? { immutable: true } : {}),
  };
}

function createdBy(externalSecret: Json): Texts {
  const { namespace, name } = { ...(at(externalSecret, 'metadata') as Json | undefined) };
  return { 'reconcile.external-secrets.io/created-by': sha3(`${namespace}/${name}`) };
}

function ownerOf(externalSecret: Json): Json {
  const { name, uid } = { ...(at(externalSecret, 'metadata') as Json | undefined) };
  const { apiVersion, kind } = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' };
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** A map of texts somewhere in an object, empty where there is none. */
function textsIn(object: unknown, ...path: readonly string[]): Texts {
  return { ...(at(object, ...path) as Texts | undefined) };
}

function newSecret(name: string, data: Texts): Json {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: base64(data) };
}

/** Neither operator runs while this is done; then Keyturn starts. @returns what the API server was asked before */
export async function whileNobodyRuns(world: World, act: () => Promise<void>): Promise<readonly RequestCount[]> {
  await world.operator.stop();
  await act();
  // Times of fields are whole seconds: what somebody else wrote in the second of our own write would be suspect ever after.
  await sleep(1_100);
  const metrics = await world.cluster.metrics();
  await world.restartOperator('stop');
  return metrics;
}

/** What Keyturn has written on a Secret of its sources. */
export function marksOf(secret: Json): readonly string[] {
  const annotations = Object.entries(textsIn(secret, 'metadata', 'annotations'));
  return annotations.filter(([name]) => name.startsWith(SOURCE_HASH)).map(([, value]) => value);
}
