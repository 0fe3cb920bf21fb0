/** One leader at a time, by a lease; or one group at a time, whose members hold the lease together. */

import { sleep } from '../ports/clock.ts';
import { attempt, type ClaimOptions, giveBack, type Leading, LeaseClaim, workUnder } from './lease-claim.ts';

export type ElectionOptions = Omit<ClaimOptions, 'what'>;

const WORDS = {
  alone: { what: 'the leader lease', won: 'leading', lost: 'no longer leading' },
  shared: { what: 'the lease of all shards', won: 'taking part in the shards', lost: 'no longer taking part' },
} as const;

/** Looks at the lease until it is ours; undefined when it was `stop` that ended this. */
async function win(options: ClaimOptions, stop: AbortSignal): Promise<LeaseClaim | undefined> {
  const { clock, timing, log, what } = options;
  const claim = new LeaseClaim(options);
  while (!stop.aborted) {
    const isOurs = await attempt(`take ${what}`, (signal) => claim.tryAcquire(signal), stop, log);
    if (stop.aborted) break;
    // The answer may have been longer on its way than we may lead.
    if (isOurs && claim.remainingMs > 0) return claim;
    if (!isOurs) await sleep(clock, timing.lookEveryMs, stop);
  }
  return undefined;
}

/**
 * Takes part in the election until `stop`: runs `work` whenever we lead, and gives the lease back at the end.
 * The lease is kept while `work` winds up after `stop`. A lease that is held together is not given back, since nobody
 * can say that none of the others works: it runs out after the last of them.
 */
export async function takePart(options: ElectionOptions, work: Leading, stop: AbortSignal): Promise<void> {
  const { log, identity, isShared = false } = options;
  const words = isShared ? WORDS.shared : WORDS.alone;
  const claimed: ClaimOptions = { ...options, what: words.what };
  for (;;) {
    const claim = await win(claimed, stop);
    if (claim === undefined) return;
    log.info({ identity }, words.won);
    if (!(await workUnder(claim, claimed, work))) log.warn({ identity }, words.lost);
    else if (!isShared) await giveBack(claim, claimed);
  }
}
