/** A file that lines are appended to, and that others may rotate: when its name stands for another file, that one is used. */

import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Clock } from '../ports/clock.ts';

/** Read is the last byte alone. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
const OWNER_ONLY = 0o600;
/** How long lines may still go into a file that was renamed. */
const LOOK_EVERY_MS = 1_000;
const LINE_END = 0x0a;

interface Opened {
  readonly handle: FileHandle;
  /** Which file it is, whatever its name. */
  readonly id: string;
  /** True when whoever wrote before did not finish the last line. */
  readonly endsInLine: boolean;
}

export interface Appended {
  /** Bytes of what was given that are done with. */
  readonly byteLength: number;
  /** True when they are the rest of a line whose beginning is in another file now: they were given up. */
  readonly isTorn: boolean;
}

async function openFile(path: string): Promise<Opened> {
  const handle = await open(path, FLAGS, OWNER_ONLY);
  try {
    const { dev, ino, size } = await handle.stat({ bigint: true });
    return { handle, id: `${dev} ${ino}`, endsInLine: size > 0n && (await lastByte(handle, size)) !== LINE_END };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function lastByte(handle: FileHandle, size: bigint): Promise<number | undefined> {
  const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1n });
  return buffer[0];
}

/** Undefined for none. */
async function fileNamed(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What Node calls an error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}

export class AppendedFile {
  readonly #path: string;
  readonly #clock: Clock;
  #file: Opened;
  #lookedAtMs: number;
  /** The last line of the file is nobody's to go on with. */
  #owesLineEnd: boolean;
  /** What was appended last is the beginning of a line. */
  #isInLine = false;
  /** The beginning of that line is in a file that was rotated meanwhile. */
  #isTorn = false;

  /** @throws Error of Node when it cannot be opened */
  static async open(path: string, clock: Clock): Promise<AppendedFile> {
    return new AppendedFile(path, clock, await openFile(path));
  }

  private constructor(path: string, clock: Clock, file: Opened) {
    this.#path = path;
    this.#clock = clock;
    this.#file = file;
    this.#owesLineEnd = file.endsInLine;
    this.#lookedAtMs = clock.nowMs();
  }

  /**
   * Appends as much of whole lines as one write takes. What is left is to be given again, before anything else.
   * @throws Error of Node when nothing can be written now
   */
  async append(lines: Uint8Array): Promise<Appended> {
    await this.#followName();
    if (this.#isTorn) {
      this.#isTorn = false;
      return { byteLength: lines.indexOf(LINE_END) + 1, isTorn: true };
    }
    if (this.#owesLineEnd) {
      await this.#file.handle.write('\n');
      this.#owesLineEnd = false;
    }
    const { bytesWritten } = await this.#file.handle.write(lines);
    if (bytesWritten > 0) this.#isInLine = lines[bytesWritten - 1] !== LINE_END;
    return { byteLength: bytesWritten, isTorn: false };
  }

  async close(): Promise<void> {
    await this.#file.handle.close();
  }

  async #followName(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return;
    if ((await fileNamed(this.#path)) !== this.#file.id) {
      const before = this.#file;
      this.#file = await openFile(this.#path);
      this.#owesLineEnd = this.#file.endsInLine;
      this.#isTorn = this.#isInLine;
      this.#isInLine = false;
      await before.handle.close();
    }
    this.#lookedAtMs = nowMs;
  }
}
