/** A policy document that somebody gives, narrowed from JSON. Pure. */

export interface GivenStatement {
  /** How it is called in findings: its Sid, or which one it is. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Patterns;
  readonly resources: Patterns;
  /** By operator and key, as they are written. */
  readonly conditions: readonly GivenCondition[];
}

/** With `isExcept` all but these, as NotAction and NotResource say. */
export interface Patterns {
  readonly patterns: readonly string[];
  readonly isExcept: boolean;
}

export interface GivenCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Cannot be read as a policy; the message says where. */
export class NoPolicy extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NoPolicy(`${where} is no JSON object`);
  }
  return Object.fromEntries(Object.entries(value));
}

function texts(value: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((each) => {
    if (typeof each === 'string') return each;
    // Values of conditions may be numbers and booleans.
    if (typeof each === 'number' || typeof each === 'boolean') return String(each);
    throw new NoPolicy(`${where} is neither a string nor a list of strings`);
  });
}

function patterns(statement: Fields, field: 'Action' | 'Resource', where: string): Patterns {
  const excepting = `Not${field}`;
  const isExcept = statement[field] === undefined && statement[excepting] !== undefined;
  const name = isExcept ? excepting : field;
  if (statement[name] === undefined) throw new NoPolicy(`${where} has no ${field}`);
  return { patterns: texts(statement[name], `${where}.${name}`), isExcept };
}

function conditions(value: unknown, where: string): readonly GivenCondition[] {
  if (value === undefined) return [];
  return Object.entries(fields(value, where)).flatMap(([operator, tests]) =>
    Object.entries(fields(tests, `${where}.${operator}`)).map(([key, values]) => ({
      operator,
      key,
      values: texts(values, `${where}.${operator}.${key}`),
    })),
  );
}

function statementOf(value: unknown, index: number): GivenStatement {
  const where = `Statement[${index}]`;
  const statement = fields(value, where);
  const { Effect: effect, Sid: sid } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw new NoPolicy(`${where}.Effect is neither Allow nor Deny`);
  return {
    name: typeof sid === 'string' && sid !== '' ? sid : where,
    effect,
    actions: patterns(statement, 'Action', where),
    resources: patterns(statement, 'Resource', where),
    conditions: conditions(statement['Condition'], `${where}.Condition`),
  };
}

/** The document itself, or what `aws iam get-role-policy`, `get-user-policy` and `get-policy-version` wrap it in. */
function documentIn(value: unknown): Fields {
  const outer = fields(value, 'The document');
  const wrapped = outer['PolicyDocument'] ?? outer['Document'] ?? outer['PolicyVersion'];
  return outer['Statement'] === undefined && wrapped !== undefined ? documentIn(wrapped) : outer;
}

/** @throws NoPolicy */
export function readPolicy(text: string): readonly GivenStatement[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new NoPolicy('it is not JSON');
  }
  const { Statement: statements } = documentIn(parsed);
  if (statements === undefined) throw new NoPolicy('it has no Statement');
  const list: readonly unknown[] = Array.isArray(statements) ? statements : [statements];
  return list.map(statementOf);
}
