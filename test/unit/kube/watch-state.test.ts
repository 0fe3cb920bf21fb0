import { describe, expect, it } from 'vitest';
import { step, type WatchInput, type WatchOutput, type WatchState } from '../../../src/kube/watch-state.ts';

const object = { key: 'team/db', resourceVersion: '7', raw: {} };
const applied: WatchInput = { kind: 'applied', object };
const deleted: WatchInput = { kind: 'deleted', object };
const bookmark: WatchInput = { kind: 'bookmark', resourceVersion: '9', initialEnd: false };
const initialEnd: WatchInput = { kind: 'bookmark', resourceVersion: '9', initialEnd: true };
const garbage: WatchInput = { kind: 'garbage' };

const init = (listFailures = 0, mode: 'stream' | 'pages' = 'stream'): WatchState => ({
  kind: 'init',
  mode,
  listFailures,
});
const listing = (mode: 'stream' | 'pages' = 'stream', continueToken = '', listFailures = 0): WatchState => ({
  kind: 'listing',
  mode,
  listFailures,
  continueToken,
});
const followed = (resourceVersion: string, watchFailures: number, listFailures: number) => ({
  mode: 'stream' as const,
  listFailures,
  resourceVersion,
  watchFailures,
});
const watching = (resourceVersion: string, watchFailures = 0, listFailures = 0): WatchState => ({
  kind: 'watching',
  ...followed(resourceVersion, watchFailures, listFailures),
});
const resuming = (resourceVersion: string, watchFailures = 0, listFailures = 0): WatchState => ({
  kind: 'resuming',
  ...followed(resourceVersion, watchFailures, listFailures),
});
const refused = (status: number, versionTooLarge = false): WatchInput => ({ kind: 'refused', status, versionTooLarge });
const error = (status: number, reason = '', versionTooLarge = false): WatchInput => ({
  kind: 'error',
  status,
  reason,
  versionTooLarge,
});
const page = (continueToken: string): WatchInput => ({
  kind: 'page',
  objects: [object],
  resourceVersion: '9',
  continueToken,
});
const initApplied: WatchOutput = { kind: 'initApplied', object };

type Row = [
  sentence: string,
  from: WatchState,
  input: WatchInput,
  next: WatchState,
  outputs?: WatchOutput[],
  restart?: string,
];

function check(rows: readonly Row[]): void {
  it.each(rows)('%s', (_sentence, from, input, next, outputs = [], restart = undefined) => {
    expect(step(from, input)).toEqual({ next, outputs, ...(restart === undefined ? {} : { restart }) });
  });
}

describe('init', () => {
  check([
    [
      'begins a list when the backoff is over',
      init(2),
      { kind: 'waited' },
      listing('stream', '', 2),
      [{ kind: 'init' }],
    ],
    [
      'lists in the way that the server is known to allow',
      init(0, 'pages'),
      { kind: 'waited' },
      listing('pages'),
      [{ kind: 'init' }],
    ],
    ['hears nothing else', init(1), applied, init(1)],
  ]);
});

describe('listing as a stream', () => {
  check([
    ['goes on when the stream is open', listing(), { kind: 'opened' }, listing()],
    ['gathers what is', listing(), applied, listing(), [initApplied]],
    ['takes back what was deleted meanwhile', listing(), deleted, listing(), [{ kind: 'initDeleted', object }]],
    ['does not end at an ordinary bookmark', listing(), bookmark, listing()],
    ['ends at the annotated bookmark and watches on', listing(), initialEnd, watching('9'), [{ kind: 'initDone' }]],
    [
      'remembers failures until a bookmark of the watch',
      listing('stream', '', 3),
      initialEnd,
      watching('9', 0, 3),
      [{ kind: 'initDone' }],
    ],
    [
      'falls back to pages where the server finds the parameters invalid (422)',
      listing(),
      refused(422),
      init(0, 'pages'),
      [],
      'unsupported',
    ],
    ['falls back to pages at 400', listing(), refused(400), init(0, 'pages'), [], 'unsupported'],
    ['falls back to pages where a list never ends', listing(), { kind: 'idle' }, init(0, 'pages'), [], 'unsupported'],
    ['tries again when access is denied', listing(), refused(403), init(1), [], 'refused'],
    ['tries again when the kind is not served', listing(), refused(404), init(1), [], 'refused'],
    ['tries again when no answer came', listing('stream', '', 4), refused(0), init(5), [], 'refused'],
    ['tries again when the server is overloaded', listing(), refused(429), init(1), [], 'refused'],
    ['begins again at 410', listing(), refused(410), init(1), [], 'expired'],
    ['begins again at an ERROR', listing(), error(500), init(1), [], 'error'],
    ['begins again at an ERROR that says Expired', listing(), error(410, 'Expired'), init(1), [], 'expired'],
    ['begins again when the stream ends before the list', listing(), { kind: 'ended' }, init(1), [], 'ended'],
    ['begins again when the connection breaks', listing(), { kind: 'broken' }, init(1), [], 'broken'],
    ['begins again at a line that does not parse', listing(), garbage, init(1), [], 'garbage'],
  ]);
});

describe('listing in pages', () => {
  const paged = { ...followed('9', 0, 0), mode: 'pages' as const };
  check([
    ['asks for the next page', listing('pages'), page('more'), listing('pages', 'more'), [initApplied]],
    [
      'watches after the last page',
      listing('pages', 'more'),
      page(''),
      { ...paged, kind: 'resuming' },
      [initApplied, { kind: 'initDone' }],
    ],
    [
      'starts over when the continue token has expired (410)',
      listing('pages', 'more'),
      refused(410),
      init(1, 'pages'),
      [],
      'expired',
    ],
    ['starts over at a failure', listing('pages', 'more'), refused(500), init(1, 'pages'), [], 'refused'],
    ['starts over at a page that is no list', listing('pages'), garbage, init(1, 'pages'), [], 'garbage'],
  ]);
});

describe('watching', () => {
  check([
    [
      'applies an event and moves on to its version',
      watching('5', 2, 1),
      applied,
      watching('7', 0, 1),
      [{ kind: 'applied', object }],
    ],
    [
      'applies a deletion and moves on to its version',
      watching('5'),
      deleted,
      watching('7'),
      [{ kind: 'deleted', object }],
    ],
    ['moves on at a bookmark and forgives all failures', watching('5', 2, 3), bookmark, watching('9')],
    ['resumes after the ordinary end', watching('5'), { kind: 'ended' }, resuming('5', 1), [], 'ended'],
    ['resumes after a broken connection', watching('5'), { kind: 'broken' }, resuming('5', 1), [], 'broken'],
    ['resumes after silence', watching('5'), { kind: 'idle' }, resuming('5', 1), [], 'idle'],
    [
      'lists afresh when the third watch in a row stays silent',
      watching('5', 2),
      { kind: 'idle' },
      init(1),
      [],
      'idle',
    ],
    ['lists afresh when the version is gone (ERROR 410)', watching('5'), error(410, 'Expired'), init(1), [], 'expired'],
    ['lists afresh when ERROR says Gone without a code', watching('5'), error(0, 'Gone'), init(1), [], 'expired'],
    ['resumes after an ERROR for overload (429)', watching('5'), error(429), resuming('5', 1), [], 'error'],
    ['resumes after an ERROR for a timeout (504)', watching('5'), error(504), resuming('5', 1), [], 'error'],
    [
      'lists afresh when the server has never had our version',
      watching('5'),
      error(504, 'Timeout', true),
      init(1),
      [],
      'error',
    ],
    ['lists afresh at an ERROR about the request', watching('5'), error(400), init(1), [], 'error'],
    ['lists afresh at a line that does not parse', watching('5', 0, 2), garbage, init(3), [], 'garbage'],
  ]);
});

describe('resuming', () => {
  check([
    ['watches when the stream is open', resuming('5', 1), { kind: 'opened' }, watching('5', 1)],
    ['lists afresh when the version is gone (410)', resuming('5'), refused(410), init(1), [], 'expired'],
    ['tries again when no answer came', resuming('5', 1), refused(0), resuming('5', 2), [], 'refused'],
    ['tries again at 500', resuming('5'), refused(500), resuming('5', 1), [], 'refused'],
    ['tries again when access is denied', resuming('5'), refused(403), resuming('5', 1), [], 'refused'],
    [
      'lists afresh when the server has never had our version',
      resuming('5'),
      refused(504, true),
      init(1),
      [],
      'refused',
    ],
    ['lists afresh when the kind is no longer served', resuming('5'), refused(404), init(1), [], 'refused'],
    ['lists afresh when the request itself is refused', resuming('5'), refused(400), init(1), [], 'refused'],
    ['suspects the version after eight failures in a row', resuming('5', 7), refused(500), init(1), [], 'refused'],
  ]);
});
