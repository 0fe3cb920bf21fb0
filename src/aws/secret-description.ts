/** What DescribeSecret says of a secret: which version each label points to, and the tags. No value is in it. */

import { hash } from 'node:crypto';
import { encodeGoJson } from '../ports/go-json.ts';
import type { SecretReading, VersionSelector } from '../ports/secret-source.ts';
import { SecretValue } from '../ports/secret-value.ts';
import { AwsFault } from './aws-fault.ts';
import { readTags } from './secret-list-page.ts';
import { field, textField } from './unchecked-field.ts';

export interface SecretDescription {
  readonly arn: string;
  /** Undefined where the answer does not name a version; that there is none, only a read can tell. */
  versionIdOf(version: VersionSelector): string | undefined;
  /** As a value: a JSON object. */
  readonly tags: SecretReading;
}

const TAG_SET_ID_LENGTH = 32;

/**
 * Reads the reply of DescribeSecret.
 * @throws AwsFault when it has not the form of one, and when the secret is scheduled for deletion.
 */
export function readDescription(reply: unknown): SecretDescription {
  const requestId = textField(field(reply, '$metadata'), 'requestId');
  const arn = textField(reply, 'ARN');
  if (!arn?.startsWith('arn:')) throw new AwsFault({ origin: 'reply', code: 'MalformedReply', requestId });
  if ((field(reply, 'DeletedDate') ?? undefined) !== undefined) throw readOfDeleted(requestId);
  const labels = labelsOf(reply);
  return {
    arn,
    versionIdOf(version) {
      switch (version.kind) {
        case 'stage':
          return labels.get(version.stage);
        case 'id':
          // A version without labels is not listed, and may be readable all the same.
          return [...labels.values()].find((versionId) => versionId === version.versionId);
        case 'tags':
          return undefined;
      }
    },
    tags: tagsOf(reply, arn, requestId),
  };
}

/** What a read of the value is answered, so that the message is the same whoever asks. */
function readOfDeleted(requestId: string | undefined): AwsFault {
  return new AwsFault({
    origin: 'service',
    code: 'InvalidRequestException',
    text: 'the secret is scheduled for deletion',
    requestId,
  });
}

function labelsOf(reply: unknown): ReadonlyMap<string, string> {
  const versions = field(reply, 'VersionIdsToStages');
  const labels = new Map<string, string>();
  if (typeof versions !== 'object' || versions === null) return labels;
  for (const [versionId, stages] of Object.entries(versions)) {
    if (!Array.isArray(stages)) continue;
    for (const stage of stages) if (typeof stage === 'string') labels.set(stage, versionId);
  }
  return labels;
}

/**
 * Tags have no version: what takes its place is a hash of them. Tags are no secret values: AWS tells its users not to
 * put any into them, as they are shown by many services, billing included
 * (https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html).
 */
function tagsOf(reply: unknown, arn: string, requestId: string | undefined): SecretReading {
  const text = encodeGoJson(readTags(reply), true);
  const versionId = hash('sha256', text).slice(0, TAG_SET_ID_LENGTH);
  const value = SecretValue.fromText(text);
  return { arn, versionId, createdAtMs: changedAtMs(reply), value, operation: 'DescribeSecret', requestId };
}

/** Any change of the secret counts, so that an older time is an older answer, and newer tags never are. */
function changedAtMs(reply: unknown): number | undefined {
  const changed = field(reply, 'LastChangedDate');
  const atMs = changed instanceof Date ? changed.getTime() : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
