/** Examples of what is read. */

import { expect } from 'vitest';
import type { Example } from './stage.ts';

export const SOURCE_EXAMPLES: Readonly<Record<string, Example>> = {
  'properties.yaml': async ({ apply, inAws, world, namespace }) => {
    const [first, second, third] = [world.canary(), world.canary(), world.canary()];
    const replicas = [
      { host: second, zone: 'a' },
      { host: third, zone: 'b' },
    ];
    await inAws('shop/cluster', { primary: { host: first }, replicas, 'tls.enabled': true });
    await apply();
    expect(await world.secretData(namespace, 'cluster')).toEqual({
      PRIMARY: first,
      SECOND_REPLICA: third,
      REPLICA_IN_B: third,
      HOSTS: JSON.stringify([second, third]),
      TLS: 'true',
    });
  },

  'key-names.yaml': async ({ apply, inAws, world, namespace }) => {
    const [checkout, search] = [world.canary(), world.canary()];
    await inAws('shop/feature-flags', { 'checkout/v2': checkout, 'search v2': search });
    await apply();
    expect(await world.secretData(namespace, 'feature-flags')).toEqual({ checkout_v2: checkout, search_v2: search });
    expect(await world.secretData(namespace, 'feature-flags-by-code')).toEqual({
      checkout_U002f_v2: checkout,
      search_U0020_v2: search,
    });
  },

  'binary.yaml': async ({ apply, inAws, bytes }) => {
    const keytab = Buffer.from([5, 2, 0, 0, 0, 255, 254, 10, 128]);
    const license = Buffer.from([0, 1, 2, 250, 251, 13, 10]);
    await inAws('shop/keytab', keytab);
    await inAws('shop/model-license', license.toString('base64'));
    await apply();
    expect(await bytes('files', 'client.keytab')).toEqual(keytab);
    expect(await bytes('files', 'model.lic')).toEqual(license);
  },

  'versions.yaml': async ({ apply, inAws, rotate, world, namespace }) => {
    const [first, second] = [world.canary(), world.canary()];
    await inAws('shop/cookie-key', first, { versionId: '00000000-0000-4000-8000-000000000001' });
    await rotate('shop/cookie-key', second);
    await apply();
    expect(await world.secretData(namespace, 'cookie-keys')).toEqual({ current: second, previous: first, first });
  },

  'dual-credentials.yaml': async ({ apply, inAws, rotate, forceSync, world, namespace }) => {
    const user = (username: string) => ({ username, password: world.canary() });
    const [blue, green, again] = [user('blue'), user('green'), user('blue')];
    await inAws('shop/orders-db', blue);
    await rotate('shop/orders-db', green);
    await apply();
    const pair = (current: object, previous: object) => ({
      'current.json': JSON.stringify(current),
      'previous.json': JSON.stringify(previous),
    });
    expect(await world.secretData(namespace, 'orders-db')).toEqual(pair(green, blue));
    await rotate('shop/orders-db', again);
    await forceSync('orders-db');
    await world.expectData(namespace, 'orders-db', pair(again, green));
  },

  'secret-tags.yaml': async ({ apply, inAws, world, namespace }) => {
    const license = world.canary();
    await inAws('shop/license', license, { tags: { owner: 'platform', expires: '2030-01-31' } });
    await apply();
    expect(await world.secretData(namespace, 'license')).toEqual({
      license,
      expires: '2030-01-31',
      'tags.json': '{"expires":"2030-01-31","owner":"platform"}',
    });
  },

  'find-by-tag.yaml': async ({ apply, inAws, world, namespace }) => {
    const [card, bank, test] = [world.canary(), world.canary(), world.canary()];
    const team = 'payments';
    await inAws('payments/card-key', card, { tags: { team, stage: 'production' } });
    await inAws('payments/bank-key', bank, { tags: { team, stage: 'production' } });
    await inAws('payments/test-key', test, { tags: { team, stage: 'test' } });
    await apply();
    expect(await world.secretData(namespace, 'payments-keys')).toEqual({ 'card-key': card, 'bank-key': bank });
  },

  'find-by-name.yaml': async ({ apply, inAws, world, namespace }) => {
    const [mail, messages] = [world.canary(), world.canary()];
    await inAws('services/mail/api-key', mail);
    await inAws('services/text-messages/api-key', messages);
    await inAws('services/mail/password', world.canary());
    await apply();
    expect(await world.secretData(namespace, 'service-keys')).toEqual({
      API_KEY_MAIL: mail,
      API_KEY_TEXT_MESSAGES: messages,
    });
  },

  'find-and-merge.yaml': async ({ apply, inAws, world, namespace }) => {
    const [general, special] = [world.canary(), world.canary()];
    await inAws('settings/shop/base', { log_level: 'info', api_key: general });
    await inAws('settings/shop/production', { api_key: special });
    await apply();
    expect(await world.secretData(namespace, 'settings')).toEqual({ log_level: 'info', api_key: special });
  },
};
