/** The path language as the comparison with gjson sees it. */

import fc from 'fast-check';
import type { Engine } from '../oracle/engine.ts';
import type { PathCase } from './case.ts';
import { CURATED } from './curated.ts';
import { DIFFERENCES } from './differences.ts';
import { FITTING } from './generate-fitting.ts';
import { DAMAGED_TEXT, JSON_TEXT } from './generate-json.ts';
import { DAMAGED_PATH, GJSON_PATH } from './generate-paths.ts';
import { GOLDEN } from './golden.ts';
import { findOurs } from './our-engine.ts';
import { shorten } from './shorten.ts';

const KINDS: Readonly<Record<string, fc.Arbitrary<PathCase>>> = {
  fitting: FITTING,
  paths: fc.record({ json: JSON_TEXT, path: GJSON_PATH, isProperty: fc.constant(false) }),
  properties: fc.record({ json: JSON_TEXT, path: GJSON_PATH, isProperty: fc.constant(true) }),
  'damaged-paths': fc.record({ json: JSON_TEXT, path: DAMAGED_PATH, isProperty: fc.boolean() }),
  'damaged-texts': fc.record({ json: DAMAGED_TEXT, path: GJSON_PATH, isProperty: fc.boolean() }),
};

function arbitrary(only: readonly string[] = Object.keys(KINDS)): fc.Arbitrary<PathCase> {
  return fc.oneof(
    ...only.map((kind) => {
      const cases = KINDS[kind];
      if (cases === undefined) throw new Error(`there are no ${kind}: ${Object.keys(KINDS).join(', ')}`);
      return cases;
    }),
  );
}

export const PATHS: Engine<PathCase> = {
  question: ({ json, path, isProperty }) => ({
    gjson: { json: Buffer.from(json).toString('base64'), path, isProperty },
  }),
  ours: findOurs,
  differences: DIFFERENCES,
  // A message says which limit there is, and nothing else: `findOurs` has no other.
  leaks: () => false,
  arbitrary,
  shorten,
  describe: ({ json, path, isProperty }) => [
    `${isProperty ? 'property' : 'path    '}  ${JSON.stringify(path)}`,
    `json      ${JSON.stringify(Buffer.from(json).toString('latin1'))}`,
  ],
  golden: GOLDEN,
  curated: CURATED,
};
