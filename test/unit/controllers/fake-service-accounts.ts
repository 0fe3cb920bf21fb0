/** ServiceAccounts of an API server in memory, and their tokens. */

import type { ObjectName, RoleBearer, ServiceAccounts } from '../../../src/ports/cluster.ts';
import { ClusterNotFound, type KeyturnError } from '../../../src/ports/errors.ts';
import { SecretValue } from '../../../src/ports/secret-value.ts';
import { FakeView } from './fake-view.ts';

export class FakeServiceAccounts implements ServiceAccounts {
  readonly view = new FakeView<RoleBearer>();
  /** `namespace/name for audience, audience`, in the order in which they were asked for. */
  readonly tokens: string[] = [];
  /** How often somebody said that they are needed. */
  needed = 0;
  readonly #accounts = new Map<string, RoleBearer>();
  #failure: KeyturnError | undefined;
  #made = 0;

  /** Makes it, or gives it another role. */
  put(key: string, { roleArn, audience }: Partial<Pick<RoleBearer, 'roleArn' | 'audience'>>): void {
    this.#made += 1;
    const uid = this.#accounts.get(key)?.uid ?? `uid-account-${this.#made}`;
    this.#accounts.set(key, { uid, roleArn, audience });
    this.show(key, false);
  }

  remove(key: string): void {
    this.#accounts.delete(key);
    this.show(key, false);
  }

  /** Every call fails until it is called with nothing. */
  fail(failure?: KeyturnError): void {
    this.#failure = failure;
  }

  keys(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  show(key: string, initial: boolean): void {
    this.view.set(key, this.#accounts.get(key), initial);
  }

  async read({ namespace, name }: ObjectName, signal: AbortSignal): Promise<RoleBearer | undefined> {
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    return this.#accounts.get(`${namespace}/${name}`);
  }

  async requestToken({ namespace, name }: ObjectName, audiences: readonly string[], signal: AbortSignal) {
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#accounts.has(`${namespace}/${name}`)) throw new ClusterNotFound('There is no such ServiceAccount.');
    this.tokens.push(`${namespace}/${name} for ${audiences.join(', ')}`);
    return SecretValue.fromText(`fake-token-${this.tokens.length}`);
  }
}
