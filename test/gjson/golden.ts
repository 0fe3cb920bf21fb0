/** How a path stands in a golden file. */

import { type GoldenForm, type GoldenText, goldenStore, toBytes, toText } from '../oracle/golden.ts';
import type { PathCase } from './case.ts';

interface WrittenPath {
  readonly path: string;
  readonly json: GoldenText;
  readonly isProperty?: true;
}

const FORM: GoldenForm<PathCase, WrittenPath> = {
  write: ({ json, path, isProperty }) => ({ path, json: toText(json), ...(isProperty && { isProperty }) }),
  read: ({ json, path, isProperty = false }) => ({ path, json: toBytes(json), isProperty }),
};

export const GOLDEN = goldenStore(new URL('./golden/', import.meta.url), FORM);
