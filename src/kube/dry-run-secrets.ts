/**
 * Secrets for a dry run: reads are made, and a write is told instead of sent. What the API server itself would refuse, it is
 * asked by reading: its dry run (`dryRun=All`) would take the rights to write.
 */

import type { SecretMetadata, SecretPatch, Secrets } from '../ports/cluster.ts';
import { ClusterConflict } from '../ports/errors.ts';
import { SecretValue } from '../ports/secret-value.ts';
import type { PresentSecret, WouldBeWrite } from '../ports/would-be-write.ts';
import type { KubeClient } from './client.ts';
import { wouldBeMade, wouldBePatched } from './dry-run-metadata.ts';
import { refused } from './errors.ts';
import { asText, at } from './narrow.ts';
import { namespacedObject, SECRETS } from './resource-path.ts';
import { readSecretMetadata } from './secret-metadata.ts';
import { createSecrets } from './secrets.ts';
import { bodyOrGone, readStoredData } from './stored-data.ts';

interface Found extends PresentSecret {
  readonly type: string;
}

function readPresent(raw: unknown): Found | undefined {
  const metadata = readSecretMetadata(raw);
  return (
    metadata && {
      metadata,
      data: readStoredData(raw, (base64) => SecretValue.fromBytes(Buffer.from(base64, 'base64'))).data,
      type: asText(at(raw, 'type')),
      isImmutable: at(raw, 'immutable') === true,
    }
  );
}

/** As the API server answers to a patch of a Secret that it finds invalid. */
function invalid({ namespace, name }: SecretMetadata, field: string, reason: string): Error {
  const target = { verb: 'patch', path: namespacedObject(SECRETS, { namespace, name }) } as const;
  return refused(target, 422, { reason: 'Invalid', details: { causes: [{ field, reason }] } }).error;
}

function changesData({ data }: PresentSecret, patch: SecretPatch): boolean {
  const isOther = (key: string, value: SecretValue) => data.get(key)?.equals(value) !== true;
  return patch.removedDataKeys.some((key) => data.has(key)) || patch.data.entries().some(([k, v]) => isOther(k, v));
}

/** @throws TargetImmutable, ClusterRejected in the words that the API server would be quoted with */
function checkPatch(present: Found, patch: SecretPatch): void {
  if (patch.type !== undefined && patch.type !== present.type) {
    throw invalid(present.metadata, 'type', 'FieldValueInvalid');
  }
  if (present.isImmutable && changesData(present, patch)) {
    throw invalid(present.metadata, 'data', 'FieldValueForbidden');
  }
}

/** @param tell is told of each write, in place of the API server */
export function createDryRunSecrets(client: KubeClient, tell: (write: WouldBeWrite) => void): Secrets {
  const { read, dataKeys } = createSecrets(client);

  async function present(target: SecretMetadata, signal: AbortSignal): Promise<Found> {
    const path = namespacedObject(SECRETS, target);
    const found = readPresent(bodyOrGone(await client.call({ verb: 'get', path, signal })));
    if (found?.metadata.resourceVersion === target.resourceVersion) return found;
    throw new ClusterConflict(`Secret "${target.namespace}/${target.name}" has changed while it was looked at.`);
  }

  return {
    read,
    dataKeys,
    async create(secret) {
      tell({ kind: 'create', secret });
      return wouldBeMade(secret);
    },
    async patch(target, patch, _fieldManager, signal) {
      const before = await present(target, signal);
      checkPatch(before, patch);
      tell({ kind: 'patch', present: before, patch });
      return wouldBePatched(target, patch);
    },
    async delete(target) {
      tell({ kind: 'delete', target });
    },
  };
}
