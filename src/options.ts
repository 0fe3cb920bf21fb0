/** Every setting of the operator in one table: flag, environment variable, default, help, and how it is read. */

import { parseArgs } from 'node:util';
import type { ControllerIdentity } from './domain/store-credentials.ts';
import { checkTogether } from './option-rules.ts';
import {
  readAddress,
  readAuditLog,
  readControllerIdentity,
  readDelimiter,
  readDuration,
  readLeaseName,
  readLevel,
  readNamespaces,
  readSwitch,
  UsageError,
  wholeNumberTo,
} from './option-values.ts';
import type { AuditDestination } from './ports/audit.ts';
import { LOG_LEVELS, type LogLevel } from './ports/log.ts';

export interface RunOptions {
  readonly kubeconfig: string | undefined;
  readonly namespaces: readonly string[];
  readonly controllerClass: string;
  readonly concurrency: number;
  readonly metricsAddr: string;
  readonly healthAddr: string;
  readonly logLevel: LogLevel;
  /** Undefined keeps none. */
  readonly auditLog: AuditDestination | undefined;
  readonly statusIntervalMs: number;
  readonly rotationQueueUrl: string | undefined;
  readonly awsQuotaPercent: number;
  readonly deletionBrakePercent: number;
  readonly leaderElect: boolean;
  readonly leaderElectionNamespace: string | undefined;
  readonly leaderElectionId: string | undefined;
  readonly shards: number;
  readonly templateLeftDelimiter: string;
  readonly templateRightDelimiter: string;
  readonly allowControllerIdentity: ControllerIdentity;
  readonly requireAccessPolicy: boolean;
  readonly unsafeAllowGenericTargets: boolean;
  readonly rollouts: boolean;
  readonly rolloutWindowMs: number;
  readonly rolloutConcurrency: number;
  readonly rolloutDeadlineMs: number;
  readonly consumption: boolean;
}

interface Setting<T> {
  readonly flag: string;
  readonly env: string;
  /** How the value is called in the help; absent for a switch. */
  readonly value?: string;
  readonly fallback: string;
  readonly help: string;
  readonly read: (text: string) => T;
}

type Settings = { readonly [Name in keyof RunOptions]: Setting<RunOptions[Name]> };

export const SETTINGS: Settings = {
  kubeconfig: {
    flag: 'kubeconfig',
    env: 'KEYTURN_KUBECONFIG',
    value: 'path',
    fallback: '',
    help: "kubeconfig file; without it $KUBECONFIG, then the pod's ServiceAccount, then ~/.kube/config",
    read: (text) => (text === '' ? undefined : text),
  },
  namespaces: {
    flag: 'namespace',
    env: 'KEYTURN_NAMESPACE',
    value: 'name[,name]',
    fallback: '',
    help: 'watch these namespaces only, and no ClusterSecretStores; without it all namespaces',
    read: readNamespaces,
  },
  controllerClass: {
    flag: 'controller-class',
    env: 'KEYTURN_CONTROLLER_CLASS',
    value: 'class',
    fallback: 'default',
    help: 'serve stores whose spec.controller is this or empty',
    read: (text) => text,
  },
  concurrency: {
    flag: 'concurrency',
    env: 'KEYTURN_CONCURRENCY',
    value: 'n',
    fallback: '32',
    help: 'ExternalSecrets reconciled at the same time',
    read: wholeNumberTo(1_000),
  },
  metricsAddr: {
    flag: 'metrics-addr',
    env: 'KEYTURN_METRICS_ADDR',
    value: 'host:port',
    fallback: ':8080',
    help: 'where /metrics is served; port 0 takes a free one',
    read: readAddress,
  },
  healthAddr: {
    flag: 'health-addr',
    env: 'KEYTURN_HEALTH_ADDR',
    value: 'host:port',
    fallback: ':8082',
    help: 'where /healthz and /readyz are served; port 0 takes a free one',
    read: readAddress,
  },
  logLevel: {
    flag: 'log-level',
    env: 'KEYTURN_LOG_LEVEL',
    value: 'level',
    fallback: 'info',
    help: `one of ${LOG_LEVELS.join(', ')}`,
    read: readLevel,
  },
  auditLog: {
    flag: 'audit-log',
    env: 'KEYTURN_AUDIT_LOG',
    value: 'where',
    fallback: 'off',
    help: 'where each read of AWS and each write of a Secret is recorded (docs/audit.md): off, stdout, or the path of a file',
    read: readAuditLog,
  },
  statusIntervalMs: {
    flag: 'status-interval',
    env: 'KEYTURN_STATUS_INTERVAL',
    value: 'duration',
    fallback: '1h',
    help: 'write status.refreshTime at most so often when nothing changed; 0s writes it on every refresh',
    read: readDuration,
  },
  rotationQueueUrl: {
    flag: 'rotation-queue-url',
    env: 'KEYTURN_ROTATION_QUEUE_URL',
    value: 'url',
    fallback: '',
    help: 'SQS queue that gets rotation events (docs/rotation-events.md), with {shard} in it when there are several shards; without it rotations are found by the sweep alone',
    read: (text) => (text === '' ? undefined : text),
  },
  awsQuotaPercent: {
    flag: 'aws-quota-percent',
    env: 'KEYTURN_AWS_QUOTA_PERCENT',
    value: 'n',
    fallback: '50',
    help: "use at most this share of each of AWS's request quotas, by account and region; each of several replicas with shards may use as much",
    read: wholeNumberTo(100),
  },
  deletionBrakePercent: {
    flag: 'deletion-brake-percent',
    env: 'KEYTURN_DELETION_BRAKE_PERCENT',
    value: 'n',
    fallback: '20',
    help: 'when more than this share of the secrets of an identity, and five or more, vanish at once, nothing is deleted until somebody confirms it; 0 switches that off',
    read: wholeNumberTo(100, 0),
  },
  leaderElect: {
    flag: 'leader-elect',
    env: 'KEYTURN_LEADER_ELECT',
    fallback: 'false',
    help: 'let one of several replicas work at a time, by a Lease',
    read: readSwitch,
  },
  leaderElectionNamespace: {
    flag: 'leader-election-namespace',
    env: 'KEYTURN_LEADER_ELECTION_NAMESPACE',
    value: 'name',
    fallback: '',
    help: "namespace of the Lease; without it the pod's own",
    read: (text) => (text === '' ? undefined : text),
  },
  leaderElectionId: {
    flag: 'leader-election-id',
    env: 'KEYTURN_LEADER_ELECTION_ID',
    value: 'name',
    fallback: '',
    help: 'name of the Lease, and what those of shards begin with, for several operators in one namespace; without it keyturn, or keyturn-CLASS for another controller class',
    read: readLeaseName,
  },
  shards: {
    flag: 'shards',
    env: 'KEYTURN_SHARDS',
    value: 'n',
    fallback: '1',
    help: 'parts of the namespaces that replicas share out, for a fleet too large for one process; more than 1 needs --leader-elect',
    read: wholeNumberTo(100),
  },
  templateLeftDelimiter: {
    flag: 'template-left-delimiter',
    env: 'KEYTURN_TEMPLATE_LEFT_DELIMITER',
    value: 'text',
    fallback: '{{',
    help: 'what begins an action in the templates of targets; those of rewrites keep {{ and }}',
    read: readDelimiter,
  },
  templateRightDelimiter: {
    flag: 'template-right-delimiter',
    env: 'KEYTURN_TEMPLATE_RIGHT_DELIMITER',
    value: 'text',
    fallback: '}}',
    help: 'what ends an action in the templates of targets',
    read: readDelimiter,
  },
  allowControllerIdentity: {
    flag: 'allow-controller-identity',
    env: 'KEYTURN_ALLOW_CONTROLLER_IDENTITY',
    value: 'kinds',
    fallback: 'cluster',
    help: "which stores without auth read with the operator's own AWS credentials: none, ClusterSecretStores (cluster), or SecretStores too (all)",
    read: readControllerIdentity,
  },
  requireAccessPolicy: {
    flag: 'require-access-policy',
    env: 'KEYTURN_REQUIRE_ACCESS_POLICY',
    fallback: 'false',
    help: 'read nothing but what a SecretAccessPolicy allows, in every namespace; without it, in those that a policy selects',
    read: readSwitch,
  },
  unsafeAllowGenericTargets: {
    flag: 'unsafe-allow-generic-targets',
    env: 'KEYTURN_UNSAFE_ALLOW_GENERIC_TARGETS',
    fallback: 'false',
    help: 'let ExternalSecrets make objects of other kinds than Secret; the rights for these kinds are yours to give (docs/generic-targets.md)',
    read: readSwitch,
  },
  rollouts: {
    flag: 'rollouts',
    env: 'KEYTURN_ROLLOUTS',
    fallback: 'false',
    help: 'restart the workloads that an ExternalSecret names by the annotation keyturn.dev/rollout when its Secret gets another version; needs deploy/rollouts-rbac.yaml (docs/rollouts.md)',
    read: readSwitch,
  },
  rolloutWindowMs: {
    flag: 'rollout-window',
    env: 'KEYTURN_ROLLOUT_WINDOW',
    value: 'duration',
    fallback: '10s',
    help: 'how long a new version waits for those of other Secrets of the same workload, so that it is restarted once',
    read: readDuration,
  },
  rolloutConcurrency: {
    flag: 'rollout-concurrency',
    env: 'KEYTURN_ROLLOUT_CONCURRENCY',
    value: 'n',
    fallback: '5',
    help: 'workloads that may be restarting at the same time, in the whole cluster; one that comes no further for two minutes does not count',
    read: wholeNumberTo(1_000),
  },
  rolloutDeadlineMs: {
    flag: 'rollout-deadline',
    env: 'KEYTURN_ROLLOUT_DEADLINE',
    value: 'duration',
    fallback: '10m',
    help: 'a workload that is not healthy so long after its restart holds those that wait for the same version',
    read: readDuration,
  },
  consumption: {
    flag: 'consumption',
    env: 'KEYTURN_CONSUMPTION',
    fallback: 'false',
    help: 'tell which pods hold which version of a Secret, of ExternalSecrets with the annotation keyturn.dev/consumption; needs deploy/consumption-rbac.yaml (docs/consumption.md)',
    read: readSwitch,
  },
};

const NAMES = Object.keys(SETTINGS).filter((name): name is keyof RunOptions => name in SETTINGS);

function readSetting<Name extends keyof RunOptions>(name: Name, texts: ReadonlyMap<string, string>): RunOptions[Name] {
  const setting = SETTINGS[name];
  const text = texts.get(name) ?? setting.fallback;
  try {
    return setting.read(text);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`--${setting.flag}: ${error.message}`);
    throw error;
  }
}

/** A command, and what it takes besides the settings. */
export interface Command {
  readonly name: 'run' | 'plan';
  /** Flags of its own, each with a value. */
  readonly flags: readonly string[];
  readonly takesPositionals: boolean;
}

export interface Arguments {
  /** By the names of settings. */
  readonly texts: Map<string, string>;
  /** By the names of flags. */
  readonly own: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

/**
 * Texts from `--flag value`, `--flag=value` and bare switches.
 * @throws UsageError
 */
export function parseArguments(args: readonly string[], command: Command): Arguments {
  const switches = NAMES.filter((name) => SETTINGS[name].value === undefined).map((name) => `--${SETTINGS[name].flag}`);
  const spelledOut = args.map((arg) => (switches.includes(arg) ? `${arg}=true` : arg));
  const flags = [...NAMES.map((name) => SETTINGS[name].flag), ...command.flags];
  const { values, positionals } = parse(spelledOut, flags, command);
  return {
    texts: new Map(NAMES.flatMap((name) => entryOf(name, values[SETTINGS[name].flag]))),
    own: new Map(command.flags.flatMap((flag) => entryOf(flag, values[flag]))),
    positionals,
  };
}

function entryOf(name: string, text: unknown): readonly (readonly [string, string])[] {
  return typeof text === 'string' ? [[name, text]] : [];
}

function parse(args: string[], flags: readonly string[], { name, takesPositionals }: Command) {
  const options = Object.fromEntries(flags.map((flag) => [flag, { type: 'string' } as const]));
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: takesPositionals });
  } catch (error) {
    const [problem = ''] = (error instanceof Error ? error.message : '').split(/\.\s/);
    throw new UsageError(`${problem}; see keyturn ${name} --help`);
  }
}

const RUN: Command = { name: 'run', flags: [], takesPositionals: false };

/** @throws UsageError */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): RunOptions {
  return readSettings(parseArguments(args, RUN).texts, env);
}

/**
 * A flag wins over the environment, the environment over the default.
 * @param texts of the flags, by the names of settings
 * @throws UsageError
 */
export function readSettings(
  given: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string | undefined>>,
): RunOptions {
  const texts = new Map(given);
  for (const name of NAMES) {
    const value = env[SETTINGS[name].env];
    if (value !== undefined && value !== '' && !texts.has(name)) texts.set(name, value);
  }
  const options: RunOptions = {
    kubeconfig: readSetting('kubeconfig', texts),
    namespaces: readSetting('namespaces', texts),
    controllerClass: readSetting('controllerClass', texts),
    concurrency: readSetting('concurrency', texts),
    metricsAddr: readSetting('metricsAddr', texts),
    healthAddr: readSetting('healthAddr', texts),
    logLevel: readSetting('logLevel', texts),
    auditLog: readSetting('auditLog', texts),
    statusIntervalMs: readSetting('statusIntervalMs', texts),
    rotationQueueUrl: readSetting('rotationQueueUrl', texts),
    awsQuotaPercent: readSetting('awsQuotaPercent', texts),
    deletionBrakePercent: readSetting('deletionBrakePercent', texts),
    leaderElect: readSetting('leaderElect', texts),
    leaderElectionNamespace: readSetting('leaderElectionNamespace', texts),
    leaderElectionId: readSetting('leaderElectionId', texts),
    shards: readSetting('shards', texts),
    templateLeftDelimiter: readSetting('templateLeftDelimiter', texts),
    templateRightDelimiter: readSetting('templateRightDelimiter', texts),
    allowControllerIdentity: readSetting('allowControllerIdentity', texts),
    requireAccessPolicy: readSetting('requireAccessPolicy', texts),
    unsafeAllowGenericTargets: readSetting('unsafeAllowGenericTargets', texts),
    rollouts: readSetting('rollouts', texts),
    rolloutWindowMs: readSetting('rolloutWindowMs', texts),
    rolloutConcurrency: readSetting('rolloutConcurrency', texts),
    rolloutDeadlineMs: readSetting('rolloutDeadlineMs', texts),
    consumption: readSetting('consumption', texts),
  };
  checkTogether(options);
  return options;
}

/** The table as the help shows it: flag, environment variable and default, and what it does. */
export function describeSettings(): string {
  return NAMES.map((name) => {
    const { flag, value, env, fallback, help } = SETTINGS[name];
    const usage = value === undefined ? `--${flag}` : `--${flag} <${value}>`;
    const facts = [`$${env}`, ...(fallback === '' ? [] : [`default ${fallback}`])].join(', ');
    return `  ${usage.padEnd(38)} ${help} (${facts})`;
  }).join('\n');
}
