import { describe, expect, test } from 'vitest';
import { planJson, planText } from '../../../src/cli/plan-output.ts';
import type { PlanReport } from '../../../src/domain/forecast.ts';

const SAME = { added: [], changed: [], removed: [] };
const REPORT: PlanReport = {
  stores: [
    { store: 'SecretStore/shop/aws', kind: 'ready', message: 'arn:aws:sts::123456789012:assumed-role/keyturn/x' },
    { store: 'SecretStore/shop/bad', kind: 'notReady', message: 'why' },
  ],
  clusterExternalSecrets: [
    { name: 'all', create: ['a', 'b'], update: [], delete: ['c'], taken: [] },
    { name: 'quiet', create: [], update: [], delete: [], taken: [] },
    { name: 'wrong', create: [], update: [], delete: [], taken: [], refused: 'no selector' },
  ],
  releases: ['Namespace old'],
  notFollowed: ['something'],
  externalSecrets: [
    {
      namespace: 'shop',
      name: 'app',
      secret: 'other',
      kind: 'change',
      difference: {
        keys: [
          { key: 'a', change: 'added', after: '111111111111' },
          { key: 'b', change: 'changed', before: '222222222222', after: '111111111111' },
          { key: 'c', change: 'removed', before: '333333333333' },
          { key: 'd', change: 'same', before: '444444444444', after: '444444444444' },
        ],
        labels: { added: ['x'], changed: ['y'], removed: ['z'] },
        annotations: SAME,
        owner: 'set',
        becomesImmutable: true,
        addedFinalizers: ['example.com/f'],
      },
      orphans: ['before'],
    },
    { namespace: 'shop', name: 'evil', secret: 'evil', kind: 'refused', message: 'a\u001b[31mred\nnothing  shop/fake' },
    { namespace: 'shop', name: 'quiet', secret: 'quiet', kind: 'nothing' },
    { namespace: 'shop', name: 'settings', target: 'ConfigMap settings', kind: 'nothing' },
  ],
};

describe('as text', () => {
  test('it is what people read', () => {
    expect(planText(REPORT)).toBe(
      [
        'store     SecretStore/shop/aws: read as arn:aws:sts::123456789012:assumed-role/keyturn/x',
        'store     SecretStore/shop/bad: notReady: why',
        '',
        'cluster   ClusterExternalSecret all: create a, b; delete c',
        'cluster   ClusterExternalSecret quiet: nothing',
        'cluster   ClusterExternalSecret wrong: refused: no selector',
        'release   Namespace old: hangs in deletion by a finalizer of External Secrets Operator',
        'not followed: something',
        '',
        'change    shop/app (Secret other)',
        '            + a  111111111111',
        '            ~ b  222222222222 -> 111111111111',
        '            - c  333333333333',
        '            = d  444444444444',
        '            labels: +x ~y -z',
        '            owner: set',
        '            immutable: set',
        '            finalizers: +example.com/f',
        '            deletes Secret before, which had the name that was given before',
        'refused   shop/evil: a?[31mred?nothing  shop/fake',
        'nothing   shop/quiet',
        'nothing   shop/settings (ConfigMap settings)',
        '',
        '4 ExternalSecrets, 1 change, 2 nothing, 1 refused. Nothing was written.',
        '',
      ].join('\n'),
    );
  });

  test('without anything there is the summary', () => {
    const empty = { externalSecrets: [], stores: [], clusterExternalSecrets: [], releases: [], notFollowed: [] };
    expect(planText(empty)).toBe('0 ExternalSecrets. Nothing was written.\n');
  });
});

test('as JSON it has all of it, the verdict and the counts', () => {
  const parsed: unknown = JSON.parse(planJson(REPORT));
  expect(parsed).toMatchObject({ ...REPORT, verdict: 'changes', summary: { change: 1, create: 0, nothing: 2 } });
});
