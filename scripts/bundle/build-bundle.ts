/** One file of ours and all that it imports, as one file that Node runs without node_modules. */

import { type BuildOptions, build, type Metafile, type OutputFile, type Plugin } from 'esbuild';

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export interface Bundle {
  readonly entry: string;
  readonly outfile: string;
  /** First line of the file. */
  readonly shebang?: string;
  readonly plugins?: readonly Plugin[];
}

export interface BuiltBundle {
  /** The bundle and what belongs beside it; nothing is written. */
  readonly files: readonly OutputFile[];
  /** What it was made of. */
  readonly metafile: Metafile;
}

/** The same for all bundles. */
const COMMON = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Without comments and indentation: Node keeps the source in memory, twice its size where one character is not
  // Latin-1. Names stay as they are, and the map beside the bundle tells the lines.
  minifyWhitespace: true,
  // A crash prints the line that it happened in.
  lineLimit: 120,
  sourcemap: 'external',
  legalComments: 'external',
  logLevel: 'warning',
} as const satisfies BuildOptions;

export async function buildBundle({ entry, outfile, shebang, plugins = [] }: Bundle): Promise<BuiltBundle> {
  const banner = { js: shebang === undefined ? REQUIRE : `${shebang}\n${REQUIRE}` };
  const options = { ...COMMON, entryPoints: [entry], outfile, banner, plugins: [...plugins] };
  const { outputFiles, metafile } = await build({ ...options, write: false, metafile: true });
  return { files: outputFiles, metafile };
}
