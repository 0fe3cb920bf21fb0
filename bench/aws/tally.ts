/** What the stand-in was asked: by operation, and which secrets it answered when. */

export interface OperationCount {
  /** Requests, refused ones included: what AWS's quotas and bill count. */
  readonly calls: number;
  /** Secrets whose value was given. */
  readonly secrets: number;
  readonly throttled: number;
  readonly denied: number;
}

export interface Counts {
  readonly operations: Readonly<Record<string, OperationCount>>;
  /** Grows with each secret that is answered: a point in time for {@link Tally.distinctSince}. */
  readonly mark: number;
}

export interface Tally {
  readonly counts: Counts;
  called(operation: string, outcome: 'answered' | 'throttled' | 'denied'): void;
  answered(operation: string, name: string): void;
  /** How many different secrets were answered after a mark. */
  distinctSince(mark: number): number;
  /** How often the value of a secret was given, ever. */
  timesAnswered(name: string): number;
}

const NONE: OperationCount = { calls: 0, secrets: 0, throttled: 0, denied: 0 };

export function createTally(): Tally {
  const operations = new Map<string, OperationCount>();
  const lastMarks = new Map<string, number>();
  const times = new Map<string, number>();
  let mark = 0;
  const add = (operation: string, more: Partial<OperationCount>) => {
    const before = operations.get(operation) ?? NONE;
    const sum = (field: keyof OperationCount) => before[field] + (more[field] ?? 0);
    operations.set(operation, {
      calls: sum('calls'),
      secrets: sum('secrets'),
      throttled: sum('throttled'),
      denied: sum('denied'),
    });
  };
  return {
    get counts() {
      return { operations: Object.fromEntries(operations), mark };
    },
    called(operation, outcome) {
      add(operation, {
        calls: 1,
        throttled: outcome === 'throttled' ? 1 : 0,
        denied: outcome === 'denied' ? 1 : 0,
      });
    },
    answered(operation, name) {
      mark += 1;
      lastMarks.set(name, mark);
      times.set(name, (times.get(name) ?? 0) + 1);
      add(operation, { secrets: 1 });
    },
    distinctSince: (since) => lastMarks.values().reduce((count, last) => count + (last > since ? 1 : 0), 0),
    timesAnswered: (name) => times.get(name) ?? 0,
  };
}
