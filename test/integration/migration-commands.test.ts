/** The commands of docs/migration.md, as they stand there. */

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../harness/control-plane.ts';
import { OPERATOR_BUNDLE } from '../harness/operator-bundle.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { type CommandResult, runCommand } from '../harness/run-command.ts';
import { at } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { type Texts, upstreamDataHash } from './upstream-left.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const MARK = '<!-- run by the tests -->';
const TEXT = readFileSync(join(ROOT, 'docs/migration.md'), 'utf8');

let cluster: ControlPlane;
let world: World;
let checkout: TemporaryDirectory;

/** The block after the mark that has this in it. */
function commands(containing: string): string {
  const blocks = TEXT.split(MARK)
    .slice(1)
    .map((part) => /```sh\n([\s\S]*?)```/.exec(part)?.[1] ?? '');
  const block = blocks.find((each) => each.includes(containing));
  if (block === undefined) throw new Error(`no block with ${containing}`);
  return block.replace(/^ {3}/gm, '');
}

function sh(script: string): Promise<CommandResult> {
  return runCommand({
    name: 'sh',
    command: 'bash',
    args: ['-euo', 'pipefail', '-c', script],
    cwd: checkout.path,
    env: {
      PATH: [dirname(process.execPath), dirname(cluster.access.kubectlPath), process.env['PATH']].join(':'),
      HOME: checkout.path,
      KUBECONFIG: cluster.adminKubeconfigPath,
      AWS_ENDPOINT_URL: world.aws.url,
    },
    timeoutMs: 60_000,
  });
}

beforeAll(async () => {
  cluster = await startControlPlane({ crdPaths: ['crds'] });
  world = await startWorld({ cluster, args: ['--controller-class', 'keyturn'] });
  checkout = temporaryDirectory('migration');
  symlinkSync(join(ROOT, 'deploy'), join(checkout.path, 'deploy'));
  mkdirSync(join(checkout.path, 'dist'));
  const start = `#!/bin/sh\nexec "${process.execPath}" "${OPERATOR_BUNDLE}" "$@"\n`;
  writeFileSync(join(checkout.path, 'dist/keyturn.js'), start, { mode: 0o755 });
  await cluster.apply('{ apiVersion: v1, kind: Namespace, metadata: { name: shop } }');
});

afterAll(async () => {
  await world.stop();
  checkout.remove();
  await cluster.stop();
});

async function controllerOf(kind: 'SecretStore' | 'ClusterSecretStore', name: string): Promise<unknown> {
  return at(await world.objects.get(kind, kind === 'SecretStore' ? 'shop' : '', name), 'spec', 'controller');
}

describe('the commands of docs/migration.md', () => {
  it('make a kubeconfig that can plan, and not write', async () => {
    const { exitCode, stdout, stderr } = await sh(commands('keyturn.js plan'));
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('0 ExternalSecrets. Nothing was written.');
    const can = (verb: string, what: string) =>
      sh(`kubectl --kubeconfig plan.kubeconfig auth can-i ${verb} ${what} -A`);
    expect((await can('list', 'secrets')).stdout.trim()).toBe('yes');
    expect((await can('patch', 'secrets')).stdout.trim()).toBe('no');
  });

  it('remove the webhooks, whether they are there or not', async () => {
    const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const metadata = { name: 'externalsecret-validate' };
    await cluster.request('POST', path, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata,
    });
    const { exitCode, stderr } = await sh(commands('delete validatingwebhookconfiguration'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect((await cluster.request('GET', `${path}/externalsecret-validate`)).status).toBe(404);
  });

  it('give every store a class that has none, and leave the others', async () => {
    await world.store('shop', { wait: false });
    await world.store('shop', { name: 'empty', spec: { controller: '' }, wait: false });
    await world.store('shop', { name: 'theirs', spec: { controller: 'theirs' }, wait: false });
    const name = world.uniqueName('all');
    await world.clusterStore('shop', name, { wait: false });
    const { exitCode, stderr } = await sh(commands('get secretstores'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const stores = await Promise.all(['aws', 'empty', 'theirs'].map((each) => controllerOf('SecretStore', each)));
    expect(stores).toEqual(['default', 'default', 'theirs']);
    expect(await controllerOf('ClusterSecretStore', name)).toBe('default');
  });

  it('give Keyturn a store', async () => {
    const value = world.canary();
    const { name: key } = await world.putSecret(value);
    const data = [{ secretKey: 'password', remoteRef: { key } }];
    await world.externalSecret('shop', 'database', { data, refreshPolicy: 'CreatedOnce' });
    await world.expectEvent('shop', 'database', 'OtherControllerClass', /./);
    const { exitCode, stdout } = await sh(commands('"controller":"keyturn"'));
    expect(exitCode).toBe(0);
    expect(stdout).toContain('database');
    await world.expectData('shop', 'database', { password: value });
  });

  it('put the hash on a Secret by which the other operator knows it', async () => {
    const { exitCode, stderr } = await sh(commands('data_hash()'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const secret = await world.secret('shop', 'database');
    const hash = at(secret, 'metadata', 'annotations', 'reconcile.external-secrets.io/data-hash');
    expect(hash).toBe(upstreamDataHash(secret['data'] as Texts));
  });
});
