/**
 * A control plane with all controllers, a scheduler, and one node that runs pods: containerd and kubelet in a machine of
 * their own within this one.
 */

import { join } from 'node:path';
import { BINARY_NAMES, binaryPath, controlPlaneBinaries, NODE_BINARY_NAMES } from '../binaries.ts';
import type { CachedBinaryOptions } from '../cached-binary.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../control-plane.ts';
import { type KubeconfigContent, writeKubeconfig } from '../kubeconfig.ts';
import { type ManagedProcess, startProcess } from '../managed-process.ts';
import { until } from '../until.ts';
import { importImage, startContainerRuntime } from './container-runtime.ts';
import { type Forward, forwardTo } from './forward.ts';
import { startKubelet } from './kubelet.ts';
import { type Machine, makeMachine } from './machine.ts';
import { requireNodeTools, requirePorts } from './node-tools.ts';
import { policiesHold, policyEnforcerBinary, startPolicyEnforcer } from './policy-enforcer.ts';

const READY_TIMEOUT_MS = 60_000;
const NODE_NAME = 'node-1';
/** What pods call the API server by: the first of {@link SERVICE_ADDRESSES}. */
const API_SERVICE_ADDRESS = '10.96.0.1';
/** Where the API server is behind that address: NetworkPolicies are about this port, which is kubeadm's. */
const API_PORT = 6443;
/** Where pods reach AWS: the port that NetworkPolicies have for it. */
const AWS_PORT = 443;
/** A name in the API server's own certificate. */
const API_SERVER_NAME = 'kubernetes.default.svc';

export interface NodeOptions extends Pick<ControlPlaneOptions, 'signal' | 'progress' | 'crdPaths'> {
  /** `name:tag` of an image that waits, for the sandboxes of pods; one of {@link images}. */
  readonly sandboxImage: string;
  /** docker-archives that the node has from the start. */
  readonly images: readonly string[];
}

/** Paths. */
interface NodeBinaries {
  readonly kubelet: string;
  readonly scheduler: string;
  readonly enforcer: string;
}

export interface ClusterWithNode {
  readonly controlPlane: ControlPlane;
  readonly machine: Machine;
  /** Makes pods reach a server that listens on `port` of this host's loopback, once, as AWS. @returns `address:port` */
  reachable(port: number): Promise<string>;
  /** Ends kubelet and containerd and starts them again; containers run on meanwhile. */
  restartDaemons(): Promise<void>;
  /** Pulls the plug and switches on again: all processes and mounts are gone, the disk is what it was. */
  reboot(): Promise<void>;
  /** Ends every process and removes every file, network and control group. */
  stop(): Promise<void>;
}

/** Gets what takes its time, if it is not here yet. @throws MissingTool in one line when this machine cannot run a node */
export async function prepareNode(options: CachedBinaryOptions = {}): Promise<NodeBinaries> {
  await requireNodeTools();
  await requirePorts([API_PORT, AWS_PORT]);
  const binaries = await controlPlaneBinaries({ ...options, names: [...BINARY_NAMES, ...NODE_BINARY_NAMES] });
  return {
    kubelet: binaryPath(binaries, 'kubelet'),
    scheduler: binaryPath(binaries, 'kube-scheduler'),
    enforcer: await policyEnforcerBinary(options),
  };
}

/** @throws MissingTool in one line when this machine cannot run a node */
export async function startClusterWithNode(options: NodeOptions): Promise<ClusterWithNode> {
  const binaries = await prepareNode(options);
  const controlPlane = await startControlPlane({
    ...options,
    controllers: ['*'],
    apiServerArgs: [
      // In addition to RBAC.
      '--authorization-mode=Node',
      '--enable-admission-plugins=NodeRestriction',
      // Nobody resolves the node's name.
      '--kubelet-preferred-address-types=InternalIP',
    ],
  });
  const machine = makeMachine(options.signal);
  const forwards: Forward[] = [];
  const host: Host = { controlPlane, machine, forwards };
  try {
    await machine.powerOn();
    await forward(host, Number(new URL(controlPlane.url).port), API_PORT);
    const scheduler = await startScheduler(controlPlane, binaries.scheduler, options.signal);
    const node = nodeOn(host, binaries, options);
    await policiesHold(await node.start());
    for (const archive of options.images) await importImage(machine, archive);
    options.progress?.(`node ${NODE_NAME} is ready at ${machine.address}`);
    return {
      controlPlane,
      machine,
      reachable: (port) => forward(host, port, AWS_PORT),
      restartDaemons: node.restart,
      reboot: node.reboot,
      stop: () => stopAll(host, [scheduler]),
    };
  } catch (error) {
    await stopAll(host, []);
    options.signal?.throwIfAborted();
    throw error;
  }
}

interface Host {
  readonly controlPlane: ControlPlane;
  readonly machine: Machine;
  readonly forwards: Forward[];
}

/** @returns `address:port` */
async function forward({ machine, forwards }: Host, port: number, at: number): Promise<string> {
  forwards.push(await forwardTo(port, machine.hostAddress, at));
  return `${machine.hostAddress}:${at}`;
}

/** The machine first: what runs in it talks to the others. */
async function stopAll({ controlPlane, machine, forwards }: Host, processes: readonly ManagedProcess[]): Promise<void> {
  await machine.stop();
  await Promise.all([...forwards.map((each) => each.stop()), ...processes.map((each) => each.kill())]);
  await controlPlane.stop();
}

interface Node {
  /** Returns when it is ready. @returns what makes the NetworkPolicies hold, which has just been started */
  start(): Promise<ManagedProcess>;
  restart(): Promise<void>;
  reboot(): Promise<void>;
}

function nodeOn({ controlPlane, machine }: Host, binaries: NodeBinaries, { sandboxImage }: NodeOptions): Node {
  const common = { machine, nodeName: NODE_NAME };
  const asKubelet = kubeconfigIn(machine, controlPlane, `system:node:${NODE_NAME}`, 'system:nodes');
  // It reads alone, of more than any role of Kubernetes' own may.
  const asEnforcer = kubeconfigIn(machine, controlPlane, 'system:kube-router', 'system:masters');
  let daemons: readonly ManagedProcess[] = [];
  const startDaemons = async () => {
    const { process: runtime, endpoint: runtimeEndpoint } = await startContainerRuntime(machine, sandboxImage);
    daemons = [runtime];
    const kubelet = { ...common, path: binaries.kubelet, kubeconfigPath: asKubelet, runtimeEndpoint };
    daemons = [await startKubelet(kubelet), ...daemons];
    await nodeReady(controlPlane);
    const enforcer = await startPolicyEnforcer({ ...common, path: binaries.enforcer, kubeconfigPath: asEnforcer });
    daemons = [enforcer, ...daemons];
    return enforcer;
  };
  const start = async () => {
    await routeApiService(machine);
    return await startDaemons();
  };
  return {
    start,
    async restart() {
      await Promise.all(daemons.map((each) => each.kill()));
      await startDaemons();
    },
    async reboot() {
      await machine.powerOff();
      await machine.powerOn();
      await start();
    },
  };
}

/** What kube-proxy would do, of the only Service that the suite's pods use. */
async function routeApiService(machine: Machine): Promise<void> {
  const matching = ['-d', API_SERVICE_ADDRESS, '-p', 'tcp', '--dport', '443'];
  const to = ['-j', 'DNAT', '--to-destination', `${machine.hostAddress}:${API_PORT}`];
  await machine.run('iptables', '-w', '-t', 'nat', '-A', 'PREROUTING', ...matching, ...to);
}

/** For a process in the machine. @returns its path */
function kubeconfigIn(machine: Machine, { access }: ControlPlane, user: string, group: string): string {
  const path = join(machine.directory, `${user.replaceAll(':', '-')}.kubeconfig`);
  const server = `https://${machine.hostAddress}:${API_PORT}`;
  writeKubeconfig(path, { ...asComponent(access.adminToken, access.caPath, user, [group]), server });
  return path;
}

function asComponent(
  token: string,
  caPath: string,
  user: string,
  groups: readonly string[],
): Omit<KubeconfigContent, 'server'> {
  return { token, caPath, tlsServerName: API_SERVER_NAME, actingAs: { user, groups } };
}

async function startScheduler(
  { access }: ControlPlane,
  path: string,
  signal: AbortSignal | undefined,
): Promise<ManagedProcess> {
  const kubeconfigPath = join(access.directory, 'scheduler.kubeconfig');
  const identity = asComponent(access.adminToken, access.caPath, 'system:kube-scheduler', []);
  writeKubeconfig(kubeconfigPath, { ...identity, server: access.url });
  return await startProcess({
    name: 'kube-scheduler',
    command: path,
    args: [`--kubeconfig=${kubeconfigPath}`, '--leader-elect=false', '--secure-port=0'],
    env: { PATH: process.env['PATH'], HOME: access.directory },
    cwd: access.directory,
    signal,
  });
}

async function nodeReady(controlPlane: ControlPlane): Promise<void> {
  await until(
    `node ${NODE_NAME} to be ready`,
    async () => {
      const path = '{.status.conditions[?(@.type=="Ready")].status}';
      const { stdout } = await controlPlane.kubectl(['get', 'node', NODE_NAME, '-o', `jsonpath=${path}`]);
      return stdout === 'True';
    },
    READY_TIMEOUT_MS,
  );
}
