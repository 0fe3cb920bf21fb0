/** Examples of stores. */

import { expect } from 'vitest';
import { at } from '../cluster-objects.ts';
import type { Example, Stage } from './stage.ts';

export const STORE_EXAMPLES: Readonly<Record<string, Example>> = {
  'store.yaml': async ({ apply, world, namespace }) => {
    await apply();
    expect(at(await world.objects.get('SecretStore', namespace, 'aws'), 'status', 'capabilities')).toBe('ReadOnly');
  },

  'store-with-access-key.yaml': async (stage) => {
    await stage.world.credentials(stage.namespace, 'aws-access-key');
    const [id, secret] = [await stage.text('aws-access-key', 'id'), await stage.text('aws-access-key', 'key')];
    await stage.world.objects.apply('Secret', stage.namespace, 'aws-access-key', { stringData: { id, secret } });
    await stage.apply();
    await expectReads(stage, { name: 'aws-with-access-key' });
  },

  'cluster-store.yaml': async (stage) => {
    await stage.apply();
    await expectReads(stage, { name: 'aws-for-all', kind: 'ClusterSecretStore' });
  },

  'several-stores.yaml': async ({ apply, inAws, world, namespace }) => {
    const [api, analytics] = [world.canary(), world.canary()];
    await inAws('shop/api-key', api);
    await inAws('shop/analytics-key', analytics, { region: 'eu-central-1' });
    await apply();
    expect(await world.secretData(namespace, 'api-keys')).toEqual({ api, analytics });
  },
};

async function expectReads({ world, namespace }: Stage, secretStoreRef: Readonly<Record<string, string>>) {
  const value = world.canary();
  const { name: key } = await world.putSecret(value);
  const name = `probe-${secretStoreRef['name']}`;
  await world.externalSecret(namespace, name, { secretStoreRef, data: [{ secretKey: 'value', remoteRef: { key } }] });
  await world.expectData(namespace, name, { value });
}
