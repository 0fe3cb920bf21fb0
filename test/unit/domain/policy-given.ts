/** Reports of `keyturn policy` on a few ExternalSecrets and stores. */

import { expect } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import type { Narrowed } from '../../../src/api/narrow.ts';
import {
  type IdentityPolicy,
  type PolicyReport,
  type PolicyReportOptions,
  policyReport,
} from '../../../src/domain/policy-report.ts';
import type { PolicyInput } from '../../../src/domain/policy-uses.ts';
import type { AnyStore } from '../../../src/domain/store-plan.ts';
import type { RoleBearer } from '../../../src/ports/cluster.ts';
import { externalSecret, secretStore, storeSpec } from './manifests.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/app';
export const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:';
export const SHARED = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/db-AbCdEf';
export const ISSUER = 'oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE';
export const BY_READER = storeSpec({ auth: { jwt: { serviceAccountRef: { name: 'reader' } } } });
export const BEARER: RoleBearer = { uid: 'u', roleArn: ROLE, audience: undefined };

export interface Given {
  readonly specs?: readonly ExternalSecretSpec[];
  readonly stores?: readonly AnyStore[];
  readonly bearers?: Readonly<Record<string, RoleBearer>>;
  readonly input?: Partial<PolicyInput>;
  readonly options?: Partial<PolicyReportOptions>;
}

/** ExternalSecrets of the namespace `team`, which read by the ServiceAccount `reader` unless `stores` says otherwise. */
export function report({
  specs = [{}],
  stores = [secretStore(BY_READER)],
  bearers,
  input,
  options,
}: Given = {}): PolicyReport {
  const byKey = new Map(
    stores.map((store): [string, Narrowed<AnyStore>] => {
      const { kind, metadata } = store;
      const key = kind === 'SecretStore' ? `${metadata.namespace}/${metadata.name}` : metadata.name;
      return [`${kind}/${key}`, { kind: 'valid', object: store }];
    }),
  );
  const accounts = bearers ?? { 'team/reader': BEARER };
  return policyReport(
    {
      externalSecrets: specs.map((spec, index) => ({
        kind: 'valid',
        object: externalSecret({ metadata: { name: `app-${index}` }, spec }),
      })),
      storeOf: (key) => byKey.get(key),
      labelsOf: () => ({}),
      accessOf: () => ({ kind: 'open' }),
      controllerClass: 'default',
      controllerIdentity: 'cluster',
      allowsGeneric: false,
      ...input,
    },
    {
      account: undefined,
      oidcProvider: ISSUER,
      roleBearerOf: (namespace, name) => accounts[`${namespace}/${name}`],
      kmsKeys: [],
      ...options,
    },
  );
}

/** The report of the only identity. */
export function only(given: Given): IdentityPolicy {
  const { identities, leftOut } = report(given);
  expect(leftOut).toEqual([]);
  expect(identities).toHaveLength(1);
  const [first] = identities;
  if (first === undefined) throw new Error('there is no identity');
  return first;
}

export const reads = (...keys: readonly string[]): ExternalSecretSpec => ({
  data: keys.map((key, index) => ({ secretKey: `k${index}`, remoteRef: { key } })),
});
export const entry = (remoteRef: Readonly<Record<string, string>> & { readonly key: string }): ExternalSecretSpec => ({
  data: [{ secretKey: 'k', remoteRef: remoteRef as never }],
});
export const finds = (
  find: NonNullable<NonNullable<ExternalSecretSpec['dataFrom']>[number]['find']>,
): ExternalSecretSpec => ({
  data: [],
  dataFrom: [{ find }],
});
