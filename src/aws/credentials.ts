/** From an identity's credentials to what the SDK signs with. */

import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { Credentials } from '../ports/secret-source.ts';
import { AwsFault, faultOf } from './aws-fault.ts';

export type CredentialsProvider = ReturnType<typeof fromNodeProviderChain>;

/**
 * The SDK's own chain of the pod: environment, web identity, container (EKS Pod Identity), IMDS. One for all sources,
 * so that they share its credentials and renewals.
 */
export function createDefaultChain(stsEndpoint: string | undefined): CredentialsProvider {
  return withReadableFaults(
    fromNodeProviderChain(stsEndpoint === undefined ? {} : { clientConfig: { endpoint: stsEndpoint } }),
  );
}

export function providerOf(credentials: Credentials, defaultChain: CredentialsProvider): CredentialsProvider {
  if (credentials.kind === 'defaultChain') return defaultChain;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return async () => ({
    accessKeyId: accessKeyId.revealText(),
    secretAccessKey: secretAccessKey.revealText(),
    ...(sessionToken !== undefined && { sessionToken: sessionToken.revealText() }),
  });
}

/** How messages call them. */
export function describeCredentials(credentials: Credentials): string {
  return credentials.kind === 'static' ? "the store's static credentials" : "the operator's own credentials";
}

/**
 * What fails while credentials are fetched is a fault of the credentials, whoever said it: an STS denial there is not
 * a denial of the secret. A network fault stays one.
 */
function withReadableFaults(provider: CredentialsProvider): CredentialsProvider {
  return async (properties) => {
    try {
      return await provider(properties);
    } catch (error) {
      const fault = faultOf(error);
      const { code, text, status, requestId, origin } = fault;
      if (origin === 'transport' && !FILE_FAULTS.has(code)) throw fault;
      throw new AwsFault({ origin: 'credentials', code, text, status, requestId });
    }
  };
}

/** A token file that is not there, or not for us. */
const FILE_FAULTS: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR']);
