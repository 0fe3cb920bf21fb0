/** One thread that renders: it serves one request at a time, until it is stopped or what it runs ends it. */

import { Worker } from 'node:worker_threads';
import { THREAD_ENTRY } from './thread-entry.ts';
import { isReply, READY, type RenderReply, type RenderRequest, type ThreadData } from './thread-messages.ts';

/** The thread is no more. `memory`: what it ran asked for more than there is; `fault`: the thread itself failed. */
export class ThreadEnded extends Error {
  override readonly name = 'ThreadEnded';
  readonly reason: 'memory' | 'fault' | 'stopped';

  constructor(reason: ThreadEnded['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface RenderThread {
  /** Settles when requests are served. @throws ThreadEnded */
  readonly ready: Promise<void>;
  readonly hasEnded: boolean;
  /** Which template of the request is being rendered, or was when the thread ended. */
  readonly templateIndex: number;
  /**
   * The request's buffer moves to the thread. Not to be called before the last request is answered.
   * @throws ThreadEnded
   */
  serve(request: RenderRequest): Promise<RenderReply>;
  /** Ends what is being served at once; settles when the thread is gone, which a long native call puts off. */
  stop(): Promise<void>;
}

/** Young objects take little: most of what a template makes is dead soon. */
const YOUNG_GENERATION_MB = 8;

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function startWorker(memoryMb: number, workerData: ThreadData): Worker {
  return new Worker(THREAD_ENTRY, {
    eval: typeof THREAD_ENTRY === 'string',
    name: 'renderer',
    workerData,
    // Nothing of the operator's own: neither its environment nor its flags.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}

/** @param memoryMb what the thread's heap may grow to, in MiB */
export function startRenderThread(memoryMb: number): RenderThread {
  const progress = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = startWorker(memoryMb, { progress });
  const ready = Promise.withResolvers<void>();
  let answer: PromiseWithResolvers<RenderReply> | undefined;
  let end: ThreadEnded | undefined;

  const endWith = (reason: ThreadEnded['reason'], detail: string): void => {
    end ??= new ThreadEnded(reason, detail);
    ready.reject(end);
    answer?.reject(end);
  };
  // Whoever uses the thread hears of its end there.
  ready.promise.catch(() => undefined);
  worker.on('message', (message: unknown) => {
    if (message === READY) ready.resolve();
    else if (isReply(message)) answer?.resolve(message);
  });
  worker.on('messageerror', () => endWith('fault', 'a message could not be read'));
  worker.on('error', (error: unknown) => {
    const code = codeOf(error);
    endWith(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'fault', code);
  });
  worker.on('exit', (exitCode) => endWith('fault', `exit code ${exitCode}`));

  return {
    ready: ready.promise,
    get hasEnded() {
      return end !== undefined;
    },
    get templateIndex() {
      return Atomics.load(progress, 0);
    },
    serve(request) {
      if (end !== undefined) return Promise.reject(end);
      answer = Promise.withResolvers();
      worker.postMessage(request, [request.packed.buffer]);
      return answer.promise;
    },
    async stop() {
      endWith('stopped', 'stopped');
      await worker.terminate();
    },
  };
}
