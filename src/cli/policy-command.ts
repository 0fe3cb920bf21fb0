/** `keyturn policy`: the least IAM policies for what is in the cluster, or what a given one lacks and grants too much. */

import { comparePolicy } from '../domain/policy-compare.ts';
import { NoPolicy, readPolicy } from '../domain/policy-given.ts';
import { type IdentityPolicy, type PolicyReport, policyReport } from '../domain/policy-report.ts';
import { UsageError } from '../option-values.ts';
import { readPolicyInput } from '../read-policy-input.ts';
import { describePolicyOptions, type PolicyOptions, readPolicyOptions } from './policy-options.ts';
import { comparisonText, identityTitle, reportText } from './policy-text.ts';
import type { Process } from './process.ts';

export const POLICY_HELP = `Prints the least IAM policies with which the ExternalSecrets of a cluster are synced.

Usage: keyturn policy [options]

It reads ExternalSecrets, stores, SecretAccessPolicies, ServiceAccounts and the labels of namespaces once, with the
rights of the kubeconfig; it reads no Secret, writes nothing, and does not call AWS. docs/iam.md explains the statements.

Options:
${describePolicyOptions()}
  --help                                 show this

Exit status: 0 when policies were printed, or the compared one fits; 2 when it differs; 1 when that could not be found out;
64 when the command line cannot be understood.
`;

const FITS = 0;
const DIFFERS = 2;

async function report(options: PolicyOptions, { env, stop }: Process): Promise<PolicyReport> {
  const { input, roleBearerOf, issuer } = await readPolicyInput(
    {
      kubeconfig: options.kubeconfig,
      env,
      namespaces: options.namespaces,
      controllerClass: options.controllerClass,
      controllerIdentity: options.controllerIdentity,
      allowsGeneric: options.allowsGeneric,
      requiresAccessPolicy: options.requiresAccessPolicy,
      onlyStore: options.store,
    },
    stop,
  );
  const { account, kmsKeys, oidcProvider = issuer, role } = options;
  const { identities, ...rest } = policyReport(input, { account, kmsKeys, oidcProvider, roleBearerOf });
  return { ...rest, identities: identities.filter(({ identity }) => role === undefined || identity === role) };
}

/** @throws UsageError when the options leave several; Error when they leave none */
function onlyOne({ identities }: PolicyReport): IdentityPolicy {
  const [first, ...others] = identities;
  if (first === undefined) throw new Error('--compare: nothing is read there, so that there is nothing to compare');
  if (others.length === 0) return first;
  const names = identities.map(identityTitle).join('; ');
  throw new UsageError(`--compare: choose one of ${names}, by --role, --store or --namespace`);
}

/** @throws Error in words to show */
async function given(path: string, { readText }: Process) {
  try {
    return readPolicy(await readText(path));
  } catch (error) {
    if (error instanceof NoPolicy) throw new Error(`--compare: ${path} is not a policy: ${error.message}`);
    if (error instanceof Error && 'code' in error) throw new Error(`--compare: ${path} cannot be read (${error.code})`);
    throw error;
  }
}

async function compare(path: string, options: PolicyOptions, process: Process): Promise<number> {
  const statements = await given(path, process);
  const found = await report(options, process);
  const { required, optional, ...identity } = onlyOne(found);
  const needed = { required, optional: optional.map(({ statement }) => statement) };
  const notes = found.notes.map((text) => ({ kind: 'note', text }) as const);
  const findings = [...comparePolicy(needed, statements), ...notes];
  const fits = findings.every(({ kind }) => kind === 'note');
  process.print(
    options.output === 'json'
      ? `${JSON.stringify({ identity: identity.identity, fits, findings }, undefined, 2)}\n`
      : comparisonText(identityTitle(identity), findings, fits),
  );
  return fits ? FITS : DIFFERS;
}

function jsonOf({ identities, leftOut, notes: general }: PolicyReport): string {
  const shown = identities.map(({ kind, identity, serves, policy, optional, trustPolicy, shared, notes }) => ({
    kind,
    identity,
    serves,
    policy,
    optional,
    ...(trustPolicy !== undefined && { trustPolicy }),
    shared,
    notes,
  }));
  return `${JSON.stringify({ identities: shown, leftOut, notes: general }, undefined, 2)}\n`;
}

/** @throws UsageError, KeyturnError, NoClusterConfig */
export async function policy(args: readonly string[], process: Process): Promise<number> {
  const options = readPolicyOptions(args, process.env);
  if (options.compare !== undefined) return await compare(options.compare, options, process);
  const found = await report(options, process);
  process.print(options.output === 'json' ? jsonOf(found) : reportText(found));
  return FITS;
}
