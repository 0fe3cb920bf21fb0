/** The labels of namespaces, by which stores and policies decide whom they are for. */

import type { Labels } from '../domain/label-selector.ts';
import type { Clock } from '../ports/clock.ts';
import type { View } from '../ports/cluster.ts';
import { ListProbe } from './list-probe.ts';

export interface NamespaceLabelsOptions {
  readonly namespaces: View<{ readonly labels: Labels }>;
  /** Whether namespaces may be listed. @throws ClusterForbidden, ClusterRejected, ClusterUnavailable */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

export class NamespaceLabels {
  readonly #namespaces: NamespaceLabelsOptions['namespaces'];
  readonly #probe: ListProbe;

  constructor({ namespaces, probe, clock }: NamespaceLabelsOptions) {
    this.#namespaces = namespaces;
    this.#probe = new ListProbe(probe, clock);
  }

  /**
   * Undefined while they are not known. Watches have no order between them: an object may be told of before its namespace
   * is, and whoever took a namespace without labels for it would let it read what its labels forbid.
   */
  readonly of = (namespace: string): Labels | undefined => this.#namespaces.get(namespace)?.labels;

  /** False until all namespaces were listed, which is never where the operator may not. */
  get areListed(): boolean {
    return this.#namespaces.synced;
  }

  /** To be called while they are not listed. @throws ClusterForbidden with the rule that is missing, ClusterRejected, ClusterUnavailable */
  async askWhy(signal: AbortSignal): Promise<void> {
    await this.#probe.ask(signal);
  }
}
