/**
 * The language against what Go's text/template made of the same templates. The files in golden/ were written by a Go
 * program with the functions of typed-functions.ts; outputs are a byte a character.
 */

import { describe, expect, test } from 'vitest';
import calls from './golden/calls.json' with { type: 'json' };
import compare from './golden/compare.json' with { type: 'json' };
import control from './golden/control.json' with { type: 'json' };
import fields from './golden/fields.json' with { type: 'json' };
import index from './golden/index.json' with { type: 'json' };
import literals from './golden/literals.json' with { type: 'json' };
import pipelines from './golden/pipelines.json' with { type: 'json' };
import print from './golden/print.json' with { type: 'json' };
import templates from './golden/templates.json' with { type: 'json' };
import text from './golden/text.json' with { type: 'json' };
import variables from './golden/variables.json' with { type: 'json' };
import verbs from './golden/verbs.json' with { type: 'json' };
import { type GoldenCase, type GoldenResult, renderTyped } from './render-typed.ts';

const base64 = (bytes: string) => Buffer.from(bytes, 'latin1').toString('base64');

const DATA = {
  user: base64('ada'),
  pw: base64('\xff\x00\x80A'),
  n: base64('12'),
  empty: '',
  uni: Buffer.from('héllo €').toString('base64'),
};

interface StoredCase {
  readonly template: string;
  readonly delimiters?: readonly string[];
  readonly missingKey?: string;
  readonly output?: string;
  readonly error?: string;
}

function asked({ template, delimiters, missingKey }: StoredCase): GoldenCase {
  const [left = '', right = ''] = delimiters ?? [];
  return {
    template,
    data: DATA,
    ...(delimiters === undefined ? {} : { delimiters: [left, right] }),
    ...(missingKey === 'default' ? { missingKey } : {}),
  };
}

function expected({ output, error }: StoredCase): GoldenResult {
  return error === undefined ? { output: output ?? '' } : { error };
}

const TOPICS: Readonly<Record<string, Readonly<Record<string, StoredCase>>>> = {
  text,
  literals,
  pipelines,
  variables,
  control,
  templates,
  fields,
  calls,
  compare,
  index,
  print,
};

describe.each(Object.entries(TOPICS))('%s', (_topic, table) => {
  test.each(Object.entries(table))('%s', (_sentence, stored) => {
    expect(renderTyped(asked(stored))).toEqual(expected(stored));
  });
});

describe('each verb prints each kind of value as Go does', () => {
  test.each(Object.entries(verbs))('%s', (value, formats) => {
    const printed = Object.keys(formats).map((format) => [
      format,
      renderTyped({ template: `{{printf "${format}" ${value}}}` }),
    ]);
    expect(printed).toEqual(Object.entries(formats).map(([format, output]) => [format, { output }]));
  });
});
