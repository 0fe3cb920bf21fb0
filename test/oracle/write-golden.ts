/** Writes the golden files from Go's answers, and checks that those that stand are still what Go says. */

import type { Engine } from './engine.ts';
import type { Oracle } from './go-oracle.ts';
import type { Expectation } from './golden.ts';
import { agree } from './outcome.ts';

/** Disagreements that were found and mended: their golden file only grows. */
const FOUND = 'found';
const ABOUT_FOUND = 'Cases on which the engines once disagreed';

type Print = (line: string) => void;

export async function writeCurated<Case>(engine: Engine<Case>, oracle: Oracle, print: Print): Promise<void> {
  for (const { name, about, cases } of engine.curated) {
    const expectations: Expectation<Case>[] = [];
    for (const asked of cases) {
      const expected = await oracle.ask(engine.question(asked));
      // Twice: an address in memory, printed with a wrong verb, is another one each time.
      const isCertain = expected.kind !== 'gave up' && agree(expected, await oracle.ask(engine.question(asked)));
      if (isCertain) expectations.push({ asked, expected });
    }
    await engine.golden.write(name, about, expectations);
    print(`golden/${name}.json: ${expectations.length} cases`);
  }
}

/** How many golden cases are not what Go says: none, unless Go or a library changed. */
export async function checkGolden<Case>(engine: Engine<Case>, oracle: Oracle, print: Print): Promise<number> {
  let stale = 0;
  for (const topic of await engine.golden.topics()) {
    for (const { asked, expected } of await engine.golden.read(topic)) {
      const theirs = await oracle.ask(engine.question(asked));
      if (agree(expected, theirs)) continue;
      stale += 1;
      print(`golden/${topic}.json is not what Go says of\n${engine.describe(asked).join('\n')}`);
    }
  }
  return stale;
}

export async function recordFound<Case>(engine: Engine<Case>, found: readonly Expectation<Case>[]): Promise<void> {
  const { golden, describe } = engine;
  const before = (await golden.topics()).includes(FOUND) ? await golden.read(FOUND) : [];
  const known = new Set(before.map(({ asked }) => describe(asked).join()));
  const added = found.filter(({ asked }) => !known.has(describe(asked).join()));
  await golden.write(FOUND, ABOUT_FOUND, [...before, ...added]);
}
