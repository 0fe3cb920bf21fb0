import { describe, expect, test } from 'vitest';
import type { AwsProvider } from '../../../src/api/aws-provider.ts';
import { assumedRoles, sessionNameOf } from '../../../src/domain/assumed-roles.ts';
import { clusterSecretStore, secretStore, storeSpec } from './manifests.ts';

const ROLE = 'arn:aws:iam::123456789012:role/app';
const HOP = 'arn:aws:iam::123456789012:role/hop';

function rolesOf(aws: Partial<AwsProvider>, namespace = 'red') {
  const spec = storeSpec(aws);
  return assumedRoles(
    clusterSecretStore(spec),
    { service: 'SecretsManager', region: 'eu-central-1', ...aws },
    'session',
    namespace,
  );
}

describe('the roles of a store', () => {
  test.each<[string, Partial<AwsProvider>, object]>([
    ['none', {}, []],
    ['an empty one is none', { role: '' }, []],
    ['one', { role: ROLE }, [{ roleArn: ROLE, sessionName: 'session' }]],
    [
      'others come before it, without what belongs to it',
      { role: ROLE, additionalRoles: [HOP], externalID: 'x', transitiveTagKeys: ['a'] },
      [
        { roleArn: HOP, sessionName: 'session' },
        { roleArn: ROLE, sessionName: 'session', externalId: 'x', transitiveTagKeys: ['a'] },
      ],
    ],
    ['others alone', { additionalRoles: [HOP, ROLE] }, [{ roleArn: HOP }, { roleArn: ROLE }]],
    [
      'tags as they are written',
      { role: ROLE, sessionTags: [{ key: 'a', value: 'b' }], customSessionTags: { c: 'd' } },
      [{ tags: [{ key: 'a', value: 'b' }] }],
    ],
    [
      'Simple: who uses it, instead of those',
      { role: ROLE, sessionTagsPolicy: 'Simple', sessionTags: [{ key: 'a', value: 'b' }] },
      [
        {
          tags: [
            { key: 'esoNamespace', value: 'red' },
            { key: 'esoStoreName', value: 'aws' },
            { key: 'esoStoreKind', value: 'ClusterSecretStore' },
          ],
        },
      ],
    ],
    [
      'Custom: more, but nothing empty, and none of those that say who uses it',
      {
        role: ROLE,
        sessionTagsPolicy: 'Custom',
        customSessionTags: { team: 'red', empty: '', '': 'x', esoNamespace: 'admin', ESOSTOREKIND: 'x' },
      },
      [
        {
          tags: [
            { key: 'esoNamespace', value: 'red' },
            { key: 'esoStoreName', value: 'aws' },
            { key: 'esoStoreKind', value: 'ClusterSecretStore' },
            { key: 'team', value: 'red' },
          ],
        },
      ],
    ],
  ])('%s', (_, aws, expected) => {
    expect(rolesOf(aws)).toMatchObject(expected);
  });
});

describe('the name of a session', () => {
  const named = (name: string) => secretStore(storeSpec(), { name });

  test('says whose store reads', () => {
    expect(sessionNameOf(named('aws'), undefined)).toBe('keyturn-team-aws');
    expect(sessionNameOf(clusterSecretStore(), undefined)).toBe('keyturn-aws');
    expect(sessionNameOf(clusterSecretStore(), 'red')).toBe('keyturn-red-aws');
    expect(sessionNameOf(named('aws'), 'red')).toBe('keyturn-team-aws');
  });

  test('has at most 64 letters, and those of two stores differ', () => {
    const long = 'a'.repeat(250);
    const [one, two] = [sessionNameOf(named(`${long}.x`), undefined), sessionNameOf(named(`${long}.y`), undefined)];
    expect([one.length, two.length]).toEqual([64, 64]);
    expect(one).not.toBe(two);
    expect(one).toMatch(/^keyturn-team-a+-[0-9a-f]{8}$/);
  });
});
