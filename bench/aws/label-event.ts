/** The event that Secrets Manager sends by itself when a label moves, as EventBridge puts it into a queue. */

import { randomUUID } from 'node:crypto';
import { ACCOUNT, type BenchSecret, REGION } from './secrets.ts';

/** @returns the body of the message */
export function labelUpdatedEvent({ arn, name, versionId }: BenchSecret, nowMs: number): string {
  return JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    account: ACCOUNT,
    // Whole seconds, as EventBridge has it.
    time: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: REGION,
    resources: [arn],
    detail: { name, labelUpdated: 'AWSCURRENT', versionId },
  });
}
