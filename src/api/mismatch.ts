/** A failed schema check in the words of the person who wrote the manifest. */

import type { TLocalizedValidationError } from 'typebox/error';
import { fieldPath } from './field-path.ts';
import { PATTERN_MEANINGS } from './kubernetes-patterns.ts';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  object: 'an object',
  string: 'a string',
};

/**
 * One sentence about the first of `errors`: which field of `value`, and what was expected there. It is made from
 * the schema and from field names, never from what the fields hold.
 */
export function describeMismatch(errors: readonly TLocalizedValidationError[], value: unknown): string {
  const [first] = errors;
  if (first === undefined) {
    return 'the object does not match the schema';
  }
  const path = fieldPath(first.instancePath, value);
  if (first.keyword === 'required') {
    const [missing = ''] = first.params.requiredProperties;
    return `${path === '' ? missing : `${path}.${missing}`} is required`;
  }
  if (path === '') {
    return 'the object is not a JSON object';
  }
  return first.keyword === 'type'
    ? `${path} must be ${expectedTypes(errors, first.instancePath)}`
    : `${path} must ${expectation(first)}`;
}

/** A field that may be of several types fails once for each of them. */
function expectedTypes(errors: readonly TLocalizedValidationError[], instancePath: string): string {
  const names = errors.flatMap((error) =>
    error.keyword === 'type' && error.instancePath === instancePath ? error.params.type : [],
  );
  return [...new Set(names)].map((name) => TYPE_NAMES[name] ?? name).join(' or ');
}

function expectation(error: TLocalizedValidationError): string {
  switch (error.keyword) {
    case 'enum':
      return `be one of ${error.params.allowedValues.join(', ')}`;
    case 'pattern':
      return patternExpectation(String(error.params.pattern));
    case 'format':
      return error.params.format === 'date-time' ? 'be an RFC 3339 time' : `have the format ${error.params.format}`;
    case 'minLength':
      return error.params.limit === 1 ? 'not be empty' : `have at least ${error.params.limit} characters`;
    case 'maxLength':
      return `have at most ${error.params.limit} characters`;
    case 'minItems':
      return `have at least ${count(error.params.limit, 'entry', 'entries')}`;
    case 'minProperties':
      return `have at least ${count(error.params.limit, 'field', 'fields')}`;
    case 'maxProperties':
      return `have at most ${count(error.params.limit, 'field', 'fields')}`;
    default:
      return `satisfy "${error.keyword}" of the schema`;
  }
}

function patternExpectation(pattern: string): string {
  const meaning = PATTERN_MEANINGS.get(pattern);
  return meaning === undefined ? `match ${pattern}` : `be ${meaning}`;
}

function count(limit: number, one: string, many: string): string {
  return `${limit} ${limit === 1 ? one : many}`;
}
