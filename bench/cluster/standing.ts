/** How ExternalSecrets stand, for the message of a phase that waited for them in vain. */

import type { ApiClient } from './api-client.ts';
import { fieldAt, textAt } from './json-field.ts';
import { externalSecretsPath } from './objects.ts';

const LOOKED_AT = 1_000;

/** Their conditions with how many have each, such as `299 × True SecretSynced: secret synced; 1 × no condition`. */
export async function standingOf(api: ApiClient, namespace: string): Promise<string> {
  const list = await api.json({ method: 'GET', path: `${externalSecretsPath(namespace)}?limit=${LOOKED_AT}` });
  const items = fieldAt(list, 'items');
  const counts = new Map<string, number>();
  for (const item of Array.isArray(items) ? items : []) {
    const condition = fieldAt(item, 'status', 'conditions', 0);
    const [status, reason, message] = ['status', 'reason', 'message'].map((name) => textAt(condition, name));
    const standing = condition === undefined ? 'no condition' : `${status} ${reason}: ${message}`;
    counts.set(standing, (counts.get(standing) ?? 0) + 1);
  }
  return Array.from(counts, ([standing, count]) => `${count} × ${standing}`).join('; ');
}
