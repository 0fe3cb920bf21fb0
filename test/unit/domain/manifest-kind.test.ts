import { describe, expect, test } from 'vitest';
import type { ExternalSecretTarget } from '../../../src/api/external-secret.ts';
import { genericTargetOf, genericTargetProblem, servedKindProblem } from '../../../src/domain/manifest-kind.ts';
import type { ServedKind } from '../../../src/ports/generic-objects.ts';

function problem(
  manifest: { apiVersion: string; kind: string },
  areAllowed = true,
  template?: ExternalSecretTarget['template'],
) {
  return genericTargetProblem({ manifest, ...(template === undefined ? {} : { template }) }, areAllowed)?.message;
}

describe('a target is generic', () => {
  test.each(
    Object.entries<readonly [target: ExternalSecretTarget | undefined, isGeneric: boolean]>({
      'not without a target': [undefined, false],
      'not without a manifest': [{ name: 'app' }, false],
      'not for a Secret': [{ manifest: { apiVersion: 'v1', kind: 'Secret' } }, false],
      'for a ConfigMap': [{ manifest: { apiVersion: 'v1', kind: 'ConfigMap' } }, true],
      'for a Secret of another group': [{ manifest: { apiVersion: 'example.com/v1', kind: 'Secret' } }, true],
      'for what is almost a Secret': [{ manifest: { apiVersion: 'v1', kind: 'secret' } }, true],
    }),
  )('%s', (_sentence, [target, isGeneric]) => {
    expect(genericTargetOf(target === undefined ? {} : { target }) !== undefined).toBe(isGeneric);
  });
});

describe('of what the manifest names', () => {
  const sentence = 'invalid generic target: ';
  const field = `${sentence}spec.target.manifest`;
  test.each(
    Object.entries<readonly [apiVersion: string, kind: string, problem: string | undefined]>({
      'a ConfigMap may be': ['v1', 'ConfigMap', undefined],
      'a custom resource may be': ['traefik.io/v1alpha1', 'Middleware', undefined],
      'a kind of a group like a refused one may be': ['my-apps.example.com/v1', 'Deployment', undefined],
      'a version that leads elsewhere is refused': [
        'v1/../../apis/apps/v1',
        'ConfigMap',
        `${field}.apiVersion "v1/../../apis/apps/v1" is none; write it as in v1 or apps.example.com/v1`,
      ],
      'a version with a question is refused': [
        'v1?dryRun=All',
        'ConfigMap',
        `${field}.apiVersion "v1?dryRun=All" is none; write it as in v1 or apps.example.com/v1`,
      ],
      'an empty version is refused': [
        '',
        'ConfigMap',
        `${field}.apiVersion "" is none; write it as in v1 or apps.example.com/v1`,
      ],
      'a version of three parts is refused': [
        'a/b/v1',
        'ConfigMap',
        `${field}.apiVersion "a/b/v1" is none; write it as in v1 or apps.example.com/v1`,
      ],
      'a group without a version is refused': [
        'example.com/',
        'X',
        `${field}.apiVersion "example.com/" is none; write it as in v1 or apps.example.com/v1`,
      ],
      'a version with an escape is refused': [
        'v1%2f',
        'X',
        `${field}.apiVersion "v1%2f" is none; write it as in v1 or apps.example.com/v1`,
      ],
      'a kind that is none is refused': [
        'v1',
        'config maps',
        `${field}.kind "config maps" is none; write it as in ConfigMap`,
      ],
      'what steers the operator is refused': [
        'external-secrets.io/v1',
        'SecretStore',
        `${field}: SecretStore of external-secrets.io/v1 is never written: it would steer the operator that writes it`,
      ],
      'its older versions are too': [
        'external-secrets.io/v1beta1',
        'ExternalSecret',
        `${field}: ExternalSecret of external-secrets.io/v1beta1 is never written: it would steer the operator that writes it`,
      ],
      'rights are refused': [
        'rbac.authorization.k8s.io/v1',
        'RoleBinding',
        `${field}: RoleBinding of rbac.authorization.k8s.io/v1 is never written: it would give rights that its author may not have`,
      ],
      'identities are refused': [
        'v1',
        'ServiceAccount',
        `${field}: ServiceAccount of v1 is never written: it is the identity of pods, at AWS too`,
      ],
      'pods are refused': [
        'v1',
        'Pod',
        `${field}: Pod of v1 is never written: it would run code with the rights of any ServiceAccount of the namespace`,
      ],
      'what makes pods is refused': [
        'batch/v1',
        'CronJob',
        `${field}: CronJob of batch/v1 is never written: it would run code with the rights of any ServiceAccount of the namespace`,
      ],
      'Leases are refused': [
        'coordination.k8s.io/v1',
        'Lease',
        `${field}: Lease of coordination.k8s.io/v1 is never written: it decides which process leads`,
      ],
      'where traffic goes is refused': [
        'v1',
        'Endpoints',
        `${field}: Endpoints of v1 is never written: it would lead the traffic of a Service elsewhere`,
      ],
    }),
  )('%s', (_sentence, [apiVersion, kind, expected]) => {
    expect(problem({ apiVersion, kind })).toBe(expected);
  });

  test('nothing may be without the flag, whatever else is wrong', () => {
    expect(problem({ apiVersion: '', kind: 'Pod' }, false)).toBe(
      'invalid generic target: only Secrets are written; for other kinds start the operator with --unsafe-allow-generic-targets',
    );
  });

  test('a path that is none is told', () => {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap' };
    expect(problem(manifest, true, { templateFrom: [{ literal: 'a: b', target: 'metadata.labels' }] })).toBe(
      'invalid generic target: spec.target.template.templateFrom[0].target "metadata.labels" cannot be used: metadata is not for templates to write',
    );
  });
});

describe('of what the API server serves', () => {
  const served: ServedKind = {
    apiVersion: 'example.com/v1',
    kind: 'AppConfig',
    plural: 'appconfigs',
    isNamespaced: true,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  };

  test('a namespaced kind with all verbs may be', () => {
    expect(servedKindProblem(served)).toBeUndefined();
  });

  test('a cluster-scoped kind is refused', () => {
    expect(servedKindProblem({ ...served, isNamespaced: false })?.message).toBe(
      'invalid generic target: spec.target.manifest: AppConfig of example.com/v1 belongs to no namespace, and an ExternalSecret writes into its own only',
    );
  });

  test('a kind that cannot be read and watched is refused', () => {
    expect(servedKindProblem({ ...served, verbs: ['create', 'patch'] })?.message).toBe(
      'invalid generic target: spec.target.manifest: AppConfig of example.com/v1 cannot be kept in sync: its API has no get, list, watch',
    );
  });
});
