/** The Dockerfile, and `npm run image` that does without a builder: they have to make the same image. */

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { layOperatorImage } from '../../scripts/image/operator-image.ts';
import { buildOperatorBundle } from '../harness/operator-bundle.ts';
import { temporaryDirectory } from '../harness/reaper.ts';
import { buildDockerfile, hasImageBuilder } from './image-build.ts';

const canBuild = await hasImageBuilder();
const NOT_BUILT = 'The Dockerfile is not built: buildah is not here (Debian: apt-get install buildah).\n';
if (!canBuild) process.stderr.write(NOT_BUILT);

it.runIf(canBuild)('the Dockerfile builds, into the image that `npm run image` makes', async ({ signal }) => {
  const directory = temporaryDirectory('dockerfile');
  try {
    const ours = join(directory.path, 'ours');
    mkdirSync(ours);
    await buildOperatorBundle(signal);
    const { env, user, entrypoint, command } = await layOperatorImage(ours);
    const built = await buildDockerfile(directory.path);
    expect(contentsOf(built.rootDirectory)).toEqual(contentsOf(ours));
    expect(built.config).toMatchObject({ User: user, Entrypoint: entrypoint, Cmd: command });
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    // The builder adds the PATH that its base has none of.
    expect(variablesOf(built.config).filter((each) => !each.startsWith('PATH='))).toEqual(variables);
  } finally {
    directory.remove();
  }
});

/** Kind, mode, owner and digest of each path. */
function contentsOf(rootDirectory: string): ReadonlyMap<string, string> {
  const paths = readdirSync(rootDirectory, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(paths.map((path) => [path, entryOf(join(rootDirectory, path))]));
}

function entryOf(path: string): string {
  const stat = lstatSync(path);
  const contents = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path) : '';
  const digest = createHash('sha256').update(contents).digest('hex');
  return `${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${digest}`;
}

function variablesOf({ Env: variables }: Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(variables) ? variables.map(String) : [];
}
