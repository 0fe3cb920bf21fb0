/** Objects that External Secrets Operator has left with a finalizer each, and that somebody deletes when it is gone. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import type { Json } from './cluster-objects.ts';
import { startWorld, type World } from './operator-world.ts';
import { endFaultless } from './proxied-world.ts';
import { whileNobodyRuns } from './upstream-left.ts';

const SOON_MS = 20_000;

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => endFaultless(world));

describe('objects that are being deleted and hang by its finalizers', () => {
  const FINALIZERS = {
    ExternalSecret: 'externalsecrets.external-secrets.io/externalsecret-cleanup',
    SecretStore: 'secretstore.externalsecrets.io/finalizer',
    ClusterSecretStore: 'secretstore.externalsecrets.io/finalizer',
    ClusterExternalSecret: 'externalsecrets.external-secrets.io/clusterexternalsecret-cleanup',
  } as const;
  const kinds = ['ExternalSecret', 'SecretStore', 'ClusterSecretStore', 'ClusterExternalSecret'] as const;
  const isNamespaced = (kind: (typeof kinds)[number]) => kind === 'ExternalSecret' || kind === 'SecretStore';
  const provider = { aws: { service: 'SecretsManager', region: 'us-east-1' } };
  const data = [{ secretKey: 'password', remoteRef: { key: 'nowhere' } }];
  const specs: Readonly<Record<(typeof kinds)[number], Json>> = {
    ExternalSecret: { secretStoreRef: { name: 'hanging' }, data },
    SecretStore: { provider },
    ClusterSecretStore: { provider },
    ClusterExternalSecret: {
      namespaceSelectors: [{ matchLabels: { none: 'such' } }],
      externalSecretSpec: { secretStoreRef: { name: 'hanging' }, data },
    },
  };

  async function make(namespace: string, name: string): Promise<void> {
    for (const kind of kinds) {
      const metadata = { finalizers: [FINALIZERS[kind]] };
      await world.objects.apply(kind, isNamespaced(kind) ? namespace : '', name, { metadata, spec: specs[kind] });
    }
  }

  async function remove(namespace: string, name: string): Promise<void> {
    for (const kind of kinds) await world.objects.remove(kind, isNamespaced(kind) ? namespace : '', name);
  }

  async function present(namespace: string, name: string): Promise<readonly string[]> {
    const found = kinds.map(async (kind) => {
      const object = await world.objects.get(kind, isNamespaced(kind) ? namespace : '', name);
      return object === undefined ? [] : [kind];
    });
    return (await Promise.all(found)).flat();
  }

  function untilGone(namespace: string, name: string): Promise<unknown> {
    return until(
      'all to be gone',
      () => present(namespace, name),
      SOON_MS,
      (kind) => kind.length === 0,
    );
  }

  const isGone = async (namespace: string) =>
    (await world.cluster.request('GET', `/api/v1/namespaces/${namespace}`)).status === 404;

  it('are let go when Keyturn starts: those of each kind, and a Namespace with all that is in it', async () => {
    const name = world.uniqueName('hanging');
    const [namespace, doomed] = [await world.namespace('hanging'), await world.namespace('doomed')];
    await whileNobodyRuns(world, async () => {
      await make(namespace, name);
      await remove(namespace, name);
      await world.objects.apply('ExternalSecret', doomed, 'app', {
        metadata: { finalizers: [FINALIZERS.ExternalSecret] },
        spec: specs.ExternalSecret,
      });
      const finalizers = ['externalsecrets.external-secrets.io/ces-one', 'externalsecrets.external-secrets.io/ces-two'];
      const path = `/api/v1/namespaces/${doomed}`;
      const contentType = 'application/merge-patch+json';
      expect(await world.cluster.request('PATCH', path, { metadata: { finalizers } }, { contentType })).toMatchObject({
        status: 200,
      });
      await world.cluster.request('DELETE', path);
      // They do hang: nobody else takes the finalizers away.
      await sleep(2_000);
      expect(await present(namespace, name)).toEqual(kinds);
      expect(await isGone(doomed)).toBe(false);
    });
    await untilGone(namespace, name);
    await until('the namespace to be gone', () => isGone(doomed), 30_000);
  });

  it('are let go while Keyturn runs', async () => {
    const name = world.uniqueName('going');
    const namespace = await world.namespace('going');
    await make(namespace, name);
    await remove(namespace, name);
    await untilGone(namespace, name);
  });
});
