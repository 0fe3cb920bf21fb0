import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/option-values.ts';
import { describeSettings, type RunOptions, readOptions, SETTINGS } from '../../src/options.ts';

const DEFAULTS: RunOptions = readOptions([], {});

/** The message with which a command line or an environment is refused. */
function refusal(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  try {
    readOptions(args, env);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('readOptions', () => {
  test('without anything everything has its default', () => {
    expect(DEFAULTS).toMatchObject({
      kubeconfig: undefined,
      namespaces: [],
      controllerClass: 'default',
      concurrency: 32,
      metricsAddr: ':8080',
      healthAddr: ':8082',
      logLevel: 'info',
      auditLog: undefined,
      statusIntervalMs: 3_600_000,
      deletionBrakePercent: 20,
      leaderElect: false,
      leaderElectionNamespace: undefined,
      leaderElectionId: undefined,
      shards: 1,
      unsafeAllowGenericTargets: false,
    });
  });

  test.each<[string, readonly string[], Partial<RunOptions>]>([
    ['a value behind a space', ['--concurrency', '5'], { concurrency: 5 }],
    ['a value behind an equals sign', ['--concurrency=5'], { concurrency: 5 }],
    ['a bare switch', ['--leader-elect'], { leaderElect: true }],
    ['a switch of many words', ['--unsafe-allow-generic-targets'], { unsafeAllowGenericTargets: true }],
    ['a switch that is switched off', ['--leader-elect=false'], { leaderElect: false }],
    [
      'a switch in front of another flag',
      ['--leader-elect', '--log-level', 'debug'],
      { leaderElect: true, logLevel: 'debug' },
    ],
    ['several namespaces', ['--namespace', 'team-a,team-b'], { namespaces: ['team-a', 'team-b'] }],
    ['no namespace', ['--namespace='], { namespaces: [] }],
    ['a kubeconfig', ['--kubeconfig', '/a b/config'], { kubeconfig: '/a b/config' }],
    ['a brake that is switched off', ['--deletion-brake-percent', '0'], { deletionBrakePercent: 0 }],
    ['an audit on stdout', ['--audit-log', 'stdout'], { auditLog: { kind: 'stdout' } }],
    ['an audit in a file', ['--audit-log', '/var/log/a b'], { auditLog: { kind: 'file', path: '/var/log/a b' } }],
    ['an audit in a file beside', ['--audit-log=./stdout'], { auditLog: { kind: 'file', path: './stdout' } }],
    ['no audit', ['--audit-log', 'off'], { auditLog: undefined }],
    ['a status interval of zero', ['--status-interval', '0s'], { statusIntervalMs: 0 }],
    ['an address with a host', ['--metrics-addr', '127.0.0.1:0'], { metricsAddr: '127.0.0.1:0' }],
    ['an address of IPv6', ['--health-addr', '[::1]:8082'], { healthAddr: '[::1]:8082' }],
    [
      'other delimiters',
      ['--template-left-delimiter', '[[', '--template-right-delimiter=]]'],
      { templateLeftDelimiter: '[[', templateRightDelimiter: ']]' },
    ],
    ['the flag that comes last', ['--concurrency', '5', '--concurrency', '6'], { concurrency: 6 }],
  ])('%s', (_, args, expected) => {
    expect(readOptions(args, {})).toEqual({ ...DEFAULTS, ...expected });
  });

  test('shards take leader election, and a queue for each', () => {
    const url = 'https://sqs.eu-west-1.amazonaws.com/123456789012/keyturn-{shard}';
    const args = ['--shards', '3', '--leader-elect', '--rotation-queue-url', url];
    expect(readOptions(args, {})).toMatchObject({ shards: 3, leaderElect: true, rotationQueueUrl: url });
  });

  test('a flag wins over the environment, and the environment over the default', () => {
    const env = { KEYTURN_LOG_LEVEL: 'warn', KEYTURN_CONCURRENCY: '7' };
    expect(readOptions(['--log-level', 'debug'], env)).toEqual({ ...DEFAULTS, logLevel: 'debug', concurrency: 7 });
  });

  test('a flag wins over an environment that could not be read', () => {
    expect(readOptions(['--concurrency', '5'], { KEYTURN_CONCURRENCY: 'many' }).concurrency).toBe(5);
  });

  test('an empty variable is none, as charts leave them', () => {
    const env = Object.fromEntries(Object.values(SETTINGS).map((setting) => [setting.env, '']));
    expect(readOptions([], env)).toEqual(DEFAULTS);
  });

  test('every setting can be given by its variable', () => {
    const env = {
      KEYTURN_KUBECONFIG: 'k',
      KEYTURN_NAMESPACE: 'n',
      KEYTURN_CONTROLLER_CLASS: 'c',
      KEYTURN_CONCURRENCY: '2',
      KEYTURN_METRICS_ADDR: ':1',
      KEYTURN_HEALTH_ADDR: ':2',
      KEYTURN_LOG_LEVEL: 'error',
      KEYTURN_AUDIT_LOG: 'stdout',
      KEYTURN_STATUS_INTERVAL: '2s',
      KEYTURN_LEADER_ELECT: 'true',
      KEYTURN_LEADER_ELECTION_NAMESPACE: 'l',
      KEYTURN_LEADER_ELECTION_ID: 'i',
      KEYTURN_SHARDS: '3',
      KEYTURN_UNSAFE_ALLOW_GENERIC_TARGETS: 'true',
    };
    expect(readOptions([], env)).toMatchObject({
      kubeconfig: 'k',
      namespaces: ['n'],
      controllerClass: 'c',
      concurrency: 2,
      metricsAddr: ':1',
      healthAddr: ':2',
      logLevel: 'error',
      auditLog: { kind: 'stdout' },
      statusIntervalMs: 2_000,
      leaderElect: true,
      leaderElectionNamespace: 'l',
      leaderElectionId: 'i',
      shards: 3,
      unsafeAllowGenericTargets: true,
    });
  });
});

describe('what cannot be used is refused with what can', () => {
  const WHOLE = 'expected a whole number from 1 to 1000';

  test.each<[string, readonly string[], string]>([
    [
      'a delimiter of white space',
      ['--template-left-delimiter', ' '],
      '--template-left-delimiter: expected a delimiter such as [[, without white space around it, got " "',
    ],
    ['a number that is none', ['--concurrency', 'many'], `--concurrency: ${WHOLE}, got "many"`],
    ['zero', ['--concurrency', '0'], `--concurrency: ${WHOLE}, got "0"`],
    ['a fraction', ['--concurrency', '1.5'], WHOLE],
    ['too many', ['--concurrency', '1001'], WHOLE],
    ['no number', ['--concurrency='], WHOLE],
    [
      'a duration of days',
      ['--status-interval', '1d'],
      '--status-interval: expected a duration such as 1h or 90s, got "1d"',
    ],
    ['a negative duration', ['--status-interval=-1s'], 'expected a duration such as 1h or 90s'],
    [
      'an address without a port',
      ['--metrics-addr', 'localhost'],
      '--metrics-addr: expected host:port or :port, got "localhost"',
    ],
    ['a port alone', ['--health-addr', '8082'], '--health-addr: expected host:port or :port, got "8082"'],
    ['a port that is none', ['--health-addr', ':65536'], 'expected host:port or :port'],
    ['an address of IPv6 without brackets', ['--health-addr', '::1:80'], 'expected host:port or :port'],
    [
      'a level that is none',
      ['--log-level', 'verbose'],
      '--log-level: expected one of debug, info, warn, error, got "verbose"',
    ],
    [
      'an audit log that is none, which must not become a file of that name',
      ['--audit-log', 'Stdout'],
      '--audit-log: expected off, stdout, or a path with a / in it, got "Stdout"',
    ],
    ['an audit log without a name', ['--audit-log='], '--audit-log: expected off, stdout, or a path'],
    ['a switch that is neither', ['--leader-elect=yes'], '--leader-elect: expected true or false, got "yes"'],
    ['an unknown flag', ['--verbose'], "Unknown option '--verbose'; see keyturn run --help"],
    ['an argument without a flag', ['team'], "Unexpected argument 'team'"],
    ['a value behind a switch', ['--leader-elect', 'false'], "Unexpected argument 'false'"],
    [
      'a flag without its value',
      ['--concurrency'],
      "Option '--concurrency <value>' argument missing; see keyturn run --help",
    ],
    [
      'a flag whose value is another flag',
      ['--namespace', '--leader-elect=true'],
      "Option '--namespace' argument is ambiguous; see keyturn run --help",
    ],
    [
      'namespaces of commas only, which would mean all of them',
      ['--namespace', ','],
      '--namespace: expected namespace names joined by commas, got ","',
    ],
    [
      'a namespace with a space',
      ['--namespace', 'team-a, team-b'],
      '--namespace: expected namespace names joined by commas',
    ],
    [
      'a brake beyond the whole',
      ['--deletion-brake-percent', '101'],
      '--deletion-brake-percent: expected a whole number from 0 to 100, got "101"',
    ],
    [
      'a brake without a number, which is not zero',
      ['--deletion-brake-percent='],
      '--deletion-brake-percent: expected a whole number from 0 to 100, got ""',
    ],
    [
      'a name that no Lease can have',
      ['--leader-election-id', 'Keyturn_2'],
      '--leader-election-id: expected a name for the Lease: lower-case letters, digits, - and ., 240 characters at most, got "Keyturn_2"',
    ],
    [
      'a name of a Lease that leaves no room for the numbers of shards',
      ['--leader-election-id', 'x'.repeat(241)],
      '240 characters at most',
    ],
    ['more shards than can be', ['--shards', '101'], '--shards: expected a whole number from 1 to 100, got "101"'],
    [
      'shards without leader election',
      ['--shards', '3'],
      '--shards: 3 shards are shared out by Leases; add --leader-elect',
    ],
    [
      'shards with one rotation queue for all',
      [
        '--shards',
        '3',
        '--leader-elect',
        '--rotation-queue-url',
        'https://sqs.eu-west-1.amazonaws.com/123456789012/keyturn',
      ],
      '--rotation-queue-url: each of 3 shards needs a queue of its own; write {shard} where their URLs have the number of the shard, 0 to 2',
    ],
    ['a namespace in upper case', ['--namespace', 'Team'], '--namespace: expected namespace names joined by commas'],
  ])('%s', (_, args, message) => {
    expect(refusal(args)).toContain(message);
    expect(refusal(args)).not.toContain('\n');
  });

  test('a bad variable is refused as a bad flag is', () => {
    expect(refusal([], { KEYTURN_CONCURRENCY: 'many' })).toContain(`${WHOLE}, got "many"`);
    expect(refusal([], { KEYTURN_NAMESPACE: ' ' })).toContain('expected namespace names joined by commas');
  });
});

describe('the help', () => {
  const help = describeSettings();

  test.each(Object.entries(SETTINGS))('tells of %s', (_, { flag, env, help: text, fallback }) => {
    const line = help.split('\n').find((one) => one.includes(`--${flag} `));
    expect(line).toContain(`$${env}`);
    expect(line).toContain(text);
    if (fallback !== '') expect(line).toContain(`default ${fallback}`);
  });

  test('has one line for each setting, in columns', () => {
    const lines = help.split('\n');
    expect(lines).toHaveLength(Object.keys(SETTINGS).length);
    for (const line of lines) expect(line.slice(0, 41)).toMatch(/^ {2}--\S+( <[^>]+>)? +$/);
  });

  test('gives no two settings one name', () => {
    const settings = Object.values(SETTINGS);
    expect(new Set(settings.map(({ flag }) => flag)).size).toBe(settings.length);
    expect(new Set(settings.map(({ env }) => env)).size).toBe(settings.length);
    for (const { flag, env } of settings) expect(env).toBe(`KEYTURN_${flag.toUpperCase().replaceAll('-', '_')}`);
  });
});
