import { expect, test } from 'vitest';
import type { NamespaceCondition } from '../../../src/api/secret-store.ts';
import { namespaceRule } from '../../../src/domain/store-conditions.ts';

const RED = { name: 'red-app', labels: { team: 'red' } };
const UNKNOWN = { name: 'red-app', labels: undefined };
const REDS = { matchLabels: { team: 'red' } };

test.each<
  [string, readonly NamespaceCondition[], { name: string; labels: Record<string, string> | undefined }, string]
>([
  ['no conditions allow all', [], RED, 'allowed'],
  ['its name', [{ namespaces: ['blue', 'red-app'] }], RED, 'allowed'],
  ['another name', [{ namespaces: ['red'] }], RED, 'denied'],
  ['an expression that matches somewhere', [{ namespaceRegexes: ['ed-'] }], RED, 'allowed'],
  ['an anchored one that does not', [{ namespaceRegexes: ['^ed-'] }], RED, 'denied'],
  ['its labels', [{ namespaceSelector: REDS }], RED, 'allowed'],
  ['other labels', [{ namespaceSelector: { matchLabels: { team: 'blue' } } }], RED, 'denied'],
  ['an empty selector', [{ namespaceSelector: {} }], RED, 'allowed'],
  ['one part of an entry is enough', [{ namespaces: ['blue'], namespaceSelector: REDS }], RED, 'allowed'],
  ['one entry is enough', [{ namespaces: ['blue'] }, { namespaceRegexes: ['^red-'] }], RED, 'allowed'],
  ['an entry that says nothing allows nobody', [{}], RED, 'denied'],
  ['labels that nobody has told yet', [{ namespaceSelector: REDS }], UNKNOWN, 'unknown'],
  [
    'labels do not matter where a name is enough',
    [{ namespaces: ['red-app'], namespaceSelector: REDS }],
    UNKNOWN,
    'allowed',
  ],
  ['nor where nothing asks for them', [{ namespaces: ['blue'] }], UNKNOWN, 'denied'],
])('%s', (_, conditions, namespace, expected) => {
  expect(namespaceRule(conditions).admit(namespace)).toBe(expected);
});
