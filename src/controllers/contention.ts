/** What others change again and again, be it without end, is put right only every few seconds, and they are told. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { quotedTarget } from '../domain/target.ts';
import type { EventNote } from '../ports/cluster.ts';
import { objectIdentity } from './external-secret-status.ts';
import { RepairBrake } from './repair-brake.ts';
import type { SyncPlan } from './sync.ts';

type SyncReason = SyncPlan['because'];

function wordsOf(target: string, because: SyncReason): Pick<EventNote, 'reason' | 'message'> {
  if (because === 'template') {
    return {
      reason: 'TemplateContested',
      message:
        `a ConfigMap or Secret that ${target} takes templates from changes again and again, and is therefore ` +
        'followed only every few seconds; see its managedFields for who it is, and whether it is made from this target',
    };
  }
  return {
    reason: 'TargetContested',
    message:
      `${target} is changed again and again by somebody else, and is therefore put right only every few ` +
      'seconds; see its managedFields for who it is, and let one of the two write another object',
  };
}

export function contestedNote(externalSecret: ExternalSecret, because: SyncReason): EventNote {
  const words = wordsOf(quotedTarget(externalSecret), because);
  return { object: objectIdentity(externalSecret), type: 'Warning', ...words };
}

export class Contention {
  readonly #brakes: Readonly<Partial<Record<SyncReason, RepairBrake>>> = {
    drift: new RepairBrake(),
    template: new RepairBrake(),
  };

  /** How long a sync for that reason has to wait; 0 when it need not. */
  waitMs(key: string, because: SyncReason, nowMs: number): number {
    return this.#brakes[because]?.waitMs(key, nowMs) ?? 0;
  }

  repaired(key: string, because: SyncReason, nowMs: number): void {
    this.#brakes[because]?.repaired(key, nowMs);
  }

  forget(key: string): void {
    for (const brake of Object.values(this.#brakes)) brake.forget(key);
  }
}
