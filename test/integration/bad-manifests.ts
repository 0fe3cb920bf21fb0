/** What is expected of every manifest that is bad: it is told in the condition and an Event, and the last good Secret stays. */

import { expect } from 'vitest';
import type { Json } from './cluster-objects.ts';
import type { World } from './operator-world.ts';

export interface BadManifest {
  /** The spec, but for its store. */
  readonly spec: Json;
  /** What the condition has to say. */
  readonly words: readonly string[];
}

/** A secret with two values, for the manifests that are good. */
export interface GoodSecret {
  readonly key: string;
  readonly before: string;
  readonly after: string;
}

export async function goodSecret(world: World): Promise<GoodSecret> {
  const [before, after] = [world.canary(), world.canary()];
  const { name: key } = await world.putSecret({ before, after });
  return { key, before, after };
}

function goodSpec({ key }: GoodSecret, property: 'before' | 'after'): Json {
  return { data: [{ secretKey: 'a', remoteRef: { key, property } }] };
}

/** A good manifest is applied, the bad one over it, and then another good one. */
export async function expectKeptThrough(
  world: World,
  namespace: string,
  name: string,
  good: GoodSecret,
  { spec, words }: BadManifest,
): Promise<void> {
  await world.externalSecret(namespace, name, goodSpec(good, 'before'));
  await world.expectData(namespace, name, { a: good.before });
  await world.expectReady(namespace, name);
  const kept = await world.secret(namespace, name);
  await world.externalSecret(namespace, name, spec);
  await world.expectTold(namespace, name, words);
  expect(await world.secret(namespace, name)).toEqual(kept);
  await world.externalSecret(namespace, name, goodSpec(good, 'after'));
  await world.expectData(namespace, name, { a: good.after });
  await world.expectReady(namespace, name);
}

/** A name for an object out of a sentence. */
export function nameFrom(sentence: string): string {
  return sentence
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
