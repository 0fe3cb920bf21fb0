/** ConfigMaps and Secrets that hold templates (`spec.target.template.templateFrom`): which are needed, and what of them is missing. */

import type { SecretTemplate, TemplateFrom } from '../api/secret-template.ts';
import { InvalidSecretContent, InvalidSpec, type KeyturnError } from '../ports/errors.ts';
import type { RenderTemplate } from '../ports/renderer.ts';
import { type SecretData, SecretValue } from '../ports/secret-value.ts';

/** Where the manifest names them, for messages. */
export const TEMPLATE_FROM = 'spec.target.template.templateFrom';

export type TemplateSourceKind = 'ConfigMap' | 'Secret';

/** One object that templates are taken from, in the namespace of the ExternalSecret, and the keys that are used. */
export interface TemplateSourceRef {
  readonly kind: TemplateSourceKind;
  readonly name: string;
  readonly keys: readonly string[];
}

/** What is known of it without a look into it; `unknown` while nobody has told. */
export type TemplateStanding =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'present'; readonly resourceVersion: string };

export type TemplateStandings = (ref: Pick<TemplateSourceRef, 'kind' | 'name'>) => TemplateStanding;

/** What was found in it: the `data` of a ConfigMap, as UTF-8, or of a Secret. */
export interface TemplateSource {
  readonly resourceVersion: string;
  readonly data: SecretData;
}

/** By {@link templateSourceId}; what does not exist has no entry. */
export type TemplateSources = ReadonlyMap<string, TemplateSource>;

/** `ConfigMap/NAME` or `Secret/NAME`. */
export function templateSourceId({ kind, name }: Pick<TemplateSourceRef, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

type Items = NonNullable<TemplateFrom['configMap']>['items'];

/** The objects of one entry, in the order in which they are rendered. */
function objectsOf(
  entry: TemplateFrom,
): readonly { readonly kind: TemplateSourceKind; readonly name: string; readonly items: Items }[] {
  const { configMap, secret } = entry;
  return [
    ...(configMap === undefined ? [] : [{ kind: 'ConfigMap' as const, ...configMap }]),
    ...(secret === undefined ? [] : [{ kind: 'Secret' as const, ...secret }]),
  ];
}

/** Each object once, with all its keys that are used. */
export function templateSourcesOf(template: SecretTemplate | undefined): readonly TemplateSourceRef[] {
  const found = new Map<string, TemplateSourceRef>();
  for (const { kind, name, items } of (template?.templateFrom ?? []).flatMap(objectsOf)) {
    const id = templateSourceId({ kind, name });
    const keys = [...(found.get(id)?.keys ?? []), ...items.map(({ key }) => key)];
    found.set(id, { kind, name, keys: [...new Set(keys)] });
  }
  return [...found.values()];
}

/** What must be there before anything can be rendered and is not, in words to show. */
export function missingTemplates(template: SecretTemplate | undefined, sources: TemplateSources): readonly string[] {
  return templateSourcesOf(template).flatMap((ref) => {
    const object = `${ref.kind} "${ref.name}"`;
    const source = sources.get(templateSourceId(ref));
    if (source === undefined) return [`${object} does not exist`];
    return ref.keys.filter((key) => !source.data.has(key)).map((key) => `${object} has no key "${key}"`);
  });
}

/**
 * What is watched tells by itself when it is there; for what is not, one has to look again.
 * @param missing as `missingTemplates` and `absentTemplates` tell it, not empty
 */
export function templateProblem(missing: readonly string[], isWatched: boolean): KeyturnError {
  const message = `${missing.join(', ')}; create it, or correct the manifest`;
  return isWatched ? new InvalidSpec(message) : new InvalidSecretContent(message);
}

/** Whether all of the objects are watched. */
export function areWatched(template: SecretTemplate | undefined, standingOf: TemplateStandings): boolean {
  return templateSourcesOf(template).every((ref) => standingOf(ref).kind !== 'unknown');
}

/** Objects that are known not to exist, in words to show. */
export function absentTemplates(
  template: SecretTemplate | undefined,
  standingOf: TemplateStandings,
): readonly string[] {
  return templateSourcesOf(template)
    .filter((ref) => standingOf(ref).kind === 'missing')
    .map(({ kind, name }) => `${kind} "${name}" does not exist`);
}

function versionsIn(
  template: SecretTemplate | undefined,
  versionOf: (ref: TemplateSourceRef) => string | undefined,
): readonly string[] | undefined {
  const refs = templateSourcesOf(template);
  if (refs.length === 0) return NO_TEMPLATES;
  const versions = refs.flatMap((ref) => {
    const version = versionOf(ref);
    return version === undefined ? [] : [`${templateSourceId(ref)}@${version}`];
  });
  return versions.length === refs.length ? versions.toSorted() : undefined;
}

/** Nearly all objects take no templates from elsewhere: they share this. */
const NO_TEMPLATES: readonly string[] = [];

/** What the rendering depends on besides the ExternalSecret, for the hash of what a target was made from; in a fixed order. */
export function templateVersions(template: SecretTemplate | undefined, sources: TemplateSources): readonly string[] {
  const versions = versionsIn(template, (ref) => sources.get(templateSourceId(ref))?.resourceVersion);
  if (versions === undefined) throw new Error('a template was not looked for before it was used');
  return versions;
}

/** The same from what is known now; undefined where not all of it is. */
export function knownTemplateVersions(
  template: SecretTemplate | undefined,
  standingOf: TemplateStandings,
): readonly string[] | undefined {
  return versionsIn(template, (ref) => {
    const standing = standingOf(ref);
    return standing.kind === 'present' ? standing.resourceVersion : undefined;
  });
}

/** A template that is there: `missingTemplates` was asked before. */
function templateIn(sources: TemplateSources, kind: TemplateSourceKind, name: string, key: string): SecretValue {
  const template = sources.get(templateSourceId({ kind, name }))?.data.get(key);
  if (template === undefined) throw new Error(`the template ${kind}/${name} was not looked for before it was used`);
  return template;
}

/** One template of an entry. */
export interface EntryTemplate extends Pick<RenderTemplate, 'name' | 'field' | 'source' | 'isSecret'> {
  /** Whether it gives keys and values, or one value. */
  readonly isMap: boolean;
}

/** Those of one entry: kept in objects, a ConfigMap's first, and the one that it has in itself, at most. */
export function templatesOf(
  entry: TemplateFrom,
  field: string,
  sources: TemplateSources,
): Readonly<Record<'kept' | 'literal', readonly EntryTemplate[]>> {
  const kept = objectsOf(entry).flatMap(({ kind, name, items }) =>
    items.map(({ key, templateAs }) => ({
      name: key,
      field: `${field}.${kind === 'Secret' ? 'secret' : 'configMap'} "${name}"`,
      source: templateIn(sources, kind, name, key),
      isSecret: kind === 'Secret',
      isMap: templateAs === 'KeysAndValues',
    })),
  );
  const { literal = '' } = entry;
  if (literal === '') return { kept, literal: [] };
  const source = SecretValue.fromText(literal);
  return { kept, literal: [{ name: 'literal', field, source, isSecret: false, isMap: true }] };
}
