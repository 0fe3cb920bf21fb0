import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createSecrets } from '../../../src/kube/secrets.ts';
import { createFakeClient } from './fake-client.ts';

const signal = new AbortController().signal;
const metadata = { namespace: 'team', name: 'db', uid: 'u-1', resourceVersion: '7' };
const target = { ...metadata, deleting: false, labels: {}, annotations: {}, controller: undefined, fieldOwners: [] };
const patch = { labels: {}, annotations: {}, controller: undefined, data: new Map(), removedDataKeys: [] };

/** The verbs that `deploy/rbac.yaml` gives for Secrets. */
async function granted(): Promise<readonly string[]> {
  const text = await readFile(new URL('../../../deploy/rbac.yaml', import.meta.url), 'utf8');
  const rules = parseAllDocuments(text).flatMap((document) => Object(document.toJS())['rules'] ?? []);
  const ofSecrets = rules.filter((rule: object) => Object(rule)['resources'].includes('secrets'));
  return ofSecrets.flatMap((rule: object) => Object(rule)['verbs']);
}

test('the verbs for Secrets are those that the code uses: list and watch, and what it does to single ones', async () => {
  const client = createFakeClient(() => ({ metadata }));
  const secrets = createSecrets(client);
  await secrets.create({ ...metadata, ...patch, type: 'Opaque' }, 'keyturn', signal);
  await secrets.patch(target, patch, 'keyturn', signal);
  await secrets.delete(target, signal);
  await secrets.dataKeys(metadata, signal);
  await secrets.read(metadata, signal);
  const used = new Set(['list', 'watch', ...client.requests.map(({ verb }) => verb)]);
  expect(new Set(await granted())).toEqual(used);
});
