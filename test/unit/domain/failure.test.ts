import { describe, expect, test } from 'vitest';
import { failureMessage, steadyMessage } from '../../../src/domain/failure.ts';
import { targetWordsOf } from '../../../src/domain/target-words.ts';
import * as errors from '../../../src/ports/errors.ts';

const { failures: SECRET } = targetWordsOf({});
const { failures: CONFIG_MAP } = targetWordsOf({
  spec: { target: { manifest: { apiVersion: 'v1', kind: 'ConfigMap' } } },
});
const PROVIDER = 'could not get secret data from provider: ';
const CLUSTER = 'could not update secret: ';

describe('failureMessage', () => {
  test.each([
    ['SecretNotFound', PROVIDER, new errors.SecretNotFound('why')],
    ['AccessDenied', PROVIDER, new errors.AccessDenied('why')],
    ['InvalidCredentials', PROVIDER, new errors.InvalidCredentials('why')],
    ['Throttled', PROVIDER, new errors.Throttled('why')],
    ['SourceUnavailable', PROVIDER, new errors.SourceUnavailable('why')],
    ['RequestRejected', PROVIDER, new errors.RequestRejected('why')],
    ['InvalidSecretContent', PROVIDER, new errors.InvalidSecretContent('why')],
    ['ClusterConflict', CLUSTER, new errors.ClusterConflict('why')],
    ['ClusterForbidden', CLUSTER, new errors.ClusterForbidden('why')],
    ['ClusterNotFound', CLUSTER, new errors.ClusterNotFound('why')],
    ['ClusterRejected', CLUSTER, new errors.ClusterRejected('why')],
    ['ClusterUnavailable', CLUSTER, new errors.ClusterUnavailable('why')],
    ['InvalidSpec', '', new errors.InvalidSpec('why')],
    ['StoreNotReady', '', new errors.StoreNotReady('why')],
    ['TargetConflict', '', new errors.TargetConflict('why')],
  ])("%s begins with upstream's words for it", (_, general, error) => {
    expect(failureMessage(error, undefined, SECRET)).toBe(`${general}why`);
    expect(failureMessage(error, 'spec.data[0] (key: k)', SECRET)).toBe(`${general}spec.data[0] (key: k): why`);
  });

  test("what fails in the target's template begins with upstream's words for that", () => {
    const field = 'spec.target.template';
    expect(failureMessage(new errors.InvalidSecretContent('why'), field, SECRET)).toBe(`${CLUSTER}${field}: why`);
  });

  test.each(
    Object.entries<readonly [error: errors.KeyturnError, field: string | undefined, message: string]>({
      'its look': [new errors.ClusterForbidden('why'), 'spec.target.manifest', 'could not get target resource: F: why'],
      'its templates': [
        new errors.InvalidSpec('why'),
        'spec.target.template',
        'could not apply template to manifest: F: why',
      ],
      'its content': [
        new errors.InvalidSecretContent('why'),
        'spec.target.manifest',
        'could not apply template to manifest: F: why',
      ],
      'its write': [new errors.ClusterRejected('why'), undefined, 'could not update resource: why'],
      'its source': [new errors.AccessDenied('why'), 'spec.data[0]', `${PROVIDER}F: why`],
    }),
  )('a target of another kind has words of its own for what fails in %s', (_, [error, field, message]) => {
    expect(failureMessage(error, field, CONFIG_MAP)).toBe(message.replace('F', field ?? ''));
  });

  test('what a manifest hides in a name is seen, and does nothing to a terminal', () => {
    const error = new errors.InvalidSpec('property "a\0\n\u001b[2J\u009b\u2028\u202eb\u200b" does not exist: é 😀');
    expect(failureMessage(error, undefined, SECRET)).toBe(
      'property "a\\u0000\\u000a\\u001b[2J\\u009b\\u2028\\u202eb\\u200b" does not exist: é 😀',
    );
  });

  test("the request id of AWS stands at the end, and nowhere in the error's own message", () => {
    const error = new errors.AccessDenied('why', { requestId: 'r-1' });
    expect(error.message).toBe('why');
    expect(failureMessage(error, 'f', SECRET)).toBe(`${PROVIDER}f: why (AWS request id r-1)`);
  });
});

describe('steadyMessage', () => {
  test.each<[string, string | undefined, string, string]>([
    ['the first failure is shown', undefined, 'a (AWS request id 1)', 'a (AWS request id 1)'],
    [
      'a retry keeps the request id that is shown',
      'a (AWS request id 1)',
      'a (AWS request id 2)',
      'a (AWS request id 1)',
    ],
    ['a retry without a request id keeps it too', 'a (AWS request id 1)', 'a', 'a (AWS request id 1)'],
    ['another failure is shown', 'a (AWS request id 1)', 'b (AWS request id 2)', 'b (AWS request id 2)'],
    [
      'only the id at the end is passed over',
      'a (AWS request id 1) b',
      'a (AWS request id 2) b',
      'a (AWS request id 2) b',
    ],
  ])('%s', (_, shown, next, told) => {
    expect(steadyMessage(shown, next)).toBe(told);
  });
});
