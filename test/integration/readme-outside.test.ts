/** The commands of the README that run Keyturn outside of a cluster, in a checkout where nothing is installed yet. */

import { cpSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { startOperator } from '../harness/operator-process.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { sharedMinistack } from '../harness/shared.ts';
import { chartCluster } from './chart-cluster.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const NOT_IN_A_CHECKOUT = ['node_modules', 'dist', '.git', 'test'];
/** What npm's cache does not have comes from the registry. */
const READY_WITHIN_MS = 240_000;
const STOPPED_WITHIN_MS = 15_000;

let cluster: ControlPlane;
let checkout: TemporaryDirectory;

beforeAll(async () => {
  cluster = await startControlPlane();
  checkout = temporaryDirectory('outside');
  const isWanted = (path: string) => !NOT_IN_A_CHECKOUT.includes(relative(ROOT, path));
  cpSync(ROOT, checkout.path, { recursive: true, filter: isWanted });
});
afterAll(async () => {
  await cluster.stop();
  checkout.remove();
});

function commands(containing: string): string {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const blocks = Array.from(text.matchAll(/```sh\n([\s\S]*?)```/g), ([, block = '']) => block);
  const found = blocks.find((block) => block.includes(containing));
  if (found === undefined) throw new Error(`no block with ${containing}`);
  return found;
}

/** As whoever runs the tests has npm set up, but for the packages of this checkout. */
function environment(): Readonly<Record<string, string>> {
  const isOurs = (path: string) => path.includes('node_modules');
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((each) => !isOurs(each));
  const given = Object.entries(process.env).filter(([name]) =>
    /^(?:npm_config_(?:cache|registry|userconfig)|\w+_proxy|\w+_CA_CERTS|SSL_CERT_\w+)$/i.test(name),
  );
  return {
    npm_config_cache: join(homedir(), '.npm'),
    npm_config_userconfig: join(homedir(), '.npmrc'),
    ...Object.fromEntries(given.map(([name, value = '']) => [name, value])),
    npm_config_prefer_offline: 'true',
    PATH: [dirname(cluster.access.kubectlPath), ...path].join(delimiter),
    AWS_ENDPOINT_URL: sharedMinistack().url,
    KEYTURN_METRICS_ADDR: '127.0.0.1:0',
    KEYTURN_HEALTH_ADDR: '127.0.0.1:0',
  };
}

it(
  'it is built and runs as the ServiceAccount, with the Node that the install brings, and syncs',
  async () => {
    const script = `cd ${checkout.path}\n${commands('npm ci && npm run build')}`;
    const operator = await startOperator({
      kubeconfigPath: cluster.adminKubeconfigPath,
      command: ['bash', '-euo', 'pipefail', '-c', script],
      env: environment(),
    });
    await operator.waitForLog(({ msg }) => msg === 'ready', READY_WITHIN_MS);
    await cluster.apply('{ apiVersion: v1, kind: Namespace, metadata: { name: shop } }');
    await chartCluster(cluster, checkout.path).syncs('shop', 'app');
    expect(operator.logs().filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    const { stdout } = await cluster.kubectl([
      'auth',
      'whoami',
      '--kubeconfig',
      join(checkout.path, 'keyturn.kubeconfig'),
    ]);
    expect(stdout).toContain('system:serviceaccount:keyturn:keyturn');
    // To the shell as well, as from a terminal.
    process.kill(-operator.pid, 'SIGTERM');
    await operator.waitForLog(({ msg }) => msg === 'stopped', STOPPED_WITHIN_MS);
    await operator.stop();
  },
  READY_WITHIN_MS + 60_000,
);
