/** Waits for something that happens by itself: polls with a deadline, and says what was awaited when it did not come. */

import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 25;
const SHOWN_CHARACTERS = 1_000;

export type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>;

/**
 * Calls `probe` until it returns something truthy, and returns that. A throw counts as "not yet", so a probe may
 * hold assertions.
 * @throws Error that names `what` and the last thing seen when `timeoutMs` are over.
 */
export async function until<T>(what: string, probe: () => T | Promise<T>, timeoutMs: number): Promise<Truthy<T>>;
/** The same, until `accept` is true of what `probe` returns; the error shows the last value. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs: number,
  accept: (seen: T) => boolean,
): Promise<T>;
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMs: number,
  accept: (seen: T) => boolean = Boolean,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last = 'nothing';
  for (;;) {
    const outcome = await look(probe, deadline);
    if (outcome.kind === 'seen' && accept(outcome.value)) {
      return outcome.value;
    }
    // A probe that hangs at the end hides nothing that was seen before.
    last = outcome.kind === 'late' ? `${last} (and the last look did not end)` : describe(outcome);
    if (performance.now() >= deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}; last seen: ${last}`);
    }
    await sleep(INTERVAL_MS);
  }
}

type Outcome<T> = { kind: 'seen'; value: T } | { kind: 'threw'; error: unknown } | { kind: 'late' };

async function look<T>(probe: () => T | Promise<T>, deadline: number): Promise<Outcome<T>> {
  const inTime = new AbortController();
  const late = sleep(Math.max(deadline - performance.now(), 0), { kind: 'late' } as const, { signal: inTime.signal });
  const seen = (async () => probe())().then(
    (value) => ({ kind: 'seen', value }) as const,
    (error: unknown) => ({ kind: 'threw', error }) as const,
  );
  try {
    return await Promise.race([seen, late]);
  } finally {
    late.catch(() => undefined);
    inTime.abort();
  }
}

function describe(outcome: { kind: 'seen'; value: unknown } | { kind: 'threw'; error: unknown }): string {
  if (outcome.kind === 'threw') {
    return outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
  }
  return (JSON.stringify(outcome.value) ?? String(outcome.value)).slice(0, SHOWN_CHARACTERS);
}
