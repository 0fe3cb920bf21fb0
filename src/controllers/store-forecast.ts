/** Checks stores as Keyturn does when it runs, and writes no condition. */

import type { StoreForecast } from '../domain/forecast.ts';
import type { StoreKey } from '../domain/store-standing.ts';
import { KeyturnError } from '../ports/errors.ts';
import { type StoreControllerOptions, type StoreDuty, StoreReconciler } from './store.ts';

export type StoreForecastOptions = Omit<StoreControllerOptions, 'statuses' | 'events' | 'duty'>;

/** Every store is needed, and none is ours to write to. */
const READING_ONLY: StoreDuty = { isNeeded: true, write: async () => {} };

function never(): never {
  throw new Error('a store was about to be written to');
}

/** Whoever asks for a write asks the duty first. */
const NO_WRITES = { merge: never, setFinalizers: never };

async function checked(
  key: StoreKey,
  reconciler: StoreReconciler,
  { registry }: StoreForecastOptions,
  signal: AbortSignal,
): Promise<StoreForecast | undefined> {
  let problem = 'it could not be checked';
  try {
    await reconciler.reconcile(key, signal);
  } catch (error) {
    if (!(error instanceof KeyturnError) || signal.aborted) throw error;
    problem = error.message;
  }
  const standing = registry.standing(key);
  switch (standing.kind) {
    case 'missing':
      return undefined;
    case 'ready': {
      const identity = await registry.source(key)?.whoAmI(signal);
      return { store: key, kind: 'ready', message: identity?.arn ?? '' };
    }
    case 'notReady':
      return { store: key, kind: 'notReady', message: standing.message };
    case 'otherClass':
      return { store: key, kind: 'otherClass', message: `its spec.controller is "${standing.controllerClass}"` };
    case 'pending':
      return { store: key, kind: 'unknown', message: problem };
  }
}

/** Those that do not exist are left out: who refers to them is told. */
export async function checkStores(
  keys: readonly StoreKey[],
  options: StoreForecastOptions,
  signal: AbortSignal,
): Promise<readonly StoreForecast[]> {
  const reconciler = new StoreReconciler({
    ...options,
    statuses: NO_WRITES,
    events: { record: () => {} },
    duty: READING_ONLY,
  });
  const found = await Promise.all(keys.map((key) => checked(key, reconciler, options, signal)));
  return found.filter((each) => each !== undefined).sort((a, b) => (a.store < b.store ? -1 : 1));
}
