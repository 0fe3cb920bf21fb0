/**
 * A small AWS on a loopback port: Secrets Manager and GetCallerIdentity as their documentation describes them, with a
 * state, permissions, faults on demand, and a record of what was asked. It checks no signature.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type FakeAnswer, jsonAnswer, refusal, stsAnswer, stsRefusal, stsSession } from './fake-answers.ts';
import { filterTexts } from './fake-secret-list.ts';
import { FAKE_ACCOUNT, FAKE_REGION, type FakeSecret, FakeSecretStore } from './fake-secret-store.ts';

/** What is answered instead of the truth. */
export type FakeFault =
  | FakeAnswer
  /** Takes the request and never answers. */
  | 'hang'
  /** Sends the head and half a body, and no more. */
  | 'hang in the body'
  /** Closes the connection without an answer. */
  | 'drop';

export interface RecordedCall {
  readonly operation: string;
  readonly secretIds: readonly string[];
  /** As `name=prod/`. */
  readonly filters: readonly string[];
  readonly accessKeyId: string;
  /** Of the answer, if there was one. */
  readonly requestId: string;
}

export interface FakeCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const TARGET = /^secretsmanager\.(\w+)$/;
const ACCESS_KEY = /Credential=([^/]+)\//;
const LARGEST_BATCH = 20;

export class FakeSecretsManager {
  readonly region = FAKE_REGION;
  readonly credentials: FakeCredentials = { accessKeyId: 'AKIAFAKEFAKEFAKEFAKE', secretAccessKey: 'fake' };
  readonly store = new FakeSecretStore();
  readonly calls: RecordedCall[] = [];
  /** What AssumeRoleWithWebIdentity was shown. */
  readonly tokens: string[] = [];
  /** How long the sessions last that it gives. */
  sessionMs = 3_600_000;
  connections = 0;
  #url = '';
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #users = new Map([[this.credentials.accessKeyId, 'admin']]);
  /** `operation` or `operation name`, by access key. */
  readonly #denials = new Set<string>();
  readonly #faults: { readonly operation: string | undefined; readonly fault: FakeFault; times: number }[] = [];
  readonly #refusedEntries = new Map<string, { readonly code: string; readonly message: string }>();
  readonly #omittedEntries = new Set<string>();

  static async start(): Promise<FakeSecretsManager> {
    const fake = new FakeSecretsManager();
    fake.#server.on('connection', () => {
      fake.connections += 1;
    });
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    const address = fake.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    fake.#url = `http://127.0.0.1:${address.port}`;
    return fake;
  }

  get url(): string {
    return this.#url;
  }

  /** A user with keys of its own, who may do everything that is not denied. */
  addUser(name: string): FakeCredentials {
    const accessKeyId = `AKIA${name.toUpperCase()}`;
    this.#users.set(accessKeyId, name);
    return { accessKeyId, secretAccessKey: 'fake' };
  }

  /** Denies an operation, on one secret or on all. */
  deny({ accessKeyId }: FakeCredentials, operation: string, name = '*'): void {
    this.#denials.add(`${accessKeyId} ${operation} ${name}`);
  }

  allow({ accessKeyId }: FakeCredentials, operation: string, name = '*'): void {
    this.#denials.delete(`${accessKeyId} ${operation} ${name}`);
  }

  /** Answers the next calls (of that operation) with a fault. */
  failNext(
    fault: FakeFault,
    { operation, times = 1 }: { readonly operation?: string; readonly times?: number } = {},
  ): void {
    this.#faults.push({ operation, fault, times });
  }

  /** Puts a secret into `Errors` of every batch, without a word to single calls. */
  refuseInBatch(id: string, code: string, message: string): void {
    this.#refusedEntries.set(id, { code, message });
  }

  /** Leaves a secret out of the reply to every batch. */
  omitFromBatch(id: string): void {
    this.#omittedEntries.add(id);
  }

  callsOf(operation: string): readonly RecordedCall[] {
    return this.calls.filter((call) => call.operation === operation);
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const accessKeyId = ACCESS_KEY.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const target = request.headers['x-amz-target'];
    const isForm = typeof target !== 'string';
    const operation = isForm
      ? (new URLSearchParams(body).get('Action') ?? 'Unknown')
      : (TARGET.exec(target)?.[1] ?? 'Unknown');
    const input = isForm ? {} : objectOf(body);
    const token = isForm ? new URLSearchParams(body).get('WebIdentityToken') : null;
    if (token !== null) this.tokens.push(token);
    const secretIds = [input['SecretId'], input['SecretIdList']].flat().filter((id) => typeof id === 'string');
    const requestId = crypto.randomUUID();
    this.calls.push({ operation, secretIds, filters: filterTexts(input), accessKeyId, requestId });
    send(response, this.#nextFault(operation) ?? this.#answer(operation, input, accessKeyId), requestId);
  }

  #nextFault(operation: string): FakeFault | undefined {
    const entry = this.#faults.find((fault) => fault.times > 0 && (fault.operation ?? operation) === operation);
    if (entry === undefined) return undefined;
    entry.times -= 1;
    return entry.fault;
  }

  #answer(operation: string, input: Record<string, unknown>, accessKeyId: string): FakeAnswer {
    const user = this.#users.get(accessKeyId);
    if (operation === 'AssumeRoleWithWebIdentity') return stsSession(this.credentials, this.sessionMs);
    if (operation === 'GetCallerIdentity') {
      if (user === undefined)
        return stsRefusal('InvalidClientTokenId', 'The security token included in the request is invalid.');
      return stsAnswer(FAKE_ACCOUNT, userArn(user));
    }
    if (user === undefined)
      return refusal('UnrecognizedClientException', 'The security token included in the request is invalid.');
    const isOfMany = operation === 'BatchGetSecretValue' || operation === 'ListSecrets';
    if (isOfMany && this.#isDenied(accessKeyId, operation, '*')) return denial(user, operation);
    if (operation === 'ListSecrets') return this.store.list(input);
    if (operation === 'BatchGetSecretValue') return this.#batch(input, accessKeyId, user);
    return this.#ofOne(operation, input, accessKeyId, user);
  }

  #ofOne(operation: string, input: Record<string, unknown>, accessKeyId: string, user: string): FakeAnswer {
    const id = String(input['SecretId']);
    const name = this.store.find(id)?.name ?? id;
    if (this.#isDenied(accessKeyId, operation, name)) return denial(user, operation, id);
    return this.store.answer(operation, input);
  }

  #batch(input: Record<string, unknown>, accessKeyId: string, user: string): FakeAnswer {
    const ids = [input['SecretIdList']].flat().filter((id) => typeof id === 'string');
    if (ids.length === 0 || ids.length > LARGEST_BATCH) {
      return refusal(
        'ValidationException',
        "1 validation error detected: Value at 'secretIdList' failed to satisfy constraint.",
      );
    }
    const secrets = ids.map((id) => this.store.find(id)).filter((secret): secret is FakeSecret => secret !== undefined);
    if (new Set(ids).size < ids.length || new Set(secrets).size < secrets.length) {
      return refusal('InvalidParameterException', 'The parameter SecretIdList has duplicates.');
    }
    const values: unknown[] = [];
    const errors: unknown[] = [];
    for (const id of ids.filter((each) => !this.#omittedEntries.has(each))) {
      const planned = this.#refusedEntries.get(id);
      const answer =
        planned === undefined
          ? this.#ofOne('GetSecretValue', { SecretId: id }, accessKeyId, user)
          : refusal(planned.code, planned.message);
      const entry: unknown = JSON.parse(answer.body);
      if (answer.status === 200) values.push(entry);
      else errors.push({ SecretId: id, ...errorOf(entry) });
    }
    return jsonAnswer({ SecretValues: values, Errors: errors });
  }

  #isDenied(accessKeyId: string, operation: string, name: string): boolean {
    return (
      this.#denials.has(`${accessKeyId} ${operation} *`) || this.#denials.has(`${accessKeyId} ${operation} ${name}`)
    );
  }
}

function userArn(user: string): string {
  return `arn:aws:iam::${FAKE_ACCOUNT}:user/${user}`;
}

function denial(user: string, operation: string, id?: string): FakeAnswer {
  const action = `secretsmanager:${operation}`;
  const resource = id === undefined ? '' : ` on resource: ${id}`;
  return refusal(
    'AccessDeniedException',
    `User: ${userArn(user)} is not authorized to perform: ${action}${resource} because no identity-based policy allows the ${action} action`,
  );
}

function errorOf(body: unknown): { readonly ErrorCode: unknown; readonly Message: unknown } {
  if (typeof body !== 'object' || body === null || !('__type' in body) || !('Message' in body))
    throw new Error('no error');
  return { ErrorCode: body.__type, Message: body.Message };
}

function send(response: ServerResponse, fault: FakeFault, requestId: string): void {
  if (fault === 'hang') return;
  if (fault === 'drop') {
    response.socket?.destroy();
    return;
  }
  if (fault === 'hang in the body') {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': '1000' });
    response.write('{"ARN":"arn:aws');
    return;
  }
  response.writeHead(fault.status, {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': requestId,
    ...fault.headers,
  });
  response.end(fault.body);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

function objectOf(body: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(body);
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
}
