/** A consumer between a fake queue and a fake target, in virtual time. */

import type { Metrics, RotationEventOutcome } from '../../../src/ports/metrics.ts';
import { createEventConsumer, type EventConsumer } from '../../../src/rotation/event-consumer.ts';
import { createRecordedLog, createRecordedMetrics } from '../kube/records.ts';
import { createVirtualClock } from '../virtual-clock.ts';
import { FakeRotationQueue } from './fake-rotation-queue.ts';
import { FakeRotationTarget } from './fake-rotation-target.ts';
import { ACCOUNT, labelUpdated, REGION } from './sample-events.ts';

const START_MS = Date.UTC(2026, 2, 1, 12);

/** The body of an event of a secret; `id` is EventBridge's. */
export function bodyOf(secretName: string, id: string): string {
  const arn = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${secretName}-a1b2c3`;
  return JSON.stringify(labelUpdated({ name: secretName }, { id, resources: [arn] }));
}

export interface Running {
  readonly consumer: EventConsumer;
  /** Stops as a leader does that goes. */
  stop(): Promise<void>;
  /** Dies without a word. */
  kill(): void;
}

export function createWorld() {
  const clock = createVirtualClock(START_MS);
  const queue = new FakeRotationQueue(clock);
  const target = new FakeRotationTarget();
  const log = createRecordedLog();
  const outcomes: RotationEventOutcome[] = [];
  const latenciesMs: number[] = [];
  const metrics: Metrics = {
    ...createRecordedMetrics(),
    rotationEvent: (outcome) => outcomes.push(outcome),
    rotationEventHandled: (latencyMs) => latenciesMs.push(latencyMs),
    rollout: () => {},
  };

  function start(): Running {
    const connection = queue.connect();
    const consumer = createEventConsumer({ queue: connection, target, clock, metrics, log, random: () => 0.5 });
    const stopping = new AbortController();
    const running = consumer.run(stopping.signal);
    return {
      consumer,
      async stop() {
        stopping.abort();
        await running;
      },
      kill() {
        connection.kill();
        stopping.abort();
      },
    };
  }

  return { clock, queue, target, log, outcomes, latenciesMs, start };
}

export type World = ReturnType<typeof createWorld>;
