/** One process that renders: it serves one request at a time, until it is stopped or what it runs ends it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { CHILD_ENTRY } from './child-entry.ts';
import {
  type ChildMessage,
  childMessageIn,
  type RenderReply,
  type RenderRequest,
  requestBytes,
} from './child-messages.ts';
import { FrameReader } from './frame.ts';

/** The child is no more. `memory`: what it ran asked for more than there is; `fault`: the process itself failed. */
export class ChildEnded extends Error {
  override readonly name = 'ChildEnded';
  readonly reason: 'memory' | 'fault' | 'stopped';

  constructor(reason: ChildEnded['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface RenderChild {
  /** Undefined when there is no process. */
  readonly pid: number | undefined;
  /** Settles when requests are served. @throws ChildEnded */
  readonly ready: Promise<void>;
  readonly hasEnded: boolean;
  /** Which template of the request is being rendered, or was when the child ended. */
  readonly templateIndex: number;
  /** A part of the request or of the answer is in the pipe: its rest does not take long. */
  readonly isTransferring: boolean;
  /**
   * Not to be called before the last request is answered.
   * @throws ChildEnded
   */
  serve(request: RenderRequest): Promise<RenderReply>;
  /** Ends what is being served at once, with `why`; settles when the process is gone. */
  stop(why: string): Promise<void>;
}

export interface RenderChildOptions {
  /** What its heap may grow to, in MiB. */
  readonly memoryMb: number;
  /** @default `CHILD_ENTRY` */
  readonly entry?: string;
}

/**
 * A small young generation: most of what a template makes is dead soon. Without V8's threads a template has one core at
 * most, and the process 4 MiB less.
 */
function nodeFlags(memoryMb: number): readonly string[] {
  return [`--max-old-space-size=${memoryMb}`, '--max-semi-space-size=2', '--single-threaded'];
}

/**
 * It is given nothing of the operator's: no environment (with credentials and Node's options), no directory, no output.
 * It leads a process group of its own, so a terminal's or a script's signal to the operator's group does not reach it.
 */
function startProcess({ memoryMb, entry = CHILD_ENTRY }: RenderChildOptions): ChildProcess {
  return spawn(process.execPath, [...nodeFlags(memoryMb), entry], {
    env: {},
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** V8 aborts at its heap's limit. */
function endOf(code: number | null, signal: NodeJS.Signals | null): ChildEnded {
  if (signal === 'SIGABRT') return new ChildEnded('memory', signal);
  return new ChildEnded('fault', signal ?? `exit code ${code}`);
}

class RunningChild implements RenderChild {
  readonly #process: ChildProcess;
  readonly #reader = new FrameReader();
  readonly #ready = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  /** How many templates the answer is for. The request itself is not kept: it holds values. */
  #asked: number | undefined;
  #answer: PromiseWithResolvers<RenderReply> | undefined;
  #end: ChildEnded | undefined;
  #templateIndex = 0;

  constructor(child: ChildProcess) {
    this.#process = child;
    // Whoever uses the child hears of its end there.
    this.#ready.promise.catch(() => undefined);
    child.on('error', (error) => {
      this.#endWith(new ChildEnded('fault', codeOf(error)));
      if (child.pid === undefined) this.#gone.resolve();
    });
    // After all that it has said, however it ended.
    child.on('close', (code, signal) => {
      this.#endWith(endOf(code, signal));
      this.#gone.resolve();
    });
    // A pipe that breaks does so with the process, whose end says more.
    child.stdin?.on('error', () => undefined);
    child.stdout?.on('error', () => undefined);
    child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get templateIndex(): number {
    return this.#templateIndex;
  }

  get isTransferring(): boolean {
    return this.#reader.isWithin || (this.#process.stdin?.writableLength ?? 0) > 0;
  }

  serve(request: RenderRequest): Promise<RenderReply> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const answer = Promise.withResolvers<RenderReply>();
    this.#answer = answer;
    this.#asked = request.templates.length;
    this.#templateIndex = 0;
    this.#process.stdin?.write(requestBytes(request));
    return answer.promise;
  }

  async stop(why: string): Promise<void> {
    this.#endWith(new ChildEnded('stopped', why));
    await this.#gone.promise;
  }

  #endWith(end: ChildEnded): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#ready.reject(end);
    this.#answer?.reject(end);
    this.#process.kill('SIGKILL');
  }

  /** Never throws: nothing that a child says may end the operator. */
  #take(chunk: Buffer): void {
    if (this.#end !== undefined) return;
    try {
      for (const frame of this.#reader.push(chunk)) this.#hear(childMessageIn(frame));
    } catch {
      this.#hear(undefined);
    }
  }

  #hear(message: ChildMessage | undefined): void {
    switch (message?.kind) {
      case 'ready':
        this.#ready.resolve();
        return;
      case 'progress':
        this.#templateIndex = message.index;
        return;
      case 'rendered':
      case 'failed':
        this.#answerWith(message);
        return;
      default:
        this.#endWith(new ChildEnded('fault', 'what it said is no answer'));
    }
  }

  #answerWith(reply: RenderReply): void {
    const [answer, asked] = [this.#answer, this.#asked];
    if (asked === undefined || (reply.kind === 'rendered' && reply.results.length !== asked)) {
      this.#endWith(new ChildEnded('fault', 'its answer is not for what was asked'));
      return;
    }
    this.#asked = undefined;
    this.#answer = undefined;
    answer?.resolve(reply);
  }
}

/** There is no process: the system refused it. */
function endedChild(end: ChildEnded): RenderChild {
  const ready = Promise.reject(end);
  ready.catch(() => undefined);
  return {
    pid: undefined,
    ready,
    hasEnded: true,
    templateIndex: 0,
    isTransferring: false,
    serve: () => Promise.reject(end),
    stop: () => Promise.resolve(),
  };
}

export function startRenderChild(options: RenderChildOptions): RenderChild {
  try {
    return new RunningChild(startProcess(options));
  } catch (error) {
    return endedChild(new ChildEnded('fault', codeOf(error)));
  }
}
