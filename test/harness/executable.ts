/** Which programs this machine has. */

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Where `PATH` has it first; undefined when it has not. */
export async function programPath(name: string): Promise<string | undefined> {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, name));
  const found = await Promise.all(paths.map(async (path) => ((await isExecutable(path)) ? [path] : [])));
  return found.flat()[0];
}
