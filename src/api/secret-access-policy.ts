/** SecretAccessPolicy: which namespaces may read which secrets, through which stores, into which targets. */

import * as Type from 'typebox';
import { storeConditionSchema } from './conditions.ts';
import type { Immutable } from './immutable.ts';
import { choice, namespaceName, stringMap, text, texts } from './kubernetes-patterns.ts';
import { labelSelector } from './label-selector.ts';
import type { ObjectMeta } from './object-meta.ts';

const PATTERN = 'in whole: `*` stands for any characters, `?` for one';

const ruleSchema = Type.Object(
  {
    secrets: Type.Optional(
      Type.Object(
        {
          names: Type.Optional(texts(`Names of secrets at AWS, the prefix of the store included, ${PATTERN}.`)),
          arns: Type.Optional(texts(`Full ARNs of secrets, ${PATTERN}.`)),
          tags: Type.Optional(
            stringMap(
              'Tags that the secret has to have, all of them with just these values, beside a name or ARN that matches. ' +
                'Needs secretsmanager:DescribeSecret.',
            ),
          ),
        },
        {
          description:
            'The secrets: those with a name or an ARN that matches. Absent, or without both, means all; empty lists mean none.',
        },
      ),
    ),
    stores: Type.Optional(
      Type.Array(
        Type.Object({
          kind: Type.Optional(
            choice(['SecretStore', 'ClusterSecretStore'], 'SecretStore or ClusterSecretStore. Absent means either.'),
          ),
          name: text(`Name of the store, ${PATTERN}.`),
        }),
        { description: 'The stores that they may be read through. Absent means any.' },
      ),
    ),
    targets: Type.Optional(
      Type.Object(
        {
          names: Type.Optional(texts(`Names of the Secrets, ${PATTERN}. Absent means any.`)),
          types: Type.Optional(texts('Types of the Secrets, such as kubernetes.io/tls. Absent means any.')),
        },
        { description: 'The Secrets that they may be written into. Absent means any.' },
      ),
    ),
  },
  { description: 'What one rule allows: all of its parts have to match.' },
);

export const secretAccessPolicySpecSchema = Type.Object(
  {
    namespaceSelector: Type.Optional(labelSelector('Namespaces by their labels. An empty one selects all.')),
    namespaces: Type.Optional(
      Type.Array(namespaceName('Name of a namespace.'), {
        description: 'Namespaces by name, beside those that are selected.',
      }),
    ),
    allow: Type.Array(ruleSchema, {
      description: 'What the namespaces may read; one rule that allows it is enough. An empty list allows nothing.',
    }),
  },
  {
    description:
      'What is allowed. A namespace that any policy selects may read only what a policy that selects it allows.',
    'x-kubernetes-validations': [
      {
        rule: 'has(self.namespaceSelector) || has(self.namespaces)',
        message: 'namespaceSelector or namespaces says which namespaces the policy is for',
      },
    ],
  },
);

export const secretAccessPolicyStatusSchema = Type.Object(
  {
    allowed: Type.Optional(
      Type.Integer({ description: 'ExternalSecrets of the selected namespaces that may read all they ask for.' }),
    ),
    denied: Type.Optional(Type.Integer({ description: 'ExternalSecrets of the selected namespaces that may not.' })),
    conditions: Type.Optional(Type.Array(storeConditionSchema, { description: 'Ready, with its reason.' })),
  },
  {
    description:
      'What was found, as far as the manifests tell: what AWS says of a secret is looked at when it is read.',
  },
);

export type SecretAccessPolicySpec = Immutable<Type.Static<typeof secretAccessPolicySpecSchema>>;
export type SecretAccessPolicyStatus = Immutable<Type.Static<typeof secretAccessPolicyStatusSchema>>;
export type AccessRule = SecretAccessPolicySpec['allow'][number];

export interface SecretAccessPolicy {
  readonly kind: 'SecretAccessPolicy';
  readonly metadata: ObjectMeta;
  readonly spec: SecretAccessPolicySpec;
  readonly status?: SecretAccessPolicyStatus;
}
