import { describe, expect, test } from 'vitest';
import type { LabelSelector } from '../../../src/api/label-selector.ts';
import { selectorMatches, selectorProblem } from '../../../src/domain/label-selector.ts';

const LABELS = { team: 'blue', env: 'prod', empty: '' };
const expression = (key: string, operator: string, ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values.length === 0 ? {} : { values }) }],
});

const matching: Readonly<Record<string, LabelSelector>> = {
  'an empty selector': {},
  'a label with its value': { matchLabels: { team: 'blue' } },
  'a label with an empty value': { matchLabels: { empty: '' } },
  'In with the value among others': expression('team', 'In', 'red', 'blue'),
  'NotIn with other values': expression('team', 'NotIn', 'red'),
  'NotIn of a label that is not there': expression('zone', 'NotIn', 'a'),
  'Exists of a label with an empty value': expression('empty', 'Exists'),
  'DoesNotExist of what every object inherits': expression('constructor', 'DoesNotExist'),
  'labels and expressions that all hold': { matchLabels: { env: 'prod' }, ...expression('team', 'Exists') },
};
const notMatching: Readonly<Record<string, LabelSelector>> = {
  'a label with another value': { matchLabels: { team: 'red' } },
  'a label that is not there': { matchLabels: { zone: '' } },
  'In of a label that is not there': expression('zone', 'In', 'a'),
  'NotIn with the value': expression('team', 'NotIn', 'blue'),
  'Exists of a label that is not there': expression('zone', 'Exists'),
  'DoesNotExist of a label that is there': expression('empty', 'DoesNotExist'),
  'labels that hold with an expression that does not': {
    matchLabels: { env: 'prod' },
    ...expression('team', 'In', 'red'),
  },
};

describe('a label selector', () => {
  test.each(Object.entries(matching))('matches by %s', (_sentence, selector) => {
    expect(selectorProblem(selector)).toBeUndefined();
    expect(selectorMatches(selector, LABELS)).toBe(true);
  });

  test.each(Object.entries(notMatching))('does not match by %s', (_sentence, selector) => {
    expect(selectorProblem(selector)).toBeUndefined();
    expect(selectorMatches(selector, LABELS)).toBe(false);
  });

  test.each([
    ['an operator of its own', expression('team', 'Like', 'b'), 'an operator other than In'],
    ['In without values', expression('team', 'In'), 'operator In without values for label "team"'],
    ['NotIn without values', expression('team', 'NotIn'), 'operator NotIn without values'],
    ['Exists with values', expression('team', 'Exists', 'blue'), 'operator Exists with values'],
    ['DoesNotExist with values', expression('team', 'DoesNotExist', 'blue'), 'operator DoesNotExist with values'],
  ])('with %s is refused', (_sentence, selector, problem) => {
    expect(selectorProblem(selector)).toContain(problem);
  });
});
