/** Starts kube-apiserver on a given loopback port and waits until it is ready. */

import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { PortTaken } from './free-port.ts';
import { type ManagedProcess, startProcess } from './managed-process.ts';
import { until } from './until.ts';

/** Of which Services get theirs. */
export const SERVICE_ADDRESSES = '10.96.0.0/16';
const READY_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 5_000;

/** `iss` of ServiceAccount tokens: the same for every port. */
export const TOKEN_ISSUER = 'https://kubernetes.default.svc.cluster.local';

export interface ApiServerOptions {
  readonly path: string;
  /** Holds what {@link prepareApiServer} wrote. */
  readonly directory: string;
  readonly port: number;
  readonly adminToken: string;
  readonly authorizationMode: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** Where etcd listens: a socket file needs no port. */
export function etcdSocketPath(directory: string): string {
  return join(directory, 'etcd.sock');
}

/** The server's certificate, which it makes itself at its first start; the CA that signed it is in the same file. */
export function caPathIn(directory: string): string {
  return join(directory, 'certificates', 'apiserver.crt');
}

export function serverKeyPathIn(directory: string): string {
  return join(directory, 'certificates', 'apiserver.key');
}

export function tokenKeyPathIn(directory: string): string {
  return join(directory, 'service-account.key');
}

/** Writes the key that signs ServiceAccount tokens and the file that makes `adminToken` a cluster admin. */
export function prepareApiServer(directory: string, adminToken: string): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(tokenKeyPathIn(directory), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(directory, 'tokens.csv'), `${adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
}

/** @throws PortTaken when it could not bind; Error with its output when it ended or did not get ready. */
export async function startApiServer(options: ApiServerOptions): Promise<ManagedProcess> {
  const { path, directory, port, adminToken, signal } = options;
  const args = apiServerArgs(options);
  const env = { PATH: process.env['PATH'], HOME: directory };
  const server = await startProcess({ name: 'kube-apiserver', command: path, args, env, cwd: directory, signal });
  try {
    await until('kube-apiserver to be ready', () => isReady(server, directory, port, adminToken), READY_TIMEOUT_MS);
    if (server.hasExited) {
      throw new Error('kube-apiserver ended');
    }
    return server;
  } catch (error) {
    await server.kill();
    signal?.throwIfAborted();
    const output = server.outputTail();
    if (/address already in use/.test(output)) {
      throw new PortTaken(port);
    }
    throw new Error(`kube-apiserver did not start; its last output was:\n${output.slice(-4_000)}`, { cause: error });
  }
}

function apiServerArgs({ directory, port, authorizationMode, args }: ApiServerOptions): readonly string[] {
  return [
    `--etcd-servers=unix://${etcdSocketPath(directory)}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(directory, 'certificates')}`,
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    `--service-account-issuer=${TOKEN_ISSUER}`,
    `--service-account-key-file=${tokenKeyPathIn(directory)}`,
    `--service-account-signing-key-file=${tokenKeyPathIn(directory)}`,
    `--service-cluster-ip-range=${SERVICE_ADDRESSES}`,
    // The Service `kubernetes` may not have a loopback endpoint.
    '--endpoint-reconciler-type=none',
    `--authorization-mode=${authorizationMode}`,
    '--allow-privileged=true',
    ...args,
  ];
}

/** True as well when it has ended: then waiting is over. Only ours knows the token and has the certificate. */
async function isReady(server: ManagedProcess, directory: string, port: number, token: string): Promise<boolean> {
  if (server.hasExited) {
    return true;
  }
  const agent = new Agent({ connect: { ca: readFileSync(caPathIn(directory)) } });
  try {
    const reply = await request(`https://127.0.0.1:${port}/readyz`, {
      dispatcher: agent,
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const text = await reply.body.text();
    if (reply.statusCode !== 200) {
      throw new Error(`/readyz answers ${reply.statusCode}: ${text}`);
    }
    return true;
  } finally {
    await agent.destroy();
  }
}
