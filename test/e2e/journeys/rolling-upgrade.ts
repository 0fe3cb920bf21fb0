import { expect } from 'vitest';
import { makeFleet, wrongIn } from '../fleet.ts';
import { upgrade } from '../installation.ts';
import { operatorPods } from '../operator-pods.ts';
import { OPERATOR_IMAGE } from '../stage.ts';
import { type Journey, timed } from './journey.ts';

const SIZE = 20;
/** As the node's runtime knows the image, and the same once more: another version to Kubernetes. */
const IMAGE = `docker.io/library/${OPERATOR_IMAGE}`;

export const rollingUpgrade: Journey = {
  title: '5  the operator is upgraded while secrets rotate all the time',
  async travel(stage) {
    const { cluster, installation } = stage;
    const imageTag = `${installation.imageTag}-next`;
    await cluster.onNode(
      ...(['ctr', '--namespace', 'k8s.io', 'images', 'tag'] as const),
      `${IMAGE}:${installation.imageTag}`,
      `${IMAGE}:${imageTag}`,
    );
    const fleet = await makeFleet(stage, 'upgrade', SIZE);
    const before = await operatorPods(stage);
    let rounds = 0;
    let upgraded = false;
    const upgrading = timed(() => upgrade(cluster.client, { ...installation, imageTag })).finally(() => {
      upgraded = true;
    });
    while (!upgraded) {
      await fleet.rotateOneByOne();
      rounds += 1;
    }
    const upgradeMs = await upgrading;
    const arrivedMs = await timed(() => fleet.arrived());
    expect(rounds).toBeGreaterThan(1);
    expect(wrongIn(fleet.history())).toEqual([]);
    const names = before.map(({ name }) => name);
    const after = await operatorPods(stage);
    expect(after.filter(({ name }) => names.includes(name))).toEqual([]);
    expect(after.map(({ restarts }) => restarts)).toEqual([0, 0]);
    await fleet.stop();
    return [
      { what: `both replicas are the new ones, after ${rounds * SIZE} rotations meanwhile`, ms: upgradeMs },
      { what: 'then → every Secret holds the last value (ministack keeps events back: README.md)', ms: arrivedMs },
    ];
  },
};
