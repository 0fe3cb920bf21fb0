import { expect } from 'vitest';
import { MOUNTED_AT } from '../pods.ts';
import type { Journey } from './journey.ts';

export const firstPod: Journey = {
  title: '1  an ExternalSecret is applied, and a pod reads the value from files and its environment',
  async travel(stage) {
    const namespace = await stage.namespace('first');
    const password = stage.canary();
    const { name: key } = await stage.putSecret({ username: 'shop', password });
    // The pod first: it waits for the Secret, as it does when everything is applied at once.
    await stage.pods.run(namespace, 'app', 'database');
    const startedAtMs = performance.now();
    await stage.externalSecret(namespace, 'database', {
      secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' },
      dataFrom: [{ extract: { key } }],
    });
    const toSecret = await stage.expectData(namespace, 'database', { username: 'shop', password });
    const pod = await stage.pods.ready(namespace, 'app');
    const toPodMs = performance.now() - startedAtMs;
    const script = `cat ${MOUNTED_AT}/username ${MOUNTED_AT}/password; echo; echo "$PASSWORD"`;
    expect(await stage.pods.shell(namespace, pod.name, script)).toBe(`shop${password}\n${password}\n`);
    await stage.expectReady(namespace, 'database');
    return [
      { what: 'applied → Secret', ms: toSecret },
      { what: 'applied → the pod that waited for it is ready', ms: toPodMs },
    ];
  },
};
