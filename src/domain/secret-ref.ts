/** Spelling of a reference to a secret. */

import type { SecretRef, VersionSelector } from '../ports/secret-source.ts';

const CURRENT = 'AWSCURRENT';

/** `version` of a manifest: absent is AWSCURRENT, `uuid/X` the version of id X, anything else a stage label. */
export function parseVersion(version: string | undefined): VersionSelector {
  if (version === undefined || version === '') return { kind: 'stage', stage: CURRENT };
  if (version.startsWith('uuid/')) return { kind: 'id', versionId: version.slice('uuid/'.length) };
  return { kind: 'stage', stage: version };
}

/** Equal exactly when the same version of the same spelling is meant, whatever characters keys and stages hold. */
export function refId({ key, version }: SecretRef): string {
  return JSON.stringify(version.kind === 'id' ? [key, 'id', version.versionId] : [key, 'stage', version.stage]);
}
