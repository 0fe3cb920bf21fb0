/** One measured number, with the target it is held against where there is one. */

export type Unit =
  | 'objects/s'
  | 's'
  | 'ms'
  | 'MiB'
  | 'MiB/h'
  | 'min'
  | 'cores'
  | 'calls'
  | 'writes'
  | 'requests'
  | '% of a core'
  | 'ratio'
  | '';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly target?: Target;
  /** What one has to know to read it. */
  readonly note?: string;
}

export interface Target {
  readonly text: string;
  readonly met: boolean;
}

export function atMost(limit: number, value: number, text: string): Target {
  return { text: `≤ ${text}`, met: value <= limit };
}

export function atLeast(limit: number, value: number, text: string): Target {
  return { text: `≥ ${text}`, met: value >= limit };
}

const NOTHING = '-';

/** With its unit, where it has one that is said. */
export function formatFigure({ value, unit }: { readonly value: number | null; readonly unit: string }): string {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  return unit === '' || unit === 'ratio' ? formatValue(value) : `${formatValue(value)} ${unit}`;
}

/** With as many digits as are of use. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  const digits = Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
