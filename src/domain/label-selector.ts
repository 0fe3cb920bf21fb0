/** Kubernetes label selectors (k8s.io/apimachinery, LabelSelectorAsSelector). Pure. */

import type { LabelSelector } from '../api/label-selector.ts';

export type Labels = Readonly<Record<string, string>>;
type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

/** What makes a selector unusable, as the end of a sentence that begins with its path; undefined for a good one. */
export function selectorProblem({ matchExpressions = [] }: LabelSelector): string | undefined {
  for (const { key, operator, values = [] } of matchExpressions) {
    switch (operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0) return `has operator ${operator} without values for label "${key}"`;
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0) return `has operator ${operator} with values for label "${key}"`;
        break;
      default:
        return `has an operator other than In, NotIn, Exists and DoesNotExist for label "${key}"`;
    }
  }
  return undefined;
}

/** Whether it matches everything, whatever labels that has. */
export function selectsAll({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** @param selector one without a {@link selectorProblem}; an empty one matches everything */
export function selectorMatches({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labelValue(labels, key) === value) &&
    matchExpressions.every((expression) => expressionHolds(expression, labelValue(labels, expression.key)))
  );
}

function labelValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function expressionHolds({ operator, values = [] }: Expression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
