import { execFile } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuditFile } from '../../../src/observe/audit-file.ts';
import type { WriteRecord } from '../../../src/ports/audit.ts';
import { createRecordingLog } from '../recording-log.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';

const GATHER_MS = 100;

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyturn-audit-'));
  path = join(directory, 'audit.jsonl');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function record(name: string): WriteRecord {
  return {
    kind: 'write',
    result: 'ok',
    verb: 'create',
    object: { namespace: 'shop', name, uid: 'uid-1' },
    target: { kind: 'Secret', namespace: 'shop', name, uid: 'uid-2', resourceVersion: '7' },
    keys: ['password'],
    sources: [],
    sourceHash: 'hash',
  };
}

/** Each line: whose record it is, or how many were dropped; `?` for what is no record. */
function linesOf(file: string = path): readonly string[] {
  return readFileSync(file, 'utf8')
    .replace(/\n$/, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        const { kind, object, count } = JSON.parse(line);
        return kind === 'dropped' ? `dropped ${count}` : object.name;
      } catch {
        return '?';
      }
    });
}

async function opened(options: { readonly path?: string; readonly mostHeld?: number } = {}) {
  const clock = createVirtualClock();
  const log = createRecordingLog();
  const audit = await AuditFile.open({ path, clock, log, ...options });
  const add = (...names: readonly string[]) => {
    for (const name of names) audit.record(record(name));
  };
  return { audit, clock, log, add };
}

/** Lets records gather, and waits until the file is as it should be: writing it takes real time. */
async function until(clock: VirtualClock, isTrue: () => boolean): Promise<void> {
  await clock.advance(GATHER_MS);
  for (let turn = 0; turn < 400 && !isTrue(); turn += 1) await sleep(5);
  expect(isTrue()).toBe(true);
}

const told = ({ lines }: ReturnType<typeof createRecordingLog>) =>
  lines.map(({ level, message }) => `${level} ${message.split(';')[0]}`);
const FAILING = 'error the audit log cannot be written';
const RECOVERED = 'warn the audit log is written again';

describe('a record', () => {
  test('is a line of JSON with the format and the time, and nothing that is undefined', async () => {
    const { audit, clock } = await opened();
    audit.record({ ...record('app'), keys: undefined, sources: undefined, sourceHash: undefined });
    await audit.close();
    const text = readFileSync(path, 'utf8');
    expect(text.endsWith('}\n')).toBe(true);
    expect(Object.entries(JSON.parse(text))).toEqual([
      ['audit', 'v1'],
      ['time', new Date(clock.nowMs()).toISOString()],
      ['kind', 'write'],
      ['result', 'ok'],
      ['verb', 'create'],
      ['object', { namespace: 'shop', name: 'app', uid: 'uid-1' }],
      ['target', { kind: 'Secret', namespace: 'shop', name: 'app', uid: 'uid-2', resourceVersion: '7' }],
    ]);
    expect(JSON.parse(text).time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('is in the file soon, without an end, in the order in which it came', async () => {
    const { audit, clock, add } = await opened();
    add('a', 'b');
    await until(clock, () => linesOf().length === 2);
    add('c');
    await until(clock, () => linesOf().length === 3);
    expect(linesOf()).toEqual(['a', 'b', 'c']);
    await audit.close();
  });

  test('comes after those of an earlier process, whose last line is ended if it was torn', async () => {
    writeFileSync(path, `${JSON.stringify(record('before'))}\n{"audit":"v1","ti`);
    const { audit, add } = await opened();
    add('a');
    await audit.close();
    expect(linesOf()).toEqual(['before', '?', 'a']);
  });

  test('can be read by nobody else than the owner', async () => {
    const { audit } = await opened();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await audit.close();
  });

  test('that comes after the end is counted as lost', async () => {
    const { audit, add } = await opened();
    await audit.close();
    add('late');
    expect(audit.dropped).toBe(1);
    expect(linesOf()).toEqual([]);
  });

  test('of ten thousand is not lost', async () => {
    const { audit, add } = await opened();
    const names = Array.from({ length: 10_000 }, (_, at) => `app-${at}`);
    add(...names);
    await audit.close();
    expect(linesOf()).toEqual(names);
  });
});

describe('a file', () => {
  test.each<[string, (file: string) => void, readonly string[]]>([
    ['is renamed', (file) => renameSync(file, `${file}.1`), ['b']],
    ['is deleted', (file) => rmSync(file), ['b']],
    [
      'is renamed, and another one made in its place',
      (file) => {
        renameSync(file, `${file}.1`);
        writeFileSync(file, `${JSON.stringify(record('made'))}\n`);
      },
      ['made', 'b'],
    ],
    ['is cut to nothing', (file) => writeFileSync(file, ''), ['b']],
  ])('that %s is followed by its name within a second', async (_, rotate, expected) => {
    const { audit, clock, log, add } = await opened();
    add('a');
    await until(clock, () => linesOf().length === 1);
    rotate(path);
    clock.tick(1_000);
    add('b');
    await audit.close();
    expect(linesOf()).toEqual(expected);
    expect(statSync(path).mode & 0o077).toBe(expected.includes('made') ? 0o044 : 0);
    expect(log.lines).toEqual([]);
  });

  test('is asked for by name once a second at most: until then lines go where they went', async () => {
    const { audit, clock, add } = await opened();
    add('a');
    await until(clock, () => linesOf().length === 1);
    renameSync(path, `${path}.1`);
    add('b');
    await audit.close();
    expect(linesOf(`${path}.1`)).toEqual(['a', 'b']);
  });

  test.each<[string, string]>([
    ['in no directory', 'none/audit.jsonl'],
    ['that is a directory', '.'],
  ])('%s ends the start with what to do', async (_, name) => {
    const wrong = join(directory, name);
    await expect(opened({ path: wrong })).rejects.toThrow(
      `cannot open the audit log "${wrong}" (${name === '.' ? 'EISDIR' : 'ENOENT'}); name a file that can be appended to`,
    );
  });
});

describe('a file that cannot be written', () => {
  test('is told once, records wait for it, and its recovery is told', async () => {
    const { audit, clock, log, add } = await opened();
    renameSync(directory, `${directory}.gone`);
    clock.tick(1_000);
    add('a', 'b');
    await until(clock, () => log.lines.length === 1);
    for (let second = 0; second < 10; second += 1) await clock.advance(1_000);
    add('c');
    await until(clock, () => clock.timers === 1);
    mkdirSync(directory);
    rmSync(`${directory}.gone`, { recursive: true });
    await clock.advance(1_000);
    await until(clock, () => log.lines.length === 2);
    await audit.close();
    expect(told(log)).toEqual([FAILING, RECOVERED]);
    expect(log.lines[0]?.fields).toEqual({ path, code: 'ENOENT' });
    expect(linesOf()).toEqual(['a', 'b', 'c']);
    expect(audit.dropped).toBe(0);
  });

  test('makes records wait up to a bound; those beyond are counted, and a line says so in their place', async () => {
    const one = JSON.stringify({ audit: 'v1', time: new Date(0).toISOString(), ...record('a') }).length + 1;
    const { audit, clock, log, add } = await opened({ mostHeld: 3 * one });
    renameSync(directory, `${directory}.gone`);
    clock.tick(1_000);
    add('a', 'b');
    await until(clock, () => log.lines.length === 1);
    const since = new Date(clock.nowMs()).toISOString();
    add('c', 'd', 'e');
    expect(audit.dropped).toBe(2);
    mkdirSync(directory);
    rmSync(`${directory}.gone`, { recursive: true });
    await clock.advance(1_000);
    await until(clock, () => log.lines.length === 2);
    add('f');
    await audit.close();
    expect(linesOf()).toEqual(['a', 'b', 'c', 'dropped 2', 'f']);
    expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[3] ?? '')).toEqual({
      audit: 'v1',
      time: expect.any(String),
      kind: 'dropped',
      count: 2,
      since,
    });
    expect(log.lines[1]?.fields).toEqual({ path, dropped: 2 });
  });

  test('does not hold up the end, which says what was lost', async () => {
    const { audit, clock, log, add } = await opened();
    rmSync(directory, { recursive: true });
    clock.tick(1_000);
    add('a', 'b');
    await audit.close();
    expect(told(log)).toEqual([FAILING, 'error records of the audit were lost']);
    expect(log.lines[1]?.fields).toEqual({ path, records: 2 });
    expect(audit.dropped).toBe(2);
  });

  test('nor does one that hangs', async () => {
    await promisify(execFile)('bash', ['-c', 'mkfifo "$0"', path]);
    const reader = openSync(path, 'r+');
    const { audit, clock, log, add } = await opened();
    // More than a pipe holds.
    add(...Array.from({ length: 2_000 }, (_, at) => `app-${at}`));
    await clock.settle();
    const closed = audit.close();
    await sleep(20);
    await clock.advance(1_000);
    await closed;
    expect(told(log)).toEqual(['error records of the audit were lost']);
    const taken = Buffer.alloc(1_048_576);
    // Lets the write end, which occupies a thread of this process.
    for (let left = 2; left > 0; left -= 1) readSync(reader, taken);
    closeSync(reader);
  });
});

const MODULE = new URL('../../../src/observe/audit-file.ts', import.meta.url).href;
const CLOCK = new URL('../../../src/loop/system-clock.ts', import.meta.url).href;

/** In a process whose files cannot be larger than 4 KiB: the write that meets the bound is cut in the middle of a line. */
async function inLittleRoom(script: string): Promise<string> {
  const source = `
    const { AuditFile } = await import('${MODULE}');
    const { systemClock } = await import('${CLOCK}');
    const { renameSync } = await import('node:fs');
    const { execFileSync } = await import('node:child_process');
    const { setTimeout: sleep } = await import('node:timers/promises');
    const path = ${JSON.stringify(path)};
    const record = (name) => audit.record({ ...${JSON.stringify(record(''))}, object: { namespace: 'shop', name, uid: 'uid-1' } });
    const said = [];
    const log = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, () => said.push(level)]));
    const audit = await AuditFile.open({ path, clock: systemClock, log });
    ${script}
    await audit.close();
    process.stdout.write(JSON.stringify({ said, dropped: audit.dropped }));
  `;
  const limited = `trap '' XFSZ; ulimit -S -f 4; exec "$0" --input-type=module --eval "$1"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', limited, process.execPath, source]);
  return stdout;
}

describe('a line that was cut in the middle', () => {
  test('is given up when the file is rotated: what follows are whole lines, and one says that it is missing', async () => {
    const result = await inLittleRoom(`
      for (let at = 0; at < 20; at += 1) record('app-' + at);
      while (said.length === 0) await sleep(10);
      renameSync(path, path + '.1');
      while (said.length === 1) await sleep(10);
    `);
    expect(JSON.parse(result)).toEqual({ said: ['error', 'warn'], dropped: 1 });
    const before = linesOf(`${path}.1`);
    expect(statSync(`${path}.1`).size).toBe(4_096);
    expect(before.at(-1)).toBe('?');
    const whole = before.length - 1;
    const after = Array.from({ length: 20 - whole - 1 }, (_, at) => `app-${whole + 1 + at}`);
    expect(linesOf()).toEqual([...after, 'dropped 1']);
  });

  test('is ended by the next process', async () => {
    await inLittleRoom(`
      for (let at = 0; at < 20; at += 1) record('app-' + at);
      while (said.length === 0) await sleep(10);
    `);
    const { audit, add } = await opened();
    add('next');
    await audit.close();
    expect(linesOf().slice(-2)).toEqual(['?', 'next']);
  });

  test('is gone on with when there is room again', async () => {
    const result = await inLittleRoom(`
      for (let at = 0; at < 20; at += 1) record('app-' + at);
      while (said.length === 0) await sleep(10);
      execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=65536']);
      while (said.length === 1) await sleep(10);
    `);
    expect(JSON.parse(result)).toEqual({ said: ['error', 'warn'], dropped: 0 });
    expect(linesOf()).toEqual(Array.from({ length: 20 }, (_, at) => `app-${at}`));
  });
});
