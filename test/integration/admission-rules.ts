/** What the admission policies refuse: for each rule an object that breaks it, and one that is as alike as can be. */

import { FULL_CLUSTER_EXTERNAL_SECRET } from '../unit/api/full-manifests.ts';
import type { Json } from './cluster-objects.ts';

const GROUP = '/apis/external-secrets.io/v1';
export const PATHS = {
  ExternalSecret: `${GROUP}/namespaces/default/externalsecrets`,
  SecretStore: `${GROUP}/namespaces/default/secretstores`,
  ClusterSecretStore: `${GROUP}/clustersecretstores`,
  ClusterExternalSecret: `${GROUP}/clusterexternalsecrets`,
} as const;
export type Kind = keyof typeof PATHS;

export const DATA = [{ secretKey: 'a', remoteRef: { key: 'db' } }];

export function awsStore(aws: Json, rest: Json = {}): Json {
  return { provider: { aws: { service: 'SecretsManager', region: 'eu-central-1', ...aws } }, ...rest };
}

export function withRegexes(...namespaceRegexes: string[]): Json {
  return awsStore({}, { conditions: [{ namespaces: ['a'] }, { namespaceRegexes }] });
}

interface Rule {
  readonly kind?: Kind;
  readonly refused: Json;
  readonly message: string;
  /** As alike as it can be and still be right. */
  readonly accepted: Json;
}

const target = (creationPolicy: string, deletionPolicy: string): Json => ({
  data: DATA,
  target: { creationPolicy, deletionPolicy },
});
const template = (parts: Json, more: Json = {}): Json => ({ data: DATA, target: { template: parts, ...more } });
const ACCOUNT_TOKEN = { type: 'kubernetes.io/service-account-token' };
const ACCOUNT_NAME = { 'kubernetes.io/service-account.name': 'admin' };
const literal = (where: string): Json => ({ literal: 'a: b', target: where });
const find = { name: { regexp: '^a' } };
const generatorRef = { kind: 'Password', name: 'strong' };
const twice = [...DATA, { secretKey: 'b', remoteRef: { key: 'db' } }, { secretKey: 'a', remoteRef: { key: 'x' } }];
export const inNamespace = (field: string, namespace: string): Json =>
  awsStore({ auth: { secretRef: { [field]: { name: 'keys', key: 'id', namespace } } } });
const inAccount = (namespace: string): Json =>
  awsStore({ auth: { jwt: { serviceAccountRef: { name: 'app', namespace } } } });
const OWN_NAMESPACE =
  'spec.provider.aws.auth of a SecretStore can only name its own namespace; leave namespace out, or use a ClusterSecretStore';
const NOT_YOURS = 'spec.target.deletionPolicy Delete does not go with creationPolicy Merge, CreateOrMerge or None: ';
const A_DAY = 'write one such as 1h30m, with the units h, m, s, ms (a day is 24h)';

export const RULES: Readonly<Record<string, Rule>> = {
  'neither data nor dataFrom': {
    refused: { secretStoreRef: { name: 'aws' } },
    message: 'spec.data and spec.dataFrom are both empty; at least one of them has to say what to fetch',
    accepted: { dataFrom: [{ extract: { key: 'db' } }] },
  },
  'empty data and dataFrom': {
    refused: { data: [], dataFrom: [] },
    message: 'spec.data and spec.dataFrom are both empty;',
    accepted: { data: DATA, dataFrom: [] },
  },
  'deletionPolicy Delete with creationPolicy Merge': {
    refused: target('Merge', 'Delete'),
    message: NOT_YOURS,
    accepted: target('Owner', 'Delete'),
  },
  'deletionPolicy Delete with creationPolicy None': {
    refused: target('None', 'Delete'),
    message: NOT_YOURS,
    accepted: target('Orphan', 'Delete'),
  },
  'deletionPolicy Delete with creationPolicy CreateOrMerge': {
    refused: target('CreateOrMerge', 'Delete'),
    message: `${NOT_YOURS}such a Secret is not this object's to delete; use Owner, or deletionPolicy Retain`,
    accepted: target('CreateOrMerge', 'Merge'),
  },
  'deletionPolicy Merge with creationPolicy None': {
    refused: target('None', 'Merge'),
    message: 'spec.target.deletionPolicy Merge does not go with creationPolicy None: there is no Secret whose keys',
    accepted: target('None', 'Retain'),
  },
  'a template for a bootstrap token': {
    refused: template({ type: 'bootstrap.kubernetes.io/token' }),
    message: 'spec.target.template.type bootstrap.kubernetes.io/token is not allowed;',
    accepted: template({ type: 'kubernetes.io/tls' }),
  },
  'a template for the token of a named ServiceAccount': {
    refused: template({ ...ACCOUNT_TOKEN, metadata: { annotations: ACCOUNT_NAME } }),
    message: 'spec.target.template.type kubernetes.io/service-account-token is not allowed with the annotation',
    accepted: template({ ...ACCOUNT_TOKEN, metadata: { annotations: { note: 'x' } } }),
  },
  'the annotation of that token in a template of another type': {
    refused: template({ ...ACCOUNT_TOKEN, metadata: { annotations: { ...ACCOUNT_NAME, note: 'x' } } }),
    message: 'kubernetes.io/service-account.name; Kubernetes would put a token of that ServiceAccount into the Secret',
    accepted: template({ type: 'Opaque', metadata: { annotations: ACCOUNT_NAME } }),
  },
  'a template for a token with annotations from elsewhere, whatever the case': {
    refused: template({ ...ACCOUNT_TOKEN, templateFrom: [literal('Data'), literal('aNNotations')] }),
    message: 'spec.target.template.type kubernetes.io/service-account-token is not allowed with a templateFrom whose',
    accepted: template({ ...ACCOUNT_TOKEN, templateFrom: [literal('Data'), literal('Labels')] }),
  },
  'a templateFrom whose target a Secret does not have': {
    refused: template({ templateFrom: [literal('spec.replicas')] }),
    message: 'spec.target.template.templateFrom[].target of a Secret is one of Data, Annotations, Labels',
    accepted: template({ templateFrom: [literal(''), literal('dATA'), literal('annotations'), literal('LABELS')] }),
  },
  'such a target where the manifest says Secret': {
    refused: template({ templateFrom: [literal('spec.x')] }, { manifest: { apiVersion: 'v1', kind: 'Secret' } }),
    message: 'spec.target.template.templateFrom[].target of a Secret is one of',
    accepted: template({ templateFrom: [literal('spec.x')] }, { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } }),
  },
  'find and extract in one entry': {
    refused: { dataFrom: [{ find, extract: { key: 'db' } }] },
    message: 'an entry of spec.dataFrom has at most one of find, extract and sourceRef.generatorRef',
    accepted: { dataFrom: [{ find }, { extract: { key: 'db' } }] },
  },
  'extract and a generator in one entry': {
    refused: { dataFrom: [{ extract: { key: 'db' }, sourceRef: { generatorRef } }] },
    message: 'an entry of spec.dataFrom has at most one of find, extract and sourceRef.generatorRef',
    accepted: { dataFrom: [{ extract: { key: 'db' }, sourceRef: { storeRef: { name: 'aws' } } }] },
  },
  'an entry of dataFrom that says nothing': {
    refused: { dataFrom: [{ rewrite: [{ transform: { template: 'x' } }] }] },
    message: 'an entry of spec.dataFrom needs one of find, extract and sourceRef',
    accepted: { dataFrom: [{ sourceRef: { storeRef: { name: 'aws' } } }] },
  },
  'a key twice, under deletionPolicy Retain': {
    refused: { data: twice },
    message: 'spec.data has secretKey "a" more than once',
    accepted: { ...target('Owner', 'Delete'), data: twice },
  },
  'a refreshInterval in days': {
    refused: { data: DATA, refreshInterval: '1d' },
    message: `spec.refreshInterval is not a duration; ${A_DAY}`,
    accepted: { data: DATA, refreshInterval: '1h30m0.5s' },
  },
  'a refreshInterval without a unit': {
    refused: { data: DATA, refreshInterval: '60' },
    message: 'spec.refreshInterval is not a duration',
    accepted: { data: DATA, refreshInterval: '0' },
  },
  'an empty refreshInterval': {
    refused: { data: DATA, refreshInterval: '' },
    message: 'spec.refreshInterval is not a duration',
    accepted: { data: DATA, refreshInterval: '-1m' },
  },
  'a refreshInterval with a space': {
    refused: { data: DATA, refreshInterval: '1h 30m' },
    message: 'spec.refreshInterval is not a duration',
    accepted: { data: DATA, refreshInterval: '.5h' },
  },
  'a window of a day': {
    refused: { data: DATA, syncWindows: { kind: 'allow', windows: [{ schedule: '@daily', duration: '1d' }] } },
    message: 'spec.syncWindows.windows[].duration is not a duration; write one such as 8h',
    accepted: { data: DATA, syncWindows: { kind: 'allow', windows: [{ schedule: '@daily', duration: '24h' }] } },
  },
  'a refreshTime in days': {
    kind: 'ClusterExternalSecret',
    refused: { ...FULL_CLUSTER_EXTERNAL_SECRET.spec, refreshTime: '1d' },
    message: `spec.refreshTime is not a duration; ${A_DAY}`,
    accepted: FULL_CLUSTER_EXTERNAL_SECRET.spec,
  },
  'a refreshInterval in days in a ClusterExternalSecret': {
    kind: 'ClusterExternalSecret',
    refused: { externalSecretSpec: { refreshInterval: '1d' } },
    message: `spec.externalSecretSpec.refreshInterval is not a duration; ${A_DAY}`,
    // Upstream checks nothing else of it here.
    accepted: { externalSecretSpec: {} },
  },
  'a window of a day in a ClusterExternalSecret': {
    kind: 'ClusterExternalSecret',
    refused: {
      externalSecretSpec: { syncWindows: { kind: 'deny', windows: [{ schedule: '@daily', duration: '1d' }] } },
    },
    message: 'spec.externalSecretSpec.syncWindows.windows[].duration is not a duration; write one such as 8h',
    accepted: {
      externalSecretSpec: { syncWindows: { kind: 'deny', windows: [{ schedule: '@daily', duration: '8h' }] } },
    },
  },
  'a store interval in days': {
    kind: 'SecretStore',
    refused: awsStore({}, { refreshInterval: '1d' }),
    message: 'spec.refreshInterval is neither seconds nor a duration, or below zero; write one such as 5m',
    accepted: awsStore({}, { refreshInterval: '5m' }),
  },
  'a store interval of seconds as a text': {
    kind: 'SecretStore',
    refused: awsStore({}, { refreshInterval: '300' }),
    message: 'spec.refreshInterval is neither seconds nor a duration, or below zero',
    accepted: awsStore({}, { refreshInterval: 300 }),
  },
  'a store interval below zero': {
    kind: 'ClusterSecretStore',
    refused: awsStore({}, { refreshInterval: -1 }),
    message: 'spec.refreshInterval is neither seconds nor a duration, or below zero',
    accepted: awsStore({}, { refreshInterval: 0 }),
  },
  'a store interval below zero as a text': {
    kind: 'ClusterSecretStore',
    refused: awsStore({}, { refreshInterval: '-5m' }),
    message: 'spec.refreshInterval is neither seconds nor a duration, or below zero',
    accepted: awsStore({}, { refreshInterval: '-0s' }),
  },
  'a retryInterval in days': {
    kind: 'SecretStore',
    refused: awsStore({}, { retrySettings: { retryInterval: '1d' } }),
    message: 'spec.retrySettings.retryInterval is not a duration; write one such as 10s, with the units h, m, s, ms',
    accepted: { provider: { vault: { server: 'x' } }, retrySettings: { retryInterval: '1d' } },
  },
  'a region that leads elsewhere': {
    kind: 'SecretStore',
    refused: awsStore({ region: 'noop.' }),
    message: 'spec.provider.aws.region is not the name of a region; write one such as eu-central-1',
    accepted: awsStore({ region: 'fips-us-gov-west-1' }),
  },
  'no region': {
    kind: 'ClusterSecretStore',
    refused: awsStore({ region: '' }),
    message: 'spec.provider.aws.region is not the name of a region',
    accepted: awsStore({ region: 'anything' }),
  },
  'a recovery window of six days': {
    kind: 'SecretStore',
    refused: awsStore({ secretsManager: { recoveryWindowInDays: 6 } }),
    message: 'spec.provider.aws.secretsManager.recoveryWindowInDays is from 7 to 30, or 0 for the default',
    accepted: awsStore({ secretsManager: { recoveryWindowInDays: 7 } }),
  },
  'a recovery window of thirty-one days': {
    kind: 'SecretStore',
    refused: awsStore({ secretsManager: { recoveryWindowInDays: 31 } }),
    message: 'spec.provider.aws.secretsManager.recoveryWindowInDays is from 7 to 30, or 0 for the default',
    accepted: awsStore({ secretsManager: { recoveryWindowInDays: 30 } }),
  },
  'a recovery window of what is deleted without recovery': {
    kind: 'ClusterSecretStore',
    refused: awsStore({ secretsManager: { recoveryWindowInDays: 7, forceDeleteWithoutRecovery: true } }),
    message: 'spec.provider.aws.secretsManager has both recoveryWindowInDays and forceDeleteWithoutRecovery;',
    accepted: awsStore({ secretsManager: { recoveryWindowInDays: 0, forceDeleteWithoutRecovery: true } }),
  },
  'an access key id of another namespace': {
    kind: 'SecretStore',
    refused: inNamespace('accessKeyIDSecretRef', 'other'),
    message: OWN_NAMESPACE,
    accepted: inNamespace('accessKeyIDSecretRef', 'default'),
  },
  'a secret access key of another namespace': {
    kind: 'SecretStore',
    refused: inNamespace('secretAccessKeySecretRef', 'other'),
    message: OWN_NAMESPACE,
    accepted: inNamespace('secretAccessKeySecretRef', 'default'),
  },
  'a session token of another namespace': {
    kind: 'SecretStore',
    refused: inNamespace('sessionTokenSecretRef', 'other'),
    message: OWN_NAMESPACE,
    accepted: inNamespace('sessionTokenSecretRef', 'default'),
  },
  'a ServiceAccount of another namespace': {
    kind: 'SecretStore',
    refused: inAccount('other'),
    message: OWN_NAMESPACE,
    accepted: inAccount('default'),
  },
  'a regular expression that is none': {
    kind: 'ClusterSecretStore',
    refused: withRegexes('^ok-', '[a'),
    message: 'everyNamespaceRegexIsOne" fails to evaluate: error parsing regexp: missing closing ]: `[a`',
    accepted: withRegexes('^ok-', '[a]'),
  },
  'a regular expression that only others know': {
    kind: 'SecretStore',
    refused: withRegexes('^(?=x)'),
    message: 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    accepted: withRegexes('^(?:x)'),
  },
};
