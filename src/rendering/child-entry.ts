/** The file that the child runs: beside this one in the sources, beside the operator's bundle where that is running. */

import { fileURLToPath } from 'node:url';

/** What `scripts/build.ts` calls it; the name says that it is a module wherever it is copied to. */
export const BUNDLED_CHILD = 'keyturn-renderer.mjs';

const isSource = import.meta.url.endsWith('.ts');

export const CHILD_ENTRY: string = fileURLToPath(
  new URL(isSource ? './child-main.ts' : `./${BUNDLED_CHILD}`, import.meta.url),
);
