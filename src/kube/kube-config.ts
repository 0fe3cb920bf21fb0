/** Which API server the operator talks to: kubeconfig file, `$KUBECONFIG`, the pod's ServiceAccount, or `~/.kube/config`. */

import { accessSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { networkReason } from './errors.ts';

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** No API server is configured, or its configuration cannot be read. Only a person can change that. */
class NoClusterConfig extends Error {
  override readonly name = 'NoClusterConfig';
}

export interface KubeConfigSource {
  /** From `--kubeconfig`; nothing else is tried when it is given. */
  readonly kubeconfigPath?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly homeDir?: string;
  /** @default the path where Kubernetes mounts a ServiceAccount's token */
  readonly tokenPath?: string;
}

/**
 * In a pod the ServiceAccount comes before `~/.kube/config`, which a base image may carry by accident.
 * @throws NoClusterConfig
 */
export function loadKubeConfig(source: KubeConfigSource = {}): KubeConfig {
  const env = source.env ?? process.env;
  if (source.kubeconfigPath !== undefined) {
    const path = source.kubeconfigPath;
    return load(path, (config) => config.loadFromFile(path));
  }
  const fromEnv = env['KUBECONFIG'] ?? '';
  if (fromEnv !== '') {
    return load(`$KUBECONFIG (${fromEnv})`, (config) => loadMerged(config, fromEnv));
  }
  const tokenPath = source.tokenPath ?? TOKEN_PATH;
  if ((env['KUBERNETES_SERVICE_HOST'] ?? '') !== '' && exists(tokenPath)) {
    return load('the ServiceAccount of the pod', (config) => config.loadFromCluster());
  }
  const homePath = join(source.homeDir ?? homedir(), '.kube', 'config');
  if (exists(homePath)) {
    return load(homePath, (config) => config.loadFromFile(homePath));
  }
  throw new NoClusterConfig(
    `No Kubernetes API server is configured: there is no kubeconfig (--kubeconfig, $KUBECONFIG or ${homePath}) ` +
      `and this is not a pod with a ServiceAccount (KUBERNETES_SERVICE_HOST and ${tokenPath}).`,
  );
}

/** `$KUBECONFIG` may list several files, of which the first to name a current context wins. */
function loadMerged(config: KubeConfig, paths: string): void {
  for (const path of paths.split(':').filter((entry) => entry !== '')) {
    const one = new KubeConfig();
    one.loadFromFile(path);
    const hasContext = (config.getCurrentContext() ?? '') !== '';
    config.mergeConfig(one, hasContext);
  }
}

function load(from: string, fill: (config: KubeConfig) => void): KubeConfig {
  const config = new KubeConfig();
  try {
    fill(config);
  } catch (error) {
    // A parser's message may quote a line of the file, and the line may be a token.
    throw new NoClusterConfig(`The kubeconfig cannot be read from ${from} (${networkReason(error)}).`);
  }
  // `kubectl proxy` serves plain http on loopback, which KubeConfig takes only together with this flag.
  config.clusters = config.clusters.map((cluster) =>
    /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::|\/|$)/.test(cluster.server)
      ? { ...cluster, skipTLSVerify: true }
      : cluster,
  );
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new NoClusterConfig(`The kubeconfig from ${from} has no current context that names a cluster.`);
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    throw new NoClusterConfig(
      `The kubeconfig from ${from} names ${cluster.server}: credentials would travel in clear. Use https, or set insecure-skip-tls-verify.`,
    );
  }
  return config;
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
