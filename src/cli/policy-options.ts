/** Every option of `keyturn policy` in one table: flag, help, and how it is read. */

import { parseArgs } from 'node:util';
import type { ControllerIdentity } from '../domain/store-credentials.ts';
import { UsageError } from '../option-values.ts';
import { type RunOptions, SETTINGS } from '../options.ts';

export interface PolicyOptions {
  readonly kubeconfig: string | undefined;
  readonly namespaces: readonly string[];
  /** As a StoreKey spells the store itself. */
  readonly store: string | undefined;
  readonly role: string | undefined;
  readonly account: string | undefined;
  readonly oidcProvider: string | undefined;
  readonly kmsKeys: readonly string[];
  readonly compare: string | undefined;
  readonly output: 'text' | 'json';
  readonly controllerClass: string;
  readonly controllerIdentity: ControllerIdentity;
  readonly allowsGeneric: boolean;
  readonly requiresAccessPolicy: boolean;
}

interface Option<T> {
  readonly flag: string;
  /** Absent for a switch. */
  readonly value?: string | undefined;
  /** Absent for options that are no setting of `keyturn run`. */
  readonly env?: string;
  readonly help: string;
  readonly fallback: string;
  readonly read: (text: string) => T;
}

type Options = { readonly [Name in keyof PolicyOptions]: Option<PolicyOptions[Name]> };

function optional(form: RegExp, what: string): (text: string) => string | undefined {
  return (text) => {
    if (text === '') return undefined;
    if (form.test(text)) return text;
    throw new UsageError(`expected ${what}, got "${text}"`);
  };
}

const KMS_KEY = /^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w*?-]+$/;

function readKeys(text: string): readonly string[] {
  const keys = text === '' ? [] : text.split(',');
  if (keys.every((key) => KMS_KEY.test(key))) return keys;
  throw new UsageError(`expected ARNs of KMS keys joined by commas, got "${text}"`);
}

function readProvider(text: string): string | undefined {
  const provider = text.replace(/^https:\/\//, '').replace(/\/$/, '');
  const form = /^(?:arn:[a-z0-9-]+:iam::\d{12}:oidc-provider\/)?[\w./:~-]+$/;
  return optional(form, "the cluster's OIDC provider, such as oidc.eks.eu-central-1.amazonaws.com/id/ID")(provider);
}

function readOutput(text: string): 'text' | 'json' {
  if (text === 'text' || text === 'json') return text;
  throw new UsageError(`expected text or json, got "${text}"`);
}

/** As `keyturn run` has it. */
function shared<Name extends keyof RunOptions>(name: Name, help?: string): Option<RunOptions[Name]> {
  const { flag, value, env, fallback, read, help: ofRun } = SETTINGS[name];
  return { flag, value, env, fallback, read, help: help ?? ofRun };
}

const NAME = '[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?';

const OPTIONS: Options = {
  kubeconfig: shared('kubeconfig'),
  namespaces: shared('namespaces', 'ExternalSecrets of these namespaces only; without it of all'),
  store: {
    flag: 'store',
    value: 'kind/[namespace/]name',
    fallback: '',
    help: 'what is read from this store only: SecretStore/NAMESPACE/NAME or ClusterSecretStore/NAME',
    read: optional(
      new RegExp(`^(?:SecretStore/${NAME}/${NAME}|ClusterSecretStore/${NAME})$`),
      'SecretStore/NAMESPACE/NAME or ClusterSecretStore/NAME',
    ),
  },
  role: {
    flag: 'role',
    value: 'arn',
    fallback: '',
    help: 'the policy of this role only',
    read: optional(/^arn:[a-z0-9-]+:iam::\d{12}:role\/.+$/, 'the ARN of a role'),
  },
  account: {
    flag: 'account',
    value: 'id',
    fallback: '',
    help: 'account of identities whose ARN the cluster does not tell; without it *',
    read: optional(/^\d{12}$/, 'the 12 digits of an account'),
  },
  oidcProvider: {
    flag: 'oidc-provider',
    value: 'host/path',
    fallback: '',
    help: "the cluster's OIDC provider, for trust policies; without it what the API server tells as issuer",
    read: readProvider,
  },
  kmsKeys: {
    flag: 'kms-key',
    value: 'arn[,arn]',
    fallback: '',
    help: 'customer managed keys of the secrets: the right to decrypt with them becomes part of the policy',
    read: readKeys,
  },
  compare: {
    flag: 'compare',
    value: 'file',
    fallback: '',
    help: 'a policy as JSON, or - for standard input: says what it lacks, and what it grants too much',
    read: (text) => (text === '' ? undefined : text),
  },
  output: { flag: 'output', value: 'form', fallback: 'text', help: 'text or json', read: readOutput },
  controllerClass: shared('controllerClass'),
  controllerIdentity: shared('allowControllerIdentity'),
  allowsGeneric: shared(
    'unsafeAllowGenericTargets',
    'count ExternalSecrets that make objects of other kinds than Secret',
  ),
  requiresAccessPolicy: shared(
    'requireAccessPolicy',
    'count only what a SecretAccessPolicy allows, in every namespace',
  ),
};

const NAMES = Object.keys(OPTIONS).filter((name): name is keyof PolicyOptions => name in OPTIONS);

function textsIn(args: readonly string[]): ReadonlyMap<string, string> {
  const options = Object.fromEntries(NAMES.map((name) => [OPTIONS[name].flag, { type: 'string' } as const]));
  const switches = NAMES.filter((name) => OPTIONS[name].value === undefined).map((name) => `--${OPTIONS[name].flag}`);
  const spelledOut = args.map((arg) => (switches.includes(arg) ? `${arg}=true` : arg));
  try {
    const { values } = parseArgs({ args: spelledOut, options, strict: true, allowPositionals: false });
    return new Map(Object.entries(values).flatMap(([flag, text]) => (typeof text === 'string' ? [[flag, text]] : [])));
  } catch (error) {
    const [problem = ''] = (error instanceof Error ? error.message : '').split(/\.\s/);
    throw new UsageError(`${problem}; see keyturn policy --help`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws UsageError */
export function readPolicyOptions(args: readonly string[], env: Environment): PolicyOptions {
  const texts = textsIn(args);
  function value<Name extends keyof PolicyOptions>(name: Name): PolicyOptions[Name] {
    const { flag, env: variable, fallback, read } = OPTIONS[name];
    const fromEnv = variable === undefined ? undefined : env[variable] || undefined;
    try {
      return read(texts.get(flag) ?? fromEnv ?? fallback);
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`--${flag}: ${error.message}`);
      throw error;
    }
  }
  return {
    kubeconfig: value('kubeconfig'),
    namespaces: value('namespaces'),
    store: value('store'),
    role: value('role'),
    account: value('account'),
    oidcProvider: value('oidcProvider'),
    kmsKeys: value('kmsKeys'),
    compare: value('compare'),
    output: value('output'),
    controllerClass: value('controllerClass'),
    controllerIdentity: value('controllerIdentity'),
    allowsGeneric: value('allowsGeneric'),
    requiresAccessPolicy: value('requiresAccessPolicy'),
  };
}

export function describePolicyOptions(): string {
  return NAMES.map((name) => {
    const { flag, value, env, fallback, help } = OPTIONS[name];
    const facts = [...(env === undefined ? [] : [`$${env}`]), ...(fallback === '' ? [] : [`default ${fallback}`])];
    const usage = value === undefined ? `--${flag}` : `--${flag} <${value}>`;
    return `  ${usage.padEnd(38)} ${help}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
  }).join('\n');
}
