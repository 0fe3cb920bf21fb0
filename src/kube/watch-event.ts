/** What one line of a watch, or one page of a list, says. */

import type { ObjectKey } from '../ports/cluster.ts';
import { asList, asText, at } from './narrow.ts';

/** An object as it came, with the three things that a store must know of it. */
export interface WatchedObject {
  readonly key: ObjectKey;
  readonly resourceVersion: string;
  readonly raw: unknown;
}

export type WatchEvent =
  | { readonly kind: 'applied'; readonly object: WatchedObject }
  | { readonly kind: 'deleted'; readonly object: WatchedObject }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string; readonly initialEnd: boolean }
  | { readonly kind: 'error'; readonly status: number; readonly reason: string; readonly versionTooLarge: boolean }
  /** Not an event of the watch protocol. What it would have told is lost, so that only a fresh list helps. */
  | { readonly kind: 'garbage' };

export type ListPage =
  | {
      readonly kind: 'page';
      readonly objects: readonly WatchedObject[];
      readonly resourceVersion: string;
      /** Empty on the last page. */
      readonly continueToken: string;
    }
  | { readonly kind: 'garbage' };

const GARBAGE = { kind: 'garbage' } as const;
const INITIAL_END = 'k8s.io/initial-events-end';
/** Bytes that are not UTF-8 are an error rather than U+FFFD inside somebody's object. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

export function parseWatchLine(line: Uint8Array): WatchEvent {
  const event = parse(line);
  const raw = at(event, 'object');
  switch (at(event, 'type')) {
    case 'ADDED':
    case 'MODIFIED':
      return objectEvent('applied', raw);
    case 'DELETED':
      return objectEvent('deleted', raw);
    case 'BOOKMARK':
      return bookmark(raw);
    case 'ERROR':
      return errorEvent(raw);
    default:
      return GARBAGE;
  }
}

export function parseListPage(body: unknown): ListPage {
  const objects = asList(at(body, 'items')).map(watchedObject);
  const resourceVersion = asText(at(body, 'metadata', 'resourceVersion'));
  const whole = objects.filter((object) => object !== undefined);
  if (resourceVersion === '' || whole.length < objects.length) {
    return GARBAGE;
  }
  return { kind: 'page', objects: whole, resourceVersion, continueToken: asText(at(body, 'metadata', 'continue')) };
}

function parse(line: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(line));
  } catch {
    return undefined;
  }
}

function objectEvent(kind: 'applied' | 'deleted', raw: unknown): WatchEvent {
  const object = watchedObject(raw);
  return object === undefined ? GARBAGE : { kind, object };
}

function watchedObject(raw: unknown): WatchedObject | undefined {
  const name = asText(at(raw, 'metadata', 'name'));
  const namespace = asText(at(raw, 'metadata', 'namespace'));
  const resourceVersion = asText(at(raw, 'metadata', 'resourceVersion'));
  if (name === '' || resourceVersion === '') {
    return undefined;
  }
  return { key: namespace === '' ? name : `${namespace}/${name}`, resourceVersion, raw };
}

function bookmark(raw: unknown): WatchEvent {
  const resourceVersion = asText(at(raw, 'metadata', 'resourceVersion'));
  if (resourceVersion === '') {
    return GARBAGE;
  }
  const initialEnd = at(raw, 'metadata', 'annotations', INITIAL_END) === 'true';
  return { kind: 'bookmark', resourceVersion, initialEnd };
}

function errorEvent(raw: unknown): WatchEvent {
  const code = at(raw, 'code');
  const causes = asList(at(raw, 'details', 'causes'));
  return {
    kind: 'error',
    status: typeof code === 'number' ? code : 0,
    reason: asText(at(raw, 'reason')),
    versionTooLarge: causes.some((cause) => at(cause, 'reason') === 'ResourceVersionTooLarge'),
  };
}
