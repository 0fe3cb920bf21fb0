/** What the parts of the language need of each other, so that each can be a file of its own. */

import type { Effort } from './effort.ts';
import type { Result } from './result.ts';

export interface Search {
  readonly effort: Effort;
  /** What the path finds in the text. @throws GjsonLimitExceeded */
  readonly get: (json: string, path: string) => Result;
}
