/** The template engine as the comparison with Go's sees it. */

import type { Engine } from '../oracle/engine.ts';
import type { Outcome } from '../oracle/outcome.ts';
import type { TemplateCase } from './case.ts';
import { CURATED } from './curated.ts';
import { DIFFERENCES } from './differences.ts';
import { callCase, TEMPLATE_CASE } from './generate-templates.ts';
import { GOLDEN } from './golden.ts';
import { renderOurs } from './our-engine.ts';
import { shorten } from './shorten.ts';

/** Shorter ones stand in messages by chance. */
const LEAK_BYTES = 10;

/** Whether the message holds a value of the data. What the template itself says does not count, nor what it tells by `fail`. */
function leaks({ template, data }: TemplateCase, ours: Outcome): boolean {
  if (ours.kind !== 'failure' || ours.message.includes('error calling fail: ')) return false;
  const values = [...data.values()].map((value) => Buffer.from(value).toString('utf8'));
  return values.some(
    (value) => value.length >= LEAK_BYTES && ours.message.includes(value) && !template.includes(value),
  );
}

function question({ template, data, delimiters }: TemplateCase): unknown {
  const base64 = [...data].map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { template: { template, data: Object.fromEntries(base64), delimiters } };
}

function describe({ template, data, delimiters }: TemplateCase): readonly string[] {
  const values = [...data].map(([key, value]) => `${key}=${JSON.stringify(Buffer.from(value).toString('latin1'))}`);
  const between = delimiters === undefined ? '' : ` between ${delimiters.join(' ')}`;
  const line = `template  ${JSON.stringify(template)}${between}`;
  return values.length === 0 ? [line] : [line, `data      ${values.join(' ')}`];
}

export const TEMPLATES: Engine<TemplateCase> = {
  question,
  ours: renderOurs,
  differences: DIFFERENCES,
  leaks,
  arbitrary: (only) => (only === undefined ? TEMPLATE_CASE : callCase(only)),
  shorten,
  describe,
  golden: GOLDEN,
  curated: CURATED,
};
