/** What the records of the audit say of objects and versions. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { AuditedObject, AuditedVersion } from '../ports/audit.ts';
import type { SecretVersion, WatchedRef } from '../ports/secret-source.ts';

export function auditedObject({ metadata: { namespace, name, uid } }: ExternalSecret): AuditedObject {
  return { namespace, name, uid };
}

/** What takes the place of a version of tags is a hash of them, which is nobody else's. */
export function auditedVersion(
  ref: WatchedRef,
  { arn, versionId }: Pick<SecretVersion, 'arn' | 'versionId'>,
): AuditedVersion {
  const isOfTags = 'version' in ref && ref.version.kind === 'tags';
  return { arn, versionId: isOfTags ? undefined : versionId };
}
