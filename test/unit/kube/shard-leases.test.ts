import { describe, expect, it } from 'vitest';
import { createShardLeases } from '../../../src/kube/shard-leases.ts';
import { createFakeClient, failure } from './fake-client.ts';

const signal = new AbortController().signal;
const record = { holder: 'one', durationMs: 15_000, renewedAtMs: Date.parse('2026-01-02T03:04:05Z'), transitions: 0 };

function leaseNamed(name: string, holderIdentity: string, metadata: object = {}) {
  return { metadata: { name, namespace: 'ours', resourceVersion: `${name}@1`, ...metadata }, spec: { holderIdentity } };
}

function leasesOf(client: ReturnType<typeof createFakeClient>) {
  return createShardLeases({ client, namespace: 'ours', name: 'keyturn', shards: 3 });
}

describe('the leases of three shards', () => {
  it('come by one list, each in its place, whatever else has the label', async () => {
    const items = [
      leaseNamed('keyturn-2-of-3', 'two'),
      leaseNamed('keyturn-blue-0-of-3', 'of another class'),
      leaseNamed('keyturn-0-of-3', 'zero'),
      leaseNamed('keyturn-call-of-3', 'caller'),
    ];
    const client = createFakeClient(() => ({ items }));
    const seen = await leasesOf(client).list(signal);
    expect(seen.shards.map((lease) => lease?.holder)).toEqual(['zero', undefined, 'two']);
    expect(seen.call?.holder).toBe('caller');
    expect(client.requests).toMatchObject([
      {
        verb: 'list',
        path: { namespace: 'ours', resource: 'leases' },
        query: { labelSelector: 'keyturn.dev/shards=3' },
      },
    ]);
  });

  it('are none when the list holds nonsense', async () => {
    const seen = await leasesOf(createFakeClient(() => ({ items: [null, 7, { metadata: {} }] }))).list(signal);
    expect(seen).toEqual({ shards: [undefined, undefined, undefined], call: undefined });
  });

  it('are made with the label', async () => {
    const client = createFakeClient(() => leaseNamed('keyturn-1-of-3', 'one'));
    await leasesOf(client).shards[1]?.write(record, undefined, signal);
    expect(client.bodies()[0]).toMatchObject({
      metadata: { name: 'keyturn-1-of-3', labels: { 'keyturn.dev/shards': '3' } },
    });
  });

  it('keep what others put on them, also when only the list has told of it', async () => {
    const ours = leaseNamed('keyturn-1-of-3', '', { labels: { team: 'blue' }, annotations: { note: 'x' } });
    const client = createFakeClient(({ verb }) => (verb === 'list' ? { items: [ours] } : ours));
    const leases = leasesOf(client);
    const { shards } = await leases.list(signal);
    await leases.shards[1]?.write(record, shards[1]?.resourceVersion, signal);
    expect(client.bodies()[1]).toMatchObject({
      metadata: { labels: { team: 'blue', 'keyturn.dev/shards': '3' }, annotations: { note: 'x' } },
    });
  });

  it('cannot be told from an API server that is away', async () => {
    const leases = leasesOf(createFakeClient(() => failure(503)));
    await expect(leases.list(signal)).rejects.toMatchObject({ name: 'ClusterUnavailable' });
  });
});
