/** Ways to the API server that a kubeconfig may name, with the bundle, which leaves out much of its packages. */

import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { startOperator } from '../harness/operator-process.ts';
import { temporaryDirectory } from '../harness/reaper.ts';
import { sharedCluster } from '../harness/shared.ts';

const directory = temporaryDirectory('kubeconfig');
let cluster: ClusterClient;

beforeAll(() => {
  cluster = sharedCluster();
});

afterAll(async () => {
  await cluster.close();
  directory.remove();
});

interface TunnelProxy {
  readonly url: string;
  /** What was asked for, as `host:port`. */
  readonly tunnels: readonly string[];
  stop(): void;
}

/** A proxy that knows CONNECT and nothing else. */
async function startTunnelProxy(): Promise<TunnelProxy> {
  const tunnels: string[] = [];
  const server = createServer();
  server.on('connect', ({ url = '' }, socket, head) => {
    tunnels.push(url);
    const upstream = connect(Number(new URL(`http://${url}`).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    socket.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, tunnels, stop: () => server.close() };
}

/** The administrator's kubeconfig, with more said of its cluster. */
function kubeconfigWith(fields: object): string {
  const config: { clusters: { cluster: object }[] } = JSON.parse(readFileSync(cluster.adminKubeconfigPath, 'utf8'));
  const clusters = config.clusters.map((each) => ({ ...each, cluster: { ...each.cluster, ...fields } }));
  const path = join(directory.path, 'kubeconfig');
  writeFileSync(path, JSON.stringify({ ...config, clusters }), { mode: 0o600 });
  return path;
}

test('through the proxy of `proxy-url`, by a tunnel', async () => {
  const proxy = await startTunnelProxy();
  const args = ['--metrics-addr', '127.0.0.1:0', '--health-addr', '127.0.0.1:0'];
  const operator = await startOperator({ kubeconfigPath: kubeconfigWith({ 'proxy-url': proxy.url }), args });
  await operator.waitForLog(({ msg }) => msg === 'ready', 20_000);
  expect(new Set(proxy.tunnels)).toEqual(new Set([new URL(cluster.access.url).host]));
  await operator.stop();
  proxy.stop();
});
