/** Renders a case with the engine under test; whatever it throws but a TemplateError is a crash. */

import { compileTemplate, TemplateError } from '../../src/template/template.ts';
import { crash, type Outcome } from '../oracle/outcome.ts';
import type { TemplateCase } from './case.ts';

/** The name that the oracle gives to its templates, so that messages can be compared. */
const NAME = 'k';

export function renderOurs({ template, data, delimiters }: TemplateCase): Outcome {
  try {
    const options = delimiters === undefined ? { name: NAME } : { name: NAME, delimiters };
    return { kind: 'output', bytes: compileTemplate(template, options).render(data) };
  } catch (error) {
    if (error instanceof TemplateError) return { kind: 'failure', message: error.message };
    return crash(error);
  }
}
