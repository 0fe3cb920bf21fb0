/** What tests of targets that are no Secrets talk in. */

import type { ExternalSecretSpec, ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import type { ServedKind } from '../../../src/ports/generic-objects.ts';
import { World, type WorldOptions } from './world.ts';

export const MANAGED = 'reconcile.external-secrets.io/managed';
export const CONFIG_MAP: ExternalSecretTarget = { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } };
export const APP_CONFIG: ExternalSecretTarget = { manifest: { apiVersion: 'example.com/v1', kind: 'AppConfig' } };

export interface Served {
  readonly world: World;
  readonly configMap: ServedKind;
  readonly appConfig: ServedKind;
}

export async function served(options?: WorldOptions): Promise<Served> {
  const world = await World.withStore(options);
  const { objects } = world.cluster;
  const configMap = objects.serve('v1', 'ConfigMap');
  const appConfig = objects.serve('example.com/v1', 'AppConfig');
  return { world, configMap, appConfig };
}

/** `team/app` was synced, and everything it cost is forgotten. */
export async function synced(
  target: ExternalSecretTarget = CONFIG_MAP,
  spec: ExternalSecretSpec = {},
): Promise<Served> {
  const all = await served();
  all.world.externalSecret('team/app', { ...spec, target });
  await all.world.settle();
  expectSynced(all.world);
  await all.world.advance(5_000);
  all.world.forgetCalls();
  return all;
}

export function expectSynced(world: World): void {
  world.expectCondition('True', 'ResourceSynced', 'resource synced');
}

export function expectRefused(world: World, message: string): void {
  world.expectCondition('False', 'ResourceSyncedError', message);
}

export function notes({ cluster }: World): readonly string[] {
  return cluster.notes.map(({ reason, message }) => `${reason}: ${message}`);
}

/** What was asked of the API server about objects; discovery is remembered by the adapter. */
export function requests({ cluster }: World): readonly string[] {
  return cluster.objects.calls.filter((call) => !call.startsWith('servedKind'));
}

/** Somebody else makes or changes `team/app`. */
export function edit(world: World, kind: ServedKind, content: object, metadata = {}): void {
  world.cluster.objects.edit(kind, 'team/app', content, metadata);
}

/** `team/app` as JSON; undefined where there is none. */
export function content(world: World, kind: ServedKind): string | undefined {
  return world.cluster.objects.content(kind, 'team/app');
}
