/** What every SecretSource must find, whatever AWS it talks to. */

import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FindQuery } from '../../src/ports/find-query.ts';
import type { ListedName, SecretSource, SecretSources } from '../../src/ports/secret-source.ts';
import { CountingMetrics } from './counting-metrics.ts';
import { adminOf, openSource, type SecretWorld, sourcesOf } from './secret-world.ts';

const NEVER = new AbortController().signal;

export function secretFindContract(name: string, makeWorld: () => SecretWorld | Promise<SecretWorld>): void {
  describe(`${name} where secrets are found`, () => {
    let world: SecretWorld;
    let admin: SecretsManagerClient;
    let metrics: CountingMetrics;
    let sources: SecretSources;
    let source: SecretSource;
    /** Others may use the same AWS; each test has its own folder. */
    let folder: string;

    beforeAll(async () => {
      world = await makeWorld();
      admin = adminOf(world);
    });
    afterAll(async () => {
      admin?.destroy();
      await world?.stop?.();
    });
    beforeEach(() => {
      folder = `find-${randomUUID()}/`;
      metrics = new CountingMetrics();
      sources = sourcesOf(world, metrics);
      source = openSource(sources, world);
    });
    afterEach(() => sources.close());

    /** Each secret's value is its name, which is relative to the folder. */
    async function create(secrets: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void> {
      for (const [each, tags] of Object.entries(secrets)) {
        const SecretId = `${folder}${each}`;
        await admin.send(new CreateSecretCommand({ Name: SecretId, SecretString: each }));
        const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        if (Tags.length > 0) await admin.send(new TagResourceCommand({ SecretId, Tags }));
      }
    }

    const find = async (query: FindQuery) => {
      const { secrets } = await source.find({ path: folder, ...query }, NEVER);
      for (const { name: full, value } of secrets) expect(full).toBe(`${folder}${value.revealText()}`);
      return secrets.map(({ value }) => value.revealText());
    };

    it('finds by path, expression and exact tags, in the order of the names', async () => {
      await create({
        c: { team: 'blue' },
        a: { team: 'blueish', other: 'x' },
        b: { team: 'blue', other: 'y' },
        d: { team: 'x', teammate: 'blue' },
      });
      expect(await find({})).toEqual(['a', 'b', 'c', 'd']);
      expect(await find({ nameRegexp: `^${folder}[a-b]$` })).toEqual(['a', 'b']);
      expect(await find({ tags: { team: 'blue' } })).toEqual(['b', 'c']);
      expect(await find({ tags: { team: 'blue', other: 'y' } })).toEqual(['b']);
      expect(await find({ path: '', nameRegexp: `^${folder}.$`, tags: { team: 'Blue' } })).toEqual([]);
      expect(await find({ path: folder.toUpperCase() })).toEqual([]);
    });

    it('finds more than fit on a page, with three listings and a call for twenty values', async () => {
      const names = Array.from({ length: 205 }, (_, at) => String(at).padStart(3, '0'));
      await create(Object.fromEntries(names.map((each) => [`n${each}`, {}])));
      expect(await find({})).toEqual(names.map((each) => `n${each}`));
      expect(metrics.counts).toEqual({ ListSecrets: 3, BatchGetSecretValue: 11 });
    });

    it('reads nothing of what is not permitted, and looks by a listing as before', async () => {
      await create({ a: { team: 'x' }, b: {}, c: { team: 'x' } });
      const query = { path: folder, scope: 'of x' };
      const permits = ({ name: each, arn, tags }: ListedName) => {
        expect(arn).toContain(`:secret:${each}-`);
        return tags.get('team') === 'x';
      };
      const { secrets, version } = await source.find(query, NEVER, permits);
      expect(secrets.map(({ value }) => value.revealText())).toEqual(['a', 'c']);
      expect(version.members?.map(({ name: each }) => each).sort()).toEqual(
        ['a', 'b', 'c'].map((each) => `${folder}${each}`),
      );
      expect((await source.find({ path: folder }, NEVER)).version.versionId).toBe(version.versionId);
      const [outcome] = await source.probe([{ query }], NEVER);
      expect(outcome).toMatchObject({ kind: 'label', version: { versionId: version.versionId } });
    });

    it('finds nothing where nothing is', async () => {
      expect(await find({})).toEqual([]);
    });

    it('looks by a listing alone, which tells of each change, and of nothing else', async () => {
      await create({ a: { team: 'x' }, b: {} });
      const query = { path: folder, tags: { team: 'x' } };
      const look = async () => {
        const [outcome] = await source.probe([{ query }], NEVER);
        return outcome?.kind === 'label' ? outcome.version.versionId : outcome;
      };
      const found = (await source.find(query, NEVER)).version.versionId;
      metrics.awsCalls.length = 0;
      expect([await look(), await look()]).toEqual([found, found]);
      expect(metrics.counts).toEqual({ ListSecrets: 2 });

      await admin.send(new PutSecretValueCommand({ SecretId: `${folder}b`, SecretString: 'rotated' }));
      expect(await look()).toBe(found);
      const seen = new Set([found]);
      for (const change of [
        () => admin.send(new PutSecretValueCommand({ SecretId: `${folder}a`, SecretString: 'rotated' })),
        () => admin.send(new TagResourceCommand({ SecretId: `${folder}b`, Tags: [{ Key: 'team', Value: 'x' }] })),
        () => admin.send(new UntagResourceCommand({ SecretId: `${folder}a`, TagKeys: ['team'] })),
        () => admin.send(new DeleteSecretCommand({ SecretId: `${folder}b`, RecoveryWindowInDays: 7 })),
      ]) {
        await change();
        const after = (await source.find(query, NEVER)).version.versionId;
        expect(await look()).toBe(after);
        expect(seen.size).toBe(seen.add(after).size - 1);
      }
      expect((await source.find(query, NEVER)).secrets).toEqual([]);
    });
  });
}
