/** What a given policy grants too much and too little, held against what is needed. Pure. */

import type { IamStatement, IamText } from '../ports/iam-statement.ts';
import type { GivenCondition, GivenStatement, Patterns } from './policy-given.ts';
import { covers, hasWildcard, mayOverlap } from './policy-pattern.ts';

/** `note` does not keep a policy from fitting. */
export interface Finding {
  readonly kind: 'missing' | 'tooMuch' | 'note';
  readonly text: string;
}

/** One action on one pattern of resources, under the conditions of its statement. */
interface Wanted {
  readonly action: string;
  readonly resource: string;
  /** By key in lower case, as keys are compared. */
  readonly conditions: ReadonlyMap<string, { readonly key: string; readonly values: readonly string[] }>;
}

const SUFFIX = '-??????';

function listOf(text: IamText = []): readonly string[] {
  return typeof text === 'string' ? [text] : text;
}

function wantedBy(statement: IamStatement): readonly Wanted[] {
  const tests = Object.values(statement.Condition ?? {}).flatMap((byKey) => Object.entries(byKey));
  const conditions = new Map(tests.map(([key, values]) => [key.toLowerCase(), { key, values: listOf(values) }]));
  return listOf(statement.Action).flatMap((action) =>
    listOf(statement.Resource).map((resource) => ({ action, resource, conditions })),
  );
}

function coversAction(pattern: string, action: string): boolean {
  return covers(pattern.toLowerCase(), action.toLowerCase());
}

/** An account that is not known is whatever the given pattern says. */
function aligned(resource: string, given: string): string {
  const parts = resource.split(':');
  const account = given.split(':')[4];
  if (parts[4] !== '*' || account === undefined || account === '') return resource;
  return parts.with(4, account).join(':');
}

/** The ARN of a secret as it is now: as good as the pattern, until the secret is made again. */
function isPresentArn(given: string, wanted: string): boolean {
  return wanted.endsWith(SUFFIX) && !hasWildcard(given) && covers(wanted, given);
}

function coversResource(given: string, resource: string): boolean {
  const wanted = aligned(resource, given);
  return covers(given, wanted) || isPresentArn(given, wanted);
}

function grants({ patterns, isExcept }: Patterns, includes: (pattern: string) => boolean): boolean {
  return patterns.some(includes) !== isExcept;
}

function allows(statement: GivenStatement, { action, resource }: Wanted): boolean {
  return (
    grants(statement.actions, (pattern) => coversAction(pattern, action)) &&
    (statement.resources.isExcept
      ? !statement.resources.patterns.some((pattern) => mayOverlap(pattern, resource))
      : statement.resources.patterns.some((pattern) => coversResource(pattern, resource)))
  );
}

function mayDeny(statement: GivenStatement, { action, resource }: Wanted): boolean {
  return (
    grants(statement.actions, (pattern) => coversAction(pattern, action)) &&
    (statement.resources.isExcept
      ? !statement.resources.patterns.some((pattern) => covers(pattern, resource))
      : statement.resources.patterns.some((pattern) => mayOverlap(pattern, aligned(resource, pattern))))
  );
}

const ALTERNATIVES = /^(?:ForAnyValue:|ForAllValues:)?(?:String|Arn)(?:Equals|EqualsIgnoreCase|Like)(?:IfExists)?$/;

/** Whether what is wanted meets a condition of the statement. */
function meets({ operator, key, values }: GivenCondition, { conditions }: Wanted): 'yes' | 'no' | 'unknown' {
  const known = conditions.get(key.toLowerCase());
  if (known === undefined || !ALTERNATIVES.test(operator)) return 'unknown';
  return known.values.every((value) => values.some((given) => coversResource(given, value))) ? 'yes' : 'no';
}

function missing(wanted: Wanted, given: readonly GivenStatement[]): readonly Finding[] {
  const what = `${wanted.action} on ${wanted.resource}`;
  const denying = given.filter((statement) => statement.effect === 'Deny' && mayDeny(statement, wanted));
  const denied = denying.map(({ name, conditions }): Finding => {
    return conditions.length === 0
      ? { kind: 'missing', text: `${what}: ${name} denies it` }
      : { kind: 'note', text: `${what}: ${name} denies it under a condition that is not judged here` };
  });
  return [...denied, ...unallowed(wanted, given, what)];
}

function unallowed(wanted: Wanted, given: readonly GivenStatement[], what: string): readonly Finding[] {
  const possible = given.filter((statement) => statement.effect === 'Allow' && allows(statement, wanted));
  const allowing = possible.filter(({ conditions }) => conditions.every((each) => meets(each, wanted) !== 'no'));
  if (allowing.length === 0) {
    const variable = given.find((statement) => statement.effect === 'Allow' && mayAllowByVariable(statement, wanted));
    return variable === undefined
      ? [{ kind: 'missing', text: what }]
      : [
          {
            kind: 'note',
            text: `${what}: ${variable.name} may allow it, by a policy variable that is not judged here`,
          },
        ];
  }
  const isCertain = ({ conditions }: GivenStatement) => conditions.every((each) => meets(each, wanted) === 'yes');
  if (allowing.some(isCertain)) return fragile(wanted, allowing);
  const unjudged = allowing.flatMap(({ conditions }) => conditions.filter((each) => meets(each, wanted) === 'unknown'));
  const keys = [...new Set(unjudged.map(({ key }) => key))].join(', ');
  return [{ kind: 'note', text: `${what}: allowed under conditions that are not judged here (${keys})` }];
}

function mayAllowByVariable({ actions, resources }: GivenStatement, { action }: Wanted): boolean {
  return (
    grants(actions, (pattern) => coversAction(pattern, action)) &&
    resources.patterns.some((pattern) => hasVariable(pattern))
  );
}

/** Such as `${aws:PrincipalTag/team}`, and not the spelling of a literal character. */
function hasVariable(pattern: string): boolean {
  return /\$\{[^*?$]/.test(pattern);
}

function fragile(wanted: Wanted, allowing: readonly GivenStatement[]): readonly Finding[] {
  const patterns = allowing.flatMap(({ resources }) => (resources.isExcept ? ['*'] : resources.patterns));
  const lasting = patterns.some((pattern) => covers(pattern, aligned(wanted.resource, pattern)));
  if (lasting) return [];
  return [
    {
      kind: 'note',
      text: `${wanted.resource}: only the ARN that the secret has now is allowed; one that is made again has another suffix`,
    },
  ];
}

/** Exactly as wide as something that is wanted, or narrower; `NAME-*` is what many write for `NAME-??????`. */
function fits(given: string, resource: string): boolean {
  const wanted = aligned(resource, given);
  return covers(wanted, given) || (wanted.endsWith(SUFFIX) && given === `${wanted.slice(0, -SUFFIX.length)}-*`);
}

function overlaps(given: string, resource: string): boolean {
  return mayOverlap(given, aligned(resource, given));
}

function tooMuchIn(statement: GivenStatement, wanted: readonly Wanted[]): readonly string[] {
  const { actions, resources, name } = statement;
  if (actions.isExcept) return [`${name} allows all but some actions (NotAction): name those that are needed`];
  return actions.patterns.flatMap((pattern) => {
    const served = wanted.filter(({ action }) => coversAction(pattern, action));
    if (served.length === 0) return [`${pattern} (${name}): nothing needs it`];
    const names = [...new Set(served.map(({ action }) => action))];
    const wide = hasWildcard(pattern) ? [`${pattern} (${name}): of it only ${names.join(', ')} is needed`] : [];
    if (resources.isExcept) {
      return [...wide, `${pattern} (${name}) is on all but some resources (NotResource): name those that are needed`];
    }
    return [...wide, ...resources.patterns.flatMap((resource) => tooMuchOn(statement, pattern, resource, served))];
  });
}

function tooMuchOn(
  statement: GivenStatement,
  pattern: string,
  resource: string,
  served: readonly Wanted[],
): readonly string[] {
  if (hasVariable(resource)) return [];
  const touched = Map.groupBy(
    served.filter((each) => overlaps(resource, each.resource)),
    ({ action }) => action,
  );
  if (touched.size === 0) return [`${pattern} on ${resource} (${statement.name}): nothing needs it`];
  return [...touched].flatMap(([action, needs]) => widerThan(statement, action, resource, needs));
}

function widerThan(
  { name, conditions }: GivenStatement,
  action: string,
  resource: string,
  needs: readonly Wanted[],
): readonly string[] {
  const isWide = !needs.some((each) => fits(resource, each.resource));
  const keys = new Set(conditions.map(({ key }) => key.toLowerCase()));
  const unbound = boundTo(needs).filter((key) => !keys.has(key.toLowerCase()));
  return [
    ...(isWide ? [`${action} on ${resource} (${name}): wider than ${shortened(needs)}`] : []),
    ...(unbound.length > 0 ? [`${action} on ${resource} (${name}): not bound by ${unbound.join(', ')}`] : []),
  ];
}

/**
 * The keys that all who need it are content with. GetSecretValue alone says which secrets an identity may read: to
 * bind a key to Secrets Manager is enough.
 */
function boundTo([first, ...others]: readonly Wanted[]): readonly string[] {
  return [...(first?.conditions ?? [])]
    .filter(([id]) => !id.startsWith('kms:encryptioncontext:') && others.every(({ conditions }) => conditions.has(id)))
    .map(([, { key }]) => key);
}

const MOST_NAMED = 3;

function shortened(touched: readonly Wanted[]): string {
  const resources = [...new Set(touched.map(({ resource }) => resource))];
  const more = resources.length - MOST_NAMED;
  return `${resources.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Nothing but notes means that the policy fits. */
export function comparePolicy(
  needed: { readonly required: readonly IamStatement[]; readonly optional: readonly IamStatement[] },
  given: readonly GivenStatement[],
): readonly Finding[] {
  const required = needed.required.flatMap(wantedBy);
  const wanted = [...required, ...needed.optional.flatMap(wantedBy)];
  const allowing = given.filter(({ effect }) => effect === 'Allow');
  return [
    ...required.flatMap((each) => missing(each, given)),
    ...allowing
      .flatMap((statement) => tooMuchIn(statement, wanted))
      .map((text): Finding => ({ kind: 'tooMuch', text })),
  ];
}
