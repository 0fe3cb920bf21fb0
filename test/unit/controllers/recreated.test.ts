import { describe, expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { HOUR_MS, World } from './world.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db';

async function synced(spec: ExternalSecretSpec = {}): Promise<World> {
  const world = await World.withStore();
  world.externalSecret('team/app', { refreshInterval: '2s', ...spec });
  await world.advance(3_000);
  world.expectSynced();
  world.forgetCalls();
  return world;
}

const told = (world: World) => world.cluster.notes.filter(({ reason }) => reason === 'ProviderSecretRecreated');

describe('a secret that is deleted and made again under its name', () => {
  test.each<[string, ExternalSecretSpec]>([
    ['a failure meanwhile', {}],
    ['a deletion meanwhile', { target: { deletionPolicy: 'Delete' } }],
  ])('is followed, and told once with both ARNs, after %s', async (_, spec) => {
    const world = await synced(spec);
    world.aws.remove('prod/db');
    await world.advance(60_000);
    world.aws.put('prod/db', 'value-2');
    await world.advance(60_000);
    expect(world.secret()).toEqual({ password: 'value-2' });
    world.expectSynced();
    expect(told(world)).toMatchObject([
      {
        type: 'Normal',
        message:
          'spec.data[0] (key: prod/db): the secret was deleted at AWS and made again under the same name. ' +
          `Its ARN was ${ARN}-000001 and is now ${ARN}-000002; what names the former one, in policies or as a key, has to follow`,
      },
    ]);
    await world.advance(HOUR_MS);
    expect(told(world)).toHaveLength(1);
  });

  test('is told of when nobody looked while it was gone', async () => {
    const world = await synced();
    world.aws.remove('prod/db');
    world.aws.put('prod/db', 'value-1');
    await world.advance(3_000);
    expect(told(world)).toHaveLength(1);
    world.expectSynced();
  });
});

test('another version of the same secret, or another key, is no other life of it', async () => {
  const world = await synced();
  world.aws.put('prod/db', 'value-2');
  world.aws.put('prod/other', 'value-3');
  await world.advance(3_000);
  world.externalSecret('team/app', {
    refreshInterval: '2s',
    data: [{ secretKey: 'password', remoteRef: { key: 'prod/other' } }],
  });
  await world.advance(3_000);
  expect(world.secret()).toEqual({ password: 'value-3' });
  expect(told(world)).toEqual([]);
});
