/** How a target is called where it is told of: upstream has words for Secrets, and others for all else (section 2.7). Pure. */

import type { ExternalSecretSpec } from '../api/external-secret.ts';
import { genericTargetOf } from './manifest-kind.ts';

/** The sentences that the condition of a failure begins with, and that dashboards may look for. */
export interface FailureSentences {
  readonly onLook: string;
  readonly onRender: string;
  readonly onWrite: string;
}

export interface TargetWords {
  /** As Kubernetes calls it. */
  readonly kind: string;
  /** In sentences. */
  readonly noun: 'secret' | 'resource';
  /** What the reasons of the Ready condition begin with. */
  readonly reason: 'Secret' | 'Resource';
  readonly failures: FailureSentences;
  /** Whether `status.binding` names it: what follows the Service Binding specification expects a Secret there. */
  readonly isBound: boolean;
}

const UPDATE = 'could not update secret';

const OF_SECRET: TargetWords = {
  kind: 'Secret',
  noun: 'secret',
  reason: 'Secret',
  failures: { onLook: UPDATE, onRender: UPDATE, onWrite: UPDATE },
  isBound: true,
};

const OF_ANY: Omit<TargetWords, 'kind'> = {
  noun: 'resource',
  reason: 'Resource',
  failures: {
    onLook: 'could not get target resource',
    onRender: 'could not apply template to manifest',
    onWrite: 'could not update resource',
  },
  isBound: false,
};

/** @param spec of an object that cannot be read there is none: it is told of as one that makes a Secret */
export function targetWordsOf({ spec }: { readonly spec?: ExternalSecretSpec }): TargetWords {
  const generic = spec && genericTargetOf(spec);
  return generic === undefined ? OF_SECRET : { ...OF_ANY, kind: generic.manifest.kind };
}
