/** What came of a phase, for the terminal: figures beside their targets, then the counts. */

import type { CountTable } from '../phase.ts';
import { type Figure, formatFigure, formatValue } from './figure.ts';
import { cpuUses, DISTURBING_CORES, type PhaseOutcome } from './outcome.ts';

const NAME_WIDTH = 46;
const VALUE_WIDTH = 20;
const SHOWN_CORES = 0.01;

export function describeOutcome(outcome: PhaseOutcome): readonly string[] {
  const { figures, tables = [] } = outcome.result;
  return [
    ...figures.map(describeFigure),
    ...tables.flatMap(describeTable),
    `    ${'CPU-seconds (cores)'.padEnd(NAME_WIDTH)} ${describeCpu(outcome)}`,
    ...warning(outcome),
  ];
}

function describeFigure(figure: Figure): string {
  const { name, target, note } = figure;
  const shown = formatFigure(figure);
  const verdict = target === undefined ? '' : `${target.met ? 'met    ' : 'NOT MET'}  target ${target.text}`;
  const remark = note === undefined || note === '' ? '' : `(${note})`;
  return `    ${name.padEnd(NAME_WIDTH)} ${shown.padStart(VALUE_WIDTH)}   ${[verdict, remark].filter(Boolean).join('  ')}`.trimEnd();
}

function describeTable({ title, rows }: CountTable): readonly string[] {
  if (rows.length === 0) return [`    ${title}: none`];
  return [
    `    ${title}:`,
    ...rows.map(([name, count]) => `      ${name.padEnd(NAME_WIDTH - 2)} ${formatValue(count).padStart(VALUE_WIDTH)}`),
  ];
}

/** What other programs take away is missing from the figures. */
function warning(outcome: PhaseOutcome): readonly string[] {
  const cores = cpuUses(outcome).find(({ name }) => name === 'others')?.cores ?? 0;
  return cores < DISTURBING_CORES
    ? []
    : [`    ! other programs used ${cores.toFixed(2)} cores: on a quiet machine it is better`];
}

function describeCpu(outcome: PhaseOutcome): string {
  return cpuUses(outcome)
    .filter(({ cores }) => cores >= SHOWN_CORES)
    .map(({ name, seconds, cores }) => `${name} ${seconds.toFixed(2)} (${cores.toFixed(2)})`)
    .join(', ');
}

/** The last lines: every target once more. */
export function describeTargets(outcomes: readonly PhaseOutcome[]): readonly string[] {
  const held = outcomes.flatMap(({ phase, result }) =>
    result.figures.flatMap((figure) => (figure.target === undefined ? [] : [{ phase, figure, target: figure.target }])),
  );
  const met = held.filter(({ target }) => target.met).length;
  return [
    `  ${met} of ${held.length} targets met`,
    ...held
      .filter(({ target }) => !target.met)
      .map(({ phase, figure, target }) => {
        return `    not met: ${phase.name}, ${figure.name}: ${formatFigure(figure)} (target ${target.text})`;
      }),
  ];
}
