/** The SecretAccessPolicies of the cluster: what counts for each namespace, from memory. */

import type { Narrowed } from '../api/narrow.ts';
import type { SecretAccessPolicy } from '../api/secret-access-policy.ts';
import type { Labels } from '../domain/label-selector.ts';
import { type AccessGate, accessGate } from '../domain/secret-access.ts';
import type { View } from '../ports/cluster.ts';

export interface AccessPoliciesOptions {
  readonly view: View<Narrowed<SecretAccessPolicy>>;
  /** Of a namespace; undefined while they are not known. */
  readonly labelsOf: (namespace: string) => Labels | undefined;
  /** `--require-access-policy` */
  readonly isRequired: boolean;
}

/** It selects every namespace and allows nothing: it was meant to keep something out, and what, nobody knows. */
function closed(metadata: SecretAccessPolicy['metadata']): SecretAccessPolicy {
  return { kind: 'SecretAccessPolicy', metadata, spec: { namespaceSelector: {}, allow: [] } };
}

const UNREADABLE = { name: 'unreadable', uid: '', resourceVersion: '' };

function policyOf(entry: Narrowed<SecretAccessPolicy>): SecretAccessPolicy {
  if (entry.kind === 'valid') return entry.object;
  return closed(entry.kind === 'invalid' ? entry.meta : UNREADABLE);
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
    this.#policies ??= [...view.values()].map(policyOf);
    return accessGate(namespace, { policies: this.#policies, labels: labelsOf(namespace), isRequired });
  }
}
