/** Writes kubeconfig files. */

import { readFileSync, writeFileSync } from 'node:fs';

export interface KubeconfigContent {
  readonly server: string;
  /** Left out for a plain http server. */
  readonly caPath?: string | undefined;
  readonly token: string;
  readonly namespace?: string | undefined;
}

/** Whole in itself (the CA is embedded) and readable by its owner only. JSON is YAML too. */
export function writeKubeconfig(path: string, content: KubeconfigContent): void {
  const ca =
    content.caPath === undefined ? {} : { 'certificate-authority-data': readFileSync(content.caPath, 'base64') };
  const namespace = content.namespace === undefined ? {} : { namespace: content.namespace };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: content.server, ...ca } }],
    users: [{ name: 'test', user: { token: content.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', ...namespace } }],
    'current-context': 'test',
  };
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}
