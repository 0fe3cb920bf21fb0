/**
 * What runs in the child: serves one request after the other, and ends with its parent.
 *
 * It reads and writes synchronously, without an event loop. So the parent knows which template is being rendered however
 * long that takes, and whoever outlives its parent is told by the pipe: reading ends, or writing fails, at the latest
 * with the next template.
 */

import { readSync, writeFileSync, writeSync } from 'node:fs';
import { type ChildMessage, childMessageBytes, requestIn } from './child-messages.ts';
import { FrameReader } from './frame.ts';
import { serveRequest } from './render-request.ts';

const STDIN = 0;
const STDOUT = 1;
const CHUNK_BYTES = 64 * 1024;

const readInto = Buffer.alloc(CHUNK_BYTES);

/** Undefined at the end of the pipe. */
function readChunk(): Buffer | undefined {
  const length = readSync(STDIN, readInto);
  return length === 0 ? undefined : Buffer.from(readInto.subarray(0, length));
}

/** @throws Error (EPIPE) when the parent is gone */
function say(said: ChildMessage): void {
  const bytes = childMessageBytes(said);
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(STDOUT, bytes, written);
}

/** Systems other than Linux have no such file, and some containers do not let it be written. */
function tryToWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch {
    // It is a second fence only.
  }
}

/**
 * Whoever ends the operator sends signals to all of its processes: what is in flight is finished first, and then the
 * parent ends this one. A template that takes all memory aborts the process, and a core dump would hold the values, so
 * it holds no memory (core(5)). Where the kernel must choose, this process goes and not the operator.
 */
function confine(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  tryToWrite('/proc/self/coredump_filter', '0');
  tryToWrite('/proc/self/oom_score_adj', '1000');
}

function serve(): void {
  const reader = new FrameReader();
  say({ kind: 'ready' });
  for (let chunk = readChunk(); chunk !== undefined; chunk = readChunk()) {
    for (const frame of reader.push(chunk)) {
      const request = requestIn(frame);
      if (request === undefined) throw new Error('the renderer asked what is no request');
      say(serveRequest(request, (index) => (index === 0 ? undefined : say({ kind: 'progress', index }))));
    }
  }
}

confine();
try {
  serve();
  process.exit(0);
} catch {
  // Nobody reads what could be said of it, and it might quote a value.
  process.exit(1);
}
