/** Where the harness keeps what is slow to make: `${XDG_CACHE_HOME:-~/.cache}/keyturn/`. */

import { homedir } from 'node:os';
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

export function cacheDirectory(env: Environment, ...parts: readonly string[]): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'keyturn', ...parts);
}
