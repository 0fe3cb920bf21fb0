/** The operator's bundle: built now or given, and copied, so that a build meanwhile does not change what is measured. */

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
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
  copyFileSync(given ?? OPERATOR_BUNDLE, path);
  return { path, remove: directory.remove };
}
