/**
 * Puts the code of the renderer's thread into the bundle, as text: the image runs one file, and the thread has to load
 * the template engine without loading the operator a second time.
 */

import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** A thread that runs a text runs it as CommonJS. */
async function threadCode(main: string): Promise<string> {
  const { outputFiles } = await build({
    write: false,
    entryPoints: [main],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minify: true,
    legalComments: 'inline',
    logLevel: 'warning',
  });
  const [code] = outputFiles;
  if (code === undefined) throw new Error(`nothing was built of ${basename(main)}`);
  return code.text;
}

export const embedThread: Plugin = {
  name: 'embed-thread',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]rendering[\\/]thread-entry\.ts$/ }, async ({ path }) => {
      const code = await threadCode(join(dirname(path), 'thread-main.ts'));
      return { contents: `export const THREAD_ENTRY = ${JSON.stringify(code)};`, loader: 'js' };
    });
  },
};
