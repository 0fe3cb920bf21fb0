import { expect, it } from 'vitest';
import { readerOf } from '../../../src/aws/source-reader.ts';
import type { Credentials } from '../../../src/ports/secret-source.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';

const ROLE = 'arn:aws:iam::123456789012:role/app';
const ASSUMED = 'arn:aws:sts::123456789012:assumed-role/app';
const DEFAULT: Credentials = { kind: 'defaultChain' };
const WEB: Credentials = {
  kind: 'webIdentity',
  roleArn: ROLE,
  sessionName: 'keyturn-shop-aws',
  subject: 'system:serviceaccount:shop:reader',
  token: async () => SecretValue.fromText('fake'),
};

it.for<
  [
    name: string,
    credentials: Credentials,
    roles: readonly string[],
    arn: string | undefined,
    session: string | undefined,
  ]
>([
  ['as AWS tells it', WEB, ['other'], `${ASSUMED}/keyturn-shop-aws`, 'keyturn-shop-aws'],
  ['in the partition of China too', DEFAULT, [], 'arn:aws-cn:sts::123456789012:assumed-role/app/mine', 'mine'],
  ['as the store chose it, while AWS was not asked', WEB, [], undefined, 'keyturn-shop-aws'],
  ['of the last role of several, while AWS was not asked', WEB, ['one', 'two'], undefined, 'two'],
  ['not of a user', DEFAULT, [], 'arn:aws:iam::123456789012:user/reader', undefined],
  ['not of a session whose name passes', DEFAULT, ['one'], ASSUMED, undefined],
  ['not of what is not known', DEFAULT, [], undefined, undefined],
])('the name of the session is known %s', ([, credentials, names, arn, sessionName]) => {
  const roles = names.map((each) => ({ roleArn: ROLE, sessionName: each }));
  const known = arn === undefined ? undefined : { account: '123456789012', arn };
  expect(readerOf({ region: 'eu-west-1', credentials, roles }, known)).toEqual({
    arn,
    sessionName,
    region: 'eu-west-1',
  });
});
