/** The audit into a file, behind those who record: a bounded buffer, written out ten times a second. */

import type { AuditRecord } from '../ports/audit.ts';
import { type Clock, sleep } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { AppendedFile, codeOf } from './appended-file.ts';
import { auditLine, rfc3339 } from './audit-line.ts';
import type { AuditLog } from './audit-log.ts';

export interface AuditFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Of records that are not written yet, in characters.
   * @default 8 MiB, about eight thousand records
   */
  readonly mostHeld?: number;
}

const MOST_HELD = 8 * 1_048_576;
/**
 * How long records wait for others: a write costs more than all the rest of the audit. A process that is killed loses
 * what it recorded since the last one.
 */
const GATHER_MS = 100;
/** How long to wait before a file that takes nothing is tried again. */
const RETRY_MS = 1_000;
/** How long the end may take. */
const CLOSE_MS = 1_000;

export class AuditFile implements AuditLog {
  readonly #options: AuditFileOptions;
  readonly #file: AppendedFile;
  readonly #closing = new AbortController();
  /** Whole lines that wait, and their length. */
  #lines: string[] = [];
  #waiting = 0;
  /** What is under way: whole lines but for the first, of which the beginning may be written. */
  #chunk: Uint8Array = new Uint8Array();
  #writing: Promise<void> | undefined;
  #dropped = 0;
  /** Records that were given up, and of which no line tells yet. */
  #gap: { count: number; readonly sinceMs: number } | undefined;
  #isFailing = false;

  /** @throws Error when the file cannot be opened; its message says what to do */
  static async open(options: AuditFileOptions): Promise<AuditFile> {
    const { path, clock } = options;
    try {
      return new AuditFile(options, await AppendedFile.open(path, clock));
    } catch (cause) {
      throw new Error(`cannot open the audit log "${path}" (${codeOf(cause)}); name a file that can be appended to`, {
        cause,
      });
    }
  }

  private constructor(options: AuditFileOptions, file: AppendedFile) {
    this.#options = options;
    this.#file = file;
  }

  get dropped(): number {
    return this.#dropped;
  }

  record(entry: AuditRecord): void {
    const { clock, mostHeld = MOST_HELD } = this.#options;
    const line = auditLine(entry, clock.nowMs());
    const held = this.#waiting + this.#chunk.byteLength;
    if (this.#closing.signal.aborted || held + line.length > mostHeld) {
      this.#drop(1);
      return;
    }
    this.#tellGap();
    this.#hold(line);
    this.#writing ??= this.#writeOut();
  }

  /** Writes out what is held, for a second at most; what cannot be written then is lost. */
  async close(): Promise<void> {
    const { clock, log, path } = this.#options;
    this.#closing.abort();
    const enough = new AbortController();
    await Promise.race([this.#writing, sleep(clock, CLOSE_MS, enough.signal)]);
    enough.abort();
    const lost = this.#lines.length + lineEndsIn(this.#chunk);
    this.#drop(lost);
    if (lost > 0) log.error({ path, records: lost }, 'records of the audit were lost');
    // A write that hangs would hold up the end.
    if (this.#writing === undefined) await this.#file.close().catch(() => {});
  }

  #hold(line: string): void {
    this.#lines.push(line);
    this.#waiting += line.length;
  }

  /** In the place of what was given up, before what comes after it. */
  #tellGap(): void {
    if (this.#gap === undefined) return;
    const { count, sinceMs } = this.#gap;
    this.#gap = undefined;
    this.#hold(auditLine({ kind: 'dropped', count, since: rfc3339(sinceMs) }, this.#options.clock.nowMs()));
  }

  #drop(count: number): void {
    if (count === 0) return;
    this.#dropped += count;
    this.#gap ??= { count: 0, sinceMs: this.#options.clock.nowMs() };
    this.#gap.count += count;
  }

  async #writeOut(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    while (this.#chunk.byteLength > 0 || this.#lines.length > 0 || this.#gap !== undefined) {
      if (this.#chunk.byteLength === 0) {
        await sleep(clock, GATHER_MS, signal);
        this.#chunk = this.#takeLines();
      }
      if (await this.#writeSome()) continue;
      if (signal.aborted) break;
      await sleep(clock, RETRY_MS, signal);
    }
    // Nothing comes between the last look and this: no record is left lying.
    this.#writing = undefined;
  }

  async #writeSome(): Promise<boolean> {
    try {
      const { byteLength, isTorn } = await this.#file.append(this.#chunk);
      this.#chunk = this.#chunk.subarray(byteLength);
      if (isTorn) this.#drop(1);
      else this.#tellRecovery();
      return true;
    } catch (error) {
      this.#tellFailure(error);
      return false;
    }
  }

  #takeLines(): Uint8Array {
    this.#tellGap();
    const chunk = Buffer.from(this.#lines.join(''), 'utf8');
    this.#lines = [];
    this.#waiting = 0;
    return chunk;
  }

  #tellFailure(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { log, path } = this.#options;
    log.error(
      { path, code: codeOf(error) },
      'the audit log cannot be written; make room, or mend its directory. Records wait, and are given up when too many do',
    );
  }

  #tellRecovery(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    const { log, path } = this.#options;
    log.warn({ path, dropped: this.#dropped }, 'the audit log is written again');
  }
}

const LINE_END = 0x0a;

function lineEndsIn(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => count + (byte === LINE_END ? 1 : 0), 0);
}
