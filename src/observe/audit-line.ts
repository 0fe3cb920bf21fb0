/** A record of the audit as it is written: one JSON object a line. docs/audit.md says what each field means. */

import type { AuditRecord } from '../ports/audit.ts';

/** Records that were given up, in the place where they would stand. */
export interface Gap {
  readonly kind: 'dropped';
  readonly count: number;
  /** When the first of them was given up. */
  readonly since: string;
}

/** Of the format: another one when a field changes its meaning or goes. Lines of the log have no such field. */
const FORMAT = 'v1';

/** What is undefined is left out. */
export function auditLine(entry: AuditRecord | Gap, atMs: number): string {
  return `${JSON.stringify({ audit: FORMAT, time: rfc3339(atMs), ...entry })}\n`;
}

/** With milliseconds, in UTC. */
export function rfc3339(atMs: number): string {
  return new Date(atMs).toISOString();
}
