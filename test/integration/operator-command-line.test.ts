/** What the built program says and how it ends when it cannot start, and its help. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/options.ts';
import type { ClusterClient } from '../harness/cluster-client.ts';
import { OPERATOR_BUNDLE } from '../harness/operator-bundle.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../harness/reaper.ts';
import { type CommandResult, runCommand } from '../harness/run-command.ts';
import { sharedCluster } from '../harness/shared.ts';

const FREE_PORTS = ['--health-addr', '127.0.0.1:0', '--metrics-addr', '127.0.0.1:0'];

let cluster: ClusterClient;
/** With nothing in it: no kubeconfig and no AWS profile. */
let home: TemporaryDirectory;

beforeAll(() => {
  cluster = sharedCluster();
  home = temporaryDirectory('command-line');
});

afterAll(async () => {
  home.remove();
  await cluster.close();
});

function keyturn(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return runCommand({
    name: `keyturn ${args.join(' ')}`,
    command: process.execPath,
    args: [OPERATOR_BUNDLE, ...args],
    env: { PATH: process.env['PATH'], HOME: home.path, ...env },
    cwd: home.path,
    timeoutMs: 20_000,
  });
}

/** One line, without a stack. */
function complaint(text: string): RegExp {
  return new RegExp(`^keyturn: [^\\n]*${text}[^\\n]*\\n$`);
}

describe('a command line that cannot be understood ends with status 64 and one line that says why', () => {
  interface Mistake {
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    readonly says: string;
  }
  const mistakes: Readonly<Record<string, Mistake>> = {
    'no command': { args: [], says: 'unknown command ""; use keyturn run, keyturn plan, keyturn policy' },
    'an unknown command': { args: ['serve'], says: 'unknown command "serve"; use keyturn run' },
    'an unknown flag of a plan': {
      args: ['plan', '--verbose'],
      says: "Unknown option '--verbose'.*keyturn plan --help",
    },
    'an unknown flag of a policy': {
      args: ['policy', '--verbose'],
      says: "Unknown option '--verbose'.*keyturn policy --help",
    },
    'an account of a policy that is none': {
      args: ['policy', '--account', '1234'],
      says: '--account: expected the 12 digits of an account, got "1234"',
    },
    'a plan of something that has no namespace': {
      args: ['plan', 'app'],
      says: 'expected an ExternalSecret as namespace/name, or namespace/\\*, got "app"',
    },
    'an unknown flag': { args: ['run', '--verbose'], says: "Unknown option '--verbose'.*keyturn run --help" },
    'an argument that is no flag': { args: ['run', 'now'], says: "Unexpected argument 'now'.*keyturn run --help" },
    'a flag without its value': { args: ['run', '--concurrency'], says: '--concurrency.*argument missing' },
    'a number out of range': {
      args: ['run', '--concurrency', '0'],
      says: '--concurrency: expected a whole number from 1 to 1000, got "0"',
    },
    'a duration with a unit that Go does not know': {
      args: ['run', '--status-interval=1d'],
      says: '--status-interval: expected a duration such as 1h or 90s, got "1d"',
    },
    'an address without a port': {
      args: ['run', '--metrics-addr', 'localhost'],
      says: '--metrics-addr: expected host:port or :port, got "localhost"',
    },
    'an unknown log level': { args: ['run', '--log-level=loud'], says: '--log-level: expected one of debug, info' },
    'a switch that is neither true nor false': {
      args: ['run', '--leader-elect=yes'],
      says: '--leader-elect: expected true or false, got "yes"',
    },
    'a wrong value in the environment': {
      args: ['run'],
      env: { KEYTURN_CONCURRENCY: 'many' },
      says: '--concurrency: expected a whole number from 1 to 1000, got "many"',
    },
  };
  it.each(Object.entries(mistakes))('%s', async (_name, { args, env, says }) => {
    const { exitCode, stdout, stderr } = await keyturn(args, env);
    expect(stderr).toMatch(complaint(says));
    expect(exitCode).toBe(64);
    expect(stdout).toBe('');
  });

  it('leader election where nobody says in which namespace', async () => {
    const args = ['run', '--leader-elect', '--kubeconfig', cluster.adminKubeconfigPath, ...FREE_PORTS];
    const { exitCode, stderr } = await keyturn(args);
    expect(stderr).toMatch(complaint('--leader-elect outside a pod needs --leader-election-namespace'));
    expect(exitCode).toBe(64);
  });
});

describe('what it needs and does not find ends with status 1 and one line that says what', () => {
  it.each([[['run', ...FREE_PORTS]], [['plan']], [['policy']]])('no API server is configured: %j', async (args) => {
    const { exitCode, stdout, stderr } = await keyturn(args);
    expect(stderr).toMatch(complaint('No Kubernetes API server is configured: .*--kubeconfig.*ServiceAccount'));
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
  });

  it('another Node, which it would not go far with', async () => {
    const code = "Object.defineProperty(process, 'versions', { value: { node: '22.9.0' } })";
    const older = `data:text/javascript,${encodeURIComponent(code)}`;
    const { exitCode, stdout, stderr } = await keyturn(['run'], { NODE_OPTIONS: `--import=${older}` });
    expect(stderr).toMatch(complaint('Node 24 or newer is needed, and this is v'));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('a kubeconfig that is not there', async () => {
    const path = join(home.path, 'nowhere');
    const { exitCode, stderr } = await keyturn(['run', '--kubeconfig', path, ...FREE_PORTS]);
    expect(stderr).toMatch(complaint(`The kubeconfig cannot be read from ${path} \\(ENOENT\\)`));
    expect(exitCode).toBe(1);
  });

  it('an audit log that cannot be opened', async () => {
    const path = join(home.path, 'nowhere', 'audit.jsonl');
    const args = ['run', '--kubeconfig', cluster.adminKubeconfigPath, '--audit-log', path, ...FREE_PORTS];
    const { exitCode, stderr } = await keyturn(args);
    expect(stderr).toMatch(complaint(`cannot open the audit log "${path}" \\(ENOENT\\); name a file`));
    expect(exitCode).toBe(1);
  });

  describe('an address that something else listens on', () => {
    let other: Server;
    let taken: string;
    beforeAll(async () => {
      other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      taken = `127.0.0.1:${port}`;
    });
    afterAll(() => void other.close());

    it.each(['--health-addr', '--metrics-addr'])('%s', async (flag) => {
      const free = flag === '--health-addr' ? '--metrics-addr' : '--health-addr';
      const args = ['run', '--kubeconfig', cluster.adminKubeconfigPath, flag, taken, free, '127.0.0.1:0'];
      const { exitCode, stderr } = await keyturn(args);
      expect(stderr).toMatch(complaint(`cannot listen on "${taken}"; choose another address`));
      expect(exitCode).toBe(1);
    });
  });
});

describe('help', () => {
  it.each([[['--help']], [['help']], [['run', '--help']], [['plan', '--help']]])(
    '%j lists every option with its variable',
    async (args) => {
      const { exitCode, stdout, stderr } = await keyturn(args);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      for (const { flag, env, fallback, help } of Object.values(SETTINGS)) {
        const line = stdout.split('\n').find((each) => new RegExp(`^ +--${flag}[ \\n]`).test(each)) ?? '';
        expect(line).toContain(`$${env}`);
        expect(line).toContain(help);
        expect(line).toContain(fallback);
      }
    },
  );
});
