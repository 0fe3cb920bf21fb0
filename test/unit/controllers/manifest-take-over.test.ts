import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { contentHash, syncedResourceVersion } from '../../../src/domain/upstream-hash.ts';
import { isJsonObject, parseJson } from '../../../src/ports/secret-json.ts';
import {
  CONFIG_MAP,
  content,
  edit,
  expectSynced,
  MANAGED,
  notes,
  requests,
  type Served,
  served,
} from './manifest-world.ts';

const DATA_HASH = 'reconcile.external-secrets.io/data-hash';
const REFRESHED = '2023-11-14T22:00:00Z';
const RESOURCE = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', plural: 'externalsecrets' };

function hashOf(json: object): string {
  const parsed = parseJson(JSON.stringify(json));
  return contentHash(isJsonObject(parsed) ? parsed : new Map());
}

/** `team/app` and its ConfigMap as External Secrets Operator leaves them, and an operator that begins. */
async function takenOver(spec: ExternalSecretSpec, value = 'value-1', hash = hashOf({ data: { password: value } })) {
  const all: Served = await served();
  const { world, configMap } = all;
  await world.stop();
  world.externalSecret('team/app', { target: CONFIG_MAP, ...spec });
  const entry = world.cluster.externalSecrets.get('team/app');
  if (entry?.kind !== 'valid') throw new Error('the ExternalSecret is not good');
  const { metadata } = entry.object;
  const controller = { apiVersion: RESOURCE.apiVersion, kind: 'ExternalSecret', name: 'app', uid: metadata.uid };
  const marks = { labels: { [MANAGED]: 'true' }, annotations: { [DATA_HASH]: hash }, controller };
  world.cluster.objects.edit(configMap, 'team/app', { data: { password: value } }, marks, 'external-secrets');
  const condition = { type: 'Ready', status: 'True', reason: 'ResourceSynced', message: 'resource synced' };
  const status = {
    refreshTime: REFRESHED,
    syncedResourceVersion: syncedResourceVersion(metadata),
    conditions: [{ ...condition, lastTransitionTime: REFRESHED }],
  };
  const identity = { resource: RESOURCE, namespace: 'team', name: 'app', uid: metadata.uid };
  await world.cluster.statuses.merge(identity, status, false, new AbortController().signal);
  await world.advance(60_000);
  world.forgetCalls();
  await world.start();
  await world.advance(10_000);
  return all;
}

function marksOf({ world, configMap }: Served): Readonly<Record<string, string>> {
  return world.cluster.objects.metadata(configMap, 'team/app')?.annotations ?? {};
}

describe('a ConfigMap that External Secrets Operator has written', () => {
  test('with what AWS has gets our marks, and no Event tells of it', async () => {
    const all = await takenOver({});
    expectSynced(all.world);
    expect(requests(all.world).filter((call) => call.startsWith('patch'))).toHaveLength(1);
    expect(notes(all.world).filter((note) => /ConfigMap/.test(note))).toEqual([]);
    expect(marksOf(all)).toEqual({ 'keyturn.dev/source-hash': expect.any(String) });
    await all.world.restart();
    await all.world.advance(5_000);
    expect(all.world.aws.count('read')).toBe(1);
    await all.world.stop();
  });

  test('with something else is made what AWS has', async () => {
    const all = await takenOver({}, 'older');
    expect(content(all.world, all.configMap)).toBe('{"data":{"password":"value-1"}}');
    expect(notes(all.world)).toContainEqual('Updated: Updated ConfigMap app');
    await all.world.stop();
  });

  test('once and for all stays as it is, whatever AWS has, and is not read from there', async () => {
    const all = await takenOver({ refreshPolicy: 'CreatedOnce' }, 'older');
    expectSynced(all.world);
    expect(content(all.world, all.configMap)).toBe('{"data":{"password":"older"}}');
    expect(all.world.aws.count('read')).toBe(0);
    expect(marksOf(all)['keyturn.dev/source-hash']).toMatch(/^adopted:/);
    all.world.forgetCalls();
    await all.world.restart();
    await all.world.advance(5_000);
    expect(requests(all.world)).toEqual(['look ConfigMap team/app']);
    await all.world.stop();
  });

  test('once and for all, and that somebody has edited since, is put right', async () => {
    const all = await takenOver({ refreshPolicy: 'CreatedOnce' }, 'edited', hashOf({ data: { password: 'older' } }));
    expect(content(all.world, all.configMap)).toBe('{"data":{"password":"value-1"}}');
    await all.world.stop();
  });

  test('and that is edited after that, is put right', async () => {
    const all = await takenOver({ refreshPolicy: 'CreatedOnce' });
    edit(all.world, all.configMap, { data: { password: 'edited' } });
    await all.world.advance(5_000);
    expect(content(all.world, all.configMap)).toBe('{"data":{"password":"value-1"}}');
    await all.world.stop();
  });
});
