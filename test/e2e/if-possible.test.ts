/** `.ci/run` goes on without the suite where it cannot run, whatever it is that is missing. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../harness/reaper.ts';
import { runCommand } from '../harness/run-command.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const UNAVAILABLE = 69;

const isOwnNode = (process.env['KEYTURN_E2E_CLUSTER'] ?? 'own-node') === 'own-node';

it.runIf(isOwnNode).each([
  { args: ['--if-possible'], status: 0 },
  { args: [], status: UNAVAILABLE },
])('says in one line that a kubelet cannot be had, and ends with $status after $args', async ({ args, status }) => {
  const cache = temporaryDirectory('no-cache');
  try {
    const env = {
      // Without Go, which lies elsewhere; nothing is cached, and nobody answers there.
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: cache.path,
      XDG_CACHE_HOME: cache.path,
      HTTPS_PROXY: 'http://127.0.0.1:9',
    };
    const command = { name: 'npm run e2e', command: process.execPath, args: [MAIN, ...args], env };
    const { exitCode, stderr } = await runCommand({ ...command, timeoutMs: 60_000 });
    const lines = stderr.trim().split('\n');
    expect(lines.at(-1)).toMatch(/^The end-to-end suite cannot run here\. No .*kubelet.* for the test cluster \(/);
    expect(exitCode, stderr).toBe(status);
  } finally {
    cache.remove();
  }
});

/** Has all packages but buildah. It writes down what else it was told to do. */
const APT_GET = `#!/bin/sh
case "$*" in *buildah*) echo 'E: Unable to locate package buildah' >&2; exit 100 ;; esac
echo "$*" >> "$HOME/done"
`;

it.runIf(isOwnNode)('what a node needs is installed though apt-get has no package that only a test needs', async () => {
  const directory = temporaryDirectory('no-buildah');
  try {
    const path = join(directory.path, 'apt-get');
    writeFileSync(path, APT_GET, { mode: 0o755 });
    const env = { PATH: directory.path, HOME: directory.path };
    const args = [MAIN, '--install', '--if-possible'];
    const command = { name: 'npm run e2e', command: process.execPath, args, env };
    const { exitCode, stderr } = await runCommand({ ...command, timeoutMs: 60_000 });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('apt-get install failed: E: Unable to locate package buildah');
    expect(readFileSync(join(directory.path, 'done'), 'utf8')).toMatch(/^update .*\ninstall .* containerd runc .*\n$/);
  } finally {
    directory.remove();
  }
});
