/** What every SecretSource must do, whatever AWS it talks to. */

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
import { InvalidCredentials, SecretNotFound } from '../../src/ports/errors.ts';
import type {
  ProbeOutcome,
  SecretRef,
  SecretSource,
  SecretSources,
  VersionSelector,
} from '../../src/ports/secret-source.ts';
import { CountingMetrics } from './counting-metrics.ts';
import { adminOf, openSource, type SecretWorld, sourcesOf } from './secret-world.ts';

export interface ContractOptions {
  /** False for an AWS that takes any credentials. */
  readonly judgesCredentials: boolean;
}

const NEVER = new AbortController().signal;
const CURRENT: VersionSelector = { kind: 'stage', stage: 'AWSCURRENT' };
const PREVIOUS: VersionSelector = { kind: 'stage', stage: 'AWSPREVIOUS' };
const TAGS: VersionSelector = { kind: 'tags' };

function versionIdIn(outcome: ProbeOutcome | undefined): string | undefined {
  return outcome === undefined || outcome.kind === 'failed' ? undefined : outcome.version.versionId;
}

interface Created {
  readonly name: string;
  readonly arn: string;
  readonly versionId: string;
}

export function secretSourceContract(
  name: string,
  makeWorld: () => SecretWorld | Promise<SecretWorld>,
  { judgesCredentials }: ContractOptions,
): void {
  describe(`${name} as a SecretSource`, () => {
    let world: SecretWorld;
    let admin: SecretsManagerClient;
    let metrics: CountingMetrics;
    let sources: SecretSources;
    let source: SecretSource;
    // Others may use the same AWS.
    const folder = `contract-${randomUUID()}`;
    let made = 0;

    beforeAll(async () => {
      world = await makeWorld();
      admin = adminOf(world);
    });
    afterAll(async () => {
      admin?.destroy();
      await world?.stop?.();
    });
    beforeEach(() => {
      metrics = new CountingMetrics();
      sources = sourcesOf(world, metrics);
      source = openSource(sources, world);
    });
    afterEach(() => sources.close());

    async function create(value: string | Uint8Array): Promise<Created> {
      made += 1;
      const Name = `${folder}/${made}`;
      const content = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value };
      const { ARN = '', VersionId = '' } = await admin.send(new CreateSecretCommand({ Name, ...content }));
      return { name: Name, arn: ARN, versionId: VersionId };
    }

    async function rotate(SecretId: string, SecretString: string): Promise<string> {
      const { VersionId = '' } = await admin.send(new PutSecretValueCommand({ SecretId, SecretString }));
      return VersionId;
    }

    const ref = (key: string, version = CURRENT): SecretRef => ({ key, version });
    const readText = async (key: string, version = CURRENT) =>
      (await source.read(ref(key, version), NEVER)).value.revealText();

    it('reads a string byte for byte, with its ARN, version and time of creation', async () => {
      const { name: key, arn, versionId } = await create('{"password": "pä$$\\u0000\\"wörd"}\n');
      const reading = await source.read(ref(key), NEVER);
      expect(reading.value.revealText()).toBe('{"password": "pä$$\\u0000\\"wörd"}\n');
      expect({ arn: reading.arn, versionId: reading.versionId }).toEqual({ arn, versionId });
      expect(Math.abs((reading.createdAtMs ?? 0) - Date.now())).toBeLessThan(600_000);
    });

    it('reads a binary byte for byte, also where it is not UTF-8', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
      const { name: key } = await create(bytes);
      const { value } = await source.read(ref(key), NEVER);
      expect([...value.revealBytes()]).toEqual([...bytes]);
    });

    it('reads a binary that looks like base64 without decoding it again', async () => {
      const { name: key } = await create(Buffer.from('aGVsbG8='));
      expect(await readText(key)).toBe('aGVsbG8=');
    });

    it('reads a secret of the largest size', async () => {
      const { name: key } = await create('x'.repeat(65_536));
      expect((await source.read(ref(key), NEVER)).value.byteLength).toBe(65_536);
    });

    it('reads one secret by name, by full ARN and by ARN without the random suffix', async () => {
      const { name: key, arn } = await create('one of three');
      expect(await readText(key)).toBe('one of three');
      expect(await readText(arn)).toBe('one of three');
      expect(await readText(arn.slice(0, -'-AbCdEf'.length))).toBe('one of three');
    });

    it('answers the name and the ARN of one secret that are read at once, and their neighbour', async () => {
      const { name: key, arn } = await create('twice');
      const { name: neighbour } = await create('next door');
      expect(await Promise.all([key, arn, neighbour].map((each) => readText(each)))).toEqual([
        'twice',
        'twice',
        'next door',
      ]);
    });

    it('reads the previous version by its stage and any version by its id', async () => {
      const { name: key, versionId: first } = await create('first');
      const second = await rotate(key, 'second');
      expect(await readText(key)).toBe('second');
      expect(await readText(key, PREVIOUS)).toBe('first');
      expect(await readText(key, { kind: 'id', versionId: first })).toBe('first');
      expect(await readText(key, { kind: 'id', versionId: second })).toBe('second');
    });

    it('gives each reader its own version when several of one secret are read at once', async () => {
      const { name: key, versionId: first } = await create('first');
      const second = await rotate(key, 'second');
      const versions: readonly VersionSelector[] = [
        CURRENT,
        PREVIOUS,
        { kind: 'id', versionId: first },
        { kind: 'id', versionId: second },
      ];
      const values = await Promise.all(versions.map((version) => readText(key, version)));
      expect(values).toEqual(['second', 'first', 'first', 'second']);
    });

    it('says that a secret is not found', async () => {
      const failure = source.read(ref(`${folder}/nowhere`), NEVER);
      await expect(failure).rejects.toThrow(SecretNotFound);
      await expect(failure).rejects.toThrow(
        /^AWS has no secret "contract-.+\/nowhere" in .+ \(ResourceNotFoundException\)/,
      );
    });

    it('says not found to the one that is missing among many, and nothing to the others', async () => {
      const present = await Promise.all(['a', 'b'].map((value) => create(value)));
      const keys = [...present.map((secret) => secret.name), `${folder}/not-there`];
      const results = await Promise.allSettled(keys.map((key) => readText(key)));
      expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason))).toEqual([
        'a',
        'b',
        expect.any(SecretNotFound),
      ]);
    });

    it('says not found for a version that does not exist', async () => {
      const { name: key } = await create('only one');
      const versionId = '11111111-1111-1111-1111-111111111111';
      await expect(readText(key, { kind: 'id', versionId })).rejects.toThrow(SecretNotFound);
    });

    it('says not found for a secret that is scheduled for deletion, and how to restore it', async () => {
      const { name: key } = await create('on its way out');
      const { name: neighbour } = await create('here to stay');
      await admin.send(new DeleteSecretCommand({ SecretId: key, RecoveryWindowInDays: 7 }));
      const alone = readText(key);
      await expect(alone).rejects.toThrow(SecretNotFound);
      await expect(alone).rejects.toThrow(/is scheduled for deletion .*aws secretsmanager restore-secret/);
      const [together, stays] = await Promise.allSettled([readText(key), readText(neighbour)]);
      expect(together).toMatchObject({ status: 'rejected', reason: expect.any(SecretNotFound) });
      expect(stays).toMatchObject({ status: 'fulfilled', value: 'here to stay' });
    });

    it(judgesCredentials ? 'says that credentials are wrong' : 'is answered whatever the credentials', async () => {
      const stranger = openSource(sources, world, 'AKIANOBODYNOBODY0000');
      const reading = stranger.read(ref(`${folder}/1`), NEVER);
      if (judgesCredentials) {
        await expect(reading).rejects.toThrow(InvalidCredentials);
        await expect(stranger.whoAmI(NEVER)).rejects.toThrow(InvalidCredentials);
      } else {
        await expect(reading).resolves.toHaveProperty('versionId');
      }
    });

    it('tells who it is', async () => {
      expect(await source.whoAmI(NEVER)).toEqual({ account: '123456789012', arn: expect.stringMatching(/^arn:aws:/) });
    });

    it('reads 45 secrets that are asked at once with 3 calls', async () => {
      const created = await Promise.all(Array.from({ length: 45 }, (_, at) => create(`value ${at}`)));
      const values = await Promise.all(created.map((secret) => readText(secret.name)));
      expect(values).toEqual(created.map((_, at) => `value ${at}`));
      expect(metrics.counts).toEqual({ BatchGetSecretValue: 3 });
    });

    it('reads one secret for 200 callers with 1 call', async () => {
      const { name: key } = await create('shared');
      const values = await Promise.all(Array.from({ length: 200 }, () => readText(key)));
      expect(new Set(values)).toEqual(new Set(['shared']));
      expect(metrics.counts).toEqual({ GetSecretValue: 1 });
    });

    it('probes versions in the order of the refs, and sees a rotation', async () => {
      const [one, two] = await Promise.all([create('1'), create('2')]);
      const refs = [ref(two.name), ref(`${folder}/never-made`), ref(one.name)];
      const before = await source.probe(refs, NEVER);
      expect(before).toMatchObject([
        { kind: 'version', version: { arn: two.arn, versionId: two.versionId } },
        { kind: 'failed', error: expect.any(SecretNotFound) },
        { kind: 'version', version: { arn: one.arn, versionId: one.versionId } },
      ]);
      const rotated = await rotate(one.name, '1b');
      expect((await source.probe(refs, NEVER)).at(2)).toMatchObject({ version: { versionId: rotated } });
      expect(metrics.counts).toEqual({ BatchGetSecretValue: 2 });
    });

    it('probes labels and tags of a secret with one call, and sees each of them move', async () => {
      const { name: key, arn, versionId: first } = await create('first');
      const second = await rotate(key, 'second');
      await admin.send(new TagResourceCommand({ SecretId: key, Tags: [{ Key: 'team', Value: 'one' }] }));
      const refs = [ref(key, PREVIOUS), ref(key, { kind: 'id', versionId: second }), ref(key, TAGS)];
      const [previous, pinned, tags] = await source.probe(refs, NEVER);
      expect(previous).toMatchObject({ kind: 'label', version: { arn, versionId: first } });
      expect(pinned).toMatchObject({ kind: 'label', version: { arn, versionId: second } });
      expect(tags).toMatchObject({ kind: 'version', version: { arn } });
      expect(metrics.counts).toEqual({ DescribeSecret: 1 });
      await rotate(key, 'third');
      const rotated = await source.probe(refs, NEVER);
      expect(rotated[0]).toMatchObject({ version: { versionId: second } });
      expect(versionIdIn(rotated[2])).toBe(versionIdIn(tags));
      await admin.send(new UntagResourceCommand({ SecretId: key, TagKeys: ['team'] }));
      expect(versionIdIn((await source.probe(refs, NEVER))[2])).not.toBe(versionIdIn(tags));
    });

    it('probes a pinned version that no label points to any more as a read finds it: AWS may have deleted it', async () => {
      const { name: key, versionId: first } = await create('first');
      for (const value of ['second', 'third']) await rotate(key, value);
      const pinned = ref(key, { kind: 'id', versionId: first });
      const [read] = await Promise.allSettled([source.read(pinned, NEVER)]);
      const [outcome] = await source.probe([pinned], NEVER);
      expect(versionIdIn(outcome)).toBe(read.status === 'fulfilled' ? first : undefined);
      if (outcome?.kind === 'failed') expect(outcome.error).toBeInstanceOf(SecretNotFound);
      expect(metrics.counts).toEqual({ DescribeSecret: 1, GetSecretValue: 2 });
    });

    it('probes a label and the tags of a secret that is scheduled for deletion, or is not there: not found', async () => {
      const { name: key } = await create('on its way out');
      await rotate(key, 'second');
      await admin.send(new DeleteSecretCommand({ SecretId: key, RecoveryWindowInDays: 7 }));
      const refs = [key, `${folder}/nowhere`].flatMap((each) => [ref(each, PREVIOUS), ref(each, TAGS)]);
      const outcomes = await source.probe(refs, NEVER);
      expect(outcomes).toEqual(Array(4).fill({ kind: 'failed', error: expect.any(SecretNotFound) }));
      expect(metrics.counts).toEqual({ DescribeSecret: 2 });
    });

    it('reads tags as one JSON object, sorted, as Go writes it', async () => {
      const { name: key, arn } = await create('canary');
      const Tags = Object.entries({ team: 'a&b', Cost: '10 < 20', owner: '' }).map(([Key, Value]) => ({ Key, Value }));
      await admin.send(new TagResourceCommand({ SecretId: key, Tags }));
      const reading = await source.read(ref(key, TAGS), NEVER);
      expect(reading.value.revealText()).toBe('{"Cost":"10 \\u003c 20","owner":"","team":"a\\u0026b"}');
      expect(reading.arn).toBe(arn);
      const [outcome] = await source.probe([ref(key, TAGS)], NEVER);
      expect(versionIdIn(outcome)).toBe(reading.versionId);
    });

    it('keeps no value in what a probe gives', async () => {
      const { name: key } = await create('canary-in-the-probe');
      const [outcome] = await source.probe([ref(key)], NEVER);
      expect(outcome).toEqual({
        kind: 'version',
        version: { arn: expect.any(String), versionId: expect.any(String), createdAtMs: expect.any(Number) },
      });
    });
  });
}
