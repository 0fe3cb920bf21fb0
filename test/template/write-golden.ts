/** Writes the golden files from Go's answers, and checks that those that stand are still what Go says. */

import { agree, type TemplateCase } from './case.ts';
import { CURATED } from './curated.ts';
import { type Expectation, goldenTopics, readGolden, writeGolden } from './golden.ts';
import type { Oracle } from './oracle-process.ts';

/** Disagreements that were found and mended: their golden file only grows. */
const FOUND = 'found';
const ABOUT_FOUND = 'Cases on which the engines once disagreed';

type Print = (line: string) => void;

export async function writeCurated(oracle: Oracle, print: Print): Promise<void> {
  for (const { name, about, templates, data } of CURATED) {
    const expectations: Expectation[] = [];
    for (const template of templates) {
      const asked: TemplateCase = { template, data: dataOf(template, data) };
      const expected = await oracle.ask(asked);
      // Twice: an address in memory, printed with a wrong verb, is another one each time.
      const isCertain = expected.kind !== 'gave up' && agree(expected, await oracle.ask(asked));
      if (isCertain) expectations.push({ asked, expected });
    }
    await writeGolden(name, about, expectations);
    print(`golden/${name}.json: ${expectations.length} cases`);
  }
}

/** The values that a template names, or all of them for one that takes the data as a whole. */
function dataOf(template: string, data: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  if (/[^\w)"]\.[^\w]|\$[^\w]/.test(template)) return data;
  return new Map([...data].filter(([key]) => template.includes(`.${key}`)));
}

/** How many golden cases are not what Go says: none, unless Go or sprig changed. */
export async function checkGolden(oracle: Oracle, print: Print): Promise<number> {
  let stale = 0;
  for (const topic of await goldenTopics()) {
    for (const { asked, expected } of await readGolden(topic)) {
      const theirs = await oracle.ask(asked);
      if (agree(expected, theirs)) continue;
      stale += 1;
      print(`golden/${topic}.json is not what Go says of ${JSON.stringify(asked.template)}`);
    }
  }
  return stale;
}

export async function recordFound(found: readonly Expectation[]): Promise<void> {
  const before = (await goldenTopics()).includes(FOUND) ? await readGolden(FOUND) : [];
  const known = new Set(before.map(({ asked }) => asked.template));
  await writeGolden(FOUND, ABOUT_FOUND, [...before, ...found.filter(({ asked }) => !known.has(asked.template))]);
}
