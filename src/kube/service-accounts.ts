/** Reads ServiceAccounts and asks for their tokens. */

import type { RoleBearer, ServiceAccounts } from '../ports/cluster.ts';
import { SecretValue } from '../ports/secret-value.ts';
import type { KubeClient } from './client.ts';
import { unanswered } from './errors.ts';
import { asText, asTextMap, at } from './narrow.ts';
import { namespacedObject, SERVICE_ACCOUNTS } from './resource-path.ts';
import { bodyOrGone } from './stored-data.ts';

/** https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn';
const AUDIENCE_ANNOTATION = 'eks.amazonaws.com/audience';

/** Narrows a raw ServiceAccount, or its metadata; undefined for what lacks a uid. */
export function readRoleBearer(raw: unknown): RoleBearer | undefined {
  const uid = asText(at(raw, 'metadata', 'uid'));
  const annotations = asTextMap(at(raw, 'metadata', 'annotations'));
  if (uid === '') return undefined;
  return {
    uid,
    roleArn: annotations[ROLE_ANNOTATION] || undefined,
    audience: annotations[AUDIENCE_ANNOTATION] || undefined,
  };
}

export function createServiceAccounts(client: KubeClient): ServiceAccounts {
  return {
    async read(name, signal) {
      const raw = bodyOrGone(
        await client.call({ verb: 'get', path: namespacedObject(SERVICE_ACCOUNTS, name), signal }),
      );
      return raw === undefined ? undefined : readRoleBearer(raw);
    },
    async requestToken(name, audiences, signal) {
      const request = {
        verb: 'create',
        path: namespacedObject(SERVICE_ACCOUNTS, name, 'token'),
        body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences } }),
        signal,
      } as const;
      const token = asText(at(await client.request(request), 'status', 'token'));
      if (token === '') throw unanswered(request, 'no token').error;
      return SecretValue.fromText(token);
    },
  };
}
