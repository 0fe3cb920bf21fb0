/** SecretAccessPolicies in `keyturn policy`: what they forbid needs no permission, what they ask for does. */

import { describe, expect, it, test } from 'vitest';
import type { AccessRule, SecretAccessPolicy } from '../../../src/api/secret-access-policy.ts';
import { accessGate } from '../../../src/domain/secret-access.ts';
import { finds, type Given, reads, report, SECRET } from './policy-given.ts';

function policy(allow: readonly AccessRule[]): SecretAccessPolicy {
  const metadata = { name: 'rules', uid: 'uid-rules', resourceVersion: '1', generation: 1 };
  return { kind: 'SecretAccessPolicy', metadata, spec: { namespaces: ['team'], allow } };
}

function under(allow: readonly AccessRule[], given: Given) {
  const policies = [policy(allow)];
  const accessOf = (name: string) => accessGate(name, { policies, labels: {}, isRequired: false });
  return report({ ...given, input: { accessOf } });
}

function statements(allow: readonly AccessRule[], given: Given): readonly (readonly [unknown, unknown])[] {
  return under(allow, given).identities.flatMap(({ required }) =>
    required.map(({ Action, Resource }) => [Action, Resource] as const),
  );
}

const GET = 'secretsmanager:GetSecretValue';
const DESCRIBE = 'secretsmanager:DescribeSecret';
const LIST = 'secretsmanager:ListSecrets';
const TEAM = { secrets: { names: ['team/*'] } };
const TAGGED = { secrets: { names: ['team/*'], tags: { team: 'team' } } };
const NEVER_READ =
  'ExternalSecret team/app-1: spec.data[0] (key: other/db): namespace "team" may not read secret "other/db": ' +
  'no rule of SecretAccessPolicy "rules" allows that; ask whoever keeps the policies to add it to spec.allow of one';

describe('the least policy under a SecretAccessPolicy', () => {
  it('leaves out what is forbidden, and says which ExternalSecret reads nothing for it', () => {
    const given = { specs: [reads('team/db'), reads('other/db')] };
    expect(statements([TEAM], given)).toEqual([[GET, `${SECRET}team/db-??????`]]);
    expect(under([TEAM], given).leftOut).toEqual([NEVER_READ]);
  });

  it('leaves out all of an ExternalSecret that asks for something forbidden: nothing is read for it', () => {
    expect(under([TEAM], { specs: [reads('team/db', 'other/db')] })).toMatchObject({
      identities: [],
      leftOut: [expect.stringContaining('may not read secret "other/db"')],
    });
  });

  const cases: Readonly<Record<string, readonly [readonly AccessRule[], Given, readonly (readonly unknown[])[]]>> = {
    'keeps what only the ARN can tell': [
      [{ secrets: { arns: [`${SECRET}team/*`] } }],
      { specs: [reads('team/db')] },
      [[GET, `${SECRET}team/db-??????`]],
    ],
    'has the tags of what a rule lets be read by its tags': [
      [TAGGED],
      { specs: [reads('team/db')] },
      [
        [GET, `${SECRET}team/db-??????`],
        [DESCRIBE, `${SECRET}team/db-??????`],
      ],
    ],
    'has no tags of what another rule lets be read without': [
      [TAGGED, TEAM],
      { specs: [reads('team/db')] },
      [[GET, `${SECRET}team/db-??????`]],
    ],
    'has the tags of whatever a search finds, where a rule asks for tags': [
      [TAGGED],
      { specs: [finds({ path: 'team/' })] },
      [
        [GET, `${SECRET}team/*`],
        [DESCRIBE, `${SECRET}team/*`],
        [LIST, '*'],
      ],
    ],
    'has of a search what is allowed, where that is narrower': [
      [TEAM, { secrets: { names: ['shared/ca'], arns: [`${SECRET}arn/*`] } }],
      { specs: [finds({ name: { regexp: 'x' } })] },
      [
        [GET, [`${SECRET}arn/*`, `${SECRET}shared/ca-??????`, `${SECRET}team/*`]],
        [LIST, '*'],
      ],
    ],
    'has of a search what is searched for, where that is narrower, or either may be': [
      [{ secrets: { names: ['*', 'team/*-db'] } }],
      { specs: [finds({ path: 'team/' }), finds({ path: 'team/a' })] },
      [
        [GET, `${SECRET}team/*`],
        [LIST, '*'],
      ],
    ],
    'has all of a search where a rule names no secrets': [
      [TEAM, { stores: [{ name: 'aws' }] }],
      { specs: [finds({ path: 'all/' })] },
      [
        [GET, `${SECRET}all/*`],
        [LIST, '*'],
      ],
    ],
    'has only the listing of a search that finds nothing allowed': [
      [TEAM],
      { specs: [finds({ path: 'all/' })] },
      [[LIST, '*']],
    ],
    'has of a search nothing of what may be read through another store only': [
      [TEAM, { secrets: { names: ['other/*'] }, stores: [{ name: 'vault' }] }],
      { specs: [finds({ name: { regexp: 'x' } })] },
      [
        [GET, `${SECRET}team/*`],
        [LIST, '*'],
      ],
    ],
    'has nothing for a search where nothing may be read at all': [[], { specs: [finds({ path: 'team/' })] }, []],
    'has nothing for what may be read through another store only': [
      [{ stores: [{ name: 'vault' }] }],
      { specs: [reads('team/db')] },
      [],
    ],
    'has nothing for what may be written into another Secret only': [
      [{ targets: { names: ['other'] } }],
      { specs: [reads('team/db')] },
      [],
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [allow, given, expected]) => {
    expect(statements(allow, given)).toEqual(expected);
  });
});

test('where it is not known which policies are for a namespace, what they forbid is in it, and that is said once', () => {
  const { identities, notes } = report({
    specs: [reads('a'), reads('b')],
    input: { accessOf: () => ({ kind: 'unknown' }) },
  });
  expect(identities[0]?.required).toMatchObject([{ Resource: [`${SECRET}a-??????`, `${SECRET}b-??????`] }]);
  expect(notes).toEqual([expect.stringMatching(/^Which SecretAccessPolicies are for "team" could not be read/)]);
});
