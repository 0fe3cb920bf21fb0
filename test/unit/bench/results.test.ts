/** What is kept of a run, and what is made of it: the README and the plot must say what was measured, and nothing else. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RECORD_STEM } from '../../../bench/arguments.ts';
import { drawPlot } from '../../../bench/report/plot.ts';
import { resultsBlock, withResultsBlock } from '../../../bench/report/readme-block.ts';
import { mergedResults, type PhaseResults, parseResults, type Results } from '../../../bench/report/results.ts';

function phase(name: string, more: Partial<PhaseResults> = {}): PhaseResults {
  return {
    name,
    title: name,
    measuredAt: '2026-11-24T12:00:00.000Z',
    revision: 'aaaaaaa',
    figures: [],
    tables: [],
    seconds: 10,
    cpuSeconds: {},
    ...more,
  };
}

function results(objects: number, ...phases: PhaseResults[]): Results {
  return {
    machine: {
      cores: 2,
      memoryGiB: 24,
      platform: 'linux/x64',
      node: 'v24.0.0',
      kubernetes: 'v1.37.0',
      revision: 'aaaaaaa',
    },
    arguments: { objects, interval: '1m', concurrency: 32, latencyMs: 15, nodeArgs: [], operatorArgs: [] },
    phases,
  };
}

describe('a record that a run measures in part', () => {
  const order = ['limit', 'first-sync', 'churn'];
  const before = results(10, phase('limit'), phase('churn'));
  const newer = { revision: 'bbbbbbb' };

  it('keeps what the run left out, in the order of the phases', () => {
    const now = results(10, phase('first-sync', newer), phase('limit', newer));
    const merged = mergedResults(before, now, order);
    expect(merged.phases.map(({ name, revision }) => [name, revision])).toEqual([
      ['limit', 'bbbbbbb'],
      ['first-sync', 'bbbbbbb'],
      ['churn', 'aaaaaaa'],
    ]);
  });

  it.each([
    ['more objects', results(20, phase('limit'))],
    ['another machine', { ...before, machine: { ...before.machine, cores: 4 }, phases: [phase('limit')] }],
  ])('keeps nothing that was measured with %s', (_case, now) => {
    expect(mergedResults(before, now, order)).toBe(now);
  });
});

const figures: PhaseResults['figures'] = [
  { name: 'latency p99', value: 77.4, unit: 'ms', target: { text: '≤ 1 s', met: true } },
  { name: 'speed', value: 0.42, unit: 'ratio', target: { text: '≥ 0.8', met: false }, note: 'a remark' },
  { name: 'lost', value: null, unit: 's', target: { text: '≤ 5 s', met: false } },
  { name: 'without a target', value: 5, unit: 's' },
];

describe('the README', () => {
  it('has each target beside what was measured, and says plainly what is not met', () => {
    const block = resultsBlock(results(10, phase('x', { figures })));
    expect(block.split('\n').filter((line) => line.startsWith('| x'))).toEqual([
      '| x | latency p99 | 77.4 ms | ≤ 1 s | met |',
      '| x | speed | 0.42 | ≥ 0.8 | **not met** |',
      '| x | lost | - | ≤ 5 s | **not met** |',
    ]);
    expect(block).toContain('1 of 3 targets are met.');
  });

  it('says when other programs disturbed the run', () => {
    const block = (others: number) => resultsBlock(results(10, phase('x', { cpuSeconds: { operator: 9, others } })));
    expect(block(1.9)).not.toContain('Other programs');
    expect(block(12)).toContain('Other programs used up to 1.2 of the cores');
  });

  it('is refused when it has no place for them', () => {
    expect(() => withResultsBlock('# Keyturn\n', results(10))).toThrow(/lacks the marks/);
  });

  it('shows the record that is kept, and so does the plot', () => {
    const record = parseResults(readFileSync(`${RECORD_STEM}.json`, 'utf8'));
    const readme = readFileSync('README.md', 'utf8');
    expect(withResultsBlock(readme, record)).toBe(readme);
    expect(drawPlot(record)).toBe(readFileSync(`${RECORD_STEM}.svg`, 'utf8'));
  });
});

describe('results', () => {
  it('come back from a file as they were', () => {
    const kept = results(10, phase('x', { figures, completionsMs: [1, 2], memory: [] }));
    expect(parseResults(JSON.stringify(kept))).toEqual(kept);
  });

  it('of something else are refused', () => {
    expect(() => parseResults('{"machine":{}}')).toThrow(/no results of this bench/);
  });
});

describe('the plot', () => {
  const latencies = [
    { name: 'by event', count: 2, p50Ms: 40, p95Ms: 60, p99Ms: 77.4, maxMs: 1_130, valuesMs: [0, 1_130] },
  ];

  it('says the numbers of the table', () => {
    const plot = drawPlot(results(10, phase('rotation-event', { latencies })));
    expect(plot).toContain('by event (2): p50 40 ms, p99 77.4 ms, max 1.13 s');
    expect(plot).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('is drawn from results that have nothing to draw', () => {
    expect(drawPlot(results(10, phase('idle')))).toContain('</svg>');
  });

  it('has colours for light and for dark pages, and a background of its own in both', () => {
    const plot = drawPlot(results(10));
    expect(plot.match(/\.page\{fill:#\w+\}/g)).toHaveLength(2);
    expect(plot).toContain('prefers-color-scheme: dark');
  });
});
