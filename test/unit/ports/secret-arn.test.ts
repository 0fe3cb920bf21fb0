import { describe, expect, it } from 'vitest';
import {
  iamResourceOf,
  isSpellingOf,
  isWellFormedKey,
  parseSecretArn,
  possibleNames,
  suffixOfName,
} from '../../../src/ports/secret-arn.ts';

const FULL = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db-AbCdEf';
const PARTIAL = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db';
const HOME = { partition: 'aws', region: 'eu-west-1', account: '123456789012' };

describe('parseSecretArn', () => {
  it.each([
    [
      'takes a full ARN apart',
      FULL,
      { partition: 'aws', region: 'eu-west-1', account: '123456789012', resource: 'team/db-AbCdEf' },
    ],
    [
      'knows other partitions',
      'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:x',
      { partition: 'aws-us-gov', region: 'us-gov-west-1', account: '123456789012', resource: 'x' },
    ],
    ['leaves a name alone', 'team/db', undefined],
    ['leaves an ARN of another service alone', 'arn:aws:ssm:eu-west-1:123456789012:parameter/x', undefined],
    ['leaves an ARN without a name alone', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:', undefined],
  ])('%s', (_, key, expected) => {
    expect(parseSecretArn(key)).toEqual(expected);
  });
});

describe('the names that a key can mean', () => {
  it.each([
    ['a name means itself', 'team/db-passwd', ['team/db-passwd']],
    ['a partial ARN means its name', PARTIAL, ['team/db']],
    ['an ARN that ends like a full one may be full or partial', FULL, ['team/db-AbCdEf', 'team/db']],
  ])('%s', (_, key, expected) => {
    expect(possibleNames(key)).toEqual(expected);
  });
});

describe('a spelling of the secret team/db', () => {
  it.each([
    ['its name is one', 'team/db', true],
    ['its full ARN is one', FULL, true],
    ['its partial ARN is one', PARTIAL, true],
    ['a shorter ARN is none', PARTIAL.slice(0, -1), false],
    ['its name with the suffix is none', 'team/db-AbCdEf', false],
    ['a name that it begins with is none', 'team', false],
  ])('%s', (_, key, expected) => {
    expect(isSpellingOf(key, { arn: FULL, name: 'team/db' })).toBe(expected);
  });
});

describe('what an IAM policy names', () => {
  it.each([
    ['a name with room for the random suffix', 'team/db', `${PARTIAL}-??????`],
    ['a partial ARN with room for it', PARTIAL, `${PARTIAL}-??????`],
    ['a full ARN as it is', FULL, FULL],
  ])('is %s', (_, key, expected) => {
    expect(iamResourceOf(key, HOME)).toBe(expected);
  });
});

describe('the form of a key', () => {
  it.each([
    ['a name', 'team/db_1+x=y.z@w-1', true],
    ['a name that another service owns', 'rds!db-0a1b', true],
    ['an ARN', FULL, true],
    ['nothing', '', false],
    ['a name with a space', 'team db', false],
    ['a name that is too long', 'x'.repeat(2049), false],
  ])('of %s', (_, key, expected) => {
    expect(isWellFormedKey(key)).toBe(expected);
  });

  it('shows a suffix that only ARNs have', () => {
    expect(suffixOfName('team/db-AbCdEf')).toBe('-AbCdEf');
    expect(suffixOfName('team/db')).toBeUndefined();
    expect(suffixOfName(FULL)).toBeUndefined();
  });
});
