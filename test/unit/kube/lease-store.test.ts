import { describe, expect, it } from 'vitest';
import { createLeaseStore } from '../../../src/kube/lease-store.ts';
import { createFakeClient, failure } from './fake-client.ts';

const signal = new AbortController().signal;
const lease = { namespace: 'keyturn', name: 'leader' };
const at = Date.parse('2026-01-02T03:04:05.678Z');
const record = { holder: 'one', durationMs: 15_000, renewedAtMs: at, transitions: 3 };

function answerWith(spec: object, metadata: object = {}) {
  return { metadata: { ...lease, resourceVersion: '7', ...metadata }, spec };
}

describe('the lease', () => {
  it('is read in the terms of leader election', async () => {
    const spec = {
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      renewTime: '2026-01-02T03:04:05.678901Z',
      leaseTransitions: 3,
    };
    const store = createLeaseStore({ client: createFakeClient(() => answerWith(spec)), lease });
    expect(await store.read(signal)).toEqual({ ...record, resourceVersion: '7' });
  });

  it.each([
    ['an empty name', { holderIdentity: '' }],
    ['null', { holderIdentity: null, renewTime: null, leaseDurationSeconds: null }],
    ['nothing', {}],
  ])('is held by nobody when its holder is %s', async (_sentence, spec) => {
    const store = createLeaseStore({ client: createFakeClient(() => answerWith(spec)), lease });
    expect(await store.read(signal)).toMatchObject({ holder: '', renewedAtMs: 0, durationMs: 0, transitions: 0 });
  });

  it('is undefined when there is none', async () => {
    const store = createLeaseStore({ client: createFakeClient(() => failure(404)), lease });
    expect(await store.read(signal)).toBeUndefined();
  });

  it('is created where none is expected, with microseconds', async () => {
    const client = createFakeClient((request) => JSON.parse(request.body ?? '{}').metadata && answerWith({}));
    await createLeaseStore({ client, lease }).write(record, undefined, signal);
    expect(client.requests[0]).toMatchObject({ verb: 'create', path: { namespace: 'keyturn', name: '' } });
    expect(client.bodies()).toEqual([
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: lease,
        spec: {
          holderIdentity: 'one',
          leaseDurationSeconds: 15,
          acquireTime: '2026-01-02T03:04:05.678000Z',
          renewTime: '2026-01-02T03:04:05.678000Z',
          leaseTransitions: 3,
        },
      },
    ]);
  });

  it('is written over the expected version, and keeps labels and the time of acquisition', async () => {
    const client = createFakeClient(() =>
      answerWith({ holderIdentity: 'one', acquireTime: '2026-01-01T00:00:00.000000Z' }, { labels: { app: 'keyturn' } }),
    );
    const store = createLeaseStore({ client, lease });
    await store.read(signal);
    await store.write(record, '7', signal);
    expect(client.requests[1]).toMatchObject({ verb: 'update', path: { name: 'leader' } });
    expect(client.bodies()[1]).toMatchObject({
      metadata: { resourceVersion: '7', labels: { app: 'keyturn' } },
      spec: { acquireTime: '2026-01-01T00:00:00.000000Z' },
    });
    await store.write({ ...record, holder: 'two' }, '7', signal);
    expect(client.bodies()[2]).toMatchObject({ spec: { acquireTime: '2026-01-02T03:04:05.678000Z' } });
  });

  it.each([
    ['somebody else has written', '7', { reason: 'Conflict' }],
    ['somebody else has created it', undefined, { reason: 'AlreadyExists' }],
  ])('is a conflict when %s', async (_sentence, expected, body) => {
    const store = createLeaseStore({ client: createFakeClient(() => failure(409, body)), lease });
    await expect(store.write(record, expected, signal)).rejects.toMatchObject({ name: 'ClusterConflict' });
  });

  it('is released with the shortest duration that the API allows', async () => {
    const client = createFakeClient(() => answerWith({ holderIdentity: '' }));
    await createLeaseStore({ client, lease }).write({ ...record, holder: '', durationMs: 0 }, '7', signal);
    expect(client.bodies()[0]).toMatchObject({ spec: { holderIdentity: '', leaseDurationSeconds: 1 } });
  });
});
