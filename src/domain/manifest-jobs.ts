/** Which templates are rendered for a target that is no Secret, and where in it each result goes (upstream section 2.8). Pure. */

import type { SecretTemplate, TemplateFrom } from '../api/secret-template.ts';
import { InvalidSpec } from '../ports/errors.ts';
import type { RenderTemplate } from '../ports/renderer.ts';
import { SecretValue } from '../ports/secret-value.ts';
import type { DecodingStrategy } from './decoding.ts';
import { type ManifestPath, parseManifestPath } from './manifest-path.ts';
import { quotedKey } from './quoted-keys.ts';
import { type TemplateSources, templatesOf } from './template-sources.ts';

/** Where a result goes. */
export type ManifestPlace =
  | { readonly part: 'labels' }
  | { readonly part: 'annotations' }
  /** Values become members of the map at that path, as text. */
  | { readonly part: 'members'; readonly path: ManifestPath }
  /** The result, read as YAML, becomes what is at that path. */
  | { readonly part: 'replace'; readonly path: ManifestPath }
  /** The same, but of two maps the members are put together. */
  | { readonly part: 'merge'; readonly path: ManifestPath };

/** One template to render, and where its result goes: later ones win over earlier ones. */
export interface ManifestJob extends RenderTemplate {
  readonly place: ManifestPlace;
  readonly decodingStrategy: DecodingStrategy;
}

const TEMPLATE = 'spec.target.template';

/** All indexes of all paths together: each fills a list up to it. */
const MOST_INDEXED = 100_000;

const NAMED: ReadonlyMap<string, ManifestPlace> = new Map<string, ManifestPlace>([
  ['', { part: 'members', path: ['data'] }],
  ['data', { part: 'members', path: ['data'] }],
  ['labels', { part: 'labels' }],
  ['annotations', { part: 'annotations' }],
]);

/** @param isMap whether the result is a map of keys and values, or one value */
function placeOf({ target = '' }: TemplateFrom, field: string, isMap: boolean): ManifestPlace {
  const name = target.toLowerCase();
  const named = NAMED.get(name);
  if (named !== undefined) return named;
  if (name === 'spec') return { part: isMap ? 'replace' : 'members', path: ['spec'] };
  const path = parseManifestPath(target, `${field}.target`);
  return { part: isMap && path.length > 1 ? 'merge' : 'replace', path };
}

function formOf({ part }: ManifestPlace, isMap: boolean): ManifestJob['as'] {
  if (part === 'merge' || part === 'replace') return isMap ? 'json' : 'jsonOrText';
  return isMap ? 'map' : 'value';
}

/** Literal, ConfigMap, Secret: that is also their order, unlike that of a Secret's template. */
function ofEntry(entry: TemplateFrom, index: number, sources: TemplateSources): readonly ManifestJob[] {
  const field = fieldOf(index);
  const decodingStrategy = entry.valuesDecodingStrategy ?? 'None';
  const { kept, literal } = templatesOf(entry, field, sources);
  return [...literal, ...kept].map(({ isMap, ...source }) => {
    const place = placeOf(entry, field, isMap);
    return { ...source, as: formOf(place, isMap), place, decodingStrategy };
  });
}

function ofData(data: Readonly<Record<string, string>> = {}): readonly ManifestJob[] {
  return Object.entries(data).map(([name, text]) => ({
    name,
    field: `${TEMPLATE}.data`,
    source: SecretValue.fromText(text),
    isSecret: false,
    as: 'value',
    place: { part: 'members', path: ['data'] },
    decodingStrategy: 'None',
  }));
}

function fieldOf(index: number): string {
  return `${TEMPLATE}.templateFrom[${index}]`;
}

/** Single values are decoded, and nothing that is read as YAML. */
function checkDecoding(entry: TemplateFrom, index: number): void {
  const { configMap, secret, literal = '', valuesDecodingStrategy: strategy = 'None', target } = entry;
  const items = [...(configMap?.items ?? []), ...(secret?.items ?? [])];
  const areMaps = [...items.map(({ templateAs }) => templateAs === 'KeysAndValues'), ...(literal === '' ? [] : [true])];
  const isRead = areMaps.some((isMap) => /json/.test(formOf(placeOf(entry, fieldOf(index), isMap), isMap)));
  if (strategy === 'None' || !isRead) return;
  throw new InvalidSpec(
    `${fieldOf(index)}.valuesDecodingStrategy decodes single values, and what target ${quotedKey(target ?? '')} gets is ` +
      'read as YAML; remove it, and decode in the template (b64dec)',
  );
}

/** Fields at the root of the content that a template writes to. */
export function rootsWritten({ data = {}, templateFrom = [] }: SecretTemplate): readonly string[] {
  const places = templateFrom.map((entry, index) => placeOf(entry, fieldOf(index), false));
  const roots = places.flatMap((place) => ('path' in place ? [place.path[0]] : []));
  return Object.keys(data).length === 0 ? roots : [...roots, 'data'];
}

/** How far an entry fills lists. */
function indexesOf(entry: TemplateFrom, index: number): number {
  const place = placeOf(entry, fieldOf(index), false);
  const steps = 'path' in place ? place.path : [];
  return steps.reduce<number>((sum, step) => (typeof step === 'number' ? sum + step : sum), 0);
}

/**
 * What of the targets can be told from the manifest alone.
 * @throws InvalidSpec
 */
export function checkManifestTargets({ templateFrom = [] }: SecretTemplate): void {
  for (const [index, entry] of templateFrom.entries()) checkDecoding(entry, index);
  if (templateFrom.reduce((sum, entry, index) => sum + indexesOf(entry, index), 0) <= MOST_INDEXED) return;
  throw new InvalidSpec(`${TEMPLATE}.templateFrom: the indexes in all targets add up to more than ${MOST_INDEXED}`);
}

/**
 * @param template passed `checkManifestTargets`
 * @param sources nothing of them is missing (`missingTemplates`)
 * @throws InvalidSpec
 */
export function manifestJobs(
  { data, templateFrom = [] }: SecretTemplate,
  sources: TemplateSources,
): readonly ManifestJob[] {
  return [...templateFrom.flatMap((entry, index) => ofEntry(entry, index, sources)), ...ofData(data)];
}
