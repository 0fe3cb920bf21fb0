/** A store whose credentials are in the Secret `team/creds`. */

import type { SecretStoreSpec } from '../../../src/api/secret-store.ts';
import { storeSpec } from '../domain/manifests.ts';
import { World } from './world.ts';

export const STATIC_STORE: SecretStoreSpec = storeSpec({
  auth: {
    secretRef: {
      accessKeyIDSecretRef: { name: 'creds', key: 'id' },
      secretAccessKeySecretRef: { name: 'creds', key: 'secret' },
    },
  },
});

export function putCredentials(world: World, secret: string): void {
  world.cluster.secrets.edit('team/creds', { data: { id: 'AKIAFAKE', secret } });
}

/** A store with static credentials and one ExternalSecret that was synced with them. */
export async function withStaticStore(): Promise<World> {
  const world = new World();
  world.aws.put('prod/db', 'value-1');
  putCredentials(world, 'fake-1');
  world.store(STATIC_STORE);
  world.externalSecret();
  await world.start();
  world.forgetCalls();
  return world;
}
