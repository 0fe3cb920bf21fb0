/** The child as it is shipped: it starts several times as fast as from the sources. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundle } from '../../../scripts/bundle/build-bundle.ts';
import { BUNDLED_CHILD } from '../../../src/rendering/child-entry.ts';

export interface BuiltChild {
  readonly folder: string;
  /** The child's file in it. */
  readonly entry: string;
  remove(): Promise<void>;
}

export async function buildChild(): Promise<BuiltChild> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-renderer-'));
  const entry = join(folder, BUNDLED_CHILD);
  const { files } = await buildBundle({ entry: 'src/rendering/child-main.ts', outfile: entry });
  await Promise.all(files.map(({ path, contents }) => writeFile(path, contents)));
  return { folder, entry, remove: () => rm(folder, { recursive: true }) };
}
