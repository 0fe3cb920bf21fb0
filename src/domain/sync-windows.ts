/**
 * `spec.syncWindows`: when values may be read again only because time has passed, or AWS has another version (upstream
 * section 2.2). A first sync, a change of the object and a target that somebody touched do not wait.
 */

import type { ExternalSecretSpec } from '../api/external-secret.ts';
import type { SyncWindows } from '../api/sync-windows.ts';
import { InvalidSpec } from '../ports/errors.ts';
import { parseSchedule, type Schedule } from './cron-schedule.ts';
import { parseDurationMs } from './duration.ts';

/** Open from each firing on for that long, both ends included. */
interface Window {
  readonly schedule: Schedule;
  readonly durationMs: number;
}

export interface Windows {
  /** `allow`: refreshes happen while one of them is open. `deny`: while none is. */
  readonly kind: SyncWindows['kind'];
  readonly windows: readonly Window[];
}

const LONGEST_QUOTE = 64;
/** They are looked at each time that their object is: nobody may keep the operator busy with them. */
const MOST_WINDOWS = 50;
const LONGEST_SCHEDULE = 500;

const TOO_LONG = { kind: 'invalid', reason: `has more than ${LONGEST_SCHEDULE} characters` } as const;

function readWindow({ schedule, duration }: SyncWindows['windows'][number], index: number): Window {
  const path = `spec.syncWindows.windows[${index}]`;
  const durationMs = parseDurationMs(duration);
  if (durationMs === undefined || durationMs <= 0) {
    throw new InvalidSpec(
      `${path}.duration "${duration.slice(0, LONGEST_QUOTE)}" is not a duration above zero; ` +
        'use a number with h, m or s, such as "8h" or "90m"',
    );
  }
  const parsed = schedule.length > LONGEST_SCHEDULE ? TOO_LONG : parseSchedule(schedule);
  if (parsed.kind === 'invalid') {
    throw new InvalidSpec(
      `${path}.schedule "${schedule.slice(0, LONGEST_QUOTE)}" ${parsed.reason}; use for example "0 22 * * mon-fri"`,
    );
  }
  return { schedule: parsed.schedule, durationMs };
}

/** @throws InvalidSpec that names the window which cannot be read, where upstream ignores it */
export function readSyncWindows({ kind, windows }: SyncWindows): Windows {
  if (windows.length > MOST_WINDOWS) {
    throw new InvalidSpec(
      `spec.syncWindows.windows has ${windows.length} windows, and ${MOST_WINDOWS} are the most; join some of them, ` +
        'as in "0 8,12,18 * * mon-fri"',
    );
  }
  return { kind, windows: windows.map(readWindow) };
}

function windowIsOpen({ schedule, durationMs }: Window, atMs: number): boolean {
  return schedule.firstFromMs(atMs - durationMs) <= atMs;
}

/** Whether a refresh may happen at that time. */
export function isOpen({ kind, windows }: Windows, nowMs: number): boolean {
  return windows.some((window) => windowIsOpen(window, nowMs)) === (kind === 'allow');
}

/** How many closings of windows that follow on one another are looked at, all windows together. */
const MOST_LOOKS = 500;

/** The first whole millisecond at which none of the firings up to now keeps the window open. */
function closedAtMs({ schedule, durationMs }: Window, nowMs: number): number {
  return Math.floor(schedule.lastUntilMs(nowMs) + durationMs) + 1;
}

function deniedUntilMs(windows: readonly Window[], nowMs: number): number {
  let atMs = nowMs;
  for (let looks = 0; looks < MOST_LOOKS; looks += windows.length) {
    const open = windows.filter((window) => windowIsOpen(window, atMs));
    if (open.length === 0) return atMs;
    atMs = Math.max(...open.map((window) => closedAtMs(window, atMs)));
  }
  return atMs;
}

/**
 * When a refresh may happen next: now, or a later time before which none may. Windows that follow closely on one another
 * for very long are not looked at to their end: the time is then one at which to ask again.
 */
export function nextOpeningMs({ kind, windows }: Windows, nowMs: number): number {
  if (kind === 'deny') return deniedUntilMs(windows, nowMs);
  if (windows.some((window) => windowIsOpen(window, nowMs))) return nowMs;
  return Math.min(...windows.map(({ schedule }) => schedule.firstFromMs(nowMs)));
}

export type RefreshGate =
  | { readonly kind: 'open' }
  /** Not before `askAgainMs`, at which it is open, or has to be asked again. */
  | { readonly kind: 'closed'; readonly askAgainMs: number }
  | { readonly kind: 'invalid'; readonly error: InvalidSpec };

const OPEN: RefreshGate = { kind: 'open' };

/** Whether values may be read again for no other reason than that time has passed or that AWS has another version. */
export function refreshGate({ syncWindows }: ExternalSecretSpec, nowMs: number): RefreshGate {
  if (syncWindows === undefined || syncWindows.windows.length === 0) return OPEN;
  try {
    const windows = readSyncWindows(syncWindows);
    return isOpen(windows, nowMs) ? OPEN : { kind: 'closed', askAgainMs: nextOpeningMs(windows, nowMs) };
  } catch (error) {
    if (error instanceof InvalidSpec) return { kind: 'invalid', error };
    throw error;
  }
}
