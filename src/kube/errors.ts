/** The one table from HTTP statuses and network errors to the errors that name a decision. */

import {
  ClusterConflict,
  ClusterForbidden,
  ClusterNotFound,
  ClusterRejected,
  ClusterUnavailable,
  KeyturnError,
  TargetImmutable,
} from '../ports/errors.ts';
import { asList, asText, at } from './narrow.ts';
import { quotedName, type ResourcePath } from './resource-path.ts';

/** The RBAC verb: what metrics count and messages name. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

export interface CallTarget {
  readonly verb: Verb;
  readonly path: ResourcePath;
  /** The object may hold secret values, as Secrets always do: nothing that quotes it is repeated. @default false */
  readonly holdsValues?: boolean;
  /** Names of its fields may be values, too, but for those at the root. @default false */
  readonly hidesNames?: boolean;
}

/** A call that gave no result, in both languages: the protocol's for the adapter, the decision for everybody else. */
export interface CallFailure {
  readonly kind: 'failed';
  /** 0 when no answer came. */
  readonly status: number;
  /** `Status.reason`, or the code of the network error. */
  readonly reason: string;
  /** The server is behind (or was restored to a point before) the version that we asked for. */
  readonly versionTooLarge: boolean;
  /** How many faults of single fields the server named. */
  readonly causes: number;
  readonly error: KeyturnError;
}

/** What may be said of a `Status`. Its `message` may quote the values that were sent. */
interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly kind: string;
  readonly name: string;
  readonly causes: readonly { readonly reason: string; readonly field: string }[];
}

const MAX_CAUSES = 8;
const MAX_FIELD_CHARS = 300;
const MAX_MESSAGE_CHARS = 512;

/** etcd's limit of a request, and gRPC's, in the words in which the API server hands them on with status 500. */
const BEYOND_STORE =
  /^(?:etcdserver: request is too large|rpc error: code = ResourceExhausted desc = trying to send message larger than max)/;
const STORE_HINT =
  'the store of the cluster takes no object so large, which is 1.5 MiB by default, names of keys included; ' +
  'give it fewer, shorter or smaller keys';

/** The API server's words where objects are stored in another version than the one that is asked for. What follows is why. */
const CONVERSION = /conversion webhook for \S+, Kind=\w+ failed: (?:Post "[^"]*": )?(.+)$/s;

/** What to do about a field, where its name and the reason do not say it. Without a reason: whatever it is. */
interface FieldHint {
  readonly field: RegExp;
  readonly reason?: string;
  readonly hint: string;
}

const SECRET_SIZE = 'a Secret holds at most 1048576 bytes of data';
const OBJECT_SIZE = 'an object holds little more than 1048576 bytes';

const HINTS_ON_SECRETS: readonly FieldHint[] = [
  { field: /^data$/, reason: 'FieldValueTooLong', hint: SECRET_SIZE },
  {
    field: /^data$/,
    reason: 'FieldValueForbidden',
    hint: 'the Secret is immutable: delete it, and it will be made anew',
  },
  { field: /^data\[/, reason: 'FieldValueRequired', hint: 'a Secret of this type needs that key' },
  {
    field: /^data\[\.docker(?:cfg|configjson)\]$/,
    reason: 'FieldValueInvalid',
    hint: 'a Secret of this type needs JSON there',
  },
  { field: /^type$/, hint: 'the type of a Secret cannot be changed: delete it, and it will be made anew' },
  {
    field: /^metadata\.annotations$/,
    reason: 'FieldValueTooLong',
    hint: 'annotations have at most 262144 bytes in all',
  },
  {
    field: /^metadata\.finalizers\[/,
    reason: 'FieldValueInvalid',
    hint: 'a finalizer is a domain, "/" and a name',
  },
];

const HINTS_ON_OTHERS: readonly FieldHint[] = [
  { field: /^data$/, reason: 'FieldValueTooLong', hint: OBJECT_SIZE },
  {
    field: /^data$/,
    reason: 'FieldValueForbidden',
    hint: 'the object is immutable: delete it, and it will be made anew',
  },
];

/** The server answered, and not with success. */
export function refused(target: CallTarget, status: number, body: unknown): CallFailure {
  const refusal = readRefusal(status, body);
  return {
    kind: 'failed',
    status,
    reason: refusal.reason,
    versionTooLarge: refusal.causes.some((cause) => cause.reason === 'ResourceVersionTooLarge'),
    causes: refusal.causes.length,
    error: translate(target, refusal),
  };
}

/** No answer that could be used: the network, the deadline, or something that is not the Kubernetes API. */
export function unanswered(target: CallTarget, reason: string): CallFailure {
  const message = `The API server gave no usable answer to ${wording(target)} (${reason}).`;
  const error = new ClusterUnavailable(message);
  return { kind: 'failed', status: 0, reason, versionTooLarge: false, causes: 0, error };
}

/**
 * The code of a network error. The error itself goes no further: undici's parser errors carry
 * the response's bytes and JSON's syntax errors quote them, and both may be a Secret's.
 */
export function networkReason(error: unknown): string {
  const code = asText(at(error, 'code')) || asText(at(error, 'cause', 'code'));
  if (code !== '') {
    return code;
  }
  return error instanceof Error ? error.name : 'unknown';
}

/** What a log line may say of an error from code of ours: only errors made for users have a message free of values. */
export function errorSummary(error: unknown): string {
  if (error instanceof KeyturnError) {
    return error.message;
  }
  return error instanceof Error ? error.name : typeof error;
}

function readRefusal(status: number, body: unknown): Refusal {
  const causes = asList(at(body, 'details', 'causes')).map((cause) => ({
    reason: asText(at(cause, 'reason')),
    field: asText(at(cause, 'field')).slice(0, MAX_FIELD_CHARS),
  }));
  return {
    status,
    reason: asText(at(body, 'reason')) || `HTTP ${status}`,
    message: asText(at(body, 'message')),
    kind: asText(at(body, 'details', 'kind')),
    name: asText(at(body, 'details', 'name')),
    causes,
  };
}

function translate(target: CallTarget, refusal: Refusal): KeyturnError {
  switch (refusal.status) {
    case 400:
    case 413:
    case 422:
      return rejected(target, refusal);
    case 401:
      return new ClusterForbidden(
        `The API server does not accept the operator's credentials (401) to ${wording(target)}: check its token or client certificate.`,
      );
    case 403:
      return forbidden(target, refusal);
    case 404:
      return new ClusterNotFound(notFoundMessage(target, refusal));
    case 409:
      return new ClusterConflict(conflictMessage(target, refusal));
    default:
      if (BEYOND_STORE.test(refusal.message)) {
        return new ClusterRejected(`The API server refuses to ${wording(target)}: ${STORE_HINT}.`);
      }
      return new ClusterUnavailable(
        `The API server could not ${wording(target)}: ${conversionFault(target, refusal) ?? `it answered ${refusal.status} (${refusal.reason})`}.`,
      );
  }
}

/** Undefined for any other fault. The webhook's own words may be those of the object. */
function conversionFault({ path, holdsValues = false }: CallTarget, { message }: Refusal): string | undefined {
  const why = CONVERSION.exec(message)?.[1];
  if (why === undefined) return undefined;
  const reason = holdsValues ? '' : ` (${cut(why)})`;
  return (
    `it has them converted by the webhook of CustomResourceDefinition "${path.resource}.${path.group}", which fails${reason}; ` +
    'let it run, or take spec.conversion out as docs/migration.md says'
  );
}

function rejected(target: CallTarget, refusal: Refusal): KeyturnError {
  if (refusal.causes.some((cause) => cause.field === 'metadata.uid')) {
    return new ClusterConflict(`Another object has the name of ${subject(target)} now: it was deleted and made again.`);
  }
  const Refused = isImmutable(target, refusal) ? TargetImmutable : ClusterRejected;
  return new Refused(
    `The API server refuses to ${wording(target)}: it answered ${refusal.status} (${refusal.reason})${explanation(target, refusal)}.`,
  );
}

const MAY_BE_IMMUTABLE: readonly string[] = ['secrets', 'configmaps'];

/** Their `data` is forbidden to change for this one reason (kubernetes, ValidateSecretUpdate, ValidateConfigMapUpdate). */
function isImmutable({ path, verb }: CallTarget, { causes }: Refusal): boolean {
  const isForbidden = ({ field, reason }: Refusal['causes'][number]) =>
    /^(?:binaryD|d)ata$/.test(field) && reason === 'FieldValueForbidden';
  return verb === 'patch' && path.group === '' && MAY_BE_IMMUTABLE.includes(path.resource) && causes.some(isForbidden);
}

/** Whose tokens are given is often said by name. */
function isNamedInRules({ path }: CallTarget): boolean {
  return path.name !== '' && path.resource.startsWith('serviceaccounts');
}

function missingRule(target: CallTarget): string {
  const { group, resource, name } = target.path;
  const names = isNamedInRules(target) ? `, resourceNames: ["${name}"]` : '';
  return `{apiGroups: ["${group}"], resources: ["${resource}"]${names}, verbs: ["${target.verb}"]}`;
}

/** A denial by RBAC has one well-known form; any other 403 comes from admission and is about this object. */
function forbidden(target: CallTarget, refusal: Refusal): KeyturnError {
  const user = /^\S+(?: "[^"]*")? is forbidden: User "([^"]+)" cannot [a-z]+ resource "/.exec(refusal.message)?.[1];
  if (user !== undefined) {
    const { namespace } = target.path;
    const where = namespace === '' ? 'in a ClusterRole' : `for namespace "${namespace}"`;
    const hint = isNamedInRules(target) ? ' If that rule names ServiceAccounts (resourceNames), add this one.' : '';
    return new ClusterForbidden(
      `The operator may not ${wording(target)}: "${user}" lacks the RBAC rule ${missingRule(target)} ${where}.${hint}`,
    );
  }
  return new ClusterRejected(
    `The API server does not let the operator ${wording(target)} (403)${explanation(target, refusal)}.`,
  );
}

function notFoundMessage(target: CallTarget, refusal: Refusal): string {
  const { path } = target;
  if (refusal.kind === 'namespaces' && path.namespace !== '') {
    return `Namespace "${path.namespace}" does not exist.`;
  }
  if (refusal.name === '') {
    const kind = path.group === '' ? path.resource : `${path.resource}.${path.group}`;
    return `The API server does not serve ${kind} in the version that the operator speaks: install or upgrade the CRDs.`;
  }
  return `There is no ${subject(target)}.`;
}

function conflictMessage(target: CallTarget, refusal: Refusal): string {
  return refusal.reason === 'AlreadyExists'
    ? `The API server could not ${wording(target)}: an object of that name exists.`
    : `The API server could not ${wording(target)}: the object has changed meanwhile.`;
}

function isSecret({ path }: CallTarget): boolean {
  return path.resource.startsWith('secrets');
}

function sizeHint(target: CallTarget): string {
  return isSecret(target) ? SECRET_SIZE : OBJECT_SIZE;
}

/**
 * Why the server refused. About a Secret, and all else that holds values, only field paths, reasons and names of policies are said,
 * since the server's own words quote the object: "Invalid value: ...".
 */
function explanation(target: CallTarget, refusal: Refusal): string {
  const policy = BLOCKS_OWNER.test(refusal.message) ? ownerRule(target) : policyName(refusal.message);
  if (policy !== '') {
    return `: ${policy}`;
  }
  if (!isSecret(target) && target.holdsValues !== true) {
    return refusal.message === '' ? '' : `: ${cut(refusal.message)}`;
  }
  if (refusal.status === 413) {
    return `: ${sizeHint(target)}`;
  }
  const named = refusal.causes.filter(({ field }) => field !== '<nil>');
  const causes = named.slice(0, MAX_CAUSES).map((cause) => causeText(target, cause));
  return causes.length === 0 ? '' : `: ${causes.join('; ')}`;
}

/** Which field of the root it is in. */
function rootOf(field: string): string {
  const [root = ''] = field.split(/[.[]/);
  return root === field || root === '' ? root : `in ${root}:`;
}

function causeText(target: CallTarget, cause: Refusal['causes'][number]): string {
  const place = target.hidesNames === true ? rootOf(cause.field) : cause.field;
  const text = place === '' ? cause.reason : `${place} ${cause.reason}`;
  const hints = isSecret(target) ? HINTS_ON_SECRETS : HINTS_ON_OTHERS;
  const known = hints.find(({ field, reason = cause.reason }) => reason === cause.reason && field.test(cause.field));
  return known === undefined ? text : `${text} (${known.hint})`;
}

/** kubernetes, plugin/pkg/admission/gc: some clusters ask for a right to the owner of what is made. */
const BLOCKS_OWNER = /^\S+(?: "[^"]*")? is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to /;

function ownerRule({ path }: CallTarget): string {
  const owner = path.resource === 'externalsecrets' ? 'clusterexternalsecrets' : 'externalsecrets';
  return (
    'the cluster asks who makes owner references (OwnerReferencesPermissionEnforcement) for the RBAC rule ' +
    `{apiGroups: ["external-secrets.io"], resources: ["${owner}/finalizers"], verbs: ["update"]}`
  );
}

/** The names that admission puts at the head of its messages; what follows them is not repeated. */
function policyName(message: string): string {
  const webhook = /^admission webhook "([^"\s]+)" denied the request/.exec(message)?.[1];
  if (webhook !== undefined) {
    return `admission webhook "${webhook}" denied it`;
  }
  const policy =
    /^\S+(?: "[^"]*")? is forbidden: ValidatingAdmissionPolicy '([\w.-]+)' with binding '[\w.-]+' denied request/.exec(
      message,
    )?.[1];
  if (policy !== undefined) {
    return `ValidatingAdmissionPolicy "${policy}" denied it`;
  }
  const quota = /^\S+(?: "[^"]*")? is forbidden: exceeded quota: ([\w.-]+)/.exec(message)?.[1];
  return quota === undefined ? '' : `ResourceQuota "${quota}" is used up`;
}

function wording(target: CallTarget): string {
  return `${target.verb} ${subject(target)}`;
}

function subject(target: CallTarget): string {
  const { path } = target;
  if (path.name !== '') {
    return `${path.resource} ${quotedName(path)}`;
  }
  return path.namespace === '' ? path.resource : `${path.resource} in namespace "${path.namespace}"`;
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE_CHARS ? text : `${text.slice(0, MAX_MESSAGE_CHARS)}...`;
}
