/** Examples of whose a Secret is, and of when it changes. */

import { expect } from 'vitest';
import { until } from '../../harness/until.ts';
import { at } from '../cluster-objects.ts';
import type { Example, Stage } from './stage.ts';

const SOON_MS = 15_000;

export const LIFECYCLE_EXAMPLES: Readonly<Record<string, Example>> = {
  'merge-into-existing.yaml': async ({ apply, inAws, world, namespace }) => {
    const [username, password] = [world.canary(), world.canary()];
    await inAws('shop/smtp', { username, password });
    await apply();
    const expected = { SMTP_HOST: 'smtp.example.com', SMTP_USER: username, SMTP_PASSWORD: password };
    expect(await world.secretData(namespace, 'mailer')).toEqual(expected);
    expect(await ownersOf('mailer', { world, namespace })).toBeUndefined();
  },

  'shared-secret.yaml': async ({ apply, inAws, rotate, forceSync, world, namespace }) => {
    const [frontend, backend, next] = [world.canary(), world.canary(), world.canary()];
    await inAws('shop/frontend-token', frontend);
    await inAws('shop/backend-token', backend);
    await apply();
    expect(await world.secretData(namespace, 'tokens')).toEqual({ frontend, backend });
    await rotate('shop/frontend-token', next);
    await forceSync('frontend-token');
    await world.expectData(namespace, 'tokens', { frontend: next, backend });
    expect(await ownersOf('tokens', { world, namespace })).toBeUndefined();
  },

  // Here no controller makes pods: that they are replaced is shown in operator-rollouts.test.ts.
  'rollout.yaml': async ({ apply, inAws, rotate, forceSync, world, namespace }) => {
    const user = () => ({ username: world.canary(), password: world.canary() });
    const [first, next] = [user(), user()];
    await inAws('shop/ledger-db', first);
    await apply();
    expect(await world.secretData(namespace, 'ledger-db')).toEqual(first);
    const versionOf = async () =>
      at(await world.objects.get('SecretConsumption', namespace, 'ledger-db'), 'status', 'version');
    const before = await until('the version to be told', versionOf, SOON_MS);
    await rotate('shop/ledger-db', next);
    await forceSync('ledger-db');
    await world.expectData(namespace, 'ledger-db', next);
    await until('another version to be told', versionOf, SOON_MS, (version) => version !== before);
  },

  'orphan.yaml': async ({ apply, inAws, world, namespace }) => {
    const key = world.canary();
    await inAws('shop/backup-key', key);
    await apply();
    expect(await ownersOf('backup-key', { world, namespace })).toBeUndefined();
    await world.objects.remove('ExternalSecret', namespace, 'backup-key');
    await world.externalSecret(namespace, 'after-backup-key', {
      data: [{ secretKey: 'key', remoteRef: { key: 'shop/backup-key' } }],
    });
    await world.expectData(namespace, 'after-backup-key', { key });
    expect(await world.secretData(namespace, 'backup-key')).toEqual({ key });
  },

  'deletion-policy.yaml': async ({ apply, inAws, removeFromAws, forceSync, world, namespace }) => {
    const search = world.canary();
    await inAws('trials/license', world.canary());
    await inAws('trials/search-key', search);
    await inAws('trials/maps-key', world.canary());
    await apply();
    await removeFromAws('trials/license');
    await removeFromAws('trials/maps-key');
    await forceSync('trial-license');
    await forceSync('trial-keys');
    await world.expectData(namespace, 'trial-keys', { search });
    const isGone = async () => (await world.objects.get('Secret', namespace, 'trial-license')) === undefined;
    await until('the Secret of the license to go', isGone, SOON_MS);
    await world.expectReady(namespace, 'trial-license', 'SecretDeleted');
  },

  'immutable.yaml': async ({ apply, inAws, world, namespace }) => {
    const key = world.canary();
    await inAws('shop/encryption-key', key);
    await apply();
    expect(await world.secretData(namespace, 'encryption-key-1')).toEqual({ key });
    expect(at(await world.secret(namespace, 'encryption-key-1'), 'immutable')).toBe(true);
    await world.objects.patch('ExternalSecret', namespace, 'encryption-key', {
      spec: { target: { name: 'encryption-key-2' } },
    });
    await world.expectData(namespace, 'encryption-key-2', { key });
    const isGone = async () => (await world.objects.get('Secret', namespace, 'encryption-key-1')) === undefined;
    await until('the Secret of the old name to go', isGone, SOON_MS);
  },

  'created-once.yaml': async ({ apply, inAws, rotate, forceSync, world, namespace }) => {
    const [first, second] = [world.canary(), world.canary()];
    await inAws('shop/bootstrap-password', first);
    await apply();
    await rotate('shop/bootstrap-password', second);
    await forceSync('bootstrap-password');
    // Made later, and there first if the other one were synced.
    await world.externalSecret(namespace, 'after-bootstrap-password', {
      data: [{ secretKey: 'password', remoteRef: { key: 'shop/bootstrap-password' } }],
    });
    await world.expectData(namespace, 'after-bootstrap-password', { password: second });
    expect(await world.secretData(namespace, 'bootstrap-password')).toEqual({ password: first });
  },

  'on-change.yaml': async ({ apply, inAws, rotate, forceSync, world, namespace }) => {
    const [first, second] = [world.canary(), world.canary()];
    await inAws('shop/release-token', first);
    await apply();
    await rotate('shop/release-token', second);
    expect(await world.secretData(namespace, 'release-token')).toEqual({ token: first });
    await forceSync('release-token');
    await world.expectData(namespace, 'release-token', { token: second });
  },

  'sync-windows.yaml': async ({ apply, inAws, rotate, forceSync, world, namespace }) => {
    const [first, second] = [world.canary(), world.canary()];
    await inAws('shop/session-key', first);
    await apply();
    expect(await world.secretData(namespace, 'session-key')).toEqual({ key: first });
    await rotate('shop/session-key', second);
    await forceSync('session-key');
    await world.expectData(namespace, 'session-key', { key: second });
  },

  'cluster-external-secret.yaml': async ({ apply, inAws, labelNamespace, text, world, namespace }) => {
    const password = world.canary();
    await inAws('platform/mirror', { registry: 'mirror.example.com', username: 'ci', password });
    const later = await world.namespace('examples-later');
    await labelNamespace(namespace, { registry: 'mirror' });
    await apply();
    const auth = Buffer.from(`ci:${password}`).toString('base64');
    const config: unknown = JSON.parse(await text('mirror', '.dockerconfigjson'));
    expect(config).toEqual({ auths: { 'mirror.example.com': { auth } } });
    expect(at(await world.objects.get('ExternalSecret', namespace, 'mirror'), 'metadata', 'labels')).toMatchObject({
      'app.kubernetes.io/part-of': 'platform',
    });
    expect(await world.objects.get('ExternalSecret', later, 'mirror')).toBeUndefined();
    await labelNamespace(later, { registry: 'mirror' });
    await world.expectReady(later, 'mirror');
    await world.objects.remove('ClusterExternalSecret', '', 'mirror');
  },
};

async function ownersOf(name: string, { world, namespace }: Pick<Stage, 'world' | 'namespace'>): Promise<unknown> {
  return at(await world.secret(namespace, name), 'metadata', 'ownerReferences');
}
