/** The golden files that are made from lists: what each holds and where its templates come from. */

import type { Topic } from '../oracle/engine.ts';
import type { TemplateCase } from './case.ts';
import { rightCalls, wrongCalls } from './curated-calls.ts';
import { CRYPTO } from './curated-crypto.ts';
import { COLLECTIONS, DATES, JSONS, NUMERIC, TEXTS, VERSIONS, YAML } from './curated-functions.ts';
import { LANGUAGE, LANGUAGE_DATA } from './curated-language.ts';
import { TYPES, VALUE_USES } from './curated-values.ts';

interface Source {
  readonly name: string;
  readonly about: string;
  readonly templates: readonly string[];
  readonly data: ReadonlyMap<string, Uint8Array>;
}

const NO_DATA: ReadonlyMap<string, Uint8Array> = new Map();

const SOURCES: readonly Source[] = [
  { name: 'language', about: 'Every construct of the language', templates: LANGUAGE, data: LANGUAGE_DATA },
  { name: 'calls', about: 'Every function with what it is meant for', templates: rightCalls(), data: NO_DATA },
  {
    name: 'wrong-calls',
    about: 'Every function with arguments of other kinds, too few, too many',
    templates: wrongCalls(),
    data: NO_DATA,
  },
  { name: 'yaml', about: 'fromYaml and toYaml', templates: YAML, data: NO_DATA },
  { name: 'json', about: 'fromJson and toJson', templates: JSONS, data: NO_DATA },
  { name: 'versions', about: 'Semantic versions', templates: VERSIONS, data: NO_DATA },
  { name: 'dates', about: 'Dates, zones, layouts and durations', templates: DATES, data: NO_DATA },
  { name: 'texts', about: 'Strings, regular expressions and URLs', templates: TEXTS, data: NO_DATA },
  { name: 'numbers', about: 'Conversions and arithmetic', templates: NUMERIC, data: NO_DATA },
  {
    name: 'collections',
    about: 'Lists and maps, and who sees their changes',
    templates: COLLECTIONS,
    data: LANGUAGE_DATA,
  },
  {
    name: 'types',
    about: 'Numbers, and the methods of times, durations and versions',
    templates: TYPES,
    data: NO_DATA,
  },
  { name: 'values', about: 'What every kind of value is in every use', templates: VALUE_USES, data: NO_DATA },
  { name: 'crypto', about: 'Cryptography, where chance does not show', templates: CRYPTO, data: NO_DATA },
];

/** The values that a template names, or all of them for one that takes the data as a whole. */
function dataOf(template: string, data: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  if (/[^\w)"]\.[^\w]|\$[^\w]/.test(template)) return data;
  return new Map([...data].filter(([key]) => template.includes(`.${key}`)));
}

export const CURATED: readonly Topic<TemplateCase>[] = SOURCES.map(({ name, about, templates, data }) => ({
  name,
  about,
  cases: templates.map((template) => ({ template, data: dataOf(template, data) })),
}));
