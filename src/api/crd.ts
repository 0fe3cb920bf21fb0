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
  SECRET_STORE,
  VERSION,
} from './groups.ts';
import { secretStoreSpecSchema, secretStoreStatusSchema } from './secret-store.ts';
import { type OpenApiSchema, structuralSchema } from './structural-schema.ts';

interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'date';
  readonly jsonPath: string;
}

/** What a kind is, beside its name. */
interface KindDefinition {
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
];

/** The definitions by the names of the files that hold them. */
export function customResourceDefinitions(): ReadonlyMap<string, CustomResourceDefinition> {
  return new Map(
    DEFINITIONS.map((definition) => [`${GROUP}_${definition.plural}.yaml`, customResourceDefinition(definition)]),
  );
}

function customResourceDefinition(definition: KindDefinition): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${definition.plural}.${GROUP}`, labels: { [COMPONENT_LABEL]: 'controller' } },
    spec: {
      group: GROUP,
      names: {
        kind: definition.kind,
        listKind: `${definition.kind}List`,
        plural: definition.plural,
        singular: definition.kind.toLowerCase(),
        shortNames: [definition.shortName],
        categories: ['external-secrets'],
      },
      scope: definition.scope,
      conversion: { strategy: 'None' },
      versions: [
        { name: VERSION, served: true, storage: true, ...version(definition) },
        {
          name: OLD_VERSION,
          served: true,
          storage: false,
          ...deprecation(definition),
          ...version(definition),
        },
      ],
    },
  };
}

function deprecation({ kind }: KindDefinition) {
  const warning = `${GROUP}/${OLD_VERSION} ${kind} is deprecated: write ${GROUP}/${VERSION}, the fields are the same`;
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
      apiVersion: { type: 'string', description: `${GROUP}/${VERSION}, or the older ${OLD_VERSION}` },
      kind: { type: 'string', description: definition.kind },
      metadata: { type: 'object' },
      spec: structuralSchema(definition.spec),
      status: structuralSchema(definition.status),
    },
  };
}
