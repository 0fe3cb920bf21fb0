import { expect, test } from 'vitest';
import type { KubeRequest } from '../../../src/kube/client.ts';
import { readOnly } from '../../../src/kube/read-only-client.ts';
import { inNamespace, namespacedObject, SECRETS, SERVICE_ACCOUNTS } from '../../../src/kube/resource-path.ts';
import { createFakeClient } from './fake-client.ts';

const { signal } = new AbortController();
const path = inNamespace(SECRETS, 'team');
const token = namespacedObject(SERVICE_ACCOUNTS, { namespace: 'team', name: 'app' }, 'token');
const account = namespacedObject(SERVICE_ACCOUNTS, { namespace: 'team', name: 'app' });
const WAYS = ['request', 'call', 'stream'] as const;

test.each(['get', 'list'] as const)('%s passes', async (verb) => {
  const client = createFakeClient(() => ({ items: [] }));
  expect(await readOnly(client).request({ verb, path, signal })).toEqual({ items: [] });
  expect(await readOnly(client).call({ verb, path, signal })).toMatchObject({ kind: 'ok' });
});

test('a request for a token passes, which creates nothing', async () => {
  const client = createFakeClient(() => ({ status: { token: 'x' } }));
  await readOnly(client).request({ verb: 'create', path: token, body: '{}', signal });
  expect(client.requests).toHaveLength(1);
});

test.each<[string, Pick<KubeRequest, 'verb' | 'path'>]>([
  ...(['watch', 'create', 'update', 'patch', 'delete'] as const).map(
    (verb): [string, Pick<KubeRequest, 'verb' | 'path'>] => [verb, { verb, path }],
  ),
  ['create of a ServiceAccount', { verb: 'create', path: account }],
  ['patch of a token', { verb: 'patch', path: token }],
])('%s is refused in every way before it is sent', async (_, request) => {
  const client = createFakeClient(() => ({}));
  for (const way of WAYS) {
    await expect(readOnly(client)[way]({ ...request, signal })).rejects.toThrow('this client only reads');
  }
  expect(client.requests).toEqual([]);
});
