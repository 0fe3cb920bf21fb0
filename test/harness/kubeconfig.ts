/** Writes kubeconfig files. */

import { readFileSync, writeFileSync } from 'node:fs';

export interface KubeconfigContent {
  readonly server: string;
  /** Left out for a plain http server. */
  readonly caPath?: string | undefined;
  readonly token: string;
  readonly namespace?: string | undefined;
  /** Name that the server's certificate has, where that is not the address. */
  readonly tlsServerName?: string | undefined;
  /** As whom the token's owner acts. */
  readonly actingAs?: { readonly user: string; readonly groups: readonly string[] } | undefined;
}

/** Whole in itself (the CA is embedded) and readable by its owner only. JSON is YAML too. */
export function writeKubeconfig(path: string, content: KubeconfigContent): void {
  const ca =
    content.caPath === undefined ? {} : { 'certificate-authority-data': readFileSync(content.caPath, 'base64') };
  const namespace = content.namespace === undefined ? {} : { namespace: content.namespace };
  const { server, token, tlsServerName, actingAs } = content;
  const name = tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName };
  const acting = actingAs === undefined ? {} : { as: actingAs.user, 'as-groups': actingAs.groups };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, ...name, ...ca } }],
    users: [{ name: 'test', user: { token, ...acting } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', ...namespace } }],
    'current-context': 'test',
  };
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}
