/** TypeBox schema to the structural OpenAPI schema that a CustomResourceDefinition needs. */

/** A node of an OpenAPI v3 schema, as YAML shows it. */
export type OpenApiSchema = { readonly [keyword: string]: unknown };

/** Keywords whose value is data or text, and is copied as it is. */
const OPAQUE_KEYWORDS: ReadonlySet<string> = new Set(['default', 'enum', 'required', 'x-kubernetes-validations']);

/**
 * A schema in the words that the API server accepts: a union with null becomes `nullable`, everything else stays.
 * TypeBox keeps its own marks in properties that are not enumerable, so a copy of the visible part is enough.
 * @throws TypeError for a schema that has no structural form, which is a mistake in a definition.
 */
export function structuralSchema(schema: unknown): OpenApiSchema {
  if (!isNode(schema)) {
    throw new TypeError('expected a schema to be an object');
  }
  const copy: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(withoutNull(schema))) {
    if (isEmptyMap(keyword, value)) continue;
    copy[keyword] = structuralKeyword(keyword, value);
  }
  return copy;
}

/** The API server leaves it out: two who apply the same definition on the server's side would be told of a conflict. */
function isEmptyMap(keyword: string, value: unknown): boolean {
  return keyword === 'properties' && isNode(value) && Object.keys(value).length === 0;
}

function structuralKeyword(keyword: string, value: unknown): unknown {
  if (OPAQUE_KEYWORDS.has(keyword) || typeof value !== 'object' || value === null) {
    return value;
  }
  switch (keyword) {
    case 'properties':
      return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, structuralSchema(child)]));
    case 'items':
    case 'additionalProperties':
      return structuralSchema(value);
    case 'anyOf':
      return Array.isArray(value) ? value.map(structuralSchema) : value;
    default:
      throw new TypeError(`keyword ${keyword} has no place in a structural schema`);
  }
}

/** `anyOf: [X, null]` is how JSON Schema says what OpenAPI 3.0 calls `nullable`. */
function withoutNull(schema: OpenApiSchema): OpenApiSchema {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || !anyOf.some(isNull)) {
    return schema;
  }
  const others = anyOf.filter((branch) => !isNull(branch));
  const [only] = others;
  if (others.length !== 1 || !isNode(only)) {
    throw new TypeError('a union with null must have exactly one other branch');
  }
  return { ...only, ...rest, nullable: true };
}

function isNode(value: unknown): value is OpenApiSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNull(branch: unknown): boolean {
  return isNode(branch) && branch['type'] === 'null';
}
