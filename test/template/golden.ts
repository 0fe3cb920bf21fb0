/** How a template stands in a golden file. */

import { type GoldenForm, type GoldenText, goldenStore, toBytes, toText } from '../oracle/golden.ts';
import type { TemplateCase } from './case.ts';

interface WrittenTemplate {
  readonly template: string;
  readonly data?: Readonly<Record<string, GoldenText>>;
  /** With a space between them. */
  readonly delimiters?: string;
}

const FORM: GoldenForm<TemplateCase, WrittenTemplate> = {
  write: ({ template, data, delimiters }) => ({
    template,
    ...(data.size > 0 && { data: Object.fromEntries([...data].map(([key, value]) => [key, toText(value)])) }),
    ...(delimiters !== undefined && { delimiters: delimiters.join(' ') }),
  }),
  read: ({ template, data = {}, delimiters }) => {
    const values = new Map(Object.entries(data).map(([key, text]) => [key, toBytes(text)]));
    const [left = '', right = ''] = delimiters?.split(' ') ?? [];
    return { template, data: values, ...(delimiters !== undefined && { delimiters: [left, right] }) };
  },
};

export const GOLDEN = goldenStore(new URL('./golden/', import.meta.url), FORM);
