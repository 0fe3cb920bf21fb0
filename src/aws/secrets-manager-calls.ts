/** Calls Secrets Manager for one identity: each call in its turn, each request recorded for the audit where there is one. */

import type {
  $Command,
  SecretsManagerClient,
  SecretsManagerClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-secrets-manager';
import type { Audit, RequestCause } from '../ports/audit.ts';
import type { SourceReader } from '../ports/secret-source.ts';
import type { AwsCaller } from './aws-caller.ts';
import { faultOf } from './aws-fault.ts';
import { answeredRequest, failedRequest } from './request-record.ts';

/** For what a call is made, and how it ends early. */
export interface Errand {
  readonly cause: RequestCause;
  readonly abandon: AbortSignal;
}

export interface SecretsManagerCallsOptions {
  readonly client: SecretsManagerClient;
  readonly caller: AwsCaller;
  /** @default nothing is recorded */
  readonly audit: Audit | undefined;
  readonly reader: () => SourceReader;
}

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  SecretsManagerClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

/** Inside the SDK's retry: each attempt is a request of its own at AWS, with an id of its own. */
const RECORDING_STEP = { step: 'deserialize', priority: 'high', name: 'keyturnAudit' } as const;

export class SecretsManagerCalls {
  readonly #options: SecretsManagerCallsOptions;

  constructor(options: SecretsManagerCallsOptions) {
    this.#options = options;
  }

  /**
   * What AWS answers, as it came.
   * @param operation such as `GetSecretValue`
   * @throws AwsFault
   */
  async ask<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    operation: string,
    command: Command<Input, Output>,
    { cause, abandon }: Errand,
  ): Promise<unknown> {
    const { client, caller, audit } = this.#options;
    if (audit !== undefined) this.#record(audit, operation, command, cause);
    try {
      return await caller.call((abortSignal) => client.send(command, { abortSignal }), abandon);
    } catch (error) {
      throw faultOf(error).during(operation);
    }
  }

  #record<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    audit: Audit,
    operation: string,
    { middlewareStack }: Command<Input, Output>,
    cause: RequestCause,
  ): void {
    const { reader } = this.#options;
    const step = (input: unknown) => ({ cause, identity: reader(), operation, input });
    middlewareStack.add(
      (next) => async (args) =>
        await next(args).then(
          (answer) => {
            audit.record(answeredRequest(step(args.input), answer.output));
            return answer;
          },
          (error: unknown) => {
            audit.record(failedRequest(step(args.input), faultOf(error)));
            throw error;
          },
        ),
      RECORDING_STEP,
    );
  }
}
