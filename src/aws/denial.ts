/** What is told of a denial: who may not do what, which policy is to blame, and the statement that would allow it. */

import { AccessDenied } from '../ports/errors.ts';
import {
  accountOf,
  allowing,
  decryptingQueue,
  decryptingSecrets,
  type IamStatement,
  partitionOf,
  policyPrincipal,
} from '../ports/iam-statement.ts';
import { iamResourceOf, parseSecretArn } from '../ports/secret-arn.ts';
import type { AwsFault } from './aws-fault.ts';
import { type Denial, type PolicyKind, parseDenial, stablePrincipal } from './aws-text.ts';
import { detail, PLACES, type Situation, sentence, subject } from './call-situation.ts';
import { hintOnName } from './key-hints.ts';

const LIST_SECRETS = 'secretsmanager:ListSecrets';
/** https://repost.aws/knowledge-center/secrets-manager-cross-account-key */
const KMS_DENIAL = /\baccess to kms is not allowed/i;
const FORMER_KEY = /\bnot encrypted with the current kms key/i;
const UNKNOWN_PRINCIPAL = 'ARN_OF_THE_IDENTITY';

/** A denied call, with what AWS's text says of it. */
interface Denied {
  readonly fault: AwsFault;
  readonly situation: Situation;
  readonly denial: Denial;
  /** Who was denied, as AWS calls it; undefined while nobody has told. */
  readonly caller: string | undefined;
}

export function denied(fault: AwsFault, situation: Situation): AccessDenied {
  const denial = parseDenial(fault.text);
  const call = { fault, situation, denial, caller: denial.principal ?? stablePrincipal(situation.principal) };
  const isOfKey =
    KMS_DENIAL.test(fault.text) || denial.action?.startsWith('kms:') === true || fault.code.startsWith('Kms');
  return new AccessDenied(isOfKey ? ofKey(call) : ofCall(call), detail(fault));
}

/** Of another account's secret that is encrypted with the key which AWS manages there. */
export function deniedByManagedKey(fault: AwsFault, situation: Situation): AccessDenied {
  const call = { fault, situation, denial: parseDenial(fault.text), caller: stablePrincipal(situation.principal) };
  return new AccessDenied(
    `${sentence(subject(situation))} is encrypted with the key aws/secretsmanager, which no other account can use (${fault.code}). ` +
      `Encrypt it with a customer managed key, let the key's policy allow it: ${text(ofKeyPolicy(call))}, ` +
      `and ${PLACES.identity}: ${text(decryption(call))}.`,
    detail(fault),
  );
}

function whoOf({ caller, situation }: Denied): string {
  return caller ?? (situation.queue === undefined ? 'The identity of the store' : 'The operator');
}

function whyOf({ fault, denial }: Denied, otherwise?: string): string {
  const reason = denial.reason ?? otherwise;
  return reason === undefined ? fault.code : `${fault.code}: ${reason}`;
}

function ofCall(call: Denied): string {
  const { situation, denial } = call;
  const isListing = situation.action === LIST_SECRETS;
  // For a batch SQS asks for the permission of the single call.
  const action = situation.queue === undefined ? (denial.action ?? situation.action) : situation.action;
  const statement = allowing(action, isListing ? '*' : resourceOf(call));
  const what = isListing ? ', which find needs' : ` on ${subject(situation)}`;
  const more = isListing ? ' AWS cannot narrow that to some secrets.' : moreOnSecret(call, action);
  return `${whoOf(call)} may not ${action}${what} (${whyOf(call)}). ${adviceOn(call, statement)}${more}`;
}

function adviceOn(call: Denied, statement: IamStatement): string {
  const { policy, policyArn, explicit } = call.denial;
  if (explicit) {
    const place = policy === undefined ? 'the policy that has it' : placeOf(call, policy);
    const which = policyArn === undefined ? place : `${place} (${policyArn})`;
    return `Remove that deny from ${which}. What has to be allowed: ${text(statement)}.`;
  }
  if (policy === undefined) {
    return `AWS does not say which policy lacks it; most likely it is that of the identity. Add to its policies: ${text(statement)}.`;
  }
  return `Add to ${placeOf(call, policy)}: ${text(inPolicy(call, policy, statement))}.`;
}

function placeOf({ situation }: Denied, policy: PolicyKind): string {
  return policy === 'resource' && situation.queue !== undefined ? 'the policy of the queue' : PLACES[policy];
}

/** The same permission as each kind of policy spells it. */
function inPolicy(call: Denied, policy: PolicyKind, { Effect, Action, Resource = '*' }: IamStatement): IamStatement {
  if (policy === 'resource') return { Effect, Principal: { AWS: principalOf(call) }, Action, Resource: '*' };
  if (policy === 'endpoint') return { Effect, Principal: '*', Action, Resource };
  return { Effect, Action, Resource };
}

/** What AWS does not say and is often the reason. */
function moreOnSecret(call: Denied, action: string): string {
  const { situation, caller } = call;
  const key = situation.ref?.key;
  if (key === undefined) return '';
  const owner = parseSecretArn(key)?.account;
  const account = accountOf(caller);
  if (owner !== undefined && account !== undefined && owner !== account) return acrossAccounts(call, action, owner);
  const hint = hintOnName(key);
  if (hint !== '' || key.startsWith('arn:') || !lacksIdentityPolicy(call)) return hint;
  return ' Check the name as well: AWS denies what does not exist in the same words.';
}

function lacksIdentityPolicy({ denial: { explicit, policy } }: Denied): boolean {
  return !explicit && (policy === undefined || policy === 'identity');
}

function acrossAccounts(call: Denied, action: string, owner: string): string {
  const inSecret = `: ${text(inPolicy(call, 'resource', allowing(action, '*')))}`;
  const other = call.denial.policy === 'resource' && !call.denial.explicit ? PLACES.identity : 'its resource policy';
  return (
    ` It is of another account (${owner}): a customer managed KMS key and ${other} have to allow it as well` +
    `${lacksIdentityPolicy(call) ? inSecret : ''}.`
  );
}

function ofKey(call: Denied): string {
  const { situation, denial, fault } = call;
  const why = whyOf(call, 'access to KMS is not allowed');
  const former = FORMER_KEY.test(fault.text)
    ? ' This version is encrypted with a former key: put a new version, or allow the former key.'
    : '';
  const advice =
    denial.explicit || (denial.policy !== undefined && denial.policy !== 'resource')
      ? adviceOn(call, decryption(call))
      : adviceOnKey(call);
  return `${whoOf(call)} may not use the KMS key of ${subject(situation)} (${why}). ${advice}${former}`;
}

/** A key's policy may leave the decision to IAM, and then those of the identities are enough, but not across accounts. */
function adviceOnKey(call: Denied): string {
  const inKey = text(ofKeyPolicy(call));
  const inIdentity = `to ${PLACES.identity}: ${text(decryption(call))}`;
  return call.denial.policy === 'resource'
    ? `Add to the policy of ${call.denial.resource ?? 'that key'}: ${inKey}, and ${inIdentity}.`
    : `Add ${inIdentity}. Unless the key's policy leaves that to IAM, add there: ${inKey}.`;
}

function ofKeyPolicy(call: Denied): IamStatement {
  return { Effect: 'Allow', Principal: { AWS: principalOf(call) }, Action: 'kms:Decrypt', Resource: '*' };
}

function decryption(call: Denied): IamStatement {
  const { situation, denial } = call;
  const { region, queue, ref } = situation;
  const home = homeOf(call);
  const account =
    queue === undefined ? (parseSecretArn(ref?.key ?? '')?.account ?? home.account) : accountOf(queue.arn);
  const key = denial.resource ?? `arn:${home.partition}:kms:${region}:${account}:key/*`;
  if (queue !== undefined) return decryptingQueue({ key, region });
  return decryptingSecrets({ key, region, secrets: resourceOf(call) });
}

function principalOf({ caller, situation }: Denied): string {
  return caller === undefined ? (situation.role ?? UNKNOWN_PRINCIPAL) : policyPrincipal(caller, situation.role);
}

function homeOf({ caller, situation: { region } }: Denied) {
  return { partition: partitionOf(region), region, account: accountOf(caller) ?? '*' };
}

function resourceOf(call: Denied): string {
  const { ref, queue } = call.situation;
  if (queue !== undefined) return queue.arn;
  return ref === undefined ? '*' : iamResourceOf(ref.key, homeOf(call));
}

function text(statement: IamStatement): string {
  return JSON.stringify(statement);
}
