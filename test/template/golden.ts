/** Golden files: cases with what Go made of them. They stand in golden/ and are checked without Go. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Outcome, TemplateCase } from './case.ts';

const DIRECTORY = new URL('./golden/', import.meta.url);

/** A file, as JSON.stringify writes it. Texts that are not UTF-8 are objects that hold base64. */
interface GoldenFile {
  readonly about: string;
  readonly cases: readonly GoldenCase[];
}

interface GoldenCase {
  readonly template: string;
  readonly data?: Readonly<Record<string, GoldenText>>;
  /** With a space between them. */
  readonly delimiters?: string;
  readonly output?: GoldenText;
  /** Go's message. Another engine must fail too; its message may differ. */
  readonly failure?: string;
}

type GoldenText = string | { readonly base64: string };

export interface Expectation {
  readonly asked: TemplateCase;
  readonly expected: Outcome;
}

export async function goldenTopics(): Promise<string[]> {
  const names = await readdir(DIRECTORY);
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

export async function readGolden(topic: string): Promise<Expectation[]> {
  const file = JSON.parse(await readFile(pathOf(topic), 'utf8')) as GoldenFile;
  return file.cases.map(fromGolden);
}

export async function writeGolden(topic: string, about: string, expectations: readonly Expectation[]): Promise<void> {
  const file: GoldenFile = { about, cases: expectations.map(toGolden) };
  await writeFile(pathOf(topic), `${JSON.stringify(file, null, 2)}\n`);
}

function pathOf(topic: string): string {
  return fileURLToPath(new URL(`${topic}.json`, DIRECTORY));
}

function toGolden({ asked, expected }: Expectation): GoldenCase {
  const data = Object.fromEntries([...asked.data].map(([key, value]) => [key, toText(value)]));
  return {
    template: asked.template,
    ...(asked.data.size > 0 && { data }),
    ...(asked.delimiters !== undefined && { delimiters: asked.delimiters.join(' ') }),
    ...(expected.kind === 'output' && { output: toText(expected.bytes) }),
    ...(expected.kind === 'failure' && { failure: expected.message }),
  };
}

function fromGolden({ template, data = {}, delimiters, output, failure = '' }: GoldenCase): Expectation {
  const values = new Map(Object.entries(data).map(([key, text]) => [key, toBytes(text)]));
  const [left = '', right = ''] = delimiters?.split(' ') ?? [];
  const asked: TemplateCase = {
    template,
    data: values,
    ...(delimiters !== undefined && { delimiters: [left, right] }),
  };
  const expected: Outcome =
    output === undefined ? { kind: 'failure', message: failure } : { kind: 'output', bytes: toBytes(output) };
  return { asked, expected };
}

function toText(bytes: Uint8Array): GoldenText {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.compare(Buffer.from(text), bytes) === 0 ? text : { base64: Buffer.from(bytes).toString('base64') };
}

function toBytes(text: GoldenText): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : Buffer.from(text.base64, 'base64');
}
