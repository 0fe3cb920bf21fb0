import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const LOGGER = new URL('../../../src/observe/logger.ts', import.meta.url).href;
const VALUE = new URL('../../../src/ports/secret-value.ts', import.meta.url).href;

/** What a process of its own writes to stdout: the log goes nowhere else. */
async function logged(level: string, script: string): Promise<readonly Record<string, unknown>[]> {
  const source = `
    const { createLogger } = await import('${LOGGER}');
    const { SecretValue } = await import('${VALUE}');
    const log = createLogger('${level}');
    ${script}
    log.flush();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('the log', () => {
  test('is one JSON object a line, with the time, the level by name and the fields', async () => {
    const [first, second] = await logged(
      'info',
      `log.debug({}, 'not shown');
       log.info({ name: 'app', versions: ['v1'], absent: undefined }, 'synced');
       log.error({ error: 'line\\nbreak', value: SecretValue.fromText('canary-hunter2') }, 'bug');`,
    );
    expect(first).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      name: 'app',
      versions: ['v1'],
      msg: 'synced',
    });
    expect(second).toMatchObject({ level: 'error', error: 'line\nbreak', value: '[redacted]' });
  });
});
