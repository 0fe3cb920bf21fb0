/** In the bundle the thread's code is a text inside the one file: built here as the image has it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { embedThread } from '../../../scripts/bundle/embed-thread.ts';
import { systemClock } from '../../../src/loop/system-clock.ts';
import type { Rendered } from '../../../src/ports/renderer.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import type * as Rendering from '../../../src/rendering/renderer.ts';

test('the bundle renders without any other file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-thread-'));
  const outfile = join(folder, 'renderer.mjs');
  await build({
    entryPoints: ['src/rendering/renderer.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [embedThread],
  });
  const { createRenderer }: typeof Rendering = await import(pathToFileURL(outfile).href);
  const renderer = createRenderer({ clock: systemClock });
  const source = SecretValue.fromText('{{ .user | upper }} {{ toYaml (list 1) }} {{ sha256sum "a" | trunc 8 }}');
  const template = { name: 'a', field: 'F', source, isSecret: false, as: 'value' } as const;
  const data = new Map([['user', SecretValue.fromText('app')]]);
  try {
    const results: readonly Rendered[] = await renderer.render(
      { templates: [template], data },
      new AbortController().signal,
    );
    expect(results.map((result) => result.kind === 'value' && result.value.revealText())).toEqual(['APP - 1 ca978112']);
  } finally {
    await renderer.close();
    await rm(folder, { recursive: true });
  }
});
