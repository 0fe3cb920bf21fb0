/** What ministack's CloudTrail says it was asked; it has to be started with `CLOUDTRAIL_RECORDING=1`. */

import type { AwsAccess } from './aws-endpoint.ts';

export interface TrailEvent {
  readonly eventId: string;
  /** Such as `GetSecretValue`. */
  readonly eventName: string;
  readonly requestId: string;
  readonly accessKeyId: string;
}

const LOOK_UP = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents';

/** All requests to Secrets Manager so far, whoever sent them. */
export async function secretsManagerEvents(aws: AwsAccess): Promise<readonly TrailEvent[]> {
  const events = new Map<string, TrailEvent>();
  let endTime = Number.POSITIVE_INFINITY;
  for (;;) {
    const page = await lookUp(aws, endTime);
    const before = events.size;
    for (const { event, atSeconds } of page) {
      events.set(event.eventId, event);
      endTime = Math.min(endTime, atSeconds);
    }
    // There is no token: a page ends with the time at which the next one begins.
    if (events.size === before) return [...events.values()].toReversed();
  }
}

interface Looked {
  readonly EventId: string;
  readonly EventTime: number;
  readonly CloudTrailEvent: string;
}

async function lookUp(aws: AwsAccess, endTime: number) {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const scope = `${aws.credentials.accessKeyId}/${day}/${aws.region}/cloudtrail/aws4_request`;
  const attributes = [{ AttributeKey: 'EventSource', AttributeValue: 'secretsmanager.amazonaws.com' }];
  const response = await fetch(aws.url, {
    method: 'POST',
    headers: {
      // ministack reads who calls from the scope and does not verify signatures.
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': LOOK_UP,
    },
    body: JSON.stringify({ LookupAttributes: attributes, ...(Number.isFinite(endTime) && { EndTime: endTime }) }),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`LookupEvents answered ${response.status}: ${answer}`);
  const { Events }: { readonly Events: readonly Looked[] } = JSON.parse(answer);
  return Events.map(({ EventId, EventTime, CloudTrailEvent }) => {
    const { eventName, requestID, userIdentity } = JSON.parse(CloudTrailEvent);
    const event: TrailEvent = {
      eventId: EventId,
      eventName,
      requestId: requestID,
      accessKeyId: userIdentity.accessKeyId,
    };
    return { event, atSeconds: EventTime };
  });
}
