/** What SecretAccessPolicies allow an ExternalSecret to read: asked before a read, and of what the read has brought. Pure. */

import { hash } from 'node:crypto';
import type { ExternalSecret } from '../api/external-secret.ts';
import type { Narrowed } from '../api/narrow.ts';
import type { AccessRule, SecretAccessPolicy } from '../api/secret-access-policy.ts';
import { PolicyDenied } from '../ports/errors.ts';
import { parseSecretArn, possibleNames } from '../ports/secret-arn.ts';
import type { Permits } from '../ports/secret-source.ts';
import { globMatches, matchesOne } from './glob.ts';
import { type Labels, selectorMatches, selectorProblem, selectsAll } from './label-selector.ts';
import { quotedKey } from './quoted-keys.ts';
import { type Reference, referencesOf } from './references.ts';
import { parseStoreKey, type StoreKey, type StoreKind, storeItself } from './store-standing.ts';
import { targetNameOf } from './target.ts';

/** What is asked for; what is not known yet is undefined. */
export interface AccessAsked {
  readonly store: { readonly kind: StoreKind; readonly name: string };
  readonly target: { readonly name: string; readonly type: string };
  readonly secret: {
    /** As it is called in messages. */
    readonly key: string;
    /** Those that the key may mean; undefined for a search. */
    readonly names: readonly string[] | undefined;
    readonly arn: string | undefined;
    readonly tags: ReadonlyMap<string, string> | undefined;
  };
}

export type Access =
  | { readonly kind: 'allowed' }
  /** Only what AWS says of the secret can tell: its ARN, or its tags. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'denied'; readonly error: PolicyDenied };

/** What counts for the ExternalSecrets of a namespace. */
export type AccessGate =
  /** No policy selects it, and none is needed. */
  | { readonly kind: 'open' }
  /** Its labels decide, or the policies themselves are not known yet. */
  | { readonly kind: 'unknown' }
  /** `text` is another one whenever something else is allowed. */
  | { readonly kind: 'ruled'; readonly policies: readonly SecretAccessPolicy[]; readonly text: string };

/** It selects every namespace and allows nothing: it was meant to keep something out, and what, nobody knows. */
function closed(metadata: SecretAccessPolicy['metadata']): SecretAccessPolicy {
  return { kind: 'SecretAccessPolicy', metadata, spec: { namespaceSelector: {}, allow: [] } };
}

const UNREADABLE = { name: 'unreadable', uid: '', resourceVersion: '' };

/** What counts of a policy, readable or not. */
export function enforcedPolicy(entry: Narrowed<SecretAccessPolicy>): SecretAccessPolicy {
  if (entry.kind === 'valid') return entry.object;
  return closed(entry.kind === 'invalid' ? entry.meta : UNREADABLE);
}

/** A policy that cannot be read selects every namespace and allows nothing: it was meant to keep something out. */
function selects({ spec }: SecretAccessPolicy, name: string, labels: Labels | undefined): boolean | 'unknown' {
  const { namespaceSelector, namespaces = [] } = spec;
  if (namespaces.includes(name)) return true;
  if (namespaceSelector === undefined) return false;
  if (selectorProblem(namespaceSelector) !== undefined || selectsAll(namespaceSelector)) return true;
  return labels === undefined ? 'unknown' : selectorMatches(namespaceSelector, labels);
}

export interface GateOptions {
  readonly policies: readonly SecretAccessPolicy[];
  readonly labels: Labels | undefined;
  /** `--require-access-policy`: what no policy allows is denied in every namespace. */
  readonly isRequired: boolean;
}

export function accessGate(namespace: string, { policies, labels, isRequired }: GateOptions): AccessGate {
  const selecting = policies.map((policy) => ({ policy, selected: selects(policy, namespace, labels) }));
  if (selecting.some(({ selected }) => selected === 'unknown')) return { kind: 'unknown' };
  const ours = selecting.filter(({ selected }) => selected === true).map(({ policy }) => policy);
  if (ours.length === 0 && !isRequired) return { kind: 'open' };
  const text = ours.map(({ metadata }) => `${metadata.name}@${metadata.uid}/${metadata.generation ?? ''}`).toSorted();
  return { kind: 'ruled', policies: ours, text: text.join() };
}

/** Whether nothing else is allowed by the one than by the other. */
export function sameGate(a: AccessGate, b: AccessGate): boolean {
  return a.kind === 'ruled' && b.kind === 'ruled' ? a.text === b.text : a.kind === b.kind;
}

/** How far a rule goes with what is asked: the later the part, the nearer it is to allowing it. */
const PARTS = ['secret', 'store', 'target', 'type'] as const;
type Part = (typeof PARTS)[number];
type Answer = 'yes' | 'undecided' | Part;

function secretAnswer({ secrets }: AccessRule, { names, arn, tags }: AccessAsked['secret']): Answer {
  if (secrets === undefined) return 'yes';
  const named = nameAnswer(secrets, names, arn);
  const wanted = Object.entries(secrets.tags ?? {});
  if (named === 'secret' || wanted.length === 0) return named;
  if (tags === undefined) return 'undecided';
  return wanted.every(([key, value]) => tags.get(key) === value) ? named : 'secret';
}

/** Lists that are there and empty are of nothing: whoever takes the last name out of one has taken all. */
function nameAnswer(
  secrets: NonNullable<AccessRule['secrets']>,
  names: readonly string[] | undefined,
  arn: string | undefined,
): Answer {
  if (secrets.names === undefined && secrets.arns === undefined) return 'yes';
  const { names: namePatterns = [], arns = [] } = secrets;
  if (namePatterns.length === 0 && arns.length === 0) return 'secret';
  if (names === undefined) return 'undecided';
  if (names.some((name) => matchesOne(namePatterns, name)))
    return arn === undefined && names.length > 1 ? 'undecided' : 'yes';
  if (arns.length === 0) return 'secret';
  if (arn === undefined) return 'undecided';
  return matchesOne(arns, arn) ? 'yes' : 'secret';
}

function storeMatches({ stores }: AccessRule, { kind, name }: AccessAsked['store']): boolean {
  if (stores === undefined) return true;
  return stores.some((store) => (store.kind ?? kind) === kind && globMatches(store.name, name));
}

function answerOf(rule: AccessRule, { store, target, secret }: AccessAsked): Answer {
  const answer = secretAnswer(rule, secret);
  if (answer === 'secret') return answer;
  if (!storeMatches(rule, store)) return 'store';
  const { names, types } = rule.targets ?? {};
  if (names !== undefined && !matchesOne(names, target.name)) return 'target';
  if (types !== undefined && !types.includes(target.type)) return 'type';
  return answer;
}

function whatIsMissing(part: Part, { store, target }: AccessAsked): string {
  switch (part) {
    case 'secret':
      return '';
    case 'store':
      return ` through ${store.kind} "${store.name}"`;
    case 'target':
      return ` into Secret "${target.name}"`;
    case 'type':
      return ` into a Secret of type ${target.type}`;
  }
}

function denial(
  namespace: string,
  policies: readonly SecretAccessPolicy[],
  nearest: Part,
  asked: AccessAsked,
): PolicyDenied {
  const names = policies.map(({ metadata }) => `"${metadata.name}"`).toSorted();
  const who =
    names.length === 0
      ? 'no SecretAccessPolicy selects the namespace, and the operator was started with --require-access-policy'
      : `no rule of SecretAccessPolicy ${names.join(', ')} allows that`;
  const what = asked.secret.names === undefined ? asked.secret.key : `secret ${quotedKey(asked.secret.key)}`;
  return new PolicyDenied(
    `namespace "${namespace}" may not read ${what}${whatIsMissing(nearest, asked)}: ${who}; ` +
      'ask whoever keeps the policies to add it to spec.allow of one',
  );
}

/** @param gate of the namespace, not `unknown` */
export function accessTo(namespace: string, gate: AccessGate, asked: AccessAsked): Access {
  if (gate.kind !== 'ruled') return { kind: 'allowed' };
  const answers = gate.policies.flatMap(({ spec }) => spec.allow).map((rule) => answerOf(rule, asked));
  if (answers.includes('yes')) return { kind: 'allowed' };
  if (answers.includes('undecided')) return { kind: 'undecided' };
  const nearest = PARTS.findLast((part) => answers.includes(part)) ?? 'secret';
  return { kind: 'denied', error: denial(namespace, gate.policies, nearest, asked) };
}

const SUFFIX_LENGTH = 7;
const SCOPE_LENGTH = 32;

/** The name of a secret, by the full ARN that AWS gave it: there the name ends in a hyphen and six random characters. */
export function nameInArn(arn: string): string {
  const resource = parseSecretArn(arn)?.resource ?? arn;
  return resource.slice(0, -SUFFIX_LENGTH);
}

/**
 * Equal for all whom the same rules let read of what they search for; undefined where no policy counts. Who may read
 * less knows of other versions than who may read all.
 */
export function searchScope(externalSecret: ExternalSecret, gate: AccessGate, storeKey: StoreKey): string | undefined {
  if (gate.kind !== 'ruled') return undefined;
  const { name, type } = accessTarget(externalSecret);
  return hash('sha256', JSON.stringify([gate.text, storeItself(storeKey), name, type])).slice(0, SCOPE_LENGTH);
}

/** What of a search may be read, as far as its listing tells; what was read is judged again. */
export function searchPermits(externalSecret: ExternalSecret, gate: AccessGate, { storeKey }: Reference): Permits {
  const target = accessTarget(externalSecret);
  const store = storeAsked(storeKey);
  return ({ name, arn, tags }) => {
    const secret = { key: name, names: [name], arn, tags };
    return accessTo(externalSecret.metadata.namespace, gate, { store, target, secret }).kind !== 'denied';
  };
}

/** By which policies what is searched for is let through; empty where nothing is searched for, or no policy counts. */
export function searchedBy(gate: AccessGate, references: readonly Reference[]): string {
  const searches = references.some(({ ref }) => 'query' in ref);
  return searches && gate.kind === 'ruled' ? gate.text : '';
}

function storeAsked(storeKey: StoreKey): AccessAsked['store'] {
  const { kind, viewKey } = parseStoreKey(storeKey);
  return { kind, name: viewKey.slice(viewKey.indexOf('/') + 1) };
}

/** What is asked of a reference before anything is read. */
function askedByKey(externalSecret: ExternalSecret, reference: Reference): AccessAsked {
  const { ref, field } = reference;
  const secret =
    'query' in ref
      ? { key: `what ${field} asks for`, names: undefined }
      : { key: ref.key, names: possibleNames(ref.key) };
  return {
    store: storeAsked(reference.storeKey),
    target: accessTarget(externalSecret),
    secret: { ...secret, arn: undefined, tags: undefined },
  };
}

/** What can be told before anything is read, from the keys that the manifest names. */
export function accessByKey(externalSecret: ExternalSecret, gate: AccessGate, reference: Reference): Access {
  return accessTo(externalSecret.metadata.namespace, gate, askedByKey(externalSecret, reference));
}

/** Patterns of what may be read of a search. */
export interface Searchable {
  readonly names: readonly string[];
  readonly arns: readonly string[];
}

/** What the rules that may let it through say of secrets; undefined where all that is found may be read. */
export function searchableBy(
  externalSecret: ExternalSecret,
  gate: AccessGate,
  reference: Reference,
): Searchable | undefined {
  if (gate.kind !== 'ruled') return undefined;
  const asked = askedByKey(externalSecret, reference);
  const rules = gate.policies
    .flatMap(({ spec }) => spec.allow)
    .filter((rule) => ['yes', 'undecided'].includes(answerOf(rule, asked)));
  const parts = rules.map(({ secrets: { names = [], arns = [] } = {} }) => ({ names, arns }));
  if (parts.some(({ names, arns }) => names.length + arns.length === 0)) return undefined;
  return { names: parts.flatMap(({ names }) => names), arns: parts.flatMap(({ arns }) => arns) };
}

/** Whether the tags of what is read may have to be looked at: no rule allows it without, and one may with them. */
export function mayAskForTags(externalSecret: ExternalSecret, gate: AccessGate, reference: Reference): boolean {
  if (gate.kind !== 'ruled') return false;
  const asked = askedByKey(externalSecret, reference);
  const rules = gate.policies.flatMap(({ spec }) => spec.allow);
  const asksForTags = ({ secrets }: AccessRule) => Object.keys(secrets?.tags ?? {}).length > 0;
  return (
    rules.every((rule) => answerOf(rule, asked) !== 'yes') &&
    rules.some((rule) => asksForTags(rule) && answerOf(rule, asked) === 'undecided')
  );
}

/**
 * As far as the manifests tell, whether its stores are ready or not.
 * @param prefixOf what a store puts in front of every key: names at AWS have it
 */
export function isDenied(
  externalSecret: ExternalSecret,
  gate: AccessGate,
  prefixOf: (storeKey: StoreKey) => string,
): boolean {
  const references = referencesOf(externalSecret, (key) => ({ identityKey: '', keyPrefix: prefixOf(key) }));
  return references.some((reference) => accessByKey(externalSecret, gate, reference).kind === 'denied');
}

const ANY_OTHER_TYPE = '';

/**
 * The type that the target has to have, where a policy lets it be written for its type and the ExternalSecret does not say
 * it: a Secret that is there already may have another one.
 */
export function typeAllowedBy(
  externalSecret: ExternalSecret,
  gate: AccessGate,
  references: readonly Reference[],
): string | undefined {
  if (gate.kind !== 'ruled') return undefined;
  const byType = gate.policies.some(({ spec }) => spec.allow.some(({ targets }) => targets?.types !== undefined));
  if (!byType) return undefined;
  const { name, type } = accessTarget(externalSecret);
  const target = { name, type: ANY_OTHER_TYPE };
  const matters = references.some((reference) => {
    const asked = { ...askedByKey(externalSecret, reference), target };
    return accessTo(externalSecret.metadata.namespace, gate, asked).kind !== 'allowed';
  });
  return matters ? type : undefined;
}

/** Of a Secret its type, of another kind of target `apiVersion/Kind`. */
export function accessTarget(externalSecret: ExternalSecret): AccessAsked['target'] {
  const { manifest, template } = externalSecret.spec.target ?? {};
  const isSecret = manifest === undefined || (manifest.apiVersion === 'v1' && manifest.kind === 'Secret');
  return {
    name: targetNameOf(externalSecret),
    type: isSecret ? template?.type || 'Opaque' : `${manifest.apiVersion}/${manifest.kind}`,
  };
}
