/** A controller for each shard that is held; keys of other shards are dropped, somebody else works on those. */

import { type Controller, type ControllerOptions, createController } from './controller.ts';
import type { AddOptions } from './work-queue.ts';

export interface ShardedControllerOptions extends ControllerOptions {
  readonly shardOf: (key: string) => number;
  /** Every key that there is. */
  readonly keys: () => Iterable<string>;
  readonly isThere: (key: string) => boolean;
  /** Called for each key that was worked on, when there is none any more or its shard is held no more. */
  readonly onForget: (key: string) => void;
}

interface Held {
  readonly controller: Controller;
  /** What has to be forgotten at the end. */
  readonly known: Set<string>;
}

export class ShardedController {
  readonly #options: ShardedControllerOptions;
  readonly #held = new Map<number, Held>();

  constructor(options: ShardedControllerOptions) {
    this.#options = options;
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#held.values().reduce((sum, { controller }) => sum + controller.depth, 0);
  }

  /** True when a key of high priority waits for a worker. */
  get isPressed(): boolean {
    return this.#held.values().some(({ controller }) => controller.isPressed);
  }

  add(key: string, addOptions?: AddOptions): void {
    const held = this.#held.get(this.#options.shardOf(key));
    held?.known.add(key);
    held?.controller.add(key, addOptions);
  }

  /**
   * Looks at every key of a shard, since nothing is known of what another holder did, and works on it until `stop` is
   * aborted and what runs then has ended, early at `cut`. Nothing of the shard is known afterwards.
   * @param beside what asks how far keys have come: told when each has been looked at for the first time, and nothing is
   * forgotten before it has ended
   */
  async run(
    shard: number,
    stop: AbortSignal,
    cut: AbortSignal,
    beside: (firstPass: Promise<void>) => Promise<void> = async () => {},
  ): Promise<void> {
    const { shardOf, keys, isThere, onForget } = this.#options;
    const known = new Set<string>();
    const firstPass = Promise.withResolvers<void>();
    const onOutcome: ControllerOptions['onOutcome'] = (key, ...result) => {
      this.#options.onOutcome(key, ...result);
      if (controller.depth === 0) firstPass.resolve();
      if (isThere(key)) return;
      known.delete(key);
      onForget(key);
    };
    const controller = createController({ ...this.#options, onOutcome });
    this.#held.set(shard, { controller, known });
    for (const key of keys()) if (shardOf(key) === shard) this.add(key, { priority: 'low' });
    if (controller.depth === 0) firstPass.resolve();
    const ended = beside(firstPass.promise);
    await controller.run(stop, cut);
    firstPass.resolve();
    this.#held.delete(shard);
    controller.close();
    await ended;
    for (const key of known) onForget(key);
  }
}
