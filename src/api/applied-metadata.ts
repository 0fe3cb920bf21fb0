/** Which labels and annotations one field manager applied, from `metadata.managedFields`. */

export interface AppliedMetadata {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** Empty where the manager applied none, and where `managedFields` was stripped. */
export function appliedMetadata(managedFields: unknown, manager: string): AppliedMetadata {
  const entries = Array.isArray(managedFields) ? managedFields : [];
  const ours = entries.filter(
    (entry) =>
      member(entry, 'manager') === manager &&
      member(entry, 'operation') === 'Apply' &&
      member(entry, 'subresource') === undefined,
  );
  const keysOf = (field: string) =>
    ours.flatMap((entry) => keysUnder(member(member(member(entry, 'fieldsV1'), 'f:metadata'), field)));
  return { labels: keysOf('f:labels'), annotations: keysOf('f:annotations') };
}

/** Members are `f:KEY`; `.` stands for the map itself. */
function keysUnder(fields: unknown): readonly string[] {
  if (typeof fields !== 'object' || fields === null) return [];
  return Object.keys(fields).flatMap((name) => (name.startsWith('f:') ? [name.slice(2)] : []));
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
