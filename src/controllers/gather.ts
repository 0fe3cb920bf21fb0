/** Everything that is known of one ExternalSecret when it is decided what to do about it, from memory. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Situation } from '../domain/situation.ts';
import { refreshGate } from '../domain/sync-windows.ts';
import type { SecretMetadata } from '../ports/cluster.ts';
import type { SyncOptions } from './sync.ts';

export type GatherOptions = Pick<SyncOptions, 'registry' | 'index' | 'templates' | 'access' | 'clock'>;

/** What is remembered of it. */
export interface Remembered extends Pick<Situation, 'record' | 'hold' | 'inspected'> {
  readonly target: SecretMetadata | undefined;
}

export function gather(
  externalSecret: ExternalSecret,
  remembered: Remembered,
  { registry, index, templates, access, clock }: GatherOptions,
): Situation {
  const { namespace } = externalSecret.metadata;
  return {
    ...remembered,
    externalSecret,
    storeOf: (storeKey) => registry.standing(storeKey),
    seen: (identityKey, secretRef) => index.observation(identityKey, secretRef),
    templateStanding: (ref) => templates.standing(ref, namespace),
    gate: refreshGate(externalSecret.spec, clock.nowMs()),
    access: access.gateOf(namespace),
  };
}
