/** The secrets of the fake: names, versions, stages, deletion. */

import { randomBytes, randomUUID } from 'node:crypto';
import { type FakeAnswer, jsonAnswer, refusal } from './fake-answers.ts';
import { listed, stagesByVersion } from './fake-secret-list.ts';

export const FAKE_REGION = 'eu-west-1';
export const FAKE_ACCOUNT = '123456789012';

interface FakeVersion {
  readonly id: string;
  readonly createdAtMs: number;
  readonly content: { readonly SecretString?: string; readonly SecretBinary?: string };
}

export interface FakeSecret {
  readonly name: string;
  readonly arn: string;
  readonly versions: Map<string, FakeVersion>;
  /** Stage label to version id. */
  readonly stages: Map<string, string>;
  readonly tags: Map<string, string>;
  changedAtMs: number;
  deleted: boolean;
}

type Input = Readonly<Record<string, unknown>>;

const RANDOM_SUFFIX = /-[A-Za-z0-9]{6}$/;

export class FakeSecretStore {
  readonly #secrets = new Map<string, FakeSecret>();
  #listing: readonly FakeSecret[] | undefined;

  /** A new secret, or a new current version of it. */
  put(name: string, value: string | Uint8Array): FakeSecret {
    const secret = this.#secrets.get(name) ?? this.#create(name);
    addVersion(
      secret,
      typeof value === 'string' ? { SecretString: value } : { SecretBinary: Buffer.from(value).toString('base64') },
    );
    return secret;
  }

  /** A secret without any version. */
  putWithoutVersion(name: string): FakeSecret {
    return this.#create(name);
  }

  /** A secret with a current version that has no value at all. */
  putEmpty(name: string): FakeSecret {
    const secret = this.#create(name);
    addVersion(secret, {});
    return secret;
  }

  /** Puts a label on a version, new or not. */
  label(name: string, stage: string, versionId: string): void {
    this.find(name)?.stages.set(stage, versionId);
  }

  /** Replaces the tags. */
  tag(name: string, tags: Readonly<Record<string, string>>): void {
    const secret = this.find(name);
    if (secret === undefined) return;
    secret.tags.clear();
    for (const [key, value] of Object.entries(tags)) secret.tags.set(key, value);
    secret.changedAtMs = Date.now();
  }

  /** From now on ListSecrets tells what is there now, as it may do for five minutes; or again what is there. */
  set listingLags(lags: boolean) {
    this.#listing = lags ? [...this.#secrets.values()].map((secret) => structuredClone(secret)) : undefined;
  }

  /** By name, full ARN or partial ARN. */
  find(id: string): FakeSecret | undefined {
    if (!id.startsWith('arn:')) return this.#secrets.get(id);
    return [...this.#secrets.values()].find(({ arn }) => arn === id || arn.replace(RANDOM_SUFFIX, '') === id);
  }

  list(input: Input): FakeAnswer {
    return listed([...(this.#listing ?? this.#secrets.values())], input);
  }

  answer(operation: string, input: Input): FakeAnswer {
    if (operation === 'CreateSecret') {
      const name = String(input['Name']);
      if (this.#secrets.has(name))
        return refusal('ResourceExistsException', 'The operation failed because the secret already exists.');
      return written(this.#create(name), input);
    }
    const secret = this.find(String(input['SecretId']));
    if (secret === undefined)
      return refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    if (operation === 'DescribeSecret') return described(secret);
    if (secret.deleted) {
      return refusal(
        'InvalidRequestException',
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    }
    if (operation === 'GetSecretValue') return replyWith(secret, input);
    if (operation === 'PutSecretValue') return written(secret, input);
    if (operation === 'TagResource' || operation === 'UntagResource') return tagged(secret, operation, input);
    if (operation === 'DeleteSecret') {
      secret.deleted = true;
      return jsonAnswer({ ARN: secret.arn, Name: secret.name });
    }
    return refusal('UnknownOperationException', '');
  }

  #create(name: string): FakeSecret {
    const suffix = randomBytes(3).toString('hex');
    const arn = `arn:aws:secretsmanager:${FAKE_REGION}:${FAKE_ACCOUNT}:secret:${name}-${suffix}`;
    const secret: FakeSecret = {
      name,
      arn,
      versions: new Map(),
      stages: new Map(),
      tags: new Map(),
      changedAtMs: Date.now(),
      deleted: false,
    };
    this.#secrets.set(name, secret);
    return secret;
  }
}

/** Moves AWSCURRENT to a new version, and AWSPREVIOUS to the one that had it. */
function addVersion(secret: FakeSecret, content: FakeVersion['content']): FakeVersion {
  const version = { id: randomUUID(), createdAtMs: Date.now(), content };
  const present = secret.stages.get('AWSCURRENT');
  if (present !== undefined) secret.stages.set('AWSPREVIOUS', present);
  secret.versions.set(version.id, version);
  secret.stages.set('AWSCURRENT', version.id);
  secret.changedAtMs = version.createdAtMs;
  return version;
}

function written(secret: FakeSecret, input: Input): FakeAnswer {
  const { SecretString, SecretBinary } = input;
  const version = addVersion(secret, {
    ...(typeof SecretString === 'string' && { SecretString }),
    ...(typeof SecretBinary === 'string' && { SecretBinary }),
  });
  return jsonAnswer({ ARN: secret.arn, Name: secret.name, VersionId: version.id });
}

/** Of a deleted secret too. */
function described(secret: FakeSecret): FakeAnswer {
  return jsonAnswer({
    ARN: secret.arn,
    Name: secret.name,
    LastChangedDate: secret.changedAtMs / 1000,
    ...(secret.deleted && { DeletedDate: secret.changedAtMs / 1000 }),
    Tags: [...secret.tags].map(([Key, Value]) => ({ Key, Value })),
    VersionIdsToStages: stagesByVersion(secret.stages),
  });
}

function tagged(secret: FakeSecret, operation: string, { Tags, TagKeys }: Input): FakeAnswer {
  for (const tag of [Tags ?? []].flat()) {
    if (typeof tag === 'object' && tag !== null) {
      secret.tags.set(String(Reflect.get(tag, 'Key')), String(Reflect.get(tag, 'Value')));
    }
  }
  if (operation === 'UntagResource') for (const key of [TagKeys ?? []].flat()) secret.tags.delete(String(key));
  secret.changedAtMs = Date.now();
  return { status: 200, body: '' };
}

function replyWith(secret: FakeSecret, input: Input): FakeAnswer {
  const { VersionId, VersionStage = 'AWSCURRENT' } = input;
  const id = typeof VersionId === 'string' ? VersionId : secret.stages.get(String(VersionStage));
  const version = id === undefined ? undefined : secret.versions.get(id);
  if (version === undefined) {
    const which = typeof VersionId === 'string' ? `VersionId: ${VersionId}` : `staging label: ${String(VersionStage)}`;
    return refusal('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${which}`);
  }
  return jsonAnswer({
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    VersionStages: [...secret.stages].filter(([, of]) => of === version.id).map(([stage]) => stage),
    CreatedDate: version.createdAtMs / 1000,
    ...version.content,
  });
}
