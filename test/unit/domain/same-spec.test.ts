import { expect, test } from 'vitest';
import type { ExternalSecretSpec } from '../../../src/api/external-secret.ts';
import { sameSpec } from '../../../src/domain/same-spec.ts';
import { ONE_KEY } from './manifests.ts';

const window = (duration: string): Pick<ExternalSecretSpec, 'syncWindows'> => ({
  syncWindows: { kind: 'allow', windows: [{ schedule: '@daily', duration }] },
});

test.each<[string, ExternalSecretSpec, ExternalSecretSpec, boolean]>([
  ["an interval in Go's own form", { refreshInterval: '1h0m0s' }, { refreshInterval: '1h' }, true],
  ['an interval of zero', { refreshInterval: '0s' }, { refreshInterval: '0' }, true],
  ['another interval', { refreshInterval: '1h1m' }, { refreshInterval: '1h' }, false],
  ['an interval where there is none', { refreshInterval: '1h' }, {}, false],
  ['intervals that are none', { refreshInterval: '1d' }, { refreshInterval: '2d' }, false],
  ["a window in Go's own form", window('8h0m0s'), window('8h'), true],
  ['a longer window', window('9h'), window('8h'), false],
  ['empty metadata of a template', { target: { template: { metadata: {} } } }, { target: { template: {} } }, true],
  ['a template that is empty, and none', { target: { template: {} } }, { target: {} }, false],
  ['an empty value in a template', { target: { template: { data: { a: '' } } } }, { target: { template: {} } }, false],
  ['another key', { data: [{ secretKey: 'x', remoteRef: { key: 'y' } }] }, {}, false],
])('%s', (_, a, b, isSame) => {
  expect(sameSpec({ ...ONE_KEY, ...a }, { ...ONE_KEY, ...b })).toBe(isSame);
  expect(sameSpec({ ...ONE_KEY, ...b }, { ...ONE_KEY, ...a })).toBe(isSame);
});

test('an empty store says as much as none', () => {
  const { data = [] } = ONE_KEY;
  expect(sameSpec({ data, secretStoreRef: {} }, { data })).toBe(true);
});

test('what is not of the expected form is never the same', () => {
  expect(sameSpec(undefined, ONE_KEY)).toBe(false);
});
