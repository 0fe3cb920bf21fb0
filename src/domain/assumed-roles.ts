/** The roles that a store assumes one after another, and what their sessions are called and tagged. Pure. */

import { hash } from 'node:crypto';
import type { AwsProvider } from '../api/aws-provider.ts';
import type { AssumedRole, SessionTag } from '../ports/secret-source.ts';
import type { AnyStore } from './store-plan.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const LONGEST_SESSION_NAME = 64;
const SESSION_HASH_CHARS = 8;

/** Names of Kubernetes are made of letters that session names may have. What is too long is cut, and told apart by a hash. */
export function sessionNameOf(store: AnyStore, namespace: string | undefined): string {
  const place = store.kind === 'SecretStore' ? store.metadata.namespace : namespace;
  const name = ['keyturn', ...(place === undefined ? [] : [place]), store.metadata.name].join('-');
  if (name.length <= LONGEST_SESSION_NAME) return name;
  const digest = hash('sha256', name).slice(0, SESSION_HASH_CHARS);
  return `${name.slice(0, LONGEST_SESSION_NAME - SESSION_HASH_CHARS - 1)}-${digest}`;
}

/** The tags by which a session says for whom it is. AWS compares their names without regard to case. */
const WHO_USES_IT = ['esoNamespace', 'esoStoreName', 'esoStoreKind'].map((key) => key.toLowerCase());

function saysWhoUsesIt(key: string): boolean {
  return WHO_USES_IT.includes(key.toLowerCase());
}

/**
 * Whoever may make a SecretStore must not say that he reads for another namespace: roles that serve many tell them apart
 * by these tags.
 */
export function sessionTagsProblem(
  { kind }: AnyStore,
  { sessionTags = [], sessionTagsPolicy = 'None' }: AwsProvider,
): string | undefined {
  const index =
    kind === 'SecretStore' && sessionTagsPolicy === 'None'
      ? sessionTags.findIndex(({ key }) => saysWhoUsesIt(key))
      : -1;
  return index === -1
    ? undefined
    : `spec.provider.aws.sessionTags[${index}] of a SecretStore cannot say for whom it reads; use sessionTagsPolicy Simple`;
}

/** Simple and Custom take the place of `sessionTags`; of custom tags those with an empty key or value are left out. */
function tagsOf(store: AnyStore, aws: AwsProvider, namespace: string): readonly SessionTag[] {
  const { sessionTagsPolicy = 'None', sessionTags = [], customSessionTags = {} } = aws;
  if (sessionTagsPolicy === 'None') return sessionTags;
  const builtIn = [
    { key: 'esoNamespace', value: namespace },
    { key: 'esoStoreName', value: store.metadata.name },
    { key: 'esoStoreKind', value: store.kind },
  ];
  if (sessionTagsPolicy === 'Simple') return builtIn;
  const custom = Object.entries(customSessionTags)
    .filter(([key, value]) => key !== '' && value !== '' && !saysWhoUsesIt(key))
    .map(([key, value]) => ({ key, value }));
  return [...builtIn, ...custom];
}

/** Whether the session of `role` says for whom it is, so that each namespace needs one of its own. */
export function namesItsUser({ role = '', sessionTagsPolicy = 'None' }: AwsProvider): boolean {
  return role !== '' && sessionTagsPolicy !== 'None';
}

/** @param namespace whose ExternalSecrets read; of no matter where nothing {@link namesItsUser} */
export function assumedRoles(
  store: AnyStore,
  aws: AwsProvider,
  sessionName: string,
  namespace: string,
): readonly AssumedRole[] {
  const { additionalRoles = [], role = '', externalID, transitiveTagKeys = [] } = aws;
  const chain = additionalRoles.map((roleArn): AssumedRole => ({ roleArn, sessionName }));
  if (role === '') return chain;
  const tags = tagsOf(store, aws, namespace);
  return [
    ...chain,
    {
      roleArn: role,
      sessionName,
      ...(externalID ? { externalId: externalID } : {}),
      ...(tags.length === 0 ? {} : { tags }),
      ...(transitiveTagKeys.length === 0 ? {} : { transitiveTagKeys }),
    },
  ];
}

const ROLE_ARN = /^arn:[a-z0-9-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;

/** The first ARN that is none of a role, as a field and what is wrong with it. */
export function roleProblem({ additionalRoles = [], role = '' }: AwsProvider): string | undefined {
  const named = [
    ...additionalRoles.map((arn, index) => [`spec.provider.aws.additionalRoles[${index}]`, arn] as const),
    ...(role === '' ? [] : [['spec.provider.aws.role', role] as const]),
  ];
  const bad = named.find(([, arn]) => !ROLE_ARN.test(arn));
  return bad && `${bad[0]} "${bad[1].slice(0, 200)}" is no ARN of a role, such as "arn:aws:iam::123456789012:role/app"`;
}
