/** What the journeys saw and how long it took, as a table for people. */

export interface Figure {
  readonly what: string;
  /** Absent where only that it happened counts. */
  readonly ms?: number | undefined;
}

export interface JourneyReport {
  readonly title: string;
  readonly passed: boolean;
  readonly figures: readonly Figure[];
}

/** @param about lines that say what this was measured on */
export function reportText(about: readonly string[], journeys: readonly JourneyReport[]): string {
  const rows = journeys.flatMap(({ title, passed, figures }) => [
    [title, passed ? 'passed' : 'FAILED'] as const,
    ...figures.map(({ what, ms }) => [`  ${what}`, ms === undefined ? '' : duration(ms)] as const),
  ]);
  const width = Math.max(...rows.map(([what]) => what.length));
  const lines = rows.map(([what, value]) => `${what.padEnd(width)}  ${value.padStart(10)}`.trimEnd());
  return `${[...about, '', ...lines].join('\n')}\n`;
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
