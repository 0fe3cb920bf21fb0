/** What becomes of the target when its sources are gone, its name changes, or it is immutable. */

import { CreateSecretCommand, DeleteSecretCommand, RestoreSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultProxy, Match } from '../harness/fault-proxy.ts';
import { createIamUser } from '../harness/iam.ts';
import { until } from '../harness/until.ts';
import { at, type Json } from './cluster-objects.ts';
import type { AwsSecret, World } from './operator-world.ts';
import {
  bugsLoggedBy,
  namespaceOfItsOwn,
  type ProxiedWorld,
  patchesStatus,
  startProxiedWorld,
} from './proxied-world.ts';

const SOON_MS = 20_000;
const CONFIRM = 'keyturn.dev/confirm-deletion';

let proxied: ProxiedWorld;
let world: World;
let apiProxy: FaultProxy;
beforeAll(async () => {
  proxied = await startProxiedWorld();
  ({ world, apiProxy } = proxied);
});
afterEach(() => {
  apiProxy.clear();
  expect(bugsLoggedBy(world.operator)).toEqual([]);
});
afterAll(async () => {
  expect(await world.leaks()).toEqual([]);
  await proxied.stop();
});

let namespace: string;
let value: string;
let source: AwsSecret;
beforeEach(async () => {
  ({ namespace } = await namespaceOfItsOwn(world, 'deletion'));
  value = world.canary();
  source = await world.putSecret(value);
});

const entry = (secretKey: string, { name }: Pick<AwsSecret, 'name'> = source) => ({
  secretKey,
  remoteRef: { key: name },
});

function apply(target: Json, data: readonly object[] = [entry('password')], name = 'app', metadata: Json = {}) {
  return world.externalSecret(namespace, name, { refreshInterval: '1s', target, data }, metadata);
}

async function synced(target: Json, data?: readonly object[]): Promise<void> {
  await apply(target, data);
  await world.expectReady(namespace, 'app');
}

const vanish = ({ name }: AwsSecret, how: object = { RecoveryWindowInDays: 7 }) =>
  world.secretsManager.send(new DeleteSecretCommand({ SecretId: name, ...how }));

function isGone(name = 'app', kind: 'Secret' | 'ExternalSecret' = 'Secret'): Promise<true> {
  const probe = async () => (await world.objects.get(kind, namespace, name)) === undefined;
  return until(`${kind} ${name} to be gone`, probe, SOON_MS);
}

const deletesSecret =
  (name: string): Match =>
  ({ method, path }) =>
    method === 'DELETE' && path.startsWith(`/api/v1/namespaces/${namespace}/secrets/${name}`);

/** All that is to be done about a source that is gone now is done by then. */
async function anotherIsDeleted(): Promise<void> {
  const other = await world.namespace('witness');
  await world.store(other);
  const secret = await world.putSecret(world.canary());
  const target = { deletionPolicy: 'Delete' };
  await world.externalSecret(other, 'app', { refreshInterval: '1s', target, data: [entry('password', secret)] });
  await world.expectReady(other, 'app');
  await vanish(secret);
  await world.expectReady(other, 'app', 'SecretDeleted');
}

describe('deletionPolicy Delete', () => {
  it('the source is scheduled for deletion, and restored', async () => {
    await synced({ deletionPolicy: 'Delete' });
    await vanish(source);
    await isGone();
    const { message } = await world.expectReady(namespace, 'app', 'SecretDeleted');
    expect(message).toBe('secret deleted due to DeletionPolicy=Delete');
    await world.expectEvent(namespace, 'app', 'Deleted', /^secret deleted due to DeletionPolicy=Delete$/);
    await world.expectEvent(namespace, 'app', 'MissingProviderSecret', new RegExp(source.name));
    await world.secretsManager.send(new RestoreSecretCommand({ SecretId: source.name }));
    await world.expectData(namespace, 'app', { password: value });
    await world.expectReady(namespace, 'app');
  });

  it('the source is deleted for good, and made again', async () => {
    await synced({ deletionPolicy: 'Delete' });
    await vanish(source, { ForceDeleteWithoutRecovery: true });
    await isGone();
    const again = world.canary();
    await world.secretsManager.send(new CreateSecretCommand({ Name: source.name, SecretString: again }));
    await world.expectData(namespace, 'app', { password: again });
  });

  it('one of two sources is gone: its key goes, and the Secret stays', async () => {
    const other = await world.putSecret(world.canary());
    await synced({ deletionPolicy: 'Delete' }, [entry('password'), entry('other', other)]);
    await vanish(other);
    await world.expectData(namespace, 'app', { password: value }, SOON_MS);
    await world.expectReady(namespace, 'app');
  });

  it('a denial deletes nothing, although the source is gone as well', async () => {
    await synced({ deletionPolicy: 'Delete' });
    const before = await world.secret(namespace, 'app');
    const { credentials } = await createIamUser(world.aws, []);
    await world.credentials(namespace, 'aws-credentials', credentials);
    await vanish(source);
    await world.expectNotReady(namespace, 'app', /secretsmanager:GetSecretValue/);
    await anotherIsDeleted();
    expect(await world.secret(namespace, 'app')).toEqual(before);
  });

  it('the operator is killed before the deletion: the next one makes up for it', async () => {
    await synced({ deletionPolicy: 'Delete' });
    const held = apiProxy.hold(deletesSecret('app'));
    await vanish(source);
    await held.reached;
    await world.restartOperator('kill');
    held.release();
    await isGone();
    await world.expectReady(namespace, 'app', 'SecretDeleted');
  });

  it('the operator is killed between the deletion and the status: the next one says so', async () => {
    await synced({ deletionPolicy: 'Delete' });
    const held = apiProxy.hold(patchesStatus(namespace, 'app'));
    await vanish(source);
    await held.reached;
    await isGone();
    await world.restartOperator('kill');
    await world.expectReady(namespace, 'app', 'SecretDeleted');
    expect(await world.secretData(namespace, 'app')).toBeUndefined();
  });

  it('somebody makes a Secret of that name meanwhile: theirs stays', async () => {
    await synced({ deletionPolicy: 'Delete' });
    const held = apiProxy.hold(deletesSecret('app'));
    await vanish(source);
    await held.reached;
    await world.objects.remove('Secret', namespace, 'app');
    await world.objects.apply('Secret', namespace, 'app', { stringData: { theirs: 'x' } });
    held.release();
    await world.expectReady(namespace, 'app', 'SecretSynced');
    const { message } = await until(
      'it to say that it is left alone',
      () => world.condition(namespace, 'app'),
      SOON_MS,
      (seen) => seen?.message.includes('left alone') === true,
    ).then((seen) => seen ?? { message: '' });
    expect(message).toContain('secret left alone');
    expect(await world.secretData(namespace, 'app')).toEqual({ theirs: 'x' });
  });

  it.each(['Merge', 'None', 'CreateOrMerge'])('with creationPolicy %s is refused', async (creationPolicy) => {
    await apply({ deletionPolicy: 'Delete', creationPolicy });
    await world.expectTold(namespace, 'app', ['deletionPolicy Delete does not go with', creationPolicy]);
  });
});

describe('deletionPolicy Merge', () => {
  it.each([
    ['Merge', { theirs: 'x' }],
    ['Owner', {}],
  ])('with creationPolicy %s the keys go, and the Secret stays', async (creationPolicy, rest) => {
    await world.objects.apply('Secret', namespace, 'app', { stringData: { theirs: 'x' } });
    await synced({ deletionPolicy: 'Merge', creationPolicy });
    await vanish(source);
    await world.expectData(namespace, 'app', rest, SOON_MS);
    await world.secretsManager.send(new RestoreSecretCommand({ SecretId: source.name }));
    await world.expectData(namespace, 'app', { ...rest, password: value });
  });
});

describe('five secrets of an identity vanish at once', () => {
  it('nothing is deleted until it is confirmed, across a kill too', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const sources = await Promise.all(names.map(async () => world.putSecret(world.canary())));
    for (const [index, name] of names.entries()) {
      await apply({ deletionPolicy: 'Delete' }, [entry('password', sources[index])], name);
    }
    await Promise.all(names.map((name) => world.expectReady(namespace, name)));
    await Promise.all(sources.map((one) => vanish(one)));
    const held = /deletion waits: \d of \d secrets.*confirm-deletion=\S+$/;
    await Promise.all(names.map((name) => world.expectNotReady(namespace, name, held, SOON_MS)));
    await world.expectEvent(namespace, 'a', 'DeletionHeld', held);
    const metrics = await fetch(`${await world.operator.metricsUrl()}/metrics`);
    expect(await metrics.text()).toMatch(/^keyturn_deletions_held 5$/m);
    await world.restartOperator('kill');
    const condition = await world.expectNotReady(namespace, 'a', held);
    const hold = /confirm-deletion=(\S+)$/.exec(condition.message)?.[1];
    await world.objects.patch('ExternalSecret', namespace, 'a', { metadata: { annotations: { [CONFIRM]: hold } } });
    await isGone('a');
    await world.expectReady(namespace, 'a', 'SecretDeleted');
    for (const name of names.slice(1)) expect(await world.secretData(namespace, name)).toBeDefined();
    await world.secretsManager.send(new RestoreSecretCommand({ SecretId: sources[1]?.name }));
    await world.expectReady(namespace, 'b');
  });
});

describe('spec.target.name changes', () => {
  it("Owner: the Secret of the old name goes, and somebody else's stays", async () => {
    await synced({});
    const labels = at(await world.secret(namespace, 'app'), 'metadata', 'labels');
    await world.objects.apply('Secret', namespace, 'copied', { metadata: { labels }, stringData: { theirs: 'x' } });
    await apply({ name: 'new' });
    await isGone('app');
    expect(await world.secretData(namespace, 'new')).toEqual({ password: value });
    await world.expectEvent(namespace, 'app', 'Deleted', /secret "app" deleted/);
    expect(await world.secretData(namespace, 'copied')).toEqual({ theirs: 'x' });
  });

  it('Owner: an operator that is killed in between makes up for it', async () => {
    await synced({});
    const held = apiProxy.hold(deletesSecret('app'));
    await apply({ name: 'new' });
    await held.reached;
    expect(await world.secretData(namespace, 'new')).toEqual({ password: value });
    await world.restartOperator('kill');
    held.release();
    await isGone('app');
    await world.expectReady(namespace, 'app');
  });

  it('Orphan: both stay', async () => {
    await synced({ creationPolicy: 'Orphan' });
    await apply({ creationPolicy: 'Orphan', name: 'new' });
    await world.expectData(namespace, 'new', { password: value });
    await world.expectReady(namespace, 'app');
    expect(await world.secretData(namespace, 'app')).toEqual({ password: value });
  });
});

describe('target.immutable', () => {
  it('a rotation is told and not written; deleting the Secret makes it anew', async () => {
    await synced({ immutable: true });
    const before = await world.secret(namespace, 'app');
    expect(before).toMatchObject({ immutable: true });
    const rotated = world.canary();
    await world.putSecret(rotated, source.name);
    await world.expectTold(namespace, 'app', ['target is immutable', 'kubectl delete secret app']);
    expect(await world.secret(namespace, 'app')).toEqual(before);
    await world.objects.remove('Secret', namespace, 'app');
    await world.expectData(namespace, 'app', { password: rotated });
    await world.expectReady(namespace, 'app');
    expect(await world.secret(namespace, 'app')).toMatchObject({ immutable: true });
  });

  it('labels follow, and what somebody else froze is found out', async () => {
    await synced({ immutable: true });
    await apply({ immutable: true }, undefined, 'app', { labels: { team: 'a' } });
    const labels = async () => at(await world.secret(namespace, 'app'), 'metadata', 'labels', 'team');
    await until('the label', async () => (await labels()) === 'a', SOON_MS);
    await world.externalSecret(namespace, 'other', { refreshInterval: '1s', data: [entry('password')] });
    await world.expectReady(namespace, 'other');
    await world.objects.patch('Secret', namespace, 'other', { immutable: true });
    await world.putSecret(world.canary(), source.name);
    await world.expectTold(namespace, 'other', ['target is immutable', 'kubectl delete secret other']);
  });
});

describe('creationPolicy CreateOrMerge', () => {
  it('makes the Secret, adds to it, and makes it again', async () => {
    await synced({ creationPolicy: 'CreateOrMerge' });
    expect(at(await world.secret(namespace, 'app'), 'metadata', 'ownerReferences')).toBeUndefined();
    await world.objects.patch('Secret', namespace, 'app', { stringData: { theirs: 'x' } });
    const rotated = world.canary();
    await world.putSecret(rotated, source.name);
    await world.expectData(namespace, 'app', { theirs: 'x', password: rotated });
    await world.objects.remove('Secret', namespace, 'app');
    await world.expectData(namespace, 'app', { password: rotated });
  });
});
