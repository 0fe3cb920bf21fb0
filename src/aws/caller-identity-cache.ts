/** Who AWS says we are: asked seldom, remembered as long as the source lives. */

import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../ports/clock.ts';
import type { KeyturnError } from '../ports/errors.ts';
import type { CallerIdentity } from '../ports/secret-source.ts';
import type { AwsCaller } from './aws-caller.ts';
import { AwsFault, faultOf } from './aws-fault.ts';
import { stablePrincipal } from './aws-text.ts';
import { textField } from './unchecked-field.ts';

export interface CallerIdentityCacheOptions {
  readonly client: STSClient;
  readonly caller: AwsCaller;
  readonly clock: Clock;
  readonly translate: (fault: AwsFault) => KeyturnError;
}

/** Stores are validated every few minutes, and many at once: one question answers them all. */
const FRESH_FOR_MS = 300_000;
/** The answer is shared, so no caller's abort ends the call. */
const NEVER = new AbortController().signal;

export class CallerIdentityCache {
  readonly #options: CallerIdentityCacheOptions;
  #known: CallerIdentity | undefined;
  #askedAtMs = 0;
  #question: Promise<CallerIdentity> | undefined;

  constructor(options: CallerIdentityCacheOptions) {
    this.#options = options;
  }

  /** The last answer, however old. */
  get known(): CallerIdentity | undefined {
    return this.#known;
  }

  /**
   * The identity, asked anew unless the last answer is fresh. An abort detaches only its own caller.
   * @throws KeyturnError
   */
  async ask(signal: AbortSignal): Promise<CallerIdentity> {
    signal.throwIfAborted();
    if (this.#known !== undefined && this.#options.clock.nowMs() - this.#askedAtMs < FRESH_FOR_MS) return this.#known;
    this.#question ??= this.#askAws().finally(() => {
      this.#question = undefined;
    });
    return unlessAborted(this.#question, signal);
  }

  async #askAws(): Promise<CallerIdentity> {
    const { client, caller, clock, translate } = this.#options;
    try {
      const command = new GetCallerIdentityCommand({});
      const reply: unknown = await caller.call((abortSignal) => client.send(command, { abortSignal }), NEVER);
      this.#known = readReply(reply);
      this.#askedAtMs = clock.nowMs();
      return this.#known;
    } catch (error) {
      throw translate(faultOf(error));
    }
  }
}

function readReply(reply: unknown): CallerIdentity {
  const account = textField(reply, 'Account');
  const arn = stablePrincipal(textField(reply, 'Arn'));
  if (!account || !arn) throw new AwsFault({ origin: 'reply', code: 'MalformedReply' });
  return { account, arn };
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
