/** AWS endpoints at which nobody is: an address, and a region that does not exist. */

import { afterEach, expect, it } from 'vitest';
import { startWorld, type World } from './operator-world.ts';

let world: World;
afterEach(() => world.stop());

const nowhere: Readonly<Record<string, { readonly url: string; readonly message: RegExp }>> = {
  'an endpoint where nobody listens': {
    url: 'http://127.0.0.1:1',
    message: /AWS STS in eu-nowhere-1 could not be reached \(ECONNREFUSED\)\. Check network policies, proxies/,
  },
  'a region that does not exist': {
    url: 'http://sts.eu-nowhere-1.invalid',
    // Without a name server nothing is known of the host.
    message:
      /there is no host sts\.eu-nowhere-1\.invalid \(ENOTFOUND\)\. Check the region|could not be reached \(EAI_AGAIN\)/,
  },
};

it.each(Object.entries(nowhere))('%s is told by the store and by what uses it', async (_, { url, message }) => {
  world = await startWorld({ env: { AWS_ENDPOINT_URL: url } });
  const namespace = await world.namespace('endpoint');
  await world.store(namespace, { aws: { region: 'eu-nowhere-1' }, wait: false });
  await world.externalSecret(namespace, 'app', { data: [{ secretKey: 'a', remoteRef: { key: 'a' } }] });
  await world.expectStore(namespace, 'aws', 'False', message);
  await world.expectEvent(namespace, 'aws', 'InvalidProviderConfig', message);
  await world.expectNotReady(namespace, 'app', message);
  await world.expectEvent(namespace, 'app', 'UpdateFailed', message);
  expect(await world.leaks()).toEqual([]);
});
