/** All that is known of one ExternalSecret, but for its target, when it is decided what to do about it: from memory. */

import type { ExternalSecret } from '../api/external-secret.ts';
import type { Facts } from '../domain/situation.ts';
import { refreshGate } from '../domain/sync-windows.ts';
import type { SyncOptions } from './sync.ts';
import type { TemplateObjects } from './template-objects.ts';

export interface GatherOptions extends Pick<SyncOptions, 'registry' | 'index' | 'access' | 'clock'> {
  readonly templates: Pick<TemplateObjects, 'standing'>;
  /** Whether targets may be other than Secrets. */
  readonly allowsGeneric: boolean;
}

/** What is remembered of it. */
export type Remembered = Pick<Facts, 'record' | 'hold'>;

export function gather(
  externalSecret: ExternalSecret,
  remembered: Remembered,
  { registry, index, templates, access, clock, allowsGeneric }: GatherOptions,
): Facts {
  const { namespace } = externalSecret.metadata;
  return {
    ...remembered,
    externalSecret,
    allowsGeneric,
    storeOf: (storeKey) => registry.standing(storeKey),
    seen: (identityKey, secretRef) => index.observation(identityKey, secretRef),
    templateStanding: (ref) => templates.standing(ref, namespace),
    gate: refreshGate(externalSecret.spec, clock.nowMs()),
    access: access.gateOf(namespace),
  };
}
