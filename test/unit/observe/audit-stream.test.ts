import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const module = (path: string) => new URL(`../../../src/${path}`, import.meta.url).href;

const RECORD = {
  kind: 'write',
  result: 'ok',
  verb: 'delete',
  object: { namespace: 'shop', name: 'app', uid: 'uid-1' },
  target: { kind: 'Secret', namespace: 'shop', name: 'app', uid: 'uid-2' },
};

/** What a process of its own writes to stdout, which is a pipe there. */
async function written(script: string): Promise<readonly Record<string, unknown>[]> {
  const source = `
    const { openAuditLog } = await import('${module('observe/audit-log.ts')}');
    const { createLogger } = await import('${module('observe/logger.ts')}');
    const { systemClock } = await import('${module('loop/system-clock.ts')}');
    const log = createLogger('info');
    const audit = await openAuditLog({ kind: 'stdout' }, systemClock, log);
    const RECORD = ${JSON.stringify(RECORD)};
    ${script}
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], {
    maxBuffer: 100 * 1_048_576,
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

test('records stand on stdout as they come, between the lines of the log, and can be told from them', async () => {
  const lines = await written(`
    log.info({}, 'before');
    audit.record(RECORD);
    log.info({}, 'after');
    process.exit(0);
  `);
  expect(lines.map(({ audit, msg }) => audit ?? msg)).toEqual(['before', 'v1', 'after']);
  expect(lines[1]).toEqual({ audit: 'v1', time: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/), ...RECORD });
  expect(lines[0]).not.toHaveProperty('audit');
});

test('lines longer than a pipe takes at once stay whole, and so do those of the log', async () => {
  const lines = await written(`
    const keys = Array.from({ length: 5_000 }, (_, at) => 'a-key-of-the-secret-' + at);
    for (let at = 0; at < 50; at += 1) {
      audit.record({ ...RECORD, keys });
      log.info({ at }, 'logged');
    }
    await audit.close();
    log.flush();
  `);
  expect(lines.filter(({ audit }) => audit === 'v1')).toHaveLength(50);
  expect(lines.filter(({ msg }) => msg === 'logged').map(({ at }) => at)).toEqual(
    Array.from({ length: 50 }, (_, at) => at),
  );
});
