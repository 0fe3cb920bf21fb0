/** ConfigMaps of an API server in memory. */

import type { ConfigMapVersion } from '../../../src/controllers/template-objects.ts';
import type { ConfigMaps, ObjectName, StoredData } from '../../../src/ports/cluster.ts';
import type { KeyturnError } from '../../../src/ports/errors.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { FakeView } from './fake-view.ts';

export class FakeConfigMaps implements ConfigMaps {
  readonly view = new FakeView<ConfigMapVersion>();
  /** Names of those that were read, in order. */
  readonly reads: string[] = [];
  /** How often somebody said that they are needed. */
  needed = 0;
  readonly #nextVersion: () => string;
  readonly #objects = new Map<string, StoredData>();
  #failure: KeyturnError | undefined;

  constructor(nextVersion: () => string) {
    this.#nextVersion = nextVersion;
  }

  put(key: string, texts: Readonly<Record<string, string>>): void {
    const data = new Map(Object.entries(texts).map(([name, text]) => [name, SecretValue.fromText(text)]));
    this.#objects.set(key, { resourceVersion: this.#nextVersion(), data });
    this.show(key, false);
  }

  remove(key: string): void {
    this.#objects.delete(key);
    this.show(key, false);
  }

  /** Every read fails until it is called with nothing. */
  fail(failure?: KeyturnError): void {
    this.#failure = failure;
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()];
  }

  /** What cannot be listed is not told of either. */
  show(key: string, initial: boolean): void {
    if (!this.view.synced) return;
    const resourceVersion = this.#objects.get(key)?.resourceVersion;
    this.view.set(key, resourceVersion === undefined ? undefined : { resourceVersion }, initial);
  }

  async read({ namespace, name }: ObjectName, signal: AbortSignal): Promise<StoredData | undefined> {
    signal.throwIfAborted();
    this.reads.push(`${namespace}/${name}`);
    if (this.#failure !== undefined) throw this.#failure;
    return this.#objects.get(`${namespace}/${name}`);
  }
}
