/** References to where values come from: a store, or a generator. */

import * as Type from 'typebox';
import { GENERATORS_API_VERSION } from './groups.ts';
import type { Immutable } from './immutable.ts';
import { choice, resourceName } from './kubernetes-patterns.ts';

export function storeRef(description: string) {
  return Type.Object(
    {
      name: Type.Optional(resourceName('Name of the store.')),
      kind: Type.Optional(
        choice(
          ['SecretStore', 'ClusterSecretStore'],
          'SecretStore (in the namespace of the ExternalSecret) or ClusterSecretStore. Absent means SecretStore.',
        ),
      ),
    },
    { description },
  );
}

function generatorRef(description: string) {
  return Type.Object(
    {
      apiVersion: Type.Optional(
        Type.String({ description: 'API group and version of the generator.', default: GENERATORS_API_VERSION }),
      ),
      kind: choice(
        [
          'ACRAccessToken',
          'BeyondtrustWorkloadCredentialsDynamicSecret',
          'ClusterGenerator',
          'CloudsmithAccessToken',
          'ECRAuthorizationToken',
          'Fake',
          'GCRAccessToken',
          'GithubAccessToken',
          'GitlabDeployToken',
          'QuayAccessToken',
          'Password',
          'SSHKey',
          'STSSessionToken',
          'UUID',
          'VaultDynamicSecret',
          'Webhook',
          'Grafana',
          'MFA',
        ],
        'Kind of the generator.',
      ),
      name: resourceName('Name of the generator.'),
    },
    { description },
  );
}

const EXACTLY_ONE = { minProperties: 1, maxProperties: 1 };

/** `data[].sourceRef` */
export const dataSourceRefSchema = Type.Object(
  {
    storeRef: Type.Optional(storeRef('Store to read this entry from.')),
    generatorRef: Type.Optional(generatorRef('Accepted for compatibility. Generators work in dataFrom only.')),
  },
  { description: 'Reads this entry from another store than spec.secretStoreRef.', ...EXACTLY_ONE },
);

/** `dataFrom[].sourceRef` */
export const dataFromSourceRefSchema = Type.Object(
  {
    storeRef: Type.Optional(storeRef('Store that extract or find reads from.')),
    generatorRef: Type.Optional(generatorRef('Generator whose output is used, without extract or find.')),
  },
  { description: 'Takes this entry from another store than spec.secretStoreRef, or from a generator.', ...EXACTLY_ONE },
);

/** Absent `kind` means SecretStore. */
export type StoreRef = Immutable<Type.Static<ReturnType<typeof storeRef>>>;
export type GeneratorRef = Immutable<Type.Static<ReturnType<typeof generatorRef>>>;
