import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createSecretConsumptions } from '../../../src/kube/secret-consumptions.ts';
import { createStatuses } from '../../../src/kube/statuses.ts';
import { createWorkloads } from '../../../src/kube/workloads.ts';
import { WORKLOAD_KINDS } from '../../../src/ports/workloads.ts';
import { workload } from '../domain/workloads.ts';
import { createFakeClient } from './fake-client.ts';

const signal = new AbortController().signal;
const metadata = { namespace: 'team', name: 'db', uid: 'u-1', resourceVersion: '7' };

/** `group/resource: verbs` of a file in deploy/. */
async function granted(file: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../../deploy/${file}`, import.meta.url), 'utf8');
  const rules = parseAllDocuments(text).flatMap((document) => Object(document.toJS())['rules'] ?? []);
  return rules
    .flatMap((rule: object) => {
      const { apiGroups, resources, verbs } = Object(rule);
      return resources.map((resource: string) => `${apiGroups[0]}/${resource}: ${verbs.toSorted().join()}`);
    })
    .sort();
}

/** The same of what was asked of the API server. */
function used(
  requests: ReturnType<typeof createFakeClient>['requests'],
  watched: readonly string[],
): readonly string[] {
  const verbs = new Map(watched.map((resource) => [resource, new Set(['list', 'watch'])]));
  for (const { verb, path } of requests) {
    const resource = `${path.group}/${path.resource}`;
    verbs.set(resource, (verbs.get(resource) ?? new Set()).add(verb));
  }
  return Array.from(verbs, ([resource, each]) => `${resource}: ${[...each].sort().join()}`).sort();
}

test('the rights for rollouts are those that the code uses', async () => {
  const client = createFakeClient(() => ({ metadata, items: [] }));
  const workloads = createWorkloads({ client, namespaces: [] });
  for (const kind of WORKLOAD_KINDS) await workloads.trigger(workload('api', { kind }), {}, signal);
  await workloads.pods('team', signal);
  await workloads.probe(signal);
  const watched = ['apps/deployments', 'apps/statefulsets', 'apps/daemonsets', 'argoproj.io/rollouts'];
  expect(await granted('rollouts-rbac.yaml')).toEqual(used(client.requests, watched));
});

test('the rights for consumption are those that the code uses', async () => {
  const client = createFakeClient(() => ({ metadata, items: [] }));
  const consumptions = createSecretConsumptions({ client, statuses: createStatuses(client), namespaces: [] });
  const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'db', uid: 'u-2' };
  await consumptions.create(metadata, owner, signal);
  await consumptions.write(metadata, 'u-1', {}, true, signal);
  await consumptions.delete(metadata, 'u-1', signal);
  await consumptions.probe(['pods', 'consumptions'], signal);
  expect(await granted('consumption-rbac.yaml')).toEqual(
    used(client.requests, ['/pods', 'keyturn.dev/secretconsumptions']),
  );
});
