/** One session for all who use an identity: asked for once, renewed before it ends, and used on while that fails. */

import type { Clock } from '../ports/clock.ts';
import type { CredentialsProvider } from './credentials.ts';

type SessionCredentials = Awaited<ReturnType<CredentialsProvider>>;

/** The SDK's clients ask anew five minutes before the end, and must get another one then. */
const RENEW_BEFORE_END_MS = 6 * 60_000;
/** A session that ends in this time may have ended when the request arrives. */
const LAST_USE_BEFORE_END_MS = 60_000;
/** After a renewal that failed. */
const ASK_AGAIN_MS = 10_000;

function leftMs({ expiration }: SessionCredentials, clock: Clock): number {
  return expiration === undefined ? Number.POSITIVE_INFINITY : expiration.getTime() - clock.nowMs();
}

/** @param ask gets a new session each time. It is asked once for all who wait for it. */
export function renewedCredentials(ask: CredentialsProvider, clock: Clock): CredentialsProvider {
  let known: SessionCredentials | undefined;
  let asking: Promise<SessionCredentials> | undefined;
  let notBeforeMs = 0;

  async function renew(): Promise<SessionCredentials> {
    try {
      known = await ask();
      return known;
    } catch (error) {
      notBeforeMs = clock.nowMs() + ASK_AGAIN_MS;
      throw error;
    } finally {
      asking = undefined;
    }
  }

  return async () => {
    const present = known;
    const left = present === undefined ? 0 : leftMs(present, clock);
    if (present !== undefined && left > RENEW_BEFORE_END_MS) return present;
    const isUsable = present !== undefined && left > LAST_USE_BEFORE_END_MS;
    if (isUsable && clock.nowMs() < notBeforeMs) return present;
    asking ??= renew();
    return isUsable ? await asking.catch(() => present) : await asking;
  };
}
