/** Which stores ExternalSecrets read from, and what they read there: what IAM policies are computed from. Pure. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { Labels } from './label-selector.ts';
import { type Reference, referencesOf } from './references.ts';
import { type AccessGate, accessByKey, mayAskForTags, type Searchable, searchableBy } from './secret-access.ts';
import { specProblem } from './spec-problem.ts';
import type { ControllerIdentity } from './store-credentials.ts';
import { type AnyStore, planStore, type StorePlan } from './store-plan.ts';
import { parseStoreKey, type StoreKey, storeItself } from './store-standing.ts';
import { storesReadBy } from './used-stores.ts';

export interface PolicyInput {
  readonly externalSecrets: readonly Narrowed<ExternalSecret>[];
  /** By {@link storeItself}; undefined for one that does not exist. */
  readonly storeOf: (key: StoreKey) => Narrowed<AnyStore> | undefined;
  /** Undefined where they are not known. */
  readonly labelsOf: (namespace: string) => Labels | undefined;
  /** What SecretAccessPolicies let the ExternalSecrets of a namespace read. */
  readonly accessOf: (namespace: string) => AccessGate;
  readonly controllerClass: string;
  readonly controllerIdentity: ControllerIdentity;
  /** Whether targets may be other than Secrets. */
  readonly allowsGeneric: boolean;
  /** By {@link storeItself}: what is read from others is left alone. */
  readonly onlyStore?: StoreKey | undefined;
}

export type Usable = Extract<StorePlan, { kind: 'check' }>;

export interface UsedReference extends Reference {
  /** Whether SecretAccessPolicies ask for the tags of what is read. */
  readonly isJudgedByTags: boolean;
  /** What they let be read of a search; undefined where that is all of it. */
  readonly searchable: Searchable | undefined;
}

/** A store as one namespace uses it. */
export interface StoreUse {
  readonly storeKey: StoreKey;
  readonly plan: Usable;
  readonly references: readonly UsedReference[];
  /** Names of the ExternalSecrets that read there. */
  readonly readers: readonly string[];
}

export interface Uses {
  readonly stores: readonly StoreUse[];
  /** What nothing is read for, and why; each once. */
  readonly leftOut: readonly string[];
  /** Namespaces of which it is not known what SecretAccessPolicies let them read: it counts as allowed. */
  readonly unjudged: readonly string[];
}

interface Collected {
  readonly plan: Usable;
  readonly references: UsedReference[];
  readonly readers: Set<string>;
}

/** The store that can be used, or why it cannot. */
type Judged = Usable | string;

function planFor(key: StoreKey, input: PolicyInput): Judged {
  const { kind, viewKey, namespace = '' } = parseStoreKey(key);
  const name = `${kind} "${viewKey}"`;
  const entry = input.storeOf(storeItself(key));
  if (entry === undefined) return `${name} does not exist`;
  if (entry.kind !== 'valid') return `${name}: ${entry.problem}`;
  const { controllerClass: ownClass, controllerIdentity } = input;
  const plan = planStore(entry.object, { ownClass, controllerIdentity, namespace });
  switch (plan.kind) {
    case 'otherClass':
      return `${name} is for the controller class "${plan.controllerClass}"`;
    case 'invalid':
      return `${name}: ${plan.error.message}`;
    case 'byNamespace':
      return `${name} is used by no namespace`;
    case 'check': {
      const admission = plan.rule.admit({ name: namespace, labels: input.labelsOf(namespace) });
      return admission === 'denied' ? `${name} is not for the namespace "${namespace}" (spec.conditions)` : plan;
    }
  }
}

export function storeUses(input: PolicyInput): Uses {
  const judged = new Map<StoreKey, Judged>();
  const found: Found = { uses: new Map(), leftOut: new Set(), unjudged: new Set() };
  const { uses, leftOut, unjudged } = found;
  const judge = (key: StoreKey): Judged => {
    const known = judged.get(key) ?? planFor(key, input);
    judged.set(key, known);
    return known;
  };
  const isMeant = (key: StoreKey) => input.onlyStore === undefined || storeItself(key) === input.onlyStore;
  for (const entry of input.externalSecrets) {
    if (entry.kind === 'valid' && !storesReadBy(entry.object).some(({ storeKey }) => isMeant(storeKey))) continue;
    const problem = problemOf(entry, input);
    if (problem !== undefined) leftOut.add(problem);
    else if (entry.kind === 'valid') collect(entry.object, { ...input, judge, isMeant }, found);
  }
  const stores = [...uses].map(([storeKey, use]) => ({ ...use, storeKey, readers: [...use.readers] }));
  return { stores, leftOut: [...leftOut], unjudged: [...unjudged] };
}

interface Found {
  readonly uses: Map<StoreKey, Collected>;
  readonly leftOut: Set<string>;
  readonly unjudged: Set<string>;
}

interface CollectOptions extends Pick<PolicyInput, 'accessOf'> {
  readonly judge: (key: StoreKey) => Judged;
  readonly isMeant: (key: StoreKey) => boolean;
}

/** Of an object that asks for anything that is forbidden nothing is read. */
function refusedBy(
  externalSecret: ExternalSecret,
  gate: AccessGate,
  references: readonly Reference[],
): string | undefined {
  for (const reference of references) {
    const access = accessByKey(externalSecret, gate, reference);
    if (access.kind === 'denied') return `${reference.field}: ${access.error.message}`;
  }
  return undefined;
}

function collect(
  externalSecret: ExternalSecret,
  { accessOf, judge, isMeant }: CollectOptions,
  { uses, leftOut, unjudged }: Found,
): void {
  const { namespace, name, deletionTimestamp } = externalSecret.metadata;
  if (deletionTimestamp !== undefined) return;
  const reader = `${namespace}/${name}`;
  const references = referencesIn(externalSecret, judge);
  const gate = accessOf(namespace);
  if (gate.kind === 'unknown') unjudged.add(namespace);
  const refusal = refusedBy(externalSecret, gate, references);
  if (refusal !== undefined) {
    leftOut.add(`ExternalSecret ${reader}: ${refusal}`);
    return;
  }
  for (const reference of references) {
    const { storeKey } = reference;
    if (!isMeant(storeKey)) continue;
    const plan = judge(storeKey);
    if (typeof plan === 'string') {
      leftOut.add(`ExternalSecret ${reader}: ${plan}`);
      continue;
    }
    const use = uses.get(storeKey) ?? { plan, references: [], readers: new Set() };
    uses.set(storeKey, use);
    use.references.push({
      ...reference,
      isJudgedByTags: mayAskForTags(externalSecret, gate, reference),
      searchable: searchableBy(externalSecret, gate, reference),
    });
    use.readers.add(reader);
  }
}

function problemOf(entry: Narrowed<ExternalSecret>, { allowsGeneric }: PolicyInput): string | undefined {
  if (entry.kind === 'unreadable') return `an ExternalSecret that cannot be read: ${entry.problem}`;
  const { namespace, name } = entry.kind === 'valid' ? entry.object.metadata : entry.meta;
  const problem = entry.kind === 'valid' ? specProblem(entry.object, allowsGeneric)?.message : entry.problem;
  return problem === undefined ? undefined : `ExternalSecret ${namespace}/${name}: ${problem}`;
}

function referencesIn(externalSecret: ExternalSecret, judge: (key: StoreKey) => Judged): readonly Reference[] {
  return referencesOf(externalSecret, (storeKey) => {
    const plan = judge(storeKey);
    return { identityKey: storeKey, keyPrefix: typeof plan === 'string' ? '' : plan.keyPrefix };
  });
}
