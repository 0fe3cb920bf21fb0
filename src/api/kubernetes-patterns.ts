/**
 * The small schemas that the kinds are made of: names, keys, choices, maps, durations.
 *
 * Everything here stays inside what is at once JSON Schema (for the check at run time) and, after
 * `structuralSchema`, a structural OpenAPI schema (for the CRD).
 */

import * as Type from 'typebox';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const RESOURCE_NAME_PATTERN = `^${LABEL}(\\.${LABEL})*$`;
const NAMESPACE_PATTERN = `^${LABEL}$`;
const SECRET_KEY_PATTERN = '^[-._a-zA-Z0-9]+$';
/** A named shorthand, `@every` and anything after it, or five fields with one space between them. */
const SCHEDULE_PATTERN =
  '^(@(annually|yearly|monthly|weekly|daily|midnight|hourly)|@every [^\\s].*|[^\\s]+( [^\\s]+){4})$';

/**
 * What to tell people instead of a regular expression. The API server runs the patterns as RE2, we run them as
 * JavaScript: they keep to what means the same in both, and backtrack no more than linearly.
 */
export const PATTERN_MEANINGS: ReadonlyMap<string, string> = new Map([
  [RESOURCE_NAME_PATTERN, 'a lower-case resource name (letters, digits, "-" and ".")'],
  [NAMESPACE_PATTERN, 'a namespace name (lower-case letters, digits and "-")'],
  [SECRET_KEY_PATTERN, 'a Secret key (letters, digits, "-", "_" and ".")'],
  [SCHEDULE_PATTERN, 'a cron schedule of five fields, a shorthand such as @daily, or @every and a duration'],
]);

/** Name of a namespaced or cluster-scoped object. */
export function resourceName(description: string): Type.TString {
  return Type.String({ description, minLength: 1, maxLength: 253, pattern: RESOURCE_NAME_PATTERN });
}

export function namespaceName(description: string): Type.TString {
  return Type.String({ description, minLength: 1, maxLength: 63, pattern: NAMESPACE_PATTERN });
}

/** Key inside the `data` of a Secret or ConfigMap. */
export function secretKey(description: string): Type.TString {
  return Type.String({ description, minLength: 1, maxLength: 253, pattern: SECRET_KEY_PATTERN });
}

export function text(description: string): Type.TString {
  return Type.String({ description });
}

export function flag(description: string): Type.TBoolean {
  return Type.Boolean({ description });
}

export function texts(description: string): Type.TArray<Type.TString> {
  return Type.Array(Type.String(), { description });
}

/** One of a few words. `fallback` becomes the CRD default: leave it out where upstream has none. */
export function choice<const Values extends string[]>(
  values: readonly [...Values],
  description: string,
  fallback?: Values[number],
): Type.TEnum<Values> {
  return Type.Enum(values, {
    type: 'string',
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
}

/**
 * Free keys with string values. `Type.Record` would give `patternProperties`, which a CRD may not have and
 * whose `^.*$` does not look at keys that hold a line break.
 */
export function stringMap(description: string, options: object = {}): Type.TUnsafe<Record<string, string>> {
  return Type.Unsafe<Record<string, string>>({
    type: 'object',
    additionalProperties: { type: 'string' },
    description,
    ...options,
  });
}

/**
 * A Go duration such as `1h30m`. As upstream there is no pattern: a value that cannot be parsed gets a condition
 * on its own object instead of being refused.
 */
export function goDuration(description: string, fallback?: string): Type.TString {
  return Type.String({ description, ...(fallback === undefined ? {} : { default: fallback }) });
}

export function cronSchedule(description: string): Type.TString {
  return Type.String({ description, minLength: 1, pattern: SCHEDULE_PATTERN });
}

export function intOrString(description: string): Type.TUnion<[Type.TInteger, Type.TString]> {
  return Type.Union([Type.Integer(), Type.String()], { description, 'x-kubernetes-int-or-string': true });
}

/** RFC 3339 time. */
export function timestamp(description: string): Type.TString {
  return Type.String({ description, format: 'date-time' });
}
