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

/**
 * How long an answer is held for reads that were said to come. They come as fast as their Secrets are written; what is
 * not fetched by then is forgotten and read anew.
 */
const HOLD_MS = 10_000;
/** Answers held at the same time: with AWS's 64 KiB a value, a bound on the memory too. */
const MOST_HELD = 64;

/** One call for several reads that do not wait at the same time. */
interface HandOut {
  /** Reads that have still to come. */
  remaining: number;
  /** The call that is under way for them. */
  shared: SharedRead | undefined;
  outcome: FetchOutcome | undefined;
  cancelExpiry: () => void;
}

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
  readonly #handOuts = new Map<string, HandOut>();
  #callsUnderWay = 0;
  #closed = false;
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
    const handOut = this.#takeShare(idOf(ref));
    if (handOut?.outcome?.kind === 'read') return Promise.resolve(handOut.outcome.reading);
    const result = Promise.withResolvers<SecretReading>();
    const shared = handOut?.shared ?? this.#join(ref);
    if (handOut !== undefined) handOut.shared = shared;
    const leave = () => {
      shared.waiters.delete(waiter);
      if (shared.waiters.size === 0) {
        shared.onDeserted();
        this.#desert(shared);
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
    const id = idOf(ref);
    this.#handOuts.get(id)?.cancelExpiry();
    this.#handOuts.delete(id);
    if (count < 2 || this.#handOuts.size >= MOST_HELD) return;
    const forget = () => {
      if (this.#handOuts.get(id) === handOut) this.#handOuts.delete(id);
    };
    const cancelExpiry = this.#options.clock.after(HOLD_MS, forget);
    const handOut: HandOut = { remaining: count, shared: undefined, outcome: undefined, cancelExpiry };
    this.#handOuts.set(id, handOut);
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
    for (const { cancelExpiry } of this.#handOuts.values()) cancelExpiry();
    this.#handOuts.clear();
  }

  /** One read's share of what is handed out; the last share ends the handing out. */
  #takeShare(id: string): HandOut | undefined {
    const handOut = this.#handOuts.get(id);
    if (handOut === undefined) return undefined;
    handOut.remaining -= 1;
    if (handOut.remaining === 0) {
      handOut.cancelExpiry();
      this.#handOuts.delete(id);
    }
    return handOut;
  }

  /** A call that was given up can be joined no more. */
  #desert(shared: SharedRead): void {
    const handOut = this.#handOuts.get(idOf(shared.ref));
    if (handOut?.shared === shared) handOut.shared = undefined;
  }

  /** Keeps an answer for the reads that have still to come. A failure is nobody's but those who waited for it. */
  #hold(shared: SharedRead, outcome: FetchOutcome): void {
    const handOut = this.#handOuts.get(idOf(shared.ref));
    if (handOut?.shared !== shared) return;
    handOut.shared = undefined;
    if (outcome.kind === 'read') handOut.outcome = outcome;
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
      this.#hold(shared, outcome);
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
