/** ClusterExternalSecret: one ExternalSecret, made in every namespace that is selected. */

import * as Type from 'typebox';
import { externalSecretSpec } from './external-secret.ts';
import type { Immutable } from './immutable.ts';
import { goDuration, namespaceName, resourceName, stringMap, text, texts } from './kubernetes-patterns.ts';
import { labelSelector } from './label-selector.ts';
import type { ObjectMeta } from './object-meta.ts';

export const clusterExternalSecretSpecSchema = Type.Object(
  {
    externalSecretSpec: externalSecretSpec('The spec of the ExternalSecrets.'),
    externalSecretName: Type.Optional(
      resourceName('Name of the ExternalSecrets. Absent means the name of this object.'),
    ),
    externalSecretMetadata: Type.Optional(
      Type.Object(
        {
          annotations: Type.Optional(stringMap('Annotations.')),
          labels: Type.Optional(stringMap('Labels.')),
        },
        { description: 'Metadata of the ExternalSecrets.' },
      ),
    ),
    namespaceSelectors: Type.Optional(
      Type.Array(labelSelector('Namespaces by their labels. An empty one selects all.'), {
        description: 'Namespaces to make an ExternalSecret in: those that one of the entries selects.',
      }),
    ),
    namespaceSelector: Type.Optional(
      labelSelector('Deprecated: one more entry of namespaceSelectors. An empty one selects all namespaces.'),
    ),
    namespaces: Type.Optional(
      Type.Array(namespaceName('Name of a namespace.'), {
        description: 'Deprecated: namespaces by name, beside those that are selected.',
      }),
    ),
    refreshTime: Type.Optional(
      goDuration(
        'How often everything is looked at again, as a Go duration such as 1h. What changes is noticed at once ' +
          'without it. Absent means 1h; zero or less means never.',
      ),
    ),
  },
  { description: 'What is wanted.' },
);

const conditionSchema = Type.Object({
  type: text('Ready tells whether every selected namespace has its ExternalSecret.'),
  status: text('True, False or Unknown.'),
  message: Type.Optional(text('What is wrong.')),
});

export const clusterExternalSecretStatusSchema = Type.Object(
  {
    externalSecretName: Type.Optional(text('Name of the ExternalSecrets.')),
    failedNamespaces: Type.Optional(
      Type.Array(
        Type.Object({
          namespace: text('Name of the namespace.'),
          reason: Type.Optional(text('Why it has no ExternalSecret, or not as it should be.')),
        }),
        { description: 'Selected namespaces in which it did not work.' },
      ),
    ),
    provisionedNamespaces: Type.Optional(texts('Namespaces that have their ExternalSecret.')),
    conditions: Type.Optional(Type.Array(conditionSchema, { description: 'Ready.' })),
  },
  { description: 'What was found.' },
);

/** A namespace is selected by `namespaceSelectors`, `namespaceSelector` or `namespaces`: one of them is enough. */
export type ClusterExternalSecretSpec = Immutable<Type.Static<typeof clusterExternalSecretSpecSchema>>;
export type ClusterExternalSecretStatus = Immutable<Type.Static<typeof clusterExternalSecretStatusSchema>>;

export interface ClusterExternalSecret {
  readonly kind: 'ClusterExternalSecret';
  readonly metadata: ObjectMeta;
  readonly spec: ClusterExternalSecretSpec;
  readonly status?: ClusterExternalSecretStatus;
}
