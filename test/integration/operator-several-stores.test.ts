/** One ExternalSecret that reads from several stores, and one that has windows: on a real API server, with IAM that is evaluated. */

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createIamUser } from '../harness/iam.ts';
import { type AwsSecret, startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => endFaultless(world));

let namespace: string;
let values: { readonly mine: string; readonly theirs: string };
let mine: AwsSecret;
let theirs: AwsSecret;
beforeEach(async () => {
  namespace = await world.namespace('several');
  values = { mine: world.canary(), theirs: world.canary() };
  mine = await world.putSecret(values.mine);
  theirs = await world.putSecret(values.theirs);
});

const FROM_THEIRS = { sourceRef: { storeRef: { name: 'theirs' } } };

/** A store whose credentials may read that one secret. */
async function storeFor(name: string, secret: AwsSecret): Promise<void> {
  const user = await createIamUser(world.aws, [
    { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: `${secret.arn.slice(0, -6)}*` },
  ]);
  await world.store(namespace, { name, credentials: user.credentials });
}

const bothOf = (remoteRefs: { readonly mine: string; readonly theirs: string }) => ({
  refreshInterval: '2s',
  secretStoreRef: { name: 'mine' },
  data: [
    { secretKey: 'mine', remoteRef: { key: remoteRefs.mine } },
    { secretKey: 'theirs', remoteRef: { key: remoteRefs.theirs }, ...FROM_THEIRS },
  ],
});

it('each entry is read with the credentials of its own store, and with no other', async () => {
  await storeFor('mine', mine);
  await storeFor('theirs', theirs);
  await world.externalSecret(namespace, 'app', bothOf({ mine: mine.name, theirs: theirs.name }));
  await world.expectData(namespace, 'app', { ...values });
  await world.externalSecret(namespace, 'wrong', bothOf({ mine: theirs.name, theirs: theirs.name }));
  await world.expectNotReady(namespace, 'wrong', /spec\.data\[0\].*secretsmanager:GetSecretValue/);
  await world.externalSecret(namespace, 'wrong', bothOf({ mine: mine.name, theirs: mine.name }));
  await world.expectNotReady(namespace, 'wrong', /spec\.data\[1\].*secretsmanager:GetSecretValue/);
  expect(await world.secretData(namespace, 'wrong')).toBeUndefined();
});

it('a rotation in either store arrives', async () => {
  await storeFor('mine', mine);
  await storeFor('theirs', theirs);
  await world.externalSecret(namespace, 'app', bothOf({ mine: mine.name, theirs: theirs.name }));
  await world.expectData(namespace, 'app', { ...values });
  const next = { mine: world.canary(), theirs: world.canary() };
  await world.putSecret(next.theirs, theirs.name);
  await world.expectData(namespace, 'app', { mine: values.mine, theirs: next.theirs });
  await world.putSecret(next.mine, mine.name);
  await world.expectData(namespace, 'app', next);
});

it('a store that is missing is named with its entry, and the object is synced when it comes', async () => {
  await storeFor('mine', mine);
  await world.externalSecret(namespace, 'app', bothOf({ mine: mine.name, theirs: theirs.name }));
  await world.expectNotReady(
    namespace,
    'app',
    /spec\.data\[1\]\.sourceRef\.storeRef: SecretStore "theirs" does not exist/,
  );
  await storeFor('theirs', theirs);
  await world.expectData(namespace, 'app', { ...values });
});

it('a rotation waits for a window, and a change of the object does not', async () => {
  await world.store(namespace);
  const always = { kind: 'deny', windows: [{ schedule: '* * * * *', duration: '2m' }] };
  const spec = (syncWindows?: object) => ({
    refreshInterval: '1s',
    data: [{ secretKey: 'mine', remoteRef: { key: mine.name } }],
    ...(syncWindows && { syncWindows }),
  });
  await world.externalSecret(namespace, 'app', spec(always));
  await world.expectData(namespace, 'app', { mine: values.mine });
  await world.expectReady(namespace, 'app');
  const next = world.canary();
  await world.putSecret(next, mine.name);
  const isWatched = world.operator.waitForLog(({ msg, moved }) => msg === 'swept' && Number(moved) > 0, 15_000);
  await isWatched;
  expect(await world.secretData(namespace, 'app')).toEqual({ mine: values.mine });
  await world.externalSecret(namespace, 'app', spec());
  await world.expectData(namespace, 'app', { mine: next });
});
