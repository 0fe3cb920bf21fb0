/** One measured number, with the target it is held against where there is one. */

export type Unit =
  | 'objects/s'
  | 's'
  | 'ms'
  | 'MiB'
  | 'MiB/h'
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

/** With as many digits as are of use. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return '-';
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
