import { describe, expect, it } from 'vitest';
import { createStatuses } from '../../../src/kube/statuses.ts';
import { createFakeClient, failure } from './fake-client.ts';

const signal = new AbortController().signal;
const resource = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', plural: 'externalsecrets' };
const db = { namespace: 'team', name: 'db', uid: 'u-1', resource };
const cluster = { namespace: '', name: 'aws', uid: 'u-2', resource: { ...resource, plural: 'clustersecretstores' } };

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** One object, patched as the API server does it: all operations or none. */
function createObject(uid: string, status?: Record<string, unknown>) {
  const object = { uid, status };
  const client = createFakeClient((request) => {
    const operations = JSON.parse(request.body ?? '[]') as Operation[];
    const next = operations.reduce<Record<string, unknown> | undefined | 'invalid'>(
      (present, operation) => (present === 'invalid' ? present : apply(object.uid, present, operation)),
      structuredClone(object.status),
    );
    if (next === 'invalid') {
      return failure(422, { reason: 'Invalid', message: 'the server rejected our request', details: {} });
    }
    object.status = next;
    return {};
  });
  return { object, client, statuses: createStatuses(client) };
}

function apply(uid: string, status: Record<string, unknown> | undefined, { op, path, value }: Operation) {
  if (op === 'test') {
    return (path === '/metadata/uid' ? uid === value : (status ?? null) === value) ? status : 'invalid';
  }
  if (path === '/status') {
    return value as Record<string, unknown>;
  }
  const field = path.slice('/status/'.length);
  if (status === undefined || (op === 'remove' && !(field in status))) {
    return 'invalid';
  }
  const { [field]: _old, ...rest } = status;
  return op === 'remove' ? rest : { ...rest, [field]: value };
}

describe('statuses', () => {
  it('are written whole where there is none, in one call', async () => {
    const { object, client, statuses } = createObject('u-1');
    await statuses.merge(db, { refreshTime: 'now', binding: null }, false, signal);
    expect(object.status).toEqual({ refreshTime: 'now' });
    expect(client.requests).toHaveLength(1);
    expect(client.requests[0]).toMatchObject({ verb: 'patch', contentType: 'application/json-patch+json' });
    expect(client.requests[0]?.path.url).toBe('/apis/external-secrets.io/v1/namespaces/team/externalsecrets/db/status');
  });

  it('are merged field by field into what is there, and in one call once that is known', async () => {
    const { object, client, statuses } = createObject('u-1', { refreshTime: 'old', kept: 1, gone: 2 });
    await statuses.merge(db, { refreshTime: 'now', gone: null, never: null }, false, signal);
    expect(object.status).toEqual({ refreshTime: 'now', kept: 1 });
    expect(client.requests).toHaveLength(2);
    await statuses.merge(db, { refreshTime: 'later' }, true, signal);
    expect(object.status).toEqual({ refreshTime: 'later', kept: 1 });
    expect(client.requests).toHaveLength(3);
  });

  it('are written again after somebody has removed them', async () => {
    const { object, statuses } = createObject('u-1');
    await statuses.merge(db, { refreshTime: 'now' }, false, signal);
    object.status = undefined;
    await statuses.merge(db, { refreshTime: 'later' }, true, signal);
    expect(object.status).toEqual({ refreshTime: 'later' });
  });

  it.each([
    ['without a status', undefined],
    ['with a status', { kept: 1 }],
  ])('of another object of the same name %s are left alone', async (_sentence, status) => {
    const { object, statuses } = createObject('u-9', status);
    await expect(statuses.merge(db, { refreshTime: 'now' }, false, signal)).rejects.toMatchObject({
      name: 'ClusterConflict',
    });
    expect(object.status).toEqual(status);
  });

  it('that the server finds invalid are rejected, not tried again', async () => {
    const causes = [{ field: 'status.conditions', reason: 'FieldValueInvalid' }];
    const client = createFakeClient(() => failure(422, { reason: 'Invalid', message: 'no list', details: { causes } }));
    await expect(createStatuses(client).merge(db, { conditions: 1 }, false, signal)).rejects.toMatchObject({
      name: 'ClusterRejected',
    });
    expect(client.requests).toHaveLength(1);
  });

  it('of cluster-scoped objects have a path without a namespace', async () => {
    const { client, statuses } = createObject('u-2');
    await statuses.merge(cluster, {}, false, signal);
    expect(client.requests[0]?.path.url).toBe('/apis/external-secrets.io/v1/clustersecretstores/aws/status');
  });

  it('leave finalizers to a patch of the object, held to its version', async () => {
    const client = createFakeClient(() => ({}));
    await createStatuses(client).setFinalizers(db, '7', ['other/one'], signal);
    expect(client.requests[0]?.path.url).toBe('/apis/external-secrets.io/v1/namespaces/team/externalsecrets/db');
    expect(client.bodies()).toEqual([{ metadata: { uid: 'u-1', resourceVersion: '7', finalizers: ['other/one'] } }]);
  });
});
