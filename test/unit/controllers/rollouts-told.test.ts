/** What is told of rollouts when operators and people come between. */

import { expect, test } from 'vitest';
import { ClusterUnavailable } from '../../../src/ports/errors.ts';
import { RolloutModel } from './rollout-model.ts';

function reasons(model: RolloutModel): readonly string[] {
  return model.events.map(({ reason }) => reason);
}

test('a restart that is refused is told of while it is due, and no longer', async () => {
  const model = new RolloutModel({ api: ['db'] }, ['db']);
  model.start();
  model.refuses = () => new ClusterUnavailable('not now');
  model.rotate('db');
  await model.clock.advance(30_000);
  const held = () => model.extras.of('team/db').get('RolloutHeld')?.reason;
  expect(held()).toBe('Failing');
  model.replacePods('api', { restartedAtMs: model.clock.nowMs() });
  model.ready();
  await model.clock.advance(60_000);
  expect(held()).toBeUndefined();
  await model.end();
});

test('how a rollout ends is told by whoever leads then', async () => {
  const model = new RolloutModel({ api: ['db'] }, ['db']);
  model.start();
  model.rotate('db', true);
  await model.clock.advance(15_000);
  expect(reasons(model)).toContain('RolloutStarted');
  await model.restart();
  await model.clock.advance(model.deadlineMs);
  expect(reasons(model)).toContain('RolloutUnhealthy');
  expect(model.outcomes).toEqual(['started', 'unhealthy']);
  await model.end();
});

test('a rollout that began though its answer was lost is told of', async () => {
  const model = new RolloutModel({ api: ['db'] }, ['db']);
  model.start();
  model.losesAnswers = true;
  model.rotate('db', true);
  await model.clock.advance(15_000 + model.deadlineMs);
  expect(reasons(model)).toContain('RolloutUnhealthy');
  expect(model.extras.of('team/db').get('RolloutHeld')).toBeUndefined();
  await model.end();
});

test('what was healthy long ago is told of no second time by another process', async () => {
  const model = new RolloutModel({ api: ['db'] }, ['db']);
  model.start();
  model.rotate('db');
  await model.clock.advance(15_000);
  model.ready();
  await model.clock.advance(model.deadlineMs);
  await model.restart();
  model.change('api', { isReady: false });
  await model.clock.advance(model.deadlineMs);
  expect(model.outcomes).toEqual(['started', 'healthy']);
  await model.end();
});
