import { describe, expect, test } from 'vitest';
import { readConsumingPod } from '../../../src/kube/consuming-pods.ts';

const metadata = { namespace: 'team', name: 'api-1' };
const EARLY = '2026-06-01T11:00:00Z';
const LATE = '2026-06-01T12:00:00Z';

const running = (name: string, startedAt: string) => ({ name, state: { running: { startedAt } } });
const ended = (name: string, startedAt: string) => ({ name, state: { terminated: { startedAt } } });
const waiting = (name: string) => ({ name, state: { waiting: {} }, lastState: { terminated: { startedAt: EARLY } } });

/** When its containers started, as times. */
function starts(spec: object, status: object): readonly (string | null)[] {
  const times = readConsumingPod({ metadata, spec, status })?.containerStartsMs ?? [];
  return times.map((ms) => (ms === null ? null : new Date(ms).toISOString().replace('.000Z', 'Z')));
}

describe('when the containers of a pod started', () => {
  test.each<readonly [string, object, object, readonly (string | null)[]]>([
    [
      'those that run',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { containerStatuses: [running('b', LATE), running('a', EARLY)] },
      [EARLY, LATE],
    ],
    ['one that waits', { containers: [{ name: 'a' }] }, { containerStatuses: [waiting('a')] }, [null]],
    ['one that has ended', { containers: [{ name: 'a' }] }, { containerStatuses: [ended('a', EARLY)] }, [null]],
    [
      'an init container that has ended',
      { initContainers: [{ name: 'i' }], containers: [{ name: 'a' }] },
      { initContainerStatuses: [ended('i', EARLY)], containerStatuses: [running('a', LATE)] },
      [EARLY, LATE],
    ],
    [
      'an init container that was cleared away, with its pod',
      { initContainers: [{ name: 'i' }], containers: [{ name: 'a' }] },
      {
        startTime: EARLY,
        initContainerStatuses: [{ name: 'i', state: { terminated: { reason: 'Completed', startedAt: null } } }],
        containerStatuses: [running('a', LATE)],
      },
      [EARLY, LATE],
    ],
    [
      'an ephemeral one',
      { containers: [], ephemeralContainers: [{ name: 'e' }] },
      { ephemeralContainerStatuses: [running('e', LATE)] },
      [LATE],
    ],
    ['of a pod that no kubelet has taken up', { containers: [{ name: 'a' }] }, {}, [null]],
  ])('%s', (_, spec, status, expected) => {
    expect(starts(spec, status)).toEqual(expected);
  });
});

describe('the node of a pod', () => {
  const set = (type: string, status: string, lastTransitionTime = EARLY) => ({ type, status, lastTransitionTime });
  const gated = { readinessGates: [{ conditionType: 'lb' }] };
  test.each<readonly [string, readonly object[], object, 'silent' | 'back' | undefined]>([
    ['was always heard of', [set('ContainersReady', 'True'), set('Ready', 'True')], {}, undefined],
    ['is silent', [set('ContainersReady', 'True'), set('Ready', 'False', LATE)], {}, 'silent'],
    ['is back', [set('ContainersReady', 'True'), set('Ready', 'True', LATE)], {}, 'back'],
    [
      'says itself that containers are not ready',
      [set('ContainersReady', 'False'), set('Ready', 'False')],
      {},
      undefined,
    ],
    [
      'is not blamed for a readiness gate',
      [set('ContainersReady', 'True'), set('Ready', 'False', LATE), set('lb', 'False')],
      gated,
      undefined,
    ],
    [
      'is silent, and the readiness gate was open',
      [set('ContainersReady', 'True'), set('Ready', 'False', LATE), set('lb', 'True')],
      gated,
      'silent',
    ],
    ['has said nothing yet', [], {}, undefined],
  ])('%s', (_, conditions, spec, expected) => {
    const read = readConsumingPod({ metadata, spec, status: { conditions } });
    expect(read?.node).toEqual(expected && { is: expected, sinceMs: Date.parse(LATE) });
  });
});

describe('a pod', () => {
  test('is read as far as consumption needs it', () => {
    const annotations = { 'keyturn.dev/rollout-db': 'v', other: 'x' };
    const owner = { kind: 'StatefulSet', name: 'db', controller: true };
    const raw = {
      metadata: { ...metadata, creationTimestamp: EARLY, annotations, ownerReferences: [owner] },
      status: { phase: 'Running', startTime: LATE },
    };
    expect(readConsumingPod(raw)).toEqual({
      ...metadata,
      createdAtMs: Date.parse(EARLY),
      isRunning: true,
      owner: { kind: 'StatefulSet', name: 'db' },
      startedAtMs: Date.parse(LATE),
      secrets: { containers: [], volumes: [], imagePullSecrets: [] },
      containerStartsMs: [],
      triggers: { 'keyturn.dev/rollout-db': 'v' },
    });
  });

  test.each(['Succeeded', 'Failed'])('in phase %s does not run', (phase) => {
    expect(readConsumingPod({ metadata, status: { phase } })?.isRunning).toBe(false);
  });

  test('without a name is none', () => {
    expect(readConsumingPod({ metadata: {} })).toBeUndefined();
  });
});
