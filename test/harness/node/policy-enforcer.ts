/**
 * What makes NetworkPolicies hold on a node: kube-router, with its firewall alone. It renders them into iptables and ipsets of
 * the machine, as far as the kernel of this host has these.
 *
 * Of the two that build from Go's modules alone it is the one that this takes: sigs.k8s.io/kube-network-policies wants
 * `queue` of nftables too, which fewer kernels have.
 */

import { SERVICE_ADDRESSES } from '../api-server.ts';
import { type CachedBinaryOptions, cachedBinary, type MakeRequest } from '../cached-binary.ts';
import { goInstall } from '../go-install.ts';
import type { ManagedProcess } from '../managed-process.ts';
import { MissingTool } from '../missing-tool.ts';
import type { Machine } from './machine.ts';

const NAME = 'kube-router';
const VERSION = 'v2.1.0';
const PACKAGE = 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router';
const READY_TIMEOUT_MS = 30_000;

/** @returns absolute path @throws MissingTool, one line that says what to install, when it cannot be built */
export async function policyEnforcerBinary(options: CachedBinaryOptions = {}): Promise<string> {
  const make = async (request: MakeRequest) => {
    try {
      return await goInstall({ name: NAME, packagePath: PACKAGE, version: VERSION }, request);
    } catch (error) {
      request.signal?.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      throw new MissingTool(
        `No ${NAME} to enforce NetworkPolicies (${why}). Install Go 1.26 or newer (https://go.dev/dl) to build it.`,
      );
    }
  };
  return await cachedBinary({ name: NAME, version: VERSION, make }, options);
}

export interface PolicyEnforcerOptions {
  readonly machine: Machine;
  readonly path: string;
  readonly nodeName: string;
  readonly kubeconfigPath: string;
}

/** The node has to be registered. It starts anew with no rules after a reboot, as the kernel does. */
export async function startPolicyEnforcer(options: PolicyEnforcerOptions): Promise<ManagedProcess> {
  const { machine, path, nodeName, kubeconfigPath } = options;
  return await machine.start({
    name: NAME,
    command: path,
    args: [
      ...['--run-firewall=true', '--run-router=false', '--run-service-proxy=false', '--enable-cni=false'],
      ...['--health-port=0', '--metrics-port=0', '--v=1'],
      `--kubeconfig=${kubeconfigPath}`,
      `--hostname-override=${nodeName}`,
      `--service-cluster-ip-range=${SERVICE_ADDRESSES}`,
    ],
    env: { PATH: process.env['PATH'] },
  });
}

/** Waits until the rules of the policies that there are have been laid once. @throws Error with what it said */
export async function policiesHold(enforcer: ManagedProcess): Promise<void> {
  await enforcer.waitForOutput(/sync iptables took/, READY_TIMEOUT_MS);
}
