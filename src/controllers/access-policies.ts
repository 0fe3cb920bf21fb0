/** The SecretAccessPolicies of the cluster: what counts for each namespace, from memory. */

import type { Narrowed } from '../api/narrow.ts';
import type { SecretAccessPolicy } from '../api/secret-access-policy.ts';
import type { Labels } from '../domain/label-selector.ts';
import { sameValue } from '../domain/same-value.ts';
import { type AccessGate, accessGate, enforcedPolicy } from '../domain/secret-access.ts';
import type { View } from '../ports/cluster.ts';

export interface AccessPoliciesOptions {
  readonly view: View<Narrowed<SecretAccessPolicy>>;
  /** Of a namespace; undefined while they are not known. */
  readonly labelsOf: (namespace: string) => Labels | undefined;
  /** `--require-access-policy` */
  readonly isRequired: boolean;
}

interface Judged {
  readonly labels: Labels | undefined;
  readonly gate: AccessGate;
}

export class AccessPolicies {
  readonly #options: AccessPoliciesOptions;
  /** Made when it is asked for, and dropped with each change. */
  #policies: readonly SecretAccessPolicy[] | undefined;
  /**
   * By namespace, as long as neither the policies nor its labels are others: there may be a policy for each of a thousand
   * namespaces, and each object of each of them is asked for.
   */
  readonly #judged = new Map<string, Judged>();

  constructor(options: AccessPoliciesOptions) {
    this.#options = options;
    options.view.onChange(() => {
      this.#policies = undefined;
      this.#judged.clear();
    });
  }

  gateOf(namespace: string): AccessGate {
    const { view, labelsOf, isRequired } = this.#options;
    if (!view.synced) return { kind: 'unknown' };
    const labels = labelsOf(namespace);
    const judged = this.#judged.get(namespace);
    if (judged !== undefined && sameValue(judged.labels, labels)) return judged.gate;
    this.#policies ??= [...view.values()].map(enforcedPolicy);
    const gate = accessGate(namespace, { policies: this.#policies, labels, isRequired });
    // Of a namespace that is gone, or not known yet, nothing is kept.
    if (labels === undefined) this.#judged.delete(namespace);
    else this.#judged.set(namespace, { labels, gate });
    return gate;
  }
}
