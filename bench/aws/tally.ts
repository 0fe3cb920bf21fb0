/** What the stand-in was asked: by whom, which operation, and which secrets it answered when. */

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
  /** Secrets that were read after a rotation and before somebody received its message: found without it. */
  readonly readBeforeMessage: number;
}

export interface Tally {
  /** Of one caller, or of all when none is named. */
  counts(caller?: string): Counts;
  /** @param caller its access key id */
  called(caller: string, operation: string, outcome: 'answered' | 'throttled' | 'denied'): void;
  answered(caller: string, operation: string, name: string): void;
  /** A message that tells of a rotation is in the queue. */
  messageSent(name: string): void;
  messageReceived(name: string): void;
  /** How many different secrets were answered after a mark. */
  distinctSince(mark: number): number;
  /** How often the value of a secret was given, ever. */
  timesAnswered(name: string): number;
}

const NONE: OperationCount = { calls: 0, secrets: 0, throttled: 0, denied: 0 };

function sum(one: OperationCount, other: Partial<OperationCount>): OperationCount {
  const of = (field: keyof OperationCount) => one[field] + (other[field] ?? 0);
  return { calls: of('calls'), secrets: of('secrets'), throttled: of('throttled'), denied: of('denied') };
}

export function createTally(): Tally {
  const callers = new Map<string, Map<string, OperationCount>>();
  const lastMarks = new Map<string, number>();
  const times = new Map<string, number>();
  /** Secrets whose rotation nobody has been told of. */
  const untold = new Set<string>();
  let mark = 0;
  let readBeforeMessage = 0;
  const add = (caller: string, operation: string, more: Partial<OperationCount>) => {
    const operations = callers.get(caller) ?? new Map<string, OperationCount>();
    callers.set(caller, operations.set(operation, sum(operations.get(operation) ?? NONE, more)));
  };
  return {
    counts(caller) {
      const total = new Map<string, OperationCount>();
      for (const [name, operations] of callers) {
        if (caller !== undefined && caller !== name) continue;
        for (const [operation, count] of operations) total.set(operation, sum(total.get(operation) ?? NONE, count));
      }
      return { operations: Object.fromEntries(total), mark, readBeforeMessage };
    },
    called(caller, operation, outcome) {
      add(caller, operation, {
        calls: 1,
        throttled: outcome === 'throttled' ? 1 : 0,
        denied: outcome === 'denied' ? 1 : 0,
      });
    },
    answered(caller, operation, name) {
      mark += 1;
      if (untold.delete(name)) readBeforeMessage += 1;
      lastMarks.set(name, mark);
      times.set(name, (times.get(name) ?? 0) + 1);
      add(caller, operation, { secrets: 1 });
    },
    messageSent: (name) => void untold.add(name),
    messageReceived: (name) => void untold.delete(name),
    distinctSince: (since) => lastMarks.values().reduce((count, last) => count + (last > since ? 1 : 0), 0),
    timesAnswered: (name) => times.get(name) ?? 0,
  };
}
