/** The machine's own time. */

import type { Clock } from '../ports/clock.ts';

/** setTimeout takes at most a signed 32-bit number; a longer wait is cut, and who waits looks again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
