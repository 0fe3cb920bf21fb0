/** What a message of the rotation queue says has happened to which secret. */

import { parseSecretArn, possibleNames } from '../ports/secret-arn.ts';

/** A label that points to another version than before. */
export interface LabelMove {
  readonly stage: string;
  /** To which version it points now; undefined where the event does not say, or the label is gone. */
  readonly versionId: string | undefined;
}

export interface EventSecret {
  /** The full ARN. Undefined where the event only repeats the name or partial ARN that its caller typed. */
  readonly arn: string | undefined;
  /** The names that it can have: two where an ARN that its caller typed may be a full or a partial one. */
  readonly names: readonly string[];
  readonly account: string;
  readonly region: string;
}

/** `rotationFailed` is told also when a rotation is given up; `tagged` when tags were added, changed or removed. */
export type RotationEventKind = 'moved' | 'tagged' | 'deleted' | 'restored' | 'rotationSucceeded' | 'rotationFailed';

export interface RotationEvent {
  /** EventBridge's id, the same for each delivery of the event. */
  readonly id: string;
  readonly kind: RotationEventKind;
  readonly secret: EventSecret;
  /**
   * The labels that moved, or may have: then a look at AWS tells. Who uses none of them is not concerned by `moved` and
   * `rotationSucceeded`. Empty for the other kinds.
   */
  readonly moves: readonly LabelMove[];
  /** When it happened; undefined where that cannot be read. */
  readonly atMs: number | undefined;
}

/** `why` is a constant text: nothing of the body is repeated. */
export type DecodedBody =
  | { readonly kind: 'event'; readonly event: RotationEvent }
  /** An event that says nothing about the values of a secret. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Not an event, or one that lacks what it must have. */
  | { readonly kind: 'malformed'; readonly why: string };

type Change = Pick<RotationEvent, 'kind' | 'moves'>;

interface Envelope {
  readonly body: unknown;
  readonly detail: unknown;
  readonly id: string;
}

/** A body that must go to the dead-letter queue. */
class Malformed extends Error {}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const NAME = /^[A-Za-z0-9/_+=.@!-]{1,600}$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z0-9-]{1,63}$/;
/** AWS's limit for ARNs; labels, names and version ids are shorter. */
const LONGEST_TEXT = 2048;

/** Calls in CloudTrail's events that can change what a label points to, the tags, or whether the secret is there. */
const CALLS = new Map<string, (detail: unknown) => Change>([
  ['PutSecretValue', putSecretValue],
  ['UpdateSecret', (detail) => moved([CURRENT], text(detail, 'responseElements', 'versionId'))],
  ['CreateSecret', (detail) => moved([CURRENT], text(detail, 'responseElements', 'versionId'))],
  ['UpdateSecretVersionStage', updateSecretVersionStage],
  ['TagResource', () => ({ kind: 'tagged', moves: [] })],
  ['UntagResource', () => ({ kind: 'tagged', moves: [] })],
  ['DeleteSecret', () => ({ kind: 'deleted', moves: [] })],
  ['RestoreSecret', () => ({ kind: 'restored', moves: [] })],
]);

/** What Secrets Manager does of its own accord. */
const SERVICE_EVENTS = new Map<string, () => Change>([
  ['RotationSucceeded', () => ({ kind: 'rotationSucceeded', moves: moved([CURRENT], undefined).moves })],
  ['RotationFailed', () => ({ kind: 'rotationFailed', moves: [] })],
  ['RotationAbandoned', () => ({ kind: 'rotationFailed', moves: [] })],
]);

/** By detail type; in China CloudTrail's begin with `Amazon`. */
const DECODERS = new Map<string, (envelope: Envelope) => DecodedBody>([
  ['Secret Label Updated', decodeLabelUpdated],
  ['AWS API Call via CloudTrail', decodeCall],
  ['Amazon API Call via CloudTrail', decodeCall],
  ['AWS Service Event via CloudTrail', decodeServiceEvent],
  ['Amazon Service Event via CloudTrail', decodeServiceEvent],
]);

/** Reads the body of a message as EventBridge sends it. Takes anything and never throws. */
export function decodeRotationEvent(body: string): DecodedBody {
  try {
    return decode(parseJson(body));
  } catch (error) {
    if (error instanceof Malformed) return { kind: 'malformed', why: error.message };
    throw error;
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes the body.
    throw new Malformed('it is not JSON');
  }
}

function decode(body: unknown): DecodedBody {
  const source = text(body, 'source');
  const detailType = text(body, 'detail-type');
  const id = text(body, 'id');
  const detail = at(body, 'detail');
  const hasDetail = typeof detail === 'object' && detail !== null;
  if (source === undefined || detailType === undefined || id === undefined || !hasDetail) {
    throw new Malformed('it is not an EventBridge event');
  }
  if (source !== 'aws.secretsmanager') return unknown('its source is not aws.secretsmanager');
  const decoder = DECODERS.get(detailType);
  return decoder === undefined
    ? unknown('its detail type is not one that tells of a change')
    : decoder({ body, detail, id });
}

function decodeLabelUpdated(envelope: Envelope): DecodedBody {
  const { body, detail } = envelope;
  const arn = text(body, 'resources', '0');
  const stage = text(detail, 'labelUpdated');
  const secret = arn === undefined ? undefined : secretOfArn(arn);
  if (secret === undefined) throw new Malformed('it has no ARN of a secret in resources');
  if (stage === undefined) throw new Malformed('it has no detail.labelUpdated');
  return happened(envelope, secret, moved([stage], text(detail, 'versionId')));
}

function decodeCall(envelope: Envelope): DecodedBody {
  const { detail } = envelope;
  const change = CALLS.get(text(detail, 'eventName') ?? '');
  if (change === undefined) return unknown('it tells of a call that changes no value');
  if (at(detail, 'errorCode') != null) return unknown('it tells of a call that failed');
  return happened(envelope, secretOfCall(envelope), change(detail));
}

function decodeServiceEvent(envelope: Envelope): DecodedBody {
  const { detail } = envelope;
  const change = SERVICE_EVENTS.get(text(detail, 'eventName') ?? '');
  if (change === undefined) return unknown('it tells of a service event that changes no value');
  const id = text(detail, 'additionalEventData', 'SecretId') ?? text(detail, 'additionalEventData', 'secretId');
  return happened(envelope, secretOfId(id, envelope), change());
}

function happened({ id, body, detail }: Envelope, secret: EventSecret, change: Change): DecodedBody {
  const atMs = Date.parse(text(detail, 'eventTime') ?? text(body, 'time') ?? '');
  return { kind: 'event', event: { id, secret, ...change, atMs: Number.isNaN(atMs) ? undefined : atMs } };
}

function unknown(why: string): DecodedBody {
  return { kind: 'unknown', why };
}

/** Without VersionStages, PutSecretValue moves AWSCURRENT; the version gets the id of the client's token. */
function putSecretValue(detail: unknown): Change {
  const asked = at(detail, 'requestParameters', 'versionStages');
  const stages = Array.isArray(asked) ? asked.filter((stage) => typeof stage === 'string') : [];
  const versionId =
    text(detail, 'responseElements', 'versionId') ?? text(detail, 'requestParameters', 'clientRequestToken');
  return moved(stages.length === 0 ? [CURRENT] : stages, versionId);
}

function updateSecretVersionStage(detail: unknown): Change {
  const stage = text(detail, 'requestParameters', 'versionStage');
  if (stage === undefined) throw new Malformed('it has no detail.requestParameters.versionStage');
  return moved([stage], text(detail, 'requestParameters', 'moveToVersionId'));
}

/** AWS moves AWSPREVIOUS by itself whenever AWSCURRENT moves, and sends no event for it. */
function moved(stages: readonly string[], versionId: string | undefined): Change {
  const moves: LabelMove[] = stages.map((stage) => ({ stage, versionId }));
  if (stages.includes(CURRENT) && !stages.includes(PREVIOUS)) moves.push({ stage: PREVIOUS, versionId: undefined });
  return { kind: 'moved', moves };
}

/** AWS's own word for the secret, or else the caller's. Until February 2024 some calls spelled it `aRN`. */
function secretOfCall(envelope: Envelope): EventSecret {
  const { detail } = envelope;
  const answered = text(detail, 'responseElements', 'arn') ?? text(detail, 'responseElements', 'aRN');
  const secret = answered === undefined ? undefined : secretOfArn(answered);
  if (secret !== undefined) return secret;
  return secretOfId(
    text(detail, 'requestParameters', 'secretId') ?? text(detail, 'requestParameters', 'name'),
    envelope,
  );
}

/** @param id a name, a partial ARN or a full one */
function secretOfId(id: string | undefined, { body }: Envelope): EventSecret {
  if (id === undefined) throw new Malformed('it names no secret');
  if (id.startsWith('arn:')) {
    const secret = secretOfTypedArn(id);
    if (secret === undefined) throw new Malformed('the ARN in it is not the ARN of a secret');
    return secret;
  }
  const account = text(body, 'account') ?? '';
  const region = text(body, 'region') ?? '';
  if (!NAME.test(id) || !ACCOUNT.test(account) || !REGION.test(region)) {
    throw new Malformed('it names no secret of an account and a region');
  }
  return { arn: undefined, names: [id], account, region };
}

/** An ARN that AWS wrote is a full one. */
function secretOfArn(arn: string): EventSecret | undefined {
  const secret = secretOfTypedArn(arn);
  const [name] = secret?.arn === undefined ? [] : secret.names;
  return secret === undefined || name === undefined ? undefined : { ...secret, names: [name] };
}

function secretOfTypedArn(arn: string): EventSecret | undefined {
  const parsed = parseSecretArn(arn);
  if (parsed === undefined || !NAME.test(parsed.resource)) return undefined;
  const { account, region } = parsed;
  const names = possibleNames(arn).toReversed();
  return { arn: names.length > 1 ? arn : undefined, names, account, region };
}

/** What is at `path` of something that came from outside; undefined where there is nothing. */
function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

/** A text that can be a name; undefined for anything else. */
function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' && found.length <= LONGEST_TEXT ? found : undefined;
}
