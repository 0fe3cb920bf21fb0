/** Makes a case on which the engines disagree as small as it gets, so that its cause can be seen. */

import type { TemplateCase } from './case.ts';

type Disagrees = (candidate: TemplateCase) => Promise<boolean>;

/** After fast-check, which leaves out what it had put together: leaves out characters of the template and keys of the data. */
export async function shorten(found: TemplateCase, disagrees: Disagrees): Promise<TemplateCase> {
  return await shortenData(await shortenTemplate(found, disagrees), disagrees);
}

async function shortenTemplate(found: TemplateCase, disagrees: Disagrees): Promise<TemplateCase> {
  let smallest = found;
  for (let length = found.template.length; length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at < smallest.template.length; ) {
      const template = smallest.template.slice(0, at) + smallest.template.slice(at + length);
      const candidate = { ...smallest, template };
      if (await disagrees(candidate)) smallest = candidate;
      else at += Math.max(1, Math.floor(length / 2));
    }
  }
  return smallest;
}

async function shortenData(found: TemplateCase, disagrees: Disagrees): Promise<TemplateCase> {
  let smallest = found;
  for (const key of found.data.keys()) {
    const candidate = { ...smallest, data: new Map([...smallest.data].filter(([other]) => other !== key)) };
    if (await disagrees(candidate)) smallest = candidate;
  }
  return smallest;
}
