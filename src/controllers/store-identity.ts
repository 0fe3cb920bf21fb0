/** From a store's credential plan to an identity: reads the Secrets that hold static credentials. */

import type { KeyLocation, StorePlan } from '../domain/store-plan.ts';
import type { Secrets } from '../ports/cluster.ts';
import { InvalidCredentials } from '../ports/errors.ts';
import type { Credentials, Identity } from '../ports/secret-source.ts';
import type { SecretValue } from '../ports/secret-value.ts';

interface Found {
  readonly value: SecretValue;
  /** Says which state of which Secret the value is from, without saying anything of the value. */
  readonly origin: string;
}

async function find(location: KeyLocation, secrets: Secrets, signal: AbortSignal): Promise<Found> {
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

/**
 * The key of a static identity is made of the names and resource versions of its Secrets: it changes with any
 * of them, and two stores that use the same Secrets are one identity.
 * @throws InvalidCredentials when a Secret or a key in it is missing.
 */
export async function resolveIdentity(
  plan: Extract<StorePlan, { kind: 'check' }>,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Identity> {
  const { region } = plan;
  if (plan.credentials.kind === 'defaultChain') {
    return { key: `default@${region}`, region, credentials: { kind: 'defaultChain' } };
  }
  const accessKeyId = await find(plan.credentials.accessKeyId, secrets, signal);
  const secretAccessKey = await find(plan.credentials.secretAccessKey, secrets, signal);
  const sessionToken = plan.credentials.sessionToken && (await find(plan.credentials.sessionToken, secrets, signal));
  const origins = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
  const credentials: Credentials = {
    kind: 'static',
    accessKeyId: accessKeyId.value,
    secretAccessKey: secretAccessKey.value,
    sessionToken: sessionToken?.value,
  };
  return { key: `static:${origins.map(({ origin }) => origin).join('+')}@${region}`, region, credentials };
}
