/** Makes a case on which the engines disagree as small as it gets, so that its cause can be seen. */

import type { Disagrees } from '../oracle/engine.ts';
import { shortenText } from '../oracle/shorten-text.ts';
import type { TemplateCase } from './case.ts';

/** After fast-check, which leaves out what it had put together: leaves out characters of the template and keys of the data. */
export async function shorten(found: TemplateCase, disagrees: Disagrees<TemplateCase>): Promise<TemplateCase> {
  return await shortenData(await shortenTemplate(found, disagrees), disagrees);
}

async function shortenTemplate(found: TemplateCase, disagrees: Disagrees<TemplateCase>): Promise<TemplateCase> {
  const template = await shortenText(found.template, (shorter) => disagrees({ ...found, template: shorter }));
  return { ...found, template };
}

async function shortenData(found: TemplateCase, disagrees: Disagrees<TemplateCase>): Promise<TemplateCase> {
  let smallest = found;
  for (const key of found.data.keys()) {
    const candidate = { ...smallest, data: new Map([...smallest.data].filter(([other]) => other !== key)) };
    if (await disagrees(candidate)) smallest = candidate;
  }
  return smallest;
}
