/** The operator's bundle: built now or given, and copied, so that a build meanwhile does not change what is measured. */

import { copyFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUNDLED_CHILD } from '../src/rendering/child-entry.ts';
import { buildOperatorBundle, OPERATOR_BUNDLE } from '../test/harness/operator-bundle.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../test/harness/reaper.ts';

export interface PinnedBundle {
  readonly path: string;
  remove(): void;
}

/** @param given a bundle that is there already */
export async function pinBundle(given: string | undefined, signal: AbortSignal): Promise<PinnedBundle> {
  if (given === undefined) await buildOperatorBundle(signal);
  const directory: TemporaryDirectory = temporaryDirectory('bench');
  // Outside of the package, whose "type" it cannot inherit.
  const path = join(directory.path, 'keyturn.mjs');
  const bundle = given ?? OPERATOR_BUNDLE;
  copyFileSync(bundle, path);
  const renderer = join(dirname(bundle), BUNDLED_CHILD);
  // A bundle of an earlier version has none.
  if (existsSync(renderer)) copyFileSync(renderer, join(directory.path, BUNDLED_CHILD));
  return { path, remove: directory.remove };
}
