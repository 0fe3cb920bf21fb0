/** Every function that a template may call, but for those that Go's engine has built in. */

import { CRYPTO_FUNCTIONS } from '../crypto/table.ts';
import type { FunctionTable } from '../value.ts';
import { CASE } from './case.ts';
import { CONVERSION } from './conversion.ts';
import { DATES } from './dates.ts';
import { DEEP_COPY } from './deep-copy.ts';
import { DICTS } from './dicts.ts';
import { DIGESTS } from './digests.ts';
import { ENCODING } from './encoding.ts';
import { FLOW } from './flow.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { LAYOUT } from './layout.ts';
import { LIST_MEMBERSHIP } from './list-membership.ts';
import { LISTS } from './lists.ts';
import { MATH } from './math.ts';
import { MERGE } from './merge.ts';
import { PATHS } from './paths.ts';
import { RANDOM } from './random.ts';
import { REFLECTION } from './reflection.ts';
import { REGEXPS } from './regexps.ts';
import { SEMVER } from './semver.ts';
import { SERIES } from './series.ts';
import { SPLITTING } from './splitting.ts';
import { STRINGS } from './strings.ts';
import { TRIMMING } from './trimming.ts';
import { URLS } from './urls.ts';
import { WORDS } from './words.ts';
import { YAML } from './yaml.ts';

const TABLES: readonly FunctionTable[] = [
  CASE,
  CONVERSION,
  CRYPTO_FUNCTIONS,
  DATES,
  DEEP_COPY,
  DICTS,
  DIGESTS,
  ENCODING,
  FLOW,
  JSON_FUNCTIONS,
  LAYOUT,
  LIST_MEMBERSHIP,
  LISTS,
  MATH,
  MERGE,
  PATHS,
  RANDOM,
  REFLECTION,
  REGEXPS,
  SEMVER,
  SERIES,
  SPLITTING,
  STRINGS,
  TRIMMING,
  URLS,
  WORDS,
  YAML,
];

export const FUNCTIONS: FunctionTable = new Map(TABLES.flatMap((table) => [...table]));
