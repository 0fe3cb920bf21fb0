/**
 * Talks to a control plane that this or another process started: kubectl, JSON requests, request counts, and
 * kubeconfigs of ServiceAccounts.
 */

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request as send } from 'undici';
import { writeKubeconfig } from './kubeconfig.ts';
import { parseRequestCounts, type RequestCount } from './request-counts.ts';
import { type CommandResult, runCommand } from './run-command.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const KUBECTL_TIMEOUT_MS = 120_000;

/** Everything that another process needs to use the control plane; plain data. */
export interface ClusterAccess {
  readonly url: string;
  /** PEM file to trust. */
  readonly caPath: string;
  /** PEM file of the server's own key, for a proxy that stands in for it. */
  readonly serverKeyPath: string;
  readonly adminToken: string;
  readonly adminKubeconfigPath: string;
  readonly kubectlPath: string;
  /** Removed with the control plane; kubeconfigs are written here. */
  readonly directory: string;
  /** `iss` of ServiceAccount tokens. */
  readonly tokenIssuer: string;
}

export interface KubectlOptions {
  /** Given to it on stdin. */
  readonly input?: string | undefined;
  /** @default the admin's */
  readonly kubeconfigPath?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RequestOptions {
  /** @default application/json */
  readonly contentType?: string | undefined;
  /** @default application/json */
  readonly accept?: string | undefined;
  /** @default the admin's */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ApiResponse {
  readonly status: number;
  /** Parsed when it is JSON, else text. */
  readonly body: unknown;
}

export interface ServiceAccountName {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Where the kubeconfig points to, such as a fault proxy. @default the API server */
  readonly server?: string | undefined;
}

export interface ClusterClient {
  readonly access: ClusterAccess;
  readonly url: string;
  readonly adminKubeconfigPath: string;
  /** Runs kubectl; a non-zero exit code is a result. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<CommandResult>;
  /** Applies a manifest given as text. @throws Error with what kubectl said. */
  apply(manifest: string): Promise<void>;
  /** Applies a file or a directory. @throws Error with what kubectl said. */
  applyPath(path: string): Promise<void>;
  /** Sends one request; every status is a result. @throws Error when no reply came. */
  request(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<ApiResponse>;
  /** The API server's request counters at this moment. */
  metrics(): Promise<readonly RequestCount[]>;
  /** Makes the ServiceAccount if there is none. @returns a token of it, valid for an hour. */
  tokenFor(name: ServiceAccountName): Promise<string>;
  /** Makes the ServiceAccount if there is none. @returns path of a kubeconfig with a token of it, mode 0600. */
  kubeconfigFor(name: ServiceAccountName): Promise<string>;
  close(): Promise<void>;
}

export function clusterClient(access: ClusterAccess): ClusterClient {
  const agent = new Agent({
    connect: { ca: readFileSync(access.caPath) },
    headersTimeout: REQUEST_TIMEOUT_MS,
    bodyTimeout: REQUEST_TIMEOUT_MS,
  });
  const request: ClusterClient['request'] = (method, path, body, options = {}) =>
    sendRequest(access, agent, method, path, body, options);
  const tokenFor: ClusterClient['tokenFor'] = (name) => requestToken(request, name);
  const kubectl: ClusterClient['kubectl'] = (args, options = {}) => runKubectl(access, args, options);

  return {
    access,
    url: access.url,
    adminKubeconfigPath: access.adminKubeconfigPath,
    kubectl,
    apply: async (manifest) => requireSuccess(await kubectl(['apply', '-f', '-'], { input: manifest })),
    applyPath: async (path) => requireSuccess(await kubectl(['apply', '-f', path])),
    request,
    async metrics() {
      const { status, body } = await request('GET', '/metrics', undefined, { accept: 'text/plain' });
      if (status !== 200 || typeof body !== 'string') {
        throw new Error(`/metrics answered ${status}`);
      }
      return parseRequestCounts(body);
    },
    tokenFor,
    async kubeconfigFor(name) {
      const token = await tokenFor(name);
      const path = join(access.directory, `${name.namespace}-${name.serviceAccount}-${randomUUID()}.kubeconfig`);
      const { server = access.url, namespace } = name;
      const caPath = server.startsWith('https:') ? access.caPath : undefined;
      writeKubeconfig(path, { server, caPath, token, namespace });
      return path;
    },
    close: () => agent.destroy(),
  };
}

async function sendRequest(
  access: ClusterAccess,
  agent: Agent,
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions,
): Promise<ApiResponse> {
  const { contentType = 'application/json', accept = 'application/json', token = access.adminToken, signal } = options;
  const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const reply = await send(new URL(path, access.url), {
    dispatcher: agent,
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept,
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  });
  const text = await reply.body.text();
  const isJson = String(reply.headers['content-type']).includes('json');
  const parsed: unknown = isJson ? JSON.parse(text) : text;
  return { status: reply.statusCode, body: parsed };
}

function runKubectl(access: ClusterAccess, args: readonly string[], options: KubectlOptions): Promise<CommandResult> {
  return runCommand({
    name: `kubectl ${args.join(' ')}`,
    command: access.kubectlPath,
    args,
    cwd: process.cwd(),
    env: {
      PATH: process.env['PATH'],
      HOME: access.directory,
      KUBECONFIG: options.kubeconfigPath ?? access.adminKubeconfigPath,
    },
    input: options.input,
    signal: options.signal,
    timeoutMs: KUBECTL_TIMEOUT_MS,
  });
}

function requireSuccess({ exitCode, stderr }: CommandResult): void {
  if (exitCode !== 0) {
    throw new Error(`kubectl failed (${exitCode}): ${stderr.trim()}`);
  }
}

async function requestToken(request: ClusterClient['request'], name: ServiceAccountName): Promise<string> {
  const accounts = `/api/v1/namespaces/${name.namespace}/serviceaccounts`;
  const made = await request('POST', accounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: name.serviceAccount },
  });
  if (made.status !== 201 && made.status !== 409) {
    throw new Error(`creating ServiceAccount ${name.namespace}/${name.serviceAccount} answered ${made.status}`);
  }
  const answer = await request('POST', `${accounts}/${name.serviceAccount}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3_600 },
  });
  const token = field(field(answer.body, 'status'), 'token');
  if (typeof token !== 'string') {
    throw new Error(`a token for ${name.namespace}/${name.serviceAccount} was not given: ${answer.status}`);
  }
  return token;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
