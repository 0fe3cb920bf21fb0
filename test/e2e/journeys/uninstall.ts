import { expect } from 'vitest';
import { uninstall } from '../installation.ts';
import { MOUNTED_AT } from '../pods.ts';
import { installOn, type Stage } from '../stage.ts';
import { deleteNamespace } from './delete-namespace.ts';
import { type Journey, timed } from './journey.ts';

export const uninstalled: Journey = {
  title: '6  Keyturn is uninstalled: Secrets and pods stay, and namespaces can be deleted',
  async travel(stage) {
    const [kept, gone, before] = [await inUse(stage, 'kept'), await inUse(stage, 'gone'), await inUse(stage, 'before')];
    const whileInstalledMs = await deleteNamespace(stage, before.namespace);
    const secret = await stage.secret(kept.namespace, 'database');
    const uninstallMs = await timed(() => uninstall(stage.cluster.client));
    expect(await stage.secret(kept.namespace, 'database')).toEqual(secret);
    expect(await stage.pods.ready(kept.namespace, 'app')).toEqual(kept.pod);
    const read = await stage.pods.shell(kept.namespace, kept.pod.name, `cat ${MOUNTED_AT}/password`);
    expect(read).toBe(kept.password);
    const whileGoneMs = await deleteNamespace(stage, gone.namespace);
    const backMs = await timed(() => installOn(stage));
    // Who comes back finds all as it was.
    await stage.expectReady(kept.namespace, 'database');
    expect(await stage.secret(kept.namespace, 'database')).toEqual(secret);
    expect(await stage.pods.ready(kept.namespace, 'app')).toEqual(kept.pod);
    return [
      { what: 'uninstalled', ms: uninstallMs },
      { what: 'a namespace with ExternalSecrets and pods is deleted, while it runs', ms: whileInstalledMs },
      { what: 'the same when it is gone', ms: whileGoneMs },
      { what: 'installed again → both replicas ready, Secrets and pods untouched', ms: backMs },
    ];
  },
};

async function inUse(stage: Stage, prefix: string) {
  const namespace = await stage.namespace(prefix);
  const password = stage.canary();
  const { name: key } = await stage.putSecret({ password });
  const secretStoreRef = { name: 'aws', kind: 'ClusterSecretStore' };
  await stage.externalSecret(namespace, 'database', { secretStoreRef, dataFrom: [{ extract: { key } }] });
  await stage.expectReady(namespace, 'database');
  await stage.pods.run(namespace, 'app', 'database');
  return { namespace, password, pod: await stage.pods.ready(namespace, 'app') };
}
