/** When values are checked and when the status says so. Pure. */

import type { ExternalSecretSpec, ExternalSecretStatus } from '../api/external-secret.ts';
import { InvalidSpec } from '../ports/errors.ts';
import { parseDurationMs } from './duration.ts';
import { fnv1a } from './fnv1a.ts';

/** The CRD's default, for an object that came through a laxer CRD. */
const DEFAULT_INTERVAL = '1h0m0s';

/** Asking AWS more often would cost calls and find nothing: its own answers are not consistent so soon. */
const SHORTEST_INTERVAL_MS = 1_000;

/** How values of an object are kept fresh. */
export type Refresh =
  | { readonly kind: 'periodic'; readonly intervalMs: number }
  /** Read when the object itself changes: refreshPolicy OnChange, or an interval of zero or less. */
  | { readonly kind: 'onChange' }
  /** Read once. */
  | { readonly kind: 'createdOnce' };

/** Undefined when `refreshInterval` is no Go duration: see {@link intervalProblem}. */
export function refreshOf(spec: ExternalSecretSpec): Refresh | undefined {
  const intervalMs = parseDurationMs(spec.refreshInterval ?? DEFAULT_INTERVAL);
  if (intervalMs === undefined) return undefined;
  if (spec.refreshPolicy === 'CreatedOnce') return { kind: 'createdOnce' };
  if (spec.refreshPolicy === 'OnChange' || intervalMs <= 0) return { kind: 'onChange' };
  return { kind: 'periodic', intervalMs: Math.max(intervalMs, SHORTEST_INTERVAL_MS) };
}

export function intervalProblem(spec: ExternalSecretSpec): InvalidSpec {
  return new InvalidSpec(
    `spec.refreshInterval "${(spec.refreshInterval ?? '').slice(0, 64)}" is not a duration; ` +
      'use a number with h, m or s, such as "24h" or "1h30m"',
  );
}

/** A number in [0, 1) that is always the same for the same key. */
function fraction(key: string): number {
  return fnv1a(key) / 2 ** 32;
}

export interface Heartbeat {
  readonly key: string;
  readonly refreshTime: string | null | undefined;
  /** How often `refreshTime` may be written when nothing changed; 0 means on every refresh, as upstream does. */
  readonly statusIntervalMs: number;
  readonly intervalMs: number;
  /** When this process began to look: what is overdue by then is spread from there. */
  readonly startedAtMs: number;
}

/**
 * When `status.refreshTime` is next written if nothing changes; spread, so that objects made together part, and never
 * before a whole period has passed: until then the values need not have been checked again, and it could not move.
 */
export function heartbeatDueMs(heartbeat: Heartbeat): number {
  const periodMs =
    heartbeat.statusIntervalMs <= 0 ? heartbeat.intervalMs : Math.max(heartbeat.statusIntervalMs, heartbeat.intervalMs);
  const share = heartbeat.statusIntervalMs <= 0 ? 1 : 1 + fraction(heartbeat.key) / 4;
  const lastMs = Date.parse(heartbeat.refreshTime ?? '');
  const dueMs = Number.isNaN(lastMs) ? heartbeat.startedAtMs : lastMs + periodMs * share;
  return dueMs >= heartbeat.startedAtMs ? dueMs : heartbeat.startedAtMs + (periodMs / 4) * fraction(heartbeat.key);
}

const SHORTEST_WAIT_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** How long until the next look for the heartbeat. One that found nothing newer cannot become true by asking at once. */
export function heartbeatWaitMs(dueMs: number, intervalMs: number, nowMs: number): number {
  const waitMs = dueMs > nowMs ? dueMs - nowMs : Math.min(LONGEST_RETRY_MS, intervalMs / 8);
  return Math.max(SHORTEST_WAIT_MS, waitMs);
}

export interface RefreshFacts {
  readonly shown: ExternalSecretStatus | undefined;
  /** What the object's state is now; undefined for one whose changes do not count (CreatedOnce). */
  readonly syncedResourceVersion: string | undefined;
  /** When the target was last written; 0 when it never was. */
  readonly writtenAtMs: number;
  /** When the values were last known to be up to date. */
  readonly freshAtMs: number;
  readonly isDue: boolean;
}

/** `refreshTime` moves when the target was written since, when the object changed, or when its heartbeat is due. */
export function nextRefreshTimeMs(facts: RefreshFacts): number {
  const shownMs = Date.parse(facts.shown?.refreshTime ?? '');
  const isSame = !Number.isNaN(shownMs) && facts.shown?.syncedResourceVersion === facts.syncedResourceVersion;
  if (isSame && facts.writtenAtMs <= shownMs && !facts.isDue) return shownMs;
  return Math.max(facts.freshAtMs, facts.writtenAtMs);
}
