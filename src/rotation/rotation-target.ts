/** Who acts on rotation events, as the event consumer sees them. */

import type { RotationEvent } from './rotation-event.ts';

export interface RotationTarget {
  /**
   * Takes in what happened and sees to it that the users that it concerns look at AWS. Called again for the same event
   * when its message is delivered again, and for events in any order.
   * @returns the users (keys of ExternalSecrets) that are concerned; none when nobody uses the secret
   */
  announce(event: RotationEvent): readonly string[];

  /**
   * True once nothing is left to do for the event at `user`: its Secret is written from the version that the event names
   * or a newer one, or from a look at AWS that began after the announcement, or there is nothing to write (any more).
   * It must become true also for an event that others have overtaken.
   */
  isHandled(user: string, event: RotationEvent): boolean;

  /** Calls `listener` whenever something has changed at a user for which the answer may be another now; the result ends it. */
  onProgress(listener: (user: string) => void): () => void;
}
