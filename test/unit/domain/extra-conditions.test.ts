import { expect, test } from 'vitest';
import type { ExternalSecretStatus } from '../../../src/api/external-secret.ts';
import { type ExtraCondition, type ExtraType, withExtraConditions } from '../../../src/domain/extra-conditions.ts';
import { readyCondition, sameStatus } from '../../../src/domain/status.ts';
import { externalSecret } from './manifests.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00Z');
const BEFORE = '2026-05-01T00:00:00Z';
const asking = externalSecret({ metadata: { annotations: { 'keyturn.dev/rollout': 'auto' } } });
const ready = readyCondition(undefined, { status: 'True', reason: 'SecretSynced', message: 'secret synced' }, NOW_MS);
const plain: ExternalSecretStatus = { conditions: [ready] };
const shown = {
  type: 'RolloutHeld',
  status: 'True',
  reason: 'Unhealthy',
  message: 'api',
  lastTransitionTime: BEFORE,
} as const;
const held: ExternalSecretStatus = { conditions: [ready, shown] };

type Known = ReadonlyMap<ExtraType, ExtraCondition | undefined>;

/** The reasons of what stands beside Ready, and since when. */
function beside(before: ExternalSecretStatus, known: Known, of = asking): readonly string[] {
  const { conditions = [] } = withExtraConditions(of, before, plain, known, NOW_MS);
  expect(conditions[0]?.type).toBe('Ready');
  return conditions.slice(1).map(({ reason, lastTransitionTime }) => `${reason} ${lastTransitionTime}`);
}

test('what nobody has looked at stays', () => {
  expect(beside(held, new Map())).toEqual([`Unhealthy ${BEFORE}`]);
});

test('it goes with the annotation', () => {
  expect(beside(held, new Map(), externalSecret())).toEqual([]);
});

test('it goes when it is known to be over', () => {
  expect(beside(held, new Map([['RolloutHeld', undefined]]))).toEqual([]);
});

test('another reason is told, since the same time', () => {
  const known: Known = new Map([['RolloutHeld', { status: 'True', reason: 'Failing', message: 'no' }]]);
  expect(beside(held, known)).toEqual([`Failing ${BEFORE}`]);
  expect(beside(plain, known)).toEqual(['Failing 2026-06-01T12:00:00Z']);
});

test('a status that differs in it alone is another one', () => {
  expect(sameStatus(held, held)).toBe(true);
  expect(sameStatus(held, plain)).toBe(false);
  expect(sameStatus(held, { conditions: [ready, { ...shown, message: 'batch' }] })).toBe(false);
});
