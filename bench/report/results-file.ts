/** Where results go: JSON, the plot beside it, and for the record the README's table. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BenchArguments, RECORD_STEM } from '../arguments.ts';
import type { Run } from './outcome.ts';
import { drawPlot } from './plot.ts';
import { withResultsBlock } from './readme-block.ts';
import { mergedResults, parseResults, type Results, resultsOf } from './results.ts';

const README = 'README.md';

/** @returns the paths that were written */
export function writeResults(run: Run, phaseOrder: readonly string[]): readonly string[] {
  const { outDirectory, objects, record } = run.args;
  const results = resultsOf(run);
  if (record) {
    const before = `${RECORD_STEM}.json`;
    const merged = existsSync(before)
      ? mergedResults(parseResults(readFileSync(before, 'utf8')), results, phaseOrder)
      : results;
    return writeRecord(merged);
  }
  const date = run.startedAt.toISOString().slice(0, 10);
  return writeBoth(join(outDirectory, `${date}-${objects}`), results);
}

/** Draws the plot of results that are there. @returns the paths that were written */
export function redraw({ draw = '', record }: BenchArguments): readonly string[] {
  const results = parseResults(readFileSync(draw, 'utf8'));
  if (record) return writeRecord(results);
  const path = draw.replace(/(\.json)?$/, '.svg');
  writeFileSync(path, drawPlot(results));
  return [path];
}

function writeRecord(results: Results): readonly string[] {
  const paths = writeBoth(RECORD_STEM, results);
  writeFileSync(README, withResultsBlock(readFileSync(README, 'utf8'), results));
  return [...paths, README];
}

function writeBoth(stem: string, results: Results): readonly string[] {
  mkdirSync(dirname(stem), { recursive: true });
  writeFileSync(`${stem}.json`, `${readable(results)}\n`);
  writeFileSync(`${stem}.svg`, drawPlot(results));
  return [`${stem}.json`, `${stem}.svg`];
}

/** Series of numbers are a line each. */
function readable(results: Results): string {
  return JSON.stringify(results, undefined, 2).replaceAll(/\[[\d\s.,-]+\]/g, (series) => series.replaceAll(/\s+/g, ''));
}
