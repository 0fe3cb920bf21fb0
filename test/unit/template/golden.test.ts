import { describe, expect, test } from 'vitest';
import { agree, type Outcome } from '../../template/case.ts';
import { knownDifference } from '../../template/differences.ts';
import { type Expectation, goldenTopics, readGolden } from '../../template/golden.ts';
import { renderOurs } from '../../template/our-engine.ts';

/** Wrong cases that a failing test shows: as many as can be read. */
const MOST_SHOWN = 40;

function shown(outcome: Outcome): unknown {
  return outcome.kind === 'output' ? Buffer.from(outcome.bytes).toString('utf8') : outcome;
}

function isRight({ asked, expected }: Expectation): boolean {
  const ours = renderOurs(asked);
  return agree(ours, expected) || knownDifference(asked, ours, expected) !== undefined;
}

describe('templates give what Go made of them', async () => {
  test.each(await goldenTopics())('%s.json', async (topic) => {
    const wrong = (await readGolden(topic)).filter((expectation) => !isRight(expectation));
    const some = wrong.slice(0, MOST_SHOWN);
    const ours = some.map(({ asked }) => [asked.template, shown(renderOurs(asked))]);
    expect(ours).toEqual(some.map(({ asked, expected }) => [asked.template, shown(expected)]));
  });
});
