/** What GenericObjects must do, whatever API server they talk to. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControllerRef } from '../../src/ports/cluster.ts';
import type {
  GenericMetadata,
  GenericObjects,
  GenericPatch,
  NewGenericObject,
  ServedKind,
} from '../../src/ports/generic-objects.ts';
import {
  encodeJson,
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  SecretJson,
} from '../../src/ports/secret-json.ts';

export interface GenericWorld {
  readonly objects: GenericObjects;
  readonly namespace: string;
  /** A custom resource whose `spec` takes anything; it has a status. */
  readonly custom: { readonly apiVersion: string; readonly kind: string };
  /** An object that may own others. */
  readonly owner: ControllerRef;
  /** The content of an object as JSON, sorted by key; undefined where there is none. */
  content(kind: ServedKind, name: string): Promise<string | undefined>;
  /** Somebody else changes an object, by a merge patch of its content. */
  edit(kind: ServedKind, name: string, content: object): Promise<void>;
  stop?(): Promise<void>;
}

const NEVER = new AbortController().signal;
const MANAGER = 'keyturn-contract';
function json(text: string): SecretJson<JsonObject> {
  const value = parseJson(text);
  if (isJsonObject(value)) return new SecretJson(value);
  throw new Error('the test has no JSON object');
}

const NOTHING: GenericPatch = { labels: {}, annotations: {}, controller: undefined, content: json('{}') };

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return new Map([...value].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]));
}

const NOT_CONTENT: readonly string[] = ['apiVersion', 'kind', 'metadata', 'status'];

/** For {@link GenericWorld.content}: of an object as JSON. */
export function sortedContent(text: string): string {
  const whole = sorted(parseJson(text) ?? null);
  if (!isJsonObject(whole)) return text;
  return encodeJson(new Map([...whole].filter(([name]) => !NOT_CONTENT.includes(name))));
}

export function genericObjectsContract(name: string, makeWorld: () => GenericWorld | Promise<GenericWorld>): void {
  describe(`${name} as GenericObjects`, () => {
    let world: GenericWorld;
    let objects: GenericObjects;
    let configMap: ServedKind;
    let custom: ServedKind;
    let made = 0;

    beforeAll(async () => {
      world = await makeWorld();
      ({ objects } = world);
      configMap = await objects.servedKind('v1', 'ConfigMap', NEVER);
      custom = await objects.servedKind(world.custom.apiVersion, world.custom.kind, NEVER);
    });
    afterAll(async () => void (await world?.stop?.()));

    function fresh(content: string, more: Partial<NewGenericObject> = {}): NewGenericObject {
      made += 1;
      return {
        namespace: world.namespace,
        name: `object-${made}`,
        labels: {},
        annotations: {},
        controller: undefined,
        content: json(content),
        ...more,
      };
    }

    const create = (kind: ServedKind, content: string, more: Partial<NewGenericObject> = {}) =>
      objects.create(kind, fresh(content, more), MANAGER, NEVER);
    const patch = (kind: ServedKind, target: GenericMetadata, change: Partial<GenericPatch>) =>
      objects.patch(kind, target, { ...NOTHING, ...change }, MANAGER, NEVER);

    it('know the kinds that are served', () => {
      expect(configMap).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', isNamespaced: true });
      expect(configMap.verbs).toEqual(expect.arrayContaining(['create', 'delete', 'get', 'list', 'patch', 'watch']));
      const { apiVersion, kind } = world.custom;
      expect(custom).toMatchObject({ apiVersion, kind, isNamespaced: true });
    });

    it('know those that are not', async () => {
      const absent = { name: 'ClusterNotFound', message: expect.stringContaining('serves no kind') };
      await expect(objects.servedKind('v1', 'NoSuchKind', NEVER)).rejects.toMatchObject(absent);
      await expect(objects.servedKind('no-such-group.example.com/v1', 'X', NEVER)).rejects.toMatchObject(absent);
    });

    it('make objects, and answer with their metadata', async () => {
      const marks = { labels: { app: 'web' }, annotations: { note: 'x' }, controller: world.owner };
      const created = await create(configMap, '{"data":{"password":"not-a-real-password","user":"app"}}', marks);
      expect(created).toMatchObject({
        namespace: world.namespace,
        deleting: false,
        ...marks,
        fieldOwners: [
          {
            manager: MANAGER,
            labels: ['app'],
            annotations: ['note'],
            fields: [
              ['data', 'password'],
              ['data', 'user'],
            ],
            size: 2,
          },
        ],
      });
      expect(JSON.stringify(created)).not.toContain('not-a-real-password');
      expect(await world.content(configMap, created.name)).toBe(
        '{"data":{"password":"not-a-real-password","user":"app"}}',
      );
    });

    it('make objects of any content', async () => {
      const content = '{"spec":{"big":9007199254740993,"deep":{"list":[{"a":1},{"b":[true,null]}]},"text":"x"}}';
      const created = await create(custom, content);
      expect(created.fieldOwners).toMatchObject([
        {
          fields: expect.arrayContaining([
            ['spec', 'big'],
            ['spec', 'deep', 'list'],
            ['spec', 'text'],
          ]),
        },
      ]);
      expect(await world.content(custom, created.name)).toBe(content);
      const read = await objects.read(custom, created, NEVER);
      expect(read?.content.reveal().keys().toArray()).toEqual(['spec']);
      expect(read?.metadata).toEqual(created);
    });

    it('look at an object without its content', async () => {
      const created = await create(configMap, '{"data":{"a":"1"}}');
      expect(await objects.look(configMap, created, NEVER)).toEqual(created);
      expect(await objects.look(configMap, { ...created, name: 'none' }, NEVER)).toBeUndefined();
      expect(await objects.read(configMap, { ...created, name: 'none' }, NEVER)).toBeUndefined();
    });

    it('make no second object of a name', async () => {
      const object = fresh('{"data":{"a":"1"}}');
      await objects.create(configMap, object, MANAGER, NEVER);
      await expect(objects.create(configMap, object, MANAGER, NEVER)).rejects.toMatchObject({
        name: 'ClusterConflict',
      });
    });

    it('change and remove what a patch says, and nothing else', async () => {
      const created = await create(custom, '{"spec":{"keep":1,"map":{"a":1,"b":2},"list":[1,2],"gone":"x"}}', {
        labels: { app: 'web', old: 'x' },
        annotations: { note: 'x' },
      });
      const patched = await patch(custom, created, {
        labels: { old: null, tier: 'db' },
        annotations: { note: 'y' },
        controller: world.owner,
        content: json('{"spec":{"map":{"b":3,"c":4},"list":[5],"gone":null}}'),
      });
      expect(patched).toMatchObject({
        labels: { app: 'web', tier: 'db' },
        annotations: { note: 'y' },
        controller: world.owner,
      });
      expect(patched.resourceVersion).not.toBe(created.resourceVersion);
      expect(await world.content(custom, created.name)).toBe(
        '{"spec":{"keep":1,"list":[5],"map":{"a":1,"b":3,"c":4}}}',
      );
      const freed = await patch(custom, patched, { controller: null });
      expect(freed.controller).toBeUndefined();
    });

    it('keep their version when a patch changes nothing', async () => {
      const created = await create(configMap, '{"data":{"a":"1"}}');
      const patched = await patch(configMap, created, { content: json('{"data":{"a":"1"}}') });
      expect(patched.resourceVersion).toBe(created.resourceVersion);
    });

    it('have keys that prototypes have', async () => {
      const created = await create(configMap, '{"data":{"__proto__":"x","constructor":"y"}}');
      expect(await world.content(configMap, created.name)).toBe('{"data":{"__proto__":"x","constructor":"y"}}');
      expect(created.fieldOwners[0]?.fields).toContainEqual(['data', '__proto__']);
    });

    it('tell when somebody else takes a field', async () => {
      const created = await create(configMap, '{"data":{"a":"1","b":"2"}}');
      await world.edit(configMap, created.name, { data: { a: '3', c: '4' } });
      const after = await objects.look(configMap, created, NEVER);
      const fields = new Map(after?.fieldOwners.map((owner) => [owner.manager === MANAGER, owner.fields]));
      expect(fields.get(true)).toEqual([['data', 'b']]);
      expect(fields.get(false)).toEqual([
        ['data', 'a'],
        ['data', 'c'],
      ]);
    });

    it('tell when somebody else removes a field', async () => {
      const created = await create(configMap, '{"data":{"a":"1","b":"2"}}');
      await world.edit(configMap, created.name, { data: { a: null } });
      const after = await objects.look(configMap, created, NEVER);
      expect(after?.fieldOwners.flatMap(({ fields }) => fields)).toEqual([['data', 'b']]);
    });

    it('are not written over a newer version, nor over another object of the name', async () => {
      const created = await create(configMap, '{"data":{"a":"1"}}');
      await world.edit(configMap, created.name, { data: { a: '2' } });
      const change = { content: json('{"data":{"a":"3"}}') };
      await expect(patch(configMap, created, change)).rejects.toMatchObject({ name: 'ClusterConflict' });
      const present = (await objects.look(configMap, created, NEVER)) ?? created;
      const reborn = { ...present, uid: '00000000-0000-0000-0000-000000000000' };
      await expect(patch(configMap, reborn, change)).rejects.toMatchObject({ name: 'ClusterConflict' });
      await expect(patch(configMap, { ...present, name: 'none' }, change)).rejects.toMatchObject({
        name: 'ClusterNotFound',
      });
      expect(await world.content(configMap, created.name)).toBe('{"data":{"a":"2"}}');
    });

    it('are deleted as they were seen, and only then', async () => {
      const created = await create(custom, '{"spec":{"a":1}}');
      await world.edit(custom, created.name, { spec: { a: 2 } });
      await expect(objects.delete(custom, created, NEVER)).rejects.toMatchObject({ name: 'ClusterConflict' });
      const present = (await objects.look(custom, created, NEVER)) ?? created;
      const reborn = { ...present, uid: '00000000-0000-0000-0000-000000000000' };
      await expect(objects.delete(custom, reborn, NEVER)).rejects.toMatchObject({ name: 'ClusterConflict' });
      await objects.delete(custom, present, NEVER);
      expect(await world.content(custom, created.name)).toBeUndefined();
      await objects.delete(custom, present, NEVER);
    });

    it('never write what is no content', async () => {
      const hostile = '{"kind":"Secret","apiVersion":"v2","metadata":{"name":"x"},"status":{"a":1},"data":{"a":"1"}}';
      const created = await create(configMap, hostile);
      expect(created.name).toMatch(/^object-/);
      expect(await world.content(configMap, created.name)).toBe('{"data":{"a":"1"}}');
      const patched = await patch(configMap, created, { content: json(hostile.replace('"1"', '"2"')) });
      expect(patched.name).toBe(created.name);
      expect(await world.content(configMap, created.name)).toBe('{"data":{"a":"2"}}');
    });

    it('stop when they are told to', async () => {
      const ended = AbortSignal.abort(new Error('ended'));
      await expect(objects.look(configMap, fresh('{}'), ended)).rejects.toThrow('ended');
    });
  });
}
