/** The bench's command line. */

import { parseArgs } from 'node:util';
import { parseDurationMs } from '../src/domain/duration.ts';
import { SETTINGS } from '../src/options.ts';
import type { Phase } from './phase.ts';

export interface BenchArguments {
  readonly objects: number;
  /** `refreshInterval` of the ExternalSecrets. */
  readonly interval: string;
  readonly intervalMs: number;
  readonly concurrency: number;
  readonly latencyMs: number;
  readonly churnMinutes: number;
  readonly outDirectory: string;
  /** A bundle to measure instead of one that is built now. */
  readonly bundle: string | undefined;
  /** Arguments of the operator's Node, such as `--cpu-prof`. */
  readonly nodeArgs: readonly string[];
  /** More flags of the operator than its addresses and concurrency. */
  readonly operatorArgs: readonly string[];
  readonly phases: readonly Phase[];
  /** Whether the results become the ones that the README shows. */
  readonly record: boolean;
  /** Results whose plot is to be drawn anew; nothing is measured then. */
  readonly draw: string | undefined;
}

/** Where the README looks, without the endings. */
export const RECORD_STEM = 'bench/results/latest';

/** The message says what the bench takes. */
export class WrongArguments extends Error {}

const OPTIONS = {
  objects: { type: 'string', default: '2000' },
  interval: { type: 'string', default: '1m' },
  concurrency: { type: 'string', default: SETTINGS.concurrency.fallback },
  'latency-ms': { type: 'string', default: '15' },
  'churn-minutes': { type: 'string', default: '2' },
  phases: { type: 'string' },
  out: { type: 'string', default: 'bench/results' },
  record: { type: 'boolean', default: false },
  draw: { type: 'string' },
  bundle: { type: 'string' },
  'node-args': { type: 'string', default: '' },
  'operator-args': { type: 'string', default: '' },
  help: { type: 'boolean', default: false },
} as const;

export function helpText(phases: readonly Phase[]): string {
  const list = phases.map(({ name, title }) => `    ${name.padEnd(20)} ${title}`);
  return `Usage: npm run bench -- [options]

  --objects N          ExternalSecrets (default ${OPTIONS.objects.default}; the record is made with 10000)
  --interval DURATION  their refreshInterval (default ${OPTIONS.interval.default})
  --concurrency N      the operator's, and requests in flight of the limit (default ${OPTIONS.concurrency.default}, the operator's own)
  --latency-ms N       of every AWS call (default ${OPTIONS['latency-ms'].default})
  --phases a,b,c       only these, in the order of the list below
  --churn-minutes N    length of the phase churn (default ${OPTIONS['churn-minutes'].default}; the record is made with 30; 0 leaves it out)
  --out DIR            where the results go (default ${OPTIONS.out.default})
  --record             make it what the README shows: ${RECORD_STEM}.json and .svg, and the README's table.
                       Phases that this run leaves out are kept from there if they were measured alike
  --draw FILE          measure nothing: draw the plot of these results (.json) anew; with --record the README's table too
  --bundle FILE        measure this bundle instead of building one
  --node-args=ARGS     for the operator's Node, such as "--cpu-prof --cpu-prof-dir=/tmp/profiles"
  --operator-args=ARGS more flags of the operator, to see what they change; the targets are for its defaults

  Phases:
${list.join('\n')}
`;
}

/**
 * @returns undefined when help was asked for
 * @throws WrongArguments
 */
export function readArguments(args: readonly string[], phases: readonly Phase[]): BenchArguments | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const intervalMs = parseDurationMs(values.interval);
  if (intervalMs === undefined || intervalMs < 1_000) throw wrong('interval', 'a duration from 1s', values.interval);
  const churnMinutes = numberOf('churn-minutes', values['churn-minutes'], 0);
  return {
    objects: numberOf('objects', values.objects, 1),
    interval: values.interval,
    intervalMs,
    concurrency: numberOf('concurrency', values.concurrency, 1),
    latencyMs: numberOf('latency-ms', values['latency-ms'], 0),
    churnMinutes,
    outDirectory: values.out,
    bundle: values.bundle,
    nodeArgs: wordsOf(values['node-args']),
    operatorArgs: wordsOf(values['operator-args']),
    phases: choose(values.phases, phases, churnMinutes > 0),
    record: values.record,
    draw: values.draw,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error));
  }
}

function choose(names: string | undefined, phases: readonly Phase[], withChurn: boolean): readonly Phase[] {
  if (names === undefined) return phases.filter(({ name }) => name !== 'churn' || withChurn);
  const wanted = names.split(',');
  const unknown = wanted.find((name) => phases.every((phase) => phase.name !== name));
  if (unknown !== undefined) throw wrong('phases', phases.map(({ name }) => name).join(', '), unknown);
  return phases.filter(({ name }) => wanted.includes(name));
}

function wordsOf(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

function numberOf(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) throw wrong(name, `a whole number from ${least}`, text);
  return number;
}

function wrong(name: string, expected: string, got: string): WrongArguments {
  return new WrongArguments(`--${name}: expected ${expected}, got "${got}"`);
}
