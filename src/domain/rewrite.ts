/** `dataFrom[].rewrite`: operations that give the keys other names, each on what the one before it made (upstream section 5). */

import type { Rewrite } from '../api/data-from.ts';
import { InvalidSecretContent, InvalidSpec } from '../ports/errors.ts';
import type { SecretData } from '../ports/secret-value.ts';
import { compileGoRegexp, type GoRegexp } from '../regexp/go-regexp.ts';
import { expand, readReplacement, replaceMatches } from '../regexp/replacement.ts';
import { firstFew, quotedKey } from './quoted-keys.ts';
import { type RewriteBudget, rewriteBudget } from './rewrite-budget.ts';
import { type Entry, merged } from './rewrite-merge.ts';

export interface RewriteTools {
  /**
   * Parses a template whose `.value` is a key. What it gives renders one key.
   * @throws InvalidSpec when it does not parse; the renderer throws InvalidSecretContent where it fails for a key
   */
  readonly compileTransform: (template: string) => (key: string) => string;
  /** A clock that only goes forward, by which what an operation may take is bounded. */
  readonly elapsedMs: () => number;
}

type Rename = (key: string) => string;

function compiled(source: string): GoRegexp {
  const result = compileGoRegexp(source);
  switch (result.kind) {
    case 'regexp':
      return result.regexp;
    case 'tooLarge':
      throw new InvalidSpec('the regular expression is too large; shorten it, or its repetitions');
    case 'invalid':
      throw new InvalidSpec(
        `${quotedKey(source)} is not a regular expression of the RE2 syntax (${result.reason}); correct it`,
      );
  }
}

function byRegexp({ source, target }: NonNullable<Rewrite['regexp']>, { meter, grown }: RewriteBudget): Rename {
  const regexp = compiled(source);
  const pieces = readReplacement(target, regexp.groups);
  return (key) => {
    if (regexp.isTooCostlyFor(key)) {
      throw new InvalidSecretContent(`the regular expression is too costly for a key of ${key.length} characters`);
    }
    const matches = regexp.findForReplacement(key, meter);
    return replaceMatches(key, matches, (match) => expand(pieces, target, key, match), grown);
  };
}

function byTemplate({ template }: NonNullable<Rewrite['transform']>, tools: RewriteTools, budget: RewriteBudget) {
  const render = tools.compileTransform(template);
  return (key: string): string => budget.spend(() => render(key));
}

/** Keys that become empty are on their way to be dropped: those alone may be equal. */
function checkCollisions(entries: readonly Entry[]): void {
  const origins = new Map<string, string>();
  const collisions: string[] = [];
  for (const { key, origin } of entries) {
    const other = origins.get(key);
    if (key !== '' && other !== undefined) {
      collisions.push(`${quotedKey(other)} and ${quotedKey(origin)} both become ${quotedKey(key)}`);
    }
    origins.set(key, origin);
  }
  if (collisions.length > 0) throw new InvalidSecretContent(`${firstFew(collisions, '; ')}; let them differ`);
}

function renamed(entries: readonly Entry[], rename: Rename, budget: RewriteBudget): readonly Entry[] {
  let characters = 0;
  const result = entries.map((entry) => {
    const key = rename(entry.key);
    characters += key.length;
    budget.grown(characters);
    return { ...entry, key };
  });
  checkCollisions(result);
  return result;
}

function applied(
  { merge, regexp, transform }: Rewrite,
  entries: readonly Entry[],
  tools: RewriteTools,
  budget: RewriteBudget,
): readonly Entry[] {
  if (merge !== undefined) return budget.spend(() => merged(merge, entries));
  if (regexp !== undefined) return renamed(entries, byRegexp(regexp, budget), budget);
  return transform === undefined ? entries : renamed(entries, byTemplate(transform, tools, budget), budget);
}

/** Says which operation it was that failed. */
function located<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidSpec) throw new InvalidSpec(`rewrite[${index}]: ${error.message}`);
    if (error instanceof InvalidSecretContent) throw new InvalidSecretContent(`rewrite[${index}]: ${error.message}`);
    throw error;
  }
}

/**
 * The values under their new keys, without those whose key has become empty. Keys are not checked.
 * @throws InvalidSpec for an operation that can never work
 * @throws InvalidSecretContent for one that does not work with these keys and values, such as two keys that become one
 */
export function rewritten(operations: readonly Rewrite[], values: SecretData, tools: RewriteTools): SecretData {
  const budget = rewriteBudget(tools.elapsedMs);
  let entries: readonly Entry[] = [...values].map(([key, value]) => ({ key, value, origin: key }));
  for (const [index, operation] of operations.entries()) {
    entries = located(index, () => applied(operation, entries, tools, budget));
  }
  return new Map(entries.filter(({ key }) => key !== '').map(({ key, value }) => [key, value]));
}
