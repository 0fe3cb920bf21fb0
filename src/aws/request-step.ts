/** What happens around every request that a client of the SDK sends: it takes its turn, is counted, and is told of. */

import type { Clock } from '../ports/clock.ts';
import type { CallResult, Metrics } from '../ports/metrics.ts';
import { faultOf } from './aws-fault.ts';
import { isThrottle } from './errors.ts';
import type { Pace } from './pace.ts';

export interface RequestStepOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Resolves when a request may be sent. @default at once */
  readonly turn?: (operation: string) => Promise<void>;
  /** Told of what is sent and of what is throttled. @default nobody */
  readonly pace?: Pace;
}

/** For `middlewareStack.add`: inside the SDK's retry, so that each attempt counts, as AWS's quotas and bill count them. */
export const REQUEST_STEP = { step: 'deserialize', priority: 'high', name: 'keyturnRequest' } as const;

export function requestStep({ metrics, clock, turn = async () => {}, pace }: RequestStepOptions) {
  return <Args, Result>(next: (args: Args) => Promise<Result>, context: { readonly commandName?: string }) =>
    async (args: Args): Promise<Result> => {
      const operation = context.commandName?.replace(/Command$/, '') ?? 'unknown';
      await turn(operation);
      const startMs = clock.nowMs();
      let result: CallResult = 'error';
      pace?.sent();
      try {
        const answer = await next(args);
        result = 'success';
        return answer;
      } catch (error) {
        const fault = faultOf(error).during(operation);
        if (isThrottle(fault)) pace?.throttled(fault, startMs);
        throw error;
      } finally {
        metrics.awsCall(operation, result, clock.nowMs() - startMs);
      }
    };
}
