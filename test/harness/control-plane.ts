/**
 * A real Kubernetes control plane on loopback: etcd, kube-apiserver with RBAC, and kube-controller-manager with the
 * controllers that objects without pods need (garbage collection, namespaces, ServiceAccounts).
 *
 * The API server makes its own certificate; the admin is a static token in `system:masters`, new for each start.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  caPathIn,
  etcdSocketPath,
  prepareApiServer,
  serverKeyPathIn,
  startApiServer,
  TOKEN_ISSUER,
  tokenKeyPathIn,
} from './api-server.ts';
import { type Binaries, binaryPath, controlPlaneBinaries } from './binaries.ts';
import { type ClusterAccess, type ClusterClient, clusterClient } from './cluster-client.ts';
import { onFreePort } from './free-port.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type ManagedProcess, startProcess } from './managed-process.ts';
import type { Progress } from './progress.ts';
import { type TemporaryDirectory, temporaryDirectory } from './reaper.ts';
import { until } from './until.ts';

const READY_TIMEOUT_MS = 60_000;
const CONTROLLERS = [
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
  'validatingadmissionpolicy-status-controller',
];

export interface ControlPlaneOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
  /** @default true */
  readonly controllerManager?: boolean | undefined;
  /** More controllers to run, such as `deployment-controller`. */
  readonly controllers?: readonly string[] | undefined;
  /**
   * Files or directories with CustomResourceDefinitions, applied and established before the controller manager
   * starts: it learns of later ones only every 30 s, and collects nothing of theirs until then.
   */
  readonly crdPaths?: readonly string[] | undefined;
  /** @default RBAC */
  readonly authorizationMode?: string | undefined;
  /** More flags for kube-apiserver. */
  readonly apiServerArgs?: readonly string[] | undefined;
}

export interface ControlPlane extends ClusterClient {
  /** SIGKILL: clients see their connections break, and new ones refused. */
  stopApiServer(): Promise<void>;
  /** On the same port and the same data; returns when it is ready. */
  startApiServer(): Promise<void>;
  /** Both of the above. */
  restartApiServer(): Promise<void>;
  /** Makes the garbage collector learn of new kinds at once. */
  restartControllerManager(): Promise<void>;
  /** Ends every process and removes every file. */
  stop(): Promise<void>;
}

/** @throws MissingTool when the binaries cannot be had; Error with the output of what did not start. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await controlPlaneBinaries(options);
  const directory = temporaryDirectory('control-plane');
  const running: ManagedProcess[] = [];
  try {
    return await startAll(binaries, directory, running, options);
  } catch (error) {
    await killAll(running);
    directory.remove();
    options.signal?.throwIfAborted();
    throw error;
  }
}

async function startAll(
  binaries: Binaries,
  directory: TemporaryDirectory,
  running: ManagedProcess[],
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { progress = () => undefined } = options;
  const keep = (started: ManagedProcess) => {
    running.push(started);
    return started;
  };
  const adminToken = randomBytes(24).toString('hex');
  prepareApiServer(directory.path, adminToken);
  keep(await startEtcd(binaries, directory.path, options.signal));
  const startServer = async (port: number) => {
    const { apiServerArgs: args = [], authorizationMode = 'RBAC', signal } = options;
    const path = binaryPath(binaries, 'kube-apiserver');
    const given = { path, directory: directory.path, port, adminToken, authorizationMode, args, signal };
    return keep(await startApiServer(given));
  };
  const { port, server } = await onFreePort(async (port) => ({ port, server: await startServer(port) }));
  const access = writeAccess(directory.path, port, adminToken, binaryPath(binaries, 'kubectl'));
  progress(`kube-apiserver answers at ${access.url}`);
  const client = clusterClient(access);
  for (const path of options.crdPaths ?? []) {
    await installDefinitions(client, path, options.signal);
  }
  const startManager = async () => keep(await startControllerManager(binaries, access, options));
  const manager = options.controllerManager === false ? undefined : await startManager();
  if (manager !== undefined) {
    await defaultAccount(client, manager, options.signal);
  }

  let apiServer = server;
  let controllerManager = manager;
  const stopApiServer = async () => void (await apiServer.kill());
  const restart = async () => {
    apiServer = await startServer(port);
  };
  return {
    ...client,
    stopApiServer,
    startApiServer: restart,
    async restartApiServer() {
      await stopApiServer();
      await restart();
    },
    async restartControllerManager() {
      await controllerManager?.kill();
      controllerManager = await startManager();
    },
    async stop() {
      await client.close();
      await killAll(running);
      directory.remove();
    },
  };
}

async function startEtcd(
  binaries: Binaries,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<ManagedProcess> {
  const clientUrl = `unix://${etcdSocketPath(directory)}`;
  const args = [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    // The data need not survive the machine.
    '--unsafe-no-fsync',
  ];
  const env = { PATH: process.env['PATH'], HOME: directory };
  const command = binaryPath(binaries, 'etcd');
  const etcd = await startProcess({ name: 'etcd', command, args, env, cwd: directory, signal });
  try {
    await etcd.waitForOutput(/serving client traffic/, READY_TIMEOUT_MS);
    return etcd;
  } catch (error) {
    await etcd.kill();
    throw error;
  }
}

function startControllerManager(
  binaries: Binaries,
  access: ClusterAccess,
  { controllers = [], signal }: ControlPlaneOptions,
): Promise<ManagedProcess> {
  return startProcess({
    name: 'kube-controller-manager',
    command: binaryPath(binaries, 'kube-controller-manager'),
    args: [
      `--kubeconfig=${access.adminKubeconfigPath}`,
      `--root-ca-file=${access.caPath}`,
      `--service-account-private-key-file=${tokenKeyPathIn(access.directory)}`,
      `--controllers=${[...CONTROLLERS, ...controllers].join(',')}`,
      '--leader-elect=false',
      // It serves nothing, so it needs no port.
      '--secure-port=0',
    ],
    env: { PATH: process.env['PATH'], HOME: access.directory },
    cwd: access.directory,
    signal,
  });
}

function writeAccess(directory: string, port: number, adminToken: string, kubectlPath: string): ClusterAccess {
  const url = `https://127.0.0.1:${port}`;
  const caPath = caPathIn(directory);
  const adminKubeconfigPath = join(directory, 'admin.kubeconfig');
  writeKubeconfig(adminKubeconfigPath, { server: url, caPath, token: adminToken });
  const serverKeyPath = serverKeyPathIn(directory);
  return {
    url,
    caPath,
    serverKeyPath,
    adminToken,
    adminKubeconfigPath,
    kubectlPath,
    directory,
    tokenIssuer: TOKEN_ISSUER,
  };
}

/** The first thing that the controller manager makes. */
async function defaultAccount(client: ClusterClient, manager: ManagedProcess, signal: AbortSignal | undefined) {
  const path = '/api/v1/namespaces/default/serviceaccounts/default';
  const isMade = async () => manager.hasExited || (await client.request('GET', path)).status === 200;
  await untilOrAborted('the ServiceAccount default/default', isMade, signal);
  if (manager.hasExited) {
    throw new Error(`kube-controller-manager ended; its last output was:\n${manager.outputTail().slice(-4_000)}`);
  }
}

/** Established is not enough for the controller manager: it asks discovery, which follows a moment later. */
async function installDefinitions(client: ClusterClient, path: string, signal: AbortSignal | undefined): Promise<void> {
  await client.applyPath(path);
  const established = await client.kubectl(['wait', '--for=condition=Established', '-f', path, '--timeout=60s']);
  if (established.exitCode !== 0) {
    throw new Error(`CustomResourceDefinitions of ${path} were not established: ${established.stderr.trim()}`);
  }
  const listed = await client.kubectl(['get', '-f', path, '-o', 'name']);
  const names = Array.from(
    listed.stdout.matchAll(/^customresourcedefinition\.[^/]*\/(.+)$/gm),
    ([, name = '']) => name,
  );
  await untilOrAborted(`discovery to list ${names.join(', ')}`, () => discovers(client, names), signal);
}

async function untilOrAborted(what: string, probe: () => Promise<boolean>, signal: AbortSignal | undefined) {
  await until(what, async () => signal?.aborted === true || (await probe()), READY_TIMEOUT_MS);
  signal?.throwIfAborted();
}

async function discovers(client: ClusterClient, names: readonly string[]): Promise<boolean> {
  const listed = await client.kubectl(['api-resources', '--cached=false', '--output=name']);
  const known = new Set(listed.stdout.split('\n'));
  return names.every((name) => known.has(name));
}

async function killAll(processes: readonly ManagedProcess[]): Promise<void> {
  await Promise.all(processes.map((each) => each.kill()));
}
