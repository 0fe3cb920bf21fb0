/** `.ci/run` goes on without the suite where it cannot run, whatever it is that is missing. */

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
