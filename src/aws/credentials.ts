/** From an identity's credentials to what the SDK signs with. */

import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { Credentials, Identity } from '../ports/secret-source.ts';
import { AwsFault, faultOf } from './aws-fault.ts';
import { type RoleSession, type RoleSessionOptions, roleSession, webIdentitySession } from './role-session.ts';

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

/** What an identity's requests are signed with, and what is to be closed with it. */
export function openCredentials(
  { credentials, roles = [] }: Pick<Identity, 'credentials' | 'roles'>,
  defaultChain: CredentialsProvider,
  options: RoleSessionOptions,
): RoleSession {
  const first = firstSession(credentials, defaultChain, options);
  const sessions = [first];
  let { provider } = first;
  for (const role of roles) {
    const session = roleSession(role, provider, options);
    sessions.push(session);
    ({ provider } = session);
  }
  return {
    provider,
    close: () => {
      for (const session of sessions) session.close();
    },
  };
}

function firstSession(
  credentials: Credentials,
  defaultChain: CredentialsProvider,
  options: RoleSessionOptions,
): RoleSession {
  const close = () => {};
  switch (credentials.kind) {
    case 'defaultChain':
      return { provider: defaultChain, close };
    case 'webIdentity':
      return webIdentitySession(credentials, options);
    case 'static': {
      const { accessKeyId, secretAccessKey, sessionToken } = credentials;
      const provider: CredentialsProvider = async () => ({
        accessKeyId: accessKeyId.revealText(),
        secretAccessKey: secretAccessKey.revealText(),
        ...(sessionToken !== undefined && { sessionToken: sessionToken.revealText() }),
      });
      return { provider, close };
    }
  }
}

/** How messages call them. */
export function describeCredentials(identity: Pick<Identity, 'credentials' | 'roles'>): string {
  const role = roleOf(identity);
  if (role !== undefined) return `role ${role}`;
  return identity.credentials.kind === 'static' ? "the store's static credentials" : "the operator's own credentials";
}

/** The role whose sessions sign the requests; undefined where none is known. */
export function roleOf({ credentials, roles = [] }: Pick<Identity, 'credentials' | 'roles'>): string | undefined {
  return roles.at(-1)?.roleArn ?? (credentials.kind === 'webIdentity' ? credentials.roleArn : undefined);
}

/** As whom a ServiceAccount has to be trusted; undefined where none is used. */
export function subjectOf({ credentials }: Pick<Identity, 'credentials'>): string | undefined {
  return credentials.kind === 'webIdentity' ? credentials.subject : undefined;
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
