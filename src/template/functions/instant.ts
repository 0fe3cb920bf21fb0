/** A moment in a time zone: what Go's `time.Time` holds. Its methods are added where they are needed. */

import type { GoValue } from '../value.ts';
import type { JsonText } from './json-text.ts';

export interface Zone {
  /** As `LoadLocation` knows it, or as a parsed time brings its own. */
  readonly name: string;
  /** @returns seconds east of UTC, and the abbreviation in use, at that second of Unix time */
  readonly at: (unixSeconds: number) => ZoneOffset;
}

export interface ZoneOffset {
  readonly seconds: number;
  readonly abbreviation: string;
}

export interface Instant {
  /** Nanoseconds since 1970: unlike Go's own type it has no monotonic reading, which only `String` shows. */
  readonly unixNs: bigint;
  readonly zone: Zone;
}

export interface GoTime extends JsonText {
  readonly type: 'time.Time';
  readonly instant: Instant;
}

export function isTime(value: GoValue): value is GoTime {
  return value !== null && typeof value === 'object' && value.type === 'time.Time' && 'instant' in value;
}
