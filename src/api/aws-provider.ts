/** `spec.provider.aws` of a store: which service, where, and with whose credentials. */

import * as Type from 'typebox';
import type { Immutable } from './immutable.ts';
import { choice, flag, namespaceName, resourceName, secretKey, stringMap, text, texts } from './kubernetes-patterns.ts';

const OTHER_NAMESPACE =
  'Namespace, for a ClusterSecretStore only. Absent means the namespace of the ExternalSecret. ' +
  'A SecretStore always uses its own.';

function secretKeySelector(description: string) {
  return Type.Object(
    {
      name: Type.Optional(resourceName('Name of the Secret.')),
      namespace: Type.Optional(namespaceName(OTHER_NAMESPACE)),
      key: Type.Optional(secretKey('Key in the Secret.')),
    },
    { description },
  );
}

const serviceAccountSelectorSchema = Type.Object(
  {
    name: resourceName('Name of the ServiceAccount.'),
    namespace: Type.Optional(namespaceName(OTHER_NAMESPACE)),
    audiences: Type.Optional(texts('Audiences to ask for besides the usual one of AWS STS.')),
  },
  { description: 'ServiceAccount whose annotation eks.amazonaws.com/role-arn names the role.' },
);

const authSchema = Type.Object(
  {
    secretRef: Type.Optional(
      Type.Object(
        {
          accessKeyIDSecretRef: Type.Optional(secretKeySelector('Where the access key id is.')),
          secretAccessKeySecretRef: Type.Optional(secretKeySelector('Where the secret access key is.')),
          sessionTokenSecretRef: Type.Optional(
            secretKeySelector('Where the session token is; needed with temporary credentials.'),
          ),
        },
        { description: 'Static credentials kept in Secrets.' },
      ),
    ),
    jwt: Type.Optional(
      Type.Object(
        { serviceAccountRef: Type.Optional(serviceAccountSelectorSchema) },
        { description: 'A role assumed with the token of a ServiceAccount. It wins over secretRef.' },
      ),
    ),
  },
  { description: "Whose credentials are used. Absent means those of the operator's own pod." },
);

/** Tags that the policies Simple and Custom set themselves. */
const RESERVED_SESSION_TAGS = ['esoNamespace', 'esoStoreName', 'esoStoreKind'] as const;

const sessionTagsFields = {
  sessionTags: Type.Optional(
    Type.Array(Type.Object({ key: text('Tag key.'), value: text('Tag value.') }), {
      description: 'Session tags sent when role is assumed. Unused with sessionTagsPolicy Simple or Custom.',
    }),
  ),
  transitiveTagKeys: Type.Optional(texts('Session tags that stay when the role assumes another one.')),
  sessionTagsPolicy: Type.Optional(
    choice(
      ['None', 'Simple', 'Custom'],
      `Tags added to the session when role is assumed: none (the default); ${RESERVED_SESSION_TAGS.join(', ')} ` +
        '(Simple); those and customSessionTags (Custom). The role needs sts:TagSession.',
      'None',
    ),
  ),
  customSessionTags: Type.Optional(
    stringMap('Session tags for sessionTagsPolicy Custom.', {
      'x-kubernetes-validations': [
        {
          rule: `!(${RESERVED_SESSION_TAGS.map((tag) => `'${tag}' in self`).join(' || ')})`,
          message: `the tags ${RESERVED_SESSION_TAGS.join(', ')} are set by the operator and cannot be given here`,
        },
      ],
    }),
  ),
};

export const awsProviderSchema = Type.Object(
  {
    service: choice(
      ['SecretsManager', 'ParameterStore', 'CertificateManager'],
      'AWS service to read from. Keyturn serves SecretsManager.',
    ),
    region: text('AWS region, such as eu-central-1.'),
    auth: Type.Optional(authSchema),
    role: Type.Optional(text('ARN of a role to assume, last, with the credentials that auth gives.')),
    additionalRoles: Type.Optional(texts('ARNs of roles to assume one after another before role.')),
    externalID: Type.Optional(text('External id sent when role is assumed.')),
    ...sessionTagsFields,
    prefix: Type.Optional(text('Put in front of every key.')),
    secretsManager: Type.Optional(
      Type.Object(
        {
          forceDeleteWithoutRecovery: Type.Optional(flag('Delete at once, without a recovery window.')),
          recoveryWindowInDays: Type.Optional(
            Type.Integer({
              description: 'Days until a deleted secret is gone for good, 7 to 30. Absent or 0 means 30.',
              format: 'int64',
            }),
          ),
        },
        { description: 'How PushSecrets delete secrets. Reading does not use it.' },
      ),
    ),
  },
  { description: 'AWS.' },
);

export type AwsProvider = Immutable<Type.Static<typeof awsProviderSchema>>;
export type AwsAuth = Immutable<Type.Static<typeof authSchema>>;
export type SecretKeySelector = Immutable<Type.Static<ReturnType<typeof secretKeySelector>>>;
export type ServiceAccountSelector = Immutable<Type.Static<typeof serviceAccountSelectorSchema>>;
