/** An audit that keeps what is recorded. */

import type { Audit, AuditRecord } from '../../src/ports/audit.ts';

type Kind = AuditRecord['kind'];

export interface RecordingAudit extends Audit {
  readonly records: readonly AuditRecord[];
  of<K extends Kind>(kind: K): readonly Extract<AuditRecord, { kind: K }>[];
  forget(): void;
}

export function createRecordingAudit(): RecordingAudit {
  const records: AuditRecord[] = [];
  function isOf<K extends Kind>(record: AuditRecord, kind: K): record is Extract<AuditRecord, { kind: K }> {
    return record.kind === kind;
  }
  return {
    records,
    record: (entry) => void records.push(entry),
    of: (kind) => records.filter((record) => isOf(record, kind)),
    forget() {
      records.length = 0;
    },
  };
}
