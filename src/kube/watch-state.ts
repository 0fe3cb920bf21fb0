/** The list/watch state machine, without I/O: what is done next after whatever happened. */

import type { ListPage, WatchEvent, WatchedObject } from './watch-event.ts';

/** `stream` asks for the list as the head of a watch; `pages` is for servers that refuse that. */
export type ListMode = 'stream' | 'pages';

interface Common {
  readonly mode: ListMode;
  /** Lists begun since a bookmark last proved that a watch works: the length of the next backoff. */
  readonly listFailures: number;
}

interface Followed extends Common {
  /** Everything up to here is known. */
  readonly resourceVersion: string;
  /** Watches in a row that told nothing. */
  readonly watchFailures: number;
}

export type WatchState =
  /** Nothing usable is known; a fresh list follows the backoff. */
  | (Common & { readonly kind: 'init' })
  | (Common & { readonly kind: 'listing'; readonly continueToken: string })
  | (Followed & { readonly kind: 'watching' })
  /** All is known up to a version, and no watch is open; one follows the backoff. */
  | (Followed & { readonly kind: 'resuming' });

export type WatchInput =
  | WatchEvent
  | ListPage
  /** The backoff of `init` is over. */
  | { readonly kind: 'waited' }
  /** The server has accepted a stream. */
  | { readonly kind: 'opened' }
  /** The server refused a list or a stream; status 0 when no answer came. */
  | { readonly kind: 'refused'; readonly status: number; readonly versionTooLarge: boolean }
  /** The server ended the stream in good order. */
  | { readonly kind: 'ended' }
  /** The stream broke off, in the middle of a line perhaps. */
  | { readonly kind: 'broken' }
  /** Nothing has come for so long that the connection must be dead. */
  | { readonly kind: 'idle' };

/** What a store is told. From `init` to `initDone` a new state is gathered that replaces the old one in whole. */
export type WatchOutput =
  | { readonly kind: 'init' }
  | { readonly kind: 'initApplied'; readonly object: WatchedObject }
  | { readonly kind: 'initDeleted'; readonly object: WatchedObject }
  | { readonly kind: 'initDone' }
  | { readonly kind: 'applied'; readonly object: WatchedObject }
  | { readonly kind: 'deleted'; readonly object: WatchedObject };

export type RestartReason = 'expired' | 'garbage' | 'idle' | 'ended' | 'broken' | 'error' | 'refused' | 'unsupported';

export interface Step {
  readonly next: WatchState;
  readonly outputs: readonly WatchOutput[];
  /** Why listing or watching had to begin again. */
  readonly restart?: RestartReason;
}

export const FIRST_STATE: WatchState = { kind: 'init', mode: 'stream', listFailures: 0 };

/** So many watches in a row that could not be opened or told nothing, and the version itself is suspected. */
const MAX_WATCH_FAILURES = 8;
/** Each of these lasted as long as the watchdog's patience. */
const MAX_IDLE_WATCHES = 3;

export function step(state: WatchState, input: WatchInput): Step {
  switch (state.kind) {
    case 'init':
      return stepInit(state, input);
    case 'listing':
      return state.mode === 'stream' ? stepListingStream(state, input) : stepListingPages(state, input);
    case 'watching':
      return stepWatching(state, input);
    case 'resuming':
      return stepResuming(state, input);
  }
}

function stepInit(state: WatchState & { kind: 'init' }, input: WatchInput): Step {
  return input.kind === 'waited'
    ? { next: { ...state, kind: 'listing', continueToken: '' }, outputs: [{ kind: 'init' }] }
    : { next: state, outputs: [] };
}

function stepListingStream(state: WatchState & { kind: 'listing' }, input: WatchInput): Step {
  switch (input.kind) {
    case 'opened':
      return { next: state, outputs: [] };
    case 'applied':
      return { next: state, outputs: [{ kind: 'initApplied', object: input.object }] };
    case 'deleted':
      return { next: state, outputs: [{ kind: 'initDeleted', object: input.object }] };
    case 'bookmark':
      return input.initialEnd
        ? { next: { ...followed(state, input.resourceVersion), kind: 'watching' }, outputs: [{ kind: 'initDone' }] }
        : { next: state, outputs: [] };
    case 'refused':
      return isUnsupported(input.status) ? usePages(state) : relist(state, refusalReason(input.status));
    case 'idle':
      // An old server ignores what it does not know, sends a plain watch, and no end of the list ever comes.
      return usePages(state);
    case 'error':
      return relist(state, isExpired(input) ? 'expired' : 'error');
    case 'ended':
    case 'broken':
      return relist(state, input.kind);
    case 'garbage':
    case 'page':
    case 'waited':
      return relist(state, 'garbage');
  }
}

function stepListingPages(state: WatchState & { kind: 'listing' }, input: WatchInput): Step {
  switch (input.kind) {
    case 'page': {
      const outputs = input.objects.map((object): WatchOutput => ({ kind: 'initApplied', object }));
      return input.continueToken === ''
        ? {
            next: { ...followed(state, input.resourceVersion), kind: 'resuming' },
            outputs: [...outputs, { kind: 'initDone' }],
          }
        : { next: { ...state, continueToken: input.continueToken }, outputs };
    }
    case 'refused':
      // 410: the continue token outlived the version that its list was taken at.
      return relist(state, refusalReason(input.status));
    default:
      return relist(state, 'garbage');
  }
}

function stepWatching(state: WatchState & { kind: 'watching' }, input: WatchInput): Step {
  switch (input.kind) {
    case 'applied':
    case 'deleted':
      return {
        next: { ...state, resourceVersion: input.object.resourceVersion, watchFailures: 0 },
        outputs: [{ kind: input.kind, object: input.object }],
      };
    case 'bookmark':
      return {
        next: { ...state, resourceVersion: input.resourceVersion, watchFailures: 0, listFailures: 0 },
        outputs: [],
      };
    case 'error':
      return errorWhileWatching(state, input);
    case 'idle':
      return state.watchFailures + 1 >= MAX_IDLE_WATCHES ? relist(state, 'idle') : resume(state, 'idle');
    case 'ended':
    case 'broken':
      return resume(state, input.kind);
    case 'opened':
      return { next: state, outputs: [] };
    case 'garbage':
    case 'page':
    case 'refused':
    case 'waited':
      return relist(state, 'garbage');
  }
}

function errorWhileWatching(state: WatchState & { kind: 'watching' }, input: WatchInput & { kind: 'error' }): Step {
  if (isExpired(input)) {
    return relist(state, 'expired');
  }
  return isPassing(input) ? resume(state, 'error') : relist(state, 'error');
}

function stepResuming(state: WatchState & { kind: 'resuming' }, input: WatchInput): Step {
  switch (input.kind) {
    case 'opened':
      return { next: { ...state, kind: 'watching' }, outputs: [] };
    case 'refused':
      return isPassing(input) ? resume(state, 'refused') : relist(state, refusalReason(input.status));
    default:
      return relist(state, 'garbage');
  }
}

/** The state up to `resourceVersion` is whole. Earlier failures are forgiven only by a bookmark of the watch. */
function followed(state: Common, resourceVersion: string): Followed {
  return { mode: state.mode, listFailures: state.listFailures, resourceVersion, watchFailures: 0 };
}

/** The store keeps what it has until the next list is complete. */
function relist(state: Common, reason: RestartReason): Step {
  return {
    next: { kind: 'init', mode: state.mode, listFailures: state.listFailures + 1 },
    outputs: [],
    restart: reason,
  };
}

function usePages(state: Common): Step {
  return {
    next: { kind: 'init', mode: 'pages', listFailures: state.listFailures },
    outputs: [],
    restart: 'unsupported',
  };
}

function resume(state: Followed, reason: RestartReason): Step {
  const watchFailures = state.watchFailures + 1;
  return watchFailures >= MAX_WATCH_FAILURES
    ? relist(state, reason)
    : { next: { ...state, kind: 'resuming', watchFailures }, outputs: [], restart: reason };
}

interface Trouble {
  readonly status: number;
  readonly versionTooLarge: boolean;
}

function isExpired(trouble: { readonly status: number; readonly reason?: string }): boolean {
  return trouble.status === 410 || trouble.reason === 'Expired' || trouble.reason === 'Gone';
}

/** Says nothing against the version that we watch from: the same watch may work a little later. */
function isPassing(trouble: Trouble): boolean {
  // After a restore from a backup the server's versions begin again below ours, and waiting for it helps nothing.
  return !trouble.versionTooLarge && (PASSING.has(trouble.status) || trouble.status >= 500);
}

const PASSING: ReadonlySet<number> = new Set([0, 401, 403, 429]);

/** How servers without streaming lists refuse the parameters that ask for one. */
function isUnsupported(status: number): boolean {
  return status === 400 || status === 405 || status === 406 || status === 422;
}

function refusalReason(status: number): RestartReason {
  return status === 410 ? 'expired' : 'refused';
}
