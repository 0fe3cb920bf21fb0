/** A child without a process, for what depends on time: a test says when it is ready, answers and ends. */

import type { RenderReply, RenderRequest } from '../../../src/rendering/child-messages.ts';
import { ChildEnded, type RenderChild } from '../../../src/rendering/render-child.ts';

export class FakeChild implements RenderChild {
  readonly pid = undefined;
  readonly #ready = Promise.withResolvers<void>();
  #answer: PromiseWithResolvers<RenderReply> | undefined;
  readonly ready = this.#ready.promise;
  readonly served: RenderRequest[] = [];
  templateIndex = 0;
  isTransferring = false;
  hasEnded = false;

  readonly #isStuck: boolean;

  /** @param isStuck it stays in the kernel when it is killed */
  constructor({ isStuck = false }: { readonly isStuck?: boolean } = {}) {
    this.#isStuck = isStuck;
    this.ready.catch(() => undefined);
  }

  static started(): FakeChild {
    const child = new FakeChild();
    child.start();
    return child;
  }

  start(): void {
    this.#ready.resolve();
  }

  serve(request: RenderRequest): Promise<RenderReply> {
    this.served.push(request);
    this.#answer = Promise.withResolvers();
    return this.#answer.promise;
  }

  /** What was asked last gives this, for each of its templates. */
  answer(text = ''): void {
    const { templates } = this.served.at(-1) ?? { templates: [] };
    this.isTransferring = false;
    this.#answer?.resolve({
      kind: 'rendered',
      results: templates.map(() => ({})),
      parts: templates.map(() => Buffer.from(text)),
    });
  }

  end(reason: ChildEnded['reason'], message: string): void {
    this.hasEnded = true;
    const ended = new ChildEnded(reason, message);
    this.#ready.reject(ended);
    this.#answer?.reject(ended);
  }

  async stop(why: string): Promise<void> {
    this.end('stopped', why);
    if (this.#isStuck) await Promise.withResolvers<void>().promise;
  }
}
