/** A log that keeps what is said to it. */

import type { Log, LogFields, LogLevel } from '../../src/ports/log.ts';

export interface RecordedLine {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly message: string;
}

export interface RecordingLog extends Log {
  readonly lines: readonly RecordedLine[];
}

export function createRecordingLog(): RecordingLog {
  const lines: RecordedLine[] = [];
  const at = (level: LogLevel) => (fields: LogFields, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
