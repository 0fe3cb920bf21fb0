/** Where rotation events arrive: a queue that keeps every message until it is acknowledged. */

/** How long a message that was received stays hidden from every other receiver. */
export const VISIBILITY_SECONDS = 30;

export interface QueueMessage {
  /** The same each time the message is delivered. */
  readonly id: string;
  /** Written by others. It may hold anything, and appears in no log and no error. */
  readonly body: string;
  /** How often the message has been delivered, this time included. */
  readonly receiveCount: number;
  /** For the other calls. Of several deliveries of one message the last one's counts. */
  readonly receipt: string;
}

/** Every call throws AccessDenied, InvalidCredentials, Throttled, SourceUnavailable or RequestRejected. */
export interface RotationQueue {
  /**
   * Waits for messages, but not forever: the result may be empty. It has at most ten messages, hidden for
   * {@link VISIBILITY_SECONDS}. What an abort cuts off appears again after that time.
   */
  receive(signal: AbortSignal): Promise<readonly QueueMessage[]>;

  /**
   * Hides messages for `seconds` from now on; 0 gives them to whoever receives next.
   * The result are the messages for which the queue did not do it.
   */
  extend(messages: readonly QueueMessage[], seconds: number, signal: AbortSignal): Promise<readonly QueueMessage[]>;

  /** Ends messages for good. The result are the messages for which the queue did not do it. */
  acknowledge(messages: readonly QueueMessage[], signal: AbortSignal): Promise<readonly QueueMessage[]>;
}
