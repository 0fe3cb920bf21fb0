/** Roles one after another: whichever of them gives no session is the one that is told. */

import { expect, it } from 'vitest';
import { InvalidCredentials } from '../../../src/ports/errors.ts';
import { stsRefusal } from '../../contract/fake-answers.ts';
import { current, fakeWorld, identityOf, NEVER } from './source-on-fake.ts';

const role = (name: string) => ({ roleArn: `arn:aws:iam::123456789012:role/${name}`, sessionName: 'keyturn-shop-aws' });

it('the first of two roles that refuses is named, with the request that it refused', async () => {
  await using world = await fakeWorld();
  world.fake.failNext(stsRefusal('AccessDenied', 'not authorized to perform: sts:AssumeRole'), {
    operation: 'AssumeRole',
  });
  const identity = { ...identityOf(world.fake.region, world.fake.credentials), roles: [role('hop'), role('last')] };
  const failure: unknown = await world.sources
    .open({ ...identity, key: 'chain' })
    .read(current('a'), NEVER)
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InvalidCredentials);
  expect(String(failure)).toContain(
    'AWS gives no session of role arn:aws:iam::123456789012:role/hop by sts:AssumeRole',
  );
  expect(failure).toMatchObject({ operation: 'AssumeRole', requestId: world.fake.calls[0]?.requestId });
});
