import { describe, expect, it, test } from 'vitest';
import type { ClusterExternalSecret, ClusterExternalSecretSpec } from '../../../src/api/cluster-external-secret.ts';
import type { NamespacedObjectMeta, ObjectMeta } from '../../../src/api/object-meta.ts';
import {
  type PresentExternalSecret,
  planClusterExternalSecret,
  sameClusterStatus,
  statusOf,
  takenNamespaces,
} from '../../../src/domain/cluster-external-secret.ts';
import { InvalidSpec } from '../../../src/ports/errors.ts';
import type { NamespaceMetadata } from '../../../src/ports/external-secrets.ts';

const ES_SPEC = { secretStoreRef: { name: 'aws' }, data: [{ secretKey: 'p', remoteRef: { key: 'db' } }] };
const CONTROLLER = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterExternalSecret', name: 'ces', uid: 'ces-1' };

function object(
  spec: Partial<ClusterExternalSecretSpec> = {},
  metadata: Partial<ObjectMeta> = {},
): ClusterExternalSecret {
  return {
    kind: 'ClusterExternalSecret',
    metadata: { name: 'ces', uid: 'ces-1', resourceVersion: '1', ...metadata },
    spec: { externalSecretSpec: ES_SPEC, ...spec },
  };
}

function namespace(
  name: string,
  labels: Record<string, string> = {},
  more: Partial<NamespaceMetadata> = {},
): NamespaceMetadata {
  return { name, uid: `ns-${name}`, resourceVersion: '1', deleting: false, labels, finalizers: [], ...more };
}

const BLUE = namespace('blue', { team: 'blue', env: 'prod' });
const RED = namespace('red', { team: 'red', env: 'prod' });
const GREY = namespace('grey');
const ALL = { namespaceSelectors: [{}] };

function present(
  where: string,
  meta: Partial<NamespacedObjectMeta> = {},
  spec: PresentExternalSecret['spec'] = ES_SPEC,
): PresentExternalSecret {
  return {
    meta: { name: 'ces', namespace: where, uid: `es-${where}`, resourceVersion: '1', controller: CONTROLLER, ...meta },
    spec,
  };
}

function planned(
  about: ClusterExternalSecret,
  namespaces: readonly NamespaceMetadata[],
  there: readonly PresentExternalSecret[] = [],
) {
  return planClusterExternalSecret({
    object: about,
    namespaces,
    find: (where, name) => there.find(({ meta }) => meta.namespace === where && meta.name === name),
    owned: there.map(({ meta }) => meta).filter(({ controller }) => controller?.name === 'ces'),
  });
}

/** `operation namespace/name` */
function steps(...input: Parameters<typeof planned>): string[] {
  return planned(...input).steps.map((step) => {
    switch (step.kind) {
      case 'create':
      case 'update':
        return `${step.kind} ${step.wanted.namespace}/${step.wanted.name}`;
      case 'delete':
        return `delete ${step.present.namespace}/${step.present.name}`;
      default:
        return `${step.kind} ${step.namespace}`;
    }
  });
}

describe('the namespaces of a ClusterExternalSecret', () => {
  const selections: Readonly<Record<string, readonly [Partial<ClusterExternalSecretSpec>, readonly string[]]>> = {
    'are none without a selector': [{}, []],
    'are all with an empty selector': [ALL, ['blue', 'grey', 'red']],
    'are none with an empty list of selectors': [{ namespaceSelectors: [] }, []],
    'are those that one of the selectors matches': [
      { namespaceSelectors: [{ matchLabels: { team: 'blue' } }, { matchLabels: { team: 'red' } }] },
      ['blue', 'red'],
    ],
    'are those of the deprecated selector': [{ namespaceSelector: { matchLabels: { team: 'red' } } }, ['red']],
    'are all with an empty deprecated selector': [{ namespaceSelector: {} }, ['blue', 'grey', 'red']],
    'are those named, as far as they exist': [{ namespaces: ['grey', 'nowhere'] }, ['grey']],
    'are those of all three together': [
      {
        namespaceSelectors: [{ matchLabels: { team: 'blue' } }],
        namespaceSelector: { matchLabels: { team: 'red' } },
        namespaces: ['grey'],
      },
      ['blue', 'grey', 'red'],
    ],
  };
  test.each(Object.entries(selections))('%s', (_sentence, [spec, names]) => {
    expect(steps(object(spec), [RED, GREY, BLUE])).toEqual(names.map((name) => `create ${name}/ces`));
  });

  it('do not include one that is being deleted, in which nothing is touched either', () => {
    const leaving = namespace('leaving', {}, { deleting: true });
    expect(steps(object(ALL), [leaving])).toEqual([]);
    expect(steps(object(ALL), [leaving], [present('leaving')])).toEqual([]);
  });
});

describe('an ExternalSecret', () => {
  it('is made with spec, labels, annotations and owner', () => {
    const externalSecretMetadata = { labels: { app: 'shop' }, annotations: { note: 'x' } };
    const about = object(
      { namespaces: ['blue'], externalSecretName: 'db', externalSecretMetadata },
      { annotations: { 'external-secrets.io/force-sync': '7', other: 'stays here' } },
    );
    expect(planned(about, [BLUE]).steps).toEqual([
      {
        kind: 'create',
        wanted: {
          namespace: 'blue',
          name: 'db',
          labels: { app: 'shop' },
          annotations: { note: 'x', 'external-secrets.io/force-sync': '7' },
          controller: CONTROLLER,
          spec: ES_SPEC,
        },
      },
    ]);
  });

  const about = object({ namespaces: ['blue'], externalSecretMetadata: { labels: { app: 'shop' } } });
  const labelled = { labels: { app: 'shop' }, applied: { labels: ['app'], annotations: [] } };
  const cases: Readonly<Record<string, readonly [PresentExternalSecret, string]>> = {
    'stays when nothing differs': [present('blue', labelled), 'keep blue'],
    'stays when others put labels and annotations there': [
      present('blue', { ...labelled, labels: { app: 'shop', theirs: 'x' }, annotations: { theirs: 'x' } }),
      'keep blue',
    ],
    'is put right when a label has another value': [
      present('blue', { ...labelled, labels: { app: 'other' } }),
      'update blue/ces',
    ],
    'is put right when a label is missing': [present('blue'), 'update blue/ces'],
    'loses a label that is wanted no more': [
      present('blue', { labels: { app: 'shop', old: 'x' }, applied: { labels: ['app', 'old'], annotations: [] } }),
      'update blue/ces',
    ],
    'loses an annotation that is wanted no more': [
      present('blue', { labels: { app: 'shop' }, applied: { labels: ['app'], annotations: ['old'] } }),
      'update blue/ces',
    ],
    'is put right when its spec has another value': [
      present('blue', labelled, { ...ES_SPEC, refreshInterval: '1s' }),
      'update blue/ces',
    ],
    'is put right when its spec cannot be read': [
      { meta: present('blue', labelled).meta, spec: undefined },
      'update blue/ces',
    ],
    'is left alone when nobody controls it': [
      { meta: { name: 'ces', namespace: 'blue', uid: 'u', resourceVersion: '1' }, spec: ES_SPEC },
      'taken blue',
    ],
    'is left alone when another one controls it': [
      present('blue', { controller: { ...CONTROLLER, name: 'other', uid: 'ces-2' } }),
      'taken blue',
    ],
    'is left alone when an earlier object of this name controls it': [
      present('blue', { controller: { ...CONTROLLER, uid: 'ces-0' } }),
      'taken blue',
    ],
    'is left alone when an owner of another kind has the same uid': [
      present('blue', { controller: { ...CONTROLLER, kind: 'Application' } }),
      'taken blue',
    ],
  };
  test.each(Object.entries(cases))('%s', (_sentence, [there, step]) => {
    expect(steps(about, [BLUE], [there])).toEqual([step]);
  });

  it('goes when its namespace is selected no more', () => {
    expect(steps(object({ namespaces: ['red'] }), [BLUE, RED], [present('blue')])).toEqual([
      'delete blue/ces',
      'create red/ces',
    ]);
  });

  it('goes when it has an old name, whether its namespace is selected or not', () => {
    const renamed = object({ namespaces: ['red'], externalSecretName: 'new' });
    expect(steps(renamed, [BLUE, RED], [present('blue'), present('red')])).toEqual([
      'delete blue/ces',
      'delete red/ces',
      'create red/new',
    ]);
  });

  it('that is going already is not deleted again', () => {
    const going = present('blue', { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(steps(object(), [BLUE], [going])).toEqual([]);
  });

  it('of an earlier object of the same name is never deleted: the garbage collector does that', () => {
    expect(steps(object(), [BLUE], [present('blue', { controller: { ...CONTROLLER, uid: 'ces-0' } })])).toEqual([]);
  });
});

describe('refreshTime', () => {
  test.each([
    [undefined, 3_600_000],
    ['90s', 90_000],
    ['0s', undefined],
    ['-1m', undefined],
  ])('%s means the next look after %s ms', (refreshTime, refreshMs) => {
    const spec = refreshTime === undefined ? {} : { refreshTime };
    expect(planned(object(spec), []).refreshMs).toBe(refreshMs);
  });
});

describe('a spec that can never work', () => {
  test.each([
    ['a refreshTime that is none', { refreshTime: '1d' }, 'spec.refreshTime is not a duration'],
    ['an empty refreshTime', { refreshTime: '' }, 'spec.refreshTime is not a duration'],
    [
      'an operator that there is not',
      { namespaceSelectors: [{}, { matchExpressions: [{ key: 'a', operator: 'Like' }] }] },
      'spec.namespaceSelectors[1] has an operator other than',
    ],
    [
      'no values for In',
      { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      'spec.namespaceSelector has operator In without values',
    ],
  ])('is refused for %s', (_sentence, spec, message) => {
    expect(() => planned(object({ ...ALL, ...spec }), [BLUE], [present('blue')])).toThrow(InvalidSpec);
    expect(() => planned(object(spec), [])).toThrow(message);
  });
});

describe('the status', () => {
  const NONE = new Map<string, string>();

  it('lists namespaces in order, and is ready when none failed', () => {
    expect(statusOf('db', ['b', 'a'], NONE)).toEqual({
      externalSecretName: 'db',
      provisionedNamespaces: ['a', 'b'],
      failedNamespaces: null,
      conditions: [{ type: 'Ready', status: 'True' }],
    });
  });

  it('is ready where no namespace is selected', () => {
    expect(statusOf('db', [], NONE)).toMatchObject({ provisionedNamespaces: null, conditions: [{ status: 'True' }] });
  });

  it("has upstream's words for an ExternalSecret that is somebody else's", () => {
    const foreign = present('red', { controller: { ...CONTROLLER, uid: 'other' } });
    const plan = planned(object({ namespaces: ['red', 'blue'] }), [RED, BLUE], [foreign]);
    expect(statusOf('ces', ['blue'], takenNamespaces(plan))).toEqual({
      externalSecretName: 'ces',
      provisionedNamespaces: ['blue'],
      failedNamespaces: [{ namespace: 'red', reason: 'external secret already exists in namespace' }],
      conditions: [{ type: 'Ready', status: 'False', message: 'one or more namespaces failed' }],
    });
  });

  it('keeps a long reason short', () => {
    const [failed] = statusOf('db', [], new Map([['a', 'x'.repeat(10_000)]])).failedNamespaces ?? [];
    expect(failed?.reason).toHaveLength(400);
  });

  it('is the same where a field that is to be removed is not there', () => {
    const next = statusOf('db', ['a'], NONE);
    const stored = {
      externalSecretName: 'db',
      provisionedNamespaces: ['a'],
      conditions: [{ status: 'True', type: 'Ready' }],
    };
    expect(sameClusterStatus(stored, next)).toBe(true);
    expect(sameClusterStatus({ ...stored, failedNamespaces: [] }, next)).toBe(false);
    expect(sameClusterStatus({ ...stored, provisionedNamespaces: ['b'] }, next)).toBe(false);
    expect(sameClusterStatus(undefined, next)).toBe(false);
  });
});

test('an ExternalSecret that External Secrets Operator has made of it is as it should be', () => {
  const externalSecretSpec = { ...ES_SPEC, refreshInterval: '1h', target: { template: { data: { a: 'b' } } } };
  const theirs = { ...ES_SPEC, refreshInterval: '1h0m0s', target: { template: { data: { a: 'b' }, metadata: {} } } };
  expect(steps(object({ ...ALL, externalSecretSpec }), [BLUE], [present('blue', {}, theirs)])).toEqual(['keep blue']);
});
