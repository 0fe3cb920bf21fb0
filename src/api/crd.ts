/** The CustomResourceDefinitions of Keyturn's kinds, made from the same schemas as the types. */

import { clusterExternalSecretSpecSchema, clusterExternalSecretStatusSchema } from './cluster-external-secret.ts';
import { externalSecretSpecSchema, externalSecretStatusSchema } from './external-secret.ts';
import {
  CLUSTER_EXTERNAL_SECRET,
  CLUSTER_SECRET_STORE,
  COMPONENT_LABEL,
  EXTERNAL_SECRET,
  GROUP,
  OLD_VERSION,
  OWN_GROUP,
  OWN_VERSION,
  SECRET_ACCESS_POLICY,
  SECRET_CONSUMPTION,
  SECRET_STORE,
  VERSION,
} from './groups.ts';
import { secretAccessPolicySpecSchema, secretAccessPolicyStatusSchema } from './secret-access-policy.ts';
import { secretConsumptionSpecSchema, secretConsumptionStatusSchema } from './secret-consumption.ts';
import { secretStoreSpecSchema, secretStoreStatusSchema } from './secret-store.ts';
import { type OpenApiSchema, structuralSchema } from './structural-schema.ts';

interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'date' | 'integer';
  readonly jsonPath: string;
}

/** The kinds of one group, and the versions that they are served in: the first one is stored, the others are deprecated. */
interface Family {
  readonly group: string;
  readonly versions: readonly [string, ...string[]];
  readonly category: string;
}

const UPSTREAM: Family = { group: GROUP, versions: [VERSION, OLD_VERSION], category: 'external-secrets' };
const OWN: Family = { group: OWN_GROUP, versions: [OWN_VERSION], category: 'keyturn' };

/** What a kind is, beside its name. */
interface KindDefinition {
  readonly family: Family;
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly description: string;
  readonly spec: unknown;
  readonly status: unknown;
  readonly columns: readonly PrinterColumn[];
  readonly selectableFields: readonly string[];
}

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames: readonly string[];
      readonly categories: readonly string[];
    };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly conversion: { readonly strategy: 'None' };
    readonly versions: readonly CustomResourceVersion[];
  };
}

interface CustomResourceVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: true;
  /** kubectl prints it to whoever uses the version. */
  readonly deprecationWarning?: string;
  readonly schema: { readonly openAPIV3Schema: OpenApiSchema };
  readonly subresources: { readonly status: Readonly<Record<string, never>> };
  readonly additionalPrinterColumns: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

const READY_REASON = '.status.conditions[?(@.type=="Ready")].reason';
const READY_STATUS = '.status.conditions[?(@.type=="Ready")].status';

const STORE_COLUMNS: readonly PrinterColumn[] = [
  { name: 'AGE', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Status', type: 'string', jsonPath: READY_REASON },
  { name: 'Capabilities', type: 'string', jsonPath: '.status.capabilities' },
  { name: 'Ready', type: 'string', jsonPath: READY_STATUS },
];

const DEFINITIONS: readonly KindDefinition[] = [
  {
    ...EXTERNAL_SECRET,
    family: UPSTREAM,
    shortName: 'es',
    scope: 'Namespaced',
    description: 'ExternalSecret keeps a Secret equal to values that live outside the cluster.',
    spec: externalSecretSpecSchema,
    status: externalSecretStatusSchema,
    columns: [
      { name: 'StoreType', type: 'string', jsonPath: '.spec.secretStoreRef.kind' },
      { name: 'Store', type: 'string', jsonPath: '.spec.secretStoreRef.name' },
      { name: 'Refresh Interval', type: 'string', jsonPath: '.spec.refreshInterval' },
      { name: 'Status', type: 'string', jsonPath: READY_REASON },
      { name: 'Ready', type: 'string', jsonPath: READY_STATUS },
      { name: 'Last Sync', type: 'date', jsonPath: '.status.refreshTime' },
    ],
    selectableFields: [
      '.spec.secretStoreRef.name',
      '.spec.secretStoreRef.kind',
      '.spec.target.name',
      '.spec.refreshInterval',
    ],
  },
  {
    ...SECRET_STORE,
    family: UPSTREAM,
    shortName: 'ss',
    scope: 'Namespaced',
    description: 'SecretStore tells where ExternalSecrets of its namespace read, and with whose credentials.',
    spec: secretStoreSpecSchema,
    status: secretStoreStatusSchema,
    columns: STORE_COLUMNS,
    selectableFields: [],
  },
  {
    ...CLUSTER_SECRET_STORE,
    family: UPSTREAM,
    shortName: 'css',
    scope: 'Cluster',
    description: 'ClusterSecretStore is a store that ExternalSecrets of every namespace, or of chosen ones, may use.',
    spec: secretStoreSpecSchema,
    status: secretStoreStatusSchema,
    columns: STORE_COLUMNS,
    selectableFields: [],
  },
  {
    ...CLUSTER_EXTERNAL_SECRET,
    family: UPSTREAM,
    shortName: 'ces',
    scope: 'Cluster',
    description: 'ClusterExternalSecret makes an ExternalSecret in each of the namespaces that it selects.',
    spec: clusterExternalSecretSpecSchema,
    status: clusterExternalSecretStatusSchema,
    columns: [
      { name: 'Store', type: 'string', jsonPath: '.spec.externalSecretSpec.secretStoreRef.name' },
      { name: 'Refresh Interval', type: 'string', jsonPath: '.spec.refreshTime' },
      { name: 'Ready', type: 'string', jsonPath: READY_STATUS },
    ],
    selectableFields: [],
  },
  {
    ...SECRET_ACCESS_POLICY,
    family: OWN,
    shortName: 'sap',
    scope: 'Cluster',
    description:
      'SecretAccessPolicy tells which namespaces may read which secrets, through which stores, into which Secrets. A ' +
      'namespace that a policy selects may read nothing but what a policy allows it.',
    spec: secretAccessPolicySpecSchema,
    status: secretAccessPolicyStatusSchema,
    columns: [
      { name: 'Allowed', type: 'integer', jsonPath: '.status.allowed' },
      { name: 'Denied', type: 'integer', jsonPath: '.status.denied' },
      { name: 'Ready', type: 'string', jsonPath: READY_STATUS },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
    selectableFields: [],
  },
  {
    ...SECRET_CONSUMPTION,
    family: OWN,
    shortName: 'sc',
    scope: 'Namespaced',
    description:
      'SecretConsumption tells which pods hold which version of the Secret of the ExternalSecret of the same name. It is ' +
      'made, written and removed by the operator, for ExternalSecrets with the annotation keyturn.dev/consumption.',
    spec: secretConsumptionSpecSchema,
    status: secretConsumptionStatusSchema,
    columns: [
      { name: 'Secret', type: 'string', jsonPath: '.status.secret' },
      { name: 'Version', type: 'string', jsonPath: '.status.version' },
      { name: 'Since', type: 'date', jsonPath: '.status.since' },
      { name: 'Current', type: 'integer', jsonPath: '.status.current' },
      { name: 'Earlier', type: 'integer', jsonPath: '.status.earlier' },
      { name: 'Safe', type: 'string', jsonPath: '.status.safeToRevokePrevious' },
    ],
    selectableFields: [],
  },
];

/** The definitions by the names of the files that hold them. */
export function customResourceDefinitions(): ReadonlyMap<string, CustomResourceDefinition> {
  return new Map(
    DEFINITIONS.map((definition) => [
      `${definition.family.group}_${definition.plural}.yaml`,
      customResourceDefinition(definition),
    ]),
  );
}

function customResourceDefinition(definition: KindDefinition): CustomResourceDefinition {
  const { group, category, versions } = definition.family;
  const [stored, ...older] = versions;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${definition.plural}.${group}`, labels: { [COMPONENT_LABEL]: 'controller' } },
    spec: {
      group,
      names: {
        kind: definition.kind,
        listKind: `${definition.kind}List`,
        plural: definition.plural,
        singular: definition.kind.toLowerCase(),
        shortNames: [definition.shortName],
        categories: [category],
      },
      scope: definition.scope,
      conversion: { strategy: 'None' },
      versions: [
        { name: stored, served: true, storage: true, ...version(definition) },
        ...older.map((name) => ({
          name,
          served: true,
          storage: false,
          ...deprecation(definition, name),
          ...version(definition),
        })),
      ],
    },
  };
}

function deprecation({ kind, family: { group, versions } }: KindDefinition, old: string) {
  const warning = `${group}/${old} ${kind} is deprecated: write ${group}/${versions[0]}, the fields are the same`;
  return { deprecated: true, deprecationWarning: warning } as const;
}

/**
 * The same for both, so that nothing has to be converted. It has to be the very same: the API server keeps what versions
 * have in common apart, and takes selectable fields without a common schema for a mistake.
 */
function version(definition: KindDefinition): Omit<CustomResourceVersion, 'name' | 'served' | 'storage'> {
  return {
    schema: { openAPIV3Schema: rootSchema(definition) },
    subresources: { status: {} },
    additionalPrinterColumns: definition.columns,
    ...(definition.selectableFields.length === 0
      ? {}
      : { selectableFields: definition.selectableFields.map((jsonPath) => ({ jsonPath })) }),
  };
}

/**
 * `spec` is not required here, as upstream: the status of an object without one can then be written, and that is
 * where its owner reads that it is missing.
 */
function rootSchema(definition: KindDefinition): OpenApiSchema {
  return {
    type: 'object',
    description: definition.description,
    properties: {
      apiVersion: { type: 'string', description: describeVersions(definition.family) },
      kind: { type: 'string', description: definition.kind },
      metadata: { type: 'object' },
      spec: structuralSchema(definition.spec),
      status: structuralSchema(definition.status),
    },
  };
}

function describeVersions({ group, versions: [stored, ...older] }: Family): string {
  return [`${group}/${stored}`, ...older.map((name) => `or the older ${name}`)].join(', ');
}
