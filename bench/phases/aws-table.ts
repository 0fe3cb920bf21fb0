/** What AWS was asked in a phase. */

import type { Counts, OperationCount } from '../aws/tally.ts';
import type { CountTable } from '../phase.ts';

const NONE: OperationCount = { calls: 0, secrets: 0, throttled: 0, denied: 0 };

/** Calls to Secrets Manager between two snapshots. */
export function awsCalls(before: Counts, after: Counts, operation?: string): number {
  return Object.entries(after.operations)
    .filter(([name]) => name.endsWith('SecretValue') && (operation === undefined || name === operation))
    .reduce((sum, [name, { calls }]) => sum + calls - (before.operations[name] ?? NONE).calls, 0);
}

/** Calls by operation, with what became of them where it is not plain. */
export function awsTable(before: Counts, after: Counts): CountTable {
  const rows = Object.entries(after.operations).flatMap(([name, now]): (readonly [string, number])[] => {
    const then = before.operations[name] ?? NONE;
    const more = (field: keyof OperationCount) => now[field] - then[field];
    return [
      [name, more('calls')],
      [`${name}, secrets answered`, more('secrets')],
      [`${name}, throttled`, more('throttled')],
      [`${name}, denied`, more('denied')],
    ];
  });
  return { title: 'AWS calls', rows: rows.filter(([, count]) => count > 0) };
}
