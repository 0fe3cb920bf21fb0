/** The golden cases of a topic on which our engine is wrong: as many as can be read. */

import { type Engine, knownDifference } from './engine.ts';
import type { Expectation } from './golden.ts';
import { agree, type Outcome } from './outcome.ts';

const MOST_SHOWN = 40;

function shown(outcome: Outcome): unknown {
  return outcome.kind === 'output' ? Buffer.from(outcome.bytes).toString('utf8') : outcome;
}

/** Both lists are empty when all is right. */
export async function wrongGolden<Case>(
  engine: Engine<Case>,
  topic: string,
): Promise<{ readonly ours: readonly unknown[]; readonly theirs: readonly unknown[] }> {
  const isWrong = ({ asked, expected }: Expectation<Case>): boolean => {
    const ours = engine.ours(asked);
    return !agree(ours, expected) && knownDifference(engine, asked, ours, expected) === undefined;
  };
  const wrong = (await engine.golden.read(topic)).filter(isWrong).slice(0, MOST_SHOWN);
  return {
    ours: wrong.map(({ asked }) => [engine.describe(asked), shown(engine.ours(asked))]),
    theirs: wrong.map(({ asked, expected }) => [engine.describe(asked), shown(expected)]),
  };
}
