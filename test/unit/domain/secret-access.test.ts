import { describe, expect, test } from 'vitest';
import type { AccessRule, SecretAccessPolicy, SecretAccessPolicySpec } from '../../../src/api/secret-access-policy.ts';
import {
  type AccessAsked,
  accessGate,
  accessTo,
  type GateOptions,
  nameInArn,
} from '../../../src/domain/secret-access.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:red/db-AbCdEf';
const RED = { matchLabels: { team: 'red' } };

function policy(spec: SecretAccessPolicySpec, name = 'rules'): SecretAccessPolicy {
  return {
    kind: 'SecretAccessPolicy',
    metadata: { name, uid: `uid-${name}`, resourceVersion: '1', generation: 1 },
    spec,
  };
}

const gateOf = (namespace: string, policies: readonly SecretAccessPolicy[], more: Partial<GateOptions> = {}) =>
  accessGate(namespace, { policies, labels: { team: 'red' }, isRequired: false, ...more });

describe('what counts for a namespace', () => {
  test.each<[string, SecretAccessPolicySpec, Partial<GateOptions>, string]>([
    ['a policy that names it', { namespaces: ['red'], allow: [] }, {}, 'ruled'],
    ['one that selects it', { namespaceSelector: RED, allow: [] }, {}, 'ruled'],
    ['one that selects all', { namespaceSelector: {}, allow: [] }, {}, 'ruled'],
    ['not one that names others', { namespaces: ['blue'], allow: [] }, {}, 'open'],
    ['not one that selects others', { namespaceSelector: { matchLabels: { team: 'blue' } }, allow: [] }, {}, 'open'],
    ['not one that selects nobody', { allow: [] }, {}, 'open'],
    [
      'nothing is known while its labels are not',
      { namespaceSelector: RED, allow: [] },
      { labels: undefined },
      'unknown',
    ],
    [
      'labels do not matter to one that selects all',
      { namespaceSelector: {}, allow: [] },
      { labels: undefined },
      'ruled',
    ],
    ['labels do not matter to a name', { namespaces: ['red'], allow: [] }, { labels: undefined }, 'ruled'],
    [
      'one whose selector cannot be read',
      { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Like' }] }, allow: [] },
      {},
      'ruled',
    ],
    ['none, and one is required', { namespaces: ['blue'], allow: [] }, { isRequired: true }, 'ruled'],
  ])('%s', (_, spec, options, kind) => {
    expect(gateOf('red', [policy(spec)], options).kind).toBe(kind);
  });
});

const ASKED: AccessAsked = {
  store: { kind: 'SecretStore', name: 'aws' },
  target: { name: 'app', type: 'Opaque' },
  secret: { key: 'red/db', names: ['red/db'], arn: ARN, tags: undefined },
};

function told(rules: readonly AccessRule[], asked: Partial<AccessAsked['secret']> = {}): string {
  const gate = gateOf('red', [policy({ namespaces: ['red'], allow: rules })]);
  const access = accessTo('red', gate, { ...ASKED, secret: { ...ASKED.secret, ...asked } });
  return access.kind === 'denied' ? access.error.message : access.kind;
}

describe('what a rule allows', () => {
  const DENIED = 'namespace "red" may not read secret "red/db"';
  test.each<[string, AccessRule, string]>([
    ['nothing said is everything', {}, 'allowed'],
    ['its name', { secrets: { names: ['red/*'] } }, 'allowed'],
    ['another name', { secrets: { names: ['red'] } }, `${DENIED}: no rule`],
    ['its ARN', { secrets: { arns: ['arn:aws:secretsmanager:*:123456789012:secret:red/*'] } }, 'allowed'],
    ['an ARN of another account', { secrets: { arns: ['arn:aws:secretsmanager:*:999999999999:secret:*'] } }, DENIED],
    ['name or ARN is enough', { secrets: { names: ['no'], arns: ['*'] } }, 'allowed'],
    ['through its store', { stores: [{ name: 'a*' }] }, 'allowed'],
    ['through another', { stores: [{ name: 'other' }] }, `${DENIED} through SecretStore "aws"`],
    [
      'through one of another kind',
      { stores: [{ kind: 'ClusterSecretStore', name: 'aws' }] },
      'through SecretStore "aws"',
    ],
    ['into its target', { targets: { names: ['app'], types: ['Opaque'] } }, 'allowed'],
    ['into another', { targets: { names: ['app-*'] } }, `${DENIED} into Secret "app"`],
    ['into another type', { targets: { types: ['kubernetes.io/tls'] } }, `${DENIED} into a Secret of type Opaque`],
    ['empty lists are nothing', { stores: [] }, DENIED],
    ['an empty list of names is nothing', { secrets: { names: [] } }, DENIED],
    ['an empty list of ARNs is nothing', { secrets: { arns: [] } }, DENIED],
    ['both empty are nothing, whatever tags they come with', { secrets: { names: [], arns: [], tags: {} } }, DENIED],
    ['an empty list leaves the other one', { secrets: { names: [], arns: ['*'] } }, 'allowed'],
    ['tags alone, of which none is asked for, are everything', { secrets: { tags: {} } }, 'allowed'],
  ])('%s', (_, rule, expected) => {
    expect(told([rule])).toContain(expected);
  });

  test('nothing is allowed by no rule, and the policies are named', () => {
    expect(told([])).toBe(
      `${DENIED}: no rule of SecretAccessPolicy "rules" allows that; ask whoever keeps the policies to add it to spec.allow of one`,
    );
  });

  test('one of several is enough, each taken whole', () => {
    const rules = [
      { secrets: { names: ['blue/*'] }, stores: [{ name: 'aws' }] },
      { secrets: { names: ['red/*'] }, stores: [{ name: 'x' }] },
    ];
    expect(told(rules)).toContain('through SecretStore "aws"');
    expect(told([...rules, {}])).toBe('allowed');
  });

  test('tags have to be there, all of them with just these values', () => {
    const rule = { secrets: { names: ['red/*'], tags: { team: 'red', env: 'prod' } } };
    expect(told([rule])).toBe('undecided');
    expect(
      told([rule], {
        tags: new Map([
          ['team', 'red'],
          ['env', 'prod'],
          ['more', 'x'],
        ]),
      }),
    ).toBe('allowed');
    expect(
      told([rule], {
        tags: new Map([
          ['team', 'redwood'],
          ['env', 'prod'],
        ]),
      }),
    ).toContain(DENIED);
    expect(told([rule], { tags: new Map([['team', 'red']]) })).toContain(DENIED);
    expect(told([{ secrets: { tags: { team: 'red' } } }], { tags: new Map([['team', 'red']]) })).toBe('allowed');
  });

  test('what only AWS knows is left undecided until it is known', () => {
    expect(told([{ secrets: { arns: ['*'] } }], { arn: undefined })).toBe('undecided');
    expect(told([{ secrets: { names: ['*'] } }], { names: undefined, arn: undefined })).toBe('undecided');
    // A key that ends as ARNs do may mean two secrets: which one, its ARN tells.
    const either = { names: ['red/db-AbCdEf', 'red/db'], arn: undefined };
    expect(told([{ secrets: { names: ['red/db'] } }], either)).toBe('undecided');
    expect(told([{ secrets: { names: ['other'] } }], either)).toContain(DENIED);
  });
});

test('without a policy where one is required the message says so', () => {
  const gate = gateOf('red', [], { isRequired: true });
  const access = accessTo('red', gate, ASKED);
  expect(access.kind === 'denied' && access.error.message).toContain('--require-access-policy');
});

test('the name of a secret is its ARN without the random end', () => {
  expect(nameInArn(ARN)).toBe('red/db');
  expect(nameInArn(ARN.replace('red/db', 'red/db-abcdef'))).toBe('red/db-abcdef');
});
