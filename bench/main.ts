/** `npm run bench`: measures the machine's limit and then the operator on it, in one run. See docs/benchmark.md. */

import { existsSync } from 'node:fs';
import { createScreen, type Screen } from '../scripts/screen.ts';
import { type BenchArguments, helpText, readArguments, WrongArguments } from './arguments.ts';
import { describeMachine, thisMachine } from './measure/machine.ts';
import type { Phase, PhaseResult } from './phase.ts';
import { PHASES } from './phases.ts';
import type { PhaseOutcome, Run } from './report/outcome.ts';
import { redraw, writeResults } from './report/results-file.ts';
import { describeOutcome, describeTargets } from './report/terminal.ts';
import { type Stage, setStage } from './stage.ts';

/** Aborted by the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => (interrupted.signal.aborted ? process.exit(130) : interrupted.abort()));
  }
  return interrupted.signal;
}

/** Ends the wait for `work` when interrupted; what it has started is ended by the caller. */
function unlessInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = Promise.withResolvers<never>();
  const onAbort = () => interrupted.reject(new Error('interrupted'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([work, interrupted.promise]).finally(() => signal.removeEventListener('abort', onAbort));
}

async function runPhase(
  phase: Phase,
  stage: Stage,
  earlier: ReadonlyMap<string, PhaseResult>,
  screen: Screen,
): Promise<PhaseOutcome> {
  const startedAtMs = stage.cpu.mark();
  const result = await screen.step(`${phase.name}: ${phase.title}`, (progress) =>
    unlessInterrupted(phase.run(stage, progress, earlier), stage.signal),
  );
  const { fromMs, toMs } = result.measured ?? { fromMs: startedAtMs, toMs: stage.cpu.mark() };
  const outcome: PhaseOutcome = { phase, result, samples: stage.cpu.between(fromMs, toMs) };
  for (const line of describeOutcome(outcome)) screen.line(line);
  screen.line();
  return outcome;
}

async function measure(args: BenchArguments, screen: Screen): Promise<void> {
  const signal = untilInterrupted();
  const run: Run & { readonly outcomes: PhaseOutcome[] } = {
    startedAt: new Date(),
    machine: thisMachine(),
    args,
    outcomes: [],
  };
  screen.line(`Keyturn bench: ${args.objects} ExternalSecrets, interval ${args.interval}`);
  screen.line(`${describeMachine(run.machine)}\n`);
  const stage = await screen.step('control plane, AWS stand-in, operator built', (progress) =>
    setStage({ args, signal, progress }),
  );
  try {
    const earlier = new Map<string, PhaseResult>();
    for (const phase of args.phases) {
      const outcome = await runPhase(phase, stage, earlier, screen);
      earlier.set(phase.name, outcome.result);
      run.outcomes.push(outcome);
    }
  } finally {
    await screen.step('everything ended', stage.stop);
    // What was measured before something failed is not lost.
    if (run.outcomes.length > 0) report(run, screen);
  }
}

function report(run: Run, screen: Screen): void {
  for (const line of describeTargets(run.outcomes)) screen.line(line);
  const order = PHASES.map(({ name }) => name);
  for (const path of writeResults(run, order)) screen.line(`  ${path}`);
}

async function main(): Promise<number> {
  const screen = createScreen(process.stdout);
  try {
    const args = readArguments(process.argv.slice(2), PHASES);
    if (args === undefined) {
      screen.line(helpText(PHASES));
      return 0;
    }
    if (args.draw !== undefined) {
      for (const path of redraw(args)) screen.line(path);
      return 0;
    }
    if (!existsSync('/proc/self/status')) throw new WrongArguments('the bench reads /proc, so it needs Linux');
    await measure(args, screen);
    return 0;
  } catch (error) {
    screen.line(`\n  ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof WrongArguments ? 2 : 1;
  }
}

process.exitCode = await main();
