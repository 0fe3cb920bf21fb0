import { describe, expect, test } from 'vitest';
import { describePolicyOptions, type PolicyOptions, readPolicyOptions } from '../../../src/cli/policy-options.ts';
import { UsageError } from '../../../src/option-values.ts';

const DEFAULTS = readPolicyOptions([], {});
const KEYS = ['arn:aws:kms:eu-central-1:123456789012:key/1', 'arn:aws:kms:eu-central-1:123456789012:key/2'];

test('without anything the whole cluster is read, and all is printed as text', () => {
  expect(DEFAULTS).toEqual({
    kubeconfig: undefined,
    namespaces: [],
    store: undefined,
    role: undefined,
    account: undefined,
    oidcProvider: undefined,
    kmsKeys: [],
    compare: undefined,
    output: 'text',
    controllerClass: 'default',
    controllerIdentity: 'cluster',
    allowsGeneric: false,
    requiresAccessPolicy: false,
  });
});

describe('an option', () => {
  test.each<[string, readonly string[], Partial<PolicyOptions>]>([
    ['for one store of a namespace', ['--store', 'SecretStore/team/aws'], { store: 'SecretStore/team/aws' }],
    ['for one store of the cluster', ['--store=ClusterSecretStore/aws.eu'], { store: 'ClusterSecretStore/aws.eu' }],
    ['for some namespaces', ['--namespace', 'a,b'], { namespaces: ['a', 'b'] }],
    [
      'for an issuer as a URL',
      ['--oidc-provider', 'https://oidc.example/id/1/'],
      { oidcProvider: 'oidc.example/id/1' },
    ],
    [
      'for the ARN of a provider',
      ['--oidc-provider', 'arn:aws:iam::123456789012:oidc-provider/oidc.example/id/1'],
      { oidcProvider: 'arn:aws:iam::123456789012:oidc-provider/oidc.example/id/1' },
    ],
    ['for several keys', ['--kms-key', KEYS.join(',')], { kmsKeys: KEYS }],
    ['for what a policy allows only', ['--require-access-policy'], { requiresAccessPolicy: true }],
    ['for other targets than Secrets', ['--unsafe-allow-generic-targets'], { allowsGeneric: true }],
    ['for standard input', ['--compare', '-', '--output', 'json'], { compare: '-', output: 'json' }],
  ])('%s', (_, args, expected) => {
    expect(readPolicyOptions(args, {})).toEqual({ ...DEFAULTS, ...expected });
  });

  test('that keyturn run has as well has its variable', () => {
    const env = { KEYTURN_CONTROLLER_CLASS: 'blue', KEYTURN_ALLOW_CONTROLLER_IDENTITY: 'all', KEYTURN_NAMESPACE: '' };
    expect(readPolicyOptions([], env)).toEqual({ ...DEFAULTS, controllerClass: 'blue', controllerIdentity: 'all' });
    expect(readPolicyOptions(['--controller-class', 'green'], env).controllerClass).toBe('green');
  });

  test.each<[string, readonly string[], string]>([
    [
      'a store without its kind',
      ['--store', 'team/aws'],
      '--store: expected SecretStore/NAMESPACE/NAME or ClusterSecretStore/NAME, got "team/aws"',
    ],
    ['a ClusterSecretStore with a namespace', ['--store', 'ClusterSecretStore/team/aws'], '--store: expected'],
    ['a role that is a name', ['--role', 'app'], '--role: expected the ARN of a role, got "app"'],
    ['an account that is none', ['--account', '1234'], '--account: expected the 12 digits of an account, got "1234"'],
    ['the id of a key', ['--kms-key', '1234'], '--kms-key: expected ARNs of KMS keys'],
    ['another form', ['--output', 'yaml'], '--output: expected text or json, got "yaml"'],
    ['a provider with a space', ['--oidc-provider', 'a b'], "--oidc-provider: expected the cluster's OIDC provider"],
    ['an unknown flag', ['--stores', 'x'], "Unknown option '--stores'"],
  ])('is refused for %s', (_, args, says) => {
    expect(() => readPolicyOptions(args, {})).toThrow(UsageError);
    expect(() => readPolicyOptions(args, {})).toThrow(says);
  });
});

test('the help has a line for each option, with its variable and its default', () => {
  const lines = describePolicyOptions().split('\n');
  expect(lines).toHaveLength(Object.keys(DEFAULTS).length);
  expect(lines.find((line) => line.includes('--controller-class'))).toContain(
    '($KEYTURN_CONTROLLER_CLASS, default default)',
  );
  expect(lines.find((line) => line.includes('--output'))).toContain('text or json (default text)');
});
