/** As whom an identity reads, as far as it is known. */

import type { CallerIdentity, Identity, SourceReader } from '../ports/secret-source.ts';

const SESSION = /^arn:[^:]*:sts::\d*:assumed-role\/[^/]+\/(.+)$/;

/** @param known who AWS has said it is */
export function readerOf(
  identity: Pick<Identity, 'region' | 'credentials' | 'roles'>,
  known?: CallerIdentity,
): SourceReader {
  const arn = known?.arn;
  const sessionName = arn === undefined ? chosenSessionName(identity) : SESSION.exec(arn)?.[1];
  return { arn, sessionName, region: identity.region };
}

function chosenSessionName({ credentials, roles = [] }: Pick<Identity, 'credentials' | 'roles'>): string | undefined {
  return roles.at(-1)?.sessionName ?? (credentials.kind === 'webIdentity' ? credentials.sessionName : undefined);
}
