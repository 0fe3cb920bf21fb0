/** Which failures of AWS may pass without anybody's doing. */

import { SourceUnavailable, Throttled } from './errors.ts';

/** True when no usable answer came: nothing is known then of the secret, and asking again may be enough. */
export function sourceMayRecover(error: unknown): boolean {
  return error instanceof Throttled || error instanceof SourceUnavailable;
}
