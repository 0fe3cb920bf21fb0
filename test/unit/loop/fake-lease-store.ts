/** A lease that several candidates share, over a network that may be slow, deaf or dumb. */

import type { Clock } from '../../../src/ports/clock.ts';
import { ClusterConflict, ClusterUnavailable } from '../../../src/ports/errors.ts';
import type { LeaseRecord, LeaseStore, StoredLease } from '../../../src/ports/lease.ts';

/** What happens to one call: how long each way takes, and which way is lost. A lost call hangs until its time is up. */
export interface Weather {
  readonly thereMs: number;
  readonly backMs: number;
  readonly lost: 'no' | 'request' | 'answer';
  /** After how long the caller gives up on a lost call. */
  readonly timeoutMs: number;
}

export const CALM: Weather = { thereMs: 0, backMs: 0, lost: 'no', timeoutMs: 0 };

export interface FakeLease {
  readonly stored: StoredLease | undefined;
  readonly writes: readonly LeaseRecord[];
  /** The lease as one candidate reaches it. */
  reach(weather: () => Weather): LeaseStore;
  /** Somebody else writes, with `kubectl` for example. */
  overwrite(record: LeaseRecord): void;
}

export function createFakeLease(clock: Clock): FakeLease {
  let stored: StoredLease | undefined;
  let version = 0;
  const writes: LeaseRecord[] = [];

  function put(record: LeaseRecord): StoredLease {
    version += 1;
    writes.push(record);
    stored = { ...record, resourceVersion: String(version) };
    return stored;
  }

  return {
    get stored() {
      return stored;
    },
    writes,
    overwrite: put,
    reach: (weather) => ({
      read: (signal) => callUnder(clock, weather(), signal, () => stored),
      async write(record, expected, signal) {
        const result = await callUnder(clock, weather(), signal, () =>
          stored?.resourceVersion === expected ? put(record) : 'conflict',
        );
        if (result === 'conflict') throw new ClusterConflict('somebody else wrote first');
        return result;
      },
    }),
  };
}

function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    function abort(): void {
      cancel();
      reject(signal.reason);
    }
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** One call over a network in that weather; `act` is what the server does in one moment. */
export async function callUnder<T>(clock: Clock, weather: Weather, signal: AbortSignal, act: () => T): Promise<T> {
  signal.throwIfAborted();
  const { thereMs, backMs, lost, timeoutMs } = weather;
  if (lost === 'request') {
    await wait(clock, timeoutMs, signal);
    throw new ClusterUnavailable('nothing came back');
  }
  if (thereMs > 0) await wait(clock, thereMs, signal);
  const result = act();
  if (lost === 'answer' || backMs > 0) await wait(clock, lost === 'answer' ? timeoutMs : backMs, signal);
  if (lost === 'answer') throw new ClusterUnavailable('nothing came back');
  return result;
}
