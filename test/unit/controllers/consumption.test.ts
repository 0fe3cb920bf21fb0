import { expect, test } from 'vitest';
import type { ExternalSecret } from '../../../src/api/external-secret.ts';
import type { Narrowed } from '../../../src/api/narrow.ts';
import type { SecretConsumption } from '../../../src/api/secret-consumption.ts';
import { ConsumptionReconciler } from '../../../src/controllers/consumption.ts';
import { ExtraConditions } from '../../../src/controllers/extra-conditions.ts';
import { NamespaceKeys } from '../../../src/controllers/namespace-keys.ts';
import type { SecretMetadata } from '../../../src/ports/cluster.ts';
import type { ConsumingPod, SecretConsumptions } from '../../../src/ports/pods.ts';
import { externalSecret, writtenTarget } from '../domain/manifests.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeView } from './fake-view.ts';

const metadata = { annotations: { 'keyturn.dev/consumption': 'true' } };
const asking = externalSecret({ metadata });
const { namespace, name } = asking.metadata;
const KEY = `${namespace}/${name}`;
const SECRET = asking.spec.target?.name ?? name;

function world(listed: readonly ConsumingPod[], mark: string, object = asking) {
  const clock = createVirtualClock();
  const view = new FakeView<Narrowed<ExternalSecret>>();
  const secrets = new FakeView<SecretMetadata>();
  const pods = new FakeView<ConsumingPod>();
  const podKeys = new NamespaceKeys(pods);
  const told = new FakeView<Narrowed<SecretConsumption>>();
  const extras = new ExtraConditions();
  let lists = 0;
  const consumptions: SecretConsumptions = {
    create: async () => 'uid',
    write: async () => {},
    delete: async () => {},
    pods: async () => {
      lists += 1;
      return listed;
    },
    probe: async () => {},
  };
  view.set(KEY, { kind: 'valid', object });
  const target = writtenTarget(asking);
  secrets.set(`${namespace}/${SECRET}`, {
    ...target,
    annotations: { ...target.annotations, 'keyturn.dev/version': mark },
  });
  const reconciler = new ConsumptionReconciler({
    isOn: true,
    view,
    secrets,
    pods,
    podKeys,
    needPods: () => {},
    told,
    consumptions,
    writtenVersions: () => undefined,
    extras,
    events: { record: () => {} },
    clock,
  });
  return {
    extras,
    reconcile: () => reconciler.reconcile(KEY, AbortSignal.timeout(1_000)),
    get lists() {
      return lists;
    },
  };
}

/** Before the version of {@link LATER}. */
const old: ConsumingPod = {
  namespace,
  name: 'api-1',
  createdAtMs: Date.parse('2023-11-01T00:00:00Z'),
  isRunning: true,
  startedAtMs: Date.parse('2023-11-01T00:00:00Z'),
  secrets: { containers: [{ env: [], envFrom: [SECRET], mounts: [] }], volumes: [], imagePullSecrets: [] },
  containerStartsMs: [Date.parse('2023-11-01T00:00:00Z')],
  triggers: {},
};
const LATER = '2222222222222222 2023-11-10T00:00:00Z';

test('a pod that the watch has not brought is found before the previous version is said to be safe to revoke', async () => {
  const { reconcile, extras } = world([old], LATER);
  await reconcile();
  expect(extras.of(KEY).get('SafeToRevokePrevious')?.status).toBe('False');
});

test('pods are listed once for a version, and not for the first one', async () => {
  const later = world([], LATER);
  await later.reconcile();
  await later.reconcile();
  expect([later.lists, later.extras.of(KEY).get('SafeToRevokePrevious')?.status]).toEqual([1, 'True']);
  const first = world([old], `${LATER} new`);
  await first.reconcile();
  expect(first.lists).toBe(0);
});

test.each([
  ['creationPolicy None', { creationPolicy: 'None' }],
  ['a target of another kind', { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } }],
] as const)('%s: that no Secret is written is told', async (_, target) => {
  const none = world([old], LATER, externalSecret({ metadata, spec: { target } }));
  await none.reconcile();
  expect(none.extras.of(KEY).get('SafeToRevokePrevious')).toMatchObject({ status: 'Unknown', reason: 'NoSecret' });
  expect(none.lists).toBe(0);
});
