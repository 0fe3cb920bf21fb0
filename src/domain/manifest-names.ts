/**
 * Names of fields that came out of templates: they may hold values, and the API server names fields when it refuses an
 * object. Pure.
 */

import { isJsonList, isJsonObject, type Json } from '../ports/secret-json.ts';
import type { ManifestJob } from './manifest-jobs.ts';
import type { ManifestWrite } from './manifest-rendering.ts';

function namesIn(value: Json): readonly string[] {
  if (isJsonList(value)) return value.flatMap(namesIn);
  if (!isJsonObject(value)) return [];
  return Array.from(value).flatMap(([name, member]) => [name, ...namesIn(member)]);
}

/** Those that the job's result has given, and not the manifest. */
function namesGiven({ place, as }: ManifestJob, { path, value }: ManifestWrite): readonly string[] {
  if (place.part !== 'members') return namesIn(value.reveal());
  return as === 'map' ? path.slice(place.path.length).map(String) : [];
}

/**
 * Whether one of the names is neither in the text of the template that gave it, for all to read, nor that of a fetched key.
 * @param writes those of that job
 */
export function givesOwnNames(job: ManifestJob, writes: readonly ManifestWrite[], keys: Iterable<string>): boolean {
  const known = new Set(keys);
  const text = job.isSecret ? '' : job.source.revealText();
  const isKnown = (name: string) => known.has(name) || text.includes(name);
  return writes.some((write) => !namesGiven(job, write).every(isKnown));
}
