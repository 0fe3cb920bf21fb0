/** Collects the reads that arrive together, so that they share calls; each caller gets its own answer. */

import type { Clock } from '../ports/clock.ts';
import type { KeyturnError } from '../ports/errors.ts';
import type { SecretReading, SecretRef } from '../ports/secret-source.ts';
import type { FetchOutcome, TellOutcome } from './secret-fetcher.ts';

export interface ReadBatcherOptions {
  readonly clock: Clock;
  /** The error of a read that waited too long for a free slot. */
  readonly tooBusy: (ref: SecretRef) => KeyturnError;
  readonly hasFreeSlot: () => boolean;
  /** Takes from the front of what waits those that fit into one call. */
  readonly nextGroup: (refs: Iterable<SecretRef>) => readonly SecretRef[];
  /** Never rejects; tells the outcome of each ref once. */
  readonly fetch: (group: readonly SecretRef[], tell: TellOutcome, abandon: AbortSignal) => Promise<void>;
}

/**
 * How long a read waits for company. Reads of one ExternalSecret come in one turn of the event loop, those of
 * neighbours a few milliseconds apart; a call to AWS takes longer than this.
 */
const COLLECT_MS = 5;
/** How long a read waits for a free slot. All slots are busy so long only when AWS does not answer. */
const LONGEST_WAIT_MS = 5_000;

interface Waiter {
  settle(outcome: FetchOutcome): void;
}

/** All the reads of one ref that go out together. */
interface SharedRead {
  readonly ref: SecretRef;
  readonly waiters: Set<Waiter>;
  readonly sinceMs: number;
  /** Told when the last waiter has left. */
  onDeserted: () => void;
}

export class ReadBatcher {
  readonly #options: ReadBatcherOptions;
  /** By what identifies a ref, oldest first. A read joins one that waits, never one that is under way. */
  readonly #waiting = new Map<string, SharedRead>();
  #cancelCollecting: (() => void) | undefined;
  #cancelExpiry: (() => void) | undefined;

  constructor(options: ReadBatcherOptions) {
    this.#options = options;
  }

  /**
   * The value of a ref. An abort detaches this caller with the signal's reason; a call that nobody waits for is ended.
   * @throws KeyturnError
   */
  read(ref: SecretRef, signal: AbortSignal): Promise<SecretReading> {
    signal.throwIfAborted();
    const result = Promise.withResolvers<SecretReading>();
    const shared = this.#join(ref);
    const leave = () => {
      shared.waiters.delete(waiter);
      if (shared.waiters.size === 0) shared.onDeserted();
      result.reject(signal.reason);
    };
    const waiter: Waiter = {
      settle(outcome) {
        signal.removeEventListener('abort', leave);
        if (outcome.kind === 'read') result.resolve(outcome.reading);
        else result.reject(outcome.error);
      },
    };
    shared.waiters.add(waiter);
    signal.addEventListener('abort', leave, { once: true });
    return result.promise;
  }

  /** A slot is free: what has been waiting for one has been collected long enough. */
  onSlotFree(): void {
    if (this.#cancelCollecting === undefined) this.#send();
  }

  /** Sends what waits, to be refused by the closed caller, and stops the timers. */
  close(): void {
    this.#cancelCollecting?.();
    this.#cancelCollecting = undefined;
    this.#send();
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
  }

  #join(ref: SecretRef): SharedRead {
    const id = idOf(ref);
    const present = this.#waiting.get(id);
    if (present !== undefined) return present;
    const { clock } = this.#options;
    const onDeserted = () => this.#waiting.delete(id);
    const shared: SharedRead = { ref, waiters: new Set(), sinceMs: clock.nowMs(), onDeserted };
    this.#waiting.set(id, shared);
    this.#cancelCollecting ??= clock.after(COLLECT_MS, () => {
      this.#cancelCollecting = undefined;
      this.#send();
    });
    return shared;
  }

  #send(): void {
    while (this.#waiting.size > 0 && this.#options.hasFreeSlot()) {
      const group = this.#options.nextGroup(this.#waitingRefs());
      this.#start(group.map((ref) => this.#take(ref)).filter((shared) => shared !== undefined));
    }
    this.#armExpiry();
  }

  #armExpiry(): void {
    const [oldest] = this.#waiting.values();
    if (oldest === undefined || this.#cancelExpiry !== undefined) return;
    const { clock } = this.#options;
    this.#cancelExpiry = clock.after(oldest.sinceMs + LONGEST_WAIT_MS - clock.nowMs(), () => {
      this.#cancelExpiry = undefined;
      this.#expire(clock.nowMs() - LONGEST_WAIT_MS);
      this.#armExpiry();
    });
  }

  #expire(lastSinceMs: number): void {
    for (const shared of this.#waiting.values()) {
      if (shared.sinceMs > lastSinceMs) return;
      this.#take(shared.ref);
      settle(shared, { kind: 'failed', error: this.#options.tooBusy(shared.ref) });
    }
  }

  *#waitingRefs(): Generator<SecretRef> {
    for (const { ref } of this.#waiting.values()) yield ref;
  }

  #take(ref: SecretRef): SharedRead | undefined {
    const id = idOf(ref);
    const shared = this.#waiting.get(id);
    this.#waiting.delete(id);
    return shared;
  }

  #start(group: readonly SharedRead[]): void {
    const abandon = new AbortController();
    const byId = new Map(group.map((shared) => [idOf(shared.ref), shared]));
    for (const shared of group) {
      shared.onDeserted = () => {
        if (group.every(({ waiters }) => waiters.size === 0)) abandon.abort();
      };
    }
    const tell = (ref: SecretRef, outcome: FetchOutcome) => {
      const shared = byId.get(idOf(ref));
      if (shared !== undefined) settle(shared, outcome);
    };
    void this.#options.fetch(
      group.map(({ ref }) => ref),
      tell,
      abandon.signal,
    );
  }
}

function settle(shared: SharedRead, outcome: FetchOutcome): void {
  const waiters = [...shared.waiters];
  shared.waiters.clear();
  for (const waiter of waiters) waiter.settle(outcome);
}

/** The kind of a version comes first: neither a stage nor an id has a space in it. */
function idOf({ key, version }: SecretRef): string {
  return version.kind === 'id' ? `id ${version.versionId} ${key}` : `stage ${version.stage} ${key}`;
}
