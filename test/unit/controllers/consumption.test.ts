import { describe, expect, test } from 'vitest';
import type { ExternalSecret } from '../../../src/api/external-secret.ts';
import type { Narrowed } from '../../../src/api/narrow.ts';
import type { SecretConsumption, SecretConsumptionStatus } from '../../../src/api/secret-consumption.ts';
import { ConsumptionReconciler } from '../../../src/controllers/consumption.ts';
import { createConsumptionController } from '../../../src/controllers/consumption-controller.ts';
import { ExtraConditions } from '../../../src/controllers/extra-conditions.ts';
import { NamespaceKeys } from '../../../src/controllers/namespace-keys.ts';
import { WorkerSlots } from '../../../src/loop/worker-slots.ts';
import type { SecretMetadata } from '../../../src/ports/cluster.ts';
import { ClusterForbidden, ClusterNotFound } from '../../../src/ports/errors.ts';
import type { ConsumingPod, ListedKind, SecretConsumptions } from '../../../src/ports/pods.ts';
import { externalSecret, writtenTarget } from '../domain/manifests.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeView } from './fake-view.ts';

const metadata = { annotations: { 'keyturn.dev/consumption': 'true' } };
const asking = externalSecret({ metadata });
const { namespace, name } = asking.metadata;
const KEY = `${namespace}/${name}`;
const SECRET = asking.spec.target?.name ?? name;

const { uid } = asking.metadata;
const OWNER = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name, uid };
const TOLD: SecretConsumptionStatus = {
  secret: SECRET,
  version: '1111111111111111',
  safeToRevokePrevious: 'True',
  current: 1,
  earlier: 0,
};

/** The object in which it is told, as the API server has it. */
function consumption(status: SecretConsumptionStatus): Narrowed<SecretConsumption> {
  const meta = { namespace, name, uid: 'uid', resourceVersion: '1', controller: OWNER };
  return { kind: 'valid', object: { kind: 'SecretConsumption', metadata: meta, status } };
}

interface WorldOptions {
  readonly object?: ExternalSecret;
  readonly isOn?: boolean;
  /** False for what another operator serves. @default true */
  readonly isServed?: boolean;
  /** What was told before. */
  readonly before?: SecretConsumptionStatus;
  /** What may not be listed, and why. */
  readonly refused?: Partial<Record<ListedKind, Error>>;
}

function world(listed: readonly ConsumingPod[], mark: string, options: WorldOptions = {}) {
  const { object = asking, isOn = true, isServed = true, before, refused = {} } = options;
  const clock = createVirtualClock();
  const view = new FakeView<Narrowed<ExternalSecret>>();
  const secrets = new FakeView<SecretMetadata>();
  const pods = new FakeView<ConsumingPod>();
  const told = new FakeView<Narrowed<SecretConsumption>>();
  const extras = new ExtraConditions();
  const calls: string[] = [];
  const consumptions: SecretConsumptions = {
    create: async () => 'uid',
    write: async (_name, _uid, status) => {
      calls.push(`write ${status.safeToRevokePrevious}`);
      told.set(KEY, consumption(status));
    },
    delete: async () => {
      calls.push('delete');
    },
    pods: async () => {
      calls.push('list pods');
      return listed;
    },
    probe: async (kinds) => {
      calls.push(`probe ${kinds.join()}`);
      for (const kind of kinds) if (refused[kind] !== undefined) throw refused[kind];
    },
  };
  pods.synced = refused.pods === undefined;
  told.synced = isOn;
  const parts = {
    isOn,
    view,
    secrets,
    pods,
    needPods: () => {},
    told,
    needTold: () => {
      told.synced = refused.consumptions === undefined;
    },
    consumptions,
    writtenVersions: () => (isServed ? [] : undefined),
    extras,
    events: { record: () => {} },
    clock,
  };
  const fill = () => {
    view.set(KEY, { kind: 'valid', object });
    const target = writtenTarget(asking);
    const annotations = { ...target.annotations, 'keyturn.dev/version': mark };
    secrets.set(`${namespace}/${SECRET}`, { ...target, annotations });
    if (before !== undefined) told.set(KEY, consumption(before));
  };
  return { ...parts, calls, fill };
}

/** Whose keys are looked at when a test says so. */
function looking(...args: Parameters<typeof world>) {
  const { fill, ...parts } = world(...args);
  fill();
  const reconciler = new ConsumptionReconciler({ ...parts, podKeys: new NamespaceKeys(parts.pods) });
  return {
    ...parts,
    reconcile: () => reconciler.reconcile(KEY, AbortSignal.timeout(1_000)),
    get condition() {
      return parts.extras.of(KEY).get('SafeToRevokePrevious');
    },
    get status() {
      const entry = parts.told.get(KEY);
      return entry?.kind === 'valid' ? entry.object.status : undefined;
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
  const found = looking([old], LATER);
  await found.reconcile();
  expect(found.condition?.status).toBe('False');
});

test('files on a node that was cut off are those of before until its kubelet has had the time to bring others', async () => {
  const secrets = { ...old.secrets, containers: [], volumes: [{ name: 'v', secrets: [SECRET], isLive: true }] };
  const heard: ConsumingPod = { ...old, secrets };
  const cut = looking([heard], LATER);
  const { clock, pods, reconcile } = cut;
  const told = () => cut.condition?.status;
  const show = (pod: ConsumingPod) => pods.set(`${namespace}/${pod.name}`, pod);
  show(heard);
  show({ ...heard, node: { is: 'silent', sinceMs: Date.parse('2023-11-09T00:00:00Z') } });
  await reconcile();
  expect(told()).toBe('False');
  // The kubelet puts the times of before back.
  show(heard);
  const next = await reconcile();
  expect([told(), next]).toEqual(['False', { kind: 'after', delayMs: 123_000 }]);
  await clock.advance(123_000);
  await reconcile();
  expect(told()).toBe('True');
});

test('pods are listed once for a version, and not for the first one', async () => {
  const later = looking([], LATER);
  await later.reconcile();
  await later.reconcile();
  expect(later.calls).toEqual(['list pods', 'write True']);
  expect(later.condition?.status).toBe('True');
  const first = looking([old], `${LATER} new`);
  await first.reconcile();
  expect(first.calls).toEqual(['write True']);
});

test('what somebody else has written into the object is put right', async () => {
  const { fill, clock, calls, told, ...parts } = world([old], LATER);
  const controller = createConsumptionController({
    ...parts,
    clock,
    told,
    log: createRecordingLog(),
    slots: new WorkerSlots(1),
    backoff: { firstMs: 1_000, longestMs: 1_000 },
    shardOf: () => 0,
    onOutcome: () => {},
  });
  parts.pods.set(KEY, old);
  fill();
  const stop = new AbortController();
  const ended = controller.run(0, stop.signal, stop.signal);
  await clock.advance(60_000);
  expect(calls).toEqual(['write False']);
  told.set(KEY, consumption({ ...TOLD, safeToRevokePrevious: 'True' }));
  await clock.advance(3_000);
  expect(calls).toEqual(['write False', 'write False']);
  stop.abort();
  await ended;
});

describe('what was told before is not called safe any more', () => {
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap' };
  const forbidden = new ClusterForbidden('The operator may not list pods.');

  test.each<[string, string, WorldOptions]>([
    ['ConsumptionOff', 'the operator looks at no pods', { isOn: false }],
    [
      'NoSecret',
      'creationPolicy None',
      { object: externalSecret({ metadata, spec: { target: { creationPolicy: 'None' } } }) },
    ],
    ['NoSecret', 'a target of another kind', { object: externalSecret({ metadata, spec: { target: { manifest } } }) }],
    ['PodsNotListed', 'pods may not be listed', { refused: { pods: forbidden } }],
  ])('%s: %s', async (reason, _, options) => {
    const stale = looking([old], LATER, { ...options, before: TOLD });
    for (let look = 0; look < 3; look += 1) {
      await stale.reconcile().catch((error) => expect(error).toBe(forbidden));
      await stale.clock.advance(6_000);
    }
    expect(stale.condition).toMatchObject({ status: 'Unknown', reason });
    expect(stale.status).toEqual({ ...TOLD, safeToRevokePrevious: 'Unknown' });
    expect(stale.calls.filter((call) => !call.startsWith('probe'))).toEqual(['write Unknown']);
  });

  test('unless another operator serves the ExternalSecret', async () => {
    const others = looking([old], LATER, { isOn: false, isServed: false, before: TOLD });
    await others.reconcile();
    expect(others.calls).toEqual([]);
  });

  test.each([
    ['the rights for that went with the flag', new ClusterForbidden('no')],
    ['its kind is not there', new ClusterNotFound('no')],
  ])('unless %s: the condition says so, and it is seldom asked', async (_, error) => {
    const off = looking([old], LATER, { isOn: false, refused: { consumptions: error } });
    await off.reconcile();
    await off.reconcile();
    expect(off.condition).toMatchObject({ status: 'Unknown', reason: 'ConsumptionOff' });
    expect(off.calls).toEqual(['probe consumptions']);
    await off.clock.advance(300_000);
    await off.reconcile();
    expect(off.calls).toEqual(['probe consumptions', 'probe consumptions']);
  });
});
