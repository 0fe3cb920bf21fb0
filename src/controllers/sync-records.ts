/** What this process knows of the last sync of each object, by their keys. It holds no value. */

import type { SourceName } from '../domain/references.ts';
import type { SyncRecord } from '../domain/situation.ts';
import type { SecretVersion } from '../ports/secret-source.ts';

export class SyncRecords {
  readonly #records = new Map<string, SyncRecord>();

  get(key: string): SyncRecord | undefined {
    return this.#records.get(key);
  }

  set(key: string, record: SyncRecord): void {
    this.#records.set(key, record);
  }

  /** The target was touched, and nothing of ours in it. */
  targetMoved(key: string, resourceVersion: string | undefined): void {
    const record = this.#records.get(key);
    if (record?.targetResourceVersion === undefined || resourceVersion === undefined) return;
    this.#records.set(key, { ...record, targetResourceVersion: resourceVersion });
  }

  delete(key: string): void {
    this.#records.delete(key);
  }

  /** True when a target of that version is what we wrote ourselves. */
  hasWritten(key: string, resourceVersion: string): boolean {
    return this.#records.get(key)?.targetResourceVersion === resourceVersion;
  }

  /** The version that the target of an object was last written from. */
  written(key: string, { identityKey, refId }: SourceName): SecretVersion | undefined {
    return this.#records
      .get(key)
      ?.versions.values()
      .find((version) => version.refId === refId && version.identityKey === identityKey);
  }

  /** The refs that targets are made from, by what was synced with an identity. */
  followed(identityKey: string): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const { versions, gone } of this.#records.values()) {
      for (const source of versions.values()) if (source.identityKey === identityKey) ids.add(source.refId);
      for (const source of gone.values()) if (source.identityKey === identityKey) ids.add(source.refId);
    }
    return ids;
  }
}
