/** From a store's plan to an identity: reads the Secrets that hold static credentials, and the ServiceAccount that has a role. */

import type { CredentialPlan, KeyLocation } from '../domain/store-credentials.ts';
import { callVariant, type StorePlan } from '../domain/store-plan.ts';
import type { Secrets, ServiceAccounts } from '../ports/cluster.ts';
import { InvalidCredentials } from '../ports/errors.ts';
import type { Credentials, Identity } from '../ports/secret-source.ts';
import type { SecretValue } from '../ports/secret-value.ts';

export interface IdentityOptions {
  readonly secrets: Pick<Secrets, 'read'>;
  readonly serviceAccounts: ServiceAccounts;
}

type Check = Extract<StorePlan, { kind: 'check' }>;

/** `key` says whose they are without saying anything of a value. */
interface Resolved {
  readonly key: string;
  readonly credentials: Credentials;
}

interface Found {
  readonly value: SecretValue;
  /** Says which state of which Secret the value is from, without saying anything of the value. */
  readonly origin: string;
}

async function find(location: KeyLocation, { secrets }: IdentityOptions, signal: AbortSignal): Promise<Found> {
  const { namespace, name, key } = location;
  const secret = await secrets.read({ namespace, name }, signal);
  if (secret === undefined) {
    throw new InvalidCredentials(`Secret "${namespace}/${name}" with the credentials does not exist; create it`);
  }
  const value = secret.data.get(key);
  if (value === undefined || value.byteLength === 0) {
    throw new InvalidCredentials(`Secret "${namespace}/${name}" has no key "${key}", or it is empty; add it`);
  }
  return { value, origin: `${namespace}/${name}/${key}@${secret.resourceVersion}` };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html */
const ACCESS_KEY_ID = /^\w{1,128}$/;

/**
 * AWS quotes an access key id that it cannot read, and its words are shown: whoever may make a store, and not read
 * Secrets, would be told of any Secret of the namespace.
 */
function checkAccessKeyId({ namespace, name, key }: KeyLocation, { value }: Found): void {
  if (ACCESS_KEY_ID.test(value.revealText())) return;
  throw new InvalidCredentials(
    `Secret "${namespace}/${name}" has no access key id under "${key}": one has letters and digits only, and no line break ` +
      'at its end; correct the Secret, or name another key',
  );
}

async function ofSecrets(
  plan: Extract<CredentialPlan, { kind: 'static' }>,
  options: IdentityOptions,
  signal: AbortSignal,
): Promise<Resolved> {
  const accessKeyId = await find(plan.accessKeyId, options, signal);
  checkAccessKeyId(plan.accessKeyId, accessKeyId);
  const secretAccessKey = await find(plan.secretAccessKey, options, signal);
  const sessionToken = plan.sessionToken && (await find(plan.sessionToken, options, signal));
  const origins = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
  return {
    key: `static:${origins.map(({ origin }) => origin).join('+')}`,
    credentials: {
      kind: 'static',
      accessKeyId: accessKeyId.value,
      secretAccessKey: secretAccessKey.value,
      sessionToken: sessionToken?.value,
    },
  };
}

/** What the tokens of IRSA are for, unless the ServiceAccount says otherwise. */
const STS_AUDIENCE = 'sts.amazonaws.com';

async function ofServiceAccount(
  { namespace, name, audiences }: Extract<CredentialPlan, { kind: 'serviceAccount' }>,
  sessionName: string,
  { serviceAccounts }: IdentityOptions,
  signal: AbortSignal,
): Promise<Resolved> {
  const account = await serviceAccounts.read({ namespace, name }, signal);
  const who = `ServiceAccount "${namespace}/${name}"`;
  if (account === undefined) throw new InvalidCredentials(`${who} does not exist; create it, or correct auth.jwt`);
  const { uid, roleArn, audience = STS_AUDIENCE } = account;
  if (roleArn === undefined) {
    throw new InvalidCredentials(
      `an IAM role must be associated with service account: ${who} has no annotation eks.amazonaws.com/role-arn; add it`,
    );
  }
  const all = [audience, ...audiences];
  return {
    key: `serviceAccount:${JSON.stringify([namespace, name, uid, roleArn, sessionName, ...all])}`,
    credentials: {
      kind: 'webIdentity',
      roleArn,
      sessionName,
      subject: `system:serviceaccount:${namespace}:${name}`,
      token: (abort) => serviceAccounts.requestToken({ namespace, name }, all, abort),
    },
  };
}

async function resolve(plan: Check, options: IdentityOptions, signal: AbortSignal): Promise<Resolved> {
  const { credentials, sessionName } = plan;
  switch (credentials.kind) {
    case 'defaultChain':
      return { key: 'default', credentials };
    case 'static':
      return await ofSecrets(credentials, options, signal);
    case 'serviceAccount':
      return await ofServiceAccount(credentials, sessionName, options, signal);
  }
}

/**
 * The key of an identity is made of the names and versions of what its credentials come from: it changes with any
 * of them, and two stores that use the same are one identity.
 * @throws InvalidCredentials when a Secret, a key in it, a ServiceAccount or its role is missing.
 */
export async function resolveIdentity(plan: Check, options: IdentityOptions, signal: AbortSignal): Promise<Identity> {
  const { region, roles, retry } = plan;
  const { key, credentials } = await resolve(plan, options, signal);
  return { key: `${key}${callVariant(plan)}@${region}`, region, credentials, roles, ...(retry && { retry }) };
}
