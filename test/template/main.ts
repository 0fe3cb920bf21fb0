/** `npm run oracle`: holds the template engine against Go's, and writes the golden files. */

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { compareMessages } from './compare-messages.ts';
import { type Disagreement, describe, type Fuzzing, fuzz } from './fuzz.ts';
import { type Oracle, startOracle } from './oracle-process.ts';
import { checkGolden, recordFound, writeCurated } from './write-golden.ts';

const HELP = `Usage: npm run oracle -- [options]

  --cases N      how many templates to generate (default 50000; 0 for none)
  --only F,G     only calls of these functions
  --seed N       where to begin (default: the time)
  --most N       stop after so many disagreements (default 20)
  --report FILE  write the disagreements there too
  --record       add the disagreements to golden/found.json, to be mended
  --messages     compare the messages of failures as well, as information
  --golden       write the golden files anew instead of checking them
`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function readArguments() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: {
      cases: text,
      seed: text,
      most: text,
      only: text,
      report: text,
      record: flag,
      messages: flag,
      golden: flag,
      help: flag,
    },
  });
  return {
    cases: Number(values.cases ?? 50_000),
    seed: Number(values.seed ?? Date.now() % 2 ** 31),
    most: Number(values.most ?? 20),
    only: values.only?.split(','),
    report: values.report,
    isRecording: values.record === true,
    withMessages: values.messages === true,
    isWriting: values.golden === true,
    isHelp: values.help === true,
  };
}

/** Undefined, with an exit status of 2, for options that there are not. */
function readArgumentsOrTell(): ReturnType<typeof readArguments> | undefined {
  try {
    return readArguments();
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
    return undefined;
  }
}

async function main(): Promise<void> {
  const asked = readArgumentsOrTell();
  if (asked === undefined || asked.isHelp) return print(HELP);
  await using oracle = await startOracle();
  if (asked.isWriting) await writeCurated(oracle, print);
  const stale = asked.isWriting ? 0 : await checkGolden(oracle, print);
  if (asked.withMessages) print(await compareMessages(oracle, asked.cases, asked.seed));
  const found = asked.withMessages ? [] : await fuzzAndTell(oracle, asked);
  if (asked.report !== undefined) await writeFile(asked.report, found.map((one) => `${describe(one)}\n`).join('\n'));
  if (asked.isRecording) await recordFound(found.map(({ asked: one, theirs }) => ({ asked: one, expected: theirs })));
  process.exitCode = found.length + stale > 0 ? 1 : 0;
}

async function fuzzAndTell(oracle: Oracle, options: Fuzzing): Promise<Disagreement[]> {
  const { disagreements, counts } = await fuzz(oracle, options, (one) => print(`\n${describe(one)}`));
  const { cases, outputs, failures, gaveUp, known } = counts;
  print(`\nseed ${options.seed}: ${cases} cases, ${outputs} with equal output, ${failures} failed in both`);
  for (const [what, times] of known) print(`${times} known differences: ${what}`);
  print(`${gaveUp} given up, ${disagreements.length} disagreements`);
  return disagreements;
}

await main();
