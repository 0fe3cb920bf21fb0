import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { faultOf } from '../../../src/aws/aws-fault.ts';

const CANARY = 'canary-value-4711';

const metadata = { $metadata: { httpStatusCode: 200, requestId: 'req-1' } };

const THROWN = {
  'a refusal by AWS': {
    thrown: Object.assign(new Error('no'), { name: 'AccessDeniedException', $fault: 'client', ...metadata }),
    fault: { origin: 'service', code: 'AccessDeniedException', text: 'no', status: 200, requestId: 'req-1' },
  },
  'a body that the SDK cannot parse': {
    thrown: Object.assign(new SyntaxError(`Unexpected token in "${CANARY}"`), {
      $responseBodyText: CANARY,
      ...metadata,
    }),
    fault: { origin: 'reply', code: 'UnreadableReply', text: '', status: 200, requestId: 'req-1' },
  },
  'a connection that is refused': {
    thrown: Object.assign(new Error(`connect ECONNREFUSED ${CANARY}`), {
      code: 'ECONNREFUSED',
      $metadata: { attempts: 3 },
    }),
    fault: { origin: 'transport', code: 'ECONNREFUSED', text: '' },
  },
  'a host that is not found': {
    thrown: Object.assign(new Error(CANARY), { code: 'ENOTFOUND', hostname: 'secretsmanager.nowhere-1.amazonaws.com' }),
    fault: { origin: 'transport', code: 'ENOTFOUND', host: 'secretsmanager.nowhere-1.amazonaws.com' },
  },
  'a network error that is wrapped': {
    thrown: new Error(CANARY, { cause: Object.assign(new Error(CANARY), { code: 'ECONNRESET' }) }),
    fault: { origin: 'transport', code: 'ECONNRESET' },
  },
  'a connection that is not made in time': {
    thrown: Object.assign(new Error(CANARY), { name: 'TimeoutError' }),
    fault: { origin: 'transport', code: 'TimeoutError' },
  },
  'credentials that are nowhere': {
    thrown: Object.assign(new Error(CANARY), { name: 'CredentialsProviderError' }),
    fault: { origin: 'credentials', code: 'CredentialsProviderError', text: '' },
  },
  'a mistake of the program': {
    thrown: new TypeError(CANARY),
    fault: { origin: 'unknown', code: 'TypeError', text: '' },
  },
  'a thing that is no error': { thrown: CANARY, fault: { origin: 'unknown', code: 'UnknownError', text: '' } },
} as const;

describe('the fault of', () => {
  it.each(Object.entries(THROWN))('%s', (_, { thrown, fault: expected }) => {
    const fault = faultOf(thrown);
    expect(fault).toMatchObject(expected);
    const printed = `${inspect(fault, { depth: 10, showHidden: true })} ${JSON.stringify(fault)} ${fault.stack}`;
    expect(printed).not.toContain(CANARY);
  });
});
