/** Narrows what ListSecrets replies: which secrets there are, with their tags and current versions. No value is in it. */

import { AwsFault } from './aws-fault.ts';
import { field, textField } from './unchecked-field.ts';

export interface ListedSecret {
  readonly name: string;
  readonly arn: string;
  /** Of the version that is AWSCURRENT. */
  readonly versionId: string;
  readonly tags: ReadonlyMap<string, string>;
}

export interface ListPage {
  /** Those that have a current version and are not scheduled for deletion. */
  readonly secrets: readonly ListedSecret[];
  readonly nextToken: string | undefined;
}

const CURRENT = 'AWSCURRENT';

/**
 * Reads a page of ListSecrets.
 * @throws AwsFault when it has not the form of one: what cannot be read is not left out.
 */
export function readListPage(reply: unknown): ListPage {
  const requestId = textField(field(reply, '$metadata'), 'requestId');
  const list = field(reply, 'SecretList') ?? [];
  if (!Array.isArray(list)) throw malformed(requestId);
  return {
    secrets: list.flatMap((entry: unknown) => listedSecret(entry, requestId) ?? []),
    nextToken: textField(reply, 'NextToken'),
  };
}

function listedSecret(entry: unknown, requestId: string | undefined): ListedSecret | undefined {
  const arn = textField(entry, 'ARN');
  const name = textField(entry, 'Name');
  if (!arn?.startsWith('arn:') || !name) throw malformed(requestId);
  const versionId = currentVersionId(entry);
  if (versionId === undefined || (field(entry, 'DeletedDate') ?? undefined) !== undefined) return undefined;
  return { name, arn, versionId, tags: readTags(entry) };
}

function currentVersionId(entry: unknown): string | undefined {
  const versions = field(entry, 'SecretVersionsToStages');
  if (typeof versions !== 'object' || versions === null) return undefined;
  return Object.entries(versions).find(([, stages]) => Array.isArray(stages) && stages.includes(CURRENT))?.[0];
}

/** The tags of a secret, of an entry of a list or of a description. */
export function readTags(entry: unknown): ReadonlyMap<string, string> {
  const list = field(entry, 'Tags') ?? [];
  const tags = new Map<string, string>();
  for (const tag of Array.isArray(list) ? list : []) {
    const key = textField(tag, 'Key');
    if (key !== undefined) tags.set(key, textField(tag, 'Value') ?? '');
  }
  return tags;
}

function malformed(requestId: string | undefined): AwsFault {
  return new AwsFault({ origin: 'reply', code: 'MalformedReply', requestId });
}
