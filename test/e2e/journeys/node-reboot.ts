import { expect } from 'vitest';
import { until } from '../../harness/until.ts';
import { operatorPods } from '../operator-pods.ts';
import { MOUNTED_AT } from '../pods.ts';
import { READ_ALL } from '../stage.ts';
import { type Journey, timed } from './journey.ts';

const BACK_WITHIN_MS = 120_000;

export const nodeReboot: Journey = {
  title: '8  kubelet and container runtime restart, then the whole node',
  async travel(stage) {
    const namespace = await stage.namespace('reboot');
    await stage.storeByAccount(namespace, [READ_ALL]);
    const { name: key } = await stage.putSecret({ password: stage.canary() });
    await stage.externalSecret(namespace, 'database', { dataFrom: [{ extract: { key } }] });
    await stage.expectReady(namespace, 'database');
    await stage.pods.run(namespace, 'app', 'database');
    const [app, operators] = [await stage.pods.ready(namespace, 'app'), await operatorPods(stage)];

    await stage.cluster.restartDaemons();
    const afterDaemons = stage.canary();
    await stage.putSecret({ password: afterDaemons }, key);
    await stage.expectData(namespace, 'database', { password: afterDaemons });
    const readsFile = async (pod: string, password: string) =>
      (await stage.pods.shell(namespace, pod, `cat ${MOUNTED_AT}/password`)) === password;
    const fileMs = await timed(() =>
      until('the file to change', () => readsFile(app.name, afterDaemons), BACK_WITHIN_MS),
    );
    expect(await stage.pods.ready(namespace, 'app')).toEqual(app);
    expect(await operatorPods(stage)).toEqual(operators);

    const atReboot = stage.canary();
    await stage.putSecret({ password: atReboot }, key);
    await stage.cluster.reboot();
    const isBack = async () => {
      const pod = await stage.pods.ready(namespace, 'app');
      // Until the kubelet has looked, the API server has the state of before.
      return pod.restarts > app.restarts && (await readsFile(pod.name, atReboot));
    };
    const appMs = await timed(() => until('the pod to be back, with the value', isBack, BACK_WITHIN_MS));
    const operatorsAreBack = async () =>
      (await operatorPods(stage)).every(({ ready, restarts, name }) => ready && restarts > restartsOf(name));
    const restartsOf = (name: string) => operators.find((each) => each.name === name)?.restarts ?? 0;
    const operatorMs = appMs + (await timed(() => until('the operator to be back', operatorsAreBack, BACK_WITHIN_MS)));
    const afterReboot = stage.canary();
    await stage.putSecret({ password: afterReboot }, key);
    const rotatedMs = await stage.expectData(namespace, 'database', { password: afterReboot }, BACK_WITHIN_MS);
    return [
      { what: 'daemons restarted, and a rotation: Secret → file; no container restarts', ms: fileMs },
      { what: 'node rebooted → the pod is back and reads what rotated just before', ms: appMs },
      { what: 'node rebooted → both replicas ready again', ms: operatorMs },
      { what: 'then a rotation → Secret (the Lease of before has to run out)', ms: rotatedMs },
    ];
  },
};
