/** The status of an ExternalSecret as upstream writes it (section 2.7). Pure. */

import type { Condition } from '../api/conditions.ts';
import type { ExternalSecretStatus } from '../api/external-secret.ts';
import { steadyMessage } from './failure.ts';

export interface ReadyWords {
  readonly reason: string;
  readonly message: string;
}

export interface ReadyState extends ReadyWords {
  readonly status: 'True' | 'False';
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestampOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** The Ready condition that follows `previous`; its transition time moves only when its status does. */
export function readyCondition(
  previous: readonly Condition[] | undefined,
  state: ReadyState,
  nowMs: number,
): Condition & { readonly type: 'Ready' } {
  const before = previous?.find((condition) => condition.type === 'Ready');
  const isSame = before?.status === state.status;
  return {
    type: 'Ready',
    status: state.status,
    reason: state.reason,
    message: steadyMessage(before?.reason === state.reason ? before.message : undefined, state.message),
    lastTransitionTime: (isSame ? before.lastTransitionTime : undefined) ?? timestampOf(nowMs),
  };
}

/** Whether two conditions say the same. */
export function sameCondition(a: Condition | undefined, b: Condition): boolean {
  return a?.status === b.status && a.reason === b.reason && a.message === b.message;
}

/** A failure changes the condition only: when and what was last synced stays true. */
export function failedStatus(
  previous: ExternalSecretStatus | undefined,
  reason: string,
  message: string,
  nowMs: number,
): ExternalSecretStatus {
  const state = { status: 'False', reason, message } as const;
  return { ...previous, conditions: [readyCondition(previous?.conditions, state, nowMs)] };
}

export interface SyncedState extends ReadyWords {
  readonly syncedResourceVersion: string;
  readonly refreshedAtMs: number;
  /** Name of the Secret; undefined when none was written. */
  readonly bindingName: string | undefined;
}

export function syncedStatus(
  previous: ExternalSecretStatus | undefined,
  state: SyncedState,
  nowMs: number,
): ExternalSecretStatus {
  const { reason, message } = state;
  return {
    refreshTime: timestampOf(state.refreshedAtMs),
    syncedResourceVersion: state.syncedResourceVersion,
    conditions: [readyCondition(previous?.conditions, { status: 'True', reason, message }, nowMs)],
    ...(state.bindingName === undefined ? {} : { binding: { name: state.bindingName } }),
  };
}

/** Whether writing `next` over `previous` would change nothing. */
export function sameStatus(previous: ExternalSecretStatus | undefined, next: ExternalSecretStatus): boolean {
  const before = previous?.conditions ?? [];
  const after = next.conditions ?? [];
  return (
    previous?.refreshTime === next.refreshTime &&
    previous?.syncedResourceVersion === next.syncedResourceVersion &&
    previous?.binding?.name === next.binding?.name &&
    before.length === after.length &&
    after.length > 0 &&
    after.every((condition, at) => before[at]?.type === condition.type && sameCondition(before[at], condition))
  );
}
