/** What a target becomes by its template, from what was fetched and what was rendered (upstream section 6.2). Pure. */

import type { SecretTemplate } from '../api/secret-template.ts';
import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';
import type { Rendered } from '../ports/renderer.ts';
import type { SecretData, SecretValue } from '../ports/secret-value.ts';
import { decode } from './decoding.ts';
import { labelValueProblem, metadataKeyProblem } from './metadata-names.ts';
import { privilegeProblem } from './privileged-secret.ts';
import { quotedKey } from './quoted-keys.ts';
import type { RenderJob, TargetPart } from './render-plan.ts';
import { keyProblem } from './secret-key.ts';
import type { TemplatedParts } from './target.ts';

/** What the template says of the target. The ExternalSecret's own labels and annotations have no part in it. */
export interface RenderedTarget extends TemplatedParts {
  readonly data: SecretData;
}

type Parts = Readonly<Record<TargetPart, Map<string, SecretValue>>>;

function dataKeyProblem(key: string): string | undefined {
  return key === '' ? 'a key is empty' : keyProblem(key);
}

/** Keys that were rendered may hold anything: one that no Secret can have is not quoted. */
const MEANING_OF_KEYS =
  "a Secret's key has at most 253 letters, digits, '-', '.' and '_', and does not begin with '..'";

/** @throws InvalidSpec for a key of the manifest, InvalidSecretContent for one that was rendered */
function checkKey(key: string, { part, name, field, as }: RenderJob): void {
  const problem = part === 'data' ? dataKeyProblem(key) : metadataKeyProblem(part, key);
  if (problem === undefined) return;
  if (as === 'value') throw new InvalidSpec(`${field}: the key ${quotedKey(key)} cannot be used: ${problem}`);
  const meaning = part === 'data' ? MEANING_OF_KEYS : problem;
  throw new InvalidSecretContent(
    `the template for ${quotedKey(name)} (${field}) gives a key that cannot be used: ${meaning}`,
  );
}

/** Shorter values are in any text. */
const SHORTEST_VALUE_BYTES = 4;

/** A key that was rendered is named where no fetched value is in it. */
function keyText(key: string, { as }: RenderJob, fetched: SecretData): string {
  const isSuspect = as === 'map' && fetched.values().some((value) => isIn(value, key));
  return isSuspect ? 'a key that it gives' : `the key ${quotedKey(key)}`;
}

function isIn(value: SecretValue, key: string): boolean {
  return value.byteLength >= SHORTEST_VALUE_BYTES && Buffer.from(key).includes(Buffer.from(value.revealBytes()));
}

function put(parts: Parts, job: RenderJob, key: string, rendered: SecretValue, fetched: SecretData): void {
  checkKey(key, job);
  const { part, name, field, decodingStrategy } = job;
  const label = `the template for ${quotedKey(name)} (${field})`;
  const value = decode(rendered, decodingStrategy);
  if (value === undefined) {
    throw new InvalidSecretContent(`${label}: the value of ${keyText(key, job, fetched)} is not ${decodingStrategy}`);
  }
  const problem = part === 'labels' ? labelValueProblem(value.revealText()) : undefined;
  if (problem !== undefined) {
    throw new InvalidSecretContent(
      `${label}: ${keyText(key, job, fetched)} is given what no label can hold: ${problem}`,
    );
  }
  parts[part].set(key, value);
}

function texts(values: SecretData): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from(values, ([key, value]) => [key, value.revealText()]));
}

/** Without a template of data there would be nothing: then the fetched values are taken, as with Merge. */
function takesFetched({ mergePolicy = 'Replace', data = {}, templateFrom = [] }: SecretTemplate): boolean {
  return mergePolicy === 'Merge' || (Object.keys(data).length === 0 && templateFrom.length === 0);
}

/**
 * @param results of the jobs, in their order
 * @throws InvalidSpec, InvalidSecretContent: messages name keys, never values
 */
export function renderedTarget(
  template: SecretTemplate,
  fetched: SecretData,
  jobs: readonly RenderJob[],
  results: readonly Rendered[],
): RenderedTarget {
  const parts: Parts = {
    data: new Map(takesFetched(template) ? fetched : []),
    labels: new Map(),
    annotations: new Map(),
  };
  for (const [index, job] of jobs.entries()) {
    const result = results[index];
    if (result === undefined) throw new Error('a template was not rendered');
    const values = result.kind === 'value' ? [[job.name, result.value] as const] : result.values;
    for (const [key, value] of values) put(parts, job, key, value, fetched);
  }
  const type = template.type || undefined;
  const annotations = texts(parts.annotations);
  const problem = privilegeProblem(type, annotations);
  if (problem !== undefined) throw new InvalidSpec(problem);
  return {
    data: parts.data,
    labels: texts(parts.labels),
    annotations,
    type,
    finalizers: [...new Set(template.metadata?.finalizers ?? [])],
  };
}
