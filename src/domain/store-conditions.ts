/** `spec.conditions` of a ClusterSecretStore: which namespaces may use it (upstream section 3.1). Pure. */

import type { NamespaceCondition } from '../api/secret-store.ts';
import { InvalidSpec } from '../ports/errors.ts';
import { compileNameRegexp } from '../ports/find-query.ts';
import { type Labels, selectorMatches, selectorProblem } from './label-selector.ts';

export interface UsingNamespace {
  readonly name: string;
  /** Undefined while they are not known. */
  readonly labels: Labels | undefined;
}

/** `unknown`: its labels decide, and nobody has told them yet. */
export type Admission = 'allowed' | 'denied' | 'unknown';

type Admit = (namespace: UsingNamespace) => Admission;

export interface NamespaceRule {
  /** Equal for rules that say the same. */
  readonly text: string;
  readonly admit: Admit;
}

function expression(source: string, path: string): (name: string) => boolean {
  try {
    return compileNameRegexp(source);
  } catch (error) {
    if (error instanceof InvalidSpec) throw new InvalidSpec(`${path}: ${error.message}`);
    throw error;
  }
}

/** Whatever in an entry matches is enough: its parts are alternatives, as the entries are. */
function admitter(
  { namespaceSelector, namespaces = [], namespaceRegexes = [] }: NamespaceCondition,
  path: string,
): Admit {
  const problem = namespaceSelector && selectorProblem(namespaceSelector);
  if (problem !== undefined) throw new InvalidSpec(`${path}.namespaceSelector ${problem}`);
  const expressions = namespaceRegexes.map((source, at) => expression(source, `${path}.namespaceRegexes[${at}]`));
  return ({ name, labels }) => {
    if (namespaces.includes(name) || expressions.some((matches) => matches(name))) return 'allowed';
    if (namespaceSelector === undefined) return 'denied';
    if (labels === undefined) return 'unknown';
    return selectorMatches(namespaceSelector, labels) ? 'allowed' : 'denied';
  };
}

const ALLOW_ALL: NamespaceRule = { text: '', admit: () => 'allowed' };

/**
 * No conditions at all allow every namespace.
 * @throws InvalidSpec for what can never be judged: a selector, or an expression that is none of RE2
 */
export function namespaceRule(conditions: readonly NamespaceCondition[] = []): NamespaceRule {
  if (conditions.length === 0) return ALLOW_ALL;
  const admitters = conditions.map((condition, index) => admitter(condition, `spec.conditions[${index}]`));
  return {
    text: JSON.stringify(conditions),
    admit(namespace) {
      const answers = admitters.map((admit) => admit(namespace));
      if (answers.includes('allowed')) return 'allowed';
      return answers.includes('unknown') ? 'unknown' : 'denied';
    },
  };
}

/** Upstream's words first. */
export function deniedMessage(store: string, namespace: string): string {
  return (
    `using cluster store "${store}" is not allowed from namespace "${namespace}": denied by spec.condition; ` +
    'spec.conditions of the store say which namespaces may use it'
  );
}
