/** From what an identity needs to statements of IAM policies: its own, and those that others have to have. Pure. */

import { allowing, assumingActions, decryptingSecrets, type IamStatement } from '../ports/iam-statement.ts';
import { type IdentityNeeds, principalOf } from './policy-identities.ts';
import type { Need, Purpose } from './policy-needs.ts';
import { widest } from './policy-pattern.ts';

export interface OptionalStatement {
  readonly why: string;
  readonly statement: IamStatement;
}

/** What the account of a secret has to allow besides. */
export interface SharedSecret {
  readonly secret: string;
  readonly resourcePolicy: IamStatement;
  readonly keyPolicy: IamStatement;
}

export interface IdentityStatements {
  /** Without one of these something fails. */
  readonly required: readonly IamStatement[];
  readonly optional: readonly OptionalStatement[];
  readonly shared: readonly SharedSecret[];
}

const OPTIONAL: Readonly<Partial<Record<Purpose, string>>> = {
  batch: 'Versions are checked, and values read, twenty a call; without it one by one. AWS knows no narrower resource.',
  look: 'Labels other than AWSCURRENT, and secrets of other accounts, are checked without reading a value.',
};
const DECRYPTION = 'Needed for secrets that are encrypted with a customer managed KMS key; narrow it by --kms-key.';

/** Statement ids have letters and digits only. */
const SIDS: Readonly<Record<string, string>> = {
  'secretsmanager:GetSecretValue': 'ReadSecrets',
  'secretsmanager:DescribeSecret': 'DescribeSecrets',
  'secretsmanager:ListSecrets': 'FindSecrets',
  'secretsmanager:BatchGetSecretValue': 'ReadInBatches',
};

interface Group {
  readonly action: string;
  readonly condition: Need['condition'];
  readonly why: string | undefined;
  readonly resources: string[];
}

/** Needs that one statement serves. */
function grouped(needs: readonly Need[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { purpose, action, resource, condition } of needs) {
    const why = OPTIONAL[purpose];
    const key = JSON.stringify([action, condition ?? null, why ?? '']);
    const group = groups.get(key) ?? { action, condition, why, resources: [] };
    groups.set(key, group);
    group.resources.push(resource);
  }
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

const ORDER = Object.keys(SIDS);

function rank({ action, condition }: Group): number {
  return ORDER.indexOf(action) * 2 + (condition === undefined ? 0 : 1);
}

function one(patterns: readonly string[]): string | readonly string[] {
  const [first] = patterns;
  return patterns.length === 1 && first !== undefined ? first : patterns;
}

function statementOf({ action, condition, resources }: Group, sid: string): IamStatement {
  return {
    Sid: sid,
    ...allowing(action, one(widest(resources))),
    ...(condition !== undefined && { Condition: condition }),
  };
}

/** The second statement of an action gets a 2, and so on. */
function numbered(): (action: string) => string {
  const seen = new Map<string, number>();
  return (action) => {
    const count = (seen.get(action) ?? 0) + 1;
    seen.set(action, count);
    return `${SIDS[action] ?? 'More'}${count === 1 ? '' : count}`;
  };
}

function assumption({ assumes }: IdentityNeeds): readonly IamStatement[] {
  const [plain, tagged] = [false, true].map((withTags) =>
    [...assumes].filter(([, tags]) => tags === withTags).map(([role]) => role),
  );
  return [
    ...(plain?.length ? [{ Sid: 'AssumeRoles', ...allowing(assumingActions(false), one(plain.sort())) }] : []),
    ...(tagged?.length ? [{ Sid: 'AssumeTaggedRoles', ...allowing(assumingActions(true), one(tagged.sort())) }] : []),
  ];
}

interface Keys {
  readonly statement: IamStatement;
  /** True where the secrets are known to be encrypted with a customer managed key. */
  readonly isCertain: boolean;
}

/** One statement for the secrets of each account and region. */
function decryption({ needs, elsewhere }: IdentityNeeds, kmsKeys: readonly string[]): readonly Keys[] {
  const byPlace = new Map<string, string[]>();
  for (const { action, resource } of needs) {
    if (action !== 'secretsmanager:GetSecretValue') continue;
    const place = resource.split(':').slice(0, 5).join(':');
    byPlace.set(place, [...(byPlace.get(place) ?? []), resource]);
  }
  return [...byPlace].map(([place, resources], index) => {
    const [, partition = '', , region = '', account = ''] = place.split(':');
    const named = kmsKeys.filter((key) => key.split(':')[3] === region);
    const keys = named.length > 0 ? named : [`arn:${partition}:kms:${region}:${account}:key/*`];
    const Sid = `DecryptSecrets${index === 0 ? '' : index + 1}`;
    return {
      statement: { Sid, ...decryptingSecrets({ key: one(keys), region, secrets: one(widest(resources)) }) },
      isCertain: named.length > 0 || resources.some((resource) => elsewhere.has(resource)),
    };
  });
}

function sharedSecrets(identity: IdentityNeeds): readonly SharedSecret[] {
  const Principal = { AWS: principalOf(identity) };
  return [...identity.elsewhere].sort().map((secret) => {
    const actions = new Set(identity.needs.filter(({ resource }) => resource === secret).map(({ action }) => action));
    const region = secret.split(':')[3] ?? '';
    const { Effect, Action, Condition = {} } = decryptingSecrets({ key: '*', region, secrets: secret });
    return {
      secret,
      resourcePolicy: { Effect: 'Allow', Principal, Action: one([...actions].sort()), Resource: '*' },
      keyPolicy: { Effect, Principal, Action, Resource: '*', Condition },
    };
  });
}

/** @param kmsKeys ARNs of the keys that secrets are encrypted with, as far as they are known */
export function statementsFor(identity: IdentityNeeds, kmsKeys: readonly string[]): IdentityStatements {
  const sid = numbered();
  const groups = grouped(identity.needs);
  const required = groups.filter(({ why }) => why === undefined).map((group) => statementOf(group, sid(group.action)));
  const keys = decryption(identity, kmsKeys);
  return {
    required: [
      ...required,
      ...assumption(identity),
      ...keys.filter(({ isCertain }) => isCertain).map(({ statement }) => statement),
    ],
    optional: [
      ...groups.flatMap((group) =>
        group.why === undefined ? [] : [{ why: group.why, statement: statementOf(group, sid(group.action)) }],
      ),
      ...keys.filter(({ isCertain }) => !isCertain).map(({ statement }) => ({ why: DECRYPTION, statement })),
    ],
    shared: sharedSecrets(identity),
  };
}
