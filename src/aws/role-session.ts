/** Sessions of roles, asked of STS. */

import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../ports/clock.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { AssumedRole, Credentials } from '../ports/secret-source.ts';
import { AwsFault, faultOf, type RefusedSession } from './aws-fault.ts';
import type { CredentialsProvider } from './credentials.ts';
import { renewedCredentials } from './renewed-credentials.ts';
import { REQUEST_STEP, requestStep } from './request-step.ts';
import { type TokenClaims, tokenClaims } from './token-claims.ts';
import { field, textField } from './unchecked-field.ts';

export interface RoleSessionOptions {
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface RoleSession {
  readonly provider: CredentialsProvider;
  close(): void;
}

type WebIdentity = Extract<Credentials, { kind: 'webIdentity' }>;

const ATTEMPTS = 3;
const CONNECT_TIMEOUT_MS = 3_000;
/** Within the deadline of the call that waits for the credentials. */
const TOKEN_TIMEOUT_MS = 5_000;

function createClient(options: RoleSessionOptions, credentials?: CredentialsProvider): STSClient {
  const { region, endpoint, clock, metrics } = options;
  const client = new STSClient({
    region,
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS },
    ...(credentials !== undefined && { credentials }),
    ...(endpoint !== undefined && { endpoint }),
  });
  client.middlewareStack.add(requestStep({ clock, metrics }), REQUEST_STEP);
  return client;
}

/** @throws AwsFault for a reply that lacks what makes a session */
function sessionIn(reply: unknown): Awaited<ReturnType<CredentialsProvider>> {
  const credentials = field(reply, 'Credentials');
  const accessKeyId = textField(credentials, 'AccessKeyId');
  const secretAccessKey = textField(credentials, 'SecretAccessKey');
  const sessionToken = textField(credentials, 'SessionToken');
  const expiration = field(credentials, 'Expiration');
  if (!accessKeyId || !secretAccessKey || !sessionToken || !(expiration instanceof Date)) {
    throw new AwsFault({ origin: 'reply', code: 'MalformedReply' });
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

/** What fails there is a fault of the credentials, and says whose. A network fault stays one. */
function faultOfSession(error: unknown, session: RefusedSession): AwsFault {
  if (error instanceof KeyturnError) {
    return new AwsFault({ origin: 'credentials', code: error.name, said: error });
  }
  const fault = faultOf(error);
  // Of a session before this one, and said already.
  if (fault.origin === 'credentials') return fault;
  const { origin, code, text, status, requestId, host, operation } = fault.during(session.action.replace('sts:', ''));
  if (origin !== 'service') return new AwsFault({ origin, code, text, status, requestId, host, operation });
  return new AwsFault({ origin: 'credentials', code, text, status, requestId, operation, session });
}

/** @param described what is told of it when it is refused */
function sessionOf(
  client: STSClient,
  described: () => RefusedSession,
  ask: () => Promise<unknown>,
  clock: Clock,
): RoleSession {
  const provider: CredentialsProvider = async () => {
    try {
      return sessionIn(await ask());
    } catch (error) {
      throw faultOfSession(error, described());
    }
  };
  return { provider: renewedCredentials(provider, clock), close: () => client.destroy() };
}

/** Anybody may ask with a token: it is what proves who asks. */
export function webIdentitySession(
  { roleArn, sessionName, token }: WebIdentity,
  options: RoleSessionOptions,
): RoleSession {
  const client = createClient(options);
  let shown: TokenClaims | undefined;
  const ask = async () => {
    const webIdentityToken = (await token(AbortSignal.timeout(TOKEN_TIMEOUT_MS))).revealText();
    shown = tokenClaims(webIdentityToken);
    return await client.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        WebIdentityToken: webIdentityToken,
      }),
    );
  };
  const described = () => ({ role: roleArn, action: 'sts:AssumeRoleWithWebIdentity', token: shown });
  return sessionOf(client, described, ask, options.clock);
}

export function roleSession(
  { roleArn, sessionName, externalId, tags, transitiveTagKeys }: AssumedRole,
  credentials: CredentialsProvider,
  options: RoleSessionOptions,
): RoleSession {
  const client = createClient(options, credentials);
  const ask = () =>
    client.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        ...(externalId !== undefined && { ExternalId: externalId }),
        ...(tags !== undefined && { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }),
        ...(transitiveTagKeys !== undefined && { TransitiveTagKeys: [...transitiveTagKeys] }),
      }),
    );
  const described = () => ({
    role: roleArn,
    action: 'sts:AssumeRole',
    withTags: tags !== undefined,
    withExternalId: externalId !== undefined,
  });
  return sessionOf(client, described, ask, options.clock);
}
