/** The log: pino, one JSON object a line on stdout. */

import { pino, stdTimeFunctions } from 'pino';
import type { Log, LogLevel } from '../ports/log.ts';
import { SecretValue } from '../ports/secret-value.ts';

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
  const logger = pino({
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: redact },
  });
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    flush: () => logger.flush(),
  };
}
