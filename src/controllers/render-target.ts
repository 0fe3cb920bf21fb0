/** From the data that was fetched to what the target's template makes of it. */

import type { SecretTemplate } from '../api/secret-template.ts';
import { type RenderedTarget, renderedTarget } from '../domain/render.ts';
import { renderJobs } from '../domain/render-plan.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { Renderer } from '../ports/renderer.ts';
import type { SecretData } from '../ports/secret-value.ts';

/** Templates that are kept in ConfigMaps and Secrets are not served yet: `unsupportedField` has named them. */
const NO_SOURCES = new Map();

/** The error is what hinders the rendering. All else is thrown. */
export async function renderTarget(
  template: SecretTemplate,
  fetched: SecretData,
  renderer: Renderer,
  signal: AbortSignal,
): Promise<RenderedTarget | KeyturnError> {
  try {
    const jobs = renderJobs(template, NO_SOURCES);
    return renderedTarget(template, fetched, jobs, await renderer.render({ templates: jobs, data: fetched }, signal));
  } catch (error) {
    if (error instanceof KeyturnError && !signal.aborted) return error;
    throw error;
  }
}
