/** AWS's quotas at the stand-in, in virtual time. */

import { expect, it } from 'vitest';
import { createOperations } from '../../../bench/aws/operations.ts';
import { createBenchSecrets } from '../../../bench/aws/secrets.ts';
import { createTally } from '../../../bench/aws/tally.ts';

it('lets 100 batches a second pass and throttles the next as AWS does', () => {
  const tally = createTally();
  const operate = createOperations(createBenchSecrets(1), tally, { denyBatch: false });
  const request = { operation: 'BatchGetSecretValue', input: { SecretIdList: ['bench/0'] }, caller: 'AKIA' };
  const statuses = Array.from({ length: 101 }, () => operate(request, 1_000).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(100);
  expect(JSON.parse(operate(request, 1_000).body)).toEqual({ __type: 'ThrottlingException', Message: 'Rate exceeded' });
  expect(operate(request, 1_010).status).toBe(200);
  expect(operate(request, 1_010).status).toBe(400);
  expect(tally.counts().operations['BatchGetSecretValue']).toEqual({
    calls: 104,
    secrets: 101,
    throttled: 3,
    denied: 0,
  });
});

it('has a quota of its own for single reads', () => {
  const operate = createOperations(createBenchSecrets(1), createTally(), { denyBatch: false });
  const batch = { operation: 'BatchGetSecretValue', input: { SecretIdList: ['bench/0'] }, caller: 'AKIA' };
  const single = { operation: 'GetSecretValue', input: { SecretId: 'bench/0' }, caller: 'AKIA' };
  for (let call = 0; call < 100; call += 1) operate(batch, 1_000);
  const statuses = Array.from({ length: 10_001 }, () => operate(single, 1_000).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(10_000);
});
