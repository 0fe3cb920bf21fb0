/** Looks at many ExternalSecrets, each as often as it takes to know what would become of it. */

import type { Forecast } from '../domain/forecast.ts';
import { WorkerSlots } from '../loop/worker-slots.ts';
import { type Clock, sleep } from '../ports/clock.ts';
import type { ObjectKey } from '../ports/cluster.ts';
import type { Forecaster, Step } from './forecaster.ts';

/** Longer than an answer of AWS that is doubted has to stand. */
const LONGEST_MS = 60_000;
/** So long the versions of one are waited for before they are asked about again. */
const LOOK_MS = 15_000;

/** Objects that wait to be told that something is known of their sources. */
export class Waiting {
  readonly #clock: Clock;
  readonly #wakers = new Map<ObjectKey, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wake(keys: readonly ObjectKey[]): void {
    for (const key of keys) this.#wakers.get(key)?.();
  }

  /** Resolves when it is woken, after `longestMs`, or at the abort. */
  async wait(key: ObjectKey, longestMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wakers.set(key, () => woken.abort());
    await sleep(this.#clock, longestMs, AbortSignal.any([signal, woken.signal]));
    this.#wakers.delete(key);
  }
}

export interface ForecastAllOptions {
  readonly forecaster: Pick<Forecaster, 'look'>;
  readonly waiting: Waiting;
  /** Objects that are looked at at the same time; those that wait for time to pass are not counted. */
  readonly concurrency: number;
  readonly clock: Clock;
}

async function taken(slots: WorkerSlots): Promise<void> {
  for (;;) {
    const free = Promise.withResolvers<void>();
    if (slots.take(free.resolve)) return;
    await free.promise;
  }
}

/** Known in time, or not. */
function outOfTime(key: ObjectKey): Forecast {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name, kind: 'unknown', message: 'AWS gave no answer that could be relied on in time' };
}

/**
 * @returns in the order of the keys
 * @throws the signal's reason when it is aborted
 */
export async function forecastAll(
  keys: readonly ObjectKey[],
  { forecaster, waiting, concurrency, clock }: ForecastAllOptions,
  signal: AbortSignal,
): Promise<readonly Forecast[]> {
  const slots = new WorkerSlots(concurrency);

  async function look(key: ObjectKey): Promise<Step> {
    await taken(slots);
    try {
      signal.throwIfAborted();
      return await forecaster.look(key, signal);
    } finally {
      slots.giveBack();
    }
  }

  async function forecast(key: ObjectKey): Promise<Forecast> {
    const untilMs = clock.nowMs() + LONGEST_MS;
    while (clock.nowMs() < untilMs) {
      const step = await look(key);
      if (step.kind === 'known') return step.forecast;
      if (step.kind === 'look') await waiting.wait(key, LOOK_MS, signal);
      else await sleep(clock, step.delayMs, signal);
      signal.throwIfAborted();
    }
    return outOfTime(key);
  }

  return await Promise.all(keys.map(forecast));
}
