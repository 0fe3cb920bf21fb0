import { expect } from 'vitest';
import type { PolicyStatement } from '../../harness/iam.ts';
import { MOUNTED_AT } from '../pods.ts';
import type { Stage } from '../stage.ts';
import { type Journey, timed } from './journey.ts';

export const tenants: Journey = {
  title: "9  two namespaces read as ServiceAccounts of their own, and neither gets the other's",
  async travel(stage) {
    const [ours, theirs] = [await tenant(stage, 'tenant-a'), await tenant(stage, 'tenant-b')];
    const toPodMs = await timed(async () => {
      for (const { namespace, password, key } of [ours, theirs]) {
        await stage.externalSecret(namespace, 'own', { dataFrom: [{ extract: { key } }] });
        await stage.pods.run(namespace, 'app', 'own');
        const pod = await stage.pods.ready(namespace, 'app');
        expect(await stage.pods.shell(namespace, pod.name, `cat ${MOUNTED_AT}/password`)).toBe(password);
      }
    });
    const deniedMs = await timed(async () => {
      for (const [reader, owner] of [
        [ours, theirs],
        [theirs, ours],
      ] as const) {
        await stage.externalSecret(reader.namespace, 'foreign', { dataFrom: [{ extract: { key: owner.key } }] });
        const { message } = await stage.expectNotReady(reader.namespace, 'foreign', /secretsmanager:GetSecretValue/);
        expect(message).toContain('assumed-role/');
        await borrowedStoreIsRefused(stage, reader.namespace, owner.namespace);
        expect(await holdingsOf(stage, reader.namespace)).not.toContain(owner.password);
        expect(await mayReadSecretsOf(stage, reader.namespace, owner.namespace)).toBe('no');
      }
    });
    return [
      { what: 'both pods read their own', ms: toPodMs },
      { what: "both are refused the other's, by AWS and by the API server, and told why", ms: deniedMs },
    ];
  },
};

async function tenant(stage: Stage, prefix: string) {
  const namespace = await stage.namespace(prefix);
  const password = stage.canary();
  const { name: key, arn } = await stage.putSecret({ password });
  const reading: PolicyStatement = {
    Effect: 'Allow',
    Action: 'secretsmanager:GetSecretValue',
    Resource: `${arn.slice(0, -6)}*`,
  };
  await stage.storeByAccount(namespace, [reading]);
  return { namespace, password, key };
}

/** A SecretStore that names a ServiceAccount of another namespace: by the chart's policy, when it is applied. */
async function borrowedStoreIsRefused({ objects, aws }: Stage, namespace: string, owner: string) {
  const auth = { jwt: { serviceAccountRef: { name: 'reader', namespace: owner } } };
  const provider = { aws: { service: 'SecretsManager', region: aws.access.region, auth } };
  const applied = objects.apply('SecretStore', namespace, 'borrowed', { spec: { provider } });
  await expect(applied).rejects.toThrow(/ValidatingAdmissionPolicy .*namespace/);
}

/** All data of all Secrets of a namespace, as text. */
async function holdingsOf({ objects, ...stage }: Stage, namespace: string): Promise<string> {
  const names = (await objects.list('Secret', namespace)).map(({ metadata }) =>
    String(Reflect.get({ ...Object(metadata) }, 'name')),
  );
  const all = await Promise.all(names.map((name) => stage.secretData(namespace, name)));
  return JSON.stringify(all);
}

async function mayReadSecretsOf({ cluster }: Stage, namespace: string, owner: string): Promise<string> {
  const as = `--as=system:serviceaccount:${namespace}:reader`;
  return (await cluster.client.kubectl(['auth', 'can-i', 'get', 'secrets', '-n', owner, as])).stdout.trim();
}
