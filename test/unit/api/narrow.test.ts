import { describe, expect, it, test } from 'vitest';
import { narrowClusterExternalSecret, narrowExternalSecret, narrowStore } from '../../../src/api/narrow.ts';
import {
  FULL_CLUSTER_EXTERNAL_SECRET,
  FULL_CLUSTER_SECRET_STORE,
  FULL_EXTERNAL_SECRET,
  FULL_SECRET_STORE,
} from './full-manifests.ts';

const META = { name: 'app', namespace: 'team', uid: 'uid-1', resourceVersion: '7' };
const SECRET_TEXT = 'hunter2-not-a-real-secret';

/** As it comes over the wire: a field that is undefined is not there. */
function wire(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function externalSecret(spec: unknown, status?: unknown): unknown {
  return wire({ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: META, spec, status });
}

function awsStore(aws: object, rest: object = {}): unknown {
  return {
    metadata: META,
    spec: { provider: { aws: { service: 'SecretsManager', region: 'eu-central-1', ...aws } }, ...rest },
  };
}

function live(manifest: { metadata: object }): unknown {
  return { ...manifest, metadata: { ...manifest.metadata, uid: 'uid-1', resourceVersion: '7' } };
}

describe('a valid object', () => {
  test.each([
    ['an ExternalSecret with every field', narrowExternalSecret(live(FULL_EXTERNAL_SECRET))],
    ['an ExternalSecret with an empty spec', narrowExternalSecret(externalSecret({}))],
    ['an interval that is no duration', narrowExternalSecret(externalSecret({ refreshInterval: '1d' }))],
    ['a field nobody knows', narrowExternalSecret(externalSecret({ futureField: { a: 1 }, target: { later: true } }))],
    ['a SecretStore with every field', narrowStore('SecretStore', live(FULL_SECRET_STORE))],
    ['a ClusterSecretStore with every field', narrowStore('ClusterSecretStore', live(FULL_CLUSTER_SECRET_STORE))],
    ['a ClusterExternalSecret with every field', narrowClusterExternalSecret(live(FULL_CLUSTER_EXTERNAL_SECRET))],
    ['a store of another provider', narrowStore('SecretStore', { metadata: META, spec: { provider: { vault: {} } } })],
    ['a store interval in seconds', narrowStore('SecretStore', awsStore({}, { refreshInterval: 300 }))],
    ['a store interval as a duration', narrowStore('SecretStore', awsStore({}, { refreshInterval: '5m' }))],
  ])('%s', (_, narrowed) => {
    expect(narrowed).toMatchObject({ kind: 'valid' });
  });

  it('keeps spec and status as they came and of metadata what is read', () => {
    const status = { refreshTime: null, conditions: [{ type: 'Ready', status: 'True' }], binding: { name: 'app' } };
    const raw = {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: {
        ...META,
        generation: 3,
        labels: { a: 'b' },
        annotations: { c: 'd' },
        finalizers: ['externalsecrets.external-secrets.io/externalsecret-cleanup'],
        creationTimestamp: '2026-11-23T10:00:00Z',
        deletionTimestamp: '2026-11-23T11:00:00Z',
        managedFields: [{ manager: 'kubectl' }],
        ownerReferences: [{ kind: 'Application' }],
      },
      spec: { data: [{ secretKey: 'user', remoteRef: { key: 'app/db' } }] },
      status,
    };
    expect(narrowExternalSecret(raw)).toEqual({
      kind: 'valid',
      object: {
        kind: 'ExternalSecret',
        metadata: {
          ...META,
          generation: 3,
          labels: { a: 'b' },
          annotations: { c: 'd' },
          finalizers: ['externalsecrets.external-secrets.io/externalsecret-cleanup'],
          creationTimestamp: '2026-11-23T10:00:00Z',
          deletionTimestamp: '2026-11-23T11:00:00Z',
        },
        spec: { data: [{ secretKey: 'user', remoteRef: { key: 'app/db' } }] },
        status,
      },
    });
  });

  it('fills no default in', () => {
    const narrowed = narrowExternalSecret(externalSecret({ target: {} }));
    expect(narrowed).toEqual({
      kind: 'valid',
      object: { kind: 'ExternalSecret', metadata: META, spec: { target: {} } },
    });
  });

  test.each([
    ['a condition type of a later version', { conditions: [{ type: 'Rotating', status: 'True' }] }],
    ['a refresh time that is no time', { refreshTime: 'yesterday' }],
    ['a status that is no object', 'fine'],
    ['a status of null', null],
  ])('is not made invalid by its status: %s', (_, status) => {
    expect(narrowExternalSecret(externalSecret({}, status))).toEqual({
      kind: 'valid',
      object: { kind: 'ExternalSecret', metadata: META, spec: {} },
    });
  });

  it('says of a store which kind it is', () => {
    expect(narrowStore('ClusterSecretStore', awsStore({}))).toMatchObject({ object: { kind: 'ClusterSecretStore' } });
    expect(narrowStore('SecretStore', awsStore({}))).toMatchObject({ object: { kind: 'SecretStore' } });
  });
});

const data = (entry: object) => ({ data: [{ secretKey: 'ok', remoteRef: { key: 'k' } }, entry] });

const INVALID_EXTERNAL_SECRETS: readonly (readonly [problem: string, spec: unknown])[] = [
  ['spec is required', undefined],
  ['spec must be an object', null],
  ['spec must be an object', []],
  ['spec.data must be a list', { data: {} }],
  ['spec.data[1].remoteRef is required', data({ secretKey: 'user' })],
  ['spec.data[1].remoteRef.key is required', data({ secretKey: 'user', remoteRef: { property: SECRET_TEXT } })],
  ['spec.data[1].remoteRef.key must be a string', data({ secretKey: 'user', remoteRef: { key: 5 } })],
  [
    'spec.data[1].secretKey must be a Secret key (letters, digits, "-", "_" and ".")',
    data({ secretKey: SECRET_TEXT.replace('-', '/'), remoteRef: { key: 'k' } }),
  ],
  [
    'spec.data[1].secretKey must have at most 253 characters',
    data({ secretKey: 'a'.repeat(254), remoteRef: { key: 'k' } }),
  ],
  [
    'spec.data[1].sourceRef must have at least 1 field',
    data({ secretKey: 'user', remoteRef: { key: 'k' }, sourceRef: {} }),
  ],
  [
    'spec.data[1].remoteRef.decodingStrategy must be one of Auto, Base64, Base64URL, None',
    data({ secretKey: 'user', remoteRef: { key: 'k', decodingStrategy: SECRET_TEXT } }),
  ],
  [
    'spec.target.creationPolicy must be one of Owner, Orphan, Merge, None, CreateOrMerge',
    { target: { creationPolicy: SECRET_TEXT } },
  ],
  ['spec.target.name must not be empty', { target: { name: '' } }],
  [
    'spec.target.name must be a lower-case resource name (letters, digits, "-" and ".")',
    { target: { name: SECRET_TEXT.toUpperCase() } },
  ],
  ['spec.target.immutable must be true or false', { target: { immutable: SECRET_TEXT } }],
  ['spec.target.template.data["tls.crt"] must be a string', { target: { template: { data: { 'tls.crt': 5 } } } }],
  ['spec.target.template.data["0"] must be a string', { target: { template: { data: { 0: 5 } } } }],
  ['spec.target.template.data["a/~b"] must be a string', { target: { template: { data: { 'a/~b': 5 } } } }],
  [
    `spec.target.template.data["${'-'.repeat(64)}..."] must be a string`,
    { target: { template: { data: { ['-'.repeat(500)]: 5 } } } },
  ],
  [
    'spec.dataFrom[0].rewrite[0] must have at most 1 field',
    { dataFrom: [{ rewrite: [{ regexp: { source: 'a', target: 'b' }, transform: { template: 'c' } }] }] },
  ],
  ['spec.syncWindows.windows must have at least 1 entry', { syncWindows: { kind: 'allow', windows: [] } }],
  ['spec.refreshInterval must be a string', { refreshInterval: 60 }],
  [
    'spec.syncWindows.windows[0].schedule must be a cron schedule of five fields, a shorthand such as @daily, or @every and a duration',
    { syncWindows: { kind: 'deny', windows: [{ schedule: SECRET_TEXT, duration: '1h' }] } },
  ],
];

describe('an invalid ExternalSecret is known by its metadata, and the problem says:', () => {
  test.each(INVALID_EXTERNAL_SECRETS)('%s', (problem, spec) => {
    const narrowed = narrowExternalSecret(externalSecret(spec));
    expect(narrowed).toEqual({ kind: 'invalid', meta: META, problem });
    expect(JSON.stringify(narrowed)).not.toMatch(/hunter2/i);
  });
});

const INVALID_STORES: readonly (readonly [problem: string, raw: unknown])[] = [
  ['spec is required', { metadata: META }],
  ['spec.provider is required', { metadata: META, spec: {} }],
  ['spec.provider must have at least 1 field', { metadata: META, spec: { provider: {} } }],
  ['spec.provider must have at most 1 field', { metadata: META, spec: { provider: { vault: {}, fake: {} } } }],
  [
    'spec.provider.aws.region is required',
    { metadata: META, spec: { provider: { aws: { service: 'SecretsManager' } } } },
  ],
  [
    'spec.provider.aws.service must be one of SecretsManager, ParameterStore, CertificateManager',
    awsStore({ service: SECRET_TEXT }),
  ],
  [
    'spec.provider.aws.auth.secretRef.accessKeyIDSecretRef.namespace must be a namespace name (lower-case letters, digits and "-")',
    awsStore({ auth: { secretRef: { accessKeyIDSecretRef: { namespace: 'A.b' } } } }),
  ],
  ['spec.retrySettings.maxRetries must be a whole number', awsStore({}, { retrySettings: { maxRetries: 1.5 } })],
  ['spec.refreshInterval must be a whole number or a string', awsStore({}, { refreshInterval: true })],
];

describe('a huge object that no CRD would let through', () => {
  test.each([
    [
      'a schedule',
      { syncWindows: { kind: 'deny', windows: [{ schedule: `@every ${'a'.repeat(1e6)}\n`, duration: '1h' }] } },
    ],
    ['a resource name', { target: { name: `${'a-.'.repeat(3e5)}!` } }],
    ['a key', data({ secretKey: `${'a'.repeat(1e6)} `, remoteRef: { key: 'k' } })],
  ])(
    'is refused in a moment for %s',
    (_, spec) => {
      expect(narrowExternalSecret(externalSecret(spec))).toMatchObject({ kind: 'invalid' });
    },
    2_000,
  );
});

describe('an invalid store is known by its metadata, and the problem says:', () => {
  test.each(INVALID_STORES)('%s', (problem, raw) => {
    expect(narrowStore('SecretStore', raw)).toEqual({ kind: 'invalid', meta: META, problem });
    expect(narrowStore('ClusterSecretStore', raw)).toEqual({ kind: 'invalid', meta: META, problem });
  });
});

const UNREADABLE: readonly (readonly [problem: string, raw: unknown])[] = [
  ['the object is not a JSON object', undefined],
  ['the object is not a JSON object', 'text'],
  ['the object is not a JSON object', []],
  ['metadata is required', {}],
  ['metadata must be an object', { metadata: null }],
  ['metadata.name is required', wire({ metadata: { ...META, name: undefined } })],
  ['metadata.uid must not be empty', { metadata: { ...META, uid: '' } }],
  ['metadata.resourceVersion must be a string', { metadata: { ...META, resourceVersion: 7 } }],
  ['metadata.labels.team must be a string', { metadata: { ...META, labels: { team: 1 } } }],
];

describe('an object without usable metadata is unreadable, and the problem says:', () => {
  test.each(UNREADABLE)('%s', (problem, raw) => {
    expect(narrowExternalSecret(raw)).toEqual({ kind: 'unreadable', problem });
    expect(narrowStore('SecretStore', raw)).toEqual({ kind: 'unreadable', problem });
    expect(narrowStore('ClusterSecretStore', raw)).toEqual({ kind: 'unreadable', problem });
  });

  it('needs a namespace for all but a ClusterSecretStore', () => {
    const { namespace: _, ...meta } = META;
    const store = {
      metadata: meta,
      spec: { provider: { aws: { service: 'SecretsManager', region: 'eu-central-1' } } },
    };
    expect(narrowStore('SecretStore', store)).toEqual({
      kind: 'unreadable',
      problem: 'metadata.namespace is required',
    });
    expect(narrowExternalSecret({ metadata: meta, spec: {} })).toEqual({
      kind: 'unreadable',
      problem: 'metadata.namespace is required',
    });
    expect(narrowStore('ClusterSecretStore', store)).toMatchObject({ kind: 'valid', object: { metadata: meta } });
  });
});

describe('the ExternalSecret of a ClusterExternalSecret', () => {
  const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterExternalSecret', name: 'ces', uid: 'u' };
  const applied = (manager: string, rest: object, labels: readonly string[]) => ({
    manager,
    operation: 'Apply',
    ...rest,
    fieldsV1: {
      'f:metadata': {
        'f:labels': Object.fromEntries(labels.map((label) => [`f:${label}`, {}])),
        'f:annotations': { '.': {}, 'f:note': {} },
      },
    },
  });

  function metadataOf(more: object): unknown {
    const narrowed = narrowExternalSecret(wire({ metadata: { ...META, ...more }, spec: {} }));
    return narrowed.kind === 'valid' ? narrowed.object.metadata : narrowed;
  }

  it('is known by its controller, with the labels and annotations that were applied for it', () => {
    const managedFields = [
      applied('keyturn-cluster-external-secret', {}, ['app']),
      applied('keyturn-cluster-external-secret', { subresource: 'status' }, ['elsewhere']),
      applied('keyturn-cluster-external-secret', { operation: 'Update' }, ['updated']),
      applied('kubectl', {}, ['theirs']),
    ];
    const others = { ...owner, kind: 'Application', uid: 'v' };
    expect(metadataOf({ ownerReferences: [others, { ...owner, controller: true }], managedFields })).toEqual({
      ...META,
      controller: owner,
      applied: { labels: ['app'], annotations: ['note'] },
    });
  });

  test.each([
    ['an owner that is not the controller', { ownerReferences: [owner] }],
    ['owners that are no list', { ownerReferences: 'x' }],
    ['owners of another form', { ownerReferences: [null, { controller: true }, 1] }],
  ])('is none with %s', (_sentence, more) => {
    expect(metadataOf(more)).toEqual(META);
  });

  test.each([
    ['no managedFields', {}, undefined],
    ['managedFields of another form', { managedFields: { a: 1 } }, { labels: [], annotations: [] }],
    ['entries of another form', { managedFields: [null, 1, { fieldsV1: 'x' }] }, { labels: [], annotations: [] }],
  ])('has nothing applied with %s', (_sentence, more, nothing) => {
    const metadata = metadataOf({ ownerReferences: [{ ...owner, controller: true }], ...more });
    expect(metadata).toEqual({ ...META, controller: owner, ...(nothing === undefined ? {} : { applied: nothing }) });
  });
});

describe('a ClusterExternalSecret that is not of the expected form', () => {
  test.each([
    ['no spec', {}, 'spec'],
    [
      'a selector that is a text',
      { spec: { externalSecretSpec: {}, namespaceSelectors: ['x'] } },
      'namespaceSelectors',
    ],
    ['an ExternalSecret that is none', { spec: { externalSecretSpec: { data: 'x' } } }, 'externalSecretSpec.data'],
  ])('is told with %s', (_sentence, parts, field) => {
    const narrowed = narrowClusterExternalSecret({ metadata: META, ...parts });
    expect(narrowed).toMatchObject({ kind: 'invalid', problem: expect.stringContaining(field) });
  });

  it('loses a status that nobody knows', () => {
    const raw = { metadata: META, spec: { externalSecretSpec: {} }, status: { conditions: 'fine' } };
    expect(narrowClusterExternalSecret(raw)).toMatchObject({ kind: 'valid' });
    expect(narrowClusterExternalSecret(raw)).not.toHaveProperty('object.status');
  });
});
