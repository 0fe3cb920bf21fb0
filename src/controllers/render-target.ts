/** From the data that was fetched to what the target's template makes of it. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretTemplate } from '../api/secret-template.ts';
import { type RenderedTarget, renderedTarget } from '../domain/render.ts';
import { renderJobs } from '../domain/render-plan.ts';
import {
  missingTemplates,
  TEMPLATE_FROM,
  type TemplateSources,
  templateProblem,
  templateVersions,
} from '../domain/template-sources.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { Renderer } from '../ports/renderer.ts';
import type { SecretData } from '../ports/secret-value.ts';
import type { TemplateObjects } from './template-objects.ts';

export interface RenderOptions {
  readonly renderer: Renderer;
  readonly templates: TemplateObjects;
}

export interface RenderFailure {
  readonly kind: 'failed';
  readonly field: string;
  readonly error: KeyturnError;
}

export interface RenderOutcome {
  readonly kind: 'rendered';
  readonly target: RenderedTarget;
  /** Versions of the objects that templates were taken from. */
  readonly versions: readonly string[];
}

const FIELD = 'spec.target.template';

/** Another state of the object, or of the objects that its templates are kept in, is judged anew. */
function subjectOf(
  { namespace, name, generation = 0 }: ExternalSecret['metadata'],
  versions: readonly string[],
): string {
  return [`${namespace}/${name}@${generation}`, ...versions].join(' ');
}

async function rendered(
  subject: string,
  template: SecretTemplate,
  sources: TemplateSources,
  fetched: SecretData,
  { renderer }: RenderOptions,
  signal: AbortSignal,
): Promise<RenderedTarget> {
  const jobs = renderJobs(template, sources);
  const results = await renderer.render({ subject, templates: jobs, data: fetched }, signal);
  return renderedTarget(template, fetched, jobs, results);
}

/** What hinders the rendering is a result; all else is thrown. */
export async function renderTarget(
  { metadata }: ExternalSecret,
  template: SecretTemplate,
  fetched: SecretData,
  options: RenderOptions,
  signal: AbortSignal,
): Promise<RenderOutcome | RenderFailure> {
  let field = TEMPLATE_FROM;
  try {
    const sources = await options.templates.read(template, metadata.namespace, signal);
    const missing = missingTemplates(template, sources);
    if (missing.length > 0) return { kind: 'failed', field, error: templateProblem(missing) };
    field = FIELD;
    const versions = templateVersions(template, sources);
    const target = await rendered(subjectOf(metadata, versions), template, sources, fetched, options, signal);
    return { kind: 'rendered', target, versions };
  } catch (error) {
    if (error instanceof KeyturnError && !signal.aborted) return { kind: 'failed', field, error };
    throw error;
  }
}
