/** A view of what is listed and watched only once somebody needs it: until then it costs nothing and knows nothing. */

import type { WatchedView } from './watched-view.ts';

export interface DemandedView<T> extends WatchedView<T> {
  /** From now on it is listed and watched, for as long as it runs. */
  demand(): void;
  /** As of the view; a view that nobody needs has nothing to wait for. */
  whenSynced(signal: AbortSignal): Promise<void>;
}

export function createDemandedView<T>(watched: WatchedView<T>): DemandedView<T> {
  const demanded = Promise.withResolvers<void>();
  let isDemanded = false;
  return {
    view: watched.view,
    demand() {
      isDemanded = true;
      demanded.resolve();
    },
    async run(signal) {
      const stopped = Promise.withResolvers<void>();
      const stop = () => stopped.resolve();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      await Promise.race([demanded.promise, stopped.promise]);
      signal.removeEventListener('abort', stop);
      if (isDemanded) await watched.run(signal);
    },
    async whenSynced(signal) {
      if (isDemanded) await watched.whenSynced(signal);
    },
  };
}
