import { describe, expect, it } from 'vitest';
import { queueEndpoint } from '../../../src/aws/endpoints.ts';
import { parseQueueUrl } from '../../../src/aws/queue-url.ts';
import { InvalidSpec } from '../../../src/ports/errors.ts';

const EXAMPLE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/keyturn-rotation-events';

const REGIONS: Readonly<Record<string, readonly [url: string, arn: string]>> = {
  'the usual URL': [EXAMPLE, 'arn:aws:sqs:eu-west-1:123456789012:keyturn-rotation-events'],
  'a FIPS endpoint': [
    'https://sqs-fips.us-east-1.amazonaws.com/123456789012/q',
    'arn:aws:sqs:us-east-1:123456789012:q',
  ],
  GovCloud: [
    'https://sqs.us-gov-west-1.amazonaws.com/123456789012/q',
    'arn:aws-us-gov:sqs:us-gov-west-1:123456789012:q',
  ],
  China: ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q', 'arn:aws-cn:sqs:cn-north-1:123456789012:q'],
  'a dual-stack endpoint': ['https://sqs.eu-west-1.api.aws/123456789012/q', 'arn:aws:sqs:eu-west-1:123456789012:q'],
  'a VPC endpoint': [
    'https://vpce-0a1b2c3d4e5f-abcdefgh.sqs.us-west-2.vpce.amazonaws.com/123456789012/q',
    'arn:aws:sqs:us-west-2:123456789012:q',
  ],
  'the old form': ['https://eu-west-1.queue.amazonaws.com/123456789012/q', 'arn:aws:sqs:eu-west-1:123456789012:q'],
  'a FIFO queue': [
    'https://sqs.eu-west-1.amazonaws.com/123456789012/q.fifo',
    'arn:aws:sqs:eu-west-1:123456789012:q.fifo',
  ],
};

const REFUSED: Readonly<Record<string, readonly [url: string, why: string]>> = {
  'an ARN': ['arn:aws:sqs:eu-west-1:123456789012:q', 'it is an ARN'],
  'a name': ['keyturn-rotation-events', 'it is no http(s) URL'],
  'another scheme': ['ftp://sqs.eu-west-1.amazonaws.com/123456789012/q', 'it is no http(s) URL'],
  'credentials in it': ['https://user:canary@sqs.eu-west-1.amazonaws.com/123456789012/q', 'it holds credentials'],
  'no queue in it': ['https://sqs.eu-west-1.amazonaws.com/', 'its path is not /ACCOUNT/NAME'],
  'an account that is none': ['https://sqs.eu-west-1.amazonaws.com/me/q', 'its path is not /ACCOUNT/NAME'],
  'a query': [`${EXAMPLE}?Action=SendMessage`, 'its path is not /ACCOUNT/NAME'],
  'a host of nobody that we know': [
    'https://queue.example.com/123456789012/q',
    'its host names no region, and AWS_REGION is not set',
  ],
};

describe('parseQueueUrl', () => {
  it.each(Object.entries(REGIONS))('reads %s', (_sentence, [url, arn]) => {
    const address = parseQueueUrl(url, undefined);
    expect(address).toMatchObject({ url, arn, account: '123456789012' });
    expect(address.arn.split(':')[3]).toBe(address.region);
  });

  it.each(Object.entries(REFUSED))('refuses %s', (_sentence, [url, why]) => {
    expect(() => parseQueueUrl(url, undefined)).toThrow(
      new InvalidSpec(`The URL of the rotation queue cannot be used: ${why}. It looks like ${EXAMPLE}.`),
    );
  });

  it('takes the region of the host before the one that is given', () => {
    expect(parseQueueUrl('http://127.0.0.1:4566/123456789012/q', 'us-east-1')).toMatchObject({ region: 'us-east-1' });
    expect(parseQueueUrl(EXAMPLE, 'us-east-1')).toMatchObject({ region: 'eu-west-1' });
  });

  it('refuses a region that cannot be one', () => {
    expect(() => parseQueueUrl('http://127.0.0.1:4566/123456789012/q', 'eu west')).toThrow(
      '"eu west" is not the name of a region.',
    );
  });
});

describe('queueEndpoint', () => {
  const ENDPOINTS: Readonly<Record<string, readonly [env: Readonly<Record<string, string>>, endpoint: string]>> = {
    'the host of the URL': [{}, 'https://sqs.eu-west-1.amazonaws.com'],
    "the SDK's variable for SQS": [
      { AWS_ENDPOINT_URL_SQS: 'http://sqs.test', AWS_ENDPOINT_URL: 'http://all.test' },
      'http://sqs.test',
    ],
    "the SDK's variable for everything": [
      { AWS_ENDPOINT_URL_SQS: '', AWS_ENDPOINT_URL: 'http://all.test' },
      'http://all.test',
    ],
  };
  it.each(Object.entries(ENDPOINTS))('is %s', (_sentence, [env, endpoint]) => {
    expect(queueEndpoint(env, EXAMPLE)).toBe(endpoint);
  });
});
