/** Examples of stores. */

import { expect } from 'vitest';
import { createIamRole, type PolicyStatement } from '../../harness/iam.ts';
import { at } from '../cluster-objects.ts';
import type { Example, Stage } from './stage.ts';

const ISSUER = 'kubernetes.default.svc.cluster.local';

export const STORE_EXAMPLES: Readonly<Record<string, Example>> = {
  'store.yaml': async (stage) => {
    const { world, namespace } = stage;
    const trusted = trusting(stage, 'shop-secrets');
    await createIamRole(world.aws, [trusted], [allowed('secretsmanager:*'), allowed('sts:*')], 'shop-secrets');
    await stage.apply();
    const store = await world.objects.get('SecretStore', namespace, 'aws');
    expect(at(store, 'status', 'conditions', 0, 'message')).toContain('assumed-role/shop-secrets');
  },

  'store-with-access-key.yaml': async (stage) => {
    await stage.world.credentials(stage.namespace, 'aws-access-key');
    const [id, secret] = [await stage.text('aws-access-key', 'id'), await stage.text('aws-access-key', 'key')];
    await stage.world.objects.apply('Secret', stage.namespace, 'aws-access-key', { stringData: { id, secret } });
    await stage.apply();
    await expectReads(stage, { name: 'aws-with-access-key' });
  },

  'store-in-another-account.yaml': async ({ apply, inAws, world, namespace }) => {
    const trusted: PolicyStatement = {
      Effect: 'Allow',
      Action: ['sts:AssumeRole', 'sts:TagSession'],
      Principal: { AWS: `arn:aws:iam::${world.aws.account}:role/shop-secrets` },
      Condition: { StringEquals: { 'sts:ExternalId': 'shop-7c1e', 'aws:RequestTag/esoNamespace': namespace } },
    };
    await createIamRole(world.aws, [trusted], [allowed('secretsmanager:GetSecretValue')], 'partner-secrets');
    const key = world.canary();
    await inAws('partner/api-key', key);
    await apply();
    expect(await world.secretData(namespace, 'partner-api-key')).toEqual({ key });
    const store = await world.objects.get('SecretStore', namespace, 'aws-of-partner');
    expect(at(store, 'status', 'conditions', 0, 'message')).toContain('assumed-role/partner-secrets');
  },

  'cluster-store.yaml': async (stage) => {
    await stage.apply();
    await expectReads(stage, { name: 'aws-for-all', kind: 'ClusterSecretStore' });
  },

  'cluster-store-for-teams.yaml': async (stage) => {
    const { world, namespace } = stage;
    await stage.apply();
    const secretStoreRef = { name: 'aws-for-teams', kind: 'ClusterSecretStore' };
    await world.externalSecret(namespace, 'not-yet', {
      secretStoreRef,
      data: [{ secretKey: 'value', remoteRef: { key: 'nothing' } }],
    });
    await world.expectNotReady(namespace, 'not-yet', /is not allowed from namespace/);
    await stage.labelNamespace(namespace, { secrets: 'team' });
    await expectReads(stage, secretStoreRef);
    await world.objects.remove('ExternalSecret', namespace, 'not-yet');
  },

  'several-stores.yaml': async ({ apply, inAws, world, namespace }) => {
    const [api, analytics] = [world.canary(), world.canary()];
    await inAws('shop/api-key', api);
    await inAws('shop/analytics-key', analytics, { region: 'eu-central-1' });
    await apply();
    expect(await world.secretData(namespace, 'api-keys')).toEqual({ api, analytics });
  },
};

function allowed(Action: string): PolicyStatement {
  return { Effect: 'Allow', Action, Resource: '*' };
}

/** As the role of a ServiceAccount of EKS has it. */
function trusting({ world, namespace }: Stage, account: string): PolicyStatement {
  return {
    Effect: 'Allow',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: `arn:aws:iam::${world.aws.account}:oidc-provider/${ISSUER}` },
    Condition: { StringEquals: { [`${ISSUER}:sub`]: `system:serviceaccount:${namespace}:${account}` } },
  };
}

async function expectReads({ world, namespace }: Stage, secretStoreRef: Readonly<Record<string, string>>) {
  const value = world.canary();
  const { name: key } = await world.putSecret(value);
  const name = `probe-${secretStoreRef['name']}`;
  await world.externalSecret(namespace, name, { secretStoreRef, data: [{ secretKey: 'value', remoteRef: { key } }] });
  await world.expectData(namespace, name, { value });
}
