import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { renderCrds } from '../../../scripts/generate/crds.ts';
import {
  FULL_CLUSTER_EXTERNAL_SECRET,
  FULL_CLUSTER_SECRET_STORE,
  FULL_EXTERNAL_SECRET,
  FULL_SECRET_STORE,
} from './full-manifests.ts';
import { CRDS, crdOf, nodeAt, nodesOf, rootOf, type SchemaNode } from './schema-node.ts';

const KINDS = ['ExternalSecret', 'SecretStore', 'ClusterSecretStore', 'ClusterExternalSecret'];
const RESOURCE_NAME = {
  minLength: 1,
  maxLength: 253,
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
};
const NAMESPACE = { minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' };
const SECRET_KEY = { minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$' };

describe('the files in crds/', () => {
  test.each([...renderCrds()])('%s is what the schemas say now', async (file, content) => {
    expect(await readFile(join(import.meta.dirname, '../../../crds', file), 'utf8')).toBe(content);
  });

  it('say the same as the definitions, whatever YAML made of them', () => {
    expect([...renderCrds().values()].map((content) => parse(content))).toEqual(JSON.parse(JSON.stringify(CRDS)));
  });
});

describe('names and views', () => {
  test.each([
    ['ExternalSecret', 'externalsecrets', 'externalsecret', 'es', 'Namespaced'],
    ['SecretStore', 'secretstores', 'secretstore', 'ss', 'Namespaced'],
    ['ClusterSecretStore', 'clustersecretstores', 'clustersecretstore', 'css', 'Cluster'],
    ['ClusterExternalSecret', 'clusterexternalsecrets', 'clusterexternalsecret', 'ces', 'Cluster'],
  ])('%s is served under the names that manifests and people use', (kind, plural, singular, shortName, scope) => {
    const crd = crdOf(kind);
    expect(crd.metadata).toEqual({
      name: `${plural}.external-secrets.io`,
      labels: { 'external-secrets.io/component': 'controller' },
    });
    expect(crd.spec).toMatchObject({
      group: 'external-secrets.io',
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [shortName],
        categories: ['external-secrets'],
      },
      conversion: { strategy: 'None' },
    });
  });

  it('ExternalSecret has the columns of upstream, in that order', () => {
    expect(columns('ExternalSecret')).toEqual([
      ['StoreType', 'string', '.spec.secretStoreRef.kind'],
      ['Store', 'string', '.spec.secretStoreRef.name'],
      ['Refresh Interval', 'string', '.spec.refreshInterval'],
      ['Status', 'string', '.status.conditions[?(@.type=="Ready")].reason'],
      ['Ready', 'string', '.status.conditions[?(@.type=="Ready")].status'],
      ['Last Sync', 'date', '.status.refreshTime'],
    ]);
  });

  test.each(['SecretStore', 'ClusterSecretStore'])('%s has the columns of upstream, in that order', (kind) => {
    expect(columns(kind)).toEqual([
      ['AGE', 'date', '.metadata.creationTimestamp'],
      ['Status', 'string', '.status.conditions[?(@.type=="Ready")].reason'],
      ['Capabilities', 'string', '.status.capabilities'],
      ['Ready', 'string', '.status.conditions[?(@.type=="Ready")].status'],
    ]);
  });

  it('only ExternalSecrets can be selected by fields', () => {
    expect(KINDS.map((kind) => crdOf(kind).spec.versions[0]?.selectableFields?.map((field) => field.jsonPath))).toEqual(
      [
        ['.spec.secretStoreRef.name', '.spec.secretStoreRef.kind', '.spec.target.name', '.spec.refreshInterval'],
        undefined,
        undefined,
        undefined,
      ],
    );
  });
});

describe('defaults', () => {
  it('of an ExternalSecret are those of upstream and no others', () => {
    expect(defaults('ExternalSecret')).toEqual({
      'spec.target': { creationPolicy: 'Owner', deletionPolicy: 'Retain' },
      'spec.target.creationPolicy': 'Owner',
      'spec.target.deletionPolicy': 'Retain',
      'spec.target.template.engineVersion': 'v2',
      'spec.target.template.mergePolicy': 'Replace',
      'spec.target.template.templateFrom[].target': 'Data',
      'spec.target.template.templateFrom[].configMap.items[].templateAs': 'Values',
      'spec.target.template.templateFrom[].secret.items[].templateAs': 'Values',
      'spec.refreshInterval': '1h0m0s',
      'spec.data[].sourceRef.generatorRef.apiVersion': 'generators.external-secrets.io/v1alpha1',
      'spec.dataFrom[].sourceRef.generatorRef.apiVersion': 'generators.external-secrets.io/v1alpha1',
      'spec.dataFrom[].rewrite[].merge.into': '',
      'spec.dataFrom[].rewrite[].merge.priorityPolicy': 'Strict',
      'spec.dataFrom[].rewrite[].merge.conflictPolicy': 'Error',
      'spec.dataFrom[].rewrite[].merge.strategy': 'Extract',
      'status.binding.name': '',
    });
  });

  test.each(['spec.data[].remoteRef', 'spec.dataFrom[].extract', 'spec.dataFrom[].find'])(
    'are never written into %s, where GitOps tools would fight them',
    (path) => {
      const below = [...nodesOf(nodeAt('ExternalSecret', path), path)];
      expect(below.length).toBeGreaterThan(5);
      expect(below.filter(([, node]) => 'default' in node)).toEqual([]);
    },
  );

  test.each(['SecretStore', 'ClusterSecretStore'])('of a %s is the session tags policy alone', (kind) => {
    expect(defaults(kind)).toEqual({ 'spec.provider.aws.sessionTagsPolicy': 'None' });
  });
});

const STORE_KINDS = ['SecretStore', 'ClusterSecretStore'];
const STRATEGY_ENUMS = {
  conversionStrategy: ['Default', 'Unicode'],
  decodingStrategy: ['Auto', 'Base64', 'Base64URL', 'None'],
  nullBytePolicy: ['Ignore', 'Fail'],
};
const REMOTE_REF_ENUMS = { ...STRATEGY_ENUMS, metadataPolicy: ['None', 'Fetch'] };
const GENERATOR_KINDS = [
  ...['ACRAccessToken', 'BeyondtrustWorkloadCredentialsDynamicSecret', 'ClusterGenerator', 'CloudsmithAccessToken'],
  ...['ECRAuthorizationToken', 'Fake', 'GCRAccessToken', 'GithubAccessToken', 'GitlabDeployToken', 'QuayAccessToken'],
  ...['Password', 'SSHKey', 'STSSessionToken', 'UUID', 'VaultDynamicSecret', 'Webhook', 'Grafana', 'MFA'],
];

describe('what is refused', () => {
  it('every enum of an ExternalSecret is that of upstream, but for conditions that upstream does not have', () => {
    expect(keyword('ExternalSecret', 'enum')).toEqual({
      'spec.secretStoreRef.kind': STORE_KINDS,
      'spec.refreshPolicy': ['CreatedOnce', 'Periodic', 'OnChange'],
      'spec.syncWindows.kind': ['allow', 'deny'],
      'spec.target.creationPolicy': ['Owner', 'Orphan', 'Merge', 'None', 'CreateOrMerge'],
      'spec.target.deletionPolicy': ['Delete', 'Merge', 'Retain'],
      'spec.target.template.engineVersion': ['v2'],
      'spec.target.template.mergePolicy': ['Replace', 'Merge'],
      'spec.target.template.templateFrom[].configMap.items[].templateAs': ['Values', 'KeysAndValues'],
      'spec.target.template.templateFrom[].secret.items[].templateAs': ['Values', 'KeysAndValues'],
      'spec.target.template.templateFrom[].valuesDecodingStrategy': ['Auto', 'Base64', 'Base64URL', 'None'],
      ...prefixed('spec.data[].remoteRef', REMOTE_REF_ENUMS),
      ...prefixed('spec.dataFrom[].extract', REMOTE_REF_ENUMS),
      ...prefixed('spec.dataFrom[].find', STRATEGY_ENUMS),
      'spec.data[].sourceRef.storeRef.kind': STORE_KINDS,
      'spec.dataFrom[].sourceRef.storeRef.kind': STORE_KINDS,
      'spec.data[].sourceRef.generatorRef.kind': GENERATOR_KINDS,
      'spec.dataFrom[].sourceRef.generatorRef.kind': GENERATOR_KINDS,
      'spec.dataFrom[].rewrite[].merge.priorityPolicy': ['IgnoreNotFound', 'Strict'],
      'spec.dataFrom[].rewrite[].merge.conflictPolicy': ['Ignore', 'Error'],
      'spec.dataFrom[].rewrite[].merge.strategy': ['Extract', 'JSON'],
      'status.conditions[].type': ['Ready', 'Deleted', 'RolloutHeld', 'SafeToRevokePrevious'],
    });
  });

  test.each(['SecretStore', 'ClusterSecretStore'])('every enum of a %s is that of upstream', (kind) => {
    expect(keyword(kind, 'enum')).toEqual({
      'spec.provider.aws.service': ['SecretsManager', 'ParameterStore', 'CertificateManager'],
      'spec.provider.aws.sessionTagsPolicy': ['None', 'Simple', 'Custom'],
    });
  });

  test.each([
    ['spec.secretStoreRef.name', RESOURCE_NAME],
    ['spec.target.name', RESOURCE_NAME],
    ['spec.target.template.templateFrom[].configMap.name', RESOURCE_NAME],
    ['spec.target.template.templateFrom[].configMap.items[].key', SECRET_KEY],
    ['spec.target.template.templateFrom[].secret.name', RESOURCE_NAME],
    ['spec.target.template.templateFrom[].secret.items[].key', SECRET_KEY],
    ['spec.data[].secretKey', SECRET_KEY],
    ['spec.data[].sourceRef.storeRef.name', RESOURCE_NAME],
    ['spec.data[].sourceRef.generatorRef.name', RESOURCE_NAME],
    ['spec.dataFrom[].sourceRef.storeRef.name', RESOURCE_NAME],
    ['spec.dataFrom[].sourceRef.generatorRef.name', RESOURCE_NAME],
  ])('%s of an ExternalSecret has the length and pattern of upstream', (path, limits) => {
    expect(nodeAt('ExternalSecret', path)).toMatchObject(limits);
  });

  it('nothing else of an ExternalSecret has a pattern but the schedule', () => {
    expect(Object.keys(keyword('ExternalSecret', 'pattern'))).toHaveLength(12);
    expect(nodeAt('ExternalSecret', 'spec.refreshInterval')).not.toHaveProperty('pattern');
    expect(nodeAt('ExternalSecret', 'spec.syncWindows.windows[].duration')).not.toHaveProperty('pattern');
  });

  const schedule = new RegExp(String(nodeAt('ExternalSecret', 'spec.syncWindows.windows[].schedule')['pattern']));

  test.each(['@daily', '@midnight', '@every 1h30m', '0 22 * * 1-5', '*/5 0-3,7 1 JAN ?'])(
    'the schedule %s passes',
    (text) => {
      expect(text).toMatch(schedule);
    },
  );

  test.each(['', '@', '@never', '@every', '@dailyish', '0 22 * *', '0 22 * * 1 2', '0  22 * * 1', ' 0 22 * * 1'])(
    'the schedule "%s" does not',
    (text) => {
      expect(text).not.toMatch(schedule);
    },
  );

  test.each([
    ['secretRef.accessKeyIDSecretRef', { name: RESOURCE_NAME, namespace: NAMESPACE, key: SECRET_KEY }],
    ['secretRef.secretAccessKeySecretRef', { name: RESOURCE_NAME, namespace: NAMESPACE, key: SECRET_KEY }],
    ['secretRef.sessionTokenSecretRef', { name: RESOURCE_NAME, namespace: NAMESPACE, key: SECRET_KEY }],
    ['jwt.serviceAccountRef', { name: RESOURCE_NAME, namespace: NAMESPACE }],
  ])('spec.provider.aws.auth.%s has the lengths and patterns of upstream', (path, properties) => {
    for (const kind of ['SecretStore', 'ClusterSecretStore']) {
      expect(nodeAt(kind, `spec.provider.aws.auth.${path}`)).toMatchObject({ properties });
    }
  });

  it('what must be there is what upstream wants', () => {
    expect(keyword('ExternalSecret', 'required')).toEqual({
      'spec.syncWindows': ['kind', 'windows'],
      'spec.syncWindows.windows[]': ['schedule', 'duration'],
      'spec.target.manifest': ['apiVersion', 'kind'],
      'spec.target.template.templateFrom[].configMap': ['name', 'items'],
      'spec.target.template.templateFrom[].configMap.items[]': ['key'],
      'spec.target.template.templateFrom[].secret': ['name', 'items'],
      'spec.target.template.templateFrom[].secret.items[]': ['key'],
      'spec.data[]': ['secretKey', 'remoteRef'],
      'spec.data[].remoteRef': ['key'],
      'spec.data[].sourceRef.generatorRef': ['kind', 'name'],
      'spec.dataFrom[].extract': ['key'],
      'spec.dataFrom[].rewrite[].regexp': ['source', 'target'],
      'spec.dataFrom[].rewrite[].transform': ['template'],
      'spec.dataFrom[].sourceRef.generatorRef': ['kind', 'name'],
      'status.conditions[]': ['type', 'status'],
    });
    for (const kind of ['SecretStore', 'ClusterSecretStore']) {
      expect(keyword(kind, 'required')).toEqual({
        spec: ['provider'],
        'spec.conditions[].namespaceSelector.matchExpressions[]': ['key', 'operator'],
        'spec.provider.aws': ['service', 'region'],
        'spec.provider.aws.auth.jwt.serviceAccountRef': ['name'],
        'spec.provider.aws.sessionTags[]': ['key', 'value'],
        'status.conditions[]': ['type', 'status'],
      });
    }
  });

  it('what is one of several is exactly one', () => {
    const one = ['spec.data[].sourceRef', 'spec.dataFrom[].sourceRef', 'spec.dataFrom[].rewrite[]'];
    for (const name of ['minProperties', 'maxProperties']) {
      expect(Object.keys(keyword('ExternalSecret', name)).sort()).toEqual([...one].sort());
      expect(keyword('SecretStore', name)).toEqual({ 'spec.provider': 1 });
      expect(keyword('ClusterSecretStore', name)).toEqual({ 'spec.provider': 1 });
    }
  });

  test.each(['SecretStore', 'ClusterSecretStore'])('%s does not take the reserved session tags', (kind) => {
    expect(keyword(kind, 'x-kubernetes-validations')).toEqual({
      'spec.provider.aws.customSessionTags': [
        {
          rule: "!('esoNamespace' in self || 'esoStoreName' in self || 'esoStoreKind' in self)",
          message: expect.stringContaining('esoNamespace, esoStoreName, esoStoreKind'),
        },
      ],
    });
  });
});

describe('what Kubernetes is told about merging, pruning and types', () => {
  test.each(['SecretStore', 'ClusterSecretStore'])('%s keeps the fields of other providers', (kind) => {
    expect(keyword(kind, 'x-kubernetes-preserve-unknown-fields')).toEqual({ 'spec.provider': true });
    expect(keyword(kind, 'x-kubernetes-map-type')).toEqual({ 'spec.conditions[].namespaceSelector': 'atomic' });
    expect(nodeAt(kind, 'spec.refreshInterval')).toMatchObject({
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
    });
  });

  it('an ExternalSecret has an atomic binding and a refresh time that may be null', () => {
    expect(keyword('ExternalSecret', 'x-kubernetes-map-type')).toEqual({ 'status.binding': 'atomic' });
    expect(keyword('ExternalSecret', 'nullable')).toEqual({ 'status.refreshTime': true });
    expect(nodeAt('ExternalSecret', 'status.refreshTime')).toMatchObject({ type: 'string', format: 'date-time' });
  });
});

/** The rules for structural schemas, and what the API server forbids in them. */
const ALLOWED_KEYWORDS = new Set([
  ...['type', 'description', 'properties', 'required', 'items', 'additionalProperties', 'enum', 'default', 'format'],
  ...['pattern', 'minLength', 'maxLength', 'minItems', 'minProperties', 'maxProperties', 'nullable', 'anyOf'],
  ...['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-map-type'],
  ...['x-kubernetes-list-type', 'x-kubernetes-validations'],
]);

describe.each(KINDS)('the schema of %s is structural', (kind) => {
  const nodes = [...nodesOf(rootOf(kind))];

  it('has only keywords that a CRD may have', () => {
    const strange = nodes.flatMap(([path, node]) =>
      Object.keys(node).flatMap((name) => (ALLOWED_KEYWORDS.has(name) ? [] : [`${path}: ${name}`])),
    );
    expect(strange).toEqual([]);
  });

  it('gives every node a type, save integers that may be strings', () => {
    expect(nodes.filter(([, node]) => 'type' in node === 'x-kubernetes-int-or-string' in node)).toEqual([]);
    expect(nodes.filter(([, node]) => 'anyOf' in node && !('x-kubernetes-int-or-string' in node))).toEqual([]);
  });

  it('never has additionalProperties beside properties, and no list without items', () => {
    expect(nodes.filter(([, node]) => 'additionalProperties' in node && 'properties' in node)).toEqual([]);
    expect(nodes.filter(([, node]) => node['type'] === 'array' && !('items' in node))).toEqual([]);
  });

  it('requires only fields that it describes', () => {
    const missing = nodes.flatMap(([path, node]) =>
      list(node['required']).flatMap((name) =>
        Object.hasOwn(object(node['properties']), name) ? [] : [`${path}.${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it('explains every field of spec and status in a sentence of its own', () => {
    const mute = nodes.filter(
      ([path, node]) => /^(spec|status)/.test(path) && !/(\[\]|\{\})$/.test(path) && !isSentence(node['description']),
    );
    expect(mute.map(([path]) => path)).toEqual([]);
  });
});

describe('the manifests that the tests call full', () => {
  test.each([FULL_EXTERNAL_SECRET, FULL_SECRET_STORE, FULL_CLUSTER_SECRET_STORE, FULL_CLUSTER_EXTERNAL_SECRET])(
    'leave no field of $kind out',
    (manifest) => {
      const fields = [...nodesOf(nodeAt(manifest.kind, 'spec'), 'spec')].flatMap(([path]) =>
        path === 'spec' ? [] : [path],
      );
      const used = new Set(fieldsOf(manifest.spec, 'spec', nodeAt(manifest.kind, 'spec')));
      expect(fields.filter((path) => !used.has(path))).toEqual([]);
    },
  );
});

function columns(kind: string) {
  return crdOf(kind).spec.versions[0]?.additionalPrinterColumns.map(({ name, type, jsonPath }) => [
    name,
    type,
    jsonPath,
  ]);
}

function keyword(kind: string, name: string): Record<string, unknown> {
  return Object.fromEntries(
    [...nodesOf(rootOf(kind))].flatMap(([path, node]) => (name in node ? [[path, node[name]]] : [])),
  );
}

function defaults(kind: string): Record<string, unknown> {
  return keyword(kind, 'default');
}

function prefixed(prefix: string, enums: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(enums).map(([name, values]) => [`${prefix}.${name}`, values]));
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function object(value: unknown): SchemaNode {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isSentence(value: unknown): boolean {
  return typeof value === 'string' && value.length > 3;
}

/** The schema paths that a manifest makes use of. */
function fieldsOf(value: unknown, path: string, schema: SchemaNode): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => [`${path}[]`, ...fieldsOf(item, `${path}[]`, object(schema['items']))]);
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  if ('additionalProperties' in schema) {
    return [`${path}{}`];
  }
  const properties = object(schema['properties']);
  return Object.entries(value).flatMap(([name, child]) => [
    `${path}.${name}`,
    ...fieldsOf(child, `${path}.${name}`, object(properties[name])),
  ]);
}
