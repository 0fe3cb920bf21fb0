/** The SecretAccessPolicies of the cluster: what counts for each namespace, from memory. */

import type { Narrowed } from '../api/narrow.ts';
import type { SecretAccessPolicy } from '../api/secret-access-policy.ts';
import type { Labels } from '../domain/label-selector.ts';
import { type AccessGate, accessGate, enforcedPolicy } from '../domain/secret-access.ts';
import type { View } from '../ports/cluster.ts';

export interface AccessPoliciesOptions {
  readonly view: View<Narrowed<SecretAccessPolicy>>;
  /** Of a namespace; undefined while they are not known. */
  readonly labelsOf: (namespace: string) => Labels | undefined;
  /** `--require-access-policy` */
  readonly isRequired: boolean;
}

export class AccessPolicies {
  readonly #options: AccessPoliciesOptions;
  /** Made when it is asked for, and dropped with each change. */
  #policies: readonly SecretAccessPolicy[] | undefined;

  constructor(options: AccessPoliciesOptions) {
    this.#options = options;
    options.view.onChange(() => {
      this.#policies = undefined;
    });
  }

  gateOf(namespace: string): AccessGate {
    const { view, labelsOf, isRequired } = this.#options;
    if (!view.synced) return { kind: 'unknown' };
    this.#policies ??= [...view.values()].map(enforcedPolicy);
    return accessGate(namespace, { policies: this.#policies, labels: labelsOf(namespace), isRequired });
  }
}
