/** Manifests in which every field that a person may set is set; a test proves that none is left out. */

const STORE_REF = { name: 'aws', kind: 'ClusterSecretStore' };
const GENERATOR_REF = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name: 'strong' };
const STRATEGIES = { conversionStrategy: 'Unicode', decodingStrategy: 'Base64URL', nullBytePolicy: 'Fail' };
const REMOTE_REF = {
  key: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/db-AbCdEf',
  property: 'user.name',
  version: 'uuid/00000000-0000-4000-8000-000000000001',
  metadataPolicy: 'Fetch',
  ...STRATEGIES,
};
const TEMPLATE_SOURCE = { name: 'templates', items: [{ key: 'app.conf', templateAs: 'KeysAndValues' }] };

export const FULL_EXTERNAL_SECRET = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'full', namespace: 'default' },
  spec: {
    secretStoreRef: STORE_REF,
    refreshPolicy: 'OnChange',
    refreshInterval: '30m0s',
    syncWindows: { kind: 'deny', windows: [{ schedule: '0 22 * * 1-5', duration: '8h' }] },
    target: {
      name: 'app',
      creationPolicy: 'CreateOrMerge',
      deletionPolicy: 'Merge',
      immutable: false,
      manifest: { apiVersion: 'v1', kind: 'ConfigMap' },
      template: {
        type: 'Opaque',
        engineVersion: 'v2',
        mergePolicy: 'Merge',
        metadata: { labels: { app: 'demo' }, annotations: { note: '{{ .user }}' }, finalizers: ['example.com/keep'] },
        data: { 'app.conf': 'user={{ .user }}' },
        templateFrom: [
          { configMap: TEMPLATE_SOURCE, target: 'Annotations', valuesDecodingStrategy: 'Auto' },
          { secret: TEMPLATE_SOURCE },
          { literal: '{{ .user }}: x', target: 'spec.anything' },
        ],
      },
    },
    data: [
      { secretKey: 'user', remoteRef: REMOTE_REF, sourceRef: { storeRef: STORE_REF } },
      { secretKey: 'other', remoteRef: { key: 'x' }, sourceRef: { generatorRef: GENERATOR_REF } },
    ],
    dataFrom: [
      { extract: REMOTE_REF, sourceRef: { storeRef: STORE_REF } },
      {
        find: { path: 'app/', name: { regexp: '^app/' }, tags: { team: 'blue' }, ...STRATEGIES },
        rewrite: [
          { regexp: { source: '^app/(.*)$', target: '$1' } },
          { transform: { template: '{{ .value | upper }}' } },
          {
            merge: {
              into: 'all',
              priority: ['B'],
              priorityPolicy: 'IgnoreNotFound',
              conflictPolicy: 'Ignore',
              strategy: 'JSON',
            },
          },
        ],
      },
      { sourceRef: { generatorRef: GENERATOR_REF } },
    ],
  },
};

const KEY_SELECTOR = { name: 'aws-keys', namespace: 'default', key: 'id' };

const FULL_STORE_SPEC = {
  controller: 'blue',
  provider: {
    aws: {
      service: 'SecretsManager',
      region: 'eu-central-1',
      role: 'arn:aws:iam::123456789012:role/read',
      additionalRoles: ['arn:aws:iam::123456789012:role/hop'],
      externalID: 'example',
      sessionTags: [{ key: 'team', value: 'blue' }],
      transitiveTagKeys: ['team'],
      sessionTagsPolicy: 'Custom',
      customSessionTags: { cluster: 'demo' },
      prefix: 'prod/',
      auth: {
        secretRef: {
          accessKeyIDSecretRef: KEY_SELECTOR,
          secretAccessKeySecretRef: KEY_SELECTOR,
          sessionTokenSecretRef: KEY_SELECTOR,
        },
        jwt: { serviceAccountRef: { name: 'app', namespace: 'default', audiences: ['sts.amazonaws.com'] } },
      },
      secretsManager: { forceDeleteWithoutRecovery: false, recoveryWindowInDays: 7 },
    },
  },
  retrySettings: { maxRetries: 5, retryInterval: '10s' },
  refreshInterval: '5m',
  conditions: [
    {
      namespaceSelector: {
        matchLabels: { team: 'blue' },
        matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }],
      },
      namespaces: ['default'],
      namespaceRegexes: ['^team-'],
    },
  ],
};

export const FULL_SECRET_STORE = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'SecretStore',
  metadata: { name: 'full', namespace: 'default' },
  spec: FULL_STORE_SPEC,
};

export const FULL_CLUSTER_SECRET_STORE = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ClusterSecretStore',
  metadata: { name: 'full' },
  spec: FULL_STORE_SPEC,
};

const SELECTOR = {
  matchLabels: { team: 'blue' },
  matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }],
};

export const FULL_CLUSTER_EXTERNAL_SECRET = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ClusterExternalSecret',
  metadata: { name: 'full' },
  spec: {
    externalSecretSpec: FULL_EXTERNAL_SECRET.spec,
    externalSecretName: 'app',
    externalSecretMetadata: { labels: { app: 'demo' }, annotations: { note: 'x' } },
    namespaceSelectors: [SELECTOR],
    namespaceSelector: SELECTOR,
    namespaces: ['default'],
    refreshTime: '30m',
  },
};
