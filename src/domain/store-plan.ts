/** How a SecretStore or ClusterSecretStore is to be used, from its spec alone. Pure. */

import { hash } from 'node:crypto';
import type { AwsProvider } from '../api/aws-provider.ts';
import type { ClusterSecretStore, SecretStore, SecretStoreSpec } from '../api/secret-store.ts';
import { InvalidSpec } from '../ports/errors.ts';
import type { AssumedRole, RetrySettings } from '../ports/secret-source.ts';
import { assumedRoles, namesItsUser, roleProblem, sessionNameOf, sessionTagsProblem } from './assumed-roles.ts';
import { parseDurationMs } from './duration.ts';
import { type NamespaceRule, namespaceRule } from './store-conditions.ts';
import {
  type ControllerIdentity,
  type CredentialPlan,
  credentialsOf,
  isReferent,
  lendingProblem,
} from './store-credentials.ts';

export type StorePlan =
  | { readonly kind: 'otherClass'; readonly controllerClass: string }
  | { readonly kind: 'invalid'; readonly error: InvalidSpec }
  /** Of each namespace that uses it the credentials are others: there is nothing to check without one. */
  | { readonly kind: 'byNamespace'; readonly rule: NamespaceRule; readonly revalidateMs: number }
  | {
      readonly kind: 'check';
      readonly region: string;
      readonly keyPrefix: string;
      readonly credentials: CredentialPlan;
      /** For a role that a ServiceAccount is annotated with. */
      readonly sessionName: string;
      readonly roles: readonly AssumedRole[];
      readonly retry: RetrySettings | undefined;
      readonly rule: NamespaceRule;
      readonly revalidateMs: number;
    };

export type AnyStore = SecretStore | ClusterSecretStore;

export interface StorePlanOptions {
  /** The class that this operator runs as; a store without a class is everybody's. */
  readonly ownClass: string;
  readonly controllerIdentity: ControllerIdentity;
  /** Whose ExternalSecrets use it; undefined for a ClusterSecretStore itself. */
  readonly namespace: string | undefined;
}

/** Upstream's `--store-requeue-interval`. */
const REVALIDATE_MS = 5 * 60_000;

function providerProblem(store: AnyStore): string | undefined {
  const { aws } = store.spec.provider;
  if (aws === undefined) {
    const [name = 'none'] = Object.keys(store.spec.provider);
    return `spec.provider is "${name}"; Keyturn reads from AWS Secrets Manager only (spec.provider.aws)`;
  }
  if (aws.service !== 'SecretsManager') {
    return `spec.provider.aws.service is ${aws.service}; Keyturn reads from SecretsManager only`;
  }
  if (!isRegion(aws.region)) {
    return `spec.provider.aws.region "${aws.region}" is not a region name; write one such as "eu-central-1"`;
  }
  return roleProblem(aws) ?? sessionTagsProblem(store, aws);
}

/** The region becomes part of a host name: anything but one lower-case label could lead the request elsewhere. */
function isRegion(region: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(region);
}

/** An integer is seconds, a string a Go duration; absent and 0 mean the default (upstream section 3.1). */
function revalidateMs(store: AnyStore): number | InvalidSpec {
  const { refreshInterval } = store.spec;
  const ms = typeof refreshInterval === 'string' ? parseDurationMs(refreshInterval) : (refreshInterval ?? 0) * 1000;
  if (ms === undefined || ms < 0) {
    return new InvalidSpec('spec.refreshInterval is neither seconds nor a duration such as "5m"');
  }
  return ms === 0 ? REVALIDATE_MS : ms;
}

/** The SDK's own, for a store that says nothing. */
const DEFAULT_ATTEMPTS = 3;
/** A call has to end within its deadline, whatever a store asks for. */
const MOST_ATTEMPTS = 10;

/** `maxRetries` counts attempts, as upstream hands it on; 0 would be tried for ever there (section 3.4). */
function retryOf({ retrySettings }: SecretStoreSpec): RetrySettings | undefined | InvalidSpec {
  if (retrySettings === undefined) return undefined;
  const { maxRetries = DEFAULT_ATTEMPTS, retryInterval } = retrySettings;
  const delayMs = retryInterval === undefined ? undefined : parseDurationMs(retryInterval);
  if (retryInterval !== undefined && delayMs === undefined) {
    return new InvalidSpec('spec.retrySettings.retryInterval is not a duration such as "10s"');
  }
  const attempts = maxRetries <= 0 ? MOST_ATTEMPTS : Math.min(maxRetries, MOST_ATTEMPTS);
  return { attempts, ...(delayMs !== undefined && delayMs > 0 ? { delayMs } : {}) };
}

type Check = Extract<StorePlan, { kind: 'check' }>;
type Judged = Pick<Check, 'rule' | 'retry' | 'revalidateMs'>;

/** What does not depend on who uses it. @throws InvalidSpec */
function judge(store: AnyStore): Judged | InvalidSpec {
  const interval = revalidateMs(store);
  if (interval instanceof InvalidSpec) return interval;
  const retry = retryOf(store.spec);
  if (retry instanceof InvalidSpec) return retry;
  // Conditions of a SecretStore say nothing, as upstream.
  const rule = namespaceRule(store.kind === 'ClusterSecretStore' ? store.spec.conditions : []);
  return { rule, retry, revalidateMs: interval };
}

/** How the store is used by one namespace; undefined where nothing is read without knowing which. */
function checkOf(
  store: AnyStore,
  aws: AwsProvider,
  { controllerIdentity, namespace }: StorePlanOptions,
): Omit<Check, keyof Judged> | InvalidSpec | undefined {
  const using = store.kind === 'SecretStore' ? store.metadata.namespace : namespace;
  const dependsOnUser = store.kind === 'ClusterSecretStore' && (isReferent(store, aws) || namesItsUser(aws));
  const credentials = credentialsOf(store, aws, using ?? '');
  if (credentials instanceof InvalidSpec) return credentials;
  const lending = lendingProblem(store, credentials, controllerIdentity);
  if (lending !== undefined) return lending;
  if (dependsOnUser && using === undefined) return undefined;
  const sessionName = sessionNameOf(store, dependsOnUser ? using : undefined);
  return {
    kind: 'check',
    region: aws.region,
    keyPrefix: aws.prefix ?? '',
    credentials,
    sessionName,
    roles: assumedRoles(store, aws, sessionName, using ?? ''),
  };
}

/** What besides credentials and region makes a difference to the calls: a short name of it, empty for what is as usual. */
export function callVariant({ roles, retry }: Pick<Check, 'roles' | 'retry'>): string {
  const parts = [...(roles.length === 0 ? [] : [roles]), ...(retry === undefined ? [] : [retry])];
  return parts.length === 0 ? '' : `/${hash('sha256', JSON.stringify(parts)).slice(0, 32)}`;
}

function planOf(store: AnyStore, options: StorePlanOptions): StorePlan | InvalidSpec {
  const problem = providerProblem(store);
  const { aws } = store.spec.provider;
  if (problem !== undefined || aws === undefined) return new InvalidSpec(problem ?? '');
  const judged = judge(store);
  if (judged instanceof InvalidSpec) return judged;
  const check = checkOf(store, aws, options);
  if (check instanceof InvalidSpec) return check;
  return check === undefined ? { kind: 'byNamespace', ...judged } : { ...check, ...judged };
}

/** Whether the store names another operator than the one of that class; a store without a class is everybody's. */
export function isOfOtherClass({ spec }: AnyStore, ownClass: string): boolean {
  return spec.controller !== undefined && spec.controller !== '' && spec.controller !== ownClass;
}

export function planStore(store: AnyStore, options: StorePlanOptions): StorePlan {
  if (isOfOtherClass(store, options.ownClass)) {
    return { kind: 'otherClass', controllerClass: store.spec.controller ?? '' };
  }
  try {
    const planned = planOf(store, options);
    return planned instanceof InvalidSpec ? { kind: 'invalid', error: planned } : planned;
  } catch (error) {
    if (error instanceof InvalidSpec) return { kind: 'invalid', error };
    throw error;
  }
}
