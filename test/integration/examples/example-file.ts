/** A file of `examples/`, and what its comment promises. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { at } from '../cluster-objects.ts';

const DIRECTORY = fileURLToPath(new URL('../../../examples', import.meta.url));

/** `# In AWS: NAME what it is`; where that is a JSON object, its members count. */
const IN_AWS = /^# In AWS: (\S+) (.+)$/;
/** `# Gives:  Secret NAME (TYPE): KEY, KEY` */
const GIVES = /^# Gives: {2}Secret (\S+) \((\S+)\): (.+)$/;

export interface PromisedSecret {
  readonly name: string;
  readonly type: string;
  readonly keys: readonly string[];
}

export interface ExampleFile {
  readonly path: string;
  /** What has to be in AWS, by name; `members` of a JSON object. */
  readonly needed: ReadonlyMap<string, { readonly members: readonly string[] | undefined }>;
  readonly gives: readonly PromisedSecret[];
  readonly objects: readonly { readonly kind: string; readonly name: string }[];
}

export function exampleNames(): readonly string[] {
  return readdirSync(DIRECTORY).filter((name) => name.endsWith('.yaml'));
}

/** The index of the examples. */
export function exampleIndex(): string {
  return readFileSync(`${DIRECTORY}/README.md`, 'utf8');
}

export function readExample(name: string): ExampleFile {
  const path = `${DIRECTORY}/${name}`;
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  const needed = matches(lines, IN_AWS).map(
    ([, secret = '', shape = '']) => [secret, { members: membersOf(shape) }] as const,
  );
  return {
    path,
    needed: new Map(needed),
    gives: matches(lines, GIVES).map(([, secret = '', type = '', keys = '']) => ({
      name: secret,
      type,
      keys: keys.split(', ').toSorted(),
    })),
    objects: parseAllDocuments(text).map((document) => {
      const object: unknown = document.toJS();
      return { kind: String(at(object, 'kind')), name: String(at(object, 'metadata', 'name')) };
    }),
  };
}

function matches(lines: readonly string[], pattern: RegExp): readonly RegExpExecArray[] {
  return lines.map((line) => pattern.exec(line)).filter((match) => match !== null);
}

function membersOf(shape: string): readonly string[] | undefined {
  if (!shape.startsWith('{')) return undefined;
  const parsed: unknown = JSON.parse(shape);
  return Object.keys(Object(parsed)).toSorted();
}
