/** Queries of arrays: `#(path operator value)`, and which elements they match. */

import type { Effort } from './effort.ts';
import { unescaped } from './json-string.ts';
import { tokenEnd } from './path-token.ts';
import { exists, numberOf, type Result } from './result.ts';
import { trimmed } from './trimmed.ts';
import { isFalsy, isTruthy } from './truth.ts';
import { matchesWildcards } from './wildcard.ts';

export interface Query {
  /** Of what is compared, in an element; empty for the element itself. */
  readonly path: string;
  /** Empty to ask only whether it exists. */
  readonly operator: string;
  readonly operand: string;
}

/** What gjson makes of a query that does not end. */
export const UNENDED: Query = { path: '', operator: '', operand: '' };

interface Extent {
  /** Where the closing bracket is. */
  readonly end: number;
  /** Where the operator begins; 0 without one. */
  readonly operatorAt: number;
  /** Whether one of its strings has one. */
  readonly hasEscape: boolean;
}

const NESTING: Readonly<Record<string, number>> = { '(': 1, '[': 1, ')': -1, ']': -1 };

/** Undefined when no bracket closes it. */
function extentOf(text: string): Extent | undefined {
  let operatorAt = 0;
  let hasEscape = false;
  let depth = 1;
  for (let at = 2; at < text.length; at = tokenEnd(text, at)) {
    const character = text.charAt(at);
    depth += NESTING[character] ?? 0;
    if (depth === 0) return { end: at, operatorAt, hasEscape };
    if (depth === 1 && operatorAt === 0 && '!=<>%'.includes(character)) operatorAt = at;
    if (character === '"') hasEscape ||= text.slice(at, tokenEnd(text, at)).includes('\\');
  }
  return undefined;
}

const OPERATOR = /^(?:==|[!<>]=|!%|[<>=%])/;

/** A `!` alone is an operator that matches nothing, and before anything else a part of the operand. */
function operatorOf(comparison: string): string {
  return comparison.length === 1 ? comparison : (OPERATOR.exec(comparison)?.[0] ?? '');
}

function operandOf(text: string, hasEscape: boolean): string {
  const operand = trimmed(text);
  if (operand.length < 2 || !operand.startsWith('"') || !operand.endsWith('"')) return operand;
  const inner = operand.slice(1, -1);
  return hasEscape ? unescaped(inner).text : inner;
}

/** @param text begins with `#(` or `#[` @returns undefined when it does not end */
export function readQuery(text: string): { readonly query: Query; readonly end: number } | undefined {
  const extent = extentOf(text);
  if (extent === undefined) return undefined;
  const { end, operatorAt, hasEscape } = extent;
  if (operatorAt === 0)
    return { query: { path: trimmed(text.slice(2, end)), operator: '', operand: '' }, end: end + 1 };
  const comparison = trimmed(text.slice(operatorAt, end));
  const operator = operatorOf(comparison);
  const query = {
    path: trimmed(text.slice(2, operatorAt)),
    operator: operator === '==' ? '=' : operator,
    operand: operandOf(comparison.slice(operator.length), hasEscape),
  };
  return { query, end: end + 1 };
}

/** What `~true` and its like ask; undefined for any other word, which matches nothing. */
function asked(word: string, value: Result): boolean | undefined {
  switch (word) {
    case '*':
      return exists(value);
    case 'null':
      return value.kind === 'null';
    case 'true':
      return isTruthy(value);
    case 'false':
      return isFalsy(value);
    default:
      return undefined;
  }
}

function compares<T>(operator: string, left: T, right: T): boolean {
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return false;
  }
}

function compareBoolean(operator: string, value: boolean, operand: string): boolean {
  if (operator === '=' || operator === '!=') return (operand === String(value)) === (operator === '=');
  if (operator === (value ? '>=' : '<=')) return true;
  return operator === (value ? '>' : '<') && operand === String(!value);
}

function compareText(operator: string, text: string, operand: string, effort: Effort): boolean {
  if (operator === '%') return matchesWildcards(text, operand, effort);
  if (operator === '!%') return !matchesWildcards(text, operand, effort);
  return compares(operator, text, operand);
}

/** @param value what the query's path found in an element */
export function queryMatches({ operator, operand }: Query, value: Result, effort: Effort): boolean {
  if (operand.startsWith('~')) {
    const answer = asked(operand.slice(1), value);
    if (answer === undefined) return false;
    return operator === '' || compareBoolean(operator, answer, 'true');
  }
  if (!exists(value)) return false;
  if (operator === '') return true;
  effort.spend(operand.length);
  switch (value.kind) {
    case 'string':
      return compareText(operator, value.text, operand, effort);
    case 'number':
      return compares(operator, numberOf(value.raw), numberOf(operand));
    case 'true':
    case 'false':
      return compareBoolean(operator, value.kind === 'true', operand);
    default:
      return false;
  }
}
