/** The namespace that the operator's own pod is in. */

import { readFile } from 'node:fs/promises';

const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** From `$POD_NAMESPACE`, else from the mounted ServiceAccount; undefined outside a cluster. */
export async function podNamespace(env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const fromEnv = env['POD_NAMESPACE'];
  if (fromEnv !== undefined && fromEnv !== '') return fromEnv;
  try {
    return (await readFile(MOUNTED, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
