/** Reads the ConfigMaps that hold templates. */

import type { ConfigMaps } from '../ports/cluster.ts';
import { SecretValue } from '../ports/secret-value.ts';
import type { KubeClient } from './client.ts';
import { CONFIG_MAPS, namespacedObject } from './resource-path.ts';
import { bodyOrGone, readStoredData } from './stored-data.ts';

export function createConfigMaps(client: KubeClient): ConfigMaps {
  return {
    async read(name, signal) {
      const raw = bodyOrGone(await client.call({ verb: 'get', path: namespacedObject(CONFIG_MAPS, name), signal }));
      return raw === undefined ? undefined : readStoredData(raw, SecretValue.fromText);
    },
  };
}
