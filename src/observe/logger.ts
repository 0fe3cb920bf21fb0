/** The log: pino, one JSON object a line on stdout. */

import { destination, pino, stdTimeFunctions } from 'pino';
import type { Log, LogLevel } from '../ports/log.ts';
import { SecretValue } from '../ports/secret-value.ts';

/** Lines are written together, as one write a line costs more than the line; at most this late. */
const FLUSH_EVERY_MS = 100;
const BUFFER_BYTES = 4096;

export interface Logger extends Log {
  /** Writes out what is buffered. */
  flush(): void;
}

/** A second fence: the types let no value in, and one that came in all the same is not printed. */
function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof SecretValue ? '[redacted]' : value]),
  );
}

export function createLogger(level: LogLevel): Logger {
  const stdout = destination({ fd: 1, sync: true, minLength: BUFFER_BYTES, periodicFlush: FLUSH_EVERY_MS });
  process.once('exit', () => stdout.flushSync());
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: redact },
  };
  const logger = pino(options, stdout);
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    flush: () => stdout.flushSync(),
  };
}
