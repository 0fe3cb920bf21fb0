/** The audit as it is kept: to stdout or a file, where the settings say. */

import type { Audit, AuditDestination } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { AuditFile } from './audit-file.ts';
import { createAuditStream } from './audit-stream.ts';

export interface AuditLog extends Audit {
  /** Records that could not be kept, since the start. */
  readonly dropped: number;
  /** Writes out what is held. What is recorded later is lost. */
  close(): Promise<void>;
}

/** @throws Error when the file cannot be opened; its message says what to do */
export async function openAuditLog(destination: AuditDestination, clock: Clock, log: Log): Promise<AuditLog> {
  if (destination.kind === 'stdout') return createAuditStream(clock);
  return await AuditFile.open({ path: destination.path, clock, log });
}
