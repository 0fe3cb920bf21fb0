/** The conditions of an ExternalSecret besides Ready, which only those have that ask for them. Pure. */

import { type Condition, EXTRA_CONDITIONS } from '../api/conditions.ts';
import type { ExternalSecret, ExternalSecretStatus } from '../api/external-secret.ts';
import { timestampOf } from './status.ts';
import { asksForConsumption, asksForRollouts } from './version-mark.ts';

export type ExtraType = (typeof EXTRA_CONDITIONS)[number];

type ExternalSecretCondition = NonNullable<ExternalSecretStatus['conditions']>[number];

export interface ExtraCondition {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** An object that does not ask for it any more loses it. */
const ASKED_BY: Readonly<Record<ExtraType, (externalSecret: Pick<ExternalSecret, 'metadata'>) => boolean>> = {
  RolloutHeld: asksForRollouts,
  SafeToRevokePrevious: asksForConsumption,
};

function extraCondition(
  type: ExtraType,
  before: Condition | undefined,
  { status, reason, message }: ExtraCondition,
  nowMs: number,
): ExternalSecretCondition {
  const since = before?.status === status ? before.lastTransitionTime : undefined;
  return { type, status, reason, message, lastTransitionTime: since ?? timestampOf(nowMs) };
}

/**
 * A status with the conditions that stand beside Ready.
 * @param known absent: nobody has looked yet, and what the status says stays
 */
export function withExtraConditions(
  externalSecret: Pick<ExternalSecret, 'metadata'>,
  before: ExternalSecretStatus | undefined,
  next: ExternalSecretStatus,
  known: ReadonlyMap<ExtraType, ExtraCondition | undefined>,
  nowMs: number,
): ExternalSecretStatus {
  const ready = (next.conditions ?? []).filter(({ type }) => type === 'Ready');
  const extras = EXTRA_CONDITIONS.flatMap((type) => {
    const shown = before?.conditions?.find((each) => each.type === type);
    if (!known.has(type)) return shown !== undefined && ASKED_BY[type](externalSecret) ? [shown] : [];
    const told = known.get(type);
    return told === undefined ? [] : [extraCondition(type, shown, told, nowMs)];
  });
  const conditions = [...ready, ...extras];
  return conditions.length === ready.length && ready.length === next.conditions?.length
    ? next
    : { ...next, conditions };
}
