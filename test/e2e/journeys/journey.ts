/** One way through the cluster that a user goes; a failed expectation is a throw. */

import type { Figure } from '../report.ts';
import type { Stage } from '../stage.ts';

export interface Journey {
  /** A sentence. */
  readonly title: string;
  /** With Keyturn installed, and installed again when it ends. @returns what was seen, for the report */
  travel(stage: Stage): Promise<readonly Figure[]>;
}

/** @returns how long it took, in ms */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await act();
  return performance.now() - startedAtMs;
}
