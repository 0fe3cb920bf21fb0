/** Checks stores as Keyturn does when it runs, and writes no condition. */

import type { StoreForecast } from '../domain/forecast.ts';
import { type StoreKey, storeItself } from '../domain/store-standing.ts';
import { KeyturnError } from '../ports/errors.ts';
import { type StoreControllerOptions, type StoreDuty, StoreReconciler } from './store.ts';

export type StoreForecastOptions = Omit<
  StoreControllerOptions,
  'statuses' | 'events' | 'duty' | 'isUsed' | 'needServiceAccounts'
>;

/** Every store is needed, and none is ours to write to. */
const READING_ONLY: StoreDuty = { isNeeded: true, write: async () => {} };

function never(): never {
  throw new Error('a store was about to be written to');
}

/** Whoever asks for a write asks the duty first. */
const NO_WRITES = { merge: never, setFinalizers: never };

/** @returns what hindered the check, where something did */
async function check(key: StoreKey, reconciler: StoreReconciler, signal: AbortSignal): Promise<string> {
  try {
    await reconciler.reconcile(key, signal);
    return '';
  } catch (error) {
    if (!(error instanceof KeyturnError) || signal.aborted) throw error;
    return error.message;
  }
}

async function told(
  key: StoreKey,
  problem: string,
  { registry }: StoreForecastOptions,
  signal: AbortSignal,
): Promise<StoreForecast | undefined> {
  const standing = registry.standing(key);
  switch (standing.kind) {
    case 'missing':
      return undefined;
    case 'ready': {
      const identity = await registry.source(key)?.whoAmI(signal);
      return { store: key, kind: 'ready', message: identity?.arn ?? '' };
    }
    case 'notReady':
    case 'denied':
      return { store: key, kind: 'notReady', message: standing.message };
    case 'otherClass':
      return { store: key, kind: 'otherClass', message: `its spec.controller is "${standing.controllerClass}"` };
    case 'undecided':
    case 'pending':
      return { store: key, kind: 'unknown', message: problem };
  }
}

/**
 * @param used by ExternalSecrets: a ClusterSecretStore may be another identity for each namespace that uses it
 * @returns without those that do not exist: who refers to them is told
 */
export async function checkStores(
  used: readonly StoreKey[],
  options: StoreForecastOptions,
  signal: AbortSignal,
): Promise<readonly StoreForecast[]> {
  const reconciler = new StoreReconciler({
    ...options,
    statuses: NO_WRITES,
    events: { record: () => {} },
    duty: READING_ONLY,
    isUsed: () => true,
    needServiceAccounts: () => {},
  });
  const problems = new Map<StoreKey, string>();
  const checkAll = async (keys: readonly StoreKey[]) => {
    await Promise.all(keys.map(async (key) => problems.set(key, await check(key, reconciler, signal))));
  };
  await checkAll([...new Set(used.map(storeItself))]);
  const wanted = new Set<StoreKey>();
  options.registry.onWanted = (key) => wanted.add(key);
  for (const key of used) options.registry.standing(key);
  await checkAll([...wanted]);
  const reported = used.map((key) => (wanted.has(key) ? key : storeItself(key)));
  const found = await Promise.all(
    [...new Set(reported)].map((key) => told(key, problems.get(key) ?? '', options, signal)),
  );
  return found.filter((each) => each !== undefined).sort((a, b) => (a.store < b.store ? -1 : 1));
}
