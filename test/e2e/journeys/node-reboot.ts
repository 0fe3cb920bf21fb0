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
    const rebootedAtMs = performance.now();
    const sinceReboot = () => performance.now() - rebootedAtMs;
    const restartsOf = (name: string) => operators.find((each) => each.name === name)?.restarts ?? 0;
    // Until the kubelet has looked, the API server has the state of before.
    const appIsBack = async () => (await stage.pods.ready(namespace, 'app')).restarts > app.restarts;
    const operatorsAreBack = async () =>
      (await operatorPods(stage)).every(({ ready, restarts, name }) => ready && restarts > restartsOf(name));
    await until('the pod to be back', appIsBack, BACK_WITHIN_MS);
    const appMs = sinceReboot();
    await until('the operator to be back', operatorsAreBack, BACK_WITHIN_MS);
    const operatorMs = sinceReboot();
    await until('the file to change', () => readsFile(app.name, atReboot), BACK_WITHIN_MS);
    const caughtUpMs = sinceReboot();
    const afterReboot = stage.canary();
    await stage.putSecret({ password: afterReboot }, key);
    const rotatedMs = await stage.expectData(namespace, 'database', { password: afterReboot }, BACK_WITHIN_MS);
    return [
      { what: 'daemons restarted, and a rotation: Secret → file; no container restarts', ms: fileMs },
      { what: 'node rebooted → the pod is back', ms: appMs },
      { what: 'node rebooted → both replicas are ready again', ms: operatorMs },
      { what: 'node rebooted → the pod reads what rotated just before (a Lease of 15 s runs out)', ms: caughtUpMs },
      { what: 'then a rotation → Secret', ms: rotatedMs },
    ];
  },
};
