/** `npm run oracle`: holds an engine of ours against Go's, and writes its golden files. */

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { PATHS } from '../gjson/path-engine.ts';
import { compareMessages } from '../template/compare-messages.ts';
import { TEMPLATES } from '../template/template-engine.ts';
import type { Engine } from './engine.ts';
import { type Disagreement, describe, type Fuzzing, fuzz } from './fuzz.ts';
import { type Oracle, startOracle } from './go-oracle.ts';
import { checkGolden, recordFound, writeCurated } from './write-golden.ts';

const HELP = `Usage: npm run oracle -- [template|gjson] [options]

  --cases N      how many cases to generate (default 50000; 0 for none)
  --only F,G     of templates only calls of these functions, of paths only these kinds
  --seed N       where to begin (default: the time)
  --most N       stop after so many disagreements (default 20)
  --report FILE  write the disagreements there too
  --record       add the disagreements to golden/found.json, to be mended
  --messages     compare the messages of templates that fail, as information
  --golden       write the golden files anew instead of checking them
`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function readArguments() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
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
    engine: engineOf(positionals),
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

type Arguments = ReturnType<typeof readArguments>;

function engineOf([name = 'template', ...more]: readonly string[]): 'template' | 'gjson' {
  if ((name === 'template' || name === 'gjson') && more.length === 0) return name;
  throw new Error(`there is no engine ${[name, ...more].join(' ')}: template or gjson`);
}

/** Undefined, with an exit status of 2, for options that there are not. */
function readArgumentsOrTell(): Arguments | undefined {
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
  if (asked.withMessages) print(await compareMessages(oracle, asked.cases, asked.seed));
  else if (asked.engine === 'template') await hold(TEMPLATES, oracle, asked);
  else await hold(PATHS, oracle, asked);
}

async function hold<Case>(engine: Engine<Case>, oracle: Oracle, asked: Arguments): Promise<void> {
  if (asked.isWriting) await writeCurated(engine, oracle, print);
  const stale = asked.isWriting ? 0 : await checkGolden(engine, oracle, print);
  const found = await fuzzAndTell(engine, oracle, asked);
  if (asked.report !== undefined) {
    await writeFile(asked.report, found.map((one) => `${describe(engine, one)}\n`).join('\n'));
  }
  if (asked.isRecording) {
    const expectations = found.map(({ asked: one, theirs }) => ({ asked: one, expected: theirs }));
    await recordFound(engine, expectations);
  }
  process.exitCode = found.length + stale > 0 ? 1 : 0;
}

async function fuzzAndTell<Case>(
  engine: Engine<Case>,
  oracle: Oracle,
  options: Fuzzing,
): Promise<Disagreement<Case>[]> {
  const tell = (one: Disagreement<Case>): void => print(`\n${describe(engine, one)}`);
  const { disagreements, counts } = await fuzz(engine, oracle, options, tell);
  const { cases, outputs, failures, gaveUp, known } = counts;
  print(`\nseed ${options.seed}: ${cases} cases, ${outputs} with equal output, ${failures} failed in both`);
  for (const [what, times] of known) print(`${times} known differences: ${what}`);
  print(`${gaveUp} given up, ${disagreements.length} disagreements`);
  return disagreements;
}

await main();
