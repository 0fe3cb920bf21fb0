import { describe, expect, test } from 'vitest';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { createListedView } from '../../../src/kube/listed-view.ts';
import { asText, at } from '../../../src/kube/narrow.ts';
import { SECRETS } from '../../../src/kube/resource-path.ts';
import type { WatchSource } from '../../../src/kube/watched-view.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createRecordingMetrics } from '../recording-metrics.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { createFakeClient, failure } from './fake-client.ts';

const { signal } = new AbortController();

function page(names: readonly string[], next = ''): object {
  const items = names.map((name) => ({ metadata: { namespace: 'team', name, resourceVersion: '1' } }));
  return { metadata: { resourceVersion: '9', ...(next === '' ? {} : { continue: next }) }, items };
}

function viewOf(answer: (request: KubeRequest) => unknown, source: Partial<WatchSource> = {}) {
  const client = createFakeClient(answer);
  const view = createListedView({
    client,
    clock: createVirtualClock(),
    log: createRecordingLog(),
    metrics: createRecordingMetrics(),
    source: { resource: SECRETS, ...source } as WatchSource,
    project: (raw) => ({ name: asText(at(raw, 'metadata', 'name')) }),
  });
  return { view, requests: client.requests };
}

describe('a view that is listed once', () => {
  test('has what all pages have, and asked for nothing but lists', async () => {
    const { view, requests } = viewOf(({ query }) =>
      query?.['continue'] === 'b' ? page(['two']) : page(['one'], 'b'),
    );
    expect(view.view.synced).toBe(false);
    await view.run(signal);
    expect(view.view.synced).toBe(true);
    expect([...view.view.keys()]).toEqual(['team/one', 'team/two']);
    expect(requests.map(({ verb, query }) => [verb, query?.['limit'], query?.['continue']])).toEqual([
      ['list', '500', undefined],
      ['list', '500', 'b'],
    ]);
  });

  test('asks for metadata alone, and by the selector, where that is enough', async () => {
    const { view, requests } = viewOf(() => page([]), { metadataOnly: true, fieldSelector: 'type!=x' });
    await view.run(signal);
    expect(requests[0]).toMatchObject({ query: { fieldSelector: 'type!=x' } });
    expect(requests[0]?.accept).toContain('as=PartialObjectMetadataList');
  });

  test('begins anew when the API server has forgotten where it was, and mixes nothing', async () => {
    let lists = 0;
    const { view } = viewOf(({ query }) => {
      if (query?.['continue'] !== undefined) return lists === 1 ? failure(410) : page(['new-2']);
      lists += 1;
      return lists === 1 ? page(['old-1'], 'b') : page(['new-1'], 'b');
    });
    await view.run(signal);
    expect([...view.view.keys()]).toEqual(['team/new-1', 'team/new-2']);
  });

  test('gives up when that happens again and again', async () => {
    const { view } = viewOf(({ query }) => (query?.['continue'] === undefined ? page(['a'], 'b') : failure(410)));
    await expect(view.run(signal)).rejects.toThrow('could not be read to its end');
    expect(view.view.synced).toBe(false);
  });

  test.each([
    ['a refusal', 403, { reason: 'Forbidden' }, 'ClusterRejected'],
    ['a kind that is not served', 404, {}, 'ClusterNotFound'],
    ['an outage', 503, {}, 'ClusterUnavailable'],
  ])('%s is told', async (_, status, body, name) => {
    const { view } = viewOf(() => failure(status, body));
    await expect(view.run(signal)).rejects.toMatchObject({ name });
  });

  test('of a kind that may be absent there is nothing', async () => {
    const { view } = viewOf(() => failure(404), { absentIsEmpty: true });
    await view.run(signal);
    expect(view.view.synced).toBe(true);
    expect([...view.view.keys()]).toEqual([]);
  });

  test('what is no list is told', async () => {
    const { view } = viewOf(() => ({ items: [{}] }));
    await expect(view.run(signal)).rejects.toThrow('not a list');
  });
});
