/** Golden files: cases with what Go made of them. They are checked without Go. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './outcome.ts';

export interface Expectation<Case> {
  readonly asked: Case;
  readonly expected: Outcome;
}

/** Texts that are not UTF-8 are objects that hold base64. */
export type GoldenText = string | { readonly base64: string };

/** How a case is written in a golden file, beside what Go made of it. */
export interface GoldenForm<Case, Written extends object> {
  readonly write: (asked: Case) => Written;
  readonly read: (written: Written) => Case;
}

export interface GoldenStore<Case> {
  topics(): Promise<string[]>;
  read(topic: string): Promise<Expectation<Case>[]>;
  write(topic: string, about: string, expectations: readonly Expectation<Case>[]): Promise<void>;
}

interface GoldenOutcome {
  readonly output?: GoldenText;
  /** Go's message. Another engine must fail too; its message may differ. */
  readonly failure?: string;
}

/** A file, as JSON.stringify writes it. */
interface GoldenFile<Written> {
  readonly about: string;
  readonly cases: readonly (Written & GoldenOutcome)[];
}

export function goldenStore<Case, Written extends object>(
  directory: URL,
  form: GoldenForm<Case, Written>,
): GoldenStore<Case> {
  const pathOf = (topic: string): string => fileURLToPath(new URL(`${topic}.json`, directory));
  return {
    async topics() {
      const names = await readdir(directory);
      return names
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -'.json'.length))
        .sort();
    },
    async read(topic) {
      const file = JSON.parse(await readFile(pathOf(topic), 'utf8')) as GoldenFile<Written>;
      return file.cases.map((one) => ({ asked: form.read(one), expected: fromGolden(one) }));
    },
    async write(topic, about, expectations) {
      const cases = expectations.map(({ asked, expected }) => ({ ...form.write(asked), ...toGolden(expected) }));
      await writeFile(pathOf(topic), `${JSON.stringify({ about, cases }, null, 2)}\n`);
    },
  };
}

function toGolden(expected: Outcome): GoldenOutcome {
  if (expected.kind === 'output') return { output: toText(expected.bytes) };
  return expected.kind === 'failure' ? { failure: expected.message } : {};
}

function fromGolden({ output, failure = '' }: GoldenOutcome): Outcome {
  return output === undefined ? { kind: 'failure', message: failure } : { kind: 'output', bytes: toBytes(output) };
}

export function toText(bytes: Uint8Array): GoldenText {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.compare(Buffer.from(text), bytes) === 0 ? text : { base64: Buffer.from(bytes).toString('base64') };
}

export function toBytes(text: GoldenText): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(text.base64, 'base64');
}
