/** SecretStore and ClusterSecretStore: where values are read, and with whose credentials. They share one spec. */

import * as Type from 'typebox';
import { awsProviderSchema } from './aws-provider.ts';
import { storeConditionSchema } from './conditions.ts';
import type { Immutable } from './immutable.ts';
import { intOrString, namespaceName, text, texts } from './kubernetes-patterns.ts';
import { labelSelector } from './label-selector.ts';
import type { NamespacedObjectMeta, ObjectMeta } from './object-meta.ts';

const namespaceConditionSchema = Type.Object(
  {
    namespaceSelector: Type.Optional(labelSelector('Namespaces by their labels.')),
    namespaces: Type.Optional(
      Type.Array(namespaceName('Name of a namespace.'), { description: 'Namespaces by name.' }),
    ),
    namespaceRegexes: Type.Optional(
      texts('Namespaces by RE2 expressions that have to match somewhere in the name; anchor them to be exact.'),
    ),
  },
  { description: 'A namespace is allowed when one of these matches it.' },
);

/** Other providers' fields are kept, so that a cluster can be migrated store by store. */
const providerSchema = Type.Object(
  { aws: Type.Optional(awsProviderSchema) },
  {
    description: 'The provider: exactly one. Keyturn serves aws; the settings of other providers are kept untouched.',
    minProperties: 1,
    maxProperties: 1,
    'x-kubernetes-preserve-unknown-fields': true,
  },
);

export const secretStoreSpecSchema = Type.Object(
  {
    controller: Type.Optional(
      text('Class of the operator that serves this store. Absent means every operator whose class is the default.'),
    ),
    provider: providerSchema,
    retrySettings: Type.Optional(
      Type.Object(
        {
          maxRetries: Type.Optional(
            Type.Integer({ description: 'How many times a request is attempted in all.', format: 'int32' }),
          ),
          retryInterval: Type.Optional(text('Fixed wait between attempts, as a Go duration such as 10s.')),
        },
        { description: 'How requests to the provider are repeated when they fail.' },
      ),
    ),
    refreshInterval: Type.Optional(
      intOrString(
        'How often the store is validated again: seconds as a number, or a Go duration such as 5m. ' +
          "Absent or 0 means the operator's setting.",
      ),
    ),
    conditions: Type.Optional(
      Type.Array(namespaceConditionSchema, {
        description: 'Which namespaces may use a ClusterSecretStore; one entry that allows it is enough. Absent: all.',
      }),
    ),
  },
  { description: 'What is wanted.' },
);

export const secretStoreStatusSchema = Type.Object(
  {
    conditions: Type.Optional(Type.Array(storeConditionSchema, { description: 'Ready, with its reason.' })),
    capabilities: Type.Optional(text('ReadOnly, WriteOnly or ReadWrite.')),
  },
  { description: 'What was found.' },
);

/** `provider` holds exactly one key, which is another one than `aws` for a store of another provider. */
export type SecretStoreSpec = Immutable<Type.Static<typeof secretStoreSpecSchema>>;
export type SecretStoreStatus = Immutable<Type.Static<typeof secretStoreStatusSchema>>;
export type NamespaceCondition = Immutable<Type.Static<typeof namespaceConditionSchema>>;

interface Store {
  readonly spec: SecretStoreSpec;
  readonly status?: SecretStoreStatus;
}

export interface SecretStore extends Store {
  readonly kind: 'SecretStore';
  readonly metadata: NamespacedObjectMeta;
}

export interface ClusterSecretStore extends Store {
  readonly kind: 'ClusterSecretStore';
  readonly metadata: ObjectMeta;
}
