/** The log: pino, one JSON object a line. */

import { destination, type LoggerOptions, pino, stdTimeFunctions } from 'pino';
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

const FILE_DESCRIPTORS = { stdout: 1, stderr: 2 };

export function createLogger(level: LogLevel, stream: keyof typeof FILE_DESCRIPTORS = 'stdout'): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: redact },
  };
  // Written as it comes, so that a line of before a crash is not lost, and none overtakes another at the exit.
  const logger = pino(options, destination({ dest: FILE_DESCRIPTORS[stream], sync: true }));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    flush: () => logger.flush(),
  };
}
