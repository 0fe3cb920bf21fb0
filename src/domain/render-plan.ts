/** Which templates are rendered for a target, in which order, and what becomes of each (upstream section 6.2). Pure. */

import type { SecretTemplate, TemplateFrom } from '../api/secret-template.ts';
import { InvalidSpec } from '../ports/errors.ts';
import type { RenderTemplate } from '../ports/renderer.ts';
import { SecretValue } from '../ports/secret-value.ts';
import type { DecodingStrategy } from './decoding.ts';
import { quotedKey } from './quoted-keys.ts';
import { type TemplateSources, templatesOf } from './template-sources.ts';

export type TargetPart = 'data' | 'labels' | 'annotations';

/** One template to render, and where its result goes: later ones win over earlier ones. */
export interface RenderJob extends RenderTemplate {
  readonly part: TargetPart;
  readonly decodingStrategy: DecodingStrategy;
}

const TEMPLATE = 'spec.target.template';

const PARTS: ReadonlyMap<string, TargetPart> = new Map([
  ['', 'data'],
  ['data', 'data'],
  ['labels', 'labels'],
  ['annotations', 'annotations'],
]);

function partOf({ target = '' }: TemplateFrom, field: string): TargetPart {
  const part = PARTS.get(target.toLowerCase());
  if (part !== undefined) return part;
  throw new InvalidSpec(`${field}.target ${quotedKey(target)} is no part of a Secret; use Data, Annotations or Labels`);
}

function ofMap(part: TargetPart, field: string, templates: Readonly<Record<string, string>> = {}): RenderJob[] {
  return Object.entries(templates).map(([name, text]) => ({
    name,
    field,
    source: SecretValue.fromText(text),
    isSecret: false,
    as: 'value',
    part,
    decodingStrategy: 'None',
  }));
}

/** ConfigMap, Secret, literal: that is also their order. */
function ofEntry(entry: TemplateFrom, index: number, sources: TemplateSources): RenderJob[] {
  const field = `${TEMPLATE}.templateFrom[${index}]`;
  const part = partOf(entry, field);
  const decodingStrategy = entry.valuesDecodingStrategy ?? 'None';
  const { kept, literal } = templatesOf(entry, field, sources);
  return [...kept, ...literal].map(({ isMap, ...template }) => ({
    ...template,
    as: isMap ? 'map' : 'value',
    part,
    decodingStrategy,
  }));
}

/**
 * @param sources nothing of them is missing (`missingTemplates`)
 * @throws InvalidSpec
 */
export function renderJobs(template: SecretTemplate, sources: TemplateSources): readonly RenderJob[] {
  const { data, metadata, templateFrom = [] } = template;
  return [
    ...templateFrom.flatMap((entry, index) => ofEntry(entry, index, sources)),
    ...ofMap('data', `${TEMPLATE}.data`, data),
    ...ofMap('labels', `${TEMPLATE}.metadata.labels`, metadata?.labels),
    ...ofMap('annotations', `${TEMPLATE}.metadata.annotations`, metadata?.annotations),
  ];
}
