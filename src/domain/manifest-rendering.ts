/** What a target that is no Secret gets by its template, or without one: labels, annotations, and content at paths (upstream section 2.8). Pure. */

import type { ExternalSecretTarget } from '../api/external-secret.ts';
import type { SecretTemplate } from '../api/secret-template.ts';
import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';
import type { Rendered } from '../ports/renderer.ts';
import { type Json, parseJson, SecretJson } from '../ports/secret-json.ts';
import type { SecretData, SecretValue } from '../ports/secret-value.ts';
import { decode } from './decoding.ts';
import type { ManifestJob } from './manifest-jobs.ts';
import { givesOwnNames } from './manifest-names.ts';
import type { ManifestPath } from './manifest-path.ts';
import { labelValueProblem, metadataKeyProblem } from './metadata-names.ts';
import { quotedKey } from './quoted-keys.ts';
import { keyProblem } from './secret-key.ts';

/** One thing to put into the content. */
export interface ManifestWrite {
  readonly path: ManifestPath;
  /** Of two maps the members are put together. */
  readonly isMerge: boolean;
  readonly value: SecretJson;
  /** Where it comes from, for messages. */
  readonly origin: string;
}

export interface RenderedManifest {
  /** Undefined where there is no template: then the ExternalSecret's own are taken. */
  readonly metadata: RenderedMetadata | undefined;
  /** In order: later ones win. */
  readonly writes: readonly ManifestWrite[];
  /** True where names of fields may hold values: then no message repeats them. */
  readonly hidesNames: boolean;
}

export interface RenderedMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

type Target = Pick<ExternalSecretTarget, 'template'> & { readonly manifest: { readonly kind: string } };

const MEANING_OF_KEYS =
  "a ConfigMap's key has at most 253 letters, digits, '-', '.' and '_', and does not begin with '..'";

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(value: SecretValue, origin: string): string {
  try {
    return UTF8.decode(value.revealBytes());
  } catch {
    throw new InvalidSecretContent(
      `${origin}: the value is no text (UTF-8), and only a Secret can hold other bytes; encode it in the template (b64enc)`,
    );
  }
}

/** Without a template of content there would be nothing: then the fetched values are taken, as with Merge. */
function takesFetched(template: SecretTemplate | undefined): boolean {
  const { mergePolicy = 'Replace', data = {}, templateFrom = [] } = template ?? {};
  return mergePolicy === 'Merge' || (Object.keys(data).length === 0 && templateFrom.length === 0);
}

function ofFetched(kind: string, fetched: SecretData): readonly ManifestWrite[] {
  const path: ManifestPath = kind === 'ConfigMap' ? ['data'] : ['spec', 'data'];
  return Array.from(fetched, ([key, value]) => {
    const origin = `the key ${quotedKey(key)}`;
    return { path: [...path, key], isMerge: false, value: new SecretJson(textOf(value, origin)), origin };
  });
}

function originOf({ name, field }: ManifestJob): string {
  return `the template for ${quotedKey(name)} (${field})`;
}

/** Keys and values of a job whose result is not read as YAML, decoded. */
function pairsOf(job: ManifestJob, result: Rendered): readonly (readonly [string, SecretValue])[] {
  const pairs = result.kind === 'value' ? [[job.name, result.value] as const] : [...result.values];
  return pairs.map(([key, value]) => {
    const decoded = decode(value, job.decodingStrategy);
    if (decoded !== undefined) return [key, decoded];
    throw new InvalidSecretContent(`${originOf(job)}: a value is not ${job.decodingStrategy}`);
  });
}

/** @throws InvalidSpec for a key of the manifest, InvalidSecretContent for one that was rendered, which is not quoted */
function checkKey(key: string, problem: string | undefined, meaning: string, job: ManifestJob): void {
  if (problem === undefined) return;
  if (job.as === 'map') throw new InvalidSecretContent(`${originOf(job)} gives a key that cannot be used: ${meaning}`);
  throw new InvalidSpec(`${job.field}: the key ${quotedKey(key)} cannot be used: ${problem}`);
}

function dataKeyProblem(key: string): string | undefined {
  return key === '' ? 'it is empty' : keyProblem(key);
}

function ofMembers(kind: string, job: ManifestJob, path: ManifestPath, result: Rendered): readonly ManifestWrite[] {
  const isData = kind === 'ConfigMap' && path.length === 1 && path[0] === 'data';
  return pairsOf(job, result).map(([key, value]) => {
    if (isData) checkKey(key, dataKeyProblem(key), MEANING_OF_KEYS, job);
    const origin = originOf(job);
    return { path: [...path, key], isMerge: false, value: new SecretJson(textOf(value, origin)), origin };
  });
}

function jsonOf(job: ManifestJob, result: Rendered): Json {
  const json = result.kind === 'value' ? parseJson(result.value.revealText()) : undefined;
  if (json !== undefined) return json;
  throw new InvalidSecretContent(`${originOf(job)} gives something that is nested too deep`);
}

function writesOf(kind: string, job: ManifestJob, result: Rendered): readonly ManifestWrite[] {
  const { place } = job;
  if (place.part === 'labels' || place.part === 'annotations') return [];
  if (place.part === 'members') return ofMembers(kind, job, place.path, result);
  const value = new SecretJson(jsonOf(job, result));
  return [{ path: place.path, isMerge: place.part === 'merge', value, origin: originOf(job) }];
}

function ofStatic(template: SecretTemplate, part: 'labels' | 'annotations'): readonly (readonly [string, string])[] {
  const field = `spec.target.template.metadata.${part}`;
  return Object.entries(template.metadata?.[part] ?? {}).map(([key, text]) => {
    const problem = metadataKeyProblem(part, key) ?? (part === 'labels' ? labelValueProblem(text) : undefined);
    if (problem === undefined) return [key, text];
    throw new InvalidSpec(`${field}: ${quotedKey(key)} cannot be used: ${problem}`);
  });
}

function ofRendered(job: ManifestJob, result: Rendered, part: 'labels' | 'annotations'): [string, string][] {
  if (job.place.part !== part) return [];
  return pairsOf(job, result).map(([key, value]) => {
    const problem = metadataKeyProblem(part, key);
    checkKey(key, problem, problem ?? '', job);
    const text = textOf(value, originOf(job));
    const valueProblem = part === 'labels' ? labelValueProblem(text) : undefined;
    if (valueProblem === undefined) return [key, text];
    throw new InvalidSecretContent(`${originOf(job)} gives what no label can hold: ${valueProblem}`);
  });
}

/**
 * @param results of the jobs, in their order; those that are read as YAML are JSON
 * @throws InvalidSpec, InvalidSecretContent: messages name keys, never values
 */
export function renderedManifest(
  { manifest, template }: Target,
  fetched: SecretData,
  jobs: readonly ManifestJob[],
  results: readonly Rendered[],
): RenderedManifest {
  const pairs = jobs.map((job, index): readonly [ManifestJob, Rendered] => {
    const result = results[index];
    if (result === undefined) throw new Error('a template was not rendered');
    return [job, result];
  });
  const metadataOf = (part: 'labels' | 'annotations', of: SecretTemplate) =>
    Object.fromEntries([...ofStatic(of, part), ...pairs.flatMap(([job, result]) => ofRendered(job, result, part))]);
  const ofJobs = pairs.map(([job, result]) => ({ job, writes: writesOf(manifest.kind, job, result) }));
  const ofKeys = takesFetched(template) ? ofFetched(manifest.kind, fetched) : [];
  return {
    metadata: template && { labels: metadataOf('labels', template), annotations: metadataOf('annotations', template) },
    writes: [...ofKeys, ...ofJobs.flatMap(({ writes }) => writes)],
    hidesNames: ofJobs.some(({ job, writes }) => givesOwnNames(job, writes, fetched.keys())),
  };
}
