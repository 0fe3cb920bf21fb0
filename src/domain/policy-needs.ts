/** What reading costs in permissions: of each reference the actions and the resources that it needs at AWS. Pure. */

import type { FindQuery } from '../ports/find-query.ts';
import type { IamConditions } from '../ports/iam-statement.ts';
import { iamResourceOf, isWellFormedKey, parseSecretArn } from '../ports/secret-arn.ts';
import type { SecretRef } from '../ports/secret-source.ts';
import { beginningOf, covers, literal } from './policy-pattern.ts';
import type { UsedReference } from './policy-uses.ts';
import type { Searchable } from './secret-access.ts';

/** Why something is needed: what would fail without it, or cost more. */
export type Purpose = 'read' | 'readTags' | 'find' | 'batch' | 'look';

export interface Need {
  readonly purpose: Purpose;
  readonly action: string;
  /** A pattern. */
  readonly resource: string;
  readonly condition?: IamConditions;
}

/** Where names are looked for, and by whom. */
export interface Home {
  readonly partition: string;
  readonly region: string;
  /** `*` while it is not known. */
  readonly account: string;
}

export interface Reading {
  readonly needs: readonly Need[];
  /** The ARN of a secret of another account, which has policies of its own. */
  readonly elsewhere?: string;
}

const GET = 'secretsmanager:GetSecretValue';
const DESCRIBE = 'secretsmanager:DescribeSecret';
const BATCH: Need = { purpose: 'batch', action: 'secretsmanager:BatchGetSecretValue', resource: '*' };
const LIST: Need = { purpose: 'find', action: 'secretsmanager:ListSecrets', resource: '*' };
const CURRENT = 'AWSCURRENT';

/** What a reference needs; a text says why it can never be read. */
export function readingOf({ ref, field, ...judged }: UsedReference, home: Home): Reading | string {
  const { isJudgedByTags, searchable } = judged;
  const reading = 'query' in ref ? { needs: ofQuery(ref.query, searchable, home) } : ofSecret(ref, field, home);
  if (!isJudgedByTags || typeof reading === 'string') return reading;
  return { ...reading, needs: [...reading.needs, ...reading.needs.flatMap(tagsOf)] };
}

/** The tags of all that is read by a GetSecretValue. */
function tagsOf(need: Need): readonly Need[] {
  return need.action === GET ? [{ ...need, purpose: 'readTags', action: DESCRIBE }] : [];
}

function keyProblem(key: string, field: string, { region }: Home): string | undefined {
  if (!isWellFormedKey(key)) return `${field} is no name and no ARN of a secret`;
  if (!key.startsWith('arn:')) {
    return key.includes('arn:aws') ? `${field}: the store's prefix stands before the ARN` : undefined;
  }
  const arn = parseSecretArn(key);
  if (arn === undefined) return `${field} is an ARN, and none of a secret`;
  return arn.region === region ? undefined : `${field} is in ${arn.region}, and the store reads in ${region}`;
}

function ofSecret({ key, version }: SecretRef, field: string, home: Home): Reading | string {
  const problem = keyProblem(key, field, home);
  if (problem !== undefined) return problem;
  const resource = iamResourceOf(key, home);
  const owner = parseSecretArn(key)?.account ?? home.account;
  const isElsewhere = home.account !== '*' && owner !== home.account;
  const needs = needsOf(version, resource, isElsewhere);
  return isElsewhere ? { needs, elsewhere: resource } : { needs };
}

function needsOf(version: SecretRef['version'], resource: string, isElsewhere: boolean): readonly Need[] {
  if (version.kind === 'tags') return [{ purpose: 'readTags', action: DESCRIBE, resource }];
  const read: Need = { purpose: 'read', action: GET, resource };
  // A version that is named by its id is never looked at again.
  if (version.kind === 'id') return [read];
  const isCurrent = version.stage === CURRENT;
  return isCurrent && !isElsewhere ? [read, BATCH] : [read, { purpose: 'look', action: DESCRIBE, resource }];
}

/** Whatever is found, and may be read, has to be readable: one secret that is not fails the whole. */
function ofQuery(query: FindQuery, searchable: Searchable | undefined, home: Home): readonly Need[] {
  const name = nameOf(query);
  if (name === undefined) return [LIST];
  const tags = Object.entries(query.tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, literal(value)]);
  const found = secretNamed(name, home);
  const reads = (searchable === undefined ? [found] : common(found, searchable, home)).map(
    (resource): Need => ({
      purpose: 'find',
      action: GET,
      resource,
      ...(tags.length > 0 && { condition: { StringEquals: Object.fromEntries(tags) } }),
    }),
  );
  return [LIST, ...reads, ...(reads.length > 0 ? [BATCH] : [])];
}

function secretNamed(name: string, { partition, region, account }: Home): string {
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
}

/** What is found and what is allowed: enough for both, and no wider than what is found. */
function common(found: string, { names, arns }: Searchable, home: Home): readonly string[] {
  const allowed = [...names.map((name) => secretNamed(name.endsWith('*') ? name : `${name}-??????`, home)), ...arns];
  return allowed.flatMap((each) => {
    if (covers(found, each)) return [each];
    return mayShare(found, each) ? [found] : [];
  });
}

/** Of two patterns with other beginnings nothing matches both. */
function mayShare(one: string, other: string): boolean {
  const [a, b] = [beforeWildcard(one), beforeWildcard(other)];
  return a.startsWith(b) || b.startsWith(a);
}

function beforeWildcard(pattern: string): string {
  return pattern.slice(0, pattern.search(/[*?]|$/));
}

/** A pattern that no name escapes which the query may find; undefined where there can be none. */
function nameOf({ path = '', nameRegexp = '' }: FindQuery): string | undefined {
  const { text, isWhole } = beginningOf(nameRegexp);
  if (isWhole) return text.startsWith(path) ? `${text}-??????` : undefined;
  if (text.startsWith(path)) return `${literal(text)}*`;
  return path.startsWith(text) ? `${literal(path)}*` : undefined;
}
