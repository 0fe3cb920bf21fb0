/** The parts of an SQS queue's URL. */

import { InvalidSpec } from '../ports/errors.ts';
import { isRegionName } from './endpoints.ts';

export interface QueueAddress {
  readonly url: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
  readonly arn: string;
}

const EXAMPLE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/keyturn-rotation-events';
/** AWS's own hosts: public, FIPS, dual-stack, VPC endpoint, and the old form with the region in front. */
const HOSTS = [
  /^sqs(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)$/,
  /^vpce-[a-z0-9-]+\.sqs\.([a-z0-9-]+)\.vpce\.amazonaws\.com(?:\.cn)?$/,
  /^([a-z0-9-]+)\.queue\.amazonaws\.com(?:\.cn)?$/,
];
const PATH = /^\/(\d{12})\/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)\/?$/;

/**
 * Reads a queue's URL. The region is the one that its host names, else the given one.
 * @throws InvalidSpec when it is not the URL of a queue, or nothing tells the region. The URL is not repeated: it may be
 * anything, credentials included.
 */
export function parseQueueUrl(text: string, givenRegion: string | undefined): QueueAddress {
  if (text.startsWith('arn:')) throw notAQueue('it is an ARN');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw notAQueue('it is no http(s) URL');
  if (url.username !== '' || url.password !== '') throw notAQueue('it holds credentials');
  const [, account, name] = PATH.exec(url.pathname) ?? [];
  if (account === undefined || name === undefined || url.search !== '' || url.hash !== '') {
    throw notAQueue('its path is not /ACCOUNT/NAME');
  }
  const region = regionOfHost(url.hostname) ?? givenRegion;
  if (region === undefined) throw notAQueue('its host names no region, and AWS_REGION is not set');
  if (!isRegionName(region)) throw new InvalidSpec(`"${region}" is not the name of a region.`);
  const arn = `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
  return { url: `${url.origin}/${account}/${name}`, region, account, name, arn };
}

function regionOfHost(host: string): string | undefined {
  for (const form of HOSTS) {
    const region = form.exec(host)?.[1];
    if (region !== undefined) return region;
  }
  return undefined;
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function notAQueue(why: string): InvalidSpec {
  return new InvalidSpec(`The URL of the rotation queue cannot be used: ${why}. It looks like ${EXAMPLE}.`);
}
