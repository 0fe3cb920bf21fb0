/** The audit on stdout, beside the log and in the same way: a line goes out as it is recorded, and whole. */

import { pino } from 'pino';
import type { Clock } from '../ports/clock.ts';
import { auditLine } from './audit-line.ts';
import type { AuditLog } from './audit-log.ts';

const STDOUT = 1;
/** Of lines that nobody takes. */
const MOST_HELD = 8 * 1_048_576;

export function createAuditStream(clock: Clock): AuditLog {
  const stdout = pino.destination({ dest: STDOUT, sync: true, maxLength: MOST_HELD });
  let dropped = 0;
  stdout.on('drop', () => {
    dropped += 1;
  });
  // The log has nowhere else to go to either: nobody could be told.
  stdout.on('error', () => {});
  return {
    record: (entry) => void stdout.write(auditLine(entry, clock.nowMs())),
    get dropped() {
      return dropped;
    },
    async close() {
      stdout.flushSync();
    },
  };
}
