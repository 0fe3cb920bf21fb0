/** What is not the current value: labels, pinned versions and tags, followed by DescribeSecret where the policy has it. */

import {
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIamUser } from '../harness/iam.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { until } from '../harness/until.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

/** The shortest that is served. */
const EACH_SECOND = { refreshInterval: '1s' };

const SOON_MS = 15_000;

let world: World;
let namespace: string;
beforeAll(async () => {
  world = await startWorld();
  namespace = await world.namespace('pinned');
  await world.store(namespace);
  const { credentials } = await createIamUser(sharedMinistack(), [
    { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
  ]);
  await world.store(namespace, { name: 'reader', credentials });
});
afterAll(() => endFaultless(world));

function entry(secretKey: string, remoteRef: Readonly<Record<string, string>>) {
  return { secretKey, remoteRef };
}

/** Calls of the operator to AWS so far, by operation. */
async function awsCalls(): Promise<ReadonlyMap<string, number>> {
  const metrics = await fetch(`${await world.operator.metricsUrl()}/metrics`, { signal: AbortSignal.timeout(5_000) });
  const counts = new Map<string, number>();
  for (const line of (await metrics.text()).split('\n')) {
    const [, operation, count] =
      /^keyturn_aws_call_duration_seconds_count\{.*operation="(\w+)".*\} (\d+)$/.exec(line) ?? [];
    if (operation !== undefined) counts.set(operation, (counts.get(operation) ?? 0) + Number(count));
  }
  return counts;
}

describe('a label', () => {
  it('of the version before is followed when it moves along, by DescribeSecret alone while it does not', async () => {
    const [first, second, third] = [world.canary(), world.canary(), world.canary()];
    const secret = await world.putSecret(first);
    await world.putSecret(second, secret.name);
    const data = [entry('previous', { key: secret.name, version: 'AWSPREVIOUS' })];
    await world.externalSecret(namespace, 'previous', { ...EACH_SECOND, data });
    await world.expectData(namespace, 'previous', { previous: first });
    const before = await awsCalls();
    await until('five looks', async () => looks(before, await awsCalls(), 'DescribeSecret') >= 5, SOON_MS);
    expect(looks(before, await awsCalls(), 'GetSecretValue')).toBe(0);
    await world.putSecret(third, secret.name);
    await world.expectData(namespace, 'previous', { previous: second });
  });

  it('of a name of its own is followed back to the version that it came from, once that has lasted', async () => {
    const [first, second] = [world.canary(), world.canary()];
    const secret = await world.putSecret(first);
    // Versions are as old as the second in which they were made.
    const madeBeforeMs = Date.now() + 1_000;
    await until('the next second', () => Date.now() > madeBeforeMs, SOON_MS);
    const { versionId } = await world.putSecret(second, secret.name);
    const move = (to: string, from?: string) =>
      world.secretsManager.send(
        new UpdateSecretVersionStageCommand({
          SecretId: secret.name,
          VersionStage: 'live',
          MoveToVersionId: to,
          ...(from !== undefined && { RemoveFromVersionId: from }),
        }),
      );
    await move(versionId);
    const data = [entry('live', { key: secret.name, version: 'live' })];
    await world.externalSecret(namespace, 'live', { ...EACH_SECOND, data });
    await world.expectData(namespace, 'live', { live: second });
    await move(secret.versionId, versionId);
    expect(await world.expectData(namespace, 'live', { live: first })).toBeGreaterThan(3_000);
  });
});

it('a pinned version stays what it is through rotations', async () => {
  const [first, second] = [world.canary(), world.canary()];
  const secret = await world.putSecret(first);
  const data = [
    entry('pinned', { key: secret.name, version: `uuid/${secret.versionId}` }),
    entry('current', { key: secret.name }),
  ];
  await world.externalSecret(namespace, 'pinned', { ...EACH_SECOND, data });
  await world.expectData(namespace, 'pinned', { pinned: first, current: first });
  await world.putSecret(second, secret.name);
  await world.expectData(namespace, 'pinned', { pinned: first, current: second });
});

describe('tags', () => {
  const tag = (SecretId: string, Key: string, Value: string) =>
    world.secretsManager.send(new TagResourceCommand({ SecretId, Tags: [{ Key, Value }] }));

  it('are synced whole, one by one and as keys of their own, beside the value, and follow their changes', async () => {
    const value = world.canary();
    const secret = await world.putSecret(value);
    await tag(secret.name, 'team', 'r&d');
    const fetch = { key: secret.name, metadataPolicy: 'Fetch' };
    await world.externalSecret(namespace, 'tags', {
      ...EACH_SECOND,
      dataFrom: [{ extract: fetch }],
      data: [entry('json', fetch), entry('one', { ...fetch, property: 'team' }), entry('value', { key: secret.name })],
    });
    const json = '{"team":"r\\u0026d"}';
    await world.expectData(namespace, 'tags', { team: 'r&d', json, one: 'r&d', value });
    await tag(secret.name, 'team', 'ops');
    await tag(secret.name, 'cost.center', '42');
    const both = '{"cost.center":"42","team":"ops"}';
    await world.expectData(namespace, 'tags', { 'cost.center': '42', team: 'ops', json: both, one: 'ops', value });
    await world.secretsManager.send(new UntagResourceCommand({ SecretId: secret.name, TagKeys: ['team'] }));
    await world.expectNotReady(namespace, 'tags', /"team" does not exist among the tags of the secret/);
    await tag(secret.name, 'team', 'back');
    await world.expectReady(namespace, 'tags');
  });

  it('of a secret that is not there, or that may not be described, say so by name', async () => {
    const secret = await world.putSecret(world.canary());
    const tags = (key: string) => [entry('tags', { key, metadataPolicy: 'Fetch' })];
    await world.externalSecret(namespace, 'nowhere', { data: tags('test/nowhere') });
    await world.expectNotReady(namespace, 'nowhere', /AWS has no secret "test\/nowhere"/);
    const secretStoreRef = { name: 'reader' };
    await world.externalSecret(namespace, 'denied', { secretStoreRef, data: tags(secret.name) });
    await world.expectTold(namespace, 'denied', ['may not secretsmanager:DescribeSecret', secret.name]);
  });

  it('or labels that may not be described are asked for by GetSecretValue, and followed all the same', async () => {
    const [first, second, third] = [world.canary(), world.canary(), world.canary()];
    const secret = await world.putSecret(first);
    await world.putSecret(second, secret.name);
    const data = [entry('previous', { key: secret.name, version: 'AWSPREVIOUS' })];
    await world.externalSecret(namespace, 'least', { ...EACH_SECOND, secretStoreRef: { name: 'reader' }, data });
    await world.expectData(namespace, 'least', { previous: first });
    await world.putSecret(third, secret.name);
    await world.expectData(namespace, 'least', { previous: second });
  });
});

function looks(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>, operation: string): number {
  return (now.get(operation) ?? 0) - (before.get(operation) ?? 0);
}
