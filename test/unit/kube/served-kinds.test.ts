import { describe, expect, test } from 'vitest';
import { createServedKinds } from '../../../src/kube/served-kinds.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { createFakeClient, failure } from './fake-client.ts';

const signal = new AbortController().signal;
const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'watch'];

function resource(name: string, kind: string, more: object = {}): object {
  return { name, singularName: '', namespaced: true, kind, verbs: VERBS, ...more };
}

/** An API server that serves what it is told to. */
function started() {
  const served = new Map<string, object[]>([['/apis/example.com/v1', [resource('appconfigs', 'AppConfig')]]]);
  const client = createFakeClient(({ path }) => {
    const resources = served.get(path.url);
    return resources === undefined ? failure(404) : { kind: 'APIResourceList', resources };
  });
  const clock = createVirtualClock();
  return { served, client, clock, kinds: createServedKinds(client, clock) };
}

describe('a kind', () => {
  test('is found among those of its version, and not by its subresources', async () => {
    const { served, client, kinds } = started();
    served.set('/api/v1', [
      resource('pods/eviction', 'Eviction'),
      resource('configmaps', 'ConfigMap'),
      resource('namespaces', 'Namespace', { namespaced: false }),
    ]);
    expect(await kinds.find('v1', 'ConfigMap', signal)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      plural: 'configmaps',
      isNamespaced: true,
      verbs: VERBS,
    });
    expect(await kinds.find('v1', 'Namespace', signal)).toMatchObject({ isNamespaced: false });
    await expect(kinds.find('v1', 'Eviction', signal)).rejects.toMatchObject({ name: 'ClusterNotFound' });
    expect(client.requests.length).toBe(1);
  });

  test('that is not served is told, and may be served later', async () => {
    const { served, client, clock, kinds } = started();
    const message =
      'The API server serves no kind "Other" in "example.com/v1"; install its CustomResourceDefinition, or correct spec.target.manifest.';
    await expect(kinds.find('example.com/v1', 'Other', signal)).rejects.toMatchObject({
      name: 'ClusterNotFound',
      message,
    });
    served.get('/apis/example.com/v1')?.push(resource('others', 'Other'));
    await expect(kinds.find('example.com/v1', 'Other', signal)).rejects.toMatchObject({ message });
    expect(client.requests.length).toBe(1);
    await clock.advance(1_000);
    expect(await kinds.find('example.com/v1', 'Other', signal)).toMatchObject({ plural: 'others' });
  });

  test('of a version that is not served is told, and may be served later', async () => {
    const { served, clock, kinds } = started();
    await expect(kinds.find('new.example.com/v1', 'New', signal)).rejects.toMatchObject({ name: 'ClusterNotFound' });
    served.set('/apis/new.example.com/v1', [resource('news', 'New')]);
    await clock.advance(1_000);
    expect(await kinds.find('new.example.com/v1', 'New', signal)).toMatchObject({ plural: 'news' });
  });

  test('is asked for once in ten minutes', async () => {
    const { client, clock, kinds } = started();
    await kinds.find('example.com/v1', 'AppConfig', signal);
    await clock.advance(599_999);
    await kinds.find('example.com/v1', 'AppConfig', signal);
    expect(client.requests.length).toBe(1);
    await clock.advance(1);
    await kinds.find('example.com/v1', 'AppConfig', signal);
    expect(client.requests.length).toBe(2);
  });

  test('is asked for once by all who want it at the same time', async () => {
    const { client, kinds } = started();
    await Promise.all(Array.from({ length: 5 }, () => kinds.find('example.com/v1', 'AppConfig', signal)));
    expect(client.requests.length).toBe(1);
  });

  test('is asked for anew when what was known was wrong', async () => {
    const { client, kinds } = started();
    await kinds.find('example.com/v1', 'AppConfig', signal);
    kinds.forget('example.com/v1');
    await kinds.find('example.com/v1', 'AppConfig', signal);
    expect(client.requests.length).toBe(2);
  });
});

test('of many versions the oldest are forgotten', async () => {
  const { served, client, kinds } = started();
  for (let index = 0; index <= 100; index += 1) {
    served.set(`/apis/g${index}.example.com/v1`, [resource('xs', 'X')]);
    await kinds.find(`g${index}.example.com/v1`, 'X', signal);
  }
  await kinds.find('g100.example.com/v1', 'X', signal);
  expect(client.requests.length).toBe(101);
  await kinds.find('g0.example.com/v1', 'X', signal);
  expect(client.requests.length).toBe(102);
});

test('who gives up waits no longer, and the others get the answer', async () => {
  const { promise, resolve } = Promise.withResolvers<object>();
  const client = createFakeClient(() => promise);
  const kinds = createServedKinds(client, createVirtualClock());
  const ending = new AbortController();
  const given = kinds.find('v1', 'ConfigMap', ending.signal);
  const other = kinds.find('v1', 'ConfigMap', signal);
  ending.abort(new Error('given up'));
  await expect(given).rejects.toThrow('given up');
  resolve({ resources: [resource('configmaps', 'ConfigMap')] });
  expect(await other).toMatchObject({ plural: 'configmaps' });
});

test.each(['v1/../../apis/apps/v1', '../v1', 'a/b/c', 'v1?x', 'v1%2F', '', 'V1'])(
  '%j leads nowhere',
  async (apiVersion) => {
    const { client, kinds } = started();
    await expect(kinds.find(apiVersion, 'X', signal)).rejects.toMatchObject({ name: 'ClusterRejected' });
    expect(client.requests).toEqual([]);
  },
);

test('a failure of the API server is no answer, and not kept', async () => {
  let isUp = false;
  const client = createFakeClient(() => (isUp ? { resources: [resource('configmaps', 'ConfigMap')] } : failure(503)));
  const kinds = createServedKinds(client, createVirtualClock());
  await expect(kinds.find('v1', 'ConfigMap', signal)).rejects.toMatchObject({ name: 'ClusterUnavailable' });
  isUp = true;
  expect(await kinds.find('v1', 'ConfigMap', signal)).toMatchObject({ plural: 'configmaps' });
});
