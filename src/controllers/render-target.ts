/** From the data that was fetched to what the target's template makes of it. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { SecretTemplate } from '../api/secret-template.ts';
import { MANIFEST } from '../domain/manifest-kind.ts';
import {
  areWatched,
  missingTemplates,
  TEMPLATE_FROM,
  type TemplateSources,
  templateProblem,
  templateVersions,
} from '../domain/template-sources.ts';
import { KeyturnError } from '../ports/errors.ts';
import type { Rendered, Renderer, RenderTemplate } from '../ports/renderer.ts';
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

export interface RenderOutcome<Content> {
  readonly kind: 'rendered';
  readonly content: Content;
  /** Versions of the objects that templates were taken from. */
  readonly versions: readonly string[];
}

/** What one kind of target has of templates, and what it makes of their results. */
export interface RenderRules<Job extends RenderTemplate, Content> {
  readonly template: SecretTemplate | undefined;
  jobs(sources: TemplateSources): readonly Job[];
  /** @param results of the jobs, in their order */
  contentOf(jobs: readonly Job[], results: readonly Rendered[]): Content;
}

const TEMPLATE = 'spec.target.template';

/** Another state of the object, or of the objects that its templates are kept in, is judged anew. */
function subjectOf(
  { namespace, name, generation = 0 }: ExternalSecret['metadata'],
  versions: readonly string[],
): string {
  return [`${namespace}/${name}@${generation}`, ...versions].join(' ');
}

async function rendered<Job extends RenderTemplate, Content>(
  subject: string,
  rules: RenderRules<Job, Content>,
  sources: TemplateSources,
  data: SecretData,
  { renderer }: RenderOptions,
  signal: AbortSignal,
): Promise<Content> {
  const jobs = rules.jobs(sources);
  const results = jobs.length === 0 ? [] : await renderer.render({ subject, templates: jobs, data }, signal);
  return rules.contentOf(jobs, results);
}

/** What hinders the rendering is a result; all else is thrown. */
export async function renderTarget<Job extends RenderTemplate, Content>(
  { metadata }: ExternalSecret,
  rules: RenderRules<Job, Content>,
  fetched: SecretData,
  options: RenderOptions,
  signal: AbortSignal,
): Promise<RenderOutcome<Content> | RenderFailure> {
  const { template } = rules;
  let field = TEMPLATE_FROM;
  try {
    const sources = await options.templates.read(template, metadata.namespace, signal);
    const missing = missingTemplates(template, sources);
    if (missing.length > 0) {
      const isWatched = areWatched(template, (ref) => options.templates.standing(ref, metadata.namespace));
      return { kind: 'failed', field, error: templateProblem(missing, isWatched) };
    }
    field = template === undefined ? MANIFEST : TEMPLATE;
    const versions = templateVersions(template, sources);
    const content = await rendered(subjectOf(metadata, versions), rules, sources, fetched, options, signal);
    return { kind: 'rendered', content, versions };
  } catch (error) {
    if (error instanceof KeyturnError && !signal.aborted) return { kind: 'failed', field, error };
    throw error;
  }
}
