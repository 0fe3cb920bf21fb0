import { expect, test } from 'vitest';
import type { ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import { APP_CONFIG, CONFIG_MAP, content, edit, served, synced } from './manifest-world.ts';
import { planned } from './planned.ts';
import type { World } from './world.ts';

/** Nothing serves `world` any more. */
async function ended(world: World): Promise<World> {
  await world.stop();
  world.cluster.list();
  world.forgetCalls();
  return world;
}

async function fresh(target: ExternalSecretTarget): Promise<World> {
  const { world } = await served();
  await ended(world);
  world.externalSecret('team/app', { target });
  return world;
}

async function forecastOf(world: World) {
  const before = { ...world.cluster.objects.written };
  const { forecasts } = await planned(world);
  expect(world.cluster.objects.written).toEqual(before);
  return forecasts.get('team/app');
}

test('a ConfigMap that is not there would be made: the paths of its fields are told, and digests', async () => {
  const world = await fresh(CONFIG_MAP);
  expect(await forecastOf(world)).toMatchObject({
    kind: 'create',
    target: 'ConfigMap app',
    difference: { keys: [{ key: 'data.password', change: 'added', after: '#value-1' }], owner: 'set' },
  });
  expect(await forecastOf(world)).not.toHaveProperty('secret');
});

test('one that is synced: nothing, and no value is read', async () => {
  const { world } = await synced();
  expect(await forecastOf(await ended(world))).toMatchObject({ kind: 'nothing', target: 'ConfigMap app' });
  expect(world.cost()).toMatchObject({ reads: 0 });
});

test('one whose secret has moved: what differs is told, and what others have made is not', async () => {
  const { world, configMap } = await synced();
  edit(world, configMap, { binaryData: { theirs: 'AA==' } });
  await world.settle();
  await ended(world);
  world.aws.put('prod/db', 'value-2');
  const before = content(world, configMap);
  expect(await forecastOf(world)).toMatchObject({
    kind: 'change',
    difference: { keys: [{ key: 'data.password', change: 'changed', before: '#value-1', after: '#value-2' }] },
  });
  expect(content(world, configMap)).toBe(before);
});

test('a field deep in an object of a custom kind', async () => {
  const templateFrom = [{ literal: '{"user":"{{ .password }}","port":5432}', target: 'spec.database' }] as const;
  const world = await fresh({ ...APP_CONFIG, template: { templateFrom: [...templateFrom] } });
  expect((await forecastOf(world))?.difference?.keys).toEqual([
    { key: 'spec.database.port', change: 'added', after: '#5432' },
    { key: 'spec.database.user', change: 'added', after: '#value-1' },
  ]);
});

test('where a template gives the names of fields, no more than the field of the root is told', async () => {
  const templateFrom = [{ literal: '{"{{ .password }}":"x"}', target: 'spec.database' }] as const;
  const world = await fresh({ ...APP_CONFIG, template: { templateFrom: [...templateFrom] } });
  expect((await forecastOf(world))?.difference?.keys.map(({ key }) => key)).toEqual(['spec']);
});

test('an immutable ConfigMap that would get other data is refused', async () => {
  const { world, configMap } = await synced();
  edit(world, configMap, { immutable: true });
  await world.settle();
  await ended(world);
  world.aws.put('prod/db', 'value-2');
  const forecast = await forecastOf(world);
  expect(forecast).toMatchObject({ kind: 'refused' });
  expect(forecast?.message).toMatch(/immutable/);
});

test('a kind that the API server does not serve is unknown: it may be installed later', async () => {
  const world = await fresh({ manifest: { apiVersion: 'example.com/v1', kind: 'Absent' } });
  const forecast = await forecastOf(world);
  expect(forecast).toMatchObject({ kind: 'unknown', target: 'Absent app' });
  expect(forecast?.message).toContain('serves no kind "Absent"');
});

test('one of somebody else is refused', async () => {
  const world = await fresh(CONFIG_MAP);
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'uid-web' };
  edit(world, world.cluster.objects.serve('v1', 'ConfigMap'), { data: { a: 'b' } }, { controller: owner });
  expect(await forecastOf(world)).toMatchObject({ kind: 'refused' });
});

test('one to merge into that is not there: it is left', async () => {
  const world = await fresh({ ...CONFIG_MAP, creationPolicy: 'Merge' });
  expect(await forecastOf(world)).toMatchObject({
    kind: 'left',
    message: 'there is no ConfigMap to merge into (creationPolicy Merge)',
  });
});
