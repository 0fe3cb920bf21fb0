/** What happens around every request that a client of the SDK sends: it takes its turn and is counted. */

import type { Clock } from '../ports/clock.ts';
import type { CallResult, Metrics } from '../ports/metrics.ts';

export interface RequestStepOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Resolves when a request may be sent. @default at once */
  readonly turn?: (operation: string) => Promise<void>;
}

/** For `middlewareStack.add`: inside the SDK's retry, so that each attempt counts, as AWS's quotas and bill count them. */
export const REQUEST_STEP = { step: 'deserialize', priority: 'high', name: 'keyturnRequest' } as const;

export function requestStep({ metrics, clock, turn = async () => {} }: RequestStepOptions) {
  return <Args, Result>(next: (args: Args) => Promise<Result>, context: { readonly commandName?: string }) =>
    async (args: Args): Promise<Result> => {
      const operation = context.commandName?.replace(/Command$/, '') ?? 'unknown';
      await turn(operation);
      const startMs = clock.nowMs();
      let result: CallResult = 'error';
      try {
        const answer = await next(args);
        result = 'success';
        return answer;
      } finally {
        metrics.awsCall(operation, result, clock.nowMs() - startMs);
      }
    };
}
