import { expect, test } from 'vitest';
import type { ExternalSecret } from '../../../src/api/external-secret.ts';
import type { Narrowed } from '../../../src/api/narrow.ts';
import type { SecretAccessPolicy, SecretAccessPolicySpec } from '../../../src/api/secret-access-policy.ts';
import { AccessPolicies } from '../../../src/controllers/access-policies.ts';
import { createAccessPolicyStatusController } from '../../../src/controllers/access-policy-status.ts';
import type { AnyStore } from '../../../src/domain/store-plan.ts';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';
import type { Statuses } from '../../../src/ports/cluster.ts';
import { externalSecret, secretStore, storeSpec } from '../domain/manifests.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeView } from './fake-view.ts';

/** Counts how often all objects were gone through. */
class CountedView<T> extends FakeView<T> {
  passes = 0;

  override values(): Iterable<T> {
    this.passes += 1;
    return super.values();
  }
}

const TEAMS = ['red', 'blue', 'green'];

function policy(name: string, spec: SecretAccessPolicySpec): Narrowed<SecretAccessPolicy> {
  const metadata = { name, uid: `uid-${name}`, resourceVersion: '1', generation: 1 };
  return { kind: 'valid', object: { kind: 'SecretAccessPolicy', metadata, spec } };
}

function appOf(team: string, name: string): Narrowed<ExternalSecret> {
  const { metadata, ...rest } = externalSecret();
  return { kind: 'valid', object: { ...rest, metadata: { ...metadata, namespace: team, name } } };
}

async function setUp() {
  const clock = createVirtualClock();
  const view = new FakeView<Narrowed<SecretAccessPolicy>>();
  const externalSecretView = new CountedView<Narrowed<ExternalSecret>>();
  const stores = {
    SecretStore: new FakeView<Narrowed<AnyStore>>(),
    ClusterSecretStore: new FakeView<Narrowed<AnyStore>>(),
  };
  const told = new Map<string, unknown>();
  const merge: Statuses['merge'] = ({ name }, status) => {
    const { allowed, denied } = status as Record<string, unknown>;
    told.set(name, [allowed, denied]);
    return Promise.resolve();
  };
  const access = new AccessPolicies({ view, labelsOf: (namespace) => ({ team: namespace }), isRequired: false });
  const controller = createAccessPolicyStatusController({
    view,
    externalSecretView,
    stores,
    access,
    statuses: { merge } as Statuses,
    slots: new WorkerSlots(1),
    backoff: { firstMs: 1_000, longestMs: 60_000 },
    onOutcome: () => {},
    clock,
    log: createRecordingLog(),
  });
  for (const team of TEAMS) {
    view.set(team, policy(team, { namespaceSelector: { matchLabels: { team } }, allow: team === 'red' ? [{}] : [] }));
    externalSecretView.set(`${team}/app`, appOf(team, 'app'));
  }
  const stop = new AbortController();
  const running = controller.run(stop.signal, stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  return { clock, view, externalSecretView, stores, told, end };
}

test('all policies are counted by one pass over all ExternalSecrets, and later ones as well', async () => {
  const { clock, view, externalSecretView, told, end } = await setUp();
  await clock.advance(10);
  expect([...told].sort()).toEqual([
    ['blue', [0, 1]],
    ['green', [0, 1]],
    ['red', [1, 0]],
  ]);
  expect(externalSecretView.passes).toBe(1);
  // One that comes while the count is still fresh is counted for each policy all the same, once.
  externalSecretView.set('blue/other', appOf('blue', 'other'));
  view.set('every', policy('every', { namespaceSelector: {}, allow: [] }));
  await clock.advance(20_000);
  expect(told.get('blue')).toEqual([0, 2]);
  expect(told.get('every')).toEqual([1, 3]);
  expect(externalSecretView.passes).toBeLessThan(4);
  const { passes } = externalSecretView;
  await clock.advance(60_000);
  expect(externalSecretView.passes).toBe(passes);
  await end();
});

test('a key is counted with the prefix of its store, as it is judged', async () => {
  const { clock, view, stores, told, end } = await setUp();
  view.set('red', policy('red', { namespaces: ['red'], allow: [{ secrets: { names: ['red/prod/db'] } }] }));
  await clock.advance(20_000);
  expect(told.get('red')).toEqual([0, 1]);
  stores.SecretStore.set('red/aws', { kind: 'valid', object: secretStore(storeSpec({ prefix: 'red/' })) });
  await clock.advance(20_000);
  expect(told.get('red')).toEqual([1, 0]);
  await end();
});
