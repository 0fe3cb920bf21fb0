/** Which kinds besides Secret an ExternalSecret may make (`spec.target.manifest`, upstream section 2.8). Pure. */

import type { ExternalSecretSpec, ExternalSecretTarget } from '../api/external-secret.ts';
import { InvalidSpec } from '../ports/errors.ts';
import type { ServedKind } from '../ports/generic-objects.ts';
import { checkManifestTargets } from './manifest-jobs.ts';
import { quotedKey } from './quoted-keys.ts';

/** The target of an ExternalSecret that makes something else than a Secret. */
export type GenericTarget = ExternalSecretTarget & { readonly manifest: NonNullable<ExternalSecretTarget['manifest']> };

/** Undefined for a Secret, however the manifest says it. */
export function genericTargetOf({ target }: ExternalSecretSpec): GenericTarget | undefined {
  const manifest = target?.manifest;
  if (manifest === undefined || (manifest.apiVersion === 'v1' && manifest.kind === 'Secret')) return undefined;
  return { ...target, manifest };
}

/** The objects of a kind, for keys: `apiVersion/kind/namespace/name`. */
export function objectIdOf({ apiVersion, kind }: Pick<ServedKind, 'apiVersion' | 'kind'>, key: string): string {
  return `${apiVersion}/${kind}/${key}`;
}

/** The sentence that upstream's condition consists of. */
const SENTENCE = 'invalid generic target';
/** Where the manifest names the kind. */
export const MANIFEST = 'spec.target.manifest';

/** https://kubernetes.io/docs/reference/using-api/#api-groups; it becomes a part of a URL. */
const API_VERSION =
  /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LONGEST_API_VERSION = 253 + 1 + 63;
const KIND = /^[A-Za-z][A-Za-z0-9]{0,62}$/;

const RIGHTS = 'it would give rights that its author may not have';
const CODE = 'it would run code with the rights of any ServiceAccount of the namespace';
const STEERS = 'it would steer the operator that writes it';
const TRAFFIC = 'it would lead the traffic of a Service elsewhere';

/**
 * Who may write ExternalSecrets gets by them what the operator may do to the kinds that it has rights for. These would
 * give more than a place for values, and are refused whatever rights the operator has.
 */
const GROUPS_REFUSED: ReadonlyMap<string, string> = new Map([
  ['external-secrets.io', STEERS],
  ['generators.external-secrets.io', STEERS],
  ['keyturn.dev', STEERS],
  ['coordination.k8s.io', 'it decides which process leads'],
  ['rbac.authorization.k8s.io', RIGHTS],
  ['authorization.openshift.io', RIGHTS],
  ['apps', CODE],
  ['apps.openshift.io', CODE],
  ['batch', CODE],
  ['discovery.k8s.io', TRAFFIC],
]);

const CORE_KINDS_REFUSED: ReadonlyMap<string, string> = new Map([
  ['Endpoints', TRAFFIC],
  ['Pod', CODE],
  ['PodTemplate', CODE],
  ['ReplicationController', CODE],
  ['ServiceAccount', 'it is the identity of pods, at AWS too'],
]);

/** What is done to every target; delete only where a deletionPolicy asks for it. */
const VERBS_NEEDED: readonly string[] = ['get', 'list', 'watch', 'create', 'patch'];

function invalid(problem: string): InvalidSpec {
  return new InvalidSpec(`${SENTENCE}: ${problem}`);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

function refusal({ apiVersion, kind }: Pick<ServedKind, 'apiVersion' | 'kind'>): string | undefined {
  const group = groupOf(apiVersion);
  return group === '' ? CORE_KINDS_REFUSED.get(kind) : GROUPS_REFUSED.get(group);
}

/** Paths that cannot be used, in the words of those who read them. */
function pathProblem({ template = {} }: GenericTarget): InvalidSpec | undefined {
  try {
    checkManifestTargets(template);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidSpec) return invalid(error.message);
    throw error;
  }
}

/**
 * What is wrong with a target that is no Secret, as far as the manifest tells.
 * @param areAllowed whether the operator was started with --unsafe-allow-generic-targets
 */
export function genericTargetProblem(target: GenericTarget, areAllowed: boolean): InvalidSpec | undefined {
  const { apiVersion, kind } = target.manifest;
  if (!areAllowed) {
    return invalid('only Secrets are written; for other kinds start the operator with --unsafe-allow-generic-targets');
  }
  if (apiVersion.length > LONGEST_API_VERSION || !API_VERSION.test(apiVersion)) {
    return invalid(`${MANIFEST}.apiVersion ${quotedKey(apiVersion)} is none; write it as in v1 or apps.example.com/v1`);
  }
  if (!KIND.test(kind)) return invalid(`${MANIFEST}.kind ${quotedKey(kind)} is none; write it as in ConfigMap`);
  const why = refusal(target.manifest);
  if (why !== undefined) return invalid(`${MANIFEST}: ${kind} of ${apiVersion} is never written: ${why}`);
  return pathProblem(target);
}

/** What is wrong with a kind as the API server serves it. */
export function servedKindProblem({ apiVersion, kind, isNamespaced, verbs }: ServedKind): InvalidSpec | undefined {
  if (!isNamespaced) {
    return invalid(
      `${MANIFEST}: ${kind} of ${apiVersion} belongs to no namespace, and an ExternalSecret writes into its own only`,
    );
  }
  const missing = VERBS_NEEDED.filter((verb) => !verbs.includes(verb));
  if (missing.length === 0) return undefined;
  return invalid(`${MANIFEST}: ${kind} of ${apiVersion} cannot be kept in sync: its API has no ${missing.join(', ')}`);
}
