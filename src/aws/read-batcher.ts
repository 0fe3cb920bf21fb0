/** Collects the reads that arrive together, so that they share calls; each caller gets its own answer. */

import type { Clock } from '../ports/clock.ts';
import type { KeyturnError } from '../ports/errors.ts';
import type { SecretReading, SecretRef } from '../ports/secret-source.ts';
import { HandOuts } from './hand-outs.ts';
import type { FetchOutcome, TellOutcome } from './secret-fetcher.ts';

export interface ReadBatcherOptions {
  readonly clock: Clock;
  /** The error of a read that waited too long for a free slot. */
  readonly tooBusy: (ref: SecretRef) => KeyturnError;
  readonly hasFreeSlot: () => boolean;
  /** Reads that fit into one call just now. */
  readonly batchSize: () => number;
  /**
   * How long a call for several reads would have to wait for its turn: reads gather meanwhile, instead of waiting in a
   * group that is closed already. 0 when it need not wait.
   */
  readonly batchWaitMs: () => number;
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
/**
 * How long a read waits for a full batch when it came while calls were under way: then many are working, and more reads
 * are about to come. A batch that is full waits no longer.
 */
const GATHER_MS = 50;
/** How long a read waits for a free slot. All slots are busy so long only when AWS does not answer. */
const LONGEST_WAIT_MS = 5_000;

/** Answers held at the same time: with AWS's 64 KiB a value, a bound on the memory too. */
const MOST_HELD = 64;

interface Waiter {
  settle(outcome: FetchOutcome): void;
}

/** All the reads of one ref that go out together. */
interface SharedRead {
  readonly ref: SecretRef;
  readonly waiters: Set<Waiter>;
  readonly sinceMs: number;
  /** Whether calls were under way when it came. */
  readonly isOneOfMany: boolean;
  /** Told when the last waiter has left. */
  onDeserted: () => void;
}

export class ReadBatcher {
  readonly #options: ReadBatcherOptions;
  /** By what identifies a ref, oldest first. A read joins one that waits, never one that is under way. */
  readonly #waiting = new Map<string, SharedRead>();
  /** By what identifies a ref: reads of it are expected, and share one call even after it has begun. */
  readonly #handOuts: HandOuts<SharedRead, SecretReading>;
  #callsUnderWay = 0;
  #closed = false;
  #cancelCollecting: (() => void) | undefined;
  #cancelExpiry: (() => void) | undefined;

  constructor(options: ReadBatcherOptions) {
    this.#options = options;
    this.#handOuts = new HandOuts({ clock: options.clock, mostHeld: MOST_HELD });
  }

  /**
   * The value of a ref. An abort detaches this caller with the signal's reason; a call that nobody waits for is ended.
   * @throws KeyturnError
   */
  read(ref: SecretRef, signal: AbortSignal): Promise<SecretReading> {
    signal.throwIfAborted();
    const handOut = this.#handOuts.take(idOf(ref));
    if (handOut?.answer !== undefined) return Promise.resolve(handOut.answer);
    const result = Promise.withResolvers<SecretReading>();
    const shared = handOut?.call ?? this.#join(ref);
    if (handOut !== undefined) handOut.call = shared;
    const leave = () => {
      shared.waiters.delete(waiter);
      if (shared.waiters.size === 0) {
        shared.onDeserted();
        this.#handOuts.desert(idOf(ref), shared);
      }
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

  /** The next `count` reads of a ref share one call, which begins with the first of them. */
  expect(ref: SecretRef, count: number): void {
    this.#handOuts.expect(idOf(ref), count);
  }

  /** A slot is free: what has been waiting for one has been collected long enough. */
  onSlotFree(): void {
    if (this.#cancelCollecting === undefined) this.#send();
  }

  /** Sends what waits, to be refused by the closed caller, and stops the timers. */
  close(): void {
    this.#closed = true;
    this.#cancelCollecting?.();
    this.#cancelCollecting = undefined;
    this.#send();
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    this.#handOuts.clear();
  }

  #join(ref: SecretRef): SharedRead {
    const id = idOf(ref);
    const present = this.#waiting.get(id);
    if (present !== undefined) return present;
    const { clock } = this.#options;
    const onDeserted = () => this.#waiting.delete(id);
    const isOneOfMany = this.#callsUnderWay > 0;
    const shared: SharedRead = { ref, waiters: new Set(), sinceMs: clock.nowMs(), isOneOfMany, onDeserted };
    this.#waiting.set(id, shared);
    if (this.#waiting.size === this.#options.batchSize()) this.#hurry();
    this.#collectFor(COLLECT_MS);
    return shared;
  }

  #collectFor(ms: number): void {
    this.#cancelCollecting ??= this.#options.clock.after(ms, () => {
      this.#cancelCollecting = undefined;
      this.#send();
    });
  }

  /** Sends in the next turn what waits now. */
  #hurry(): void {
    this.#cancelCollecting?.();
    this.#cancelCollecting = undefined;
    this.#collectFor(0);
  }

  #send(): void {
    while (this.#waiting.size > 0 && this.#options.hasFreeSlot()) {
      const gatherMs = this.#gatherMs();
      if (gatherMs > 0) {
        this.#collectFor(gatherMs);
        break;
      }
      const group = this.#options.nextGroup(this.#waitingRefs());
      this.#start(group.map((ref) => this.#take(ref)).filter((shared) => shared !== undefined));
    }
    this.#armExpiry();
  }

  /** How long what waits may still gather more before it is sent. */
  #gatherMs(): number {
    const { batchSize, batchWaitMs, clock } = this.#options;
    const most = batchSize();
    if (this.#closed || most === 1) return 0;
    const turnMs = this.#waiting.size > 1 ? batchWaitMs() : 0;
    const [oldest] = this.#waiting.values();
    if (turnMs > 0 || this.#waiting.size >= most || oldest?.isOneOfMany !== true) return turnMs;
    return oldest.sinceMs + GATHER_MS - clock.nowMs();
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
      if (shared === undefined) return;
      this.#handOuts.hold(idOf(ref), shared, outcome.kind === 'read' ? outcome.reading : undefined);
      settle(shared, outcome);
    };
    const refs = group.map(({ ref }) => ref);
    this.#callsUnderWay += 1;
    void this.#options.fetch(refs, tell, abandon.signal).then(() => {
      this.#callsUnderWay -= 1;
    });
  }
}

function settle(shared: SharedRead, outcome: FetchOutcome): void {
  const waiters = [...shared.waiters];
  shared.waiters.clear();
  for (const waiter of waiters) waiter.settle(outcome);
}

/** The kind of a version comes first: neither a stage nor an id has a space in it. */
function idOf({ key, version }: SecretRef): string {
  switch (version.kind) {
    case 'stage':
      return `stage ${version.stage} ${key}`;
    case 'id':
      return `id ${version.versionId} ${key}`;
    case 'tags':
      return `tags ${key}`;
  }
}
