/** A replica that takes part in the shards as src/run-operator.ts has it, with work that only notes that it works. */

import { takePart } from '../../../src/loop/leader-election.ts';
import { ELECTION_TIMING } from '../../../src/loop/lease-claim.ts';
import { type Holding, ShardSharing } from '../../../src/loop/shard-sharing.ts';
import type { ShardLeases } from '../../../src/ports/lease.ts';
import { createRecordingLog } from '../recording-log.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import { CALM, callUnder, createFakeLease, type FakeLease, type Weather } from './fake-lease-store.ts';

/** All leases of a cluster, by name. */
export interface FakeLeases {
  named(name: string): FakeLease;
  /** Writes to leases that were no renewals. */
  readonly changesOfHands: number;
}

export function createFakeLeases(clock: VirtualClock): FakeLeases {
  const leases = new Map<string, FakeLease>();
  return {
    named(name) {
      const lease = leases.get(name) ?? createFakeLease(clock);
      leases.set(name, lease);
      return lease;
    },
    get changesOfHands() {
      let count = 0;
      for (const { writes } of leases.values()) {
        count += writes.filter(({ holder }, at) => holder !== writes[at - 1]?.holder).length;
      }
      return count;
    },
  };
}

export interface Replica {
  readonly identity: string;
  readonly shards: number;
  /** On which it works at this moment, in whatever way it came to it. */
  readonly working: ReadonlySet<number>;
  /** True from the moment on in which it was asked to end. */
  readonly isGone: boolean;
  weather: () => Weather;
  /** SIGTERM; resolves at the end of the process. */
  stop(): Promise<void>;
  /** SIGKILL: it gives nothing back. */
  kill(): void;
}

export interface ReplicaOptions {
  readonly identity: string;
  readonly shards: number;
  /** How long the work on a shard goes on after it was asked to end. @default 0 */
  readonly windUpMs?: number;
}

const NEVER_ANSWERED: Weather = { ...CALM, lost: 'request', timeoutMs: 1e12 };

function reach(clock: VirtualClock, cluster: FakeLeases, shards: number, weather: () => Weather): ShardLeases {
  const nameOf = (part: number | string) => `keyturn-${part}-of-${shards}`;
  const all = Array.from({ length: shards }, (_, shard) => cluster.named(nameOf(shard)));
  const call = cluster.named(nameOf('call'));
  return {
    shards: all.map((lease) => lease.reach(weather)),
    call: call.reach(weather),
    list: (signal) =>
      callUnder(clock, weather(), signal, () => ({ shards: all.map(({ stored }) => stored), call: call.stored })),
  };
}

export function startReplica(clock: VirtualClock, cluster: FakeLeases, options: ReplicaOptions): Replica {
  const { identity, shards, windUpMs = 0 } = options;
  const stop = new AbortController();
  const working = new Set<number>();
  const state = { isDead: false };
  const self: Replica = {
    identity,
    shards,
    working,
    get isGone() {
      return state.isDead || stop.signal.aborted;
    },
    weather: () => CALM,
    async stop() {
      stop.abort();
      await ended;
    },
    kill() {
      state.isDead = true;
      working.clear();
    },
  };
  const work: Holding = async (shard, give, lost) => {
    if (!state.isDead && !lost.aborted) working.add(shard);
    lost.addEventListener('abort', () => working.delete(shard));
    await new Promise<void>((resolve) => {
      const windUp = () => (windUpMs === 0 ? resolve() : clock.after(windUpMs, resolve));
      for (const [signal, end] of [[lost, resolve] as const, [give, windUp] as const]) {
        if (signal.aborted) end();
        else signal.addEventListener('abort', () => end(), { once: true });
      }
    });
    working.delete(shard);
  };
  const weather = () => (state.isDead ? NEVER_ANSWERED : self.weather());
  const us = { identity, timing: ELECTION_TIMING, clock, log: createRecordingLog() };
  const group = {
    ...us,
    identity: `${shards} shards`,
    isShared: true,
    leases: cluster.named('keyturn').reach(weather),
  };
  const leases = reach(clock, cluster, shards, weather);
  const sharing = new ShardSharing({ ...us, leases }, work);
  const ended = takePart(group, (lost) => sharing.run(stop.signal, lost), stop.signal);
  return self;
}
